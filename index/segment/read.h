/* SPDX-License-Identifier: MIT
 * segment/read.h - one immutable segment, opened and proven safe to read.
 *
 * Opening validates the envelope and every section-level size, so that readers need only stay
 * inside what they were given; contents are verified against their checksums at first touch.
 * Shared. */
#ifndef QI_SEGMENT_READ_H
#define QI_SEGMENT_READ_H

#include "codec/column.h"
#include "codec/docset.h"
#include "codec/schema.h"
#include "codec/termdict.h"
#include "segment/file.h"
#include "segment/records.h"
#include "segment/stems.h"

/* No document: ends stay ended. A segment holds fewer than 2^31 documents. */
#define QI_END ((uint32_t)INT32_MAX)

enum { QI_RANGE = 64 }; /* documents of a range: the grid that all bounds share */

/* What a segment knows of one of its fields. */
typedef struct qi_field_part {
    uint64_t length_sum;   /* text: of the lengths that norms stand for, all documents */
    uint32_t documents;    /* text: documents with at least one term */
    uint32_t words;        /* text: word numbers in use, holes included */
    float bound_average;   /* text: the average length that ranges and K-th values were made with */
    const uint8_t *norms;  /* text: a byte a document; see qi_segment_norms */
    const uint8_t *starts; /* text: see segment/words.h */
    bool wide_starts;
    bool has_column; /* keyword, number, date */
    qi_column column;
} qi_field_part;

typedef struct qi_segment {
    uint32_t refs;
    qi_file file;
    quire_schema *schema; /* retained */
    uint32_t doc_count;
    float k1, b;           /* that bounds were made with */
    qi_field_part *fields; /* one a field of the schema */
    qi_termdict *lanes;    /* two a field; no terms where the field has none */
    qi_stems *stems;       /* by lane; of lanes of exact forms */
    const uint8_t *lists;  /* section "post" */
    size_t lists_size;
    qi_records records;      /* stored documents */
    quire_segment_stat stat; /* `deleted` is 0: deletes belong to a snapshot */
} qi_segment;

/* Open a file of `dir` as a segment. Errors: CORRUPT, FORMAT, NOT_FOUND, IO, MEMORY. */
quire_status qi_segment_open(qi_segment **out, qi_dir *dir, const qi_file_id *id,
                             const quire_schema *schema, quire_error *err);

qi_segment *qi_segment_retain(qi_segment *segment);
void qi_segment_release(qi_segment *segment);

/* Look a term up. Not there: OK with info->df 0. Errors: CORRUPT. */
quire_status qi_segment_find(const qi_segment *segment, uint32_t lane, quire_str term,
                             qi_term_info *info, quire_error *err);

/* The same in three steps, as in codec/termdict.h, of which the last has the list fetched, too. */
uint64_t qi_segment_aim(const qi_segment *segment, uint32_t lane, quire_str term);
void qi_segment_fetch(const qi_segment *segment, uint32_t lane, uint64_t aim);
quire_status qi_segment_find_at(const qi_segment *segment, uint32_t lane, quire_str term,
                                uint64_t aim, qi_term_info *info, quire_error *err);

/* Norm bytes of an indexed text field, verified. Errors: CORRUPT. */
quire_status qi_segment_norms(const qi_segment *segment, uint32_t field, const uint8_t **out,
                              quire_error *err);

/* Value of a column: false if the document has none. Errors: CORRUPT. For keyword fields the value
 * is the ordinal of the term in the field's lane. */
quire_status qi_segment_column(const qi_segment *segment, uint32_t field, uint32_t doc, bool *has,
                               int64_t *value, quire_error *err);

/* Append the term of this ordinal of a keyword field to `out`. Errors: CORRUPT, MEMORY. */
quire_status qi_segment_keyword(const qi_segment *segment, uint32_t field, uint64_t ordinal,
                                qi_buf *out, quire_error *err);

#endif
