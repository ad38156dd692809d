/* SPDX-License-Identifier: MIT
 * search/matches.h - where a query matches the texts of a document. Shared, but for the snippet. */
#ifndef QI_SEARCH_MATCHES_H
#define QI_SEARCH_MATCHES_H

#include "base/buf.h"
#include "base/vec.h"
#include "search/query.h"

/* One place of one leaf of the query. */
typedef struct qi_mark {
    uint32_t value;
    uint32_t leaf; /* in preorder, those under negations left out */
    size_t start, end;
} qi_mark;

struct qi_matches {
    quire_matches shown;            /* marks that overlap are one match */
    const quire_document *document; /* lent by the caller */
    quire_schema *schema;           /* retained */
    uint32_t leaf_count;
    QI_VEC(qi_mark) marks; /* by value, then start */
    QI_VEC(quire_match) merged;
    qi_buf snippet;
};
typedef struct qi_matches qi_matches;

enum { QI_MARKS = 1 << 22 }; /* at most */

/* Find them. Errors: LIMIT, MEMORY. */
quire_status qi_matches_open(qi_matches **out, const quire_schema *schema, const qi_node *root,
                             const quire_document *document, quire_error *err);
void qi_matches_free(qi_matches *matches);

/* The passage that shows the query best; see quire_matches_snippet. `options` has all members. Lent
 * until the next call. Errors: MISUSE (no such field), MEMORY. */
quire_status qi_snippet_make(qi_matches *matches, const quire_snippet_options *options,
                             quire_str *out, quire_error *err);

#endif
