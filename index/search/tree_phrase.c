/* SPDX-License-Identifier: MIT
 * What stands between quotation marks. Alternatives are written out, as an OR of phrases; each
 * phrase is cut into pieces at its gaps. */
#include <string.h>

#include "search/combine.h"
#include "search/tree.h"

enum { GROUPS = 6, PHRASES = 64 /* that the alternatives of one may make: 2 to the 6th */ };

static bool is_letter_or_digit(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* "(a|b)", an item of its own, at `at`: its end, or `at` if it is none. */
static size_t find_group_end(quire_str raw, size_t at)
{
    bool bar = false;
    size_t i = at + 1;
    if (raw.ptr[at] != '(')
        return at;
    for (; i < raw.len && raw.ptr[i] != ')' && raw.ptr[i] != '('; i++) {
        bar = bar || raw.ptr[i] == '|';
        i += raw.ptr[i] == '\\' ? 1 : 0;
    }
    bool closed = bar && i < raw.len && raw.ptr[i] == ')';
    return closed && (i + 1 == raw.len || qi_lex_space(raw, i + 1) > 0) ? i + 1 : at;
}

/* A phrase is cut into pieces at its gaps. */
typedef struct cutter {
    qi_tree *tree;
    quire_str raw;
    char *out; /* the text without escapes */
    size_t out_len, piece_at;
    uint32_t gap;
    qi_piece *pieces; /* room for one more than there are gaps */
    uint32_t piece_count;
    bool wild;
} cutter;

static void end_piece(cutter *c)
{
    size_t end = c->out_len;
    while (end > c->piece_at && c->out[end - 1] == ' ')
        end--;
    if (end > c->piece_at) {
        uint32_t gap = c->piece_count == 0 ? 0 : c->gap;
        c->pieces[c->piece_count++] = (qi_piece){{c->out + c->piece_at, end - c->piece_at}, gap};
        c->gap = 0;
    }
    c->piece_at = c->out_len;
}

/* An item that stands for any word: '_', or alternatives that are too many. */
static size_t find_gap_end(const cutter *c, size_t at)
{
    bool any = c->raw.ptr[at] == '_' && (at + 1 == c->raw.len || qi_lex_space(c->raw, at + 1) > 0);
    return any ? at + 1 : find_group_end(c->raw, at);
}

/* The same in a phrase as in words of their own: '*' beside a letter or digit, '?' between two. */
static bool is_wild(quire_str raw, size_t at)
{
    char c = raw.ptr[at];
    size_t next = at + 1;
    while (next < raw.len && raw.ptr[next] == c)
        next++;
    bool before = at > 0 && is_letter_or_digit((unsigned char)raw.ptr[at - 1]);
    bool after = next < raw.len && is_letter_or_digit((unsigned char)raw.ptr[next]);
    return (c == '*' && (before || after)) || (c == '?' && before && after);
}

/* Copy the item at `at` and return its end. */
static size_t copy_item(cutter *c, size_t at)
{
    char before = 0;
    while (at < c->raw.len && qi_lex_space(c->raw, at) == 0) {
        char byte = c->raw.ptr[at];
        c->wild = c->wild || (byte != before && is_wild(c->raw, at));
        before = byte;
        if (byte == '\\' && at + 1 < c->raw.len)
            at++;
        c->out[c->out_len++] = c->raw.ptr[at++];
    }
    return at;
}

static void cut_phrase(cutter *c)
{
    size_t at = 0, space;
    while (at < c->raw.len) {
        if ((space = qi_lex_space(c->raw, at)) > 0) {
            at += space;
            c->out[c->out_len++] = ' ';
            continue;
        }
        size_t end = find_gap_end(c, at);
        if (end > at) {
            end_piece(c);
            c->gap++;
            at = end;
        } else {
            at = copy_item(c, at);
        }
    }
    end_piece(c);
}

/* More than there can be pieces. */
static size_t count_gaps(quire_str raw)
{
    size_t count = 1;
    for (size_t i = 0; i < raw.len; i++)
        count += raw.ptr[i] == '_' || raw.ptr[i] == '(' ? 1 : 0;
    return count;
}

/* One phrase, without alternatives. */
static qi_node *plain_phrase(qi_tree *tree, qi_fields fields, quire_str raw, qi_phrase phrase)
{
    cutter c = {.tree = tree, .raw = raw};
    c.out = qi_tree_work(tree, raw.len + 1, 1);
    c.pieces = qi_tree_work(tree, count_gaps(raw), sizeof *c.pieces);
    if (tree->status != QUIRE_OK)
        return NULL;
    cut_phrase(&c);
    if (c.wild)
        qi_tree_complain(tree, QI_NOTE_NO_WILDCARD);
    if (c.piece_count == 0)
        qi_tree_complain(tree, QI_NOTE_EMPTY_PHRASE);
    phrase.pieces = c.pieces;
    phrase.piece_count = c.piece_count;
    return qi_tree_words(tree, fields, &phrase);
}

/* The groups of alternatives of a phrase, and how many phrases they make. */
typedef struct choices {
    size_t from[GROUPS], to[GROUPS]; /* bytes of each group, parentheses included */
    uint32_t counts[GROUPS];         /* alternatives of each */
    uint32_t group_count, phrases;
    bool too_many;
} choices;

static void add_group(choices *c, quire_str raw, size_t from, size_t to)
{
    uint32_t count = 1;
    for (size_t i = from; i < to && count <= PHRASES; i++) {
        count += raw.ptr[i] == '|' ? 1 : 0;
        i += raw.ptr[i] == '\\' ? 1 : 0;
    }
    c->too_many = c->too_many || c->group_count == GROUPS || c->phrases * count > PHRASES;
    if (c->too_many)
        return;
    c->from[c->group_count] = from;
    c->to[c->group_count] = to;
    c->counts[c->group_count++] = count;
    c->phrases *= count;
}

static void find_choices(choices *c, quire_str raw)
{
    bool start = true;
    *c = (choices){.phrases = 1};
    for (size_t i = 0; i < raw.len;) {
        size_t space = qi_lex_space(raw, i), end = start ? find_group_end(raw, i) : i;
        if (end > i)
            add_group(c, raw, i, end);
        start = space > 0;
        i = end > i ? end : i + (space > 0 ? space : raw.ptr[i] == '\\' ? 2 : 1);
    }
}

/* The n-th alternative of the group at [from, to). */
static quire_str pick(quire_str raw, size_t from, size_t to, uint32_t n)
{
    size_t at = from + 1, end = at;
    for (; end + 1 < to; end += raw.ptr[end] == '\\' ? 2 : 1) {
        if (raw.ptr[end] != '|')
            continue;
        if (n-- == 0)
            break;
        at = end + 1;
    }
    return (quire_str){raw.ptr + at, end - at};
}

/* The n-th of the phrases that the groups make. */
static quire_str choose(qi_tree *tree, quire_str raw, const choices *c, uint32_t n)
{
    char *out = qi_tree_work(tree, raw.len + 1, 1);
    size_t len = 0, at = 0;
    for (uint32_t g = 0; g <= c->group_count && out != NULL; g++) {
        size_t to = g < c->group_count ? c->from[g] : raw.len;
        memcpy(out + len, raw.ptr + at, to - at);
        len += to - at;
        if (g == c->group_count)
            break;
        quire_str word = pick(raw, c->from[g], c->to[g], n % c->counts[g]);
        memcpy(out + len, word.ptr, word.len);
        len += word.len;
        n /= c->counts[g];
        at = c->to[g];
    }
    return (quire_str){out, len};
}

qi_node *qi_tree_quoted(qi_tree *tree, qi_fields fields, quire_str raw, const qi_phrase *how)
{
    choices c;
    find_choices(&c, raw);
    if (c.too_many)
        qi_tree_complain(tree, QI_NOTE_TOO_MANY_ALTERNATIVES);
    if (c.too_many || c.group_count == 0)
        return plain_phrase(tree, fields, raw, *how);
    qi_nodes nodes = {qi_tree_work(tree, c.phrases, sizeof(qi_node *)), 0};
    for (uint32_t n = 0; n < c.phrases && tree->status == QUIRE_OK; n++)
        nodes.items[nodes.count++] = plain_phrase(tree, fields, choose(tree, raw, &c, n), *how);
    return qi_combine_or(tree, nodes, 1);
}
