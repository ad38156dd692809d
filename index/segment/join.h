/* SPDX-License-Identifier: MIT
 * segment/join.h - the occurrences of a term of memory, from the streams of its entries.
 *
 * A word is in one stream, that of its stem in its exact form. Here the streams of a stem become
 * its list again, and each of them the ordinals that its occurrences have there. Exclusive. */
#ifndef QI_SEGMENT_JOIN_H
#define QI_SEGMENT_JOIN_H

#include "segment/memindex.h"

/* The occurrences of an entry, in `ordinals`. */
typedef struct qi_join_run {
    uint32_t part, entry;
    uint32_t count;
    size_t start, at; /* at: private */
} qi_join_run;

/* A term of one part, by the first entry of its chain, plus one; 0: none. */
typedef struct qi_join_chain {
    uint32_t part, entry;
} qi_join_chain;

typedef struct qi_join {
    qi_mem_parts parts;
    uint32_t field;
    const uint32_t *starts; /* of all documents */
    uint32_t *hints;        /* the document at each 2^shift-th word number; one more */
    unsigned shift;
    QI_VEC(uint32_t) bases;    /* what is added to the word numbers of each part */
    QI_VEC(uint32_t) words;    /* of the term, increasing */
    QI_VEC(uint32_t) docs;     /* the document of each */
    QI_VEC(uint32_t) ordinals; /* of each run's words among all; of several runs only */
    QI_VEC(qi_join_run) runs;  /* one for each entry that occurs, by part */
    QI_VEC(uint64_t) tree;     /* private: matches between runs */
} qi_join;

/* Zero is a join of nothing. */
void qi_join_free(qi_join *join);

/* Begin a text field; `starts` are the word numbers at which all documents start, borrowed. Errors:
 * MEMORY. */
quire_status qi_join_field(qi_join *join, const qi_mem_parts *parts, uint32_t field,
                           const uint32_t *starts, quire_error *err);

/* Have the words, documents and runs of a term, which has at most one chain a part, in their order;
 * `exact`: of the lane of exact forms. Errors: MEMORY. */
quire_status qi_join_term(qi_join *join, const qi_join_chain *chains, size_t count, bool exact,
                          quire_error *err);

#endif
