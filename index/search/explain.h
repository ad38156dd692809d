/* SPDX-License-Identifier: MIT
 * search/explain.h - how the score of one document comes about. */
#ifndef QI_SEARCH_EXPLAIN_H
#define QI_SEARCH_EXPLAIN_H

#include "search/query.h"
#include "segment/snapshot.h"

/* Explain; see quire_explain. `options` has all members. The root's value is the score, which is
 * the sum of the nodes of depth 1 in single precision and in their order. Any thread. Errors:
 * NOT_FOUND (no such document, or it does not match), LIMIT, MISUSE, CORRUPT, IO, MEMORY. */
quire_status qi_explain(const quire_explanation **out, const quire_snapshot *snapshot,
                        const qi_node *root, quire_doc doc, const quire_search_options *options,
                        quire_error *err);
void qi_explain_free(const quire_explanation *explanation);

#endif
