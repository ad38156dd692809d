/* SPDX-License-Identifier: MIT
 * search/flat.h - queries that are nothing but words: required, alternative, optional, prohibited.
 *
 * Nearly all queries are. They need no tree: which documents match, and what they score, follows
 * from each word's list, range of 64 documents by range, or along the rarest required word, where
 * required phrases may be among the words. Scores are the same bits as through search/iter.h, in
 * the order of the query's words. Exclusive. */
#ifndef QI_SEARCH_FLAT_H
#define QI_SEARCH_FLAT_H

#include "codec/docset.h"
#include "search/poll.h"
#include "search/shape.h"
#include "search/topk.h"

typedef enum qi_flat_role {
    QI_FLAT_REQUIRED,
    QI_FLAT_ANY,      /* where nothing is required: at least one of these must match */
    QI_FLAT_OPTIONAL, /* adds to the score */
    QI_FLAT_PROHIBITED
} qi_flat_role;

/* The documents of a list in 64 ranges. */
enum { QI_FLAT_PAGE = 64 };
typedef struct qi_flat_page {
    uint64_t words[QI_FLAT_PAGE];
    uint32_t first[QI_FLAT_PAGE]; /* of a range with documents: its first one's place in the list */
} qi_flat_page;

/* A list of a word, read range by range or document by document, never back. */
typedef struct qi_flat_list {
    const qi_field_source *source;
    qi_cursor match; /* for matching and bounding */
    qi_cursor score; /* for scoring; without a list where the word never scores */
    float per_byte;  /* weight a unit of the bytes of its ranges: a bound of what it adds */
    uint32_t *found; /* if not NULL: along the lead, by the place in its block, what matching notes:
                        the document's place in this list; of a phrase, a list that is short or a
                        form's, or one of several of a word, its frequency */

    /* The range asked for last. */
    uint64_t word;
    uint32_t from;       /* without a bitmap: its first document in the list, or, of a form, in the
                            current block */
    uint32_t tail_count; /* of a form: frequencies that stand in `tail`, for the block was left */
    uint32_t tail[QI_RANGE];
    /* With a bitmap: the block, and how many of its documents lie before `counted`. */
    qi_postings_span span;
    uint32_t counted, rank;
    qi_flat_page *page; /* where ranking goes by pages */
} qi_flat_list;

typedef struct qi_flat_leaf {
    qi_flat_role role;
    float weight; /* 0: does not score */
    uint32_t count;
    qi_flat_list *lists;
    uint64_t df; /* sum over the lists */
    float most;  /* no document scores more by it */
    /* A phrase, along the lead alone: its one list stands for it, and its words are leaves of their
     * own, a `part` each, which come before it and say nothing of scores. */
    struct qi_phrase_state *phrase;
    bool part;
    /* Of an alternative, in the range looked at last: its documents, and the most it adds there. */
    uint64_t word;
    float near;
    float *parts; /* along the lead and over the grid: what it adds to some documents */
    float *after; /* what later words add at most: by pages to ranges, along the lead to each */
} qi_flat_leaf;

typedef struct qi_flat_window qi_flat_window;

typedef struct qi_flat {
    const qi_segment *segment;
    const qi_docset *deleted; /* NULL: none */
    const qi_poll *poll;
    quire_error *err;
    float k1;
    bool any; /* nothing is required */
    uint32_t count;
    qi_flat_leaf *leaves;  /* in the order of the query */
    qi_flat_leaf **rarest; /* all of them, the rarest first */
    qi_flat_leaf **order;  /* of these the required ones, or else the alternatives */
    uint32_t ordered;
    qi_flat_leaf *lead;  /* the rarest required word, if few enough documents have it; never NULL if
                            there are phrases */
    float slack;         /* of bounds, for sums that are rounded */
    float x[QI_RANGE];   /* of one word in one range: all 0 in between */
    float sum[QI_RANGE]; /* of words so far */
    qi_flat_window *window; /* NULL where ranking does not need one */
    bool paged, whole;      /* ranking over the grid goes by pages; scores dense ranges whole */
} qi_flat;

/* What the search of a segment adds to. */
typedef struct qi_flat_best {
    qi_topk *top;
    quire_doc base;  /* of the segment's documents */
    float threshold; /* documents that score less are not among the best */
    uint64_t seen;   /* matches that were looked at */
    bool skipped;    /* there may be others */
} qi_flat_best;

/* The tree under `root` over `segment` as a flat query in *out; NULL if it is none, and after the
 * arena has failed. It takes the place of the tree, whose lists it moves. */
typedef struct qi_flat_spec {
    const qi_segment *segment;
    const qi_docset *deleted;
    const qi_poll *poll;
    float k1;
    bool scored;
    size_t best; /* how many are wanted */
    quire_error *err;
} qi_flat_spec;
qi_flat *qi_flat_new(qi_arena *memory, qi_iter *root, const qi_flat_spec *spec);

/* Offer the best; with `total`, also add the number of matches to it. DONE: the deadline passed.
 * Errors: CANCELED. */
quire_status qi_flat_rank(qi_flat *flat, qi_flat_best *best, uint64_t *total);

/* Add the number of matches to *total, without ranking or, where nothing leads, after it. DONE,
 * CANCELED as above. */
quire_status qi_flat_count(qi_flat *flat, uint64_t *total);

/* A query that is one phrase, on its own: ranking, if `best` is given, and counting, if `total` is.
 * DONE, CANCELED as above. */
quire_status qi_flat_phrase(qi_shape_phrase phrase, const qi_flat_spec *spec, qi_flat_best *best,
                            uint64_t *total);

/* Bounds of some ranges; what no bound reaches matters to nobody. */
enum { QI_FLAT_STRETCH = 4096 };
typedef struct qi_flat_stretch {
    uint32_t first, count; /* ranges */
    float extra;           /* to be added where a bound is at least `least` */
    float least;           /* nothing matches where a bound is below it */
    float bounds[QI_FLAT_STRETCH];
    uint8_t present[QI_FLAT_STRETCH]; /* of one required word */
} qi_flat_stretch;

/* Fill bounds in, for `first` and `count` that are set. */
void qi_flat_bound(qi_flat *flat, qi_flat_stretch *to, float threshold);

/* Rank 64 ranges from `first` on, those in `good`, where words are required. */
void qi_flat_rank_page(qi_flat *flat, uint32_t first, uint64_t good, qi_flat_best *best);

/* The most that a word adds in a range. */
float qi_flat_most_in(const qi_flat_leaf *leaf, uint32_t range);

/* Does a word add to scores? */
static inline bool qi_flat_adds(const qi_flat_leaf *leaf)
{
    return leaf->weight > 0 && leaf->role != QI_FLAT_PROHIBITED;
}

/* Along flat->lead: ranking, if `best` is given, and counting, if `total` is. */
quire_status qi_flat_follow(qi_flat *flat, qi_flat_best *best, uint64_t *total);

/* Documents of a range, as a mask; ranges never decrease. `scored`: qi_flat_mix may follow. */
uint64_t qi_flat_word(qi_flat_list *list, uint32_t range, bool scored);

/* Add the normalised frequencies of `want`, documents of the range just asked for, to x. */
void qi_flat_mix(qi_flat_list *list, uint32_t range, uint64_t want, float x[QI_RANGE]);

/* Stand in the block of document `doc`, or the next one, of a list with a bitmap, with `rank` its
 * place there; documents never decrease. False at the end, or after an error. */
bool qi_flat_stand(qi_flat_list *list, uint32_t doc);

/* Frequency of a document of a list with a bitmap, and those of `count` increasing ones; documents
 * never decrease. 0 after an error. */
uint32_t qi_flat_freq(qi_flat_list *list, uint32_t doc);
void qi_flat_freqs(qi_flat_list *list, const uint32_t *docs, uint32_t count, uint32_t *freqs);

/* Normalised frequency. */
static inline float qi_flat_x(const qi_field_source *source, uint32_t doc, uint32_t tf)
{
    return (float)tf * source->table[source->norms == NULL ? 0 : source->norms[doc]];
}

/* The most that documents with tf-parts up to `part` score by a word of this weight. */
static inline float qi_flat_most(const qi_flat_list *list, float weight, float part)
{
    float most = list->per_byte * QI_PART * part;
    return list->source->bounds != NULL && most < weight ? most : weight;
}

/* Documents of range r that exist and are not deleted. */
static inline uint64_t qi_flat_live(const qi_flat *flat, uint32_t range)
{
    uint32_t left = flat->segment->doc_count - range * QI_RANGE;
    uint64_t live = left < QI_RANGE ? (UINT64_C(1) << left) - 1 : ~UINT64_C(0);
    return flat->deleted == NULL ? live : live & ~flat->deleted->words[range];
}

static inline void qi_flat_offer(qi_flat_best *best, float score, uint32_t doc)
{
    if (score < best->threshold)
        return;
    qi_topk_offer(best->top, qi_topk_rank(score), best->base + doc);
    best->threshold = qi_topk_threshold(best->top, best->threshold);
}

#endif
