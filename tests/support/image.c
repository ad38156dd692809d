/* SPDX-License-Identifier: MIT
 * Checksums are computed with the library's own hash: repairing is no test of the hash, but a way
 * past it, to the code behind. */
#include "support/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/envelope.h"
#include "codec/manifest.h"

enum { TABLE_ENTRY = 24 };

static void need(bool fact, const char *what)
{
    if (fact)
        return;
    fprintf(stderr, "support/image: %s\n", what);
    abort();
}

static uint8_t *copy_bytes(const void *bytes, size_t len)
{
    uint8_t *copy = malloc(len != 0 ? len : 1);
    need(copy != NULL, "out of memory");
    if (len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

static bool take_name(void *payload, const char *name)
{
    image *to = payload;
    if (strcmp(name, "q.lock") == 0)
        return true;
    need(to->count < IMAGE_FILES && strlen(name) < IMAGE_NAME_ROOM, "too many files");
    snprintf(to->files[to->count++].name, IMAGE_NAME_ROOM, "%s", name);
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const image_file *)a)->name, ((const image_file *)b)->name);
}

void image_take(image *out, qi_dir *dir)
{
    *out = (image){0};
    need(dir->ops->list(dir, take_name, out, NULL) == QUIRE_OK, "a folder cannot be listed");
    qsort(out->files, out->count, sizeof *out->files, compare_names);
    for (size_t i = 0; i < out->count; i++) {
        qi_bytes map;
        need(dir->ops->map(dir, out->files[i].name, &map, NULL) == QUIRE_OK,
             "a file cannot be read");
        out->files[i].bytes = copy_bytes(map.at, map.len);
        out->files[i].len = map.len;
        dir->ops->unmap(dir, &map);
    }
}

void image_copy(image *out, const image *from)
{
    *out = *from;
    for (size_t i = 0; i < out->count; i++)
        out->files[i].bytes = copy_bytes(from->files[i].bytes, from->files[i].len);
}

void image_free(image *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->files[i].bytes);
    all->count = 0;
}

image_file *image_find(image *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->files[i].name, name) == 0)
            return &all->files[i];
    return NULL;
}

void image_set(image_file *file, const void *bytes, size_t len)
{
    uint8_t *copy = copy_bytes(bytes, len);
    free(file->bytes);
    file->bytes = copy;
    file->len = len;
}

uint64_t image_hash(const image *all)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < all->count; i++) {
        const image_file *file = &all->files[i];
        uint64_t parts[] = {hash, qi_hash(file->name, strlen(file->name)),
                            qi_hash(file->bytes, file->len)};
        hash = qi_hash(parts, sizeof parts);
    }
    return hash;
}

/* ---- The folder ---- */

typedef struct image_folder {
    qi_dir base;
    const image *image;
    unsigned long writes;
} image_folder;

static quire_status refuse(qi_dir *dir, quire_error *err)
{
    __atomic_add_fetch(&((image_folder *)dir)->writes, 1, __ATOMIC_RELAXED);
    return qi_fail(err, QUIRE_ERR_IO, "the image is read-only");
}

static quire_status map(qi_dir *dir, const char *name, qi_bytes *out, quire_error *err)
{
    const image *of = ((image_folder *)dir)->image;
    *out = (qi_bytes){0};
    for (size_t i = 0; i < of->count; i++)
        if (strcmp(of->files[i].name, name) == 0) {
            *out = (qi_bytes){of->files[i].bytes, of->files[i].len, NULL};
            return QUIRE_OK;
        }
    return qi_fail(err, QUIRE_ERR_NOT_FOUND, "there is no '%s' in the image", name);
}

static void unmap(qi_dir *dir, qi_bytes *bytes)
{
    (void)dir;
    *bytes = (qi_bytes){0};
}

static quire_status create(qi_dir *dir, const char *name, qi_out *out, quire_error *err)
{
    (void)name;
    *out = (qi_out){0};
    return refuse(dir, err);
}

static quire_status append(qi_out *out, const void *bytes, size_t len, quire_error *err)
{
    (void)bytes, (void)len;
    return refuse(out->dir, err);
}

static quire_status read_back(qi_out *out, uint64_t offset, void *bytes, size_t len,
                              quire_error *err)
{
    (void)offset, (void)bytes, (void)len;
    return refuse(out->dir, err);
}

static quire_status close_file(qi_out *out, bool sync, quire_error *err)
{
    (void)sync;
    return refuse(out->dir, err);
}

static quire_status publish(qi_dir *dir, const char *from, const char *to, quire_error *err)
{
    (void)from, (void)to;
    return refuse(dir, err);
}

static quire_status sync_dir(qi_dir *dir, quire_error *err)
{
    return refuse(dir, err);
}

static quire_status remove_file(qi_dir *dir, const char *name, quire_error *err)
{
    (void)name;
    return refuse(dir, err);
}

static quire_status list(qi_dir *dir, bool (*each)(void *payload, const char *name), void *payload,
                         quire_error *err)
{
    (void)err;
    const image *of = ((image_folder *)dir)->image;
    for (size_t i = 0; i < of->count && each(payload, of->files[i].name); i++)
        continue;
    return QUIRE_OK;
}

static quire_status lock(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out, quire_error *err)
{
    (void)at;
    *out = (qi_lock){0};
    return exclusive ? refuse(dir, err) : QUIRE_OK;
}

static quire_status lock_check(const qi_lock *held, quire_error *err)
{
    (void)held, (void)err;
    return QUIRE_OK;
}

static void unlock(qi_lock *held)
{
    *held = (qi_lock){0};
}

static quire_status locked(qi_dir *dir, uint64_t at, uint64_t len, bool *out, quire_error *err)
{
    (void)dir, (void)at, (void)len, (void)err;
    *out = false;
    return QUIRE_OK;
}

static void free_folder(qi_dir *dir)
{
    free(dir);
}

qi_dir *image_dir(const image *all)
{
    static const qi_dir_ops ops = {.map = map,
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
                                   .free = free_folder};
    image_folder *folder = calloc(1, sizeof *folder);
    need(folder != NULL, "out of memory");
    folder->base = (qi_dir){&ops, "image"};
    folder->image = all;
    return &folder->base;
}

unsigned long image_dir_writes(const qi_dir *dir)
{
    return ((const image_folder *)dir)->writes;
}

/* ---- Checksums ---- */

static bool is_manifest(const uint8_t *bytes, size_t len)
{
    return len >= 8 && memcmp(bytes, "QUIRE-IX", 8) == 0;
}

void image_repair_file(uint8_t *bytes, size_t len)
{
    if (is_manifest(bytes, len)) {
        if (len >= 16)
            qi_store64(bytes + len - 8, qi_hash(bytes, len - 8));
        return;
    }
    if (len < QI_ENVELOPE_HEADER + QI_ENVELOPE_FOOTER)
        return;
    qi_store64(bytes + QI_ENVELOPE_HEADER - 8, qi_hash(bytes, QI_ENVELOPE_HEADER - 8));
    uint8_t *footer = bytes + len - QI_ENVELOPE_FOOTER;
    uint64_t at = len - QI_ENVELOPE_FOOTER, entries = TABLE_ENTRY * (uint64_t)qi_load32(footer);
    uint64_t body = qi_load64(footer + 8);
    uint64_t blocks = body / QI_ENVELOPE_BLOCK + (body % QI_ENVELOPE_BLOCK != 0);
    if (body <= at && entries <= at - body && blocks * 8 == at - body - entries) {
        for (uint64_t i = 0; i < blocks; i++) {
            uint64_t from = i * QI_ENVELOPE_BLOCK, left = body - from;
            size_t n = left < QI_ENVELOPE_BLOCK ? (size_t)left : QI_ENVELOPE_BLOCK;
            qi_store64(bytes + body + 8 * i, qi_hash(bytes + from, n));
        }
        qi_store64(footer + 24, qi_hash(bytes + body, (size_t)(at - body)));
    }
    qi_store64(bytes + len - 8, qi_hash(footer, QI_ENVELOPE_FOOTER - 8));
}

/* What a file is now, for the manifest. */
static void note_file(image *all, const char *name, uint64_t *length, uint64_t *hash)
{
    const image_file *file = image_find(all, name);
    if (file == NULL || file->len < 8)
        return;
    *length = file->len;
    *hash = qi_load64(file->bytes + file->len - 8);
}

static void note_files(image *all, qi_manifest_commit *commit)
{
    for (size_t i = 0; i < commit->entries.count; i++) {
        qi_manifest_entry *entry = &commit->entries.items[i];
        char name[QI_MANIFEST_NAME_ROOM];
        qi_manifest_segment_name(name, entry->seq);
        note_file(all, name, &entry->length, &entry->hash);
        if (entry->deletes == 0)
            continue;
        qi_manifest_deletes_name(name, entry->seq, entry->deletes);
        note_file(all, name, &entry->deletes_length, &entry->deletes_hash);
    }
}

void image_repair(image *all)
{
    for (size_t i = 0; i < all->count; i++)
        image_repair_file(all->files[i].bytes, all->files[i].len);
    image_file *file = image_find(all, QI_MANIFEST_NAME);
    qi_manifest manifest;
    if (file == NULL ||
        qi_manifest_decode(&manifest, file->bytes, file->len, "image", NULL) != QUIRE_OK)
        return;
    note_files(all, &manifest.current);
    note_files(all, &manifest.previous);
    qi_buf bytes;
    qi_buf_init(&bytes, 0);
    qi_manifest_encode(&manifest, &bytes);
    need(!bytes.failed, "out of memory");
    image_set(file, bytes.bytes, bytes.len);
    qi_buf_free(&bytes);
    qi_manifest_free(&manifest);
}

bool image_cut(image_file *file, size_t body)
{
    if (file->len < QI_ENVELOPE_HEADER + QI_ENVELOPE_FOOTER)
        return false;
    const uint8_t *footer = file->bytes + file->len - QI_ENVELOPE_FOOTER;
    uint32_t count = qi_load32(footer);
    if (count > QI_ENVELOPE_SECTIONS || count > (file->len - QI_ENVELOPE_FOOTER) / TABLE_ENTRY)
        return false;
    const uint8_t *entry = footer - TABLE_ENTRY * (size_t)count;
    qi_envelope_builder builder;
    qi_buf out;
    uint64_t hash;
    qi_buf_init(&out, 0);
    need(qi_envelope_builder_init(&builder, NULL) == QUIRE_OK, "out of memory");
    qi_buf_add(&out, file->bytes, body);
    qi_envelope_feed(&builder, file->bytes, body);
    for (uint32_t i = 0; i < count; i++, entry += TABLE_ENTRY) {
        uint64_t offset = qi_load64(entry + 8), length = qi_load64(entry + 16);
        if (offset > body || body - offset < QI_ENVELOPE_ALIGN)
            break;
        if (length > body - offset - QI_ENVELOPE_ALIGN)
            length = body - offset - QI_ENVELOPE_ALIGN;
        char name[9] = {0};
        memcpy(name, entry, 8);
        qi_envelope_section(&builder, name, offset, length);
    }
    need(qi_envelope_trailer(&builder, &out, &hash, NULL) == QUIRE_OK, "out of memory");
    image_set(file, out.bytes, out.len);
    qi_envelope_builder_free(&builder);
    qi_buf_free(&out);
    return true;
}
