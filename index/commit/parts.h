/* SPDX-License-Identifier: MIT
 * commit/parts.h - the segments that a writer works on, each with its deleted documents.
 *
 * A list is cheap to copy: segments are shared, and sets of deleted documents too until one of the
 * holders changes them. Exclusive. */
#ifndef QI_COMMIT_PARTS_H
#define QI_COMMIT_PARTS_H

#include "codec/manifest.h"
#include "segment/memindex.h"
#include "segment/read.h"

typedef struct qi_deletes {
    uint32_t refs;
    qi_docset set;
} qi_deletes;

typedef struct qi_writer_part {
    qi_manifest_entry entry; /* with the file of deletes as it was last written */
    qi_segment *segment;     /* a share */
    qi_deletes *deletes;     /* a share; NULL: none */
    bool changed;            /* more was deleted since then */
} qi_writer_part;

typedef struct qi_parts {
    QI_VEC(qi_writer_part) list; /* by increasing seq */
} qi_parts;

/* A document of a part. */
typedef struct qi_victim {
    size_t part;
    uint32_t doc;
} qi_victim;

typedef QI_VEC(qi_victim) qi_victims;

/* Open the segments of a manifest's current commit. Errors: CORRUPT, FORMAT, IO, MEMORY. */
quire_status qi_parts_open(qi_parts *parts, qi_dir *dir, const qi_manifest *manifest,
                           quire_error *err);

/* Make `to` a copy of `from`. It must have room for that (QI_VEC_RESERVE). */
void qi_parts_assign(qi_parts *to, const qi_parts *from);

void qi_parts_free(qi_parts *parts);

/* Take the part over. The list must have room. */
void qi_parts_push(qi_parts *parts, const qi_writer_part *part);

void qi_parts_remove(qi_parts *parts, size_t i);

static inline uint32_t qi_parts_deleted(const qi_writer_part *part)
{
    return part->deletes == NULL ? 0 : part->deletes->set.count;
}

/* An empty set for a segment of `docs` documents, with one share; NULL when out of memory. */
qi_deletes *qi_deletes_new(uint32_t docs);
void qi_deletes_release(qi_deletes *deletes);

/* The documents deleted from indexes in memory, with one share; NULL if there are none. Errors:
 * MEMORY. */
quire_status qi_deletes_of(qi_deletes **out, const qi_mem_parts *parts, quire_error *err);

/* Find the live documents whose keyword field `field` is `key`, in all parts, and append them to
 * `victims`, which qi_parts_delete can then delete without failing. Errors: CORRUPT, MEMORY. */
quire_status qi_parts_find(qi_parts *parts, uint32_t field, quire_str key, qi_victims *victims,
                           quire_error *err);

/* Find those that have any key of `segment`. Errors: CORRUPT, MEMORY. */
quire_status qi_parts_find_all(qi_parts *parts, uint32_t field, const qi_segment *segment,
                               qi_victims *victims, quire_error *err);
void qi_parts_delete(qi_parts *parts, const qi_victims *victims);

#endif
