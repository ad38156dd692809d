/* SPDX-License-Identifier: MIT
 *
 * A phrase as an iterator. Its matches in a window are found by search/phrase_exact.c or
 * phrase_near.c, one span of documents after another: ranges that still have a bit in the mask, or
 * single documents where few are left. How often the phrase stands in each of them is kept for
 * scoring. A phrase that is the whole query looks ahead for its next match, so that no window is
 * begun for nothing. */
#include <math.h>
#include <string.h>

#include "search/phrase.h"
#include "search/shape.h"

typedef struct phrase_iter {
    qi_iter base;
    qi_phrase spec;
    qi_arena *memory;
    qi_phrase_state *fields;
} phrase_iter;

static uint32_t peek_field(const qi_phrase_state *field, uint32_t target)
{
    for (uint32_t i = 0; i < field->count && target < QI_END; i++)
        target = qi_postings_peek(field->cursors[field->ordered[i]].list, target);
    return target;
}

static uint32_t peek_phrase(qi_iter *iter, uint32_t target)
{
    phrase_iter *self = (phrase_iter *)iter;
    uint32_t first = QI_END;
    for (uint32_t f = 0; f < self->spec.count; f++) {
        qi_phrase_state *field = &self->fields[f];
        uint32_t next = self->spec.alone && self->spec.slop == 0 ? qi_phrase_next(field, target)
                                                                 : peek_field(field, target);
        first = next < first ? next : first;
    }
    return first;
}

bool qi_phrase_stopped(const qi_phrase *spec)
{
    if (*spec->status == QUIRE_OK)
        *spec->status = qi_poll_ask(spec->poll, spec->err);
    return *spec->status != QUIRE_OK;
}

void qi_phrase_record(const qi_phrase_sink *to, uint32_t doc, float tf)
{
    qi_phrase_state *field = to->field;
    uint32_t slot = doc - to->window->base;
    to->found[slot / 64] |= UINT64_C(1) << slot % 64;
    if (field->hits == NULL)
        return;
    if (field->hit_count != 0 && field->hits[field->hit_count - 1].slot == slot)
        field->hits[field->hit_count - 1].tf += tf;
    else
        field->hits[field->hit_count++] = (qi_phrase_hit){slot, tf};
}

/* The documents of a window that are searched in one go: from `doc` on, up to *end. False if there
 * are none any more. */
static bool next_span(const qi_window *window, bool few, uint32_t *doc, uint32_t *end)
{
    uint32_t slot = *doc - window->base, r = slot / 64;
    if (few) {
        uint64_t left = slot < QI_WINDOW ? window->bits[r] & ~UINT64_C(0) << slot % 64 : 0;
        while (left == 0 && ++r < QI_WINDOW_RANGES)
            left = window->bits[r];
        *doc = window->base + r * 64 + (left == 0 ? 0 : qi_ctz(left));
        *end = *doc + 1;
        return left != 0;
    }
    while (r < QI_WINDOW_RANGES && window->bits[r] == 0)
        r++;
    *doc = window->base + r * 64;
    while (r < QI_WINDOW_RANGES && window->bits[r] != 0)
        r++;
    *end = window->base + r * 64;
    return *end > *doc;
}

static void match_field(phrase_iter *self, qi_phrase_state *field, const qi_window *window,
                        uint64_t *found)
{
    qi_phrase_sink to = {field, window, found, window->base, &self->spec, self->memory};
    uint64_t lead = field->cursors[field->ordered[0]].list->cf;
    uint32_t docs = field->source.segment->doc_count, doc = window->base, end;
    bool few = qi_cursor_prefers_look_up(qi_window_count(window), lead, docs);
    bool exact = self->spec.slop == 0;
    field->hit_count = 0;
    field->hit_base = window->base;
    if (exact)
        qi_phrase_begin(&to);
    for (; next_span(window, few, &doc, &end); doc = end)
        if (exact)
            qi_phrase_exact(&to, doc, end);
        else
            qi_phrase_near(&to, doc, end);
    if (exact)
        qi_phrase_flush(&to);
}

static void match_phrase(qi_iter *iter, qi_window *window)
{
    phrase_iter *self = (phrase_iter *)iter;
    uint64_t found[QI_WINDOW_RANGES] = {0};
    for (uint32_t f = 0; f < self->spec.count && !qi_phrase_stopped(&self->spec); f++)
        match_field(self, &self->fields[f], window, found);
    for (int w = 0; w < QI_WINDOW_RANGES; w++)
        window->bits[w] &= found[w];
}

static void score_phrase(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    phrase_iter *self = (phrase_iter *)iter;
    for (uint32_t f = 0; f < self->spec.count; f++) {
        const qi_phrase_state *field = &self->fields[f];
        bool mixes = self->spec.count != 1 || scores->trace != NULL || field->source.norms == NULL;
        for (uint32_t i = 0; field->hit_base == mask->base && i < field->hit_count; i++) {
            qi_phrase_hit hit = field->hits[i];
            if (!qi_window_has(mask, hit.slot))
                continue;
            if (mixes) {
                qi_scores_add(scores, &field->source, mask->base, hit.slot, hit.tf);
                continue;
            }
            float x = hit.tf * field->source.table[field->source.norms[mask->base + hit.slot]];
            scores->sum[hit.slot] += self->spec.weight * qi_bm25_part(x, scores->k1);
        }
    }
    qi_scores_leaf(scores, iter, self->spec.weight);
}

/* Lower `least` to what a list's ranges, if it has any, say of those of a window; to 0 alone, where
 * it has nothing, if its frequency does not count. */
static void lower(const qi_postings *list, uint32_t base, bool counts, uint8_t *least)
{
    uint32_t docs = list->segment->doc_count, left = (docs - base + QI_RANGE - 1) / QI_RANGE;
    if (list->ranges == NULL)
        return;
    const uint8_t *ranges = list->ranges + base / QI_RANGE;
    for (uint32_t r = 0; r < QI_WINDOW_RANGES && r < left; r++) {
        uint8_t byte = counts || ranges[r] == 0 ? ranges[r] : UINT8_MAX;
        least[r] = byte < least[r] ? byte : least[r];
    }
}

/* Bounds of x in one field: no phrase is more frequent than any of its words; one with slop, than
 * its first word. */
static void bound_field(const qi_phrase_state *field, bool slop, uint32_t base, float *out)
{
    const qi_bm25_bounds *bounds = field->source.bounds;
    uint8_t least[QI_WINDOW_RANGES];
    float most = INFINITY;
    bool known = false; /* does any byte of a range say how frequent the phrase may be? */
    memset(least, UINT8_MAX, sizeof least);
    for (uint32_t w = 0; w < field->count; w++) {
        const qi_postings *list = field->cursors[w].list;
        bool counts = w == 0 || !slop;
        float x = counts ? qi_bound_list(&field->source, list->max_part) : INFINITY;
        most = x < most ? x : most;
        lower(list, base, counts, least);
        known = known || (counts && list->ranges != NULL);
    }
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++) {
        float x = known && bounds != NULL ? bounds->above[least[r]] : INFINITY;
        out[r] = least[r] == 0 ? -1 : x < most ? x : most;
    }
}

static void bound_phrase(qi_iter *iter, uint32_t base, float *out)
{
    phrase_iter *self = (phrase_iter *)iter;
    float one[QI_WINDOW_RANGES];
    bound_field(&self->fields[0], self->spec.slop != 0, base, out);
    for (uint32_t f = 1; f < self->spec.count; f++) {
        bound_field(&self->fields[f], self->spec.slop != 0, base, one);
        for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
            out[r] = out[r] < 0 ? one[r] : one[r] < 0 ? out[r] : out[r] + one[r];
    }
    float k1 = self->fields[0].source.k1;
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
        out[r] = out[r] < 0 ? -1 : self->spec.weight * qi_bm25_limit(out[r], k1);
}

static const qi_iter_ops scored_ops = {peek_phrase, match_phrase, score_phrase,
                                       true,        bound_phrase, NULL};
static const qi_iter_ops plain_ops = {peek_phrase, match_phrase, NULL, true, bound_phrase, NULL};

static void order(qi_phrase_state *field)
{
    for (uint32_t i = 0; i < field->count; i++) {
        uint32_t at = i;
        for (;
             at > 0 && field->cursors[field->ordered[at - 1]].list->cf > field->cursors[i].list->cf;
             at--)
            field->ordered[at] = field->ordered[at - 1];
        field->ordered[at] = i;
    }
}

static bool make_exact(qi_arena *memory, qi_phrase_state *out)
{
    out->ahead = qi_arena_room(memory, 1, sizeof *out->ahead);
    out->open = qi_arena_room(memory, 1, sizeof *out->open);
    out->filled = qi_arena_new(memory, out->count, sizeof *out->filled);
    if (out->ahead == NULL || out->open == NULL || out->filled == NULL)
        return false;
    out->ahead->at = out->ahead->count = out->open->count = 0;
    return true;
}

static bool make_near(qi_arena *memory, qi_phrase_state *out)
{
    out->places = qi_arena_new(memory, out->count, sizeof *out->places);
    out->slop_words = qi_arena_new(memory, out->count, sizeof *out->slop_words);
    if (out->places == NULL || out->slop_words == NULL)
        return false;
    qi_slop_relate(out->slop_words, out->words, out->count);
    return true;
}

static bool make_field(qi_arena *memory, const qi_phrase *spec, uint32_t f, qi_phrase_state *out)
{
    const qi_phrase_field *from = &spec->fields[f];
    out->source = from->source;
    out->count = from->count;
    out->words = from->words;
    out->last_offset = from->words[from->count - 1].position;
    out->cursors = qi_arena_new(memory, from->count, sizeof *out->cursors);
    out->ordered = qi_arena_new(memory, from->count, sizeof *out->ordered);
    if (out->cursors == NULL || out->ordered == NULL)
        return false;
    for (uint32_t i = 0; i < from->count; i++)
        out->cursors[i].list = &from->lists[i];
    order(out);
    if (!(spec->slop == 0 ? make_exact(memory, out) : make_near(memory, out)))
        return false;
    uint64_t room = from->lists[out->ordered[0]].cf;
    if (spec->weight > 0)
        out->hits =
            qi_arena_room(memory, room < QI_WINDOW ? (size_t)room : QI_WINDOW, sizeof *out->hits);
    return spec->weight <= 0 || out->hits != NULL;
}

qi_iter *qi_iter_phrase(qi_arena *memory, const qi_phrase *spec)
{
    phrase_iter *self = qi_arena_new(memory, 1, sizeof *self);
    qi_phrase_state *fields = qi_arena_new(memory, spec->count, sizeof *fields);
    if (self == NULL || fields == NULL)
        return NULL;
    self->base.ops = spec->weight > 0 ? &scored_ops : &plain_ops;
    self->spec = *spec;
    self->memory = memory;
    self->fields = fields;
    for (uint32_t f = 0; f < spec->count; f++) {
        if (!make_field(memory, spec, f, &fields[f]))
            return NULL;
        self->base.cost += spec->fields[f].lists[fields[f].ordered[0]].cf;
    }
    return &self->base;
}

qi_shape_phrase qi_shape_as_phrase(qi_iter *iter)
{
    phrase_iter *self = (phrase_iter *)iter;
    bool is = iter->ops == &scored_ops || iter->ops == &plain_ops;
    if (!is || self->spec.slop != 0 || self->spec.count != 1 ||
        (self->spec.weight > 0 && self->fields[0].source.norms == NULL))
        return (qi_shape_phrase){NULL, 0};
    return (qi_shape_phrase){&self->fields[0], self->spec.weight};
}
