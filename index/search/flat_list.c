/* SPDX-License-Identifier: MIT
 *
 * Lists of flat queries, read a range of 64 documents at a time. A bitmap is read in place, and the
 * place of a document's frequency is found by counting bits. Without one, a range is cut from the
 * decoded block; where it reaches into the next block, the frequencies of its first part are kept
 * before the block is left. */
#include "codec/bitmap.h"
#include "search/flat.h"

/* Keep the frequencies of the documents from `from` on, for their block is about to be left. */
static bool keep_tail(qi_flat_list *list, qi_postings *from_list, uint32_t from)
{
    const uint32_t *freqs = qi_postings_freqs(from_list);
    for (uint32_t i = from; freqs != NULL && i < from_list->count && list->tail_count < QI_RANGE;
         i++)
        list->tail[list->tail_count++] = freqs[i];
    return freqs != NULL;
}

static uint64_t cut(qi_flat_list *list, qi_cursor *cursor, uint32_t base, bool scored)
{
    qi_postings *from = cursor->list;
    uint64_t word = 0;
    list->tail_count = 0;
    for (uint32_t target = base; qi_cursor_seek(cursor, target);) {
        uint32_t i = list->from = cursor->at;
        for (; i < from->count && from->docs[i] - base < QI_RANGE; i++)
            word |= UINT64_C(1) << (from->docs[i] - base);
        if (i < from->count)
            return word;
        target = from->docs[from->count - 1] + 1;
        if (scored && !keep_tail(list, from, list->from))
            return 0;
        list->from = i;
        if (target - base >= QI_RANGE)
            return word;
    }
    list->from = 0;
    return word;
}

uint64_t qi_flat_word(qi_flat_list *list, uint32_t range, bool scored)
{
    qi_cursor *cursor = scored && list->score.list != NULL ? &list->score : &list->match;
    const uint8_t *bitmap = cursor->list->bitmap;
    list->word = bitmap != NULL ? qi_load64(bitmap + 8 * (size_t)range)
                                : cut(list, cursor, range * QI_RANGE, scored);
    return list->word;
}

/* Mix frequencies that stand in the order of the bits of `word`. */
static void mix(const qi_field_source *source, uint32_t base, uint64_t word, uint64_t want,
                const uint32_t *freqs, float *x)
{
    for (; word == want && want != 0; word = want &= want - 1) {
        uint32_t slot = qi_ctz(want);
        x[slot] += qi_flat_x(source, base + slot, *freqs++);
    }
    for (; want != 0; want &= want - 1) {
        uint32_t slot = qi_ctz(want);
        uint32_t before = qi_popcount(word & ((want & -want) - 1));
        x[slot] += qi_flat_x(source, base + slot, freqs[before]);
    }
}

/* Stand in the block of document `doc`, with `rank` its place there. */
static bool seek(qi_flat_list *list, uint32_t doc)
{
    qi_postings *from = list->score.list;
    if (list->span.count == 0 || list->span.last < doc) {
        if (!qi_postings_seek_span(from, doc, &list->span))
            return false;
        list->counted = list->span.first;
        list->rank = 0;
    }
    if (doc > list->counted) {
        list->rank += qi_bitmap_between(from->bitmap, list->counted, doc);
        list->counted = doc;
    }
    return true;
}

static void mix_bits(qi_flat_list *list, uint32_t base, uint64_t want, float *x)
{
    qi_postings *from = list->score.list;
    while (want != 0) {
        uint32_t first = base + qi_ctz(want);
        if (!seek(list, first))
            return;
        uint32_t last = list->span.last - base;
        uint64_t here = last >= QI_RANGE - 1 ? ~UINT64_C(0) : (UINT64_C(2) << last) - 1;
        uint64_t word = list->word & here & ~UINT64_C(0) << (first - base);
        if (list->rank + qi_popcount(word) > list->span.count) {
            qi_postings_fail(from, from->bitmap, "L-5: a block of documents is damaged");
            return;
        }
        mix(list->source, base, word, want & here, from->freqs + list->rank, x);
        want &= ~here;
    }
}

void qi_flat_mix(qi_flat_list *list, uint32_t range, uint64_t want, float x[QI_RANGE])
{
    qi_postings *from = list->score.list;
    uint32_t base = range * QI_RANGE;
    if (from->bitmap != NULL) {
        mix_bits(list, base, want, x);
        return;
    }
    uint32_t tail = list->tail_count, all = qi_popcount(list->word);
    if (tail == 0) {
        const uint32_t *freqs = qi_postings_freqs(from);
        if (freqs != NULL && all <= from->count - list->from)
            mix(list->source, base, list->word, want, freqs + list->from, x);
        return;
    }
    if (all > tail && !keep_tail(list, from, list->from))
        return;
    if (all <= list->tail_count)
        mix(list->source, base, list->word, want, list->tail, x);
}

uint32_t qi_flat_freq(qi_flat_list *list, uint32_t doc)
{
    return seek(list, doc) && list->rank < list->span.count ? list->score.list->freqs[list->rank]
                                                            : 0;
}
