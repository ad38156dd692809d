/* SPDX-License-Identifier: MIT
 *
 * Bounds of the ranges of a window. Words whose lists have ranges are added up for all ranges at
 * once; where only rare words are essential, few ranges have documents of theirs, and only these
 * are bounded. */
#include "codec/bitmap.h"
#include "codec/lanes.h"
#include "search/flat_window.h"

enum { FEW = 8 }; /* ranges that are bounded one by one */

static const float NEVER = -1e30f; /* a bound where nothing matches; no sum brings it near 0 */

/* A frequent keyword has a bitmap, but no bounds of ranges. */
static void add_bits(const qi_flat_window *in, const uint8_t *bitmap, float most, float *to)
{
    for (uint32_t r = 0; r < in->count; r++)
        to[r] += qi_load64(bitmap + 8 * (size_t)(in->first + r)) != 0 ? most : 0;
}

/* Any range may have a document. */
static void add_all(float to[QI_FLAT_RANGES], float most)
{
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        to[r] += most;
}

/* Ranges of a list's documents. */
static void add_documents(const qi_flat_window *in, qi_flat_list *list, float most, float *to)
{
    const qi_postings *from = list->match.list;
    uint32_t base = in->first * QI_RANGE, span = in->count * QI_RANGE, last = UINT32_MAX;
    for (uint32_t target = base; target - base < span && qi_cursor_seek(&list->match, target);) {
        uint32_t i = list->match.at;
        for (; i < from->count && from->docs[i] - base < span; i++) {
            uint32_t range = (from->docs[i] - base) / QI_RANGE;
            to[range] += range != last ? most : 0;
            last = range;
        }
        if (qi_cursor_pass(&list->match, i, &target))
            return;
    }
}

/* The most that a word adds in each range. */
static void bound_leaf(const qi_flat_window *in, const qi_flat_leaf *leaf, bool essential,
                       float to[QI_FLAT_RANGES])
{
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        to[r] = 0;
    for (uint32_t l = 0; l < leaf->count; l++) {
        qi_flat_list *list = &leaf->lists[l];
        const qi_postings *from = list->match.list;
        float most = qi_flat_most(list, leaf->weight, from->max_part);
        if (from->ranges != NULL)
            qi_lanes_add(from->ranges + in->first, in->count, list->per_byte, to);
        else if (from->bitmap != NULL)
            add_bits(in, from->bitmap, most, to);
        else if (essential)
            add_documents(in, list, most, to);
        else
            add_all(to, most);
    }
}

static void add_leaf(const qi_flat *flat, qi_flat_window *in, const qi_flat_leaf *leaf)
{
    bool essential = qi_flat_is_essential(flat, in, leaf);
    qi_flat_share *of = &in->of[qi_flat_number(flat, leaf)];
    float *to = essential ? in->all : in->rest;
    if (qi_flat_is_known(flat, in, leaf)) {
        for (uint64_t sown = of->sown; sown != 0; sown &= sown - 1)
            in->all[qi_ctz(sown)] += of->near[qi_ctz(sown)];
        return;
    }
    bound_leaf(in, leaf, essential, of->near);
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        to[r] += of->near[r];
}

/* Leave out ranges without a required word. */
static void bound_required(qi_flat_window *in, const qi_flat_leaf *leaf)
{
    uint8_t present[QI_FLAT_RANGES] = {0};
    for (uint32_t l = 0; l < leaf->count; l++) {
        if (leaf->lists[l].match.list->ranges == NULL)
            return;
        const uint8_t *bytes = leaf->lists[l].match.list->ranges + in->first;
        for (uint32_t r = 0; r < in->count; r++)
            present[r] |= bytes[r];
    }
    for (uint32_t r = 0; r < in->count; r++)
        in->all[r] = present[r] != 0 ? in->all[r] : NEVER;
}

static uint64_t bound_all(const qi_flat *flat, qi_flat_window *in)
{
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        in->rest[r] = in->all[r] = 0;
    for (uint32_t i = 0; i < in->words; i++)
        add_leaf(flat, in, in->by_most[i]);
    for (uint32_t r = 0; r < QI_FLAT_RANGES; r++)
        in->all[r] = r < in->count ? in->all[r] + in->rest[r] : NEVER;
    for (uint32_t i = 0; i < flat->ordered && !flat->any; i++)
        bound_required(in, flat->order[i]);
    return qi_bitmap_reaching(in->all, flat->any ? FLT_MIN : 0);
}

float qi_flat_near(const qi_flat_leaf *leaf, uint32_t range)
{
    float most = -1;
    for (uint32_t l = 0; l < leaf->count; l++) {
        const qi_flat_list *list = &leaf->lists[l];
        const uint8_t *bytes = list->match.list->ranges;
        if (bytes == NULL)
            return leaf->most;
        if (bytes[range] != 0)
            most = (most < 0 ? 0 : most) + list->per_byte * (float)bytes[range];
    }
    return most;
}

static float bound_range(const qi_flat *flat, qi_flat_window *in, uint32_t range)
{
    float rest = 0, known = 0;
    bool never = false;
    for (uint32_t i = 0; i < in->words; i++) {
        const qi_flat_leaf *leaf = in->by_most[i];
        qi_flat_share *of = &in->of[qi_flat_number(flat, leaf)];
        if (qi_flat_is_known(flat, in, leaf)) {
            known += (of->sown >> range & 1) != 0 ? of->near[range] : 0;
            continue;
        }
        float most = qi_flat_near(leaf, in->first + range);
        never = never || (most < 0 && leaf->role == QI_FLAT_REQUIRED);
        of->near[range] = most < 0 ? 0 : most;
        rest += of->near[range];
    }
    in->rest[range] = rest;
    return in->all[range] = never ? NEVER : known + rest;
}

void qi_flat_bound_window(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    uint64_t some = 0;
    in->good = 0;
    if (in->always || qi_popcount(in->sown) > FEW) {
        some = bound_all(flat, in);
        in->good = some & qi_bitmap_reaching(in->all, in->least);
    } else {
        for (uint64_t sown = in->sown; sown != 0; sown &= sown - 1) {
            float all = bound_range(flat, in, qi_ctz(sown));
            some |= (uint64_t)(all >= 0) << qi_ctz(sown);
            in->good |= (uint64_t)(all >= in->least && all >= 0) << qi_ctz(sown);
        }
    }
    best->skipped = best->skipped || some != in->good;
}
