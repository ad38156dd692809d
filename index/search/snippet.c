/* SPDX-License-Identifier: MIT
 *
 * A snippet: of all passages that fit, the one with the most different leaves of the query, then
 * the most marks, then the first; the room that is left becomes context on both sides, cut between
 * words. Cuts fall on white space where there is some near, and else between characters, so that
 * the result is sound for text without spaces, and for bytes that are no text at all. */
#include <string.h>

#include "base/mem.h"
#include "search/matches.h"

enum { DEFAULT_BYTES = 240, CUT = 48 /* how far to look for white space */ };

typedef struct passage {
    uint32_t value;
    uint32_t leaves, marks; /* what it shows */
    size_t start, end;
} passage;

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool better(const passage *a, const passage *b)
{
    return a->leaves != b->leaves ? a->leaves > b->leaves : a->marks > b->marks;
}

/* The best passage among the marks [first, end) of one value; `counts` has a zero for each leaf,
 * and is left so. */
static passage best_of_value(const qi_matches *matches, size_t first, size_t end, size_t room,
                             uint32_t *counts)
{
    const qi_mark *marks = matches->marks.items;
    passage best = {.value = marks[first].value}, now = best;
    size_t next = first, reach = 0;
    for (size_t i = first; i < end; i++) {
        for (; next < end && (next == i || marks[next].end <= marks[i].start + room); next++) {
            now.leaves += counts[marks[next].leaf]++ == 0;
            now.marks++;
            reach = marks[next].end > reach ? marks[next].end : reach;
        }
        now.start = marks[i].start;
        now.end = reach;
        if (better(&now, &best))
            best = now;
        now.leaves -= --counts[marks[i].leaf] == 0;
        now.marks--;
    }
    return best;
}

/* May the passage come from value i? */
static bool eligible(const qi_matches *matches, uint32_t i, const char *field)
{
    const quire_value *value = &matches->document->values[i];
    if (value->text.ptr == NULL)
        return false;
    if (field != NULL)
        return strcmp(field, value->field) == 0;
    uint32_t f = qi_schema_find(matches->schema, value->field, strlen(value->field));
    return f != QI_NO_FIELD && matches->schema->fields.items[f].searched;
}

/* The best passage of a field, or of the searched fields if `field` is NULL. Without a match: the
 * start of the longest value. False if there is no text at all. */
static bool choose(const qi_matches *matches, const char *field, size_t room, uint32_t *counts,
                   passage *best)
{
    const quire_document *document = matches->document;
    size_t longest = 0, at = 0;
    bool any = false;
    *best = (passage){0};
    for (uint32_t i = 0; i < document->count; i++) {
        size_t first = at, len = document->values[i].text.len;
        while (at < matches->marks.count && matches->marks.items[at].value == i)
            at++;
        if (!eligible(matches, i, field))
            continue;
        passage one = {.value = i};
        if (at != first)
            one = best_of_value(matches, first, at, room, counts);
        if (better(&one, best) || (best->marks == 0 && (!any || len > longest)))
            *best = one;
        longest = len > longest ? len : longest;
        any = true;
    }
    return any;
}

/* Move `at` forward out of the middle of a word, at most to `end`. */
static size_t cut_start(quire_str text, size_t at, size_t end)
{
    if (at == 0)
        return 0;
    size_t p = at;
    while (p < end && p - at < CUT && !is_space(text.ptr[p - 1]))
        p++;
    if (p == end || is_space(text.ptr[p - 1]))
        return p;
    while (at < end && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
        at++;
    return at;
}

/* Move `at` back to where a character starts, at most to `start`. */
static size_t whole_character(quire_str text, size_t start, size_t at)
{
    while (at > start && at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
        at--;
    return at;
}

/* Move `at` back out of the middle of a word, at most to `start`. */
static size_t cut_end(quire_str text, size_t start, size_t at)
{
    if (at >= text.len)
        return text.len;
    size_t p = at;
    while (p > start && at - p < CUT && !is_space(text.ptr[p]))
        p--;
    return p == start || is_space(text.ptr[p]) ? p : whole_character(text, start, at);
}

/* Spread what is left of `room` around the passage, and cut. */
static void widen(quire_str text, size_t room, passage *p)
{
    if (p->end - p->start > room) {
        p->end = whole_character(text, p->start, p->start + room);
        return;
    }
    size_t left = room - (p->end - p->start), before = left / 2;
    if (before > p->start)
        before = p->start;
    size_t after = left - before;
    if (after > text.len - p->end) {
        after = text.len - p->end;
        before = left - after < p->start ? left - after : p->start;
    }
    size_t start = cut_start(text, p->start - before, p->start);
    size_t end = cut_end(text, p->end, p->end + after);
    if (end == start) /* nothing but the middle of a word */
        end = whole_character(text, start, p->end + after);
    while (start < p->start && is_space(text.ptr[start]))
        start++;
    while (end > p->end && is_space(text.ptr[end - 1]))
        end--;
    p->start = start;
    p->end = end;
}

static void put(qi_buf *out, const char *text)
{
    qi_buf_add(out, text, strlen(text));
}

/* What stands for a character in HTML; NULL: the character itself. */
static const char *escape(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Append text: runs of white space as one space, and safe for HTML if asked. */
static void put_text(qi_buf *out, const char *text, size_t len, bool html)
{
    for (size_t i = 0; i < len; i++) {
        const char *safe = html ? escape(text[i]) : NULL;
        if (safe != NULL)
            put(out, safe);
        else if (!is_space(text[i]))
            qi_buf_u8(out, (uint8_t)text[i]);
        else if (out->len == 0 || out->bytes[out->len - 1] != ' ')
            qi_buf_u8(out, ' ');
    }
}

/* Is there anything but white space in [start, end)? */
static bool has_text(quire_str text, size_t start, size_t end)
{
    while (start < end && is_space(text.ptr[start]))
        start++;
    return start < end;
}

static void print(qi_matches *matches, const quire_snippet_options *options, const passage *p)
{
    qi_buf *out = &matches->snippet;
    quire_str text = matches->document->values[p->value].text;
    const char *open = options->open != NULL ? options->open : "<b>";
    const char *close = options->close != NULL ? options->close : "</b>";
    const char *ellipsis = options->ellipsis != NULL ? options->ellipsis : "\xE2\x80\xA6";
    size_t at = p->start;
    if (has_text(text, 0, p->start))
        put(out, ellipsis);
    for (size_t i = 0; i < matches->merged.count; i++) {
        quire_match match = matches->merged.items[i];
        if (match.value != p->value || match.end <= p->start || match.start >= p->end)
            continue;
        match.start = match.start < p->start ? p->start : match.start;
        match.end = match.end > p->end ? p->end : match.end;
        put_text(out, text.ptr + at, match.start - at, options->html);
        put(out, open);
        put_text(out, text.ptr + match.start, match.end - match.start, options->html);
        put(out, close);
        at = match.end;
    }
    put_text(out, text.ptr + at, p->end - at, options->html);
    if (has_text(text, p->end, text.len))
        put(out, ellipsis);
}

quire_status qi_snippet_make(qi_matches *matches, const quire_snippet_options *options,
                             quire_str *out, quire_error *err)
{
    size_t room = options->max_bytes != 0 ? options->max_bytes : DEFAULT_BYTES;
    const char *field = options->field;
    *out = (quire_str){"", 0};
    if (field != NULL && qi_schema_find(matches->schema, field, strlen(field)) == QI_NO_FIELD)
        return qi_schema_no_field(matches->schema, quire_cstr(field), QUIRE_ERR_MISUSE, err);
    if (room > (size_t)INT32_MAX)
        room = INT32_MAX;
    uint32_t *counts = qi_mem_new((size_t)matches->leaf_count + 1, sizeof *counts);
    if (counts == NULL)
        return qi_no_memory(err);
    passage best;
    bool any = choose(matches, field, room, counts, &best);
    qi_mem_free(counts);
    if (!any)
        return QUIRE_OK;
    widen(matches->document->values[best.value].text, room, &best);
    matches->snippet.len = 0;
    print(matches, options, &best);
    if (matches->snippet.failed) {
        matches->snippet.failed = false;
        return qi_no_memory(err);
    }
    *out = (quire_str){(const char *)matches->snippet.bytes, matches->snippet.len};
    return QUIRE_OK;
}
