/* SPDX-License-Identifier: MIT
 * Random trees are combined in two ways: by the library, into normal form, and as plain nested
 * nodes. A model of documents, in which a leaf matches some documents with some score, says that
 * both find the same with the same scores. Scores are small whole numbers, so that sums are exact.
 */
#include "search/combine.h"
#include "search/print.h"

#include <check.h>

#include "search/parse.h"
#include "support/roll.h"
#include "support/trees.h"

enum { DOCS = 64, LEAVES = 12, PLAIN = 512 };

static quire_schema *schema;
static qi_tree tree;
static quire_error err;

/* What each document scores, or -1 where it does not match. */
typedef struct result {
    double scores[DOCS];
} result;

typedef enum plain_kind { LEAF, AND, OR, LEAST, MAYBE, NOT, FILTER, SMART, BOOST } plain_kind;

/* A tree as it was asked for. */
typedef struct plain {
    plain_kind kind;
    uint32_t leaf, least, count;
    float boost;
    const struct plain *children[4];
} plain;

static plain plains[PLAIN];
static uint32_t plain_count;

static void begin(void)
{
    schema = tree_schema();
    ck_assert_int_eq(qi_tree_start(&tree, schema, NULL, &err), QUIRE_OK);
    plain_count = 0;
}

static void end(void)
{
    qi_tree_free(&tree);
    qi_schema_release(schema);
}

/* Leaf n: words, two keywords, a range, an existence, everything, nothing. */
static qi_node *make_leaf(uint32_t n)
{
    char text[2] = {(char)('a' + n), '\0'};
    qi_piece piece = {quire_cstr(text), 0};
    qi_phrase phrase = {.pieces = &piece, .piece_count = 1};
    switch (n) {
    case 0:
        return qi_tree_none(&tree);
    case 1:
        return qi_tree_node(&tree, QI_NODE_ALL, false);
    case 2:
        return qi_tree_range(&tree, qi_schema_find(schema, "year", 4),
                             (qi_bound){quire_cstr("1"), false},
                             (qi_bound){quire_cstr("5"), false});
    case 3:
        return qi_tree_exists(&tree, 0);
    case 4:
    case 5:
        return qi_tree_keyword(&tree, qi_schema_find(schema, "tag", 3), quire_cstr(text), false);
    default:
        return qi_tree_words(&tree, tree.fields, &phrase);
    }
}

/* The score of a leaf in a document, or -1. */
static double leaf_score(uint32_t leaf, uint32_t doc)
{
    uint32_t hash = (leaf * 2654435761u) ^ (doc * 40503u + 977u);
    hash ^= hash >> 13;
    hash *= 2246822519u;
    hash ^= hash >> 16;
    bool match = leaf == 1 || (leaf != 0 && hash % 3 == 0);
    bool silent = leaf <= 3;
    double score = silent ? 0 : 1 + (double)(hash / 8 % 5);
    return match ? score : -1;
}

static uint32_t leaf_of(const qi_node *node)
{
    switch (node->kind) {
    case QI_NODE_NONE:
        return 0;
    case QI_NODE_ALL:
        return 1;
    case QI_NODE_RANGE:
        return 2;
    case QI_NODE_EXISTS:
        return 3;
    default:
        return (uint32_t)(node->leaves[0].words[0].term.ptr[0] - 'a');
    }
}

static double add_matching(const double *scores, uint32_t count, uint32_t *matching)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += scores[i] >= 0 ? scores[i] : 0;
        *matching += scores[i] >= 0 ? 1 : 0;
    }
    return sum;
}

/* The score of a document under a node of the library, or -1. */
static double node_score(const qi_node *node, uint32_t doc)
{
    if (node->child_count == 0) {
        double score = leaf_score(leaf_of(node), doc);
        return score > 0 ? score * (double)node->boost : score;
    }
    double *scores = malloc(node->child_count * sizeof *scores);
    uint32_t matching = 0;
    for (uint32_t i = 0; i < node->child_count; i++)
        scores[i] = node_score(node->children[i], doc);
    double first = scores[0], sum = add_matching(scores, node->child_count, &matching);
    bool every = matching == node->child_count;
    free(scores);
    bool match = false;
    switch (node->kind) {
    case QI_NODE_AND:
        match = every;
        break;
    case QI_NODE_OR:
    case QI_NODE_SMART:
        match = matching >= node->least;
        break;
    case QI_NODE_NOT:
        match = first >= 0 && matching == 1;
        sum = first;
        break;
    case QI_NODE_FILTER:
        match = every;
        sum = first;
        break;
    default:
        match = first >= 0;
    }
    return match ? sum * (double)node->boost : -1;
}

static double plain_score(const plain *p, uint32_t doc)
{
    double scores[4] = {-1, -1, -1, -1};
    uint32_t matching = 0;
    if (p->kind == LEAF)
        return leaf_score(p->leaf, doc);
    for (uint32_t i = 0; i < p->count; i++)
        scores[i] = plain_score(p->children[i], doc);
    double first = scores[0], sum = add_matching(scores, p->count, &matching);
    switch (p->kind) {
    case AND:
        return matching == p->count ? sum : -1;
    case OR:
    case SMART:
        return matching > 0 ? sum : -1;
    case LEAST:
        return matching >= p->least ? sum : -1;
    case NOT:
        return first >= 0 && matching == 1 ? first : -1;
    case FILTER:
        return matching == p->count ? first : -1;
    case BOOST:
        return first < 0 ? -1 : first * (double)p->boost;
    default:
        return first >= 0 ? sum : -1;
    }
}

static qi_node *combine(plain *p, qi_nodes nodes)
{
    qi_nodes others = {nodes.items + 1, nodes.count - 1};
    switch (p->kind) {
    case AND:
        return qi_combine_and(&tree, nodes);
    case OR:
    case SMART: /* below the root a SMART stands for an OR */
        return p->kind == SMART && p->least > 0 ? qi_combine_smart(&tree, nodes)
                                                : qi_combine_or(&tree, nodes, 1);
    case LEAST:
        return qi_combine_or(&tree, nodes, p->least);
    case NOT:
        return qi_combine_not(&tree, nodes.items[0], others);
    case FILTER:
        return qi_combine_filter(&tree, nodes.items[0], others);
    case BOOST:
        return qi_combine_boost(&tree, nodes.items[0], p->boost);
    default:
        return qi_combine_maybe(&tree, nodes.items[0], others);
    }
}

/* A random tree both ways. */
static qi_node *random_tree(uint32_t depth, const plain **out)
{
    plain *p = &plains[plain_count++];
    qi_node *items[4];
    *out = p;
    *p = (plain){.kind = depth == 0 || plain_count > PLAIN - 200 ? LEAF : (plain_kind)roll(9)};
    if (p->kind == LEAF) {
        p->leaf = roll(8) == 0 ? roll(4) : 2 + roll(LEAVES - 2);
        return make_leaf(p->leaf);
    }
    p->kind = p->kind == SMART ? OR : p->kind;
    p->count = p->kind == BOOST ? 1 : 1 + roll(4);
    p->least = 1 + roll(p->count + 1);
    p->boost = p->kind == BOOST && roll(4) == 0 ? 0 : (float)(1u << roll(3));
    for (uint32_t i = 0; i < p->count; i++)
        items[i] = random_tree(depth - 1, &p->children[i]);
    return combine(p, (qi_nodes){items, p->count});
}

static void check_same(const plain *p, const qi_node *node)
{
    for (uint32_t doc = 0; doc < DOCS; doc++) {
        double asked = plain_score(p, doc), made = node == NULL ? -1 : node_score(node, doc);
        ck_assert_msg(asked == made, "document %u: %g became %g", doc, asked, made);
    }
}

START_TEST(normal_form_changes_neither_what_is_found_nor_its_scores)
{
    roll_seed();
    for (int i = 0; i < 8000; i++) {
        const plain *p;
        plain_count = 0;
        qi_node *node = random_tree(1 + roll(4), &p);
        ck_assert_int_eq(tree.status, QUIRE_OK);
        check_same(p, node);
        if (tree.nodes > QI_QUERY_NODES / 2) {
            qi_tree_free(&tree);
            ck_assert_int_eq(qi_tree_start(&tree, schema, NULL, &err), QUIRE_OK);
        }
    }
}
END_TEST

/* What the header promises of a normal node. */
static void check_normal(const qi_node *node, bool root)
{
    ck_assert(root || node->kind != QI_NODE_NONE);
    ck_assert(node->child_count != 1);
    bool wraps = node->kind == QI_NODE_NOT || node->kind == QI_NODE_FILTER;
    ck_assert(!wraps || node->boost == 1);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const qi_node *child = node->children[i];
        ck_assert_uint_lt(child->height, node->height);
        ck_assert(!wraps || i == 0 || child->boost == 1);
        if (node->kind == QI_NODE_AND)
            ck_assert(child->kind != QI_NODE_NOT && child->kind != QI_NODE_FILTER &&
                      child->kind != QI_NODE_ALL && child->kind != QI_NODE_RANGE &&
                      (child->kind != QI_NODE_AND || child->boost != 1));
        if (node->kind == QI_NODE_FILTER)
            ck_assert(child->kind != QI_NODE_NOT && child->kind != QI_NODE_FILTER);
        if (node->kind == QI_NODE_OR && node->least == 1)
            ck_assert(child->kind != QI_NODE_OR || child->boost != 1 || child->least > 1);
        check_normal(child, false);
    }
}

START_TEST(every_combination_is_in_normal_form_and_reads_back_from_its_canonical_text)
{
    roll_seed();
    for (int i = 0; i < 5000; i++) {
        const plain *p;
        plain_count = 0;
        qi_node *root = random_tree(1 + roll(5), &p);
        quire_query *query = NULL, *again = NULL;
        qi_parse_options strictly = {.strict = true, .operator_ = (quire_operator)roll(2)};
        ck_assert_int_eq(qi_tree_finish(&tree, root, &query), QUIRE_OK);
        qi_tree_free(&tree);
        check_normal(query->root, true);
        quire_str text = qi_print_describe(query)->canonical;
        quire_status status = qi_parse(&again, schema, text, &strictly, &err);
        ck_assert_msg(status == QUIRE_OK, "%s: %s", text.ptr, err.message);
        ck_assert_msg(same_tree(query->root, again->root), "'%s' became '%s'", text.ptr,
                      qi_print_describe(again)->canonical.ptr);
        qi_query_release(query);
        qi_query_release(again);
        ck_assert_int_eq(qi_tree_start(&tree, schema, NULL, &err), QUIRE_OK);
    }
}
END_TEST

START_TEST(below_other_nodes_a_smart_is_an_or)
{
    for (int way = 0; way < 3; way++) {
        qi_node *words[2] = {make_leaf(6), make_leaf(7)}, *pair[2];
        pair[0] = qi_combine_smart(&tree, (qi_nodes){words, 2});
        pair[1] = make_leaf(8);
        ck_assert_int_eq(pair[0]->kind, QI_NODE_SMART);
        qi_nodes others = {pair + 1, 1};
        if (way == 0) {
            qi_node *node = qi_combine_not(&tree, pair[0], others);
            ck_assert_int_eq(node->children[0]->kind, QI_NODE_SMART);
            pair[0] = node;
            pair[1] = make_leaf(9);
        }
        qi_node *node = way == 2 ? qi_combine_or(&tree, (qi_nodes){pair, 2}, 1)
                                 : qi_combine_and(&tree, (qi_nodes){pair, 2});
        check_normal(node, true);
        ck_assert_int_eq(node->kind, way == 0 ? QI_NODE_NOT : way == 1 ? QI_NODE_AND : QI_NODE_OR);
        if (way == 2)
            ck_assert_uint_eq(node->child_count, 3);
    }
}
END_TEST

START_TEST(copies_are_equal_and_share_nothing)
{
    const plain *p;
    roll_seed();
    for (int i = 0; i < 200; i++) {
        quire_query *query = NULL;
        plain_count = 0;
        qi_node *root = random_tree(4, &p);
        ck_assert_int_eq(qi_tree_finish(&tree, root, &query), QUIRE_OK);
        qi_tree_free(&tree);
        ck_assert_int_eq(qi_tree_start(&tree, schema, NULL, &err), QUIRE_OK);
        qi_node *copy = qi_combine_copy(&tree, query->root);
        ck_assert(same_tree(copy, query->root));
        qi_query_release(query);
        for (uint32_t doc = 0; doc < DOCS; doc++)
            ck_assert(node_score(copy, doc) == plain_score(p, doc));
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.combine");
    TCase *t = tcase_create("combine");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, normal_form_changes_neither_what_is_found_nor_its_scores);
    tcase_add_test(t, every_combination_is_in_normal_form_and_reads_back_from_its_canonical_text);
    tcase_add_test(t, below_other_nodes_a_smart_is_an_or);
    tcase_add_test(t, copies_are_equal_and_share_nothing);
    suite_add_tcase(s, t);
    return s;
}
