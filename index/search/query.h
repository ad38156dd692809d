/* SPDX-License-Identifier: MIT
 * search/query.h - the query tree.
 *
 * Built by the parser or by the builders of quire.h, immutable afterwards; analysed already, so
 * that planning only looks terms up. All memory is in the query's arena. A word that is searched in
 * several fields is ONE leaf with several terms: its BM25F score mixes the fields' frequencies
 * before saturation. The tree is in the normal form of search/combine.h: kinds do not nest in
 * themselves where that would change nothing, equal words of one AND or OR are one node, and
 * nothing lies under a node that cannot change what it finds. */
#ifndef QI_SEARCH_QUERY_H
#define QI_SEARCH_QUERY_H

#include "base/arena.h"
#include "base/error.h"
#include "codec/schema.h"

enum {
    QI_QUERY_BYTES = 64 * 1024, /* of query text */
    QI_QUERY_NODES = 4096,      /* leaves of the tree: words, phrases, ranges */
    QI_QUERY_DEPTH = 128,       /* of the tree, and of groups in the text */
    QI_PHRASE_WORDS = 256,      /* of one phrase, gaps counted */
    QI_SLOP_MAX = 1000000,      /* of a phrase */
    QI_EXPANSIONS = 1024        /* terms of one prefix, per field */
};

typedef enum qi_node_kind {
    QI_NODE_NONE,   /* matches nothing; only as the root */
    QI_NODE_ALL,    /* matches every document, scores 0 */
    QI_NODE_TERM,   /* leaves: one per field, each with one word */
    QI_NODE_PHRASE, /* leaves: one per field, each with its words; some may have only one */
    QI_NODE_PREFIX, /* leaves: one per field, the word being the prefix */
    QI_NODE_RANGE,  /* a column's values in [low, high]; scores 0 */
    QI_NODE_EXISTS, /* field:* - the document has a value in the field (text: a word); scores 0 */
    QI_NODE_AND,    /* all children; scores add */
    QI_NODE_OR,     /* at least `least` children; scores of those that match add */
    QI_NODE_SMART,  /* as OR, but first documents that match all; the root, or the first child of a
                     * NOT or FILTER that is the root or such a first child itself */
    QI_NODE_NOT,    /* the first child without any of the others; scores of the first */
    QI_NODE_FILTER, /* the first child where all others match too; scores of the first */
    QI_NODE_MAYBE   /* the first child; those of the others that match add their scores */
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
    const qi_word *words; /* leaves of fields with the same analysis share them */
} qi_leaf;

typedef struct qi_node {
    qi_node_kind kind;
    float boost;         /* multiplies the scores of this node and those below it; in (0, 1e6] */
    uint32_t start, end; /* bytes of the query text it was read from; 0, 0 if built */
    uint32_t height;     /* 0: no children; else one more than the highest child's */
    uint32_t leaf_count; /* TERM, PHRASE, PREFIX; at least 1, in the order of lanes */
    const qi_leaf *leaves;
    quire_str text;              /* TERM, PHRASE, PREFIX: as it stands between quotes */
    uint32_t slop;               /* PHRASE */
    uint32_t field;              /* RANGE, EXISTS */
    int64_t low, high;           /* RANGE over number or date, inclusive, low <= high */
    quire_str low_key, high_key; /* RANGE over keyword, inclusive; ptr NULL: open */
    uint32_t child_count;        /* at least 2 where there are children */
    uint32_t least;              /* OR: how many children must match; 1 normally */
    struct qi_node *const *children;
} qi_node;

struct quire_query {
    qi_spare spare;
    uint32_t refs;
    qi_arena memory;
    quire_schema *schema; /* retained */
    const qi_node *root;
    bool own_fields;             /* the fields searched by default are the schema's own */
    quire_query_info info;       /* the notes, in memory; no canonical text */
    quire_query_info *described; /* the same with it, of the heap; NULL: nobody has asked */
};

/* An empty query for `schema`: no root yet. Release with qi_query_release. Errors: MEMORY. */
quire_status qi_query_new(quire_query **out, const quire_schema *schema, quire_error *err);

/* Share it, or give up one's share; NULL is fine. Any thread. */
quire_query *qi_query_retain(const quire_query *query);
void qi_query_release(quire_query *query);

#endif
