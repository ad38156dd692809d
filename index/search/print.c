/* SPDX-License-Identifier: MIT
 * Operators are always written out and what has children stands in parentheses, so that no reading
 * depends on binding or on the default operator; SMART alone, which has no operator, is written as
 * words side by side. Parentheses nest no deeper than the tree is high. */
#include "search/print.h"

#include <string.h>

#include "base/mem.h"
#include "search/value.h"

typedef struct printer {
    qi_buf *out;
    const quire_query *query;
    const qi_kit *kit;
} printer;

static void print(printer *p, const char *text)
{
    qi_buf_add(p->out, text, strlen(text));
}

/* ---- Words
 * ---------------------------------------------------------------------------------------- */

static bool is_plain(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

bool qi_print_plain(quire_str text)
{
    size_t i = 0;
    while (i < text.len && (unsigned char)text.ptr[i] < 0x80 &&
           is_plain((unsigned char)text.ptr[i]))
        i++;
    return i == text.len;
}

void qi_print_escaped(qi_buf *out, quire_str text)
{
    size_t from = 0; /* of what has not been printed */
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (is_plain((unsigned char)c))
            continue;
        bool alone = c == '_' && (i + 1 == text.len || qi_lex_space(text, i + 1) > 0);
        if (c != '"' && c != '\\' && c != '*' && c != '?' && c != '(' && !alone)
            continue;
        qi_buf_add(out, text.ptr + from, i - from);
        qi_buf_u8(out, '\\');
        from = i;
    }
    qi_buf_add(out, text.ptr + from, text.len - from);
}

static bool is_operator(quire_str text)
{
    static const char *const OPERATORS[] = {"AND", "OR", "NOT", "NEAR", "ADJ"};
    if (text.len == 0 || text.ptr[0] < 'A' || text.ptr[0] > 'O')
        return false;
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++)
        if (text.len == strlen(OPERATORS[i]) && memcmp(text.ptr, OPERATORS[i], text.len) == 0)
            return true;
    return false;
}

/* Does the text mean itself without quotes? */
static bool is_bare(quire_str text)
{
    if (is_operator(text))
        return false;
    if (qi_print_plain(text))
        return text.len > 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool inner = i > 0 && i + 1 < text.len && is_plain((unsigned char)text.ptr[i - 1]) &&
                     is_plain((unsigned char)text.ptr[i + 1]);
        bool fine = is_plain(c) || (inner && strchr("-'._", c) != NULL && c != '\0');
        if (!fine || qi_lex_space(text, i) > 0)
            return false;
    }
    return text.len > 0;
}

/* Print text that is escaped already. */
static void print_quoted(printer *p, quire_str text, bool quotes)
{
    quotes = quotes || !is_bare(text);
    if (quotes)
        print(p, "\"");
    qi_buf_add(p->out, text.ptr, text.len);
    if (quotes)
        print(p, "\"");
}

static void print_value(printer *p, quire_str value, bool quotes)
{
    quotes = quotes || !is_bare(value);
    if (quotes)
        print(p, "\"");
    qi_print_escaped(p->out, value);
    if (quotes)
        print(p, "\"");
}

/* ---- Leaves
 * ----------------------------------------------------------------------------------------- */

static const quire_field *field_of(const printer *p, uint32_t field)
{
    return &p->query->schema->fields.items[field];
}

static void print_field(printer *p, uint32_t field)
{
    print(p, field_of(p, field)->name);
    print(p, ":");
}

/* Are the fields of the leaves those that are searched anyway? */
static bool are_usual(const printer *p, const qi_node *node)
{
    bool usual = p->query->own_fields && node->leaf_count == p->kit->default_count;
    for (uint32_t i = 0; i < node->leaf_count && usual; i++)
        usual = QI_LANE_FIELD(node->leaves[i].lane) == p->kit->defaults[i];
    return usual;
}

static void print_fields(printer *p, const qi_node *node)
{
    if (are_usual(p, node))
        return;
    if (node->leaf_count > 1)
        print(p, "{");
    for (uint32_t i = 0; i < node->leaf_count; i++) {
        print(p, i > 0 ? "," : "");
        print(p, field_of(p, QI_LANE_FIELD(node->leaves[i].lane))->name);
    }
    print(p, node->leaf_count > 1 ? "}:" : ":");
}

static void print_boost(printer *p, float boost)
{
    if (boost == 1)
        return;
    print(p, "^");
    qi_value_print_decimal(p->out, boost);
}

static void print_words(printer *p, const qi_node *node)
{
    bool exact = false;
    for (uint32_t i = 0; i < node->leaf_count; i++)
        exact = exact || (node->leaves[i].lane & 1) != 0;
    print_fields(p, node);
    if (exact && node->kind != QI_NODE_PREFIX)
        print(p, "=");
    if (field_of(p, QI_LANE_FIELD(node->leaves[0].lane))->type == QUIRE_KEYWORD)
        print_value(p, node->leaves[0].words[0].term, false);
    else
        print_quoted(p, node->text, node->slop > 0);
    if (node->slop > 0) {
        print(p, "~");
        qi_value_print_number(p->out, (qi_value_span){node->slop, node->slop});
    }
    if (node->kind == QI_NODE_PREFIX)
        print(p, "*");
    print_boost(p, node->boost);
}

static void print_key(printer *p, quire_str key)
{
    if (key.ptr == NULL)
        print(p, "*");
    else
        print_value(p, key, true);
}

static void print_range(printer *p, const qi_node *node)
{
    quire_field_type type = field_of(p, node->field)->type;
    qi_value_span span = {node->low, node->high};
    print_field(p, node->field);
    if (type == QUIRE_NUMBER) {
        qi_value_print_number(p->out, span);
    } else if (type == QUIRE_DATE) {
        qi_value_print_date(p->out, span);
    } else {
        print(p, "[");
        print_key(p, node->low_key);
        print(p, " TO ");
        print_key(p, node->high_key);
        print(p, "]");
    }
}

/* ---- Nodes with children
 * ------------------------------------------------------------------------------ */

static void print_list(printer *p, const qi_node *node);

/* A node as a part of another: a leaf, or a list in parentheses. */
static void print_clause(printer *p, const qi_node *node)
{
    switch (node->kind) {
    case QI_NODE_NONE:
    case QI_NODE_ALL:
        print(p, "*");
        return;
    case QI_NODE_TERM:
    case QI_NODE_PHRASE:
    case QI_NODE_PREFIX:
        print_words(p, node);
        return;
    case QI_NODE_RANGE:
        print_range(p, node);
        return;
    case QI_NODE_EXISTS:
        print_field(p, node->field);
        print(p, "*");
        return;
    default:
        print(p, "(");
        print_list(p, node);
        print(p, ")");
    }
    if (node->kind == QI_NODE_OR && node->least > 1) {
        print(p, "@");
        qi_value_print_number(p->out, (qi_value_span){node->least, node->least});
    }
    print_boost(p, node->boost);
}

/* The children from the `from`-th on, with `between` between them. */
static void print_children(printer *p, const qi_node *node, uint32_t from, const char *between)
{
    for (uint32_t i = from; i < node->child_count; i++) {
        print(p, i > from ? between : "");
        print_clause(p, node->children[i]);
    }
}

static void print_filter(printer *p, const qi_node *node)
{
    const qi_node *first = node->children[0];
    const char *between = first->kind == QI_NODE_SMART ? " " : " AND ";
    bool open = first->kind == QI_NODE_SMART || (first->kind == QI_NODE_AND && first->boost == 1);
    if (open)
        print_children(p, first, 0, between);
    else if (first->kind != QI_NODE_ALL)
        print_clause(p, first);
    for (uint32_t i = 1; i < node->child_count; i++) {
        const qi_node *filter = node->children[i];
        print(p, i > 1 || first->kind != QI_NODE_ALL ? between : "");
        print_clause(p, filter);
        if (filter->kind != QI_NODE_RANGE && filter->kind != QI_NODE_EXISTS)
            print(p, "^0");
    }
}

static void print_not(printer *p, const qi_node *node)
{
    const qi_node *first = node->children[0], *inner = first;
    if (inner->kind == QI_NODE_FILTER)
        inner = inner->children[0];
    if (inner->kind == QI_NODE_SMART)
        print_list(p, first);
    else
        print_clause(p, first);
    for (uint32_t i = 1; i < node->child_count; i++) {
        print(p, " -");
        print_clause(p, node->children[i]);
    }
}

static void print_list(printer *p, const qi_node *node)
{
    switch (node->kind) {
    case QI_NODE_AND:
        print_children(p, node, 0, " AND ");
        break;
    case QI_NODE_MAYBE:
        print(p, "+");
        print_children(p, node, 0, " OR ");
        break;
    case QI_NODE_SMART:
        print_children(p, node, 0, " ");
        break;
    case QI_NODE_NOT:
        print_not(p, node);
        break;
    case QI_NODE_FILTER:
        print_filter(p, node);
        break;
    default:
        print_children(p, node, 0, " OR ");
    }
}

static void print_root(printer *p, const qi_node *node)
{
    if (node->kind == QI_NODE_NONE)
        return;
    if (node->child_count == 0 || node->boost != 1 || node->least > 1)
        print_clause(p, node);
    else
        print_list(p, node);
}

/* The query's info with the text behind it; NULL: out of memory. */
static quire_query_info *join(const quire_query *query, const qi_buf *text)
{
    size_t bytes;
    if (text->failed || !qi_mem_add(sizeof(quire_query_info) + 1, text->len, &bytes))
        return NULL;
    quire_query_info *info = qi_mem_resize(NULL, bytes, 1);
    if (info == NULL)
        return NULL;
    char *canonical = (char *)(info + 1);
    if (text->len != 0)
        memcpy(canonical, text->bytes, text->len);
    canonical[text->len] = '\0';
    *info = query->info;
    info->canonical = (quire_str){canonical, text->len};
    return info;
}

const quire_query_info *qi_print_describe(const quire_query *query)
{
    quire_query_info **kept = &((quire_query *)(uintptr_t)query)->described;
    quire_query_info *there = __atomic_load_n(kept, __ATOMIC_ACQUIRE);
    if (there != NULL)
        return there;
    qi_kit *kit = qi_kit_take(query->schema);
    quire_query_info *info = NULL;
    if (kit != NULL) {
        kit->text.len = 0;
        print_root(&(printer){&kit->text, query, kit}, query->root);
        info = join(query, &kit->text);
    }
    qi_kit_leave(query->schema, kit);
    if (info == NULL)
        return &query->info;
    if (__atomic_compare_exchange_n(kept, &there, info, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return info;
    qi_mem_free(info); /* another thread was first */
    return there;
}
