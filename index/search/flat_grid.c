/* SPDX-License-Identifier: MIT
 *
 * Ranking over the grid: the ranges of a stretch whose bound reaches the threshold are looked at
 * one by one. Of alternatives the rarest is asked first, and where it is missing, the bound falls;
 * then those documents are scored that have words enough to be among the best. */
#include "codec/bitmap.h"
#include "search/flat_window.h"

enum {
    DENSE = 12,           /* documents of a range from which on vectors pay */
    WHOLE = 8,            /* and from which on all that its words have are scored */
    BETWEEN_POLLS = 1024, /* ranges looked at between two looks at the clock */
    BETWEEN_PAGES = 16    /* pages of 64 ranges */
};

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
    for (uint32_t i = 0; i < flat->ordered && found != 0; i++)
        found &= word_of(flat->order[i], range);
    return match_rest(flat, range, found);
}

float qi_flat_most_in(const qi_flat_leaf *leaf, uint32_t range)
{
    const uint8_t *bytes = leaf->lists[0].match.list->ranges;
    return leaf->count == 1 && bytes != NULL ? leaf->lists[0].per_byte * (float)bytes[range]
                                             : leaf->most;
}

/* What alternatives are worth together in a range. */
typedef struct alternatives {
    uint64_t ones, twos, threes; /* documents with at least one, two, three of them */
    double sum;                  /* the most of all that occur */
    float first, second;         /* of the best one, and the next */
} alternatives;

static void add_alternative(alternatives *all, uint64_t word, float near)
{
    all->threes |= all->twos & word;
    all->twos |= all->ones & word;
    all->ones |= word;
    float lower = near < all->first ? near : all->first;
    all->first = near < all->first ? all->first : near;
    all->second = lower < all->second ? all->second : lower;
}

/* The word is not in the range: a byte has told so. */
static uint64_t no_word(const qi_flat_leaf *leaf)
{
    for (uint32_t l = 0; l < leaf->count; l++)
        leaf->lists[l].word = 0;
    return 0;
}

/* Ask the words, the rarest first, until they cannot reach `least`: false. */
static bool ask_alternatives(const qi_flat *flat, uint32_t range, float least, alternatives *all)
{
    *all = (alternatives){0};
    for (uint32_t i = 0; i < flat->ordered; i++)
        all->sum += flat->order[i]->near = qi_flat_most_in(flat->order[i], range);
    for (uint32_t i = 0; i < flat->ordered; i++) {
        qi_flat_leaf *leaf = flat->order[i];
        leaf->word = leaf->near > 0 ? word_of(leaf, range) : no_word(leaf);
        if (leaf->word != 0) {
            add_alternative(all, leaf->word, leaf->near);
            continue;
        }
        all->sum -= leaf->near;
        if (all->sum * flat->slack < least)
            return false;
    }
    return true;
}

/* Documents of a range with alternatives enough to be among the best: as many as the best of them
 * come to it, and each without which the others do not. */
static uint64_t match_any(const qi_flat *flat, uint32_t range, qi_flat_best *best)
{
    alternatives all;
    float least = best->threshold;
    if (!ask_alternatives(flat, range, least, &all)) {
        best->skipped = true;
        return 0;
    }
    double sum = all.sum * flat->slack;
    uint64_t found = all.ones;
    if (all.first * flat->slack < least)
        found = (all.first + all.second) * flat->slack < least ? all.threes : all.twos;
    for (uint32_t i = 0; i < flat->ordered; i++)
        if (flat->order[i]->word != 0 && sum - flat->order[i]->near < least)
            found &= flat->order[i]->word;
    best->skipped = best->skipped || found != all.ones;
    return match_rest(flat, range, found & qi_flat_live(flat, range));
}

/* What a leaf is worth to the documents in `found`, in its parts, and added to their sums. Its x
 * are set, and 0 again afterwards. */
static void add_leaf(qi_flat *flat, const qi_flat_leaf *leaf, uint64_t found)
{
    float *x = flat->x, *sum = flat->sum, *parts = leaf->parts, k1 = flat->k1;
    if (k1 > 0 && qi_popcount(found) >= DENSE) {
        for (uint32_t slot = 0; slot < QI_RANGE; slot++) {
            parts[slot] = leaf->weight * (x[slot] / (k1 + x[slot]));
            sum[slot] += parts[slot];
            x[slot] = 0;
        }
        return;
    }
    for (; found != 0; found &= found - 1) {
        uint32_t slot = qi_ctz(found);
        parts[slot] = leaf->weight * qi_bm25_part(x[slot], k1);
        sum[slot] += parts[slot];
        x[slot] = 0;
    }
}

/* Those in `found` whose sum is at least `least`. */
static uint64_t keep(const qi_flat *flat, uint64_t found, float least)
{
    uint64_t kept = 0;
    if (qi_popcount(found) >= DENSE)
        return found & qi_bitmap_reaching(flat->sum, least);
    for (; found != 0; found &= found - 1)
        kept |= flat->sum[qi_ctz(found)] >= least ? found & -found : 0;
    return kept;
}

/* Score the documents in `found`, the rarest word first, while what the others add at most can lift
 * them to the threshold: those are given. */
static uint64_t score(qi_flat *flat, uint32_t range, uint64_t found, float threshold)
{
    double rest = 0;
    for (uint64_t left = found; left != 0; left &= left - 1)
        flat->sum[qi_ctz(left)] = 0;
    for (uint32_t i = 0; i < flat->count; i++)
        rest += qi_flat_adds(flat->rarest[i]) ? qi_flat_most_in(flat->rarest[i], range) : 0;
    for (uint32_t i = 0; i < flat->count && found != 0; i++) {
        const qi_flat_leaf *leaf = flat->rarest[i];
        if (!qi_flat_adds(leaf))
            continue;
        for (uint32_t l = 0; l < leaf->count; l++)
            if ((leaf->lists[l].word & found) != 0)
                qi_flat_mix(&leaf->lists[l], range, leaf->lists[l].word & found, flat->x);
        add_leaf(flat, leaf, found);
        rest -= qi_flat_most_in(leaf, range);
        found = keep(flat, found, (float)(threshold / flat->slack - rest));
    }
    return found;
}

/* The score of a document, in the order of the query. */
static float sum_of(const qi_flat *flat, uint32_t slot)
{
    float sum = 0;
    for (uint32_t i = 0; i < flat->count; i++)
        if (qi_flat_adds(&flat->leaves[i]))
            sum += flat->leaves[i].parts[slot];
    return sum;
}

/* Do all words that score have bitmaps, and one source of lengths? */
static bool can_be_whole(const qi_flat *flat)
{
    const qi_field_source *one = flat->order[0]->lists[0].source;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        const qi_field_source *source = leaf->lists[0].source;
        if (qi_flat_adds(leaf) && (leaf->role != QI_FLAT_REQUIRED || !qi_flat_is_bitmap(leaf) ||
                                   source->norms != one->norms || source->table != one->table))
            return false;
    }
    return !flat->any && flat->k1 > 0;
}

/* Score all documents that the words have in a range, whatever else they have. Gives those in
 * `found` that reach the threshold. */
static uint64_t score_whole(qi_flat *flat, uint32_t range, uint64_t found, float threshold)
{
    float units[QI_RANGE];
    qi_flat_units(flat, flat->order[0]->lists[0].source, range, units);
    qi_lanes_clear(flat->sum);
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        qi_flat_list *list = &leaf->lists[0];
        qi_lanes_scale by = {leaf->weight, flat->k1, units};
        if (qi_flat_adds(leaf) &&
            !qi_flat_add_range(list, range * QI_RANGE, list->word, by, flat->sum))
            return 0;
    }
    return found & qi_bitmap_reaching(flat->sum, threshold);
}

static void look_at(qi_flat *flat, uint32_t range, qi_flat_best *best)
{
    uint64_t found = flat->any ? match_any(flat, range, best) : match_required(flat, range);
    if (found == 0)
        return;
    best->seen += qi_popcount(found);
    if (flat->whole && qi_popcount(found) >= WHOLE) {
        found = score_whole(flat, range, found, best->threshold);
        for (; found != 0; found &= found - 1)
            qi_flat_offer(best, flat->sum[qi_ctz(found)], range * QI_RANGE + qi_ctz(found));
        return;
    }
    found = score(flat, range, found, best->threshold);
    for (; found != 0; found &= found - 1) {
        uint32_t slot = qi_ctz(found);
        qi_flat_offer(best, sum_of(flat, slot), range * QI_RANGE + slot);
    }
}

/* Have the memory of a range at hand when it is looked at. */
static void fetch(const qi_flat *flat, uint32_t range)
{
    const qi_flat_list *list = &flat->order[0]->lists[0];
    if (list->source->norms != NULL)
        __builtin_prefetch(list->source->norms + (size_t)range * QI_RANGE);
    for (uint32_t i = 0; i < flat->ordered; i++) {
        const uint8_t *bitmap = flat->order[i]->lists[0].match.list->bitmap;
        if (bitmap != NULL)
            __builtin_prefetch(bitmap + (size_t)range * (QI_RANGE / 8));
    }
}

static quire_status rank_stretch(qi_flat *flat, const qi_flat_stretch *in, qi_flat_best *best)
{
    uint32_t looked = 0;
    for (uint32_t r = 0; r < in->count; r += 64) {
        float least = best->threshold / flat->slack - in->extra;
        uint64_t some = qi_bitmap_reaching(in->bounds + r, in->least);
        uint64_t good = some & qi_bitmap_reaching(in->bounds + r, least);
        best->skipped = best->skipped || some != good;
        if (flat->paged && good != 0) {
            if (looked++ % BETWEEN_PAGES == 0)
                QI_TRY(qi_poll_ask(flat->poll, flat->err));
            qi_flat_rank_page(flat, in->first + r, good, best);
            continue;
        }
        for (; good != 0; good &= good - 1) {
            uint32_t at = r + qi_ctz(good);
            if ((good & (good - 1)) != 0)
                fetch(flat, in->first + r + qi_ctz(good & (good - 1)));
            if ((in->bounds[at] + in->extra) * flat->slack < best->threshold)
                best->skipped = true;
            else
                look_at(flat, in->first + at, best);
            if (++looked % BETWEEN_POLLS == 0)
                QI_TRY(qi_poll_ask(flat->poll, flat->err));
        }
    }
    return QUIRE_OK;
}

/* All ranges, stretch by stretch. */
static quire_status rank_ranges(qi_flat *flat, qi_flat_best *best)
{
    uint32_t ranges = (flat->segment->doc_count + QI_RANGE - 1) / QI_RANGE;
    qi_flat_stretch in;
    flat->whole = can_be_whole(flat);
    for (in.first = 0; in.first < ranges; in.first += QI_FLAT_STRETCH) {
        in.count = ranges - in.first < QI_FLAT_STRETCH ? ranges - in.first : QI_FLAT_STRETCH;
        QI_TRY(qi_poll_ask(flat->poll, flat->err));
        qi_flat_bound(flat, &in, best->threshold);
        best->skipped = best->skipped || in.extra > 0;
        QI_TRY(rank_stretch(flat, &in, best));
    }
    return QUIRE_OK;
}

quire_status qi_flat_rank(qi_flat *flat, qi_flat_best *best, uint64_t *total)
{
    bool deleted = flat->deleted != NULL;
    if (qi_flat_is_sole(flat) && (total == NULL || !deleted)) {
        if (total != NULL)
            *total += flat->leaves[0].df;
        return qi_flat_rank_sole(flat, best);
    }
    if (qi_flat_by_window(flat, total != NULL))
        QI_TRY(qi_flat_rank_windows(flat, best));
    else if (flat->lead != NULL)
        return qi_flat_follow(flat, best, total);
    else
        QI_TRY(rank_ranges(flat, best));
    if (total != NULL && best->skipped)
        return qi_flat_count(flat, total);
    if (total != NULL)
        *total += best->seen;
    return QUIRE_OK;
}
