/* SPDX-License-Identifier: MIT
 * The recorder wraps a folder in memory, to which it passes everything on. A file is its bytes,
 * which only grow; the record says how many it had after each operation. */
#include "support/dir_crash.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/vec.h"

typedef enum op_kind {
    OP_CREATE,
    OP_APPEND,
    OP_SYNC,
    OP_RENAME,
    OP_REMOVE,
    OP_SYNC_DIR,
    OP_MARK
} op_kind;

typedef struct op {
    op_kind kind;
    uint32_t file; /* create, append, sync, rename */
    size_t len;    /* append: of the file, after it */
    uint64_t mark;
    char name[48], to[48];
} op;

typedef struct link {
    char name[48];
    uint32_t file;
} link;

typedef QI_VEC(link) links;

typedef struct crash_dir {
    qi_dir base;
    qi_dir *inner;
    pthread_mutex_t mutex; /* guards the record: threads of a writer make files too */
    crash_mutation mutation;
    bool late;    /* a sync of the folder is to be recorded late */
    size_t start; /* the first operation before which there may be a crash */
    QI_VEC(qi_buf *) files;
    QI_VEC(op) ops;
    links names;
} crash_dir;

typedef struct crash_out {
    qi_out inner;
    uint32_t file;
    bool temp; /* it is MANIFEST.tmp */
} crash_out;

static crash_dir *of(const qi_dir *dir)
{
    return (crash_dir *)(uintptr_t)dir;
}

static void must(bool fine)
{
    if (!fine) {
        fputs("dir_crash: out of memory, or a broken test\n", stderr);
        abort();
    }
}

static void copy_name(char out[48], const char *name)
{
    must(strlen(name) < 48);
    memcpy(out, name, strlen(name) + 1);
}

static void lock_record(crash_dir *c)
{
    must(pthread_mutex_lock(&c->mutex) == 0);
}

static void unlock_record(crash_dir *c)
{
    must(pthread_mutex_unlock(&c->mutex) == 0);
}

static op *record(crash_dir *c, op_kind kind, uint32_t file)
{
    must(QI_VEC_PUSH(&c->ops, (op){.kind = kind, .file = file}));
    return &c->ops.items[c->ops.count - 1];
}

/* ---- Names ---- */

static size_t link_find(const links *names, const char *name)
{
    size_t i = 0;
    while (i < names->count && strcmp(names->items[i].name, name) != 0)
        i++;
    return i;
}

static void link_remove(links *names, const char *name)
{
    size_t i = link_find(names, name);
    if (i < names->count)
        names->items[i] = names->items[--names->count];
}

static void link_put(links *names, const char *name, uint32_t file)
{
    size_t i = link_find(names, name);
    if (i == names->count) {
        must(QI_VEC_PUSH(names, (link){.file = file}));
        copy_name(names->items[i].name, name);
    }
    names->items[i].file = file;
}

static bool changes_names(const op *o)
{
    return o->kind == OP_CREATE || o->kind == OP_RENAME || o->kind == OP_REMOVE;
}

static void apply(links *names, const op *o)
{
    switch (o->kind) {
    case OP_CREATE:
        link_put(names, o->name, o->file);
        break;
    case OP_RENAME:
        link_remove(names, o->name);
        link_put(names, o->to, o->file);
        break;
    case OP_REMOVE:
        link_remove(names, o->name);
        break;
    default:
        break;
    }
}

/* ---- Recording ---- */

static quire_status map(qi_dir *dir, const char *name, qi_bytes *out, quire_error *err)
{
    return of(dir)->inner->ops->map(of(dir)->inner, name, out, err);
}

static void unmap(qi_dir *dir, qi_bytes *bytes)
{
    of(dir)->inner->ops->unmap(of(dir)->inner, bytes);
}

static uint32_t new_file(crash_dir *c)
{
    qi_buf *bytes = calloc(1, sizeof *bytes);
    must(bytes != NULL && QI_VEC_PUSH(&c->files, bytes));
    return (uint32_t)c->files.count - 1;
}

static quire_status create(qi_dir *dir, const char *name, qi_out *out, quire_error *err)
{
    crash_dir *c = of(dir);
    crash_out *file = calloc(1, sizeof *file);
    *out = (qi_out){0};
    quire_status status = c->inner->ops->create(c->inner, name, &file->inner, err);
    if (status != QUIRE_OK) {
        free(file);
        return status;
    }
    lock_record(c);
    file->file = new_file(c);
    file->temp = strcmp(name, "MANIFEST.tmp") == 0;
    op *o = record(c, OP_CREATE, file->file);
    copy_name(o->name, name);
    link_put(&c->names, name, file->file);
    unlock_record(c);
    *out = (qi_out){dir, file, 0};
    return QUIRE_OK;
}

static quire_status append(qi_out *out, const void *bytes, size_t len, quire_error *err)
{
    crash_dir *c = of(out->dir);
    crash_out *file = out->owner;
    QI_TRY(c->inner->ops->append(&file->inner, bytes, len, err));
    lock_record(c);
    qi_buf_add(c->files.items[file->file], bytes, len);
    must(!c->files.items[file->file]->failed);
    record(c, OP_APPEND, file->file)->len = c->files.items[file->file]->len;
    unlock_record(c);
    out->written = file->inner.written;
    return QUIRE_OK;
}

static quire_status read_back(qi_out *out, uint64_t offset, void *bytes, size_t len,
                              quire_error *err)
{
    crash_out *file = out->owner;
    return of(out->dir)->inner->ops->read_back(&file->inner, offset, bytes, len, err);
}

static quire_status close_file(qi_out *out, bool sync, quire_error *err)
{
    crash_out *file = out->owner;
    if (file == NULL)
        return QUIRE_OK;
    crash_dir *c = of(out->dir);
    bool skip = c->mutation == (file->temp ? CRASH_NO_TEMP_SYNC : CRASH_NO_FILE_SYNC);
    lock_record(c);
    if (sync && !skip)
        record(c, OP_SYNC, file->file);
    unlock_record(c);
    quire_status status = c->inner->ops->close(&file->inner, sync, err);
    free(file);
    *out = (qi_out){0};
    return status;
}

static quire_status publish(qi_dir *dir, const char *from, const char *to, quire_error *err)
{
    crash_dir *c = of(dir);
    QI_TRY(c->inner->ops->publish(c->inner, from, to, err));
    lock_record(c);
    size_t i = link_find(&c->names, from);
    must(i < c->names.count);
    op *o = record(c, OP_RENAME, c->names.items[i].file);
    copy_name(o->name, from);
    copy_name(o->to, to);
    apply(&c->names, o);
    unlock_record(c);
    return QUIRE_OK;
}

static quire_status sync_dir(qi_dir *dir, quire_error *err)
{
    (void)err;
    crash_dir *c = of(dir);
    lock_record(c);
    bool after_rename = c->ops.count > 0 && c->ops.items[c->ops.count - 1].kind == OP_RENAME;
    if (c->mutation == CRASH_LATE_BARRIER_B && after_rename)
        c->late = true;
    else if (c->mutation != (after_rename ? CRASH_NO_BARRIER_B : CRASH_NO_BARRIER_A))
        record(c, OP_SYNC_DIR, 0);
    unlock_record(c);
    return QUIRE_OK;
}

static quire_status remove_file(qi_dir *dir, const char *name, quire_error *err)
{
    crash_dir *c = of(dir);
    QI_TRY(c->inner->ops->remove(c->inner, name, err));
    lock_record(c);
    if (link_find(&c->names, name) < c->names.count) {
        op *o = record(c, OP_REMOVE, 0);
        copy_name(o->name, name);
        apply(&c->names, o);
    }
    unlock_record(c);
    return QUIRE_OK;
}

static quire_status list(qi_dir *dir, bool (*each)(void *payload, const char *name), void *payload,
                         quire_error *err)
{
    return of(dir)->inner->ops->list(of(dir)->inner, each, payload, err);
}

/* Locks belong to the folder inside, which knows nothing of this one. */
static quire_status lock(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out, quire_error *err)
{
    QI_TRY(of(dir)->inner->ops->lock(of(dir)->inner, at, exclusive, out, err));
    out->dir = dir;
    return QUIRE_OK;
}

static qi_lock inner_lock(const qi_lock *held)
{
    return (qi_lock){of(held->dir)->inner, held->owner};
}

static quire_status lock_check(const qi_lock *held, quire_error *err)
{
    qi_lock inner = inner_lock(held);
    return inner.dir->ops->lock_check(&inner, err);
}

static void unlock(qi_lock *held)
{
    if (held->owner == NULL)
        return;
    qi_lock inner = inner_lock(held);
    inner.dir->ops->unlock(&inner);
    *held = (qi_lock){0};
}

static quire_status locked(qi_dir *dir, uint64_t at, uint64_t len, bool *out, quire_error *err)
{
    return of(dir)->inner->ops->locked(of(dir)->inner, at, len, out, err);
}

static void free_dir(qi_dir *dir)
{
    crash_dir *c = of(dir);
    for (size_t i = 0; i < c->files.count; i++) {
        qi_buf_free(c->files.items[i]);
        free(c->files.items[i]);
    }
    QI_VEC_FREE(&c->files);
    QI_VEC_FREE(&c->ops);
    QI_VEC_FREE(&c->names);
    qi_dir_free(c->inner);
    pthread_mutex_destroy(&c->mutex);
    free(c);
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

qi_dir *crash_new(crash_mutation mutation)
{
    crash_dir *c = calloc(1, sizeof *c);
    must(c != NULL && qi_dir_open_ram(&c->inner, NULL) == QUIRE_OK);
    c->base = (qi_dir){&ops, "memory"};
    must(pthread_mutex_init(&c->mutex, NULL) == 0);
    c->mutation = mutation;
    return &c->base;
}

void crash_mark(qi_dir *dir, uint64_t acked)
{
    crash_dir *c = of(dir);
    if (c->late)
        record(c, OP_SYNC_DIR, 0);
    c->late = false;
    record(c, OP_MARK, 0)->mark = acked;
}

typedef struct copying {
    qi_dir *from, *to;
} copying;

static void write_file(qi_dir *dir, const char *name, const void *bytes, size_t len)
{
    qi_out out;
    must(dir->ops->create(dir, name, &out, NULL) == QUIRE_OK &&
         dir->ops->append(&out, bytes, len, NULL) == QUIRE_OK &&
         dir->ops->close(&out, true, NULL) == QUIRE_OK);
}

static bool copy_file(void *payload, const char *name)
{
    copying *c = payload;
    qi_bytes bytes;
    must(c->from->ops->map(c->from, name, &bytes, NULL) == QUIRE_OK);
    write_file(c->to, name, bytes.at, bytes.len);
    c->from->ops->unmap(c->from, &bytes);
    return true;
}

qi_dir *crash_continue(qi_dir *state, uint64_t acked)
{
    qi_dir *dir = crash_new(CRASH_AS_IS);
    copying c = {state, dir};
    must(state->ops->list(state, copy_file, &c, NULL) == QUIRE_OK);
    must(dir->ops->sync_dir(dir, NULL) == QUIRE_OK);
    crash_mark(dir, acked);
    of(dir)->start = of(dir)->ops.count;
    return dir;
}

/* ---- Crash states ---- */

typedef enum fate { FATE_NONE, FATE_WHOLE, FATE_HALF, FATE_ZEROS, FATE_GARBAGE, FATES } fate;

/* What is certain and what is not after a prefix. */
typedef struct moment {
    links durable;
    QI_VEC(size_t) pending; /* operations on names since the last sync of the folder */
    size_t *len, *synced;   /* of each file */
    uint64_t acked;
} moment;

typedef struct explorer {
    const crash_dir *c;
    moment now;
    crash_check *check;
    void *payload;
    crash_result *result;
    uint64_t *seen; /* hashes of states; open addressing, 0 is free */
    size_t room;
    uint64_t random;
} explorer;

static uint64_t next_random(explorer *e)
{
    uint64_t v = e->random += 0x9E3779B97F4A7C15u;
    v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9u;
    v = (v ^ v >> 27) * 0x94D049BB133111EBu;
    return v ^ v >> 31;
}

static bool seen_before(explorer *e, uint64_t hash)
{
    hash += hash == 0;
    if (e->result->states * 2 >= e->room) {
        size_t old_room = e->room;
        uint64_t *old = e->seen;
        e->room = old_room == 0 ? 1 << 12 : old_room * 2;
        e->seen = calloc(e->room, sizeof *e->seen);
        must(e->seen != NULL);
        for (size_t i = 0; i < old_room; i++)
            for (size_t at = old[i] & (e->room - 1); old[i] != 0; at = (at + 1) & (e->room - 1))
                if (e->seen[at] == 0) {
                    e->seen[at] = old[i];
                    break;
                }
        free(old);
    }
    size_t at = hash & (e->room - 1);
    while (e->seen[at] != 0 && e->seen[at] != hash)
        at = (at + 1) & (e->room - 1);
    bool seen = e->seen[at] == hash;
    e->seen[at] = hash;
    return seen;
}

/* The bytes of a file after the crash. */
static void survive(const explorer *e, uint32_t file, fate how, qi_buf *out)
{
    const uint8_t *bytes = e->c->files.items[file]->bytes;
    size_t synced = e->now.synced[file], len = e->now.len[file];
    out->len = 0;
    qi_buf_add(out, bytes, synced);
    size_t more = how == FATE_NONE ? 0 : how == FATE_HALF ? (len - synced) / 2 : len - synced;
    uint8_t *rest = more == 0 ? NULL : qi_buf_grow(out, more);
    for (size_t i = 0; i < more; i++)
        rest[i] = how == FATE_ZEROS     ? 0
                  : how == FATE_GARBAGE ? (uint8_t)(bytes[synced + i] * 31 + i * 7 + 0x5A)
                                        : bytes[synced + i];
    must(!out->failed);
}

static int compare_links(const void *a, const void *b)
{
    return strcmp(((const link *)a)->name, ((const link *)b)->name);
}

/* Build the state, and check it unless it was seen. `fates` gives the fate of the i-th name. */
static void visit(explorer *e, links *names, const uint8_t *fates)
{
    qi_dir *state;
    qi_buf bytes;
    qi_buf_init(&bytes, 0);
    must(qi_dir_open_ram(&state, NULL) == QUIRE_OK);
    uint64_t hash = e->now.acked * 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < names->count; i++) {
        const link *name = &names->items[i];
        survive(e, name->file, (fate)fates[i], &bytes);
        write_file(state, name->name, bytes.bytes, bytes.len);
        uint64_t parts[3] = {hash, qi_hash(name->name, strlen(name->name)),
                             qi_hash(bytes.bytes, bytes.len)};
        hash = qi_hash(parts, sizeof parts);
    }
    char why[512] = "";
    if (seen_before(e, hash)) {
        e->result->repeated++;
    } else {
        e->result->states++;
        if (!e->check(e->payload, state, e->now.acked, why) && e->result->broken++ == 0)
            snprintf(e->result->first, sizeof e->result->first, "%s", why);
    }
    qi_buf_free(&bytes);
    qi_dir_free(state);
}

static bool unsynced(const explorer *e, uint32_t file)
{
    return e->now.len[file] > e->now.synced[file];
}

/* The names after a subset of the pending operations; sorted, so that equal states look equal. */
static links names_after(const explorer *e, uint64_t subset)
{
    links names = {0};
    for (size_t i = 0; i < e->now.durable.count; i++)
        link_put(&names, e->now.durable.items[i].name, e->now.durable.items[i].file);
    for (size_t i = 0; i < e->now.pending.count; i++)
        if (subset >> i & 1)
            apply(&names, &e->c->ops.items[e->now.pending.items[i]]);
    if (names.count > 0)
        qsort(names.items, names.count, sizeof *names.items, compare_links);
    return names;
}

/* Every combination of fates of the unsynced files among the names, or `sample` random ones. */
static void visit_fates(explorer *e, links *names, uint64_t sample)
{
    uint8_t fates[256] = {0};
    uint64_t combinations = 1;
    must(names->count < sizeof fates);
    for (size_t i = 0; i < names->count; i++)
        if (unsynced(e, names->items[i].file) && combinations < (1 << 20))
            combinations *= FATES;
    for (uint64_t n = 0; n < (combinations < sample ? combinations : sample); n++) {
        uint64_t digits = combinations <= sample ? n : next_random(e);
        for (size_t i = 0; i < names->count; i++)
            if (unsynced(e, names->items[i].file)) {
                fates[i] = (uint8_t)(digits % FATES);
                digits /= FATES;
            }
        visit(e, names, fates);
    }
}

static void visit_subsets(explorer *e, uint64_t per_prefix, uint64_t limit)
{
    size_t count = e->now.pending.count;
    must(count < 64);
    uint64_t subsets = count < 32 ? UINT64_C(1) << count : UINT64_MAX;
    bool all = subsets <= per_prefix;
    uint64_t visits = all ? subsets : per_prefix;
    uint64_t share = per_prefix / visits;
    for (uint64_t n = 0; n < visits && (limit == 0 || e->result->states < limit); n++) {
        links names = names_after(e, all ? n : next_random(e));
        visit_fates(e, &names, share);
        QI_VEC_FREE(&names);
    }
}

static void advance(explorer *e, size_t at)
{
    const op *o = &e->c->ops.items[at];
    moment *now = &e->now;
    if (changes_names(o))
        must(QI_VEC_PUSH(&now->pending, at));
    else if (o->kind == OP_APPEND)
        now->len[o->file] = o->len;
    else if (o->kind == OP_SYNC)
        now->synced[o->file] = now->len[o->file];
    else if (o->kind == OP_MARK)
        now->acked = o->mark;
    if (o->kind == OP_SYNC_DIR) {
        for (size_t i = 0; i < now->pending.count; i++)
            apply(&now->durable, &e->c->ops.items[now->pending.items[i]]);
        now->pending.count = 0;
    }
}

crash_result crash_explore(qi_dir *dir, uint64_t per_prefix, uint64_t states, uint64_t seed,
                           crash_check *check, void *payload)
{
    const crash_dir *c = of(dir);
    crash_result result = {0};
    explorer e = {.c = c, .check = check, .payload = payload, .result = &result, .random = seed};
    e.now.len = calloc(c->files.count + 1, sizeof *e.now.len);
    e.now.synced = calloc(c->files.count + 1, sizeof *e.now.synced);
    must(e.now.len != NULL && e.now.synced != NULL);
    for (size_t i = 0; i <= c->ops.count; i++) {
        if (i >= c->start)
            visit_subsets(&e, per_prefix, states);
        if (i < c->ops.count)
            advance(&e, i);
    }
    QI_VEC_FREE(&e.now.durable);
    QI_VEC_FREE(&e.now.pending);
    free(e.now.len);
    free(e.now.synced);
    free(e.seen);
    return result;
}
