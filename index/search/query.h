/* SPDX-License-Identifier: MIT
 * search/query.h - the query tree.
 *
 * Built by the parser or by the builders of quire.h, immutable afterwards; analysed already, so that planning
 * only looks terms up. All memory is in the query's arena. A word that is searched in several fields is ONE
 * leaf with several terms: its BM25F score mixes the fields' frequencies before saturation. */
#ifndef QI_SEARCH_QUERY_H
#define QI_SEARCH_QUERY_H

#include "base/arena.h"
#include "base/error.h"
#include "codec/schema.h"

enum {
    QI_QUERY_BYTES = 64 * 1024,   /* of query text */
    QI_QUERY_NODES = 4096,        /* of the tree */
    QI_QUERY_DEPTH = 128,         /* of nesting */
    QI_PHRASE_WORDS = 256,        /* of one phrase */
    QI_EXPANSIONS = 1024          /* terms of one prefix, per field */
};

typedef enum qi_node_kind {
    QI_NODE_NONE,   /* matches nothing */
    QI_NODE_ALL,    /* matches every document, scores 0 */
    QI_NODE_TERM,   /* words: one leaf per field */
    QI_NODE_PHRASE, /* leaves: one per field, each with its words */
    QI_NODE_PREFIX, /* leaves: one per field, the term being the prefix */
    QI_NODE_RANGE,  /* a column's values in [low, high]; scores 0 */
    QI_NODE_EXISTS, /* field:* - the document has a value in the field; scores 0 */
    QI_NODE_AND,    /* all children; scores add */
    QI_NODE_OR,     /* at least `least` children; scores of those that match add */
    QI_NODE_SMART,  /* as OR, but first documents that match all; top level only */
    QI_NODE_NOT,    /* the first child without any of the others; scores of the first */
    QI_NODE_FILTER  /* the first child where all others match too; scores of the first */
} qi_node_kind;

/* A word of a phrase; a gap ('_', a stop word) shows as a jump of `position`. */
typedef struct qi_word {
    quire_str term;
    uint32_t position; /* relative to the phrase's first word */
} qi_word;

/* The words to look for in one lane. TERM and PREFIX: one word. */
typedef struct qi_leaf {
    uint32_t lane; /* QI_LANE(field, exact) */
    uint32_t word_count;
    const qi_word *words;
} qi_leaf;

typedef struct qi_node {
    qi_node_kind kind;
    float boost;                /* multiplies the scores of this node and those below it; > 0 */
    uint32_t start, end;        /* bytes of the query text it was read from; 0, 0 if built */
    uint32_t leaf_count;        /* TERM, PHRASE, PREFIX */
    const qi_leaf *leaves;
    uint32_t slop;              /* PHRASE */
    uint32_t field;             /* RANGE, EXISTS */
    int64_t low, high;          /* RANGE over number or date, inclusive */
    quire_str low_key, high_key; /* RANGE over keyword, inclusive; ptr NULL: open */
    uint32_t child_count;       /* AND, OR, SMART, NOT, FILTER */
    uint32_t least;             /* OR: how many children must match; 1 normally */
    struct qi_node *const *children;
} qi_node;

struct quire_query {
    uint32_t refs;
    qi_arena memory;
    quire_schema *schema; /* retained */
    const qi_node *root;
    quire_query_info info; /* the canonical text and notes, in memory */
};

#endif
