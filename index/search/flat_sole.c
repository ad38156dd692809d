/* SPDX-License-Identifier: MIT
 *
 * Ranking by one word: block by block of its list. What a block says of its documents is more exact
 * than the bytes of their ranges, which are rounded, so blocks are passed over first, then ranges
 * of what is left; then frequencies and lengths are compared with the least that reaches the
 * threshold, and few documents need a score. */
#include "codec/bitmap.h"
#include "search/flat_window.h"

enum { BETWEEN_POLLS = 16 }; /* blocks */

/* Documents of the block that are left, and their places in it. */
typedef struct left {
    uint32_t count, live; /* not deleted */
    uint32_t docs[QI_BLOCK];
    uint8_t at[QI_BLOCK];
    float x[QI_BLOCK]; /* normalised frequencies */
} left;

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

/* Take the documents of the current block whose ranges can reach the threshold. */
static void take(const qi_flat *flat, const qi_postings *from, uint8_t least, left *out)
{
    const qi_docset *deleted = flat->deleted;
    const uint8_t *ranges = from->ranges;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        out->docs[kept] = from->docs[i];
        out->at[kept] = (uint8_t)i;
        kept += ranges == NULL || ranges[from->docs[i] / QI_RANGE] >= least;
    }
    out->count = out->live = kept;
    if (deleted != NULL)
        out->live -= qi_bitmap_count_among(deleted->words, out->docs, kept);
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

/* The same from a bitmap, whose documents were not decoded. */
static void take_bits(const qi_flat *flat, qi_postings *from, const qi_postings_span *span,
                      uint8_t least, left *out)
{
    const qi_docset *deleted = flat->deleted;
    uint32_t before = 0, kept = 0, live = 0;
    for (uint32_t r = span->first / QI_RANGE; r <= span->last / QI_RANGE; r++) {
        uint64_t word = bits_of(from, span, r);
        uint32_t at = before;
        before += qi_popcount(word);
        if (before > span->count) {
            qi_postings_fail(from, from->bitmap, "L-5: a block of documents is damaged");
            break;
        }
        if (from->ranges != NULL && from->ranges[r] < least)
            continue;
        live += qi_popcount(deleted != NULL ? word & ~deleted->words[r] : word);
        for (; word != 0; word &= word - 1, kept++) {
            out->docs[kept] = r * QI_RANGE + qi_ctz(word);
            out->at[kept] = (uint8_t)at++;
        }
    }
    out->count = kept;
    out->live = live;
}

/* No document with a smaller normalised frequency reaches the threshold. */
static float least_x(const qi_flat *flat, float threshold)
{
    double part = (double)threshold / flat->leaves[0].weight * (1 - 4e-6);
    return part < 1 ? (float)(flat->k1 * part / (1 - part) * (1 - 1e-6)) : 0;
}

/* Keep documents with a normalised frequency of `least` or more. */
static void weigh(const qi_field_source *source, qi_postings *from, float least, left *in)
{
    uint32_t freqs[QI_BLOCK], kept = 0;
    for (uint32_t i = 0; i < in->count && source->norms != NULL && from->bitmap == NULL; i++)
        __builtin_prefetch(source->norms + in->docs[i]);
    qi_postings_prepare(from, in->count);
    const uint32_t *whole = from->freqs_loaded ? from->freqs : NULL;
    for (uint32_t i = 0; i < in->count && whole != NULL; i++)
        freqs[i] = whole[in->at[i]];
    for (uint32_t i = 0; i < in->count && whole == NULL; i++)
        freqs[i] = qi_postings_freq(from, from->block * QI_BLOCK + in->at[i]);
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t doc = in->docs[i];
        float x = qi_flat_x(source, doc, freqs[i]);
        in->docs[kept] = doc;
        in->x[kept] = x;
        kept += x >= least;
    }
    in->count = kept;
}

static void offer(const qi_flat *flat, const left *in, qi_flat_best *best)
{
    for (uint32_t i = 0; i < in->count; i++)
        if (flat->deleted == NULL || !qi_docset_has(flat->deleted, in->docs[i]))
            qi_flat_offer(best, flat->leaves[0].weight * qi_bm25_part(in->x[i], flat->k1),
                          in->docs[i]);
}

/* Take the block of the first document from *target on, which is then behind it. False at the end.
 */
static bool take_block(const qi_flat *flat, qi_postings *from, uint32_t *target, left *out,
                       qi_flat_best *best)
{
    qi_postings_span span;
    uint8_t least = least_byte(flat, best->threshold);
    *target = next_target(flat, from, *target, best);
    if (*target == QI_END || !(from->bitmap != NULL ? qi_postings_seek_span(from, *target, &span)
                                                    : qi_postings_seek(from, *target)))
        return false;
    if (from->bitmap != NULL)
        take_bits(flat, from, &span, least, out);
    else
        take(flat, from, least, out);
    best->skipped =
        best->skipped || out->count != (from->bitmap != NULL ? span.count : from->count);
    best->seen += out->live;
    *target = (from->bitmap != NULL ? span.last : qi_postings_block_last(from)) + 1;
    return true;
}

quire_status qi_flat_rank_sole(const qi_flat *flat, qi_flat_best *best)
{
    qi_flat_list *list = &flat->leaves[0].lists[0];
    qi_postings *from = qi_flat_cursor(list)->list;
    left in;
    for (uint32_t target = 0, blocks = 0;; blocks++) {
        if (blocks % BETWEEN_POLLS == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        if (!take_block(flat, from, &target, &in, best))
            return QUIRE_OK;
        weigh(list->source, from, least_x(flat, best->threshold), &in);
        if (from->status == QUIRE_OK)
            offer(flat, &in, best);
    }
}
