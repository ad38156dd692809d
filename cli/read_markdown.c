/* SPDX-License-Identifier: MIT
 * Markdown through md4c: front matter, then the visible text in lines. Links give their text but
 * not their target, so an address between angle brackets gives nothing, unless it is the article's
 * source at the end; pictures give their description. Raw HTML gives its text. Template shortcodes
 * ({{< … >}}) are blanked first, for they are neither text nor Markdown. */
#include "article.h"
#include "front.h"
#include "read.h"

#include <md4c.h>
#include <stdio.h>
#include <string.h>

/* A table of n columns may have one cell in each of m rows and still make n × m cells. */
enum { CELLS_PER_BYTE = 4, SPARE_CELLS = 1 << 16, LONGEST_SHORTCODE = 2000 };

typedef struct reading {
    article a;
    bool heading, code, raw, fresh; /* what block we are in; fresh: no line of it yet */
    bytes html;                     /* of a raw HTML block */
    bytes href;                     /* target of the link we are in */
    size_t link, link_line;         /* where its text starts: byte, and number of the line */
    size_t cells_left;
} reading;

static void start_line(reading *r, article_joint joint)
{
    article_line(&r->a, joint, r->heading);
    r->fresh = false;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *payload)
{
    reading *r = payload;
    (void)detail;
    if (type == MD_BLOCK_TD || type == MD_BLOCK_TH) {
        if (r->cells_left == 0)
            return -1;
        r->cells_left--;
    }
    r->fresh = true;
    r->heading = type == MD_BLOCK_H;
    r->code = type == MD_BLOCK_CODE;
    r->raw = type == MD_BLOCK_HTML;
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *payload)
{
    reading *r = payload;
    (void)detail;
    if (type == MD_BLOCK_HTML) {
        bytes text = {0};
        read_html_fragment(bytes_str(&r->html), &text);
        quire_str rest = bytes_str(&text);
        while (rest.len > 0) {
            const char *end = memchr(rest.ptr, '\n', rest.len);
            size_t n = end == NULL ? rest.len : (size_t)(end - rest.ptr);
            start_line(r, ARTICLE_NEW);
            bytes_view(&r->a.text, str_slice(rest, 0, n));
            rest = str_slice(rest, n + 1, rest.len);
        }
        bytes_free(&text);
        bytes_clear(&r->html);
    }
    r->fresh = true;
    r->heading = r->code = r->raw = false;
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *payload)
{
    reading *r = payload;
    if (type != MD_SPAN_A)
        return 0;
    const MD_ATTRIBUTE *href = &((MD_SPAN_A_DETAIL *)detail)->href;
    if (r->fresh)
        start_line(r, ARTICLE_NEW);
    bytes_clear(&r->href);
    bytes_add(&r->href, href->text, href->size);
    r->link = r->a.text.len;
    r->link_line = r->a.count;
    return 0;
}

/* Is the link the first thing after "Source:" or the like on its line? */
static bool follows_label(const reading *r)
{
    size_t start = r->a.count > 0 ? r->a.lines[r->a.count - 1].start : 0;
    return article_is_label(str_slice(bytes_str(&r->a.text), start, r->link));
}

/* A link whose text is its target has no words of its own: it is kept apart, for the article's
 * tail, as is the target of one that a label announces. */
static int leave_span(MD_SPANTYPE type, void *detail, void *payload)
{
    reading *r = payload;
    (void)detail;
    if (type != MD_SPAN_A || r->a.count != r->link_line)
        return 0;
    quire_str text = str_slice(bytes_str(&r->a.text), r->link, r->a.text.len);
    bool bare = str_equal(text, bytes_cstr(&r->href));
    if (r->href.len > 0 && (bare || follows_label(r))) {
        r->a.text.len = bare ? r->link : r->a.text.len;
        article_address(&r->a, bytes_str(&r->href));
        start_line(r, ARTICLE_WRAP);
    }
    return 0;
}

static void add_lines(reading *r, quire_str text)
{
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t n = end == NULL ? text.len : (size_t)(end - text.ptr);
        if (r->fresh)
            start_line(r, ARTICLE_BREAK);
        bytes_add(&r->a.text, text.ptr, n);
        if (end != NULL)
            r->fresh = true;
        text = str_slice(text, end == NULL ? n : n + 1, text.len);
    }
}

/* Authors write "**so:**and", which is no emphasis by the rules but was meant: the asterisks go.
 * Those that a backslash keeps come one by one. */
static void add_normal(bytes *out, quire_str s)
{
    for (size_t i = 0, n; i < s.len; i += n) {
        n = 1;
        while (s.ptr[i] == '*' && i + n < s.len && s.ptr[i + n] == '*')
            n++;
        if (n == 1)
            bytes_put(out, s.ptr[i]);
    }
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *payload)
{
    reading *r = payload;
    quire_str s = {text, size};
    if (r->code) {
        add_lines(r, s);
        return 0;
    }
    if (r->raw) {
        bytes_view(&r->html, s);
        return 0;
    }
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        start_line(r, type == MD_TEXT_BR ? ARTICLE_BREAK : ARTICLE_WRAP);
        return 0;
    }
    if (r->fresh)
        start_line(r, ARTICLE_NEW);
    if (type == MD_TEXT_HTML) {
        if (str_starts(s, "<br"))
            start_line(r, ARTICLE_BREAK);
    } else if (type == MD_TEXT_ENTITY) {
        read_html_entity(s, &r->a.text);
    } else if (type == MD_TEXT_NULLCHAR) {
        bytes_utf8(&r->a.text, 0xFFFD);
    } else if (type == MD_TEXT_NORMAL) {
        add_normal(&r->a.text, s);
    } else {
        bytes_view(&r->a.text, s);
    }
    return 0;
}

/* The end of the shortcode that starts at `p`, or NULL if none does. */
static char *shortcode_end(char *p, const char *end)
{
    size_t near = (size_t)(end - p);
    if (near < 5 || (p[2] != '<' && p[2] != '%'))
        return NULL;
    near = near < LONGEST_SHORTCODE ? near : LONGEST_SHORTCODE;
    char *stop = memmem(p, near, p[2] == '<' ? ">}}" : "%}}", 3);
    return stop == NULL ? NULL : stop + 3;
}

/* Blanks {{< … >}} and {{% … %}} in place, new lines kept; where one is a link's target, something
 * stays. */
static void blank_shortcodes(char *p, size_t len)
{
    const char *start = p;
    char *end = p + len;
    while ((p = memmem(p, (size_t)(end - p), "{{", 2)) != NULL) {
        char *stop = shortcode_end(p, end);
        if (stop == NULL) {
            p += 2;
            continue;
        }
        if (p - start >= 2 && p[-1] == '(' && p[-2] == ']')
            *p++ = '#';
        for (; p < stop; p++)
            *p = *p == '\n' ? '\n' : ' ';
    }
}

bool read_markdown(quire_str text, record *out, char why[READ_WHY])
{
    static const MD_PARSER parser = {0,
                                     MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
                                         MD_FLAG_COLLAPSEWHITESPACE,
                                     enter_block,
                                     leave_block,
                                     enter_span,
                                     leave_span,
                                     on_text,
                                     NULL,
                                     NULL};
    size_t front = front_read(text, out);
    text = str_slice(text, front, text.len);
    bytes copy = {0};
    bytes_view(&copy, text);
    if (copy.len > 0)
        blank_shortcodes(copy.ptr, copy.len);
    reading r = {.cells_left = text.len * CELLS_PER_BYTE + SPARE_CELLS};
    bool ok = text.len < UINT32_MAX / 4 &&
              md_parse(bytes_cstr(&copy), (MD_SIZE)copy.len, &parser, &r) == 0;
    if (ok)
        article_finish(&r.a, false, out);
    else
        snprintf(why, READ_WHY, "Markdown that is too large or whose tables have too many cells");
    bytes_free(&copy);
    bytes_free(&r.html);
    bytes_free(&r.href);
    article_free(&r.a);
    return ok;
}
