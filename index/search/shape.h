/* SPDX-License-Identifier: MIT
 * search/shape.h - what qi_iter_term and qi_iter_combine have made, for a search that treats some
 * shapes of query in ways of its own. */
#ifndef QI_SEARCH_SHAPE_H
#define QI_SEARCH_SHAPE_H

#include "search/cursor.h"
#include "search/iter.h"

typedef struct qi_shape_field {
    qi_field_source source;
    qi_cursor match, score; /* `score` has no list where the word never scores */
} qi_shape_field;

typedef struct qi_shape_term {
    qi_iter base;
    uint32_t count;
    float weight;
    qi_shape_field fields[];
} qi_shape_term;

typedef struct qi_shape_bool {
    qi_iter base;
    uint32_t count;
    uint32_t least;
    qi_iter **children; /* in the order of the query */
    qi_iter **ordered;  /* in the order of matching */
    qi_window **kept;   /* OR: matches of each compound child, NULL for leaves */
} qi_shape_bool;

typedef struct qi_shape_phrase {
    struct qi_phrase_state *state;
    float weight;
} qi_shape_phrase;

/* `iter` as a word; NULL if it is something else. */
qi_shape_term *qi_shape_as_term(qi_iter *iter);

/* `iter` as a combination, and its kind, NONE if that is none of AND, OR with least 1, NOT, FILTER,
 * MAYBE; NULL if it is something else. */
qi_shape_bool *qi_shape_as_bool(qi_iter *iter, qi_node_kind *kind);

/* `iter` as a phrase without slop in one text field; `state` is NULL if it is something else. */
qi_shape_phrase qi_shape_as_phrase(qi_iter *iter);

#endif
