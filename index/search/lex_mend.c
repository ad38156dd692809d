/* SPDX-License-Identifier: MIT
 * The second half of search/lex.h: a row of lexemes made well-formed, in place, in two passes. The
 * first pairs parentheses. The second copies the row down over itself and keeps one invariant of
 * what it has written: between any two operands stands at most one AND or OR, and only the last
 * lexeme may be an operator that still waits for its operand. */
#include <string.h>

#include "search/lex.h"
#include "search/query.h"

typedef struct mender {
    qi_lex *lex;
    qi_lexeme *items;
    size_t count; /* written */
    uint32_t open[QI_QUERY_DEPTH];
    uint32_t depth;
} mender;

/* An opening parenthesis that is dropped leaves its field and sign to what it held first. */
static void drop_open(qi_lex *lex, size_t at)
{
    qi_lexeme *open = &lex->lexemes.items[at], *next = open + 1;
    const qi_lexeme *end = lex->lexemes.items + lex->lexemes.count;
    open->kind = QI_LEX_GONE;
    while (next < end && next->kind == QI_LEX_GONE)
        next++;
    if (next == end ||
        (next->kind != QI_LEX_ATOM && next->kind != QI_LEX_RANGE && next->kind != QI_LEX_OPEN))
        return;
    if (next->field_count == 0) {
        next->fields_at = open->fields_at;
        next->field_count = open->field_count;
    }
    if (next->sign == 0)
        next->sign = open->sign;
}

static void pair_parentheses(qi_lex *lex)
{
    uint32_t open[QI_QUERY_DEPTH], depth = 0, excess = 0;
    for (size_t i = 0; i < lex->lexemes.count && lex->status == QUIRE_OK; i++, lex->steps++) {
        qi_lexeme *item = &lex->lexemes.items[i];
        if (item->kind == QI_LEX_OPEN && depth < QI_QUERY_DEPTH) {
            open[depth++] = (uint32_t)i;
        } else if (item->kind == QI_LEX_OPEN) {
            excess++;
            item->kind = QI_LEX_GONE;
            qi_lex_complain(lex, QI_NOTE_TOO_DEEP, item->start, item->end);
        } else if (item->kind == QI_LEX_CLOSE && excess > 0) {
            excess--;
            item->kind = QI_LEX_GONE;
        } else if (item->kind == QI_LEX_CLOSE && depth > 0) {
            depth--;
        } else if (item->kind == QI_LEX_CLOSE) {
            item->kind = QI_LEX_GONE;
            qi_lex_complain(lex, QI_NOTE_UNMATCHED_PAREN, item->start, item->end);
        }
    }
    for (; depth > 0; depth--) {
        const qi_lexeme *item = &lex->lexemes.items[open[depth - 1]];
        qi_lex_complain(lex, QI_NOTE_UNMATCHED_PAREN, item->end - 1, item->end);
        drop_open(lex, open[depth - 1]);
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static qi_lexeme *last_of(const mender *m)
{
    return m->count > 0 ? &m->items[m->count - 1] : NULL;
}

static bool is_kind(const qi_lexeme *item, qi_lexeme_kind kind)
{
    return item != NULL && item->kind == kind;
}

static bool is_operator(const qi_lexeme *item)
{
    return is_kind(item, QI_LEX_AND) || is_kind(item, QI_LEX_OR) || is_kind(item, QI_LEX_NOT);
}

/* L4: an operator without its operands is text. */
static void make_word(qi_lex *lex, qi_lexeme *item)
{
    qi_lex_complain(lex, QI_NOTE_DANGLING_OPERATOR, item->start, item->end);
    item->kind = QI_LEX_ATOM;
    item->near = false;
    item->text = (qi_lex_span){item->start, item->end, false};
}

static void settle_last(mender *m)
{
    if (is_operator(last_of(m)))
        make_word(m->lex, last_of(m));
}

static void add_operand(mender *m, qi_lexeme item)
{
    qi_lexeme *last = last_of(m);
    if (is_kind(last, QI_LEX_NOT)) {
        if (item.sign != 0 && m->lex->strict)
            qi_lex_complain(m->lex, QI_NOTE_DANGLING_OPERATOR, last->start, last->end);
        item.sign = '-';
        m->count--;
        last = last_of(m);
    }
    if (is_kind(last, QI_LEX_AND) && last->near) {
        qi_lex_complain(m->lex, QI_NOTE_NO_NEAR, last->start, last->end);
        last->near = false;
    }
    if (item.kind == QI_LEX_OPEN)
        m->open[m->depth++] = (uint32_t)m->count;
    m->items[m->count++] = item;
}

static void add_operator(mender *m, qi_lexeme item)
{
    if (item.kind == QI_LEX_NOT) {
        if (is_kind(last_of(m), QI_LEX_NOT))
            settle_last(m);
    } else {
        settle_last(m);
        if (m->count == 0 || is_kind(last_of(m), QI_LEX_OPEN))
            make_word(m->lex, &item);
    }
    m->items[m->count++] = item;
}

/* Does the unquoted word end with a comma? Cut it off. */
static bool cut_comma(const mender *m, qi_lexeme *item)
{
    qi_lex_span *text = &item->text;
    if (!is_kind(item, QI_LEX_ATOM) || text->quoted || text->to == text->from ||
        m->lex->text.ptr[text->to - 1] != ',')
        return false;
    text->to--;
    return true;
}

/* The ", n" at the end of "NEAR(a b, n)". */
static void drop_distance(mender *m)
{
    qi_lexeme *last = last_of(m);
    if (!is_kind(last, QI_LEX_ATOM) || last->text.quoted)
        return;
    qi_lex_span text = last->text;
    while (text.to > text.from && is_digit(m->lex->text.ptr[text.to - 1]))
        text.to--;
    m->lex->steps += last->text.to - text.to;
    if (text.to == last->text.to)
        return;
    qi_lexeme cut = *last;
    cut.text = text;
    if (cut_comma(m, &cut))
        last->text = cut.text;
    else if (text.to == text.from && m->count >= 2 && cut_comma(m, last - 1))
        m->count--;
}

static void add_close(mender *m, qi_lexeme item)
{
    settle_last(m);
    uint32_t open = m->open[--m->depth];
    if (m->items[open].near)
        drop_distance(m);
    if (m->count == open + 1) {
        qi_lex_complain(m->lex, QI_NOTE_EMPTY_GROUP, m->items[open].start, item.end);
        m->count--;
        return;
    }
    m->items[m->count++] = item;
}

/* Is there nothing but operands? */
static bool is_mended(const qi_lex *lex)
{
    for (size_t i = 0; i < lex->lexemes.count; i++)
        if (lex->lexemes.items[i].kind != QI_LEX_ATOM)
            return false;
    return true;
}

quire_status qi_lex_mend(qi_lex *lex, quire_error *err)
{
    lex->err = err;
    if (is_mended(lex))
        return lex->status;
    pair_parentheses(lex);
    mender m = {.lex = lex, .items = lex->lexemes.items};
    for (size_t i = 0; i < lex->lexemes.count && lex->status == QUIRE_OK; i++, lex->steps++) {
        qi_lexeme item = m.items[i];
        if (item.kind == QI_LEX_CLOSE)
            add_close(&m, item);
        else if (is_operator(&item))
            add_operator(&m, item);
        else if (item.kind != QI_LEX_GONE)
            add_operand(&m, item);
    }
    if (lex->status == QUIRE_OK)
        settle_last(&m);
    lex->lexemes.count = m.count;
    return lex->status;
}
