/* SPDX-License-Identifier: MIT
 *
 * Words come from the documents themselves, so that frequent ones are asked for often and phrases
 * occur; now and then they do not occur at all. */
#include "support/asking.h"

#include <stdio.h>
#include <string.h>

#include "support/roll.h"

static qi_node *make(asking *from, qi_node_kind kind)
{
    static const float boosts[] = {1, 1, 1, 2, 0.5f, 3.7f};
    qi_node *node = qi_arena_new(from->memory, 1, sizeof *node);
    node->kind = kind;
    node->boost = boosts[roll(6)];
    return node;
}

static quire_str form(asking *from, uint32_t word)
{
    char bytes[16];
    quire_str term = naive_form(word, bytes);
    term.ptr = qi_arena_copy(from->memory, term.ptr, term.len);
    return term;
}

static const naive_doc *some_doc(asking *from, uint32_t field)
{
    const naive_doc *doc = NULL;
    for (int i = 0; i < 20; i++) {
        doc = &from->index->docs[roll(from->index->count)];
        if (doc->counts[field] != 0)
            return doc;
    }
    return NULL;
}

static uint32_t some_word(asking *from)
{
    const naive_doc *doc = some_doc(from, NAIVE_BODY);
    if (doc == NULL || roll(30) == 0)
        return roll(from->index->words);
    return doc->tokens[NAIVE_BODY][roll(doc->counts[NAIVE_BODY])].word;
}

/* Leaves for `count` words in one or both text fields. */
static void set_leaves(asking *from, qi_node *node, qi_word *words, uint32_t count, bool exact)
{
    uint32_t which = roll(4);
    qi_leaf *leaves = qi_arena_new(from->memory, 2, sizeof *leaves);
    uint32_t n = 0;
    for (uint32_t f = 0; f < NAIVE_TEXTS; f++)
        if (which >= 2 || which == f)
            leaves[n++] = (qi_leaf){QI_LANE(f, exact), count, words};
    node->leaves = leaves;
    node->leaf_count = n;
}

static qi_node *term(asking *from)
{
    qi_node *node = make(from, QI_NODE_TERM);
    qi_word *word = qi_arena_new(from->memory, 1, sizeof *word);
    bool exact = roll(3) == 0;
    uint32_t id = some_word(from);
    word->term = form(from, exact ? id : id / 2);
    set_leaves(from, node, word, 1, exact);
    if (roll(20) == 0) {
        qi_leaf *leaf = qi_arena_new(from->memory, 1, sizeof *leaf);
        word->term = form(from, id % 8);
        *leaf = (qi_leaf){QI_LANE(NAIVE_TAG, false), 1, word};
        node->leaves = leaf;
        node->leaf_count = 1;
    }
    return node;
}

static qi_node *prefix(asking *from)
{
    if (from->prefixes == 0)
        return term(from);
    from->prefixes--;
    qi_node *node = make(from, QI_NODE_PREFIX);
    qi_word *word = qi_arena_new(from->memory, 1, sizeof *word);
    word->term = form(from, roll(4) == 0 ? roll(4) : some_word(from));
    if (word->term.len > 1)
        word->term.len -= roll(2);
    set_leaves(from, node, word, 1, roll(3) != 0);
    return node;
}

/* A phrase: out of a document, perhaps with a word changed, dropped or moved. */
static qi_node *phrase(asking *from)
{
    qi_node *node = make(from, QI_NODE_PHRASE);
    uint32_t field = roll(2), count = 1 + roll(roll(4) == 0 ? 5 : 3), n = 0;
    const naive_doc *doc = some_doc(from, field);
    if (doc == NULL)
        return term(from);
    bool exact = roll(3) == 0;
    qi_word *words = qi_arena_new(from->memory, count, sizeof *words);
    uint32_t at = roll(doc->counts[field]), gap = 0;
    for (uint32_t i = at; i < doc->counts[field] && n < count; i++) {
        const naive_token *token = &doc->tokens[field][i];
        uint32_t id = roll(12) == 0 ? some_word(from) : token->word;
        if (n != 0 && roll(8) == 0)
            continue;
        gap += n != 0 && roll(10) == 0;
        words[n].position = token->position - doc->tokens[field][at].position + gap;
        words[n++].term = form(from, exact ? id : id / 2);
    }
    node->slop = roll(3) == 0 ? 1 + roll(8) : 0;
    if (n >= 2 && node->slop != 0 && roll(2) == 0) {
        quire_str swapped = words[0].term;
        words[0].term = words[n - 1].term;
        words[n - 1].term = swapped;
    }
    set_leaves(from, node, words, n, exact);
    return node;
}

static qi_node *column(asking *from)
{
    qi_node *node = make(from, roll(5) == 0 ? QI_NODE_EXISTS : QI_NODE_RANGE);
    node->field = roll(2) == 0 ? NAIVE_NUM : NAIVE_TAG;
    if (node->kind == QI_NODE_EXISTS)
        node->field = roll(4);
    node->low = (int64_t)roll(100) - 50;
    node->high = node->low + roll(60);
    if (roll(3) != 0)
        node->low_key = form(from, roll(10));
    if (roll(3) != 0)
        node->high_key = form(from, roll(10));
    return node;
}

static qi_node *leaf(asking *from)
{
    switch (roll(16)) {
    case 0:
    case 1:
    case 2:
        return phrase(from);
    case 3:
        return prefix(from);
    case 4:
        return column(from);
    case 5:
        return roll(8) == 0 ? make(from, QI_NODE_ALL) : term(from);
    default:
        return term(from);
    }
}

static qi_node *tree(asking *from, uint32_t depth, bool root)
{
    static const qi_node_kind kinds[] = {QI_NODE_OR,  QI_NODE_OR,  QI_NODE_OR,     QI_NODE_AND,
                                         QI_NODE_AND, QI_NODE_NOT, QI_NODE_FILTER, QI_NODE_MAYBE};
    if (depth == 0 || roll(5) < (root ? 1 : 3))
        return leaf(from);
    qi_node *node = make(from, root && roll(8) == 0 ? QI_NODE_SMART : kinds[roll(8)]);
    node->child_count = 2 + roll(roll(3) == 0 ? 5 : 2);
    node->least = node->kind == QI_NODE_OR && roll(4) == 0 ? 1 + roll(node->child_count) : 1;
    qi_node **children = qi_arena_new(from->memory, node->child_count, sizeof *children);
    for (uint32_t i = 0; i < node->child_count; i++)
        children[i] = tree(from, depth - 1, false);
    node->children = children;
    return node;
}

qi_node *asking_tree(asking *from, uint32_t depth)
{
    return tree(from, depth, true);
}

static void print_leaf(const qi_leaf *leaf)
{
    printf(" lane %u:", leaf->lane);
    for (uint32_t w = 0; w < leaf->word_count; w++)
        printf(" %.*s@%u", (int)leaf->words[w].term.len, leaf->words[w].term.ptr,
               leaf->words[w].position);
}

void asking_print(const qi_node *node)
{
    static const char *names[] = {"NONE", "ALL", "TERM",  "PHRASE", "PREFIX", "RANGE", "EXISTS",
                                  "AND",  "OR",  "SMART", "NOT",    "FILTER", "MAYBE"};
    printf("(%s^%g", names[node->kind], (double)node->boost);
    if (node->kind == QI_NODE_OR && node->least > 1)
        printf("@%u", node->least);
    if (node->slop != 0)
        printf("~%u", node->slop);
    if (node->kind == QI_NODE_RANGE || node->kind == QI_NODE_EXISTS)
        printf(" field %u [%lld %lld] [%s %s]", node->field, (long long)node->low,
               (long long)node->high, node->low_key.ptr ? node->low_key.ptr : "*",
               node->high_key.ptr ? node->high_key.ptr : "*");
    for (uint32_t i = 0; i < node->leaf_count; i++)
        print_leaf(&node->leaves[i]);
    for (uint32_t i = 0; i < node->child_count; i++) {
        printf(" ");
        asking_print(node->children[i]);
    }
    printf(")");
}
