/* SPDX-License-Identifier: MIT
 *
 * Documents found by essential words: prohibited and deleted ones are taken out, the other words
 * are looked up, those that add most first, while the sum can still reach the threshold. What is
 * left is summed in the order of the query and offered. */
#include "codec/member.h"
#include "search/flat_window.h"

static bool holds(const qi_flat_list *list, qi_cursor *cursor, uint32_t doc)
{
    const uint8_t *bitmap = list->match.list->bitmap;
    return bitmap != NULL ? (bitmap[doc / 8] >> doc % 8 & 1) != 0 : qi_cursor_find(cursor, doc);
}

bool qi_flat_is_prohibited(const qi_flat *flat, uint32_t doc)
{
    bool found = flat->deleted != NULL && qi_docset_has(flat->deleted, doc);
    for (uint32_t i = 0; i < flat->count && !found; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        for (uint32_t l = 0; l < leaf->count && leaf->role == QI_FLAT_PROHIBITED && !found; l++)
            found = holds(&leaf->lists[l], &leaf->lists[l].match, doc);
    }
    return found;
}

bool qi_flat_prohibits(const qi_flat *flat)
{
    bool some = flat->deleted != NULL;
    for (uint32_t i = 0; i < flat->count; i++)
        some = some || flat->leaves[i].role == QI_FLAT_PROHIBITED;
    return some;
}

static void take_out_prohibited(const qi_flat *flat, qi_flat_window *in)
{
    bool none = !qi_flat_prohibits(flat);
    uint32_t kept = 0, base = in->first * QI_RANGE;
    for (uint32_t i = 0; i < in->found && !none; i++) {
        in->slots[kept] = in->slots[i];
        kept += !qi_flat_is_prohibited(flat, base + in->slots[i]);
    }
    in->found = none ? in->found : kept;
}

static float bound(const qi_flat_window *in, uint32_t i)
{
    uint32_t slot = in->slots[i];
    return in->sums[slot].sum + (in->rest[slot / QI_RANGE] - in->lack[i]);
}

/* Bitmaps say at once which words documents lack. */
static void take_out_lacking(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    uint32_t kept = 0, base = in->first * QI_RANGE;
    for (uint32_t i = 0; i < in->found; i++)
        in->lack[i] = 0;
    for (uint32_t w = 0; w < in->words; w++) {
        const qi_flat_leaf *leaf = in->by_most[w];
        if (qi_flat_is_essential(flat, in, leaf) || !qi_flat_is_bitmap(leaf))
            continue;
        const uint8_t *bitmap = leaf->lists[0].match.list->bitmap + base / 8;
        const float *near = in->of[qi_flat_number(flat, leaf)].near;
        for (uint32_t i = 0; i < in->found; i++) {
            uint32_t slot = in->slots[i];
            in->lack[i] += (bitmap[slot / 8] >> slot % 8 & 1) != 0 ? 0 : near[slot / QI_RANGE];
        }
    }
    for (uint32_t i = 0; i < in->found; i++) {
        bool good = bound(in, i) >= in->least;
        in->slots[kept] = in->slots[i];
        in->lack[kept] = in->lack[i];
        kept += good;
    }
    best->skipped = best->skipped || kept != in->found;
    in->found = kept;
}

static void look_up_bits(qi_flat_list *list, qi_flat_batch *in, bool scored)
{
    const uint8_t *bitmap = list->match.list->bitmap;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t doc = in->docs[i];
        bool is = (bitmap[doc / 8] >> doc % 8 & 1) != 0;
        in->freqs[i] = !is ? 0 : scored ? qi_flat_freq(list, doc) : 1;
    }
}

/* Where documents from `from` to `to`, none after its last one, would stand in the current block.
 */
static void find_places(qi_cursor *cursor, const qi_flat_batch *in, uint32_t from, uint32_t to,
                        uint8_t places[QI_BLOCK])
{
    const qi_postings *list = cursor->list;
    if (list->count == QI_BLOCK && to - from > 1) {
        qi_member_places(list->docs, in->docs + from, to - from, places);
        cursor->at = places[to - 1 - from];
        return;
    }
    for (uint32_t i = from; i < to; i++) {
        cursor->at = qi_cursor_gallop(list->docs, cursor->at, list->count, in->docs[i]);
        places[i - from] = (uint8_t)cursor->at;
    }
}

/* Look documents from `from` on up in the current block; gives the first one after it. */
static uint32_t look_up_block(qi_cursor *cursor, qi_flat_batch *in, uint32_t from, bool scored)
{
    qi_postings *list = cursor->list;
    uint32_t last = qi_postings_block_last(list), to = from;
    uint8_t places[QI_BLOCK];
    while (to < in->count && in->docs[to] <= last)
        to++;
    find_places(cursor, in, from, to, places);
    for (uint32_t i = from; i < to; i++) {
        uint32_t at = places[i - from];
        if (list->docs[at] != in->docs[i])
            continue;
        in->freqs[i] = scored ? qi_postings_freq(list, list->block * QI_BLOCK + at) : 1;
        if (in->freqs[i] == 0)
            return in->count;
    }
    return to;
}

static void look_up_list(qi_flat_list *list, qi_flat_batch *in, bool scored)
{
    qi_cursor *cursor = qi_flat_cursor(list);
    for (uint32_t i = 0; i < in->count; i++)
        in->freqs[i] = 0;
    for (uint32_t i = 0; i < in->count && qi_cursor_seek(cursor, in->docs[i]);)
        i = look_up_block(cursor, in, i, scored);
}

void qi_flat_look_up(const qi_flat_leaf *leaf, qi_flat_batch *in)
{
    bool scored = leaf->weight > 0;
    for (uint32_t i = 0; i < in->count; i++)
        in->x[i] = -1;
    for (uint32_t l = 0; l < leaf->count; l++) {
        qi_flat_list *list = &leaf->lists[l];
        if (list->match.list->bitmap != NULL)
            look_up_bits(list, in, scored);
        else
            look_up_list(list, in, scored);
        for (uint32_t i = 0; i < in->count; i++) {
            if (in->freqs[i] == 0)
                continue;
            in->x[i] = in->x[i] < 0 ? 0 : in->x[i];
            in->x[i] += scored ? qi_flat_x(list->source, in->docs[i], in->freqs[i]) : 0;
        }
    }
}

/* Look a word up for found documents from `from` on, and keep those that can still be among the
 * best. */
static uint32_t look_up_some(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf,
                             qi_flat_batch *some, uint32_t from, uint32_t kept)
{
    uint32_t number = qi_flat_number(flat, leaf);
    const float *near = in->of[number].near;
    bool bitmap = qi_flat_is_bitmap(leaf), required = leaf->role == QI_FLAT_REQUIRED;
    qi_flat_look_up(leaf, some);
    for (uint32_t i = 0; i < some->count; i++) {
        uint32_t slot = in->slots[from + i];
        float x = some->x[i], lack = in->lack[from + i];
        if (x < 0 && required)
            continue;
        if (x > 0) {
            float part = leaf->weight * qi_bm25_part(x, flat->k1);
            in->of[number].parts[slot] = part;
            in->sums[slot].has |= UINT32_C(1) << number;
            in->sums[slot].sum += part;
        }
        in->slots[kept] = (uint16_t)slot;
        in->lack[kept] = x < 0 && bitmap ? lack - near[slot / QI_RANGE] : lack;
        kept += bound(in, kept) >= in->least;
    }
    return kept;
}

/* Look a word up where it may be. */
static void look_up_all(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf,
                        qi_flat_best *best)
{
    const float *near = in->of[qi_flat_number(flat, leaf)].near;
    uint32_t kept = 0;
    qi_flat_batch some;
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        in->rest[r] -= near[r];
    for (uint32_t from = 0; from < in->found; from += some.count) {
        some.count = in->found - from < QI_BLOCK ? in->found - from : QI_BLOCK;
        for (uint32_t i = 0; i < some.count; i++)
            some.docs[i] = in->first * QI_RANGE + in->slots[from + i];
        kept = look_up_some(flat, in, leaf, &some, from, kept);
    }
    best->skipped = best->skipped || kept != in->found;
    in->found = kept;
}

static void offer(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    best->seen += in->found;
    for (uint32_t i = 0; i < in->found; i++) {
        uint32_t slot = in->slots[i];
        float sum = in->words > 2 ? 0 : in->sums[slot].sum; /* of two, order does not matter */
        if (in->sums[slot].sum * flat->slack < best->threshold)
            continue;
        for (uint32_t has = in->sums[slot].has; has != 0 && in->words > 2; has &= has - 1)
            sum += in->of[qi_ctz(has)].parts[slot];
        qi_flat_offer(best, sum, in->first * QI_RANGE + slot);
    }
}

void qi_flat_finish(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    take_out_prohibited(flat, in);
    take_out_lacking(flat, in, best);
    for (uint32_t i = in->words; i > 0 && in->found != 0; i--)
        if (!qi_flat_is_essential(flat, in, in->by_most[i - 1]))
            look_up_all(flat, in, in->by_most[i - 1], best);
    offer(flat, in, best);
}
