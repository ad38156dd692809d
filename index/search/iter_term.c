/* SPDX-License-Identifier: MIT
 *
 * A word: in one list a field. A list fills the mask from its bitmap or its decoded blocks; where
 * the mask has few bits left, they are looked up instead. Matching and scoring walk with a cursor
 * each, for scoring comes later and sees only what is left; so neither ever steps back. */
#include "search/shape.h"

typedef qi_shape_field term_field;
typedef qi_shape_term term_iter;

static uint32_t peek_term(qi_iter *iter, uint32_t target)
{
    term_iter *self = (term_iter *)iter;
    uint32_t first = QI_END;
    for (uint32_t i = 0; i < self->count; i++) {
        uint32_t next = qi_postings_peek(self->fields[i].match.list, target);
        first = next < first ? next : first;
    }
    return first;
}

/* Add the list's documents of the window to `out`. */
static void fill(qi_cursor *cursor, uint32_t base, uint64_t *out)
{
    qi_postings *list = cursor->list;
    if (list->bitmap != NULL) {
        uint32_t words = (list->segment->doc_count + 63) / 64;
        for (uint32_t w = base / 64; w < words && w < base / 64 + QI_WINDOW_RANGES; w++)
            out[w - base / 64] |= qi_load64(list->bitmap + 8 * (size_t)w);
        return;
    }
    for (uint32_t target = base; qi_cursor_seek(cursor, target);) {
        uint32_t i = cursor->at;
        for (; i < list->count && list->docs[i] - base < QI_WINDOW; i++)
            out[(list->docs[i] - base) / 64] |= UINT64_C(1) << (list->docs[i] - base) % 64;
        if (qi_cursor_pass(cursor, i, &target))
            return;
    }
}

static bool has(qi_cursor *cursor, uint32_t doc)
{
    const uint8_t *bitmap = cursor->list->bitmap;
    return bitmap != NULL ? (bitmap[doc / 8] >> doc % 8 & 1) != 0 : qi_cursor_find(cursor, doc);
}

static void look_up(term_iter *self, qi_window *window)
{
    QI_WINDOW_EACH(window, slot)
    {
        bool found = false;
        for (uint32_t i = 0; i < self->count && !found; i++)
            found = has(&self->fields[i].match, window->base + slot);
        if (!found)
            window->bits[slot / 64] &= ~(UINT64_C(1) << slot % 64);
    }
}

static void match_term(qi_iter *iter, qi_window *window)
{
    term_iter *self = (term_iter *)iter;
    uint32_t docs = self->fields[0].source.segment->doc_count;
    if (self->fields[0].match.list->bitmap == NULL &&
        qi_cursor_prefers_look_up(qi_window_count(window), self->base.cost, docs)) {
        look_up(self, window);
        return;
    }
    uint64_t any[QI_WINDOW_RANGES] = {0};
    for (uint32_t i = 0; i < self->count; i++)
        fill(&self->fields[i].match, window->base, any);
    for (int w = 0; w < QI_WINDOW_RANGES; w++)
        window->bits[w] &= any[w];
}

/* Take a frequency into account: mixed with those of other fields, or, where there are none, scored
 * at once by the same operations. */
static inline void take(const term_iter *self, const term_field *field, qi_scores *scores,
                        uint32_t base, uint32_t slot, uint32_t tf)
{
    if (self->count != 1 || scores->trace != NULL || field->source.norms == NULL) {
        qi_scores_add(scores, &field->source, base, slot, (float)tf);
        return;
    }
    float x = (float)tf * field->source.table[field->source.norms[base + slot]];
    scores->sum[slot] += self->weight * qi_bm25_part(x, scores->k1);
}

/* Take one field, by its postings in the window. */
static void take_postings(const term_iter *self, term_field *field, const qi_window *mask,
                          qi_scores *scores)
{
    qi_postings *list = field->score.list;
    uint32_t base = mask->base;
    for (uint32_t target = base; qi_cursor_seek(&field->score, target);) {
        const uint32_t *freqs = qi_postings_freqs(list);
        uint32_t i = field->score.at;
        for (; freqs != NULL && i < list->count && list->docs[i] - base < QI_WINDOW; i++)
            if (qi_window_has(mask, list->docs[i] - base))
                take(self, field, scores, base, list->docs[i] - base, freqs[i]);
        if (freqs == NULL || qi_cursor_pass(&field->score, i, &target))
            return;
    }
}

/* Take one field, by the documents of the mask. */
static void take_documents(const term_iter *self, term_field *field, const qi_window *mask,
                           qi_scores *scores)
{
    QI_WINDOW_EACH(mask, slot)
    if (qi_cursor_find(&field->score, mask->base + slot))
        take(self, field, scores, mask->base, slot, qi_cursor_freq(&field->score));
}

static void score_term(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    term_iter *self = (term_iter *)iter;
    uint32_t wanted = qi_window_count(mask);
    for (uint32_t i = 0; i < self->count; i++)
        if (qi_cursor_prefers_look_up(wanted, self->fields[i].score.list->df,
                                      self->fields[i].source.segment->doc_count))
            take_documents(self, &self->fields[i], mask, scores);
        else
            take_postings(self, &self->fields[i], mask, scores);
    qi_scores_leaf(scores, iter, self->weight);
}

/* Bounds of x from the current block alone, for going on would lose the place: what lies past it
 * may be anywhere. */
static void bound_block(term_field *field, uint32_t base, float *out)
{
    qi_postings *list = field->match.list;
    float x = qi_bound_list(&field->source, list->max_part);
    uint32_t r = 0;
    for (uint32_t i = 0; i < QI_WINDOW_RANGES; i++)
        out[i] = -1;
    if (!qi_cursor_seek(&field->match, base))
        return;
    uint32_t i = field->match.at;
    for (; i < list->count && list->docs[i] - base < QI_WINDOW; i++)
        out[r = (list->docs[i] - base) / QI_RANGE] = x;
    if (i == list->count)
        for (; r < QI_WINDOW_RANGES; r++)
            out[r] = x;
}

static void bound_term(qi_iter *iter, uint32_t base, float *out)
{
    term_iter *self = (term_iter *)iter;
    float one[QI_WINDOW_RANGES];
    for (uint32_t i = 0; i < self->count; i++) {
        term_field *field = &self->fields[i];
        float *to = i == 0 ? out : one;
        if (field->match.list->ranges != NULL)
            qi_bound_ranges(&field->source, field->match.list, base, to);
        else
            bound_block(field, base, to);
        for (uint32_t r = 0; i != 0 && r < QI_WINDOW_RANGES; r++)
            out[r] = out[r] < 0 ? one[r] : one[r] < 0 ? out[r] : out[r] + one[r];
    }
    float k1 = self->fields[0].source.k1;
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
        out[r] = out[r] < 0 ? -1 : self->weight * qi_bm25_limit(out[r], k1);
}

static const uint32_t KTHS[QI_KTHS] = {10, 100, 1000};

/* The tf-part, in units of K-th values, that `count` documents of a list reach. */
static float kth_part(const qi_postings *list, uint32_t count)
{
    int k = 0;
    while (k < QI_KTHS && KTHS[k] < count)
        k++;
    return k < QI_KTHS ? list->kth[k] : 0;
}

/* The same between the K-th values, or not far behind the last one: by no more than the logarithm
 * of the count it falls. */
static float guess_part(const qi_postings *list, uint32_t count)
{
    int k = 0;
    while (k + 1 < QI_KTHS && KTHS[k + 1] <= count)
        k++;
    if (count <= KTHS[0] || list->df <= count)
        return kth_part(list, count);
    float part = list->kth[k];
    float fall = k + 1 < QI_KTHS ? part - list->kth[k + 1] : (float)list->kth[k - 1] - part;
    float share = ((float)count / (float)KTHS[k] - 1) / 2;
    part -= fall * share;
    return share < 1 && part > 0 ? part : kth_part(list, count);
}

static float reach_term(qi_iter *iter, uint32_t count, bool guess)
{
    term_iter *self = (term_iter *)iter;
    float best = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        const term_field *field = &self->fields[i];
        const qi_postings *list = field->match.list;
        if (field->source.bounds == NULL || field->source.norms == NULL)
            continue;
        float part = (guess ? guess_part(list, count) : kth_part(list, count)) / QI_KTH_PART;
        float x = qi_bm25_below(field->source.bounds, part);
        float score = self->weight * qi_bm25_part(x, field->source.k1) * 0.9998f;
        best = score > best ? score : best;
    }
    return best;
}

static const qi_iter_ops scored_ops = {peek_term, match_term, score_term,
                                       true,      bound_term, reach_term};
static const qi_iter_ops plain_ops = {peek_term, match_term, NULL, true, bound_term, NULL};

qi_iter *qi_iter_term(qi_arena *memory, uint32_t count, const qi_term_field *fields, float weight)
{
    term_iter *self = qi_arena_new(memory, 1, sizeof *self + count * sizeof self->fields[0]);
    if (self == NULL)
        return NULL;
    self->base.ops = weight > 0 ? &scored_ops : &plain_ops;
    self->count = count;
    self->weight = weight;
    for (uint32_t i = 0; i < count; i++) {
        self->fields[i].source = fields[i].source;
        self->fields[i].match.list = fields[i].match;
        self->fields[i].score.list = fields[i].score;
        self->base.cost += fields[i].match->df;
    }
    return &self->base;
}

qi_shape_term *qi_shape_as_term(qi_iter *iter)
{
    bool is = iter->ops == &scored_ops || iter->ops == &plain_ops;
    return is ? (qi_shape_term *)iter : NULL;
}
