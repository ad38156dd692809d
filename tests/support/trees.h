/* SPDX-License-Identifier: MIT
 * For tests of queries: a schema with a field of each kind, and when two trees are equal. */
#ifndef QI_TESTS_SUPPORT_TREES_H
#define QI_TESTS_SUPPORT_TREES_H

#include <string.h>

#include "search/query.h"

/* title, body: stemmed, exact, searched. plain: as it is. stems: stemmed only. shown: stored only.
 */
static inline quire_schema *tree_schema(void)
{
    static const struct {
        const char *name;
        quire_field_type type;
        const char *language;
        bool searched, exact, not_indexed, key, stop_words;
    } FIELDS[] = {{"title", QUIRE_TEXT, "english", true, true, false, false, false},
                  {"body", QUIRE_TEXT, "english", true, true, false, false, false},
                  {"plain", QUIRE_TEXT, "", false, false, false, false, false},
                  {"stems", QUIRE_TEXT, "english", false, false, false, false, false},
                  {"stops", QUIRE_TEXT, "english", false, false, false, false, true},
                  {"shown", QUIRE_TEXT, "", false, false, true, false, false},
                  {"tag", QUIRE_KEYWORD, "", false, false, false, false, false},
                  {"year", QUIRE_NUMBER, "", false, false, false, false, false},
                  {"date", QUIRE_DATE, "", false, false, false, false, false},
                  {"id", QUIRE_KEYWORD, "", false, false, false, true, false}};
    quire_schema *schema;
    if (qi_schema_new(&schema, NULL) != QUIRE_OK)
        return NULL;
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        quire_field field = QUIRE_FIELD_INIT;
        field.name = FIELDS[i].name;
        field.type = FIELDS[i].type;
        field.searched = FIELDS[i].searched;
        field.exact = FIELDS[i].exact;
        field.not_indexed = field.stored = FIELDS[i].not_indexed;
        field.key = FIELDS[i].key;
        field.analyzer.stop_words = FIELDS[i].stop_words;
        strcpy(field.analyzer.language, FIELDS[i].language);
        if (qi_schema_add(schema, &field, NULL) != QUIRE_OK) {
            qi_schema_release(schema);
            return NULL;
        }
    }
    return schema;
}

static inline bool same_str(quire_str a, quire_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool same_leaves(const qi_node *a, const qi_node *b)
{
    bool same = a->leaf_count == b->leaf_count;
    for (uint32_t i = 0; same && i < a->leaf_count; i++) {
        const qi_leaf *x = &a->leaves[i], *y = &b->leaves[i];
        same = x->lane == y->lane && x->word_count == y->word_count;
        for (uint32_t w = 0; same && w < x->word_count; w++)
            same = x->words[w].position == y->words[w].position &&
                   same_str(x->words[w].term, y->words[w].term);
    }
    return same;
}

/* Do they find and score the same, and look the same? Where they were read from is no part of that.
 */
static inline bool same_tree(const qi_node *a, const qi_node *b)
{
    bool same = a->kind == b->kind && a->boost == b->boost && a->height == b->height &&
                a->slop == b->slop && a->field == b->field && a->low == b->low &&
                a->high == b->high && a->least == b->least && same_str(a->low_key, b->low_key) &&
                same_str(a->high_key, b->high_key) && a->child_count == b->child_count &&
                same_leaves(a, b);
    for (uint32_t i = 0; same && i < a->child_count; i++)
        same = same_tree(a->children[i], b->children[i]);
    return same;
}

#endif
