/* SPDX-License-Identifier: MIT
 *
 * Along a word that each document among the best needs, a block of its list at a time. Bounds of
 * the other words, in the range or from their bitmaps, strike out before frequencies are decoded;
 * then what the word itself adds; then the others are looked up one after another, while the sum
 * can still reach the threshold. */
#include "search/flat_window.h"

enum {
    BETWEEN_POLLS = 16,        /* blocks between two looks at the clock */
    OTHERS = 2 * QI_FLAT_WORDS /* lists */
};

static const float NEVER = -1e30f; /* a bound where nothing matches; no sum brings it near 0 */

/* What bounds a list of another word than the lead. */
typedef struct other {
    const qi_flat_leaf *leaf;
    const uint8_t *ranges, *bitmap; /* NULL: none */
    float per_byte;                 /* weight a unit of a range's byte, which is 1 without ranges */
    float never;                    /* what a document without the word gets */
} other;

/* Documents of a block that are left. */
typedef struct chase {
    const qi_flat_leaf *lead;
    uint32_t count;
    other others[OTHERS];
    qi_flat_batch batch;     /* of these `freqs` and `x` are of the word just looked up */
    uint8_t place[QI_BLOCK]; /* in the block */
    /* By the place. */
    float rest[QI_BLOCK]; /* what words that were not looked up add at most */
    float sum[QI_BLOCK];  /* of words that have been found: */
    uint32_t has[QI_BLOCK];
} chase;

static inline void keep(chase *of, uint32_t kept, uint32_t i)
{
    of->batch.docs[kept] = of->batch.docs[i];
    of->place[kept] = of->place[i];
}

/* Documents up to `kept` are left. */
static void leave(chase *of, uint32_t kept, qi_flat_best *best)
{
    best->skipped = best->skipped || kept != of->batch.count;
    of->batch.count = kept;
}

static void add_other(chase *of, const qi_flat_leaf *leaf)
{
    float never = leaf->role == QI_FLAT_REQUIRED && leaf->count == 1 ? NEVER : 0;
    bool bounded = leaf->count <= OTHERS / QI_FLAT_WORDS;
    for (uint32_t l = 0; l < leaf->count; l++) {
        const qi_postings *list = leaf->lists[l].match.list;
        bounded = bounded && (list->ranges != NULL || (leaf->count == 1 && list->bitmap != NULL));
    }
    if (!bounded)
        of->others[of->count++] = (other){.leaf = leaf, .per_byte = leaf->most};
    for (uint32_t l = 0; l < leaf->count && bounded; l++) {
        const qi_postings *list = leaf->lists[l].match.list;
        float unit = list->ranges != NULL ? leaf->lists[l].per_byte : leaf->most;
        of->others[of->count++] = (other){leaf, list->ranges, list->bitmap, unit, never};
    }
}

/* The lead may be another one now. What does not have it is not looked at. */
static void follow(const qi_flat_window *in, chase *of, qi_flat_best *best)
{
    if (of->lead == in->lead)
        return;
    of->lead = in->lead;
    best->skipped = best->skipped || of->lead->role != QI_FLAT_REQUIRED;
    of->count = 0;
    for (uint32_t i = 0; i < in->words; i++)
        if (in->by_most[i] != in->lead)
            add_other(of, in->by_most[i]);
}

/* What the range's byte is for a document; 0 if it does not have the word. */
static inline uint32_t units_of(const other *from, uint32_t doc)
{
    uint32_t units = from->ranges != NULL ? from->ranges[doc / QI_RANGE] : 1;
    uint32_t bit = from->bitmap != NULL ? from->bitmap[doc / 8] >> doc % 8 & 1 : 1;
    return units & (0 - bit);
}

/* Bound documents by the other words, and the lead by its block. */
static void bound(const qi_flat_window *in, chase *of, qi_flat_best *best)
{
    const qi_flat_list *list = &of->lead->lists[0];
    const qi_postings *from = qi_flat_cursor(&of->lead->lists[0])->list;
    float most = qi_flat_most(list, of->lead->weight, qi_postings_block_max(from));
    float *rest = of->rest + of->place[0];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < of->batch.count; i++)
        rest[i] = 0;
    for (uint32_t o = 0; o < of->count; o++) {
        const other from_other = of->others[o];
        for (uint32_t i = 0; i < of->batch.count; i++) {
            uint32_t units = units_of(&from_other, of->batch.docs[i]);
            rest[i] += units != 0 ? from_other.per_byte * (float)units : from_other.never;
        }
    }
    for (uint32_t i = 0; i < of->batch.count; i++) {
        keep(of, kept, i);
        kept += most + rest[i] >= in->least;
    }
    leave(of, kept, best);
}

/* Bound them by what the lead adds to each. False after an error. */
static bool score(const qi_flat *flat, qi_flat_window *in, chase *of, qi_flat_best *best)
{
    const qi_flat_leaf *lead = in->lead;
    uint32_t number = qi_flat_number(flat, lead), kept = 0;
    qi_postings *list = qi_flat_cursor(&lead->lists[0])->list;
    const uint32_t *freqs = lead->weight > 0 ? qi_postings_freqs(list) : NULL;
    float *parts = in->of[number].parts;
    if (freqs == NULL && lead->weight > 0)
        return false;
    for (uint32_t i = 0; i < of->batch.count; i++)
        of->batch.x[i] =
            freqs != NULL ? qi_flat_x(lead->lists[0].source, of->batch.docs[i], freqs[of->place[i]])
                          : 0;
    for (uint32_t i = 0; i < of->batch.count; i++) {
        uint32_t place = of->place[i];
        float part = lead->weight * qi_bm25_part(of->batch.x[i], flat->k1);
        keep(of, kept, i);
        parts[place] = of->sum[place] = part;
        of->has[place] = UINT32_C(1) << number;
        kept += part + of->rest[place] >= in->least;
    }
    leave(of, kept, best);
    return true;
}

static void take_out_prohibited(const qi_flat *flat, chase *of)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < of->batch.count; i++) {
        bool good = !qi_flat_is_prohibited(flat, of->batch.docs[i]);
        keep(of, kept, i);
        kept += good;
    }
    of->batch.count = kept;
}

/* The bounds of a word do not count any more. */
static void take_from_rest(chase *of, const qi_flat_leaf *leaf)
{
    for (uint32_t o = 0; o < of->count; o++) {
        const other from = of->others[o];
        for (uint32_t i = 0; i < of->batch.count && from.leaf == leaf; i++)
            of->rest[of->place[i]] -= from.per_byte * (float)units_of(&from, of->batch.docs[i]);
    }
}

/* Look a word up, and keep documents that can still be among the best. */
static void look_up(const qi_flat *flat, qi_flat_window *in, chase *of, const qi_flat_leaf *leaf,
                    qi_flat_best *best)
{
    uint32_t number = qi_flat_number(flat, leaf), kept = 0;
    float *parts = in->of[number].parts, never = leaf->role == QI_FLAT_REQUIRED ? NEVER : 0;
    take_from_rest(of, leaf);
    qi_flat_look_up(leaf, &of->batch);
    for (uint32_t i = 0; i < of->batch.count; i++) {
        uint32_t place = of->place[i];
        float x = of->batch.x[i], part = leaf->weight * qi_bm25_part(x, flat->k1);
        keep(of, kept, i);
        parts[place] = part;
        of->sum[place] += part;
        of->has[place] |= (uint32_t)(part > 0) << number;
        kept += of->sum[place] + of->rest[place] + (x < 0 ? never : 0) >= in->least;
    }
    leave(of, kept, best);
}

static void offer(const qi_flat *flat, const qi_flat_window *in, const chase *of,
                  qi_flat_best *best)
{
    best->seen += of->batch.count;
    for (uint32_t i = 0; i < of->batch.count; i++) {
        uint32_t place = of->place[i];
        float sum = 0;
        if (of->sum[place] * flat->slack < best->threshold)
            continue;
        for (uint32_t has = of->has[place]; has != 0; has &= has - 1)
            sum += in->of[qi_ctz(has)].parts[place];
        qi_flat_offer(best, sum, of->batch.docs[i]);
    }
}

static void rank_block(const qi_flat *flat, qi_flat_window *in, chase *of, qi_flat_best *best)
{
    bound(in, of, best);
    if (of->batch.count != 0 && qi_flat_prohibits(flat))
        take_out_prohibited(flat, of);
    if (of->batch.count == 0 || !score(flat, in, of, best))
        return;
    for (uint32_t i = in->words; i > 0 && of->batch.count != 0; i--)
        if (in->by_most[i - 1] != in->lead)
            look_up(flat, in, of, in->by_most[i - 1], best);
    offer(flat, in, of, best);
}

/* The first document of the lead's next block that can reach the threshold. */
static uint32_t next_target(const qi_flat_window *in, uint32_t target, qi_flat_best *best)
{
    const qi_flat_leaf *lead = in->lead;
    const qi_flat_list *list = &lead->lists[0];
    double rest = 0;
    for (uint32_t i = 0; i < in->words; i++)
        rest += in->by_most[i] != lead ? in->by_most[i]->most : 0;
    float need = in->least - (float)rest;
    if (need <= 0 || lead->weight <= 0 || list->source->bounds == NULL)
        return target;
    float part = need > lead->weight ? 2 : need / (list->per_byte * QI_PART);
    uint32_t next = qi_postings_peek_part(qi_flat_cursor(&in->lead->lists[0])->list, target, part);
    best->skipped = best->skipped || next != target;
    return next;
}

/* Take the rest of the lead's current block. */
static void take(const qi_cursor *cursor, chase *of)
{
    const qi_postings *list = cursor->list;
    of->batch.count = list->count - cursor->at;
    for (uint32_t i = 0; i < of->batch.count; i++) {
        of->batch.docs[i] = list->docs[cursor->at + i];
        of->place[i] = (uint8_t)(cursor->at + i);
    }
}

quire_status qi_flat_pursue(qi_flat *flat, qi_flat_best *best, uint32_t target)
{
    qi_flat_window *in = flat->window;
    chase of;
    of.lead = NULL;
    for (uint32_t blocks = 0;; blocks++) {
        if (blocks % BETWEEN_POLLS == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        qi_flat_leaf *lead = in->lead;
        qi_cursor *cursor = qi_flat_cursor(&lead->lists[0]);
        follow(in, &of, best);
        target = next_target(in, target, best);
        if (target == QI_END || !qi_cursor_seek(cursor, target))
            return QUIRE_OK;
        take(cursor, &of);
        target = qi_postings_block_last(cursor->list) + 1;
        rank_block(flat, in, &of, best);
        qi_flat_divide(flat, in, best);
        in->lead = in->lead != NULL ? in->lead : lead;
    }
}
