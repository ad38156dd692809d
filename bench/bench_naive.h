/* SPDX-License-Identifier: MIT
 * bench/bench_naive.h - search without an index, straight from the definitions.
 *
 * All occurrences of the queries' words are kept in memory, uncompressed; a query is answered by
 * going through every document. Nothing is shared with the library but its analyser, and that only
 * for English. */
#ifndef QUIRE_BENCH_NAIVE_H
#define QUIRE_BENCH_NAIVE_H

#include "quire_bench.h"

enum { NAIVE_LEAVES = 32, NAIVE_WORDS = 16, NAIVE_HITS = 1000 };

/* A word, or a phrase. */
typedef struct naive_leaf {
    char sign;   /* '+' required, '-' forbidden, or ' ' */
    float boost; /* how often the query has it */
    unsigned count;
    uint32_t words[NAIVE_WORDS]; /* numbers, at places 0, 1, 2... */
} naive_leaf;

typedef struct naive_query {
    char *text, *class;
    unsigned count;
    naive_leaf leaves[NAIVE_LEAVES];
} naive_query;

typedef struct naive_hit {
    uint32_t ordinal; /* of the document in the corpus */
    float score;
} naive_hit;

/* What a query finds: how many, and the best of them in order. */
typedef struct naive_result {
    uint64_t total;
    size_t count;
    naive_hit hits[NAIVE_HITS];
} naive_result;

typedef struct naive_word naive_word;

typedef struct naive {
    const bench_options *options;
    void *numbers; /* of words */
    naive_word *words;
    size_t word_count, word_room;
    uint32_t *lengths; /* of documents, in words */
    quire_doc *docs;   /* their numbers in the index; NAIVE_DELETED: none */
    size_t count, room;
    uint16_t *tf; /* of each leaf of the query at hand in each document */
    float average;
} naive;

#define NAIVE_DELETED UINT64_MAX

void naive_init(naive *n, const bench_options *options);

/* Read a query in the syntax of the search benchmark game. False if it is none, or too long. Words
 * are known from then on; all queries are read before the first document. */
bool naive_read_query(naive *n, naive_query *out, const char *text, const char *class);

/* Take in a document, which has number `doc` in the index. */
void naive_add(naive *n, quire_str text, quire_doc doc);

/* Before the first search: what depends on all documents. */
void naive_finish(naive *n);

void naive_search(naive *n, const naive_query *query, naive_result *out);

#endif
