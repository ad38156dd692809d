/* SPDX-License-Identifier: MIT
 * search/sort.h - ordering hits by a column. Documents without a value come last, whichever way. */
#ifndef QI_SEARCH_SORT_H
#define QI_SEARCH_SORT_H

#include "search/topk.h"
#include "segment/snapshot.h"

typedef struct qi_sort {
    uint32_t field; /* QI_NO_FIELD: by score */
    bool keyword;   /* ranks are ordinals, which mean something within one part only */
    bool descending;
} qi_sort;

/* Errors: MISUSE (no such field, or one without a column). */
quire_status qi_sort_init(qi_sort *out, const quire_schema *schema,
                          const quire_search_options *options, quire_error *err);

/* The rank of a document of a segment. Errors: CORRUPT. */
quire_status qi_sort_rank(const qi_sort *sort, const qi_segment *segment, uint32_t doc,
                          int64_t *out, quire_error *err);

/* Keywords: merge the sorted stores of all parts by the text of their values; the `want` first ones
 * make a new store in tops[0], whose ranks mean nothing. Errors: CORRUPT, LIMIT. */
quire_status qi_sort_merge(const qi_sort *sort, const quire_snapshot *snapshot, qi_topk *tops,
                           size_t want, qi_arena *memory, quire_error *err);

#endif
