/* SPDX-License-Identifier: MIT
 * Each builder starts a tree, makes one node and finishes it. They read strictly: a program wants
 * an error where a person wants a note. */
#include "search/make.h"

#include <math.h>
#include <string.h>

#include "search/combine.h"
#include "search/tree.h"

static quire_status start(qi_tree *tree, const quire_schema *schema, quire_error *err)
{
    quire_status status = qi_tree_start(tree, schema, NULL, err);
    tree->strict = true;
    return status;
}

static quire_status finish(qi_tree *tree, qi_node *root, quire_query **out)
{
    quire_status status = qi_tree_finish(tree, root, out);
    qi_tree_free(tree);
    return status;
}

/* The fields a builder was told; `*number` holds a single one. */
static quire_status find_fields(qi_tree *tree, const char *name, uint32_t *number, qi_fields *out)
{
    *out = tree->fields;
    if (name == NULL)
        return QUIRE_OK;
    *number = qi_schema_find(tree->schema, name, strlen(name));
    *out = (qi_fields){number, 1, true};
    if (*number == QI_NO_FIELD)
        return qi_schema_no_field(tree->schema, quire_cstr(name), QUIRE_ERR_NOT_FOUND, tree->err);
    return QUIRE_OK;
}

static quire_status find_term_fields(qi_tree *tree, const char *name, uint32_t *number,
                                     qi_fields *out)
{
    QI_TRY(find_fields(tree, name, number, out));
    if (name != NULL && !qi_field_has_terms(&tree->schema->fields.items[*number]))
        return qi_fail(tree->err, QUIRE_ERR_MISUSE, "field '%.63s' has no words to search", name);
    return QUIRE_OK;
}

static qi_node *make_words(qi_tree *tree, qi_fields fields, quire_str text, qi_phrase phrase)
{
    qi_piece piece = {text, 0};
    if (tree->status != QUIRE_OK)
        return NULL;
    uint32_t field = fields.count > 0 ? fields.items[0] : QI_NO_FIELD;
    if (field != QI_NO_FIELD && tree->schema->fields.items[field].type == QUIRE_KEYWORD)
        return phrase.star && text.len == 0 ? qi_tree_exists(tree, field)
                                            : qi_tree_keyword(tree, field, text, phrase.star);
    phrase.pieces = &piece;
    phrase.piece_count = 1;
    phrase.quoted = true;
    return qi_tree_words(tree, fields, &phrase);
}

quire_status qi_make_phrase(quire_query **out, const quire_schema *schema, const char *field,
                            quire_str text, uint32_t slop, quire_error *err)
{
    qi_tree tree;
    uint32_t number;
    qi_fields fields = {0};
    *out = NULL;
    if (slop > QI_SLOP_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a slop of more than %d words", (int)QI_SLOP_MAX);
    quire_status status = start(&tree, schema, err);
    if (status == QUIRE_OK)
        qi_tree_fail(&tree, find_term_fields(&tree, field, &number, &fields));
    return finish(&tree, make_words(&tree, fields, text, (qi_phrase){.slop = slop}), out);
}

quire_status qi_make_prefix(quire_query **out, const quire_schema *schema, const char *field,
                            quire_str text, quire_error *err)
{
    qi_tree tree;
    uint32_t number;
    qi_fields fields = {0};
    *out = NULL;
    quire_status status = start(&tree, schema, err);
    if (status == QUIRE_OK)
        qi_tree_fail(&tree, find_term_fields(&tree, field, &number, &fields));
    return finish(&tree, make_words(&tree, fields, text, (qi_phrase){.star = true}), out);
}

quire_status qi_make_range(quire_query **out, const quire_schema *schema, const char *field,
                           quire_str low, quire_str high, quire_error *err)
{
    qi_tree tree;
    uint32_t number = 0;
    qi_fields fields = {0};
    *out = NULL;
    if (field == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "a range needs a field");
    quire_status status = start(&tree, schema, err);
    if (status == QUIRE_OK)
        qi_tree_fail(&tree, find_fields(&tree, field, &number, &fields));
    if (tree.status == QUIRE_OK && schema->fields.items[number].type == QUIRE_TEXT)
        qi_tree_fail(&tree, qi_fail(err, QUIRE_ERR_MISUSE,
                                    "field '%.63s' is text, which has no ranges", field));
    qi_node *node = qi_tree_range(&tree, number, (qi_bound){low, false}, (qi_bound){high, false});
    return finish(&tree, node, out);
}

static bool is_boost(float boost)
{
    return isfinite(boost) && boost >= 0 && boost <= 1e6f;
}

static quire_status check_parts(const quire_schema *schema, const qi_make_parts *parts,
                                quire_error *err)
{
    bool first = parts->operator_ == QUIRE_NOT || parts->operator_ == QUIRE_FILTER;
    if (parts->operator_ < QUIRE_OR || parts->operator_ > QUIRE_FILTER)
        return qi_fail(err, QUIRE_ERR_MISUSE, "no such operator: %d", (int)parts->operator_);
    if (!is_boost(parts->boost))
        return qi_fail(err, QUIRE_ERR_MISUSE, "the boost must be in (0, 1e6]");
    if (first && parts->count == 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "this operator needs a first child");
    if (parts->count > QI_QUERY_NODES)
        return qi_fail(err, QUIRE_ERR_LIMIT, "more than %d children", (int)QI_QUERY_NODES);
    for (size_t i = 0; i < parts->count; i++)
        if (parts->children[i] == NULL || !qi_schema_same(parts->children[i]->schema, schema))
            return qi_fail(err, QUIRE_ERR_MISUSE, "child %zu is no query for this index", i);
    return QUIRE_OK;
}

static qi_node *combine(qi_tree *tree, quire_operator operator_, qi_nodes nodes)
{
    qi_nodes others = {nodes.items + 1, nodes.count - 1};
    switch (operator_) {
    case QUIRE_AND:
        return qi_combine_and(tree, nodes);
    case QUIRE_SMART:
        return qi_combine_smart(tree, nodes);
    case QUIRE_NOT:
        return qi_combine_not(tree, nodes.items[0], others);
    case QUIRE_FILTER:
        return qi_combine_filter(tree, nodes.items[0], others);
    default:
        return qi_combine_or(tree, nodes, 1);
    }
}

quire_status qi_make_combination(quire_query **out, const quire_schema *schema,
                                 const qi_make_parts *parts, quire_error *err)
{
    qi_tree tree;
    *out = NULL;
    QI_TRY(check_parts(schema, parts, err));
    start(&tree, schema, err);
    qi_nodes nodes = {NULL, 0};
    qi_node *root = NULL;
    if (tree.status == QUIRE_OK)
        nodes.items = qi_arena_new(tree.memory, parts->count, sizeof(qi_node *));
    if (tree.status == QUIRE_OK && nodes.items == NULL)
        qi_tree_fail(&tree, qi_no_memory(err));
    for (size_t i = 0; i < parts->count && tree.status == QUIRE_OK; i++)
        nodes.items[nodes.count++] = qi_combine_copy(&tree, parts->children[i]->root);
    if (tree.status == QUIRE_OK)
        root = combine(&tree, parts->operator_, nodes);
    if (tree.status == QUIRE_OK)
        root = qi_combine_boost(&tree, root, parts->boost == 0 ? 1 : parts->boost);
    return finish(&tree, root, out);
}
