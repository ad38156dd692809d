/* SPDX-License-Identifier: MIT
 * search/tree.h - nodes from text: the leaves of a query tree.
 *
 * One qi_tree makes one query. It stops at its first failure, which `status` keeps: the functions
 * here and in search/combine.h may be called on regardless and give NULL, so that a caller checks
 * once. NULL without a failure is a node of which analysis left nothing, or one beyond a limit.
 * Exclusive. */
#ifndef QI_SEARCH_TREE_H
#define QI_SEARCH_TREE_H

#include "base/buf.h"
#include "search/kit.h"
#include "search/lex.h"
#include "search/query.h"

/* Fields to search, in ascending order. */
typedef struct qi_fields {
    const uint32_t *items;
    uint32_t count;
    bool named; /* by the query, not by default */
} qi_fields;

typedef struct qi_tree {
    quire_query *query;
    qi_arena *memory; /* the query's */
    const quire_schema *schema;
    bool strict;
    const char *language; /* for all fields, or NULL */
    qi_kit *kit;
    qi_analyzer **analyzers; /* the kit's, or if there is a language, of this query alone */
    qi_fields fields;        /* searched by default */
    bool own_fields;         /* which are the schema's own, so that canonical text needs no names */
    qi_notes notes;
    uint32_t nodes;      /* leaves made */
    uint32_t start, end; /* bytes of the text that is being read, for nodes and notes */
    quire_status status;
    quire_error *err;
} qi_tree;

/* Begin a query. `language` NULL: each field's own. Call qi_tree_free whatever is returned.
 * Errors: MISUSE (the language), MEMORY. */
quire_status qi_tree_start(qi_tree *tree, const quire_schema *schema, const char *language,
                           quire_error *err);

/* The fields searched by default become those in `names`, separated by commas. Errors: MISUSE. */
quire_status qi_tree_default_fields(qi_tree *tree, const char *names);

/* Make `root` (NULL: nothing is found) the query's root, and hand the query over to *out. */
quire_status qi_tree_finish(qi_tree *tree, qi_node *root, quire_query **out);

void qi_tree_free(qi_tree *tree);

/* Note a fact about bytes [start, end) of the text; or fail with it, where the reading is strict
 * and the fact an error. */
void qi_tree_complain(qi_tree *tree, qi_note_code code);

/* Out of memory, or another failure whose message is written; the first one stays. */
void qi_tree_fail(qi_tree *tree, quire_status status);

/* Undefined memory for the time of the reading; NULL after a failure. */
void *qi_tree_work(qi_tree *tree, size_t count, size_t size);

/* A new node, with boost 1. `leaf`: it counts against QI_QUERY_NODES. */
qi_node *qi_tree_node(qi_tree *tree, qi_node_kind kind, bool leaf);

/* A part of a phrase between gaps. */
typedef struct qi_piece {
    quire_str text;
    uint32_t gap; /* words of any kind before it */
} qi_piece;

/* Text to look for, read from a lexeme or given by a caller. */
typedef struct qi_phrase {
    qi_piece *pieces; /* without escapes; changed by what is built from it */
    uint32_t piece_count;
    uint32_t slop;
    bool quoted; /* long runs of ideographs are not split */
    bool exact;  /* compare the unstemmed forms */
    bool star;   /* the last word is a prefix */
} qi_phrase;

/* Words of text in `fields`, which are indexed text fields: a TERM, PHRASE or PREFIX. */
qi_node *qi_tree_words(qi_tree *tree, qi_fields fields, qi_phrase *phrase);

/* The same for what stands between quotation marks, `raw` with its escapes: gaps and alternatives
 * are read; `how` says the rest, but for the pieces. */
qi_node *qi_tree_quoted(qi_tree *tree, qi_fields fields, quire_str raw, const qi_phrase *how);

/* A keyword field's whole value, or with `star` its beginning. */
qi_node *qi_tree_keyword(qi_tree *tree, uint32_t field, quire_str value, bool star);

/* One end of a range; ptr NULL: open. */
typedef struct qi_bound {
    quire_str text;
    bool out; /* the end itself is excluded */
} qi_bound;

/* Values of a number, date or keyword field in a range. */
qi_node *qi_tree_range(qi_tree *tree, uint32_t field, qi_bound low, qi_bound high);

qi_node *qi_tree_exists(qi_tree *tree, uint32_t field);

/* What an ATOM or RANGE lexeme of `text` says about `fields`. */
qi_node *qi_tree_atom(qi_tree *tree, quire_str text, const qi_lexeme *item, qi_fields fields);

/* A node that finds nothing. */
qi_node *qi_tree_none(qi_tree *tree);

/* The analyzer of a text field in this query, lent. NULL after a failure. */
qi_analyzer *qi_tree_analyzer(qi_tree *tree, uint32_t field);

/* Does it stem? */
bool qi_tree_stems(const qi_tree *tree, uint32_t field);

#endif
