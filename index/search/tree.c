/* SPDX-License-Identifier: MIT
 * The frame of a query under construction: fields, analyzers, notes, nodes. One analyzer serves all
 * fields that ask for the same analysis, so that each word is analysed once per kind of analysis
 * and not once per field. */
#include "search/tree.h"

#include <string.h>

#include "base/mem.h"

void qi_tree_fail(qi_tree *tree, quire_status status)
{
    if (tree->status == QUIRE_OK)
        tree->status = status;
}

void qi_tree_complain(qi_tree *tree, qi_note_code code)
{
    if (tree->status != QUIRE_OK)
        return;
    if (tree->strict && qi_note_is_error(code))
        tree->status = qi_note_fail(code, tree->start, tree->err);
    else
        qi_notes_add(&tree->notes, code, tree->start, tree->end);
}

quire_status qi_tree_start(qi_tree *tree, const quire_schema *schema, const char *language,
                           quire_error *err)
{
    *tree = (qi_tree){.schema = schema, .err = err};
    if (language != NULL && language[0] != '\0') {
        if (strlen(language) >= sizeof schema->fields.items->analyzer.language)
            return tree->status =
                       qi_fail(err, QUIRE_ERR_MISUSE, "unknown language '%.40s'", language);
        tree->language = language;
    }
    tree->status = qi_query_new(&tree->query, schema, err);
    if (tree->status != QUIRE_OK)
        return tree->status;
    tree->memory = &tree->query->memory;
    tree->notes.memory = tree->memory;
    tree->kit = qi_kit_take(schema);
    if (tree->kit == NULL)
        return tree->status = qi_no_memory(err);
    tree->fields = (qi_fields){tree->kit->defaults, tree->kit->default_count, false};
    tree->own_fields = true;
    tree->analyzers = tree->language == NULL ? tree->kit->analyzers
                                             : qi_arena_new(tree->memory, schema->fields.count + 1,
                                                            sizeof(qi_analyzer *));
    if (tree->analyzers == NULL)
        tree->status = qi_no_memory(err);
    return tree->status;
}

/* Put a field in its place among the first `count`; it may be there already. */
static uint32_t insert_field(uint32_t *items, uint32_t count, uint32_t field)
{
    uint32_t at = count;
    while (at > 0 && items[at - 1] > field)
        at--;
    if (at > 0 && items[at - 1] == field)
        return count;
    memmove(items + at + 1, items + at, (count - at) * sizeof *items);
    items[at] = field;
    return count + 1;
}

quire_status qi_tree_default_fields(qi_tree *tree, const char *names)
{
    const quire_schema *schema = tree->schema;
    qi_fields old = tree->fields;
    uint32_t *items = qi_arena_new(tree->memory, schema->fields.count + 1, sizeof *items);
    if (items == NULL)
        return tree->status = qi_no_memory(tree->err);
    tree->fields = (qi_fields){.items = items};
    for (const char *name = names; tree->status == QUIRE_OK;) {
        name += strspn(name, " ,");
        size_t len = strcspn(name, " ,");
        if (len == 0)
            break;
        uint32_t field = qi_schema_find(schema, name, len);
        if (field == QI_NO_FIELD)
            return tree->status = qi_schema_no_field(schema, (quire_str){name, len},
                                                     QUIRE_ERR_MISUSE, tree->err);
        if (!qi_field_has_terms(&schema->fields.items[field]))
            return tree->status = qi_fail(tree->err, QUIRE_ERR_MISUSE,
                                          "'%.*s' is not an indexed text or keyword field",
                                          len > 63 ? 63 : (int)len, name);
        tree->fields.count = insert_field(items, tree->fields.count, field);
        name += len;
    }
    tree->own_fields =
        old.count == tree->fields.count && memcmp(old.items, items, old.count * sizeof *items) == 0;
    return tree->status;
}

/* The analysis of a field in this query. */
static quire_analyzer options_of(const qi_tree *tree, uint32_t field)
{
    quire_analyzer options = tree->schema->fields.items[field].analyzer;
    if (tree->language != NULL) {
        memset(options.language, 0, sizeof options.language);
        memcpy(options.language, tree->language, strlen(tree->language));
    }
    return options;
}

static bool same_options(const quire_analyzer *a, const quire_analyzer *b)
{
    return strcmp(a->language, b->language) == 0 && a->keep_diacritics == b->keep_diacritics &&
           a->keep_possessive == b->keep_possessive && a->stop_words == b->stop_words &&
           a->whole == b->whole;
}

bool qi_tree_stems(const qi_tree *tree, uint32_t field)
{
    quire_analyzer options = options_of(tree, field);
    return options.language[0] != '\0' && strcmp(options.language, "none") != 0;
}

qi_analyzer *qi_tree_analyzer(qi_tree *tree, uint32_t field)
{
    if (tree->status != QUIRE_OK || tree->analyzers[field] != NULL)
        return tree->status == QUIRE_OK ? tree->analyzers[field] : NULL;
    quire_analyzer options = options_of(tree, field);
    for (uint32_t i = 0; i < tree->schema->fields.count; i++) {
        quire_analyzer other = options_of(tree, i);
        if (tree->analyzers[i] != NULL && same_options(&options, &other))
            return tree->analyzers[field] = tree->analyzers[i];
    }
    qi_tree_fail(tree, qi_analyzer_new(&tree->analyzers[field], &options, tree->err));
    return tree->analyzers[field];
}

void *qi_tree_work(qi_tree *tree, size_t count, size_t size)
{
    void *items = qi_arena_room(&tree->kit->work, count, size);
    if (items == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    return items;
}

qi_node *qi_tree_node(qi_tree *tree, qi_node_kind kind, bool leaf)
{
    if (tree->status != QUIRE_OK)
        return NULL;
    if (leaf && tree->nodes >= QI_QUERY_NODES) {
        if (tree->nodes++ == QI_QUERY_NODES)
            qi_tree_complain(tree, QI_NOTE_TOO_MANY_CLAUSES);
        return NULL;
    }
    qi_node *node = qi_arena_new(tree->memory, 1, sizeof *node);
    if (node == NULL) {
        qi_tree_fail(tree, qi_no_memory(tree->err));
        return NULL;
    }
    tree->nodes += leaf ? 1 : 0;
    node->kind = kind;
    node->boost = 1;
    node->least = 1;
    node->start = tree->start;
    node->end = tree->end;
    return node;
}

qi_node *qi_tree_none(qi_tree *tree)
{
    return qi_tree_node(tree, QI_NODE_NONE, false);
}

quire_status qi_tree_finish(qi_tree *tree, qi_node *root, quire_query **out)
{
    if (root == NULL)
        root = qi_tree_none(tree);
    if (tree->status == QUIRE_OK && tree->memory->failed)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    if (tree->status != QUIRE_OK)
        return tree->status;
    tree->query->root = root;
    tree->query->own_fields = tree->own_fields;
    tree->query->info = (quire_query_info){{"", 0}, tree->notes.count, tree->notes.items};
    *out = tree->query;
    tree->query = NULL;
    return QUIRE_OK;
}

void qi_tree_free(qi_tree *tree)
{
    if (tree->kit != NULL && tree->analyzers != NULL && tree->analyzers != tree->kit->analyzers)
        qi_kit_free_analyzers(tree->analyzers, tree->schema->fields.count);
    qi_kit_leave(tree->schema, tree->kit);
    tree->kit = NULL;
    qi_query_release(tree->query);
}
