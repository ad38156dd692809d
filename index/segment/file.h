/* SPDX-License-Identifier: MIT
 * segment/file.h - one mapped file of the index whose bytes are verified at first touch.
 *
 * The file carries a checksum for each 16 KiB block. A bitmap remembers which blocks were verified;
 * setting a bit twice does no harm, so relaxed atomics are enough. Shared. */
#ifndef QI_SEGMENT_FILE_H
#define QI_SEGMENT_FILE_H

#include "codec/envelope.h"
#include "store/dir.h"

/* What the manifest says of a file. */
typedef struct qi_file_id {
    char name[48];
    uint8_t uuid[16]; /* of the index */
    uint64_t seq;     /* the file's own number */
    uint64_t length;  /* bytes; 0: not known */
    uint64_t hash;    /* of its trailer, as the envelope gives it; 0: not known */
} qi_file_id;

typedef struct qi_file {
    char name[48];
    qi_dir *dir;
    qi_bytes bytes;
    qi_envelope envelope;
    uint64_t *verified; /* a bit a block */
} qi_file;

/* Map and open. Errors: NOT_FOUND, CORRUPT, FORMAT, IO, MEMORY. */
quire_status qi_file_open(qi_file *out, qi_dir *dir, const qi_file_id *id, uint32_t kind,
                          quire_error *err);
void qi_file_close(qi_file *file);

/* Let go of the memory that pages read so far take. */
void qi_file_rest(const qi_file *file);

/* A section by name, or an empty view with at == NULL. Its contents are not verified yet. */
qi_view qi_file_section(const qi_file *file, const char *name);

quire_status qi_file_verify(const qi_file *file, const uint8_t *at, size_t len, quire_error *err);

/* Verify the blocks under [at, at + len), which must lie inside the mapping, unless they were
 * before. Errors: CORRUPT. */
static inline quire_status qi_file_touch(const qi_file *file, const uint8_t *at, size_t len,
                                         quire_error *err)
{
    size_t block = (size_t)(at - file->bytes.at) / QI_ENVELOPE_BLOCK;
    size_t last = ((size_t)(at - file->bytes.at) + (len ? len - 1 : 0)) / QI_ENVELOPE_BLOCK;
    if (block == last &&
        (__atomic_load_n(&file->verified[block / 64], __ATOMIC_RELAXED) >> block % 64 & 1) != 0)
        return QUIRE_OK;
    return qi_file_verify(file, at, len, err);
}

#endif
