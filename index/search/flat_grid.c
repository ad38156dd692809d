/* SPDX-License-Identifier: MIT
 *
 * Ranking over the grid. For a stretch of ranges at a time the bounds of all words are added up, in
 * one pass a word over bytes; a word without ranges adds what its blocks allow, where it occurs.
 * Ranges that may hold one of the best are then looked at one by one, each with all its words. */
#include "search/flat.h"

#include <string.h>

enum {
    STRETCH = 4096,       /* ranges bounded at a time */
    DENSE = 12,           /* documents of a range from which on vectors pay */
    BETWEEN_POLLS = 1024, /* ranges looked at between two looks at the clock */
};

static const float NEVER = -1e30f; /* a bound where nothing matches; no sum brings it near 0 */

typedef struct stretch {
    uint32_t first, count; /* ranges */
    float bounds[STRETCH];
    uint8_t present[STRETCH]; /* of one required word */
} stretch;

static void add_bytes(stretch *to, const uint8_t *bytes, float per_byte)
{
    for (uint32_t r = 0; r < to->count; r++)
        to->bounds[r] += per_byte * (float)bytes[r];
}

static void add_presence(stretch *to, const uint8_t *bytes)
{
    for (uint32_t r = 0; r < to->count; r++)
        to->present[r] |= bytes[r];
}

/* The most that a document of the current block can score. */
static float most_of_block(const qi_flat_list *list, const qi_flat_leaf *leaf)
{
    if (list->source->norms == NULL)
        return leaf->weight;
    float most = list->per_byte * QI_PART * qi_postings_block_max(list->match.list);
    return most < leaf->weight ? most : leaf->weight;
}

/* A list without ranges: step through its documents. */
static void add_documents(stretch *to, qi_flat_list *list, const qi_flat_leaf *leaf)
{
    const qi_postings *from = list->match.list;
    uint32_t end = (to->first + to->count) * QI_RANGE, last = UINT32_MAX;
    float given = 0; /* to the range `last`, which two blocks may share */
    for (uint32_t target = to->first * QI_RANGE;
         target < end && qi_cursor_seek(&list->match, target);) {
        float most = most_of_block(list, leaf);
        uint32_t i = list->match.at;
        for (; i < from->count && from->docs[i] < end; i++) {
            uint32_t range = from->docs[i] / QI_RANGE - to->first;
            to->present[range] = 1;
            given = range != last ? 0 : given;
            to->bounds[range] += most > given ? most - given : 0;
            given = most > given ? most : given;
            last = range;
        }
        if (qi_cursor_pass(&list->match, i, &target))
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

static void bound_leaf(stretch *to, const qi_flat_leaf *leaf)
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
        add_bytes(to, bytes + to->first, list->per_byte);
        if (required)
            add_presence(to, bytes + to->first);
    }
    for (uint32_t r = 0; required && r < to->count; r++)
        to->bounds[r] = to->present[r] != 0 ? to->bounds[r] : NEVER;
}

/* Which documents of a range match; the words that were asked keep theirs. */
static uint64_t match(qi_flat *flat, uint32_t range)
{
    uint64_t live = qi_flat_live(flat, range), found = flat->any ? 0 : live;
    for (uint32_t i = 0; i < flat->required && found != 0; i++) {
        const qi_flat_leaf *leaf = flat->order[i];
        uint64_t any = 0;
        for (uint32_t l = 0; l < leaf->count; l++)
            any |= qi_flat_word(&leaf->lists[l], range, leaf->weight > 0);
        found &= any;
    }
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (leaf->role == QI_FLAT_REQUIRED || (found == 0 && leaf->role != QI_FLAT_ANY))
            continue;
        uint64_t any = 0;
        for (uint32_t l = 0; l < leaf->count; l++)
            any |= qi_flat_word(&leaf->lists[l], range, leaf->weight > 0);
        if (leaf->role == QI_FLAT_ANY)
            found |= any & live;
        else if (leaf->role == QI_FLAT_PROHIBITED)
            found &= ~any;
    }
    return found;
}

/* Score the documents in `found`. */
static void score(const qi_flat *flat, uint32_t range, uint64_t found, float sum[QI_RANGE])
{
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        float x[QI_RANGE] = {0};
        uint64_t any = 0;
        if (leaf->weight <= 0 || leaf->role == QI_FLAT_PROHIBITED)
            continue;
        for (uint32_t l = 0; l < leaf->count; l++) {
            uint64_t want = leaf->lists[l].word & found;
            if (want != 0)
                qi_flat_mix(&leaf->lists[l], range, want, x);
            any |= want;
        }
        if (qi_popcount(any) >= DENSE && flat->k1 > 0) {
            for (uint32_t slot = 0; slot < QI_RANGE; slot++)
                sum[slot] += leaf->weight * (x[slot] / (flat->k1 + x[slot]));
            continue;
        }
        for (; any != 0; any &= any - 1)
            sum[qi_ctz(any)] += leaf->weight * qi_bm25_part(x[qi_ctz(any)], flat->k1);
    }
}

static void look_at(qi_flat *flat, uint32_t range, qi_flat_best *best)
{
    uint64_t found = match(flat, range);
    if (found == 0)
        return;
    float sum[QI_RANGE] = {0};
    score(flat, range, found, sum);
    best->seen += qi_popcount(found);
    for (; found != 0; found &= found - 1)
        qi_flat_offer(best, sum[qi_ctz(found)], range * QI_RANGE + qi_ctz(found));
}

static quire_status rank_stretch(qi_flat *flat, const stretch *in, qi_flat_best *best)
{
    float least = flat->any ? FLT_MIN : 0; /* bounds below it: nothing matches */
    uint32_t looked = 0;
    for (uint32_t r = 0; r < in->count; r++) {
        if (in->bounds[r] < least)
            continue;
        if (in->bounds[r] * flat->slack < best->threshold) {
            best->skipped = true;
            continue;
        }
        look_at(flat, in->first + r, best);
        if (++looked % BETWEEN_POLLS == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
    }
    return QUIRE_OK;
}

quire_status qi_flat_rank(qi_flat *flat, qi_flat_best *best)
{
    uint32_t ranges = (flat->segment->doc_count + QI_RANGE - 1) / QI_RANGE;
    if (flat->lead != NULL)
        return qi_flat_follow(flat, best, NULL);
    stretch in;
    for (in.first = 0; in.first < ranges; in.first += STRETCH) {
        in.count = ranges - in.first < STRETCH ? ranges - in.first : STRETCH;
        QI_TRY(qi_poll_ask(flat->poll, flat->err));
        memset(in.bounds, 0, in.count * sizeof in.bounds[0]);
        for (uint32_t i = 0; i < flat->count; i++)
            if (can_bound(&flat->leaves[i]))
                bound_leaf(&in, &flat->leaves[i]);
        QI_TRY(rank_stretch(flat, &in, best));
    }
    return QUIRE_OK;
}
