/* SPDX-License-Identifier: MIT
 * Front matter, line by line. Not all of YAML or TOML but what articles have: scalars plain and
 * quoted, lists on one line or on lines of their own, blocks of text (| and >), mappings one level
 * deep. A line that is none of these is passed over: front matter never makes a file unreadable. */
#include "front.h"

#include <string.h>

typedef struct front {
    quire_str rest; /* lines not yet read */
    char mark;      /* between key and value: ':' or '=' */
    record *out;
    bytes key;   /* of the last line with a key */
    bytes outer; /* the mapping that indented keys belong to */
    bool open;   /* the last key had no value on its line */
} front;

static quire_str first_line(quire_str *rest)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    quire_str line = {rest->ptr, len};
    *rest = str_slice(*rest, end == NULL ? len : len + 1, rest->len);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

static size_t indent_of(quire_str line)
{
    size_t n = 0;
    while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
        n++;
    return n;
}

static unsigned hex_digits(const char *p, size_t n)
{
    unsigned value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 0;
        value = value * 16 + digit;
    }
    return value;
}

/* Decodes the escape after the backslash at `p`; returns the bytes it takes after the backslash. */
static size_t escape(const char *p, size_t left, bytes *out)
{
    switch (p[0]) {
    case 'n':
        bytes_put(out, '\n');
        return 1;
    case 't':
        bytes_put(out, '\t');
        return 1;
    case 'u':
        if (left >= 5) {
            bytes_utf8(out, hex_digits(p + 1, 4));
            return 5;
        }
        return 1;
    default:
        bytes_put(out, p[0]);
        return 1;
    }
}

/* Reads the quoted scalar at the start of `s`; returns its length with the quotes. */
static size_t quoted(quire_str s, bytes *out)
{
    char quote = s.ptr[0];
    size_t i = 1;
    while (i < s.len) {
        char c = s.ptr[i++];
        if (c == quote && quote == '\'' && i < s.len && s.ptr[i] == '\'')
            i++;
        else if (c == quote)
            return i;
        else if (c == '\\' && quote == '"' && i < s.len) {
            i += escape(s.ptr + i, s.len - i, out);
            continue;
        }
        bytes_put(out, c);
    }
    return i;
}

/* A plain scalar ends at a comment, or in a list at a comma or bracket. */
static size_t plain(quire_str s, bool in_list, bytes *out)
{
    size_t i = 0;
    while (i < s.len && !(in_list && (s.ptr[i] == ',' || s.ptr[i] == ']')) &&
           !(s.ptr[i] == '#' && i > 0 && (s.ptr[i - 1] == ' ' || s.ptr[i - 1] == '\t')))
        i++;
    bytes_view(out, str_trim(str_slice(s, 0, i)));
    return i;
}

static size_t scalar(quire_str s, bool in_list, bytes *out)
{
    bool has_quote = s.len > 0 && (s.ptr[0] == '"' || s.ptr[0] == '\'');
    return has_quote ? quoted(s, out) : plain(s, in_list, out);
}

static void add(front *f, quire_str text)
{
    quire_str name = record_field_name(bytes_str(&f->key));
    if (text.len == 0 || str_same(text, "null") || str_equal(text, "~"))
        return;
    if (!str_equal(name, "body") && !str_equal(name, "id")) {
        record_add(f->out, name, text);
        return;
    }
    bytes other = {0};
    bytes_printf(&other, "front.%s", bytes_cstr(&f->key));
    record_add(f->out, bytes_str(&other), text);
    bytes_free(&other);
}

static void inline_list(front *f, quire_str s)
{
    bytes item = {0};
    s = str_slice(s, 1, s.len);
    while ((s = str_trim(s)).len > 0 && s.ptr[0] != ']') {
        bytes_clear(&item);
        size_t n = s.ptr[0] == ',' ? 0 : scalar(s, true, &item);
        add(f, bytes_str(&item));
        s = str_trim(str_slice(s, n, s.len));
        if (s.len > 0 && s.ptr[0] != ']')
            s = str_slice(s, 1, s.len);
    }
    bytes_free(&item);
}

/* The indented lines that follow, joined by new lines ('|') or spaces ('>'). */
static void text_block(front *f, char style)
{
    bytes text = {0};
    while (f->rest.len > 0) {
        quire_str after = f->rest, line = first_line(&after);
        if (str_trim(line).len > 0 && indent_of(line) == 0)
            break;
        if (text.len > 0)
            bytes_put(&text, style == '|' ? '\n' : ' ');
        bytes_view(&text, str_trim(line));
        f->rest = after;
    }
    add(f, str_trim(bytes_str(&text)));
    bytes_free(&text);
}

static void value(front *f, quire_str s)
{
    bytes text = {0};
    f->open = s.len == 0;
    if (s.len == 0)
        return;
    if (s.ptr[0] == '[') {
        inline_list(f, s);
    } else if ((s.ptr[0] == '|' || s.ptr[0] == '>') && s.len <= 2) {
        text_block(f, s.ptr[0]);
    } else {
        scalar(s, false, &text);
        add(f, bytes_str(&text));
    }
    bytes_free(&text);
}

/* The place of the mark between key and value: YAML wants a space or the end after it. */
static bool find_mark(const front *f, quire_str line, size_t *at)
{
    const char *mark = memchr(line.ptr, f->mark, line.len);
    if (mark == NULL)
        return false;
    *at = (size_t)(mark - line.ptr);
    char next = *at + 1 < line.len ? line.ptr[*at + 1] : ' ';
    return f->mark == '=' || next == ' ' || next == '\t';
}

/* "key: value" with an unindented key, or an indented one inside a mapping. */
static void keyed(front *f, quire_str line, size_t indent)
{
    size_t at;
    if (!find_mark(f, line, &at))
        return;
    quire_str key = str_trim(str_slice(line, 0, at));
    if (key.len >= 2 && (key.ptr[0] == '"' || key.ptr[0] == '\''))
        key = str_slice(key, 1, key.len - 1);
    if (indent == 0 || f->open)
        bytes_clear(&f->outer);
    if (indent > 0 && f->open)
        bytes_view(&f->outer, bytes_str(&f->key));
    bytes_clear(&f->key);
    if (indent > 0 && f->outer.len > 0)
        bytes_printf(&f->key, "%s.", bytes_cstr(&f->outer));
    bytes_view(&f->key, key);
    value(f, str_trim(str_slice(line, at + 1, line.len)));
}

static void one_line(front *f, quire_str line)
{
    size_t indent = indent_of(line);
    quire_str s = str_trim(line);
    if (s.len == 0 || s.ptr[0] == '#')
        return;
    if (f->mark == '=' && s.ptr[0] == '[') {
        bytes_clear(&f->key);
        bytes_view(&f->key, str_trim(str_slice(s, 1, s.len - 1)));
        f->open = true;
        return;
    }
    if (f->open && s.ptr[0] == '-' && (s.len == 1 || s.ptr[1] == ' ')) {
        bytes text = {0};
        scalar(str_trim(str_slice(s, 1, s.len)), false, &text);
        add(f, bytes_str(&text));
        bytes_free(&text);
        return;
    }
    keyed(f, s, indent);
}

/* Is there a closing line? Sets `body` to what is before it and returns the length through it. */
static size_t extent(quire_str text, char fence, quire_str *body)
{
    quire_str rest = text;
    first_line(&rest);
    size_t from = text.len - rest.len;
    while (rest.len > 0) {
        size_t at = text.len - rest.len;
        quire_str line = str_trim(first_line(&rest));
        if (str_equal(line, fence == '-' ? "---" : "+++") ||
            (fence == '-' && str_equal(line, "..."))) {
            *body = str_slice(text, from, at);
            return text.len - rest.len;
        }
    }
    return 0;
}

size_t front_read(quire_str text, record *out)
{
    quire_str rest = text, opening = str_trim(first_line(&rest));
    bool yaml = str_equal(opening, "---");
    if (!yaml && !str_equal(opening, "+++"))
        return 0;
    front f = {.mark = yaml ? ':' : '=', .out = out};
    size_t len = extent(text, opening.ptr[0], &f.rest);
    while (len > 0 && f.rest.len > 0) {
        quire_str line = first_line(&f.rest);
        one_line(&f, line);
    }
    bytes_free(&f.key);
    bytes_free(&f.outer);
    return len;
}
