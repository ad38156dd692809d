/* SPDX-License-Identifier: MIT
 * search/combine.h - trees in normal form.
 *
 * Each function takes nodes in normal form, uses them up, and gives one in normal form that finds
 * the same documents with the same scores as the plain combination would. Applied to the children
 * that a normal node has, it gives that node again: this is why a canonical text reads back as the
 * same tree.
 *
 * Normal form. AND: its children score, and are no AND, NOT, FILTER or ALL. NOT and FILTER have
 * boost 1; NOT lies outside FILTER; FILTER's others, and what NOT excludes, have boost 1 and are
 * taken apart as far as that changes nothing. Equal TERM, PHRASE and PREFIX nodes of one AND, OR,
 * SMART or MAYBE are one, with their boosts added up. A plain OR has no plain OR below it, and no
 * NONE is left but the root.
 *
 * They fail as search/tree.h says, and drop what would be higher than QI_QUERY_DEPTH. */
#ifndef QI_SEARCH_COMBINE_H
#define QI_SEARCH_COMBINE_H

#include "search/tree.h"

/* Nodes to combine; NULL ones are passed over. */
typedef struct qi_nodes {
    qi_node **items;
    uint32_t count;
} qi_nodes;

/* All of them. NULL if there is none. */
qi_node *qi_combine_and(qi_tree *tree, qi_nodes nodes);

/* At least `least` of them. NULL if there is none. */
qi_node *qi_combine_or(qi_tree *tree, qi_nodes nodes, uint32_t least);

/* Words: those with all first. Nodes that score nothing, and keywords, are required. */
qi_node *qi_combine_smart(qi_tree *tree, qi_nodes nodes);

/* Take out of `nodes` those that qi_combine_smart requires; in the arena. */
qi_nodes qi_combine_take_columns(qi_tree *tree, qi_nodes *nodes);

/* `first`, and the scores of the others where they match too. */
qi_node *qi_combine_maybe(qi_tree *tree, qi_node *first, qi_nodes others);

/* `first` without the others, or only where all of the others match. NULL as `first`: every
 * document. */
qi_node *qi_combine_not(qi_tree *tree, qi_node *first, qi_nodes others);
qi_node *qi_combine_filter(qi_tree *tree, qi_node *first, qi_nodes others);

/* Multiply the scores; 0: the node finds what it finds but scores nothing. */
qi_node *qi_combine_boost(qi_tree *tree, qi_node *node, float boost);

/* Below other nodes a SMART is an OR: give the node that may stand there. */
qi_node *qi_combine_settle(qi_tree *tree, qi_node *node);

/* A deep copy of another query's tree, in this tree's memory. */
qi_node *qi_combine_copy(qi_tree *tree, const qi_node *node);

#endif
