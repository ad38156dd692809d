/* SPDX-License-Identifier: MIT
 * search/iter.h - the one contract of everything that matches documents of a segment.
 *
 * A search goes through a segment in windows of 64 ranges of 64 documents. A window is a mask: each
 * iterator narrows it to its own matches, so AND is one child after another, OR a union of copies,
 * NOT and FILTER are operations on words. What is left is scored, leaf by leaf, in the order of the
 * query.
 *
 *     peek    skip to where the next match may be        (any number of times, never back)
 *     match   narrow the window's mask                   (at most once a window, windows in order)
 *     score   add to the documents of a mask             (at most once a window, after its match)
 *
 * Nothing is allocated, and errors are told nowhere but in the lists read, whose status is sticky:
 * a damaged list is at its end. Exclusive. */
#ifndef QI_SEARCH_ITER_H
#define QI_SEARCH_ITER_H

#include "base/arena.h"
#include "search/bm25.h"
#include "search/poll.h"
#include "search/query.h"
#include "segment/postings.h"

enum { QI_WINDOW_RANGES = 64, QI_WINDOW = QI_WINDOW_RANGES * QI_RANGE };

/* Documents [base, base + QI_WINDOW) of a segment; base is a multiple of QI_RANGE. No bit at or
 * past the segment's end is set. */
typedef struct qi_window {
    uint32_t base;
    uint64_t bits[QI_WINDOW_RANGES];
} qi_window;

/* How the score of one document came about: told leaf by leaf. */
struct qi_field_source;
struct qi_iter;
typedef struct qi_trace {
    void (*add)(struct qi_trace *trace, const struct qi_field_source *source, float tf,
                uint8_t code);
    void (*leaf)(struct qi_trace *trace, const struct qi_iter *leaf, float x, float score);
} qi_trace;

/* Scores of the documents of a window, and scratch for a leaf to mix its fields in. */
typedef struct qi_scores {
    float sum[QI_WINDOW]; /* valid where the window has a bit */
    float k1;
    float x[QI_WINDOW];                 /* valid where `touched` has a bit */
    uint64_t touched[QI_WINDOW_RANGES]; /* all zero between leaves */
    uint32_t freqs[QI_WINDOW];          /* all zero between leaves: frequencies of a prefix */
    qi_trace *trace;                    /* NULL but to explain */
} qi_scores;

typedef struct qi_iter qi_iter;

typedef struct qi_iter_ops {
    /* No match lies in [target, result). QI_END or more: there is none any more. */
    uint32_t (*peek)(qi_iter *iter, uint32_t target);
    void (*match)(qi_iter *iter, qi_window *window);
    /* NULL: scores nothing. `mask` lies within the documents matched; leaves pass over those of it
     * that they do not match. */
    void (*score)(qi_iter *iter, const qi_window *mask, qi_scores *scores);
    bool leaf; /* passes over what it does not match, when scoring */
    /* For each range of the window at `base`, before its match: no document there scores more, or
     * -1: none matches. NULL: all may match, and score 0. */
    void (*bound)(qi_iter *iter, uint32_t base, float *out);
    /* A score that `count` documents of the segment reach, deleted ones counted; with `guess`: that
     * about as many do, probably more. 0: not known. NULL: 0. */
    float (*reach)(qi_iter *iter, uint32_t count, bool guess);
} qi_iter_ops;

struct qi_iter {
    const qi_iter_ops *ops;
    uint64_t cost; /* about how many documents match: the rarest child of an AND goes first */
};

/* What a leaf finds in one field of a segment. */
typedef struct qi_field_source {
    const qi_segment *segment;
    const qi_field_part *field;
    const uint8_t *norms;         /* NULL: keyword, all lengths count as the average */
    const float *table;           /* of qi_bm25_table */
    const qi_bm25_bounds *bounds; /* NULL: the segment's bounds say nothing in this search */
    float k1;
} qi_field_source;

static inline bool qi_window_empty(const qi_window *window)
{
    uint64_t any = 0;
    for (int i = 0; i < QI_WINDOW_RANGES; i++)
        any |= window->bits[i];
    return any == 0;
}

static inline uint32_t qi_window_count(const qi_window *window)
{
    uint32_t count = 0;
    for (int i = 0; i < QI_WINDOW_RANGES; i++)
        count += qi_popcount(window->bits[i]);
    return count;
}

static inline bool qi_window_has(const qi_window *window, uint32_t slot)
{
    return (window->bits[slot / 64] >> slot % 64 & 1) != 0;
}

/* For each document of a window in order: `slot` is its place in the window. */
#define QI_WINDOW_EACH(window, slot)                                                               \
    for (uint32_t slot##_word = 0, slot; slot##_word < QI_WINDOW_RANGES; slot##_word++)            \
        for (uint64_t slot##_left = (window)->bits[slot##_word];                                   \
             slot##_left != 0 && (slot = slot##_word * 64 + qi_ctz(slot##_left), true);            \
             slot##_left &= slot##_left - 1)

/* Add tf of one field to the leaf's mixture for a document. */
static inline void qi_scores_add(qi_scores *scores, const qi_field_source *source, uint32_t base,
                                 uint32_t slot, float tf)
{
    uint8_t code = source->norms == NULL ? 0 : source->norms[base + slot];
    float x = tf * source->table[code];
    uint64_t bit = UINT64_C(1) << slot % 64;
    scores->x[slot] = (scores->touched[slot / 64] & bit) != 0 ? scores->x[slot] + x : x;
    scores->touched[slot / 64] |= bit;
    if (scores->trace != NULL)
        scores->trace->add(scores->trace, source, tf, code);
}

/* The leaf's fields are mixed: saturate, weigh, and add to the sums. */
void qi_scores_leaf(qi_scores *scores, const qi_iter *leaf, float weight);

/* Bounds of x: in ranges, as qi_iter_ops.bound gives them; and in all documents of a list. */
void qi_bound_ranges(const qi_field_source *source, const qi_postings *list, uint32_t base,
                     float *out);
float qi_bound_list(const qi_field_source *source, float max_part);

/* Iterators of the leaves. All return NULL when the arena has failed. */

/* A word, in one list a field. Matching and scoring each move a list of their own; with `weight` 0
 * the word never scores, and `score` may be NULL. Lists stay in place meanwhile. */
typedef struct qi_term_field {
    qi_field_source source;
    qi_postings *match, *score;
} qi_term_field;
qi_iter *qi_iter_term(qi_arena *memory, uint32_t count, const qi_term_field *fields, float weight);

/* The expansions of a prefix: documents whose bit is set in `bitmap`, scored by the frequencies of
 * all the lists of a field together. All that is pointed to stays in place. */
typedef struct qi_prefix_field {
    qi_field_source source;
    uint32_t count;
    qi_postings *lists;
} qi_prefix_field;
typedef struct qi_prefix {
    const uint64_t *bitmap;
    uint32_t docs; /* of the segment */
    uint32_t cost;
    uint32_t count;
    const qi_prefix_field *fields; /* weight > 0 only */
    float weight;
} qi_prefix;
qi_iter *qi_iter_prefix(qi_arena *memory, const qi_prefix *spec);

/* A phrase, in one or several fields, each with words and lists of its own; none of them is empty.
 * Unless *status stays OK, what a window has is not to be used: LIMIT, if places of words with slop
 * do not fit in `memory`; or the poll's answer. */
typedef struct qi_phrase_field {
    qi_field_source source;
    uint32_t count; /* words */
    const qi_word *words;
    qi_postings *lists; /* one a word */
} qi_phrase_field;
typedef struct qi_phrase {
    uint32_t count;
    const qi_phrase_field *fields;
    uint32_t slop;
    float weight;
    bool alone;          /* the whole query: looking ahead finds nothing that others rule out */
    const qi_poll *poll; /* asked within a window, which can take long */
    quire_status *status;
    quire_error *err;
} qi_phrase;
qi_iter *qi_iter_phrase(qi_arena *memory, const qi_phrase *spec);

qi_iter *qi_iter_all(qi_arena *memory, uint32_t docs); /* every document of a segment */

/* Documents with a value in [low, high] of a column. A failure is told in *status. */
typedef struct qi_column_range {
    const qi_segment *segment;
    uint32_t field;
    int64_t low, high;
    const uint8_t *norms; /* not NULL: instead, documents of which the text field has a term */
    quire_status *status;
    quire_error *err;
} qi_column_range;
qi_iter *qi_iter_column(qi_arena *memory, const qi_column_range *range);

/* Combine; the children are lent. `least` as in qi_node. AND, OR, NOT, FILTER. */
qi_iter *qi_iter_combine(qi_arena *memory, qi_node_kind kind, uint32_t count,
                         qi_iter *const *children, uint32_t least);

#endif
