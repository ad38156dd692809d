/* SPDX-License-Identifier: MIT
 * search/topk.h - the best K of what is offered.
 *
 * Order: rank descending, then document ascending. Scores and column values both become ranks, so
 * that one store serves ranking and sorting. Exclusive. */
#ifndef QI_SEARCH_TOPK_H
#define QI_SEARCH_TOPK_H

#include "base/arena.h"
#include "base/bits.h"
#include "base/error.h"

typedef struct qi_top_item {
    int64_t rank;
    quire_doc doc;
} qi_top_item;

typedef struct qi_topk {
    qi_top_item *items; /* in no order until qi_topk_sort, and until then perhaps too many */
    size_t count, limit, room;
    qi_top_item bar; /* if `full`: an item has to come before it */
    bool full;       /* `limit` items were put in */
    /* Of a large store that is full: how many items have ranks of each group, the 2^shift from
     * `low` on and so forth, the group of the bar, and the number of items in those above it. */
    uint32_t *groups;
    int64_t low;
    uint32_t shift, group;
    size_t above;
} qi_topk;

/* An empty store of `limit` items in `memory`. Errors: LIMIT, MEMORY. */
quire_status qi_topk_init(qi_topk *top, qi_arena *memory, size_t limit, quire_error *err);

/* Does `a` come before `b`? */
static inline bool qi_topk_before(qi_top_item a, qi_top_item b)
{
    return a.rank != b.rank ? a.rank > b.rank : a.doc < b.doc;
}

/* Put an item in, which comes before the bar if the store is full. */
void qi_topk_put(qi_topk *top, qi_top_item item);

/* Offer an item. */
static inline void qi_topk_offer(qi_topk *top, int64_t rank, quire_doc doc)
{
    qi_top_item item = {rank, doc};
    if (!top->full || qi_topk_before(item, top->bar))
        qi_topk_put(top, item);
}

/* Bring the items into their order. Nothing can be offered afterwards. */
void qi_topk_sort(qi_topk *top);

/* The rank of a score, which is never negative, and back: such floats order as their bits do. */
static inline int64_t qi_topk_rank(float score)
{
    return qi_float_bits(score);
}

static inline float qi_topk_score(int64_t rank)
{
    return qi_float_of_bits((uint32_t)rank);
}

/* A score which an item must have to be among the best, at least `least`. */
static inline float qi_topk_threshold(const qi_topk *top, float least)
{
    float bar = top->full && top->limit != 0 ? qi_topk_score(top->bar.rank) : least;
    return bar > least ? bar : least;
}

#endif
