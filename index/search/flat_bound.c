/* SPDX-License-Identifier: MIT
 *
 * Bounds of the ranges of a stretch: one pass a word over the bytes of its ranges. A word without
 * ranges is rare; it adds what its blocks allow, where it occurs, and for that its documents are
 * stepped through, the rarest word's first. Once few ranges are left that the rest of them could
 * lift to the threshold, it is cheaper to ask them there, and they count as if they were
 * everywhere. */
#include "search/flat.h"

#include <string.h>

#include "codec/lanes.h"

enum { STEPS = 16 }; /* documents that are stepped through while a range is looked at */

static const float NEVER = -1e30f; /* a bound where nothing matches; no sum brings it near 0 */

static void add_presence(qi_flat_stretch *to, const uint8_t *bytes)
{
    for (uint32_t r = 0; r < to->count; r++)
        to->present[r] |= bytes[r];
}

/* The ranges of a block's documents get `most`. The first may have got `given` by the block before,
 * of which it is the `last`. Gives the range of the last one. */
static uint32_t add_block(qi_flat_stretch *to, const uint32_t *docs, uint32_t count, float most,
                          uint32_t last)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t range = docs[i] / QI_RANGE - to->first;
        if (range == last)
            continue;
        to->bounds[range] += most;
        to->present[range] = 1;
        last = range;
    }
    return last;
}

/* A list without ranges: step through its documents. */
static void add_documents(qi_flat_stretch *to, qi_flat_list *list, const qi_flat_leaf *leaf)
{
    const qi_postings *from = list->match.list;
    uint32_t end = (to->first + to->count) * QI_RANGE, last = UINT32_MAX;
    float given = 0;
    for (uint32_t target = to->first * QI_RANGE;
         target < end && qi_cursor_seek(&list->match, target);) {
        float most = qi_flat_most(list, leaf->weight, qi_postings_block_max(from));
        uint32_t at = list->match.at, count = from->count - at;
        while (count != 0 && from->docs[at + count - 1] >= end)
            count--;
        if (count != 0 && from->docs[at] / QI_RANGE - to->first == last && most > given)
            to->bounds[last] += most - given;
        last = add_block(to, from->docs + at, count, most, last);
        given = most;
        if (qi_cursor_pass(&list->match, at + count, &target))
            return;
    }
}

/* May the documents of a leaf be stepped through before they are looked at again? */
static bool can_bound(const qi_flat_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->count; i++)
        if (leaf->lists[i].match.list->ranges == NULL && leaf->weight <= 0)
            return false;
    return leaf->role != QI_FLAT_PROHIBITED;
}

static void bound_leaf(qi_flat_stretch *to, const qi_flat_leaf *leaf)
{
    bool required = leaf->role == QI_FLAT_REQUIRED;
    if (required)
        memset(to->present, 0, to->count);
    for (uint32_t i = 0; i < leaf->count; i++) {
        qi_flat_list *list = &leaf->lists[i];
        const uint8_t *bytes = list->match.list->ranges;
        if (bytes == NULL) {
            add_documents(to, list, leaf);
            continue;
        }
        qi_lanes_add(bytes + to->first, to->count, list->per_byte, to->bounds);
        if (required)
            add_presence(to, bytes + to->first);
    }
    for (uint32_t r = 0; required && r < to->count; r++)
        to->bounds[r] = to->present[r] != 0 ? to->bounds[r] : NEVER;
}

static bool has_ranges(const qi_flat_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->count; i++)
        if (leaf->lists[i].match.list->ranges == NULL)
            return false;
    return true;
}

/* How many ranges would reach the threshold if words that add `rest` were everywhere? */
static uint32_t count_reaching(const qi_flat_stretch *in, float least)
{
    uint32_t count = 0;
    for (uint32_t r = 0; r < in->count; r++)
        count += in->bounds[r] >= least;
    return count;
}

/* Is it better to ask the word, and those after it, only where they matter? */
static bool left_to_asking(const qi_flat *flat, const qi_flat_stretch *in, const qi_flat_leaf *leaf,
                           double rest, float threshold)
{
    if (leaf->role == QI_FLAT_REQUIRED || rest * flat->slack >= threshold)
        return false;
    uint64_t steps = leaf->df * in->count * QI_RANGE / flat->segment->doc_count;
    return (uint64_t)count_reaching(in, (float)(threshold / flat->slack - rest)) * STEPS < steps;
}

void qi_flat_bound(qi_flat *flat, qi_flat_stretch *to, float threshold)
{
    double rest = 0;
    memset(to->bounds, 0, to->count * sizeof *to->bounds);
    to->extra = 0;
    to->least = flat->any ? FLT_MIN : 0;
    for (uint32_t i = 0; i < flat->count; i++) {
        qi_flat_leaf *leaf = &flat->leaves[i];
        if (has_ranges(leaf) && leaf->role != QI_FLAT_PROHIBITED)
            bound_leaf(to, leaf);
        else if (can_bound(leaf))
            rest += leaf->most;
    }
    for (uint32_t i = 0; i < flat->count && rest != 0; i++) {
        qi_flat_leaf *leaf = flat->rarest[i];
        if (has_ranges(leaf) || !can_bound(leaf))
            continue;
        if (left_to_asking(flat, to, leaf, rest, threshold)) {
            to->extra = (float)rest;
            break;
        }
        bound_leaf(to, leaf);
        rest -= leaf->most;
    }
    for (uint32_t r = to->count; r % 64 != 0; r++)
        to->bounds[r] = NEVER;
}
