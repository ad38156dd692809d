/* SPDX-License-Identifier: MIT
 * search/plan.h - a query meets a snapshot: statistics first, then iterators, segment by segment.
 *
 * Scores need document frequencies over all segments, so all terms are looked up before the first
 * segment is searched. The same walk over the tree numbers its leaves each time. Exclusive. */
#ifndef QI_SEARCH_PLAN_H
#define QI_SEARCH_PLAN_H

#include "search/desk.h"
#include "search/iter.h"
#include "search/memory.h"
#include "search/poll.h"
#include "segment/snapshot.h"

/* A TERM, PHRASE or PREFIX node. */
typedef struct qi_plan_leaf {
    const qi_node *node;
    uint32_t first; /* of its words in `infos`; PREFIX: of its fields in `expansions` */
    float boost;    /* product of those from the root down */
    float idf;
    uint64_t df;  /* of the field where it is highest; of a phrase: 0 */
    float weight; /* boost * idf; 0: does not score */
} qi_plan_leaf;

/* A word to look up. */
typedef struct qi_plan_word {
    uint32_t lane;
    quire_str term;
} qi_plan_word;

/* A term of a prefix in one segment. */
typedef struct qi_expansion_term {
    qi_term_info info;
    struct qi_expansion_term *next;
} qi_expansion_term;

/* A prefix in one field of one segment. */
typedef struct qi_expansion {
    qi_expansion_term *terms;
    uint32_t count;
    uint32_t df;      /* of the union */
    uint64_t *bitmap; /* of the union over all fields of the node; NULL: no term */
} qi_expansion;

typedef struct qi_plan {
    const quire_snapshot *snapshot; /* lent, as is the query */
    const qi_node *root;
    qi_desk *desk;
    qi_arena memory;   /* the desk's, while it is taken */
    qi_arena *lasting; /* of tables and bounds: the desk's, unless k1 or b are not the index's */
    float k1, b;
    bool scored;
    bool smart_all; /* SMART reads as AND; else as OR. May be changed between segments' builds. */
    uint32_t leaf_count, term_count, expansion_count;
    qi_plan_leaf *leaves;     /* in preorder */
    qi_plan_word *words;      /* of TERM and PHRASE */
    qi_term_info *infos;      /* part * term_count + number of the word */
    qi_expansion *expansions; /* part * expansion_count + number of the field */
    const float **tables;     /* of qi_bm25_table, one a field that scores */
    qi_bm25_bounds **bounds;  /* part * fields + field; of fields that score, where the segment's
                               * bounds hold */
    uint64_t *scratch;        /* a bit a document of the largest part, once a prefix was met */
    qi_poll poll;
    uint64_t dropped; /* terms of prefixes past QI_EXPANSIONS */
} qi_plan;

/* How many children of a node the search reads: where nothing is scored, later ones of MAYBE say
 * nothing. */
static inline uint32_t qi_plan_children(const qi_plan *plan, const qi_node *node)
{
    return node->kind == QI_NODE_MAYBE && !plan->scored ? 1 : node->child_count;
}

/* Are k1 and b, if given, in their ranges? MISUSE. */
quire_status qi_plan_check(const quire_search_options *options, quire_error *err);

/* Look everything up. What `out` holds is released with qi_plan_free, also after a failure.
 * DONE: the deadline passed meanwhile. Errors: LIMIT, CANCELED, CORRUPT, IO, MEMORY. */
quire_status qi_plan_init(qi_plan *out, const quire_snapshot *snapshot, const qi_node *root,
                          const quire_search_options *options, quire_error *err);
void qi_plan_free(qi_plan *plan);

/* The number of documents that match in a part, if looking up has told it; else false. */
bool qi_plan_count(const qi_plan *plan, size_t part, uint64_t *count);

/* Scores to search with, as they are between leaves; NULL: out of memory. The same in every call.
 */
qi_scores *qi_plan_scores(qi_plan *plan);

/* Iterators for one part, in an arena of their own. */
typedef struct qi_plan_part {
    qi_plan *plan;
    size_t index; /* of the part */
    const qi_segment *segment;
    qi_arena memory;
    qi_iter *root;           /* NULL: nothing matches */
    qi_iter **leaves;        /* one a leaf of the plan; NULL: does not match */
    qi_bm25_bounds **bounds; /* the plan's, of this part */
    uint32_t leaf;           /* while building: the number of the next one */
    struct qi_plan_lists *lists;
    quire_status status; /* of iterators that are not lists */
    quire_error *err;
} qi_plan_part;

/* Errors: LIMIT, CORRUPT, IO, MEMORY. To be released with qi_plan_close also after a failure. */
quire_status qi_plan_open(qi_plan_part *out, qi_plan *plan, size_t part, quire_error *err);

/* How the lists and columns that were read have fared. */
quire_status qi_plan_status(const qi_plan_part *part);

void qi_plan_close(qi_plan_part *part);

#endif
