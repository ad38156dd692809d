/* SPDX-License-Identifier: MIT
 * One line of JSONL in one pass, if it is an object of strings and whole numbers, as most are. Runs
 * of text without escapes are found eight bytes at a time. Whatever is unusual, wrong included, is
 * left to read_json.c: what is read here is read there to the same record. */
#include "read.h"

#include <string.h>

/* What is left of the line, and room for text that has escapes. */
typedef struct scan {
    const char *at, *end;
    bytes text;
} scan;

static char peek(const scan *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static void skip_space(scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
        s->at++;
}

/* Step over white space and a sign. */
static bool take_sign(scan *s, char sign)
{
    skip_space(s);
    if (peek(s) != sign)
        return false;
    s->at++;
    return true;
}

/* Whether a string goes on over the byte. */
static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* Whether it does over all eight. */
static bool are_plain(const char *eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t text, quotes, escapes;
    memcpy(&text, eight, sizeof text);
    quotes = text ^ ones * '"';
    escapes = text ^ ones * '\\';
    uint64_t found = ((text - ones * 0x20) & ~text) | ((quotes - ones) & ~quotes) |
                     ((escapes - ones) & ~escapes);
    return (found & ones * 0x80) == 0;
}

static quire_str take_run(scan *s)
{
    const char *start = s->at;
    while (s->end - s->at >= 8 && are_plain(s->at))
        s->at += 8;
    while (s->at < s->end && is_plain(*s->at))
        s->at++;
    return (quire_str){start, (size_t)(s->at - start)};
}

static bool take_hex(scan *s, uint32_t *out)
{
    *out = 0;
    if (s->end - s->at < 4)
        return false;
    for (const char *end = s->at + 4; s->at < end; s->at++) {
        char c = *s->at, low = (char)(c | 0x20);
        bool digit = c >= '0' && c <= '9';
        if (!digit && (low < 'a' || low > 'f'))
            return false;
        *out = *out << 4 | (uint32_t)(digit ? c - '0' : low - 'a' + 10);
    }
    return true;
}

/* A character after "\u"; none is a half of a pair of surrogates, or NUL. */
static bool take_code(scan *s)
{
    uint32_t c, low;
    if (!take_hex(s, &c) || c == 0 || (c & 0xFC00) == 0xDC00)
        return false;
    if ((c & 0xFC00) == 0xD800) {
        if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
            return false;
        s->at += 2;
        if (!take_hex(s, &low) || (low & 0xFC00) != 0xDC00)
            return false;
        c = 0x10000 + ((c & 0x3FF) << 10 | (low & 0x3FF));
    }
    bytes_utf8(&s->text, c);
    return true;
}

/* An escape, after its backslash. */
static bool take_escape(scan *s)
{
    static const char signs[] = "nt\"\\/rbf", stand_for[] = "\n\t\"\\/\r\b\f";
    char sign = peek(s);
    const char *found = sign == '\0' ? NULL : strchr(signs, sign);
    if (found == NULL && sign != 'u')
        return false;
    s->at++;
    if (found == NULL)
        return take_code(s);
    bytes_put(&s->text, stand_for[found - signs]);
    return true;
}

/* A string; lent until the next. */
static bool take_string(scan *s, quire_str *out)
{
    if (!take_sign(s, '"'))
        return false;
    *out = take_run(s);
    if (peek(s) == '\\') {
        bytes_clear(&s->text);
        bytes_reserve(&s->text, out->len + (size_t)(s->end - s->at));
        bytes_view(&s->text, *out);
        while (peek(s) == '\\') {
            s->at++;
            if (!take_escape(s))
                return false;
            bytes_view(&s->text, take_run(s));
        }
        *out = bytes_str(&s->text);
    }
    return peek(s) == '"' && s->at++ != NULL;
}

/* A whole number as it stands. */
static bool take_number(scan *s, quire_str *out)
{
    const char *start = s->at;
    s->at += peek(s) == '-';
    bool zero = peek(s) == '0';
    const char *digits = s->at;
    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    *out = (quire_str){start, (size_t)(s->at - start)};
    return s->at > digits && (!zero || s->at == digits + 1) && peek(s) != '.' &&
           (peek(s) | 0x20) != 'e';
}

/* A name and its value. */
static bool take_member(scan *s, record *out)
{
    quire_str name, value;
    if (!take_string(s, &name) || name.ptr == s->text.ptr || !take_sign(s, ':'))
        return false;
    skip_space(s);
    if (peek(s) == '"') {
        if (!take_string(s, &value))
            return false;
        record_add(out, record_field_name(name), value);
        return true;
    }
    if (!take_number(s, &value))
        return false;
    record_add_json(out, record_field_name(name), value);
    return true;
}

bool read_json_strings(quire_str line, record *out)
{
    scan s = {.at = line.ptr, .end = line.ptr + line.len};
    size_t before = out->count;
    bool simple = take_sign(&s, '{') && take_member(&s, out);
    while (simple && take_sign(&s, ','))
        simple = take_member(&s, out);
    simple = simple && take_sign(&s, '}');
    skip_space(&s);
    simple = simple && s.at == s.end;
    if (!simple)
        record_cut(out, before);
    bytes_free(&s.text);
    return simple;
}
