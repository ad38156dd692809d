/* SPDX-License-Identifier: MIT
 *
 * Essential words of a window: what each adds to its documents is computed for a block at a time,
 * and only in good ranges. Sums say which documents the rest could lift to the threshold; with one
 * essential word each posting says it at once. Where an essential word has a bitmap, which means
 * many documents, bitmaps say first which of them have words enough. */
#include "codec/bitmap.h"
#include "codec/lanes.h"
#include "search/flat_window.h"

#include <string.h>

/* The first slot from `slot` on that is in one of the ranges; SLOTS if there is none. */
static uint32_t next_good(uint64_t ranges, uint32_t slot)
{
    uint32_t range = slot / QI_RANGE;
    uint64_t left = range < QI_FLAT_RANGES ? ranges >> range << range : 0;
    if (left == 0)
        return QI_FLAT_SLOTS;
    uint32_t first = qi_ctz(left) * QI_RANGE;
    return first > slot ? first : slot;
}

/* Places of documents of the block from `at` on that may be among the best; how many there are. */
static uint32_t sieve(const qi_postings *list, uint32_t at, uint32_t base, const uint64_t *may,
                      uint8_t *places)
{
    uint32_t kept = 0;
    for (uint32_t i = at; i < list->count; i++) {
        uint32_t slot = list->docs[i] - base;
        if (slot >= QI_FLAT_SLOTS)
            break;
        places[kept] = (uint8_t)i;
        kept += may[slot / QI_RANGE] >> slot % QI_RANGE & 1;
    }
    return kept;
}

bool qi_flat_next_block(const qi_flat *flat, const qi_flat_window *in, const qi_flat_leaf *leaf,
                        uint32_t *slot, qi_flat_block *out)
{
    qi_cursor *cursor = qi_flat_cursor(&leaf->lists[0]);
    const qi_field_source *source = leaf->lists[0].source;
    qi_postings *list = cursor->list;
    uint32_t base = in->first * QI_RANGE;
    uint8_t places[QI_BLOCK];
    *slot = next_good(in->good, *slot);
    if (*slot >= QI_FLAT_SLOTS || !qi_cursor_seek(cursor, base + *slot))
        return false;
    out->count = sieve(list, cursor->at, base, in->may, places);
    uint32_t last = list->docs[list->count - 1] - base;
    *slot = last < QI_FLAT_SLOTS ? last + 1 : QI_FLAT_SLOTS;
    const uint32_t *freqs = out->count != 0 && leaf->weight > 0 ? qi_postings_freqs(list) : NULL;
    if (freqs == NULL && leaf->weight > 0)
        return out->count == 0;
    for (uint32_t i = 0; i < out->count; i++) {
        uint32_t doc = list->docs[places[i]];
        out->slots[i] = (uint16_t)(doc - base);
        out->parts[i] = freqs != NULL ? qi_flat_x(source, doc, freqs[places[i]]) : 0;
    }
    for (uint32_t i = 0; i < out->count; i++)
        out->parts[i] = leaf->weight * qi_bm25_part(out->parts[i], flat->k1);
    return true;
}

static inline void take(qi_flat_window *in, uint32_t number, uint32_t slot, float part)
{
    qi_flat_sum *sum = &in->sums[slot];
    if (in->words > 2)
        in->of[number].parts[slot] = part;
    in->touched[in->summed] = (uint16_t)slot;
    in->summed += sum->has == 0;
    sum->sum = (sum->has == 0 ? 0 : sum->sum) + part;
    sum->has |= UINT32_C(1) << number;
}

/* Score the block with the first document from `target` on, and stand there. */
static void load(const qi_flat *flat, const qi_flat_leaf *leaf, qi_flat_rare *rare, uint32_t target)
{
    qi_postings *list = qi_flat_cursor(&leaf->lists[0])->list;
    const uint32_t *freqs = qi_postings_seek(list, target) ? qi_postings_freqs(list) : NULL;
    uint32_t at = 0;
    rare->count = freqs != NULL ? list->count : 1; /* loaded, though there is nothing */
    rare->next = QI_END;
    if (freqs == NULL)
        return;
    while (list->docs[at] < target)
        at++;
    for (uint32_t i = at; i < list->count; i++)
        rare->parts[i] =
            leaf->weight > 0 ? qi_flat_x(leaf->lists[0].source, list->docs[i], freqs[i]) : 0;
    for (uint32_t i = at; i < list->count; i++)
        rare->parts[i] = leaf->weight * qi_bm25_part(rare->parts[i], flat->k1);
    rare->at = at;
    rare->next = list->docs[at];
}

static uint64_t add_rare(const qi_flat *flat, qi_flat_window *in, uint32_t number)
{
    const qi_flat_leaf *leaf = &flat->leaves[number];
    qi_flat_rare *rare = &in->of[number].rare;
    const qi_postings *list = qi_flat_cursor(&leaf->lists[0])->list;
    uint32_t base = in->first * QI_RANGE;
    uint64_t sown = 0;
    if (rare->next < base || rare->count == 0)
        load(flat, leaf, rare, base);
    while (rare->next - base < QI_FLAT_SLOTS) {
        uint32_t slot = rare->next - base, range = slot / QI_RANGE;
        float part = rare->parts[rare->at], *near = &in->of[number].near[range];
        take(in, number, slot, part);
        *near = (sown >> range & 1) != 0 && *near > part ? *near : part;
        sown |= UINT64_C(1) << range;
        if (++rare->at < rare->count)
            rare->next = list->docs[rare->at];
        else
            load(flat, leaf, rare, rare->next + 1);
    }
    return sown;
}

static void make_ready(qi_flat_window *in)
{
    if (!in->ready)
        memset(in->sums, 0, sizeof in->sums);
    in->ready = true;
}

void qi_flat_add_rare(const qi_flat *flat, qi_flat_window *in)
{
    in->sown = 0;
    if (in->known != 0)
        make_ready(in);
    for (uint32_t rare = in->known; rare != 0; rare &= rare - 1) {
        in->of[qi_ctz(rare)].sown = add_rare(flat, in, qi_ctz(rare));
        in->sown |= in->of[qi_ctz(rare)].sown;
    }
}

static void add_list(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf)
{
    uint32_t number = qi_flat_number(flat, leaf);
    qi_flat_block from;
    for (uint32_t slot = 0; qi_flat_next_block(flat, in, leaf, &slot, &from);)
        for (uint32_t i = 0; i < from.count; i++)
            take(in, number, from.slots[i], from.parts[i]);
}

/* A word with a bitmap, or in several lists. */
static void add_ranges(qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf)
{
    uint32_t number = qi_flat_number(flat, leaf);
    for (uint64_t good = in->good; good != 0; good &= good - 1) {
        uint32_t range = qi_ctz(good), at = in->first + range;
        uint64_t any = 0;
        for (uint32_t l = 0; l < leaf->count; l++) {
            uint64_t word = qi_flat_word(&leaf->lists[l], at, true) & in->may[range];
            if (word != 0 && leaf->weight > 0)
                qi_flat_mix(&leaf->lists[l], at, word, flat->x);
            any |= word;
        }
        for (; any != 0; any &= any - 1) {
            uint32_t slot = qi_ctz(any);
            take(in, number, range * QI_RANGE + slot,
                 leaf->weight * qi_bm25_part(flat->x[slot], flat->k1));
            flat->x[slot] = 0;
        }
    }
}

/* Documents of a range whose words with bitmaps are enough, if they have all others. */
static uint64_t with_enough(const qi_flat *flat, const qi_flat_window *in, uint32_t range)
{
    uint64_t words[QI_FLAT_WORDS];
    float most[QI_FLAT_WORDS], sum = 0;
    uint8_t amounts[QI_FLAT_WORDS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < in->words; i++) {
        const qi_flat_leaf *leaf = in->by_most[i];
        if (!qi_flat_is_bitmap(leaf))
            continue;
        const uint8_t *bitmap = leaf->lists[0].match.list->bitmap;
        words[count] = qi_load64(bitmap + 8 * (size_t)(in->first + range));
        sum += most[count++] = in->of[qi_flat_number(flat, leaf)].near[range];
    }
    float left = (in->least - (in->all[range] - sum)) * 0.9999f; /* less than any error of sums */
    if (left <= 0)
        return ~UINT64_C(0);
    if (sum <= 0)
        return 0;
    float units = 240 / sum; /* amounts are rounded up, and their sum down */
    for (uint32_t i = 0; i < count; i++)
        amounts[i] = (uint8_t)(most[i] * units + 1);
    float need = left * units;
    return qi_lanes_reaching(words, amounts, count, need < 255 ? (uint8_t)need : 255);
}

/* Documents of a range that have all required words with bitmaps, and are not deleted. */
static uint64_t with_required(const qi_flat *flat, uint32_t range)
{
    uint64_t live = qi_flat_live(flat, range);
    for (uint32_t i = 0; i < flat->ordered && !flat->any; i++)
        if (qi_flat_is_bitmap(flat->order[i]))
            live &= qi_load64(flat->order[i]->lists[0].match.list->bitmap + 8 * (size_t)range);
    return live;
}

/* Say which documents may be among the best, and leave out ranges without. */
static void set_may(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    bool dense = false;
    for (uint32_t i = 0; i < in->words; i++)
        dense = dense || (qi_flat_is_bitmap(in->by_most[i]) &&
                          qi_flat_is_essential(flat, in, in->by_most[i]));
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        in->may[qi_ctz(good)] = with_required(flat, in->first + qi_ctz(good));
    for (uint64_t good = dense ? in->good : 0; good != 0; good &= good - 1) {
        uint64_t enough = with_enough(flat, in, qi_ctz(good));
        in->may[qi_ctz(good)] &= enough;
        if (in->may[qi_ctz(good)] == 0)
            in->good &= ~(good & -good);
        best->skipped = best->skipped || enough != ~UINT64_C(0);
    }
}

static bool may_be(const qi_flat_window *in, uint32_t slot, uint32_t needed)
{
    bool live = (in->may[slot / QI_RANGE] >> slot % QI_RANGE & 1) != 0;
    return live & ((in->sums[slot].has & needed) == needed);
}

static bool reaches(const qi_flat_window *in, uint32_t slot)
{
    return in->sums[slot].sum + in->rest[slot / QI_RANGE] >= in->least;
}

/* Find documents by their sums, which were added by one word and so stand in their order. Gives how
 * many there are in all. */
static uint32_t find_in_order(qi_flat_window *in)
{
    uint32_t found = 0, all = 0;
    for (uint32_t i = 0; i < in->summed; i++) {
        uint32_t slot = in->touched[i];
        bool is = may_be(in, slot, 0);
        in->slots[found] = (uint16_t)slot;
        found += is && reaches(in, slot);
        all += is;
    }
    in->found = found;
    return all;
}

static uint32_t find_in_ranges(qi_flat_window *in, uint32_t needed)
{
    uint64_t some[QI_FLAT_RANGES] = {0}, ranges = 0;
    uint32_t found = 0, all = 0;
    for (uint32_t i = 0; i < in->summed; i++) {
        uint32_t slot = in->touched[i];
        uint64_t is = may_be(in, slot, needed), good = is & (uint64_t)reaches(in, slot);
        some[slot / QI_RANGE] |= good << slot % QI_RANGE;
        ranges |= good << slot / QI_RANGE;
        all += (uint32_t)is;
    }
    for (; ranges != 0; ranges &= ranges - 1)
        for (uint64_t left = some[qi_ctz(ranges)]; left != 0; left &= left - 1)
            in->slots[found++] = (uint16_t)(qi_ctz(ranges) * QI_RANGE + qi_ctz(left));
    in->found = found;
    return all;
}

static void find(qi_flat_window *in, qi_flat_best *best)
{
    bool one = (in->essential & (in->essential - 1)) == 0;
    uint32_t all = one ? find_in_order(in) : find_in_ranges(in, in->required & in->essential);
    best->skipped = best->skipped || in->found != all;
}

/* Along the only essential word but rare ones. */
static void follow(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    uint32_t number = qi_flat_number(flat, in->sole), found = 0, all = 0;
    uint32_t needed = in->required & in->essential & ~(UINT32_C(1) << number);
    qi_flat_block from;
    for (uint32_t slot = 0; qi_flat_next_block(flat, in, in->sole, &slot, &from);) {
        uint32_t first = found;
        for (uint32_t i = 0; i < from.count; i++) {
            uint32_t at = from.slots[i];
            const qi_flat_sum *sum = &in->sums[at];
            float known = sum->has != 0 ? sum->sum : 0;
            bool is = (sum->has & needed) == needed;
            in->slots[found] = (uint16_t)at;
            in->lack[found] = from.parts[i];
            found += is & (from.parts[i] + known + in->rest[at / QI_RANGE] >= in->least);
            all += is;
        }
        for (uint32_t i = first; i < found; i++)
            take(in, number, in->slots[i], in->lack[i]);
    }
    in->found = found;
    best->skipped = best->skipped || found != all;
}

void qi_flat_add_up(qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    set_may(flat, in, best);
    if (qi_flat_wants_whole(flat, in)) {
        qi_flat_rank_whole(flat, in, best);
        return;
    }
    make_ready(in);
    if (in->sole != NULL) {
        follow(flat, in, best);
        return;
    }
    for (uint32_t i = 0; i < in->words; i++) {
        const qi_flat_leaf *leaf = in->by_most[i];
        if (!qi_flat_is_essential(flat, in, leaf))
            continue;
        if (leaf->count != 1 || qi_flat_is_bitmap(leaf))
            add_ranges(flat, in, leaf);
        else if (!qi_flat_is_known(flat, in, leaf))
            add_list(flat, in, leaf);
    }
    find(in, best);
}
