/* SPDX-License-Identifier: MIT
 *
 * A phrase that is the whole query needs no windows: places of its rarest word, 256 at a time, are
 * confirmed by the others, and only then documents are found, counted and scored.
 *
 * When ranking, ranges of 64 documents in which one of the words is too rare for a document to be
 * among the best are passed over, if that saves blocks; ranges and word numbers meet in the table
 * of starts, which has a base for each range. */
#include "search/flat.h"

#include <math.h>
#include <string.h>

#include "search/phrase.h"

/* Ranges are passed over where the rarest word has so many places in each, on average, or another
 * one fills a block. */
enum { DENSE = 4, STRETCH = 64, POLL_FLUSHES = 16 };

typedef struct whole {
    qi_phrase_state *field;
    const qi_flat_spec *spec;
    float weight, slack, most; /* no document scores more */
    bool gaps;                 /* words do not follow each other: a match may leave its document */
    uint32_t doc, tf;          /* the last document that was found; it may go on */
    uint32_t docs[QI_BLOCK + 1], tfs[QI_BLOCK + 1];
    qi_flat_best *best; /* NULL: only counting */
    uint64_t count;
    /* What is left out. */
    bool bounded, dense;  /* are there bounds at all; are ranges passed over? */
    float asked;          /* the threshold that what follows was found for */
    uint32_t least;       /* the byte that the words' ranges have to have */
    uint32_t range, from; /* where the places to come lie; the stretch of ranges last looked at */
    uint64_t good;        /* of the stretch */
} whole;

static uint32_t drop_deleted(whole *self, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n && self->spec->deleted != NULL; i++) {
        self->docs[kept] = self->docs[i];
        self->tfs[kept] = self->tfs[i];
        kept += !qi_docset_has(self->spec->deleted, self->docs[i]);
    }
    return self->spec->deleted == NULL ? n : kept;
}

/* Count and rank the first `n` documents. */
static void take(whole *self, uint32_t n)
{
    float score[QI_BLOCK + 1];
    n = drop_deleted(self, n);
    self->count += n;
    if (self->best == NULL)
        return;
    for (uint32_t i = 0; i < n; i++) {
        float x = qi_flat_x(&self->field->source, self->docs[i], self->tfs[i]);
        score[i] = self->weight * qi_bm25_part(x, self->spec->k1);
    }
    for (uint32_t i = 0; i < n; i++)
        qi_flat_offer(self->best, score[i], self->docs[i]);
}

/* Leave out places from which the phrase would reach into the next document. */
static void drop_crossing(const whole *self, qi_phrase_starts *starts, uint32_t *docs)
{
    const qi_field_source *source = &self->field->source;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < starts->count; i++) {
        uint64_t last = (uint64_t)starts->items[i] + self->field->last_offset;
        docs[kept] = docs[i];
        kept += last < qi_words_start(source->segment, source->field, docs[i] + 1);
    }
    starts->count = kept;
}

/* Confirm the places gathered; tell of their documents, but for the last, which may go on. */
static void flush(whole *self)
{
    qi_phrase_starts *open = self->field->open;
    const qi_field_source *source = &self->field->source;
    uint32_t docs[QI_BLOCK], n = 0;
    qi_phrase_confirm(self->field, open);
    if (open->count != 0)
        qi_words_docs(source->segment, source->field, self->doc, open->items, open->count, docs);
    if (self->gaps)
        drop_crossing(self, open, docs);
    uint32_t doc = self->doc, tf = self->tf;
    for (uint32_t i = 0; i < open->count; i++) {
        self->docs[n] = doc;
        self->tfs[n] = tf;
        n += doc != docs[i] && tf != 0;
        tf = doc == docs[i] ? tf + 1 : 1;
        doc = docs[i];
    }
    self->doc = doc;
    self->tf = tf;
    open->count = 0;
    take(self, n);
}

static void finish(whole *self)
{
    flush(self);
    self->docs[0] = self->doc;
    self->tfs[0] = self->tf;
    take(self, self->tf != 0);
}

/* May a document of a range whose words have bytes from `byte` on be among the best? */
static bool reaches(const whole *self, uint32_t byte)
{
    float x = self->field->source.bounds->above[byte];
    return self->weight * qi_bm25_limit(x, self->spec->k1) * self->slack >= self->best->threshold;
}

/* Find the least byte that suffices. */
static void ask(whole *self)
{
    self->asked = self->best->threshold;
    uint32_t low = 1, high = UINT8_MAX;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (reaches(self, middle))
            high = middle;
        else
            low = middle + 1;
    }
    self->least = low;
}

/* Look at the stretch of ranges that `range` lies in. */
static void look(whole *self, uint32_t range)
{
    uint32_t ranges = (self->spec->segment->doc_count + QI_RANGE - 1) / QI_RANGE;
    uint32_t from = range / STRETCH * STRETCH, left = ranges - from;
    uint32_t count = left < STRETCH ? left : STRETCH;
    uint8_t least[STRETCH];
    memset(least, UINT8_MAX, sizeof least);
    for (uint32_t w = 0; w < self->field->count; w++) {
        const uint8_t *bytes = self->field->cursors[w].list->ranges;
        for (uint32_t r = 0; r < count && bytes != NULL; r++)
            least[r] = bytes[from + r] < least[r] ? bytes[from + r] : least[r];
    }
    if (self->asked != self->best->threshold)
        ask(self);
    self->from = from;
    self->good = 0;
    bool skipped = false;
    for (uint32_t r = 0; r < count; r++) {
        self->good |= (uint64_t)(least[r] >= self->least) << r;
        skipped = skipped || (least[r] != 0 && least[r] < self->least);
    }
    self->best->skipped = self->best->skipped || skipped;
}

/* Is the threshold above what any document scores? */
static bool is_hopeless(whole *self)
{
    if (!self->bounded || self->most * self->slack >= self->best->threshold)
        return false;
    self->best->skipped = true;
    return true;
}

/* The first word number from `word` on of a range that is not passed over; where such ranges end,
 * in *end. UINT32_MAX: there is none. */
static uint32_t next_word(whole *self, uint32_t word, uint32_t *end)
{
    const qi_field_source *source = &self->field->source;
    const qi_segment *segment = source->segment;
    uint32_t ranges = (segment->doc_count + QI_RANGE - 1) / QI_RANGE;
    uint32_t range = qi_words_range(segment, source->field, self->range, word), first = range;
    for (;; range = self->from + STRETCH) {
        if (range >= ranges)
            return UINT32_MAX;
        if (self->from != range / STRETCH * STRETCH)
            look(self, range);
        uint64_t left = self->good & ~UINT64_C(0) << range % STRETCH;
        if (left == 0)
            continue;
        range = self->from + qi_ctz(left);
        uint64_t gap = ~self->good & ~UINT64_C(0) << range % STRETCH;
        uint32_t after = gap == 0 ? self->from + STRETCH : self->from + qi_ctz(gap);
        self->range = range;
        *end = qi_words_start(segment, source->field, after * QI_RANGE);
        return range == first ? word : qi_words_start(segment, source->field, range * QI_RANGE);
    }
}

/* Gather places of the lead from word number *word on, which moves on. False at the end. */
static bool gather(whole *self, qi_cursor *lead, uint32_t *word)
{
    qi_phrase_state *field = self->field;
    qi_phrase_starts *starts = field->open;
    uint32_t offset = field->words[field->ordered[0]].position, words = field->source.field->words;
    uint32_t all = words > offset ? words - offset : 0, end = all; /* where it may start */
    if (self->dense && self->best->threshold > 0)
        *word = next_word(self, *word, &end);
    if (*word >= all || !qi_cursor_seek_word(lead, *word + offset))
        return false;
    uint32_t limit = end < all ? end + offset : words, at = qi_cursor_word(lead);
    if (at < limit)
        qi_phrase_append(starts, lead, offset, limit);
    *word = at < limit ? starts->items[starts->count - 1] + 1 : at - offset;
    return true;
}

static quire_status go_through(whole *self)
{
    qi_phrase_state *field = self->field;
    qi_cursor *lead = &field->cursors[field->ordered[0]];
    for (uint32_t word = 0, flushes = 0; gather(self, lead, &word);) {
        if (field->open->count != QI_BLOCK)
            continue;
        flush(self);
        if (is_hopeless(self))
            break;
        if (++flushes % POLL_FLUSHES == 0)
            QI_TRY(qi_poll_ask(self->spec->poll, self->spec->err));
    }
    finish(self);
    return QUIRE_OK;
}

static bool has_gaps(const qi_phrase_state *field)
{
    bool gaps = false;
    for (uint32_t w = 0; w < field->count; w++)
        gaps = gaps || field->words[w].position != w;
    return gaps;
}

/* What bounds say of all documents, and whether they say something of ranges. */
static void bound_all(whole *self)
{
    const qi_phrase_state *field = self->field;
    uint64_t rarest = field->cursors[field->ordered[0]].list->cf;
    uint64_t other = field->cursors[field->ordered[field->count - 1]].list->cf;
    uint32_t all = field->source.segment->doc_count / QI_RANGE;
    const qi_field_source *source = &self->field->source;
    float x = INFINITY;
    bool ranges = false;
    for (uint32_t w = 0; w < self->field->count; w++) {
        const qi_postings *list = self->field->cursors[w].list;
        float most = qi_bound_list(source, list->max_part);
        x = most < x ? most : x;
        ranges = ranges || list->ranges != NULL;
    }
    self->bounded = true;
    self->dense = ranges && (rarest / DENSE >= all || other / QI_BLOCK >= all);
    self->most = self->weight * qi_bm25_limit(x, self->spec->k1);
}

quire_status qi_flat_phrase(qi_shape_phrase phrase, const qi_flat_spec *spec, qi_flat_best *best,
                            uint64_t *total)
{
    whole self = {.field = phrase.state, .spec = spec, .best = best, .from = UINT32_MAX};
    self.weight = phrase.weight;
    self.slack = 1 + 65.0f / (1 << 19);
    self.gaps = has_gaps(phrase.state);
    if (best != NULL && total == NULL && phrase.state->source.bounds != NULL)
        bound_all(&self);
    quire_status status = go_through(&self);
    if (total != NULL)
        *total += self.count;
    if (best != NULL)
        best->seen += self.count;
    return status;
}
