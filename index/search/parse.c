/* SPDX-License-Identifier: MIT
 * A descent over lexemes that are well-formed already, so that it has no errors of its own:
 *
 *     alternatives = list { OR list }         list = chain { chain }        chain = clause { AND
 * clause }
 *
 * Clauses wait on one stack; each level combines what lies above its own mark. Recursion is only as
 * deep as groups are, which the lexer bounds. */
#include "search/parse.h"

#include <stddef.h>
#include <string.h>

#include "search/combine.h"
#include "search/tree.h"

/* A node that is `+` required, `-` excluded, or neither (0). NULL if analysis left nothing of it.
 */
typedef struct clause {
    qi_node *node;
    char sign;
    bool loose; /* a word, or a group of such side by side, which nothing binds */
    bool group;
} clause;

enum { FEW = 8 };

typedef struct parser {
    qi_tree tree;
    qi_lex lex;
    size_t at; /* lexeme */
    quire_operator operator_;
    bool loose; /* the group read last is */
    QI_VEC(clause) stack;
    clause few_clauses[FEW]; /* room for those of a short query */
    qi_lexeme few_lexemes[FEW];
} parser;

/* What a list is part of. */
typedef struct scope {
    qi_fields fields;
    bool top;  /* not within a group */
    bool near; /* within NEAR(: all of its clauses */
} scope;

static const qi_lexeme *peek(const parser *p)
{
    return p->at < p->lex.lexemes.count ? &p->lex.lexemes.items[p->at] : NULL;
}

static bool is_next(const parser *p, qi_lexeme_kind kind)
{
    return peek(p) != NULL && peek(p)->kind == kind;
}

static void push(parser *p, clause item)
{
    if (p->tree.status == QUIRE_OK && !QI_ARENA_PUSH(&p->tree.kit->work, &p->stack, item))
        qi_tree_fail(&p->tree, qi_no_memory(p->tree.err));
}

/* The nodes of this sign above the mark. */
static qi_nodes take(parser *p, size_t mark, char sign)
{
    qi_nodes out = {NULL, 0};
    size_t count = 0;
    for (size_t i = mark; i < p->stack.count; i++)
        count += p->stack.items[i].sign == sign;
    if (count > 0)
        out.items = qi_tree_work(&p->tree, count, sizeof(qi_node *));
    for (size_t i = mark; i < p->stack.count && out.items != NULL; i++)
        if (p->stack.items[i].sign == sign && p->stack.items[i].node != NULL)
            out.items[out.count++] = p->stack.items[i].node;
    return out;
}

/* Replace what lies above the mark. */
static void replace(parser *p, size_t mark, clause item)
{
    p->stack.count = mark;
    push(p, item);
}

/* Where all are required, or counted, a plus says nothing. */
static void drop_plus(parser *p, size_t mark)
{
    for (size_t i = mark; i < p->stack.count; i++)
        if (p->stack.items[i].sign == '+')
            p->stack.items[i].sign = 0;
}

/* Without the excluded ones; if nothing else is left, everything but them. */
static qi_node *exclude(parser *p, qi_node *node, size_t mark)
{
    qi_nodes excluded = take(p, mark, '-');
    if (p->tree.status != QUIRE_OK || excluded.count == 0)
        return node;
    if (node == NULL) {
        p->tree.start = excluded.items[0]->start;
        p->tree.end = excluded.items[excluded.count - 1]->end;
        qi_tree_complain(&p->tree, QI_NOTE_ONLY_NEGATIVES);
    }
    return qi_combine_not(&p->tree, node, excluded);
}

static qi_fields fields_of(const parser *p, const qi_lexeme *item, qi_fields fields)
{
    if (item->field_count == 0)
        return fields;
    return (qi_fields){p->lex.fields.items + item->fields_at, item->field_count, true};
}

static qi_node *read_group(parser *p, scope in, const qi_lexeme **close);

/* One operand with its sign; the lexer guarantees that there is one. */
static void read_clause(parser *p, scope in)
{
    const qi_lexeme *item = peek(p), *end = item;
    in.fields = fields_of(p, item, in.fields);
    bool group = item->kind == QI_LEX_OPEN;
    qi_node *node;
    if (group) {
        in.top = false;
        in.near = item->near;
        p->at++;
        node = read_group(p, in, &end);
    } else {
        node = qi_tree_atom(&p->tree, p->lex.text, item, in.fields);
        p->at++;
    }
    bool loose = !group || (p->loose && end->boost == 1 && !in.near);
    node = qi_combine_boost(&p->tree, node, end->boost);
    push(p, (clause){node, item->sign, loose, group});
}

/* A chain of clauses is one clause, unless it has only exclusions: those belong to the list. */
static void read_chain(parser *p, scope in)
{
    size_t mark = p->stack.count;
    bool positive = false;
    read_clause(p, in);
    while (is_next(p, QI_LEX_AND) && p->tree.status == QUIRE_OK) {
        p->at++;
        read_clause(p, in);
    }
    for (size_t i = mark; i < p->stack.count; i++)
        positive = positive || p->stack.items[i].sign != '-';
    if (!positive || p->stack.count < mark + 2)
        return;
    drop_plus(p, mark);
    qi_node *all = qi_combine_and(&p->tree, take(p, mark, 0));
    replace(p, mark, (clause){.node = exclude(p, all, mark)});
}

static void read_chains(parser *p, scope in)
{
    const qi_lexeme *item;
    while (p->tree.status == QUIRE_OK && (item = peek(p)) != NULL && item->kind != QI_LEX_OR &&
           item->kind != QI_LEX_CLOSE)
        read_chain(p, in);
}

/* The operator that joins the clauses of a list. */
static quire_operator operator_in(const parser *p, scope in, bool only)
{
    bool words_first = in.top && only && !in.near;
    return in.near || (p->operator_ == QUIRE_SMART && !words_first) ? QUIRE_AND : p->operator_;
}

/* Required clauses beside others, which then only add to the score; but columns narrow a SMART. */
static qi_node *join_required(parser *p, qi_nodes required, qi_nodes words, bool narrow)
{
    qi_node *node = qi_combine_and(&p->tree, required);
    if (narrow)
        node = qi_combine_filter(&p->tree, node, qi_combine_take_columns(&p->tree, &words));
    return qi_combine_maybe(&p->tree, node, words);
}

/* Under SMART, parentheses around mere words say nothing: their words join the others. */
static void spread(parser *p, size_t mark)
{
    size_t end = p->stack.count;
    if (end == mark)
        return;
    for (size_t i = mark; i < end && p->tree.status == QUIRE_OK; i++) {
        clause item = p->stack.items[i];
        bool open = item.group && item.loose && item.sign == 0 && item.node != NULL &&
                    item.node->kind == QI_NODE_AND && item.node->boost == 1;
        for (uint32_t c = 0; open && c < item.node->child_count; c++)
            push(p, (clause){.node = item.node->children[c]});
        if (!open)
            push(p, item);
    }
    memmove(p->stack.items + mark, p->stack.items + end,
            (p->stack.count - end) * sizeof *p->stack.items);
    p->stack.count -= end - mark;
}

/* What the default operator makes of clauses side by side. */
static qi_node *join(parser *p, scope in, size_t mark, bool only)
{
    quire_operator how = operator_in(p, in, only);
    qi_node *node;
    if (how == QUIRE_AND)
        drop_plus(p, mark);
    if (how == QUIRE_SMART)
        spread(p, mark);
    qi_nodes words = take(p, mark, 0), required = take(p, mark, '+');
    if (p->tree.status != QUIRE_OK)
        return NULL;
    if (required.count > 0)
        node = join_required(p, required, words, how == QUIRE_SMART);
    else if (how == QUIRE_AND)
        node = qi_combine_and(&p->tree, words);
    else if (how == QUIRE_SMART)
        node = qi_combine_smart(&p->tree, words);
    else
        node = qi_combine_or(&p->tree, words, 1);
    return exclude(p, node, mark);
}

/* At least n of the clauses above the mark. */
static qi_node *join_least(parser *p, const qi_lexeme *close, size_t mark)
{
    drop_plus(p, mark);
    qi_nodes nodes = take(p, mark, 0);
    uint32_t least = close->least;
    if (least > nodes.count) {
        p->tree.start = close->start;
        p->tree.end = close->end;
        qi_tree_complain(&p->tree, QI_NOTE_AT_LEAST);
        least = nodes.count;
    }
    return exclude(p, qi_combine_or(&p->tree, nodes, least), mark);
}

/* The further lists of alternatives; a list that is a single `+` clause stays one. */
static void read_lists(parser *p, scope in, size_t mark)
{
    for (size_t list = mark; p->tree.status == QUIRE_OK;) {
        bool plus = p->stack.count == list + 1 && p->stack.items[list].sign == '+';
        if (!plus)
            replace(p, list, (clause){.node = join(p, in, list, false)});
        if (!is_next(p, QI_LEX_OR))
            return;
        p->at++;
        list = p->stack.count;
        read_chains(p, in);
    }
}

/* Lists with OR between them, up to the end of the group or text, which stays. */
static qi_node *read_alternatives(parser *p, scope in)
{
    size_t mark = p->stack.count;
    read_chains(p, in);
    bool only = !is_next(p, QI_LEX_OR);
    if (!only)
        read_lists(p, in, mark);
    const qi_lexeme *end = peek(p);
    qi_node *node;
    bool loose = only && (end == NULL || end->least <= 1);
    for (size_t i = mark; i < p->stack.count && loose; i++)
        loose = p->stack.items[i].loose && p->stack.items[i].sign == 0;
    p->loose = loose;
    if (end != NULL && end->least > 1)
        node = join_least(p, end, mark);
    else if (only)
        node = join(p, in, mark, true);
    else
        node = qi_combine_maybe(&p->tree, qi_combine_and(&p->tree, take(p, mark, '+')),
                                take(p, mark, 0));
    p->stack.count = mark;
    return p->tree.status == QUIRE_OK ? node : NULL;
}

static qi_node *read_group(parser *p, scope in, const qi_lexeme **close)
{
    qi_node *node = read_alternatives(p, in);
    if (peek(p) != NULL)
        *close = &p->lex.lexemes.items[p->at++];
    return node;
}

/* The longest prefix that the limit allows, cut at white space if there is any. */
static quire_str cut_text(quire_str text, qi_notes *notes)
{
    size_t len = QI_QUERY_BYTES;
    if (text.len <= QI_QUERY_BYTES)
        return text;
    while (len > 0 && qi_lex_space(text, len) == 0)
        len--;
    for (len = len == 0 ? QI_QUERY_BYTES : len; (text.ptr[len] & 0xC0) == 0x80 && len > 0;)
        len--;
    qi_notes_add(notes, QI_NOTE_QUERY_CUT, len, text.len);
    return (quire_str){text.ptr, len};
}

static qi_node *read_query(parser *p, quire_str text)
{
    qi_lex *lex = &p->lex;
    qi_tree *tree = &p->tree;
    if (tree->strict && text.len > QI_QUERY_BYTES) {
        qi_tree_fail(tree, qi_note_fail(QI_NOTE_QUERY_CUT, QI_QUERY_BYTES, tree->err));
        return NULL;
    }
    *lex = (qi_lex){.text = cut_text(text, &tree->notes),
                    .schema = tree->schema,
                    .strict = tree->strict,
                    .notes = &tree->notes,
                    .memory = &tree->kit->work,
                    .lexemes = {p->few_lexemes, 0, FEW}};
    p->stack.items = p->few_clauses;
    p->stack.room = FEW;
    qi_tree_fail(tree, qi_lex_read(lex, tree->err));
    if (tree->status == QUIRE_OK)
        qi_tree_fail(tree, qi_lex_mend(lex, tree->err));
    if (tree->status != QUIRE_OK || lex->lexemes.count == 0)
        return NULL;
    qi_node *root = read_alternatives(p, (scope){tree->fields, true, false});
    if (root == NULL && tree->notes.count == 0) {
        tree->start = 0;
        tree->end = (uint32_t)text.len;
        qi_tree_complain(tree, QI_NOTE_WORD_LEFT_OUT);
    }
    return root;
}

quire_status qi_parse(quire_query **out, const quire_schema *schema, quire_str text,
                      const qi_parse_options *options, quire_error *err)
{
    parser p;
    memset(&p, 0, offsetof(parser, few_clauses));
    p.operator_ = options->operator_;
    *out = NULL;
    if (text.ptr == NULL)
        text = quire_cstr("");
    quire_status status = qi_tree_start(&p.tree, schema, options->language, err);
    p.tree.strict = options->strict;
    if (status == QUIRE_OK && options->fields != NULL)
        status = qi_tree_default_fields(&p.tree, options->fields);
    if (status == QUIRE_OK) {
        qi_node *root = read_query(&p, text);
        status = qi_tree_finish(&p.tree, root, out);
    }
    if (options->steps != NULL)
        *options->steps += p.lex.steps;
    qi_tree_free(&p.tree);
    return status;
}
