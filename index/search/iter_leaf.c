/* SPDX-License-Identifier: MIT
 *
 * What leaves share, and the leaves that are nothing but a test of each document: every document,
 * and a range of a column. */
#include "search/iter.h"

#include <math.h>

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

float qi_bound_list(const qi_field_source *source, float max_part)
{
    if (source->norms == NULL && source->table != NULL)
        return source->table[0]; /* a keyword, once */
    return source->bounds == NULL ? INFINITY : qi_bm25_above(source->bounds, max_part);
}

void qi_bound_ranges(const qi_field_source *source, const qi_postings *list, uint32_t base,
                     float *out)
{
    uint32_t count = (source->segment->doc_count + QI_RANGE - 1) / QI_RANGE;
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++) {
        uint8_t byte = base / QI_RANGE + r < count ? list->ranges[base / QI_RANGE + r] : 0;
        out[r] = byte == 0 ? -1 : source->bounds != NULL ? source->bounds->above[byte] : INFINITY;
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

static const qi_iter_ops all_ops = {peek_all, match_all, NULL, true, NULL, NULL};
static const qi_iter_ops column_ops = {peek_all, match_column, NULL, true, NULL, NULL};
static const qi_iter_ops norms_ops = {peek_all, match_norms, NULL, true, NULL, NULL};

qi_iter *qi_iter_all(qi_arena *memory, uint32_t docs)
{
    qi_iter *self = qi_arena_new(memory, 1, sizeof *self);
    if (self != NULL)
        *self = (qi_iter){&all_ops, docs};
    return self;
}

qi_iter *qi_iter_column(qi_arena *memory, const qi_column_range *range)
{
    column_iter *self = qi_arena_new(memory, 1, sizeof *self);
    if (self == NULL)
        return NULL;
    *self = (column_iter){
        {range->norms != NULL ? &norms_ops : &column_ops, range->segment->doc_count}, *range};
    return &self->base;
}
