/* SPDX-License-Identifier: MIT
 * search/terms.h - the terms of a lane with a prefix, in byte order, over all segments of a
 * snapshot. Exclusive.
 */
#ifndef QI_SEARCH_TERMS_H
#define QI_SEARCH_TERMS_H

#include "segment/snapshot.h"

typedef struct qi_terms {
    const quire_snapshot *snapshot; /* lent */
    quire_str prefix;               /* lent */
    qi_termdict_iter *iters;        /* one a part */
    bool *here;                     /* the part has the current term */
    quire_str text;                 /* the current term; lent until the next step */
    uint64_t df, cf;                /* of it, over all parts; deleted documents count */
    uint8_t bytes[QI_TERM_MAX];
} qi_terms;

/* Stand before the first term of `lane` that starts with `prefix`. Errors: CORRUPT, LIMIT (`memory`
 * is full). `err` is kept for later
 * steps. */
quire_status qi_terms_init(qi_terms *out, qi_arena *memory, const quire_snapshot *snapshot,
                           uint32_t lane, quire_str prefix, quire_error *err);

/* Step to the next term. DONE after the last. Errors: CORRUPT. */
quire_status qi_terms_step(qi_terms *terms);

/* What part `i` says of the current term; NULL if it does not have it. Lent until the next step. */
static inline const qi_term_info *qi_terms_info(const qi_terms *terms, size_t i)
{
    return terms->here[i] ? &terms->iters[i].info : NULL;
}

#endif
