/* SPDX-License-Identifier: MIT
 * From one lexeme to a node: what it says depends on the types of its fields. Text fields share one
 * node, each column has its own, and a document may match any of them. */
#include <string.h>

#include "search/combine.h"
#include "search/tree.h"
#include "search/value.h"
#include "text/analyzer.h"

static void *new_items(qi_tree *tree, size_t count, size_t size)
{
    void *items = qi_arena_new(tree->memory, count, size);
    if (items == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    return items;
}

static quire_str raw_text(quire_str text, qi_lex_span span)
{
    return (quire_str){text.ptr + span.from, span.to - span.from};
}

/* The text without its escapes; ptr NULL after a failure. */
static quire_str unescape(qi_tree *tree, quire_str raw)
{
    if (raw.len != 0 && memchr(raw.ptr, '\\', raw.len) == NULL)
        return raw;
    char *out = qi_tree_work(tree, raw.len + 1, 1);
    size_t len = 0;
    for (size_t i = 0; i < raw.len && out != NULL; i++) {
        if (raw.ptr[i] == '\\' && i + 1 < raw.len)
            i++;
        out[len++] = raw.ptr[i];
    }
    return (quire_str){out, len};
}

/* ---- Columns ----------------------------------------------------------------------------------
 */

qi_node *qi_tree_keyword(qi_tree *tree, uint32_t field, quire_str value, bool star)
{
    if (value.len > QI_TERM_MAX) {
        qi_tree_complain(tree, QI_NOTE_BAD_VALUE);
        return qi_tree_none(tree);
    }
    qi_node *node = qi_tree_node(tree, star ? QI_NODE_PREFIX : QI_NODE_TERM, true);
    qi_leaf *leaf = new_items(tree, 1, sizeof *leaf);
    qi_word *word = new_items(tree, 1, sizeof *word);
    char *copy = qi_arena_copy(tree->memory, value.ptr, value.len);
    if (copy == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    if (node == NULL || leaf == NULL || word == NULL || copy == NULL)
        return NULL;
    word->term = (quire_str){copy, value.len};
    *leaf = (qi_leaf){QI_LANE(field, false), 1, word};
    node->leaves = leaf;
    node->leaf_count = 1;
    return node;
}

qi_node *qi_tree_exists(qi_tree *tree, uint32_t field)
{
    qi_node *node = qi_tree_node(tree, QI_NODE_EXISTS, true);
    if (node != NULL)
        node->field = field;
    return node;
}

static qi_node *empty_range(qi_tree *tree)
{
    qi_tree_complain(tree, QI_NOTE_EMPTY_RANGE);
    return qi_tree_none(tree);
}

/* The seconds or numbers of a bound, unless it is open; false if it is no value of the field. */
static bool read_value(const qi_tree *tree, uint32_t field, quire_str text, qi_value_span *out)
{
    if (text.ptr == NULL)
        return true;
    bool date = tree->schema->fields.items[field].type == QUIRE_DATE;
    return date ? qi_value_date(text, out) : qi_value_number(text, out);
}

/* An end that is not open is excluded. */
static bool is_out(qi_bound bound)
{
    return bound.out && bound.text.ptr != NULL;
}

static qi_node *span_node(qi_tree *tree, uint32_t field, qi_value_span span)
{
    bool open = span.low == INT64_MIN && span.high == INT64_MAX;
    qi_node *node = open ? NULL : qi_tree_node(tree, QI_NODE_RANGE, true);
    if (node == NULL)
        return open ? qi_tree_exists(tree, field) : NULL;
    node->field = field;
    node->low = span.low;
    node->high = span.high;
    return node;
}

static qi_node *number_range(qi_tree *tree, uint32_t field, qi_bound low, qi_bound high)
{
    qi_value_span first = {INT64_MIN, INT64_MIN}, last = {INT64_MAX, INT64_MAX};
    if (!read_value(tree, field, low.text, &first) || !read_value(tree, field, high.text, &last)) {
        qi_tree_complain(tree, QI_NOTE_BAD_VALUE);
        return qi_tree_none(tree);
    }
    if ((is_out(low) && first.high == INT64_MAX) || (is_out(high) && last.low == INT64_MIN))
        return empty_range(tree);
    qi_value_span span = {is_out(low) ? first.high + 1 : first.low,
                          is_out(high) ? last.low - 1 : last.high};
    return span.low > span.high ? empty_range(tree) : span_node(tree, field, span);
}

static int compare_bytes(quire_str a, quire_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len ? 1 : 0;
}

static quire_str copy_key(qi_tree *tree, quire_str key)
{
    char *copy = key.ptr == NULL ? NULL : qi_arena_copy(tree->memory, key.ptr, key.len);
    if (copy == NULL && key.ptr != NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    return (quire_str){copy, key.len};
}

/* The value that an end excludes, or NULL. */
static qi_node *excluded_end(qi_tree *tree, uint32_t field, qi_bound bound)
{
    bool excluded = is_out(bound) && bound.text.len <= QI_TERM_MAX;
    return excluded ? qi_tree_keyword(tree, field, bound.text, false) : NULL;
}

/* Ends that are excluded are taken out of the inclusive range by name. */
static qi_node *keyword_range(qi_tree *tree, uint32_t field, qi_bound low, qi_bound high)
{
    bool from = low.text.ptr != NULL, to = high.text.ptr != NULL;
    if (from && to && compare_bytes(low.text, high.text) > 0)
        return empty_range(tree);
    if (!from && !to)
        return qi_tree_exists(tree, field);
    qi_node *node = qi_tree_node(tree, QI_NODE_RANGE, true);
    if (node == NULL)
        return NULL;
    node->field = field;
    node->low_key = copy_key(tree, low.text);
    node->high_key = copy_key(tree, high.text);
    qi_node *ends[2] = {excluded_end(tree, field, low), excluded_end(tree, field, high)};
    return qi_combine_not(tree, node, (qi_nodes){ends, 2});
}

qi_node *qi_tree_range(qi_tree *tree, uint32_t field, qi_bound low, qi_bound high)
{
    if (tree->status != QUIRE_OK)
        return NULL;
    bool keyword = tree->schema->fields.items[field].type == QUIRE_KEYWORD;
    return keyword ? keyword_range(tree, field, low, high) : number_range(tree, field, low, high);
}

/* A bound of a range as it is written; '*' and nothing are open. */
static qi_bound read_bound(qi_tree *tree, quire_str raw, bool quoted, bool out)
{
    if (!quoted && (raw.len == 0 || (raw.len == 1 && raw.ptr[0] == '*')))
        return (qi_bound){{NULL, 0}, out};
    return (qi_bound){unescape(tree, raw), out};
}

/* ">=5", "5..7": the bounds, or false if the text is a plain value. */
static bool read_bounds(qi_tree *tree, quire_str raw, qi_bound *low, qi_bound *high)
{
    *low = *high = (qi_bound){{NULL, 0}, false};
    if (raw.len > 1 && (raw.ptr[0] == '<' || raw.ptr[0] == '>')) {
        size_t skip = raw.ptr[1] == '=' ? 2 : 1;
        quire_str value = {raw.ptr + skip, raw.len - skip};
        *(raw.ptr[0] == '>' ? low : high) = (qi_bound){unescape(tree, value), skip == 1};
        return true;
    }
    for (size_t i = 0; i + 1 < raw.len; i++) {
        if (raw.ptr[i] == '\\') {
            i++;
        } else if (raw.ptr[i] == '.' && raw.ptr[i + 1] == '.' && raw.len > 2) {
            *low = read_bound(tree, (quire_str){raw.ptr, i}, false, false);
            *high = read_bound(tree, (quire_str){raw.ptr + i + 2, raw.len - i - 2}, false, false);
            return true;
        }
    }
    return false;
}

/* What an atom says about a keyword, number or date field. */
static qi_node *column_atom(qi_tree *tree, quire_str raw, const qi_lexeme *item, uint32_t field)
{
    bool keyword = tree->schema->fields.items[field].type == QUIRE_KEYWORD;
    qi_bound low, high;
    if (item->exact || item->slop > 0)
        qi_tree_complain(tree, QI_NOTE_WHOLE_VALUE);
    if (!item->text.quoted && !item->star && read_bounds(tree, raw, &low, &high))
        return qi_tree_range(tree, field, low, high);
    quire_str value = unescape(tree, raw);
    if (keyword)
        return value.len == 0 && item->star ? qi_tree_exists(tree, field)
                                            : qi_tree_keyword(tree, field, value, item->star);
    if (item->star) {
        qi_tree_complain(tree, QI_NOTE_BAD_VALUE);
        return qi_tree_none(tree);
    }
    return qi_tree_range(tree, field, (qi_bound){value, false}, (qi_bound){value, false});
}

/* ---- Text ---- */

/* Would this be a range if the field had any? Dots that end a word are none. */
static bool looks_like_range(qi_tree *tree, quire_str raw)
{
    qi_bound low, high;
    if (!read_bounds(tree, raw, &low, &high))
        return false;
    return raw.ptr[0] == '<' || raw.ptr[0] == '>' ||
           (low.text.len > 0 && high.text.len > 0 && high.text.ptr[0] != '.');
}

/* What a word or phrase says about text fields. */
static qi_node *text_atom(qi_tree *tree, quire_str raw, const qi_lexeme *item, qi_fields fields)
{
    if (fields.named && !item->text.quoted && looks_like_range(tree, raw))
        qi_tree_complain(tree, QI_NOTE_NO_RANGE);
    qi_piece piece = {unescape(tree, raw), 0};
    qi_phrase phrase = {.pieces = &piece,
                        .piece_count = 1,
                        .slop = item->slop,
                        .quoted = item->text.quoted,
                        .exact = item->exact,
                        .star = item->star};
    return phrase.quoted ? qi_tree_quoted(tree, fields, raw, &phrase)
                         : qi_tree_words(tree, fields, &phrase);
}

/* A word as an analyzer leaves it; NULL: it leaves nothing, or has failed. */
static const qi_word *analyse(qi_tree *tree, qi_analyzer *analyzer, quire_str raw)
{
    qi_token token;
    quire_status status = qi_analyzer_word(analyzer, raw, &token, tree->err);
    if (status != QUIRE_OK || token.term.len == 0) {
        qi_tree_fail(tree, status < 0 ? status : QUIRE_OK);
        return NULL;
    }
    qi_word *word = new_items(tree, 1, sizeof *word);
    char *copy = qi_arena_copy(tree->memory, token.term.ptr, token.term.len);
    if (word == NULL || copy == NULL) {
        qi_tree_fail(tree, qi_no_memory(tree->err));
        return NULL;
    }
    word->term = (quire_str){copy, token.term.len};
    return word;
}

/* The text of a node for a word: that of its term, if analysis has changed nothing. */
static quire_str plain_text(qi_tree *tree, quire_str raw, quire_str term)
{
    if (raw.len == term.len && memcmp(raw.ptr, term.ptr, raw.len) == 0)
        return term;
    char *copy = qi_arena_copy(tree->memory, raw.ptr, raw.len);
    if (copy == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    return (quire_str){copy, raw.len};
}

/* The analyzer that all fields share; NULL: they do not, or a failure. */
static qi_analyzer *only_analyzer(qi_tree *tree, qi_fields fields)
{
    qi_analyzer *first = qi_tree_analyzer(tree, fields.items[0]);
    for (uint32_t i = 1; i < fields.count && first != NULL; i++)
        if (qi_tree_analyzer(tree, fields.items[i]) != first)
            return NULL;
    return first;
}

/* A word of ASCII letters and digits in the text fields that are searched by default, if all are
 * analysed alike: what text_atom makes of it, by a shorter way. NULL: that has to be asked. */
static qi_node *plain_atom(qi_tree *tree, quire_str raw, const qi_lexeme *item, qi_fields fields)
{
    if (!item->plain || !tree->own_fields || fields.items != tree->fields.items ||
        tree->nodes >= QI_QUERY_NODES)
        return NULL;
    qi_analyzer *analyzer = only_analyzer(tree, fields);
    const qi_word *word = analyzer == NULL ? NULL : analyse(tree, analyzer, raw);
    qi_leaf *leaves = word == NULL ? NULL : new_items(tree, fields.count, sizeof *leaves);
    qi_node *node = leaves == NULL ? NULL : qi_tree_node(tree, QI_NODE_TERM, true);
    if (node == NULL)
        return NULL;
    for (uint32_t i = 0; i < fields.count; i++)
        leaves[i] = (qi_leaf){QI_LANE(fields.items[i], false), 1, word};
    node->leaves = leaves;
    node->leaf_count = fields.count;
    node->text = plain_text(tree, raw, word->term);
    return node;
}

/* A range over text fields, which have none: its values as words. */
static qi_node *text_range(qi_tree *tree, quire_str text, const qi_lexeme *item, qi_fields fields)
{
    qi_lexeme word = {.kind = QI_LEX_ATOM};
    qi_node *nodes[2] = {NULL, NULL};
    qi_lex_span ends[2] = {item->text, item->high};
    qi_tree_complain(tree, QI_NOTE_NO_RANGE);
    for (int i = 0; i < 2; i++) {
        word.text = ends[i];
        nodes[i] = text_atom(tree, raw_text(text, ends[i]), &word, fields);
    }
    return qi_combine_and(tree, (qi_nodes){nodes, 2});
}

/* ---- Lexemes
 * -------------------------------------------------------------------------------------- */

/* '*': every document, or those with a value in one of the fields. */
static qi_node *everything(qi_tree *tree, qi_fields fields)
{
    qi_nodes nodes = {qi_tree_work(tree, fields.count, sizeof(qi_node *)), 0};
    if (!fields.named)
        return qi_tree_node(tree, QI_NODE_ALL, false);
    for (uint32_t i = 0; i < fields.count && tree->status == QUIRE_OK; i++) {
        bool indexed = !tree->schema->fields.items[fields.items[i]].not_indexed;
        if (!indexed)
            qi_tree_complain(tree, QI_NOTE_NOT_INDEXED);
        nodes.items[nodes.count++] =
            indexed ? qi_tree_exists(tree, fields.items[i]) : qi_tree_none(tree);
    }
    return qi_combine_or(tree, nodes, 1);
}

static qi_node *column_node(qi_tree *tree, quire_str text, const qi_lexeme *item, uint32_t field)
{
    quire_str raw = raw_text(text, item->text);
    if (item->kind != QI_LEX_RANGE)
        return column_atom(tree, raw, item, field);
    qi_bound low = read_bound(tree, raw, item->text.quoted, item->low_out);
    qi_bound high = read_bound(tree, raw_text(text, item->high), item->high.quoted, item->high_out);
    return qi_tree_range(tree, field, low, high);
}

/* The fields of an atom by what they make of it. */
typedef struct sorted_fields {
    qi_nodes nodes; /* one per column */
    uint32_t *texts;
    uint32_t text_count;
} sorted_fields;

static void sort_fields(qi_tree *tree, quire_str text, const qi_lexeme *item, qi_fields fields,
                        sorted_fields *out)
{
    for (uint32_t i = 0; i < fields.count && tree->status == QUIRE_OK; i++) {
        uint32_t f = fields.items[i];
        const quire_field *field = &tree->schema->fields.items[f];
        if (field->type != QUIRE_TEXT) {
            out->nodes.items[out->nodes.count++] = column_node(tree, text, item, f);
        } else if (field->not_indexed) {
            qi_tree_complain(tree, QI_NOTE_NOT_INDEXED);
            out->nodes.items[out->nodes.count++] = qi_tree_none(tree);
        } else {
            out->texts[out->text_count++] = f;
        }
    }
}

qi_node *qi_tree_atom(qi_tree *tree, quire_str text, const qi_lexeme *item, qi_fields fields)
{
    tree->start = item->start;
    tree->end = item->end;
    quire_str raw = raw_text(text, item->text);
    if (tree->status == QUIRE_OK && item->kind == QI_LEX_ATOM && item->star && raw.len == 0)
        return everything(tree, fields);
    if (fields.count == 0) {
        qi_tree_complain(tree, QI_NOTE_NO_FIELDS);
        return qi_tree_none(tree);
    }
    qi_node *node = plain_atom(tree, raw, item, fields);
    if (node != NULL)
        return node;
    sorted_fields sorted = {.texts = qi_tree_work(tree, fields.count, sizeof *sorted.texts)};
    qi_nodes *nodes = &sorted.nodes;
    nodes->items = qi_tree_work(tree, (size_t)fields.count + 1, sizeof(qi_node *));
    if (tree->status != QUIRE_OK)
        return NULL;
    sort_fields(tree, text, item, fields, &sorted);
    qi_fields texts = {sorted.texts, sorted.text_count, fields.named};
    if (texts.count > 0)
        nodes->items[nodes->count++] = item->kind == QI_LEX_RANGE
                                           ? text_range(tree, text, item, texts)
                                           : text_atom(tree, raw, item, texts);
    return qi_combine_or(tree, *nodes, 1);
}
