/* SPDX-License-Identifier: MIT
 *
 * Ranking by windows: for each, words are divided into essential ones and the rest, ranges are
 * bounded, and only documents with an essential word, in ranges that reach the threshold, are
 * summed. The division follows the threshold, so that a query soon comes down to its rarest
 * words. */
#include "search/flat_window.h"

#include <string.h>

enum { BETWEEN_POLLS = 16 }; /* windows between two looks at the clock */

qi_flat_window *qi_flat_window_new(qi_arena *memory, uint32_t count)
{
    if (count > QI_FLAT_WORDS)
        return NULL;
    qi_flat_window *in = qi_arena_room(memory, 1, sizeof *in + count * sizeof *in->of);
    if (in != NULL) {
        in->words = in->essential = in->known = in->required = in->summed = in->found = 0;
        memset(in->may, 0, sizeof in->may);
        in->ready = false;
    }
    return in;
}

/* May the word be the only essential one? Not if bounding its lists would move the only cursors. */
static bool can_lead(const qi_flat *flat, const qi_flat_leaf *leaf)
{
    return leaf->count == 1 || (flat->lead == NULL && leaf->weight > 0);
}

bool qi_flat_by_window(const qi_flat *flat, bool total)
{
    bool prohibited = flat->deleted != NULL, leads = flat->any;
    if (flat->window == NULL)
        return false;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        prohibited = prohibited || leaf->role == QI_FLAT_PROHIBITED;
        leads = leads || (leaf->role == QI_FLAT_REQUIRED && can_lead(flat, leaf));
    }
    bool counted = flat->ordered == 1 && !prohibited; /* by its df */
    return leads && (flat->lead == NULL || !total || counted);
}

static void sort(const qi_flat *flat, qi_flat_window *in)
{
    for (uint32_t i = 0; i < flat->count; i++) {
        qi_flat_leaf *leaf = &flat->leaves[i];
        if (leaf->role == QI_FLAT_PROHIBITED ||
            (leaf->weight <= 0 && leaf->role != QI_FLAT_REQUIRED))
            continue;
        if (leaf->weight <= 0)
            leaf->most = 0;
        uint32_t at = in->words++;
        for (; at > 0 && in->by_most[at - 1]->most > leaf->most; at--)
            in->by_most[at] = in->by_most[at - 1];
        in->by_most[at] = leaf;
        uint32_t number = qi_flat_number(flat, leaf);
        in->required |= (uint32_t)(leaf->role == QI_FLAT_REQUIRED) << number;
        in->of[number].rare.next = 0;
        in->of[number].rare.count = 0;
    }
}

/* The rarest word that a document needs to be among the best; NULL if there is none. */
static qi_flat_leaf *needed(const qi_flat *flat, const qi_flat_window *in)
{
    double sum = 0;
    qi_flat_leaf *best = NULL;
    for (uint32_t i = 0; i < in->words; i++)
        sum += in->by_most[i]->most;
    for (uint32_t i = 0; i < in->words; i++) {
        qi_flat_leaf *leaf = in->by_most[i];
        if (leaf->role != QI_FLAT_REQUIRED && sum - leaf->most >= in->least)
            continue;
        if (can_lead(flat, leaf) && (best == NULL || leaf->df < best->df))
            best = leaf;
    }
    return best;
}

/* Words that are not among those which together stay below the threshold; their df in *df. */
static uint32_t split(const qi_flat *flat, const qi_flat_window *in, uint64_t *df)
{
    double sum = 0;
    uint32_t words = 0;
    *df = 0;
    for (uint32_t i = 0; i < in->words; i++) {
        sum += in->by_most[i]->most;
        if (sum < in->least)
            continue;
        words |= UINT32_C(1) << qi_flat_number(flat, in->by_most[i]);
        *df += in->by_most[i]->df;
        if (flat->lead != NULL && in->by_most[i]->count != 1)
            *df = UINT64_MAX / 2; /* one cursor serves for matching and scoring */
    }
    return words;
}

/* Of rare words sum those that are essential, or rarer than what is: `df`. */
static void add_known(const qi_flat *flat, qi_flat_window *in, uint64_t df)
{
    uint32_t essential = in->essential;
    in->known = 0;
    for (uint32_t i = 0; i < in->words; i++) {
        const qi_flat_leaf *leaf = in->by_most[i];
        uint32_t bit = UINT32_C(1) << qi_flat_number(flat, leaf);
        if (qi_flat_is_rare(leaf) && ((essential & bit) != 0 || leaf->df < df))
            in->known |= bit;
    }
    in->always = (essential & ~in->known) != 0;
    in->essential |= in->known;
}

/* Choose essential words, so that few documents have one. True if nothing can match without. */
static bool choose(const qi_flat *flat, qi_flat_window *in)
{
    uint64_t df;
    in->sole = in->lead = NULL;
    in->essential = split(flat, in, &df);
    qi_flat_leaf *leaf = needed(flat, in);
    if (leaf == NULL || leaf->df > df) {
        add_known(flat, in, df);
        return false;
    }
    in->essential = UINT32_C(1) << qi_flat_number(flat, leaf);
    if (qi_flat_is_rare(leaf))
        in->lead = leaf;
    else if (leaf->count == 1 && !qi_flat_is_bitmap(leaf))
        in->sole = leaf;
    add_known(flat, in, leaf->df);
    return leaf->role == QI_FLAT_REQUIRED;
}

void qi_flat_divide(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best)
{
    float least = best->threshold / flat->slack;
    if (in->essential != 0 && least <= in->least)
        return;
    in->least = least;
    bool all = choose(flat, in);
    for (uint32_t i = 0; i < in->words && !all; i++)
        best->skipped |= !qi_flat_is_essential(flat, in, in->by_most[i]);
}

/* The window that may have the next document with an essential word. */
static uint32_t next_window(const qi_flat_window *in, uint32_t first)
{
    uint32_t next = QI_END;
    for (uint32_t rare = in->known; rare != 0; rare &= rare - 1) {
        uint32_t doc = in->of[qi_ctz(rare)].rare.next;
        next = doc < next ? doc : next;
    }
    uint32_t range = next / QI_FLAT_SLOTS * QI_FLAT_RANGES;
    return in->always || range < first ? first : range;
}

static void clear(qi_flat_window *in)
{
    for (uint32_t i = 0; i < in->summed; i++)
        in->sums[in->touched[i]].has = 0;
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        in->may[qi_ctz(good)] = 0;
    in->summed = in->found = 0;
}

/* Has each word one list, is none prohibited, and has each required one a bitmap? */
static bool can_be_whole(const qi_flat *flat)
{
    bool can = flat->k1 > 0;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        can = can && leaf->role != QI_FLAT_PROHIBITED && leaf->count == 1 && leaf->weight > 0 &&
              (leaf->role != QI_FLAT_REQUIRED || qi_flat_is_bitmap(leaf));
    }
    return can;
}

quire_status qi_flat_rank_windows(qi_flat *flat, qi_flat_best *best)
{
    qi_flat_window *in = flat->window;
    uint32_t ranges = (flat->segment->doc_count + QI_RANGE - 1) / QI_RANGE, windows = 0;
    sort(flat, in);
    in->can_be_whole = can_be_whole(flat);
    for (uint32_t first = 0;; first += QI_FLAT_RANGES) {
        qi_flat_divide(flat, in, best);
        if (in->lead != NULL)
            return qi_flat_pursue(flat, best, first * QI_RANGE);
        in->first = first = next_window(in, first);
        if (first >= ranges)
            return QUIRE_OK;
        in->count = ranges - first < QI_FLAT_RANGES ? ranges - first : QI_FLAT_RANGES;
        if (windows++ % BETWEEN_POLLS == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        qi_flat_add_rare(flat, in);
        qi_flat_bound_window(flat, in, best);
        if (in->good != 0)
            qi_flat_add_up(flat, in, best);
        if (in->found != 0)
            qi_flat_finish(flat, in, best);
        clear(in);
    }
}
