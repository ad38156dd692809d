/* SPDX-License-Identifier: MIT
 * segment/snapshot.h - the segments of one commit with their deletes, and the statistics over them.
 * Shared.
 *
 * Documents are numbered through: document d of part p has number parts[p].base + d. */
#ifndef QI_SEGMENT_SNAPSHOT_H
#define QI_SEGMENT_SNAPSHOT_H

#include "base/spare.h"
#include "segment/read.h"

typedef struct qi_part {
    qi_segment *segment; /* retained */
    qi_docset *deleted;  /* owned; NULL: none */
    quire_doc base;
} qi_part;

/* Sums over the segments, deleted documents included: what BM25 is computed with. */
typedef struct qi_field_stat {
    uint64_t length_sum; /* of the lengths that norms stand for */
    uint64_t documents;  /* with at least one term */
} qi_field_stat;

struct quire_snapshot {
    uint32_t refs;
    quire_schema *schema; /* retained */
    uint64_t doc_count;   /* deleted ones included: N of BM25 */
    size_t count;
    qi_part *parts;
    qi_field_stat *fields; /* one a field of the schema */
    quire_stat stat;
    qi_arena memory;
    qi_spares desks;                /* of searches: search/desk.h */
    void (*on_free)(void *payload); /* releases what keeps the files alive; may be NULL */
    void *payload;
};

/* What a snapshot is made of. */
typedef struct qi_snapshot_source {
    const quire_schema *schema;
    size_t count;
    qi_segment **segments; /* are retained */
    qi_docset **deleted;   /* owned by the snapshot once made; entries may be NULL */
    uint64_t generation;
    quire_str payload;
} qi_snapshot_source;

/* Errors: LIMIT, MEMORY; then the caller still owns everything. */
quire_status qi_snapshot_new(quire_snapshot **out, const qi_snapshot_source *source,
                             quire_error *err);

quire_snapshot *qi_snapshot_retain(quire_snapshot *snapshot);
void qi_snapshot_release(quire_snapshot *snapshot);

/* The part that holds document `doc`, and its number there. NOT_FOUND if there is none or it is
 * deleted. */
quire_status qi_snapshot_locate(const quire_snapshot *snapshot, quire_doc doc, size_t *part,
                                uint32_t *local, quire_error *err);

/* The live document with this key. NOT_FOUND; MISUSE if the schema has no key; CORRUPT. */
quire_status qi_snapshot_find(const quire_snapshot *snapshot, quire_str key, quire_doc *out,
                              quire_error *err);

#endif
