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

static uint64_t word_of(const qi_flat_leaf *leaf, uint32_t range)
{
    uint64_t any = 0;
    for (uint32_t l = 0; l < leaf->count; l++)
        any |= qi_flat_word(&leaf->lists[l], range, leaf->weight > 0);
    return any;
}

/* Take out the documents with a prohibited word; ask optional ones for theirs. */
static uint64_t match_rest(const qi_flat *flat, uint32_t range, uint64_t found)
{
    for (uint32_t i = 0; i < flat->count && found != 0; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (leaf->role == QI_FLAT_OPTIONAL)
            word_of(leaf, range);
        else if (leaf->role == QI_FLAT_PROHIBITED)
            found &= ~word_of(leaf, range);
    }
    return found;
}

static uint64_t match_required(const qi_flat *flat, uint32_t range)
{
    uint64_t found = qi_flat_live(flat, range);
    for (uint32_t i = 0; i < flat->required && found != 0; i++)
        found &= word_of(flat->order[i], range);
    return match_rest(flat, range, found);
}

/* The most that a word adds in a range. */
static float most_in(const qi_flat_leaf *leaf, uint32_t range)
{
    const uint8_t *bytes = leaf->lists[0].match.list->ranges;
    return leaf->count == 1 && bytes != NULL ? leaf->lists[0].per_byte * (float)bytes[range]
                                             : leaf->most;
}

/* What alternatives are worth together in a range. */
typedef struct alternatives {
    uint64_t ones, twos, threes; /* documents with at least one, two, three of them */
    float sum, first, second;    /* the most of all; of the best one, and the next */
} alternatives;

static alternatives ask_alternatives(const qi_flat *flat, uint32_t range)
{
    alternatives all = {0};
    for (uint32_t i = 0; i < flat->count; i++) {
        qi_flat_leaf *leaf = &flat->leaves[i];
        if (leaf->role != QI_FLAT_ANY)
            continue;
        leaf->word = word_of(leaf, range);
        if (leaf->word == 0)
            continue;
        all.threes |= all.twos & leaf->word;
        all.twos |= all.ones & leaf->word;
        all.ones |= leaf->word;
        leaf->near = most_in(leaf, range);
        all.sum += leaf->near;
        float lower = leaf->near < all.first ? leaf->near : all.first;
        all.first = leaf->near < all.first ? all.first : leaf->near;
        all.second = lower < all.second ? all.second : lower;
    }
    return all;
}

/* Documents of a range with alternatives enough to be among the best: as many as the best of them
 * come to it, and each without which the others do not. */
static uint64_t match_any(const qi_flat *flat, uint32_t range, qi_flat_best *best)
{
    alternatives all = ask_alternatives(flat, range);
    float least = best->threshold, sum = all.sum * flat->slack;
    uint64_t found = all.ones;
    if (all.first * flat->slack < least)
        found = (all.first + all.second) * flat->slack < least ? all.threes : all.twos;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (leaf->role == QI_FLAT_ANY && leaf->word != 0 && sum - leaf->near < least)
            found &= leaf->word;
    }
    best->skipped = best->skipped || found != all.ones;
    return match_rest(flat, range, found & qi_flat_live(flat, range));
}

/* Add what a leaf is worth to the sums of `any`, whose x are set; they are 0 again afterwards. */
static void add_leaf(qi_flat *flat, float weight, uint64_t any)
{
    float *x = flat->x, *sum = flat->sum, k1 = flat->k1;
    if (k1 > 0 && qi_popcount(any) >= DENSE) {
        for (uint32_t slot = 0; slot < QI_RANGE; slot++) {
            sum[slot] += weight * (x[slot] / (k1 + x[slot]));
            x[slot] = 0;
        }
        return;
    }
    for (; any != 0; any &= any - 1) {
        uint32_t slot = qi_ctz(any);
        sum[slot] += weight * qi_bm25_part(x[slot], k1);
        x[slot] = 0;
    }
}

/* Score the documents in `found`. */
static void score(qi_flat *flat, uint32_t range, uint64_t found)
{
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        uint64_t any = 0;
        if (leaf->weight <= 0 || leaf->role == QI_FLAT_PROHIBITED)
            continue;
        for (uint32_t l = 0; l < leaf->count; l++) {
            uint64_t want = leaf->lists[l].word & found;
            if (want != 0)
                qi_flat_mix(&leaf->lists[l], range, want, flat->x);
            any |= want;
        }
        if (any != 0)
            add_leaf(flat, leaf->weight, any);
    }
}

static void look_at(qi_flat *flat, uint32_t range, qi_flat_best *best)
{
    uint64_t found = flat->any ? match_any(flat, range, best) : match_required(flat, range);
    if (found == 0)
        return;
    score(flat, range, found);
    best->seen += qi_popcount(found);
    for (; found != 0; found &= found - 1) {
        uint32_t slot = qi_ctz(found);
        qi_flat_offer(best, flat->sum[slot], range * QI_RANGE + slot);
        flat->sum[slot] = 0;
    }
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
