/* SPDX-License-Identifier: MIT
 * Copies of trees: combining uses nodes up, and the children of a combination stay the caller's. */
#include "search/combine.h"

static quire_str copy_str(qi_tree *tree, quire_str text)
{
    return text.ptr == NULL
               ? text
               : (quire_str){qi_arena_copy(tree->memory, text.ptr, text.len), text.len};
}

static const qi_word *copy_words(qi_tree *tree, const qi_leaf *leaf)
{
    qi_word *words = qi_arena_new(tree->memory, leaf->word_count, sizeof *words);
    for (uint32_t i = 0; i < leaf->word_count && words != NULL; i++)
        words[i] = (qi_word){copy_str(tree, leaf->words[i].term), leaf->words[i].position};
    return words;
}

static void copy_leaves(qi_tree *tree, qi_node *copy, const qi_node *node)
{
    qi_leaf *leaves = qi_arena_new(tree->memory, node->leaf_count, sizeof *leaves);
    for (uint32_t i = 0; i < node->leaf_count && leaves != NULL; i++) {
        leaves[i] = node->leaves[i];
        bool shared = i > 0 && node->leaves[i].words == node->leaves[i - 1].words;
        leaves[i].words = shared ? leaves[i - 1].words : copy_words(tree, &node->leaves[i]);
    }
    copy->leaves = leaves;
}

qi_node *qi_combine_copy(qi_tree *tree, const qi_node *node)
{
    bool leaf = node->leaf_count > 0 || node->kind == QI_NODE_RANGE || node->kind == QI_NODE_EXISTS;
    qi_node *copy = qi_tree_node(tree, node->kind, leaf);
    if (copy == NULL)
        return NULL;
    *copy = *node;
    copy->start = copy->end = 0;
    copy->text = copy_str(tree, node->text);
    copy->low_key = copy_str(tree, node->low_key);
    copy->high_key = copy_str(tree, node->high_key);
    copy_leaves(tree, copy, node);
    qi_node **children = qi_arena_new(tree->memory, node->child_count, sizeof *children);
    for (uint32_t i = 0; i < node->child_count && children != NULL; i++)
        children[i] = qi_combine_copy(tree, node->children[i]);
    copy->children = children;
    if (tree->memory->failed)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    return tree->status == QUIRE_OK ? copy : NULL;
}
