/* SPDX-License-Identifier: MIT
 *
 * A phrase is an AND over word numbers. The rarest word leads; where it stands, the phrase would
 * start at its number minus its offset, and every other word must stand at that start plus its own.
 * A word that does not says where the next start can be, so the lead leaps. Documents are found
 * from word numbers afterwards, for hits only; a hit must end in the document it starts in, for a
 * gap of the phrase could span the hole between documents. Where the mask has few documents left,
 * only their word numbers are looked at. With slop, whole documents that have all words are judged
 * by search/slop.h. */
#include "search/iter.h"

#include <math.h>

#include "search/cursor.h"
#include "search/memory.h"
#include "search/slop.h"
#include "segment/words.h"

typedef struct hit {
    uint32_t slot; /* of the window */
    float tf;
} hit;

typedef struct places {
    uint32_t *at;
    uint32_t count, room;
} places;

typedef struct phrase_field {
    qi_field_source source;
    uint32_t count;
    const qi_word *words;
    qi_cursor *cursors; /* one a word */
    uint32_t *ordered;  /* words, rarest first */
    uint32_t last_offset;
    places *places; /* slop: of each word, in the current document */
    qi_slop_word *slop_words;
    hit *hits; /* of the window at hit_base; NULL: never scores */
    uint32_t hit_count, hit_base;
} phrase_field;

typedef struct phrase_iter {
    qi_iter base;
    qi_phrase spec;
    qi_arena *memory;
    phrase_field *fields;
} phrase_iter;

/* Where hits of a window go. */
typedef struct sink {
    phrase_iter *self;
    phrase_field *field;
    const qi_window *window;
    uint64_t *found;
} sink;

static uint32_t peek_phrase(qi_iter *iter, uint32_t target)
{
    phrase_iter *self = (phrase_iter *)iter;
    uint32_t first = QI_END;
    for (uint32_t f = 0; f < self->spec.count; f++) {
        const phrase_field *field = &self->fields[f];
        uint32_t next = target;
        for (uint32_t i = 0; i < field->count && next < QI_END; i++)
            next = qi_postings_peek(field->cursors[field->ordered[i]].list, next);
        first = next < first ? next : first;
    }
    return first;
}

static void record(const sink *to, uint32_t doc, float tf)
{
    phrase_field *field = to->field;
    uint32_t slot = doc - to->window->base;
    to->found[slot / 64] |= UINT64_C(1) << slot % 64;
    if (field->hits == NULL)
        return;
    if (field->hit_count != 0 && field->hits[field->hit_count - 1].slot == slot)
        field->hits[field->hit_count - 1].tf += tf;
    else
        field->hits[field->hit_count++] = (hit){slot, tf};
}

/* The first start >= `start` that no word rules out; UINT64_MAX at the end of a list. The phrase
 * stands there if it is `start` itself. */
static uint64_t agree(phrase_field *field, uint64_t start)
{
    for (uint32_t i = 1; i < field->count; i++) {
        uint32_t w = field->ordered[i];
        uint64_t target = start + field->words[w].position;
        if (target > UINT32_MAX || !qi_cursor_seek_word(&field->cursors[w], (uint32_t)target))
            return UINT64_MAX;
        if (qi_cursor_word(&field->cursors[w]) != target)
            return qi_cursor_word(&field->cursors[w]) - field->words[w].position;
    }
    return start;
}

/* Is document `doc` one that is looked for, and does the phrase that starts at `start` end in it?
 */
static bool wanted(const sink *to, uint32_t doc, uint64_t start)
{
    const qi_field_source *source = &to->field->source;
    return doc - to->window->base < QI_WINDOW &&
           qi_window_has(to->window, doc - to->window->base) &&
           start + to->field->last_offset < qi_words_start(source->segment, source->field, doc + 1);
}

/* Find the phrase among word numbers from that of document `doc` to `end`. */
static void scan(const sink *to, uint32_t doc, uint32_t end)
{
    phrase_field *field = to->field;
    const qi_field_source *source = &field->source;
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    uint32_t offset = field->words[field->ordered[0]].position;
    uint64_t start = qi_words_start(source->segment, source->field, doc);
    while (start + offset < end && qi_cursor_seek_word(lead, (uint32_t)(start + offset)) &&
           qi_cursor_word(lead) < end) {
        start = qi_cursor_word(lead) - offset;
        uint64_t next = agree(field, start);
        if (next == start) {
            doc = qi_words_doc(source->segment, source->field, doc, (uint32_t)start);
            if (doc >= source->segment->doc_count)
                return;
            if (wanted(to, doc, start))
                record(to, doc, 1);
            next = start + 1;
        }
        start = next;
        if (next == UINT64_MAX)
            return;
    }
}

static bool push_place(phrase_iter *self, places *list, uint32_t place)
{
    if (list->count == list->room) {
        uint32_t room = list->room < 32 ? 64 : list->room * 2;
        uint32_t *at = qi_arena_new(self->memory, room, sizeof *at);
        if (at == NULL) {
            *self->spec.status = qi_memory_full(self->memory, self->spec.err);
            return false;
        }
        for (uint32_t i = 0; i < list->count; i++)
            at[i] = list->at[i];
        list->at = at;
        list->room = room;
    }
    list->at[list->count++] = place;
    return true;
}

/* Gather where each word stands in a document, the rarest first. False if one does not. */
static bool gather(const sink *to, uint32_t doc)
{
    phrase_field *field = to->field;
    const qi_field_source *source = &field->source;
    uint32_t begin = qi_words_start(source->segment, source->field, doc);
    uint32_t end = qi_words_start(source->segment, source->field, doc + 1);
    for (uint32_t i = 0; i < field->count; i++) {
        uint32_t w = field->ordered[i];
        uint32_t target = begin;
        field->places[w].count = 0;
        while (target < end && qi_cursor_seek_word(&field->cursors[w], target) &&
               qi_cursor_word(&field->cursors[w]) < end) {
            target = qi_cursor_word(&field->cursors[w]) + 1;
            if (!push_place(to->self, &field->places[w], target - 1))
                return false;
        }
        if (field->places[w].count == 0)
            return false;
    }
    return true;
}

static void judge(const sink *to, uint32_t doc)
{
    phrase_field *field = to->field;
    if (!gather(to, doc))
        return;
    for (uint32_t w = 0; w < field->count; w++) {
        field->slop_words[w].at = field->places[w].at;
        field->slop_words[w].count = field->places[w].count;
    }
    float tf = 0;
    for (uint32_t i = 0; i < field->places[0].count; i++) {
        uint32_t width =
            qi_slop_width(field->slop_words, field->count, to->self->spec.slop, i, NULL);
        if (width != QI_SLOP_NONE)
            tf += 1 / (1 + (float)width);
    }
    if (tf > 0)
        record(to, doc, tf);
}

/* With slop: judge each wanted document that the lead stands in, up to word number `end`. */
static void scan_documents(const sink *to, uint32_t doc, uint32_t end)
{
    phrase_field *field = to->field;
    const qi_field_source *source = &field->source;
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    uint32_t target = qi_words_start(source->segment, source->field, doc);
    while (target < end && qi_cursor_seek_word(lead, target) && qi_cursor_word(lead) < end) {
        doc = qi_words_doc(source->segment, source->field, doc, qi_cursor_word(lead));
        if (doc - to->window->base >= QI_WINDOW)
            return;
        if (qi_window_has(to->window, doc - to->window->base))
            judge(to, doc);
        target = qi_words_start(source->segment, source->field, doc + 1);
    }
}

static void match_field(phrase_iter *self, phrase_field *field, const qi_window *window,
                        uint64_t *found)
{
    const qi_field_source *source = &field->source;
    sink to = {self, field, window, found};
    void (*run)(const sink *, uint32_t, uint32_t) = self->spec.slop != 0 ? scan_documents : scan;
    uint64_t lead = field->cursors[field->ordered[0]].list->cf;
    field->hit_count = 0;
    field->hit_base = window->base;
    if (!qi_cursor_prefers_look_up(qi_window_count(window), lead, source->segment->doc_count)) {
        run(&to, window->base,
            qi_words_start(source->segment, source->field, window->base + QI_WINDOW));
        return;
    }
    QI_WINDOW_EACH(window, slot)
    run(&to, window->base + slot,
        qi_words_start(source->segment, source->field, window->base + slot + 1));
}

static void match_phrase(qi_iter *iter, qi_window *window)
{
    phrase_iter *self = (phrase_iter *)iter;
    uint64_t found[QI_WINDOW_RANGES] = {0};
    for (uint32_t f = 0; f < self->spec.count; f++)
        match_field(self, &self->fields[f], window, found);
    for (int w = 0; w < QI_WINDOW_RANGES; w++)
        window->bits[w] &= found[w];
}

static void score_phrase(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    phrase_iter *self = (phrase_iter *)iter;
    for (uint32_t f = 0; f < self->spec.count; f++) {
        const phrase_field *field = &self->fields[f];
        for (uint32_t i = 0; field->hit_base == mask->base && i < field->hit_count; i++)
            if (qi_window_has(mask, field->hits[i].slot))
                qi_scores_add(scores, &field->source, mask->base, field->hits[i].slot,
                              field->hits[i].tf);
    }
    qi_scores_leaf(scores, iter, self->spec.weight);
}

/* Bounds of x in one field: no phrase is more frequent than any of its words; one with slop, than
 * its first word. */
static void bound_field(const phrase_field *field, bool slop, uint32_t base, float *out)
{
    float one[QI_WINDOW_RANGES];
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
        out[r] = INFINITY;
    for (uint32_t w = 0; w < field->count; w++) {
        const qi_postings *list = field->cursors[w].list;
        float x = qi_bound_list(&field->source, list->max_part);
        bool counts = w == 0 || !slop;
        if (list->ranges != NULL)
            qi_bound_ranges(&field->source, list, base, one);
        for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++) {
            float bound = list->ranges != NULL ? one[r] : x;
            if (bound < 0 || (counts && bound < out[r]))
                out[r] = bound;
        }
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

static void order(phrase_field *field)
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

static bool make_field(qi_arena *memory, const qi_phrase *spec, uint32_t f, phrase_field *out)
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
    if (spec->slop != 0) {
        out->places = qi_arena_new(memory, from->count, sizeof *out->places);
        out->slop_words = qi_arena_new(memory, from->count, sizeof *out->slop_words);
        if (out->places == NULL || out->slop_words == NULL)
            return false;
        qi_slop_relate(out->slop_words, out->words, out->count);
    }
    uint64_t room = from->lists[out->ordered[0]].cf;
    if (spec->weight > 0)
        out->hits =
            qi_arena_new(memory, room < QI_WINDOW ? (size_t)room : QI_WINDOW, sizeof *out->hits);
    return spec->weight <= 0 || out->hits != NULL;
}

qi_iter *qi_iter_phrase(qi_arena *memory, const qi_phrase *spec)
{
    phrase_iter *self = qi_arena_new(memory, 1, sizeof *self);
    phrase_field *fields = qi_arena_new(memory, spec->count, sizeof *fields);
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
