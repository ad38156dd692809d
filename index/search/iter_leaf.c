/* SPDX-License-Identifier: MIT
 *
 * What leaves share, and the leaves that are nothing but a test of each document: every document,
 * and a range of a column. */
#include "search/bm25.h"
#include "search/iter.h"

void qi_scores_leaf(qi_scores *scores, const qi_iter *leaf, float weight)
{
    for (uint32_t w = 0; w < QI_WINDOW_RANGES; w++) {
        for (uint64_t left = scores->touched[w]; left != 0; left &= left - 1) {
            uint32_t slot = w * 64 + qi_ctz(left);
            float score = weight * qi_bm25_part(scores->x[slot], scores->k1);
            scores->sum[slot] += score;
            if (scores->trace != NULL)
                scores->trace->leaf(scores->trace, leaf, scores->x[slot], score);
        }
        scores->touched[w] = 0;
    }
}

typedef struct column_iter {
    qi_iter base;
    qi_column_range range;
} column_iter;

static uint32_t peek_all(qi_iter *iter, uint32_t target)
{
    return target < iter->cost ? target : QI_END;
}

static void match_all(qi_iter *iter, qi_window *window)
{
    (void)iter;
    (void)window;
}

static void match_column(qi_iter *iter, qi_window *window)
{
    const qi_column_range *range = &((column_iter *)iter)->range;
    QI_WINDOW_EACH(window, slot)
    {
        bool has = false;
        int64_t value = 0;
        quire_status status = qi_segment_column(range->segment, range->field, window->base + slot,
                                                &has, &value, range->err);
        if (status != QUIRE_OK)
            *range->status = status;
        if (status != QUIRE_OK || !has || value < range->low || value > range->high)
            window->bits[slot / 64] &= ~(UINT64_C(1) << slot % 64);
    }
}

static void match_norms(qi_iter *iter, qi_window *window)
{
    const uint8_t *norms = ((column_iter *)iter)->range.norms;
    QI_WINDOW_EACH(window, slot)
    if (norms[window->base + slot] == 0)
        window->bits[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

static const qi_iter_ops all_ops = {peek_all, match_all, NULL, true};
static const qi_iter_ops column_ops = {peek_all, match_column, NULL, true};
static const qi_iter_ops norms_ops = {peek_all, match_norms, NULL, true};

qi_iter *qi_iter_all(qi_arena *memory, uint32_t docs)
{
    qi_iter *self = qi_arena_new(memory, 1, sizeof *self);
    if (self != NULL)
        *self = (qi_iter){&all_ops, docs, true};
    return self;
}

qi_iter *qi_iter_column(qi_arena *memory, const qi_column_range *range)
{
    column_iter *self = qi_arena_new(memory, 1, sizeof *self);
    if (self == NULL)
        return NULL;
    *self = (column_iter){
        {range->norms != NULL ? &norms_ops : &column_ops, range->segment->doc_count, false},
        *range};
    return &self->base;
}
