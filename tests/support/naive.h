/* SPDX-License-Identifier: MIT
 * support/naive.h - an index that cannot be wrong: lists of tokens, gone through one by one.
 *
 * Documents have two text fields with exact forms, a keyword and a number. Words are numbers; word
 * n is written naive_form(n), and "stemmed" to word n / 2. Search follows the definitions of the
 * documentation, not the code of the library: scores are compared bit for bit. */
#ifndef SUPPORT_NAIVE_H
#define SUPPORT_NAIVE_H

#include "search/query.h"

enum { NAIVE_TITLE, NAIVE_BODY, NAIVE_TAG, NAIVE_NUM, NAIVE_TEXTS = 2 };

typedef struct naive_token {
    uint32_t position, word;
} naive_token;

typedef struct naive_doc {
    naive_token *tokens[NAIVE_TEXTS]; /* owned */
    uint32_t counts[NAIVE_TEXTS];
    int32_t tag;      /* a word; -1: none */
    int64_t num;      /* INT64_MIN: none */
    bool deleted;     /* found no more, but still in the statistics */
    uint64_t seen[6]; /* for speed only: bit w % 64 is set if word w occurs in the lane */
} naive_doc;

typedef struct naive {
    quire_schema *schema;
    naive_doc *docs;
    uint32_t count;
    uint32_t words; /* all words are below it */
    uint32_t *df;   /* of each word in each lane: made by naive_count, as are the averages */
    float averages[3];
} naive;

typedef struct naive_hit {
    uint32_t doc;
    float score;
    bool all; /* SMART: has all the words */
} naive_hit;

/* The schema of naive documents, with k1 and b set. */
quire_schema *naive_schema(float k1, float b);

/* The letters of a word; at most 15 bytes and a NUL. */
quire_str naive_form(uint32_t word, char out[16]);

/* Count anew after a change of the documents. */
void naive_count(naive *index);

/* Every live document that matches, in any order, with its score, into hits, which has room for
 * all. Returns how many. */
uint32_t naive_match(const naive *index, const qi_node *root, float k1, float b, naive_hit *hits);

/* Order hits by score descending, then document. */
void naive_order(naive_hit *hits, uint32_t count);

/* The frequency of a phrase with slop in positions[i][0..counts[i]) of words[i], by trying all
 * choices of places. `ids` tells equal words. */
float naive_slop(const qi_word *words, uint32_t count, uint32_t slop, uint32_t *const *positions,
                 const uint32_t *counts, const uint32_t *ids);

void naive_free(naive *index);

#endif
