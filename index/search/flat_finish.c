/* SPDX-License-Identifier: MIT
 *
 * Documents found by essential words: prohibited and deleted ones are taken out, the other words
 * are looked up, those that add most first, while the sum can still reach the threshold. What is
 * left is summed in the order of the query and offered. */
#include "search/flat_window.h"

static bool holds(const qi_flat_list *list, qi_cursor *cursor, uint32_t doc)
{
    const uint8_t *bitmap = list->match.list->bitmap;
    return bitmap != NULL ? (bitmap[doc / 8] >> doc % 8 & 1) != 0 : qi_cursor_find(cursor, doc);
}

static bool is_prohibited(const qi_flat *flat, uint32_t doc)
{
    bool found = flat->deleted != NULL && qi_docset_has(flat->deleted, doc);
    for (uint32_t i = 0; i < flat->count && !found; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        for (uint32_t l = 0; l < leaf->count && leaf->role == QI_FLAT_PROHIBITED && !found; l++)
            found = holds(&leaf->lists[l], &leaf->lists[l].match, doc);
    }
    return found;
}

static void take_out_prohibited(const qi_flat *flat, qi_flat_window *in)
{
    bool none = flat->deleted == NULL;
    for (uint32_t i = 0; i < flat->count; i++)
        none = none && flat->leaves[i].role != QI_FLAT_PROHIBITED;
    uint32_t kept = 0, base = in->first * QI_RANGE;
    for (uint32_t i = 0; i < in->found && !none; i++) {
        in->slots[kept] = in->slots[i];
        kept += !is_prohibited(flat, base + in->slots[i]);
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

/* The normalised frequency of a word in a document; negative if it does not occur. */
static float look_up(const qi_flat_leaf *leaf, uint32_t doc)
{
    float x = -1;
    for (uint32_t l = 0; l < leaf->count; l++) {
        qi_flat_list *list = &leaf->lists[l];
        qi_cursor *cursor = qi_flat_cursor(list);
        if (!holds(list, cursor, doc))
            continue;
        x = x < 0 ? 0 : x;
        if (leaf->weight <= 0)
            continue;
        uint32_t tf =
            list->match.list->bitmap != NULL ? qi_flat_freq(list, doc) : qi_cursor_freq(cursor);
        x += qi_flat_x(list->source, doc, tf);
    }
    return x;
}

/* Look a word up, and keep the documents that can still be among the best. */
static void look_up_all(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf,
                        qi_flat_best *best)
{
    uint32_t number = qi_flat_number(flat, leaf), kept = 0;
    const float *near = in->of[number].near;
    bool bitmap = qi_flat_is_bitmap(leaf), required = leaf->role == QI_FLAT_REQUIRED;
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        in->rest[r] -= near[r];
    for (uint32_t i = 0; i < in->found; i++) {
        uint32_t slot = in->slots[i];
        float most = near[slot / QI_RANGE];
        float x = most > 0 || required ? look_up(leaf, in->first * QI_RANGE + slot) : -1;
        if (x < 0 && required)
            continue;
        if (x > 0) {
            float part = leaf->weight * qi_bm25_part(x, flat->k1);
            in->of[number].parts[slot] = part;
            in->sums[slot].has |= UINT32_C(1) << number;
            in->sums[slot].sum += part;
        }
        in->slots[kept] = (uint16_t)slot;
        in->lack[kept] = in->lack[i] - (x < 0 && bitmap ? most : 0);
        bool good = bound(in, kept) >= in->least;
        best->skipped |= !good;
        kept += good;
    }
    in->found = kept;
}

static void offer(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    best->seen += in->found;
    for (uint32_t i = 0; i < in->found; i++) {
        uint32_t slot = in->slots[i];
        float sum = 0;
        if (in->sums[slot].sum * flat->slack < best->threshold)
            continue;
        for (uint32_t has = in->sums[slot].has; has != 0; has &= has - 1)
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
