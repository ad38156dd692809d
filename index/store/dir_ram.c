/* SPDX-License-Identifier: MIT
 * A folder in memory: a list of files, each a counted block of bytes.
 *
 * A map holds a reference, so that removing or replacing a file leaves its maps alone, as in a real
 * folder. Until it is closed a file can be seen but not mapped, for its block may still move. One
 * mutex guards the list, the counts and the locks; the bytes of a closed file never change and need
 * none. */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "store/dir.h"

typedef struct ram_file {
    uint32_t refs; /* the list's, each map's, the writer's */
    bool open;     /* being written */
    bool failed;
    uint8_t *bytes;
    size_t len, room;
} ram_file;

typedef struct ram_entry {
    char *name;
    ram_file *file;
} ram_entry;

typedef struct ram_lock {
    uint64_t at;
    bool exclusive;
} ram_lock;

typedef struct ram_dir {
    qi_dir base;
    pthread_mutex_t mutex;
    QI_VEC(ram_entry) entries;
    QI_VEC(ram_lock *) locks;
} ram_dir;

static ram_dir *enter(qi_dir *dir)
{
    ram_dir *ram = (ram_dir *)dir;
    pthread_mutex_lock(&ram->mutex);
    return ram;
}

static void leave(ram_dir *ram)
{
    pthread_mutex_unlock(&ram->mutex);
}

static void drop(ram_file *file)
{
    if (--file->refs > 0)
        return;
    qi_mem_free(file->bytes);
    qi_mem_free(file);
}

static ram_entry *find(const ram_dir *ram, const char *name)
{
    for (size_t i = 0; i < ram->entries.count; i++)
        if (strcmp(ram->entries.items[i].name, name) == 0)
            return &ram->entries.items[i];
    return NULL;
}

static void erase(ram_dir *ram, ram_entry *entry)
{
    drop(entry->file);
    qi_mem_free(entry->name);
    *entry = ram->entries.items[--ram->entries.count];
}

static quire_status map(qi_dir *dir, const char *name, qi_bytes *out, quire_error *err)
{
    *out = (qi_bytes){0};
    ram_dir *ram = enter(dir);
    const ram_entry *entry = find(ram, name);
    quire_status status = QUIRE_OK;
    if (entry == NULL)
        status = qi_fail(err, QUIRE_ERR_NOT_FOUND, "there is no '%s' in memory", name);
    else if (entry->file->open)
        status = qi_fail(err, QUIRE_ERR_MISUSE, "'%s' is still being written", name);
    else {
        entry->file->refs++;
        *out = (qi_bytes){entry->file->bytes, entry->file->len, entry->file};
    }
    leave(ram);
    return status;
}

static void unmap(qi_dir *dir, qi_bytes *bytes)
{
    if (bytes->owner != NULL) {
        ram_dir *ram = enter(dir);
        drop(bytes->owner);
        leave(ram);
    }
    *bytes = (qi_bytes){0};
}

static quire_status create(qi_dir *dir, const char *name, qi_out *out, quire_error *err)
{
    *out = (qi_out){0};
    ram_file *file = qi_mem_new(1, sizeof *file);
    char *copy = qi_mem_copy(name, strlen(name));
    if (file != NULL)
        *file = (ram_file){.refs = 2, .open = true};
    ram_dir *ram = enter(dir);
    quire_status status = QUIRE_OK;
    if (find(ram, name) != NULL)
        status = qi_fail(err, QUIRE_ERR_EXISTS, "there is a '%s' in memory already", name);
    else if (file == NULL || copy == NULL || !QI_VEC_PUSH(&ram->entries, (ram_entry){copy, file}))
        status = qi_no_memory(err);
    leave(ram);
    if (status != QUIRE_OK) {
        qi_mem_free(copy);
        qi_mem_free(file);
        return status;
    }
    *out = (qi_out){dir, file, 0};
    return QUIRE_OK;
}

static bool reserve(ram_file *file, size_t len)
{
    size_t need;
    if (!qi_mem_add(file->len, len, &need))
        return false;
    if (need <= file->room)
        return true;
    size_t room = file->room > SIZE_MAX / 2 ? need : file->room * 2;
    room = room < need ? need : room;
    uint8_t *bytes = qi_mem_resize(file->bytes, room, 1);
    if (bytes == NULL)
        return false;
    file->bytes = bytes;
    file->room = room;
    return true;
}

static quire_status append(qi_out *out, const void *bytes, size_t len, quire_error *err)
{
    ram_file *file = out->owner;
    if (file->failed || !reserve(file, len)) {
        file->failed = true;
        return qi_no_memory(err);
    }
    if (len != 0)
        memcpy(file->bytes + file->len, bytes, len);
    file->len += len;
    out->written += len;
    return QUIRE_OK;
}

static quire_status read_back(qi_out *out, uint64_t offset, void *bytes, size_t len,
                              quire_error *err)
{
    const ram_file *file = out->owner;
    if (offset > file->len || len > file->len - offset)
        return qi_fail(err, QUIRE_ERR_MISUSE, "reading past what was written");
    if (len != 0)
        memcpy(bytes, file->bytes + offset, len);
    return QUIRE_OK;
}

static quire_status close_file(qi_out *out, bool sync, quire_error *err)
{
    ram_file *file = out->owner;
    if (file == NULL)
        return QUIRE_OK;
    uint8_t *fitted = file->len < file->room ? qi_mem_resize(file->bytes, file->len, 1) : NULL;
    if (fitted != NULL) {
        file->bytes = fitted;
        file->room = file->len;
    }
    bool failed = file->failed;
    ram_dir *ram = enter(out->dir);
    file->open = false;
    drop(file);
    leave(ram);
    *out = (qi_out){0};
    return sync && failed ? qi_no_memory(err) : QUIRE_OK;
}

static quire_status publish(qi_dir *dir, const char *from, const char *to, quire_error *err)
{
    char *name = qi_mem_copy(to, strlen(to));
    if (name == NULL)
        return qi_no_memory(err);
    ram_dir *ram = enter(dir);
    quire_status status = QUIRE_OK;
    if (find(ram, from) == NULL) {
        status = qi_fail(err, QUIRE_ERR_IO, "there is no '%s' in memory to rename", from);
    } else if (strcmp(from, to) != 0) {
        if (find(ram, to) != NULL)
            erase(ram, find(ram, to));
        ram_entry *entry = find(ram, from);
        char *old = entry->name;
        entry->name = name;
        name = old;
    }
    leave(ram);
    qi_mem_free(name);
    return status;
}

static quire_status sync_dir(qi_dir *dir, quire_error *err)
{
    (void)dir, (void)err;
    return QUIRE_OK;
}

static quire_status remove_file(qi_dir *dir, const char *name, quire_error *err)
{
    (void)err;
    ram_dir *ram = enter(dir);
    ram_entry *entry = find(ram, name);
    if (entry != NULL)
        erase(ram, entry);
    leave(ram);
    return QUIRE_OK;
}

/* The names are copied first, for `each` may change the folder. */
static quire_status list(qi_dir *dir, bool (*each)(void *payload, const char *name), void *payload,
                         quire_error *err)
{
    QI_VEC(char *) names = {0};
    bool copied = true, more = true;
    ram_dir *ram = enter(dir);
    for (size_t i = 0; copied && i < ram->entries.count; i++) {
        const char *name = ram->entries.items[i].name;
        char *copy = qi_mem_copy(name, strlen(name));
        copied = copy != NULL && QI_VEC_PUSH(&names, copy);
        if (!copied)
            qi_mem_free(copy);
    }
    leave(ram);
    for (size_t i = 0; i < names.count; i++) {
        more = copied && more && each(payload, names.items[i]);
        qi_mem_free(names.items[i]);
    }
    QI_VEC_FREE(&names);
    return copied ? QUIRE_OK : qi_no_memory(err);
}

static quire_status lock(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out, quire_error *err)
{
    *out = (qi_lock){0};
    ram_lock *held = qi_mem_new(1, sizeof *held);
    if (held == NULL)
        return qi_no_memory(err);
    *held = (ram_lock){at, exclusive};
    ram_dir *ram = enter(dir);
    quire_status status = QUIRE_OK;
    for (size_t i = 0; status == QUIRE_OK && i < ram->locks.count; i++) {
        const ram_lock *other = ram->locks.items[i];
        if (other->at == at && (other->exclusive || exclusive))
            status = qi_fail(err, QUIRE_ERR_BUSY, "another writer of this process holds the index");
    }
    if (status == QUIRE_OK && !QI_VEC_PUSH(&ram->locks, held))
        status = qi_no_memory(err);
    leave(ram);
    if (status == QUIRE_OK)
        *out = (qi_lock){dir, held};
    else
        qi_mem_free(held);
    return status;
}

static quire_status lock_check(const qi_lock *held, quire_error *err)
{
    (void)held, (void)err;
    return QUIRE_OK;
}

static void unlock(qi_lock *held)
{
    if (held->owner == NULL)
        return;
    ram_dir *ram = enter(held->dir);
    size_t i = 0;
    while (i < ram->locks.count && ram->locks.items[i] != held->owner)
        i++;
    ram->locks.items[i] = ram->locks.items[--ram->locks.count];
    leave(ram);
    qi_mem_free(held->owner);
    *held = (qi_lock){0};
}

static quire_status locked(qi_dir *dir, uint64_t at, uint64_t len, bool *out, quire_error *err)
{
    (void)err;
    *out = false;
    ram_dir *ram = enter(dir);
    for (size_t i = 0; i < ram->locks.count; i++) {
        uint64_t byte = ram->locks.items[i]->at;
        *out = *out || (byte >= at && byte - at < len);
    }
    leave(ram);
    return QUIRE_OK;
}

static void free_dir(qi_dir *dir)
{
    ram_dir *ram = (ram_dir *)dir;
    while (ram->entries.count > 0)
        erase(ram, &ram->entries.items[ram->entries.count - 1]);
    QI_VEC_FREE(&ram->entries);
    QI_VEC_FREE(&ram->locks);
    pthread_mutex_destroy(&ram->mutex);
    qi_mem_free(ram);
}

static const qi_dir_ops ops = {
    .map = map,
    .unmap = unmap,
    .create = create,
    .append = append,
    .read_back = read_back,
    .close = close_file,
    .publish = publish,
    .sync_dir = sync_dir,
    .remove = remove_file,
    .list = list,
    .lock = lock,
    .lock_check = lock_check,
    .unlock = unlock,
    .locked = locked,
    .free = free_dir,
};

quire_status qi_dir_open_ram(qi_dir **out, quire_error *err)
{
    *out = NULL;
    ram_dir *ram = qi_mem_new(1, sizeof *ram);
    if (ram == NULL)
        return qi_no_memory(err);
    if (pthread_mutex_init(&ram->mutex, NULL) != 0) {
        qi_mem_free(ram);
        return qi_no_memory(err);
    }
    ram->base = (qi_dir){&ops, "memory"};
    *out = &ram->base;
    return QUIRE_OK;
}
