/* SPDX-License-Identifier: MIT
 *
 * Ranking by one word: block by block of its list. What a block says of its documents is more exact
 * than the bytes of their ranges, which are rounded, so blocks are passed over first, then ranges
 * of what is left; then those documents that are too long for their frequency, many at once, and
 * few need a score. */
#include <string.h>

#include "codec/bitmap.h"
#include "codec/sift.h"
#include "search/flat_window.h"

enum {
    BETWEEN_POLLS = 16, /* blocks */
    FEW = 24,           /* documents that are weighed one by one */
    SHIFT = 16          /* at most */
};

/* Limits are set anew where the threshold has risen by more. */
static const float NEARLY = 1.02F;

/* Documents of the block that are left, and their places in it. */
typedef struct left {
    uint32_t count;
    uint32_t docs[QI_BLOCK];
    uint8_t at[QI_BLOCK];
} left;

/* A range of a bitmap: its documents in the block, and the place of the first one. */
typedef struct piece {
    uint64_t word;
    uint32_t range, at;
} piece;

typedef struct sole {
    const qi_flat *flat;
    const qi_field_source *source;
    qi_postings *from;
    qi_flat_best *best;
    float least;                    /* no smaller normalised frequency reaches the threshold */
    float set;                      /* `least` when limits were set; negative before */
    uint32_t shift;                 /* of frequencies, so that most are below the first 16 limits */
    uint8_t limits[QI_SIFT_LIMITS]; /* the largest norm codes that reach it */
    left in;
} sole;

bool qi_flat_is_sole(const qi_flat *flat)
{
    const qi_flat_leaf *leaf = &flat->leaves[0];
    return flat->count == 1 && leaf->count == 1 && leaf->phrase == NULL && leaf->weight > 0 &&
           leaf->role != QI_FLAT_PROHIBITED && qi_flat_cursor(&leaf->lists[0])->list != NULL;
}

/* The first document from `target` on of a block that can reach the threshold. */
static uint32_t next_target(const qi_flat *flat, const qi_postings *from, uint32_t target,
                            qi_flat_best *best)
{
    const qi_flat_leaf *leaf = &flat->leaves[0];
    float need = best->threshold / flat->slack;
    if (need <= 0 || leaf->lists[0].source->bounds == NULL)
        return target;
    float part = need > leaf->weight ? 2 : need / (leaf->lists[0].per_byte * QI_PART);
    uint32_t next = qi_postings_peek_part(from, target, part);
    best->skipped = best->skipped || next != target;
    return next;
}

/* Ranges with a smaller byte do not reach the threshold. */
static uint8_t least_byte(const qi_flat *flat, float threshold)
{
    float units = threshold / flat->slack / flat->leaves[0].lists[0].per_byte;
    return units < QI_PART ? (uint8_t)units : QI_PART;
}

/* No document with a smaller normalised frequency reaches the threshold. */
static float least_x(const qi_flat *flat, float threshold)
{
    double part = (double)threshold / flat->leaves[0].weight * (1 - 4e-6);
    return part < 1 ? (float)(flat->k1 * part / (1 - part) * (1 - 1e-6)) : 0;
}

/* Set limits. `least` never falls, and longer documents are worth less. */
static void set_limits(sole *self)
{
    const float *table = self->source->table;
    bool first = self->set < 0;
    if (self->set >= 0 && self->least < self->set * NEARLY)
        return;
    for (uint32_t i = 0; i < QI_SIFT_LIMITS; i++) {
        uint32_t code = 0, next = i < QI_SIFT_STEP ? i + 1 : (i + 1 - QI_SIFT_STEP) * QI_SIFT_STEP;
        float tf = (float)((next << self->shift) - 1); /* the largest frequency of this limit */
        for (uint32_t step = first ? 128 : 0; step != 0; step /= 2)
            code += tf * table[code + step] >= self->least ? step : 0;
        code = first ? code : self->limits[i];
        while (code > 0 && tf * table[code] < self->least)
            code--;
        self->limits[i] = (uint8_t)code;
    }
    self->limits[0] = self->limits[QI_SIFT_LIMITS - 1] = UINT8_MAX;
    self->set = self->least;
}

/* Do frequencies say at once which of `count` documents of the block reach the threshold? */
static bool can_sift(sole *self, uint32_t count)
{
    qi_postings_prepare(self->from, count);
    if (self->source->norms == NULL || !self->from->freqs_loaded || count <= FEW)
        return false;
    set_limits(self);
    return true;
}

/* The bits of a span in range r. */
static uint64_t bits_of(const qi_postings *from, const qi_postings_span *span, uint32_t r)
{
    uint64_t word = qi_load64(from->bitmap + 8 * (size_t)r);
    if (r == span->first / QI_RANGE)
        word &= ~UINT64_C(0) << span->first % QI_RANGE;
    if (r == span->last / QI_RANGE)
        word &= ~UINT64_C(0) >> (QI_RANGE - 1 - span->last % QI_RANGE);
    return word;
}

/* Ranges of a block of a bitmap that can reach the threshold, and how many they are. */
static uint32_t cut(qi_postings *from, const qi_postings_span *span, uint8_t least,
                    piece pieces[QI_BLOCK])
{
    uint32_t before = 0, taken = 0;
    for (uint32_t r = span->first / QI_RANGE; r <= span->last / QI_RANGE; r++) {
        uint64_t word = bits_of(from, span, r);
        uint32_t at = before;
        before += qi_popcount(word);
        if (before > span->count) {
            qi_postings_fail(from, from->bitmap, "L-5: a block of documents is damaged");
            return 0;
        }
        if (word != 0 && (from->ranges == NULL || from->ranges[r] >= least))
            pieces[taken++] = (piece){word, r, at};
    }
    return taken;
}

/* The norms of a range, in `room` where there are not 64. */
static const uint8_t *norms_of(const sole *self, uint32_t range, uint8_t room[QI_RANGE])
{
    const uint8_t *norms = self->source->norms + (size_t)range * QI_RANGE;
    uint32_t count = self->flat->segment->doc_count - range * QI_RANGE;
    if (count >= QI_RANGE)
        return norms;
    memset(room, 0, QI_RANGE);
    memcpy(room, norms, count);
    return room;
}

/* Add documents of a range that stay. */
static void add_bits(const piece *from, uint64_t stay, left *out)
{
    uint32_t kept = out->count, at = from->at, base = from->range * QI_RANGE;
    bool all = stay == from->word;
    for (; stay != 0; stay &= stay - 1, kept++) {
        out->docs[kept] = base + qi_ctz(stay);
        if (!all)
            at = from->at + qi_popcount(from->word & ((stay & -stay) - 1));
        out->at[kept] = (uint8_t)at++;
    }
    out->count = kept;
}

/* Take documents of the block from a bitmap, without decoding them. */
static void take_bits(sole *self, const qi_postings_span *span, uint8_t least)
{
    piece pieces[QI_BLOCK];
    uint8_t freqs[QI_BLOCK + QI_RANGE], room[QI_RANGE];
    const qi_docset *deleted = self->flat->deleted;
    uint32_t count = cut(self->from, span, least, pieces), all = 0, live = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = pieces[i].word;
        all += qi_popcount(word);
        live += qi_popcount(deleted != NULL ? word & ~deleted->words[pieces[i].range] : word);
    }
    bool sifts = can_sift(self, all);
    if (sifts)
        qi_sift_freqs(self->from->freqs, self->shift, freqs);
    self->in.count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const piece *p = &pieces[i];
        uint64_t stay = p->word;
        if (sifts)
            stay = qi_sift_word(freqs + p->at, stay, norms_of(self, p->range, room), self->limits);
        add_bits(p, stay, &self->in);
    }
    self->best->seen += live;
    self->best->skipped = self->best->skipped || all != span->count;
}

/* Take documents of the current block. */
static void take(sole *self, uint8_t least)
{
    const qi_postings *from = self->from;
    left *in = &self->in;
    const qi_docset *deleted = self->flat->deleted;
    const uint8_t *ranges = from->ranges;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        in->docs[kept] = from->docs[i];
        in->at[kept] = (uint8_t)i;
        kept += ranges == NULL || ranges[from->docs[i] / QI_RANGE] >= least;
    }
    in->count = kept;
    self->best->skipped = self->best->skipped || in->count != from->count;
    self->best->seen += in->count;
    if (deleted != NULL)
        self->best->seen -= qi_bitmap_count_among(deleted->words, in->docs, in->count);
    for (uint32_t i = 0; i < in->count && self->source->norms != NULL; i++)
        __builtin_prefetch(self->source->norms + in->docs[i]);
    qi_postings_prepare(self->from, in->count);
}

/* Take the block of the first document from *target on, which is then behind it. False at the end.
 */
static bool take_block(sole *self, uint32_t *target)
{
    qi_postings_span span;
    qi_postings *from = self->from;
    uint8_t least = least_byte(self->flat, self->best->threshold);
    self->least = least_x(self->flat, self->best->threshold);
    *target = next_target(self->flat, from, *target, self->best);
    if (*target == QI_END || !(from->bitmap != NULL ? qi_postings_seek_span(from, *target, &span)
                                                    : qi_postings_seek(from, *target)))
        return false;
    if (from->bitmap != NULL)
        take_bits(self, &span, least);
    else
        take(self, least);
    *target = (from->bitmap != NULL ? span.last : qi_postings_block_last(from)) + 1;
    return true;
}

/* Frequencies of what is left. */
static void read_freqs(sole *self, uint32_t freqs[QI_BLOCK])
{
    const left *in = &self->in;
    qi_postings *from = self->from;
    uint32_t places[QI_BLOCK];
    for (uint32_t i = 0; i < in->count; i++)
        places[i] = from->block * QI_BLOCK + in->at[i];
    if (qi_postings_is_blocked(from))
        qi_postings_freqs_at(from, places, in->count, freqs);
    else
        for (uint32_t i = 0; i < in->count; i++)
            freqs[i] = qi_postings_freq(from, places[i]);
}

/* Keep documents whose normalised frequency is enough. */
static void weigh(sole *self, float xs[QI_BLOCK])
{
    left *in = &self->in;
    uint32_t freqs[QI_BLOCK], kept = 0;
    read_freqs(self, freqs);
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t doc = in->docs[i];
        float x = qi_flat_x(self->source, doc, freqs[i]);
        in->docs[kept] = doc;
        xs[kept] = x;
        kept += x >= self->least;
    }
    in->count = kept;
}

static void offer(sole *self)
{
    const qi_flat *flat = self->flat;
    const left *in = &self->in;
    float x[QI_BLOCK];
    weigh(self, x);
    for (uint32_t i = 0; i < in->count && self->from->status == QUIRE_OK; i++)
        if (flat->deleted == NULL || !qi_docset_has(flat->deleted, in->docs[i]))
            qi_flat_offer(self->best, flat->leaves[0].weight * qi_bm25_part(x[i], flat->k1),
                          in->docs[i]);
}

quire_status qi_flat_rank_sole(const qi_flat *flat, qi_flat_best *best)
{
    qi_flat_list *list = &flat->leaves[0].lists[0];
    sole self;
    self.flat = flat;
    self.source = list->source;
    self.from = qi_flat_cursor(list)->list;
    self.best = best;
    self.set = -1;
    self.shift = 0;
    while (self.from->cf / self.from->df >> self.shift >= QI_SIFT_STEP && self.shift < SHIFT)
        self.shift++;
    for (uint32_t target = 0, blocks = 0;; blocks++) {
        if (blocks % BETWEEN_POLLS == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        if (!take_block(&self, &target))
            return QUIRE_OK;
        offer(&self);
    }
}
