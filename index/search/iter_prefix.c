/* SPDX-License-Identifier: MIT
 *
 * A prefix: all its terms together are one word. Which documents have one was found when the search
 * was planned, for the document frequency of the union is part of the score; frequencies are added
 * up here, from the list of every term, for the documents that are scored. */
#include "search/iter.h"

#include "search/cursor.h"

typedef struct prefix_iter {
    qi_iter base;
    const uint64_t *bitmap;
    uint32_t docs;
    uint32_t count;
    const qi_prefix_field *fields;
    float weight;
} prefix_iter;

static uint32_t peek_prefix(qi_iter *iter, uint32_t target)
{
    const prefix_iter *self = (const prefix_iter *)iter;
    if (target >= self->docs)
        return QI_END;
    uint32_t words = (self->docs + 63) / 64;
    uint64_t left = self->bitmap[target / 64] & ~UINT64_C(0) << target % 64;
    uint32_t w = target / 64;
    while (left == 0 && ++w < words)
        left = self->bitmap[w];
    return left == 0 ? QI_END : w * 64 + qi_ctz(left);
}

static void match_prefix(qi_iter *iter, qi_window *window)
{
    const prefix_iter *self = (const prefix_iter *)iter;
    uint32_t words = (self->docs + 63) / 64;
    for (uint32_t w = 0; w < QI_WINDOW_RANGES; w++)
        window->bits[w] &= window->base / 64 + w < words ? self->bitmap[window->base / 64 + w] : 0;
}

/* Add the frequencies of one term to scores->freqs. */
static void count_term(qi_postings *list, const qi_window *mask, qi_scores *scores)
{
    qi_cursor cursor = {list, 0};
    uint32_t base = mask->base;
    if (qi_postings_peek(list, base) - base >= QI_WINDOW)
        return;
    for (uint32_t target = base; qi_cursor_seek(&cursor, target);) {
        const uint32_t *freqs = qi_postings_freqs(list);
        uint32_t i = cursor.at;
        for (; freqs != NULL && i < list->count && list->docs[i] - base < QI_WINDOW; i++) {
            uint32_t *sum = &scores->freqs[list->docs[i] - base];
            *sum = freqs[i] < UINT32_MAX - *sum ? *sum + freqs[i] : UINT32_MAX;
        }
        if (freqs == NULL || qi_cursor_pass(&cursor, i, &target))
            return;
    }
}

static void score_prefix(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    const prefix_iter *self = (const prefix_iter *)iter;
    for (uint32_t f = 0; f < self->count; f++) {
        const qi_prefix_field *field = &self->fields[f];
        for (uint32_t i = 0; i < field->count; i++)
            count_term(&field->lists[i], mask, scores);
        QI_WINDOW_EACH(mask, slot)
        if (scores->freqs[slot] != 0)
            qi_scores_add(scores, &field->source, mask->base, slot, (float)scores->freqs[slot]);
        memset(scores->freqs, 0, sizeof scores->freqs);
    }
    qi_scores_leaf(scores, iter, self->weight);
}

static void bound_prefix(qi_iter *iter, uint32_t base, float *out)
{
    const prefix_iter *self = (const prefix_iter *)iter;
    uint32_t words = (self->docs + 63) / 64;
    for (uint32_t w = 0; w < QI_WINDOW_RANGES; w++)
        out[w] = base / 64 + w < words && self->bitmap[base / 64 + w] != 0 ? self->weight : -1;
}

static const qi_iter_ops scored_ops = {peek_prefix, match_prefix, score_prefix,
                                       true,        bound_prefix, NULL};
static const qi_iter_ops plain_ops = {peek_prefix, match_prefix, NULL, true, bound_prefix, NULL};

qi_iter *qi_iter_prefix(qi_arena *memory, const qi_prefix *spec)
{
    prefix_iter *self = qi_arena_new(memory, 1, sizeof *self);
    if (self == NULL)
        return NULL;
    *self = (prefix_iter){{spec->weight > 0 ? &scored_ops : &plain_ops, spec->cost},
                          spec->bitmap,
                          spec->docs,
                          spec->count,
                          spec->fields,
                          spec->weight};
    return &self->base;
}
