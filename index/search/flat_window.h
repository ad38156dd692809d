/* SPDX-License-Identifier: MIT
 * search/flat_window.h - ranking by the words that can lift a document to the threshold, 64 ranges
 * at a time.
 *
 * Words that together stay below the threshold are left aside; the others are essential: each
 * document among the best has one of them. If a document needs a certain word, for the query says
 * so or because all others together stay below the threshold, then that one alone is essential.
 * Exclusive. */
#ifndef QI_SEARCH_FLAT_WINDOW_H
#define QI_SEARCH_FLAT_WINDOW_H

#include "codec/lanes.h"
#include "search/flat.h"

enum {
    QI_FLAT_WORDS = 32,                 /* words of a query that is ranked so */
    QI_FLAT_RANGES = 64,                /* of a window */
    QI_FLAT_SLOTS = 64 * QI_FLAT_RANGES /* documents of a window */
};

/* What has been looked up of a document, by a bit for each leaf. */
typedef struct qi_flat_sum {
    float sum;
    uint32_t has;
} qi_flat_sum;

/* A list without ranges, scored a block at a time. */
typedef struct qi_flat_rare {
    uint32_t next;  /* document that is not summed yet; QI_END after the last */
    uint32_t at;    /* its place in the block */
    uint32_t count; /* of the block; 0 before the first */
    float parts[QI_BLOCK];
} qi_flat_rare;

/* Some documents, and what is known of a word in them. */
typedef struct qi_flat_batch {
    uint32_t count;
    uint32_t docs[QI_BLOCK];
    uint32_t freqs[QI_BLOCK]; /* 0: the word does not occur */
    float x[QI_BLOCK];        /* normalised, of all lists; negative if it occurs in none */
} qi_flat_batch;

/* Documents of a block, and what a word adds to them. */
typedef struct qi_flat_block {
    uint32_t count;
    uint16_t slots[QI_BLOCK];
    float parts[QI_BLOCK];
} qi_flat_block;

/* What a word adds to the window. */
typedef struct qi_flat_share {
    uint64_t sown;              /* of a rare word: the ranges where it has documents, and bounds */
    float near[QI_FLAT_RANGES]; /* at most, in each range */
    float parts[QI_FLAT_SLOTS]; /* to documents that were summed, if there are three words */
    qi_flat_rare rare;
} qi_flat_share;

struct qi_flat_window {
    uint32_t first, count; /* ranges */
    float least;           /* what the bound of a document has to reach */
    uint32_t words;        /* that add to the score or are required, by what they add at most */
    qi_flat_leaf *by_most[QI_FLAT_WORDS];
    /* By the place of leaves in the query: words that are summed first, which are the essential
     * ones and rare ones that are rarer still; the rare ones of them; those that are required. */
    uint32_t essential, known, required;
    bool always;        /* a word that is not rare is essential */
    bool can_be_whole;  /* ranges can be scored whole */
    qi_flat_leaf *lead; /* a rare word that each document needs; or NULL */
    qi_flat_leaf *sole; /* the only word of `essential` without `known`, in one list without bitmap;
                           or NULL */

    uint64_t sown;                /* ranges where a rare word has documents */
    float rest[QI_FLAT_RANGES];   /* the most that words add in a range: those not essential, */
    float all[QI_FLAT_RANGES];    /* and all */
    uint64_t good;                /* ranges that reach `least` */
    uint64_t may[QI_FLAT_RANGES]; /* documents that may, none in other ranges */

    /* Documents that have been summed, and those of them that may be among the best, increasing. */
    uint32_t summed, found;
    uint16_t touched[QI_FLAT_SLOTS + QI_BLOCK], slots[QI_FLAT_SLOTS + QI_BLOCK];
    float lack[QI_FLAT_SLOTS]; /* of `slots`: what words without them would add at most */

    /* Where ranges are scored whole: sums in the order of the query, and the documents that have
     * one. */
    float whole[QI_FLAT_SLOTS];
    uint64_t any[QI_FLAT_RANGES];

    bool ready;                      /* `sums` are; many queries do without */
    qi_flat_sum sums[QI_FLAT_SLOTS]; /* without words where nothing was summed */
    qi_flat_share of[];              /* by the place of leaves in the query */
};

/* Room for ranking a query of `count` words, none of which is a phrase; NULL if they are too many
 * or the arena has failed. */
qi_flat_window *qi_flat_window_new(qi_arena *memory, uint32_t count);

/* Is the query one word, in one list? Then offer the best. DONE,
 * CANCELED as in qi_flat_rank. */
bool qi_flat_is_sole(const qi_flat *flat);
quire_status qi_flat_rank_sole(const qi_flat *flat, qi_flat_best *best);

/* Is the query ranked by windows? With `total`: it will be counted afterwards. */
bool qi_flat_by_window(const qi_flat *flat, bool total);

/* Offer the best. DONE, CANCELED as in qi_flat_rank. */
quire_status qi_flat_rank_windows(qi_flat *flat, qi_flat_best *best);

/* Sum rare words over the window; that tells what they add at most in each range. */
void qi_flat_add_rare(const qi_flat *flat, qi_flat_window *in);

/* Bound the ranges of the window, after rare words, and say which ones are good. */
void qi_flat_bound_window(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best);

/* Sum the other essential words over good ranges, and find documents; or do all of it. */
void qi_flat_add_up(qi_flat *flat, qi_flat_window *in, qi_flat_best *best);

/* Score the next documents of a list without bitmap from *slot on that may be among the best, in
 * good ranges; *slot moves past them. False at the end of the window. */
bool qi_flat_next_block(const qi_flat *flat, const qi_flat_window *in, const qi_flat_leaf *leaf,
                        uint32_t *slot, qi_flat_block *out);

/* Is it faster to score good ranges whole? That offers what it finds. */
bool qi_flat_wants_whole(const qi_flat *flat, const qi_flat_window *in);
void qi_flat_rank_whole(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best);

/* What a unit of frequency comes to in the documents of a range. */
void qi_flat_units(const qi_flat *flat, const qi_field_source *source, uint32_t range,
                   float units[QI_RANGE]);

/* Add the scores of `word`, all documents that a list with a bitmap has in the range from `base`
 * on; ranges never decrease. False after an error. */
bool qi_flat_add_range(qi_flat_list *list, uint32_t base, uint64_t word, qi_lanes_scale by,
                       float sums[QI_RANGE]);

/* Look the other words up for documents that were found, and offer those that are left. */
void qi_flat_finish(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best);

/* Offer the best from document `target` on along in->lead. DONE, CANCELED. */
quire_status qi_flat_pursue(qi_flat *flat, qi_flat_best *best, uint32_t target);

/* Divide words by the threshold, which has risen. */
void qi_flat_divide(const qi_flat *flat, qi_flat_window *in, qi_flat_best *best);

/* Look a word up in all its lists. */
void qi_flat_look_up(const qi_flat_leaf *leaf, qi_flat_batch *in);

/* The most that a word adds in a range; negative where it does not occur. */
float qi_flat_near(const qi_flat_leaf *leaf, uint32_t range);

/* Is a document deleted, or has it a prohibited word? May any be? */
bool qi_flat_is_prohibited(const qi_flat *flat, uint32_t doc);
bool qi_flat_prohibits(const qi_flat *flat);

static inline uint32_t qi_flat_number(const qi_flat *flat, const qi_flat_leaf *leaf)
{
    return (uint32_t)(leaf - flat->leaves);
}

static inline bool qi_flat_is_essential(const qi_flat *flat, const qi_flat_window *in,
                                        const qi_flat_leaf *leaf)
{
    return (in->essential >> qi_flat_number(flat, leaf) & 1) != 0;
}

static inline bool qi_flat_is_bitmap(const qi_flat_leaf *leaf)
{
    return leaf->count == 1 && leaf->lists[0].match.list->bitmap != NULL;
}

/* The cursor that serves a list while windows are ranked. */
static inline qi_cursor *qi_flat_cursor(qi_flat_list *list)
{
    return list->score.list != NULL ? &list->score : &list->match;
}

static inline qi_flat_leaf *qi_flat_leaf_of(const qi_flat *flat, uint32_t bits)
{
    return &flat->leaves[qi_ctz(bits)];
}

/* Is it a rare word that is summed first? */
static inline bool qi_flat_is_known(const qi_flat *flat, const qi_flat_window *in,
                                    const qi_flat_leaf *leaf)
{
    return (in->known >> qi_flat_number(flat, leaf) & 1) != 0;
}

/* Is the word in one list that says nothing of single ranges? Of a keyword a bitmap does. */
static inline bool qi_flat_is_rare(const qi_flat_leaf *leaf)
{
    return leaf->count == 1 && leaf->lists[0].match.list->ranges == NULL &&
           !qi_flat_is_bitmap(leaf);
}

#endif
