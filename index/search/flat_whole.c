/* SPDX-License-Identifier: MIT
 *
 * Good ranges of a window scored whole, all words of them, in the order of the query: nothing is
 * noted of a word but what it adds to sums. Required words say beforehand which documents may be
 * among the best. A word with a bitmap is scored 64 documents at a time, others a block at a time.
 * That is faster than asking words one after another where an essential word is so frequent that
 * most of its documents would have to be summed. */
#include "codec/bitmap.h"
#include "codec/lanes.h"
#include "search/flat_window.h"

#include <string.h>

enum { ROOM = 8 }; /* behind frequencies */

/* About how many ns it takes to score a range whole, a word with a bitmap in it, and a posting of
 * another word; and to find a document by essential words, or one that is required, and look the
 * others up. */
enum { PER_RANGE = 25, PER_BITMAP = 20, PER_POSTING = 2, PER_DOCUMENT = 8, PER_REQUIRED = 24 };

/* Of the documents of a range that exist: what a unit of frequency comes to. */
static void set_range(const qi_field_source *source, uint32_t base, uint32_t count, float *units)
{
    const uint8_t *norms = source->norms + base;
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        uint64_t codes = qi_load64(norms + i);
        for (uint32_t j = 0; j < 8; j++)
            units[i + j] = source->table[codes >> 8 * j & 255];
    }
    for (; i < QI_RANGE; i++)
        units[i] = i < count ? source->table[norms[i]] : 0;
}

void qi_flat_units(const qi_flat *flat, const qi_field_source *source, uint32_t range,
                   float units[QI_RANGE])
{
    uint32_t base = range * QI_RANGE, docs = flat->segment->doc_count;
    if (source->norms != NULL)
        set_range(source, base, docs - base < QI_RANGE ? docs - base : QI_RANGE, units);
    else
        for (uint32_t i = 0; i < QI_RANGE; i++)
            units[i] = source->table[0];
}

/* The same of all good ranges. */
static void set_units(const qi_flat *flat, const qi_flat_window *in, const qi_field_source *source,
                      float *units)
{
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        qi_flat_units(flat, source, in->first + qi_ctz(good), units + qi_ctz(good) * QI_RANGE);
}

/* Score documents of the current block, from its `rank` on. */
static bool score(qi_flat_list *list, uint64_t word, qi_lanes_scale by, float *sums)
{
    qi_postings *from = list->score.list;
    uint32_t count = qi_popcount(word), rest[QI_RANGE + ROOM];
    if (list->rank + count > list->span.count) {
        qi_postings_fail(from, from->bitmap, "L-5: a block of documents is damaged");
        return false;
    }
    qi_postings_prepare(from, UINT32_MAX);
    if (!from->freqs_loaded)
        return false;
    const uint32_t *freqs = from->freqs + list->rank;
    if (list->rank + count + ROOM > QI_BLOCK) {
        memcpy(rest, freqs, count * sizeof *rest);
        memset(rest + count, 0, ROOM * sizeof *rest);
        freqs = rest;
    }
    qi_lanes_score(freqs, word, by, sums);
    list->rank += count;
    return true;
}

bool qi_flat_add_range(qi_flat_list *list, uint32_t base, uint64_t word, qi_lanes_scale by,
                       float sums[QI_RANGE])
{
    for (uint32_t from = 0; from < QI_RANGE && word >> from != 0;) {
        if (!qi_flat_stand(list, base + from))
            return false;
        uint32_t last = list->span.last - base, end = last < QI_RANGE - 1 ? last + 1 : QI_RANGE;
        uint64_t here = ~UINT64_C(0) >> (QI_RANGE - end) & ~UINT64_C(0) << from & word;
        if (!score(list, here, by, sums))
            return false;
        list->counted = base + end;
        from = end;
    }
    return true;
}

static void add_bits(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf,
                     const float *units)
{
    qi_flat_list *list = &leaf->lists[0];
    const uint8_t *bitmap = list->match.list->bitmap;
    for (uint64_t good = in->good; good != 0; good &= good - 1) {
        uint32_t range = qi_ctz(good), at = in->first + range;
        uint64_t word = qi_load64(bitmap + 8 * (size_t)at);
        qi_lanes_scale by = {leaf->weight, flat->k1, units + range * QI_RANGE};
        in->any[range] |= word;
        if (!qi_flat_add_range(list, at * QI_RANGE, word, by, in->whole + range * QI_RANGE))
            return;
    }
}

static inline void take(qi_flat_window *in, uint32_t slot, float part)
{
    in->whole[slot] += part;
    in->any[slot / QI_RANGE] |= UINT64_C(1) << slot % QI_RANGE;
}

static void add_list(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf)
{
    qi_flat_block from;
    for (uint32_t slot = 0; qi_flat_next_block(flat, in, leaf, &slot, &from);)
        for (uint32_t i = 0; i < from.count; i++)
            take(in, from.slots[i], from.parts[i]);
}

/* A rare word that was summed before. Of two words only their sum is kept, and their order does
 * not matter. */
static void add_known(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf)
{
    uint32_t number = qi_flat_number(flat, leaf);
    bool sums = in->words <= 2, first = (in->known & ((UINT32_C(1) << number) - 1)) == 0;
    for (uint32_t i = 0; i < in->summed && (first || !sums); i++) {
        uint32_t slot = in->touched[i];
        if ((in->good >> slot / QI_RANGE & 1) == 0)
            continue;
        if (sums)
            take(in, slot, in->sums[slot].sum);
        else if ((in->sums[slot].has >> number & 1) != 0)
            take(in, slot, in->of[number].parts[slot]);
    }
}

static void add_all(const qi_flat *flat, qi_flat_window *in)
{
    const qi_field_source *source = NULL;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        const qi_field_source *of = leaf->lists[0].source;
        if (qi_flat_is_known(flat, in, leaf)) {
            add_known(flat, in, leaf);
        } else if (!qi_flat_is_bitmap(leaf)) {
            add_list(flat, in, leaf);
        } else {
            if (source == NULL || source->norms != of->norms || source->table != of->table)
                set_units(flat, in, of, in->lack);
            source = of;
            add_bits(flat, in, leaf, in->lack);
        }
    }
}

/* Documents of good ranges that may be among the best and have an essential word with a bitmap. */
static uint32_t count_dense(const qi_flat *flat, const qi_flat_window *in)
{
    uint64_t any[QI_FLAT_RANGES] = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < in->words; i++) {
        const qi_flat_leaf *leaf = in->by_most[i];
        if (!qi_flat_is_bitmap(leaf) || !qi_flat_is_essential(flat, in, leaf))
            continue;
        const uint8_t *bitmap = leaf->lists[0].match.list->bitmap + 8 * (size_t)in->first;
        for (uint32_t r = 0; r < in->count; r++)
            any[r] |= qi_load64(bitmap + 8 * (size_t)r);
    }
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        count += qi_popcount(any[qi_ctz(good)] & in->may[qi_ctz(good)]);
    return count;
}

bool qi_flat_wants_whole(const qi_flat *flat, const qi_flat_window *in)
{
    float cost = PER_RANGE, postings = 0, docs = (float)flat->segment->doc_count;
    bool dense = false;
    for (uint32_t i = 0; i < in->words && in->can_be_whole; i++) {
        const qi_flat_leaf *leaf = in->by_most[i];
        bool bitmap = qi_flat_is_bitmap(leaf), essential = qi_flat_is_essential(flat, in, leaf);
        float some = (float)leaf->df * QI_RANGE / docs;
        dense = dense || (bitmap && essential);
        if (bitmap)
            cost += PER_BITMAP;
        else if (!essential)
            cost += PER_POSTING * some;
        else if (!qi_flat_is_known(flat, in, leaf))
            postings += some;
    }
    float ranges = (float)qi_popcount(in->good), per = flat->any ? PER_DOCUMENT : PER_REQUIRED;
    return dense && ((float)count_dense(flat, in) + postings * ranges) * per > cost * ranges;
}

static void offer(const qi_flat_window *in, qi_flat_best *best)
{
    for (uint64_t good = in->good; good != 0; good &= good - 1) {
        uint32_t range = qi_ctz(good), base = (in->first + range) * QI_RANGE;
        const float *sums = in->whole + range * QI_RANGE;
        uint64_t any = in->any[range] & in->may[range];
        best->seen += qi_popcount(any);
        for (any &= qi_bitmap_reaching(sums, best->threshold); any != 0; any &= any - 1)
            qi_flat_offer(best, sums[qi_ctz(any)], base + qi_ctz(any));
    }
}

void qi_flat_rank_whole(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    uint32_t first = qi_ctz(in->good), last = first;
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        last = qi_ctz(good);
    memset(in->any, 0, sizeof in->any);
    memset(in->whole + first * QI_RANGE, 0, (last + 1 - first) * QI_RANGE * sizeof *in->whole);
    add_all(flat, in);
    offer(in, best);
}
