/* SPDX-License-Identifier: MIT
 *
 * Lists of flat queries, read a range of 64 documents at a time. A bitmap is read in place, and the
 * place of a document's frequency is found by counting bits. Without one, a range is cut from the
 * decoded block. Frequencies are picked one by one where few documents of a block are scored. */
#include "codec/bitmap.h"
#include "search/flat.h"

enum { SHARE = 4 }; /* so many times the documents of a range are wanted of a block, we guess */

/* Keep the frequencies of a form's documents from `from` on, for their block is about to be left.
 */
static bool keep_tail(qi_flat_list *list, qi_postings *from_list, uint32_t from)
{
    const uint32_t *freqs = qi_postings_freqs(from_list);
    for (uint32_t i = from; freqs != NULL && i < from_list->count && list->tail_count < QI_RANGE;
         i++)
        list->tail[list->tail_count++] = freqs[i];
    return freqs != NULL;
}

/* The documents of a range, from the blocks that have them. */
static uint64_t cut(qi_flat_list *list, qi_cursor *cursor, uint32_t base)
{
    qi_postings *from = cursor->list;
    uint64_t word = 0;
    for (uint32_t target = base; qi_cursor_seek(cursor, target);) {
        uint32_t i = cursor->at;
        if (word == 0)
            list->from = from->block * QI_BLOCK + i;
        for (; i < from->count && from->docs[i] - base < QI_RANGE; i++)
            word |= UINT64_C(1) << (from->docs[i] - base);
        target = from->docs[from->count - 1] + 1;
        if (i < from->count || target - base >= QI_RANGE)
            return word;
    }
    return word;
}

static uint64_t cut_form(qi_flat_list *list, qi_cursor *cursor, uint32_t base, bool scored)
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
    if (bitmap != NULL)
        list->word = qi_load64(bitmap + 8 * (size_t)range);
    else if (cursor->list->is_form)
        list->word = cut_form(list, cursor, range * QI_RANGE, scored);
    else
        list->word = cut(list, cursor, range * QI_RANGE);
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

/* The same where the first of them is document `first` of the list. */
static void mix_from(qi_flat_list *list, uint32_t base, uint64_t word, uint64_t want,
                     uint32_t first, float *x)
{
    qi_postings *from = list->score.list;
    uint32_t place = first % QI_BLOCK;
    qi_postings_prepare(from, SHARE * qi_popcount(want));
    if (from->freqs_loaded && first / QI_BLOCK == from->block &&
        place + qi_popcount(word) <= QI_BLOCK) {
        mix(list->source, base, word, want, from->freqs + place, x);
        return;
    }
    for (; want != 0; want &= want - 1) {
        uint32_t slot = qi_ctz(want);
        uint32_t at = first + qi_popcount(word & ((want & -want) - 1));
        x[slot] += qi_flat_x(list->source, base + slot, qi_postings_freq(from, at));
    }
}

bool qi_flat_stand(qi_flat_list *list, uint32_t doc)
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
        if (!qi_flat_stand(list, first))
            return;
        uint32_t last = list->span.last - base;
        uint64_t here = last >= QI_RANGE - 1 ? ~UINT64_C(0) : (UINT64_C(2) << last) - 1;
        uint64_t word = list->word & here & ~UINT64_C(0) << (first - base);
        if (list->rank + qi_popcount(word) > list->span.count) {
            qi_postings_fail(from, from->bitmap, "L-5: a block of documents is damaged");
            return;
        }
        mix_from(list, base, word, want & here, list->rank + from->block * QI_BLOCK, x);
        want &= ~here;
    }
}

static void mix_form(qi_flat_list *list, uint32_t base, uint64_t want, float *x)
{
    qi_postings *from = list->score.list;
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

void qi_flat_mix(qi_flat_list *list, uint32_t range, uint64_t want, float x[QI_RANGE])
{
    qi_postings *from = list->score.list;
    uint32_t base = range * QI_RANGE;
    if (from->bitmap != NULL) {
        mix_bits(list, base, want, x);
        return;
    }
    if (from->is_form)
        mix_form(list, base, want, x);
    else
        mix_from(list, base, list->word, want, list->from, x);
}

uint32_t qi_flat_freq(qi_flat_list *list, uint32_t doc)
{
    qi_postings *from = list->score.list;
    return qi_flat_stand(list, doc) && list->rank < list->span.count
               ? qi_postings_freq(from, from->block * QI_BLOCK + list->rank)
               : 0;
}

void qi_flat_freqs(qi_flat_list *list, const uint32_t *docs, uint32_t count, uint32_t *freqs)
{
    uint32_t at[QI_BLOCK], found = 0;
    qi_postings *from = list->score.list;
    while (found < count && qi_flat_stand(list, docs[found]) && list->rank < list->span.count) {
        at[found] = from->block * QI_BLOCK + list->rank;
        found++;
    }
    if (found != 0)
        qi_postings_freqs_at(from, at, found, freqs);
    for (; found < count; found++)
        freqs[found] = 0;
}
