/* SPDX-License-Identifier: MIT
 * HTML through gumbo: the title and what the head says (author, date, address), and the visible
 * text in lines, one for each block. The tree is walked without recursion. Gumbo recurses when it
 * frees a tree and is slow on deep ones, so its memory is kept in a list of our own and freed from
 * that, and text with tags open more than DEEPEST deep, or with tags of more than MOST_ATTRIBUTES,
 * is refused before gumbo sees it. */
#include "article.h"
#include "date.h"
#include "read.h"

#include <gumbo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 1000, LONGEST_TAG = 12, MOST_ATTRIBUTES = 2000 };

/* Before each piece of gumbo's memory. */
typedef struct piece {
    struct piece *next, *last;
} piece;

static void *get_piece(void *payload, size_t size)
{
    piece *list = payload, *p = memory_get(sizeof *p * 2 + size);
    *p = (piece){list->next, list};
    list->next->last = p;
    list->next = p;
    return (char *)p + sizeof *p;
}

static void free_piece(void *payload, void *memory)
{
    (void)payload;
    if (memory == NULL)
        return;
    piece *p = (piece *)(void *)((char *)memory - sizeof *p);
    p->last->next = p->next;
    p->next->last = p->last;
    free(p);
}

static bool tag_in(GumboTag tag, const GumboTag *tags, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static bool is_hidden(GumboTag tag)
{
    static const GumboTag tags[] = {GUMBO_TAG_SCRIPT,   GUMBO_TAG_STYLE,  GUMBO_TAG_HEAD,
                                    GUMBO_TAG_TEMPLATE, GUMBO_TAG_IFRAME, GUMBO_TAG_NOSCRIPT,
                                    GUMBO_TAG_OBJECT,   GUMBO_TAG_SVG,    GUMBO_TAG_CANVAS};
    return tag_in(tag, tags, sizeof tags / sizeof *tags);
}

static bool is_inline(GumboTag tag)
{
    static const GumboTag tags[] = {
        GUMBO_TAG_A,      GUMBO_TAG_ABBR,   GUMBO_TAG_B,    GUMBO_TAG_BDI,   GUMBO_TAG_BDO,
        GUMBO_TAG_CITE,   GUMBO_TAG_CODE,   GUMBO_TAG_DEL,  GUMBO_TAG_DFN,   GUMBO_TAG_EM,
        GUMBO_TAG_FONT,   GUMBO_TAG_I,      GUMBO_TAG_INS,  GUMBO_TAG_KBD,   GUMBO_TAG_MARK,
        GUMBO_TAG_Q,      GUMBO_TAG_S,      GUMBO_TAG_SAMP, GUMBO_TAG_SMALL, GUMBO_TAG_SPAN,
        GUMBO_TAG_STRIKE, GUMBO_TAG_STRONG, GUMBO_TAG_SUB,  GUMBO_TAG_SUP,   GUMBO_TAG_TIME,
        GUMBO_TAG_TT,     GUMBO_TAG_U,      GUMBO_TAG_VAR,  GUMBO_TAG_WBR,   GUMBO_TAG_DATA,
        GUMBO_TAG_RUBY,   GUMBO_TAG_IMG};
    return tag_in(tag, tags, sizeof tags / sizeof *tags);
}

static bool is_heading(GumboTag tag)
{
    return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6;
}

static const GumboVector *children_of(const GumboNode *node)
{
    static const GumboVector none = {0};
    if (node->type == GUMBO_NODE_DOCUMENT)
        return &node->v.document.children;
    bool inner = node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
    return inner ? &node->v.element.children : &none;
}

static const char *attribute(const GumboNode *node, const char *name)
{
    const GumboAttribute *a = gumbo_get_attribute(&node->v.element.attributes, name);
    return a == NULL ? "" : a->value;
}

/* Visible text: white space runs are one space, as in a browser, but within <pre>. */
typedef struct visible {
    article a;
    bool heading, fresh, space;
    unsigned pre;
} visible;

static void add_text(visible *v, quire_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '\n' && v->pre > 0) {
            v->fresh = true;
            continue;
        }
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            v->space = true;
            continue;
        }
        if (v->fresh)
            article_line(&v->a, v->pre > 0 ? ARTICLE_BREAK : ARTICLE_NEW, v->heading);
        else if (v->space)
            bytes_put(&v->a.text, ' ');
        v->fresh = v->space = false;
        bytes_put(&v->a.text, c);
    }
}

static void enter(visible *v, const GumboNode *node)
{
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE ||
        node->type == GUMBO_NODE_CDATA) {
        add_text(v, quire_cstr(node->v.text.text));
        return;
    }
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    GumboTag tag = node->v.element.tag;
    if (!is_inline(tag))
        v->fresh = true;
    if (is_heading(tag))
        v->heading = true;
    if (tag == GUMBO_TAG_PRE)
        v->pre++;
    if (tag == GUMBO_TAG_IMG)
        add_text(v, quire_cstr(attribute(node, "alt")));
}

static void leave(visible *v, const GumboNode *node)
{
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    GumboTag tag = node->v.element.tag;
    if (!is_inline(tag))
        v->fresh = true;
    if (is_heading(tag))
        v->heading = false;
    if (tag == GUMBO_TAG_PRE)
        v->pre--;
}

static bool has_way_down(const GumboNode *node)
{
    bool hidden = node->type == GUMBO_NODE_TEMPLATE ||
                  (node->type == GUMBO_NODE_ELEMENT && is_hidden(node->v.element.tag));
    return !hidden && children_of(node)->length > 0;
}

/* Preorder, up by the parent pointers; `all` also goes into what is not shown. */
static const GumboNode *next_node(const GumboNode *node, const GumboNode *root, visible *v,
                                  bool all)
{
    if (all ? children_of(node)->length > 0 : has_way_down(node))
        return children_of(node)->data[0];
    while (node != root) {
        if (v != NULL)
            leave(v, node);
        const GumboNode *parent = node->parent;
        size_t next = node->index_within_parent + 1;
        if (next < children_of(parent)->length)
            return children_of(parent)->data[next];
        node = parent;
    }
    return NULL;
}

static void walk_visible(visible *v, const GumboNode *root)
{
    for (const GumboNode *n = root; n != NULL; n = next_node(n, root, v, false))
        enter(v, n);
}

static void set(record *out, const char *name, const char *value)
{
    char iso[DATE_LEN];
    quire_str text = str_trim(quire_cstr(value));
    if (text.len == 0 || record_find(out, name).ptr != NULL)
        return;
    if (strcmp(name, "date") == 0) {
        if (!date_iso(text, iso))
            return;
        text = quire_cstr(iso);
    }
    record_add(out, quire_cstr(name), text);
}

static void meta(const GumboNode *node, record *out)
{
    static const char *const names[][2] = {
        {"author", "author"},     {"article:author", "author"},
        {"dc.creator", "author"}, {"article:published_time", "date"},
        {"date", "date"},         {"dc.date", "date"},
        {"dcterms.date", "date"}, {"datepublished", "date"},
        {"pubdate", "date"},      {"og:url", "url"},
    };
    const char *attributes[] = {"name", "property", "itemprop"};
    for (int a = 0; a < 3; a++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (strcasecmp(attribute(node, attributes[a]), names[i][0]) == 0)
                set(out, names[i][1], attribute(node, "content"));
}

static void title(const GumboNode *node, record *out)
{
    bytes text = {0};
    const GumboVector *children = children_of(node);
    for (unsigned i = 0; i < children->length; i++) {
        const GumboNode *child = children->data[i];
        if (child->type == GUMBO_NODE_TEXT)
            bytes_text(&text, child->v.text.text);
    }
    set(out, "title", bytes_cstr(&text));
    bytes_free(&text);
}

static void read_head(const GumboNode *root, record *out)
{
    for (const GumboNode *n = root; n != NULL; n = next_node(n, root, NULL, true)) {
        if (n->type != GUMBO_NODE_ELEMENT)
            continue;
        GumboTag tag = n->v.element.tag;
        bool in_svg = n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML;
        if (tag == GUMBO_TAG_TITLE && !in_svg)
            title(n, out);
        else if (tag == GUMBO_TAG_META)
            meta(n, out);
        else if (tag == GUMBO_TAG_TIME)
            set(out, "date", attribute(n, "datetime"));
        else if (tag == GUMBO_TAG_LINK && strcasecmp(attribute(n, "rel"), "canonical") == 0)
            set(out, "url", attribute(n, "href"));
    }
}

/* The open tags of a text, roughly: those that close themselves or one another are not counted. */
typedef struct nesting {
    char open[DEEPEST][LONGEST_TAG];
    size_t depth;
} nesting;

static bool counts(const char *name)
{
    static const char *const not_counted[] = {
        "br",   "hr",    "img", "input",  "meta",   "link",  "p",     "li",   "td",       "tr",
        "th",   "dt",    "dd",  "option", "thead",  "tbody", "tfoot", "col",  "colgroup", "area",
        "base", "embed", "wbr", "param",  "source", "track", "html",  "head", "body"};
    for (size_t i = 0; i < sizeof not_counted / sizeof *not_counted; i++)
        if (strcmp(name, not_counted[i]) == 0)
            return false;
    return true;
}

static size_t tag_name(quire_str s, char name[LONGEST_TAG])
{
    size_t n = 0, kept = 0;
    for (; n < s.len; n++) {
        char c = s.ptr[n];
        char lower = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9')))
            break;
        if (kept + 1 < LONGEST_TAG)
            name[kept++] = lower;
    }
    name[kept] = '\0';
    return n;
}

/* The end of the tag that starts at `from`, with the number of spaces in it outside of quoted
 * values: about as many as it has attributes. */
static size_t tag_end(quire_str s, size_t from, size_t *spaces)
{
    size_t i = from;
    *spaces = 0;
    for (; i < s.len && s.ptr[i] != '>'; i++) {
        bool quoted = s.ptr[i - 1] == '=' && (s.ptr[i] == '"' || s.ptr[i] == '\'');
        const char *end = quoted ? memchr(s.ptr + i + 1, s.ptr[i], s.len - i - 1) : NULL;
        if (quoted && end == NULL)
            return s.len;
        if (quoted)
            i = (size_t)(end - s.ptr);
        *spaces += s.ptr[i] == ' ' || s.ptr[i] == '\n' || s.ptr[i] == '\t' || s.ptr[i] == '/';
    }
    return i;
}

static bool too_many_attributes(quire_str html)
{
    size_t spaces = 0;
    for (size_t i = 0; i < html.len && spaces <= MOST_ATTRIBUTES; i++) {
        const char *p = memchr(html.ptr + i, '<', html.len - i);
        if (p == NULL)
            return false;
        i = tag_end(html, (size_t)(p - html.ptr) + 1, &spaces);
    }
    return spaces > MOST_ATTRIBUTES;
}

static void close_tag(nesting *n, const char *name)
{
    for (size_t i = n->depth; i > 0 && n->depth - i < 64; i--)
        if (strcmp(n->open[i - 1], name) == 0) {
            n->depth = i - 1;
            return;
        }
}

static bool too_deep(quire_str html)
{
    nesting *n = memory_get(sizeof *n);
    bool deep = false;
    const char *end = html.ptr + html.len, *p = html.ptr;
    while (!deep && p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        char name[LONGEST_TAG];
        bool closing = ++p < end && *p == '/';
        p += closing;
        p += tag_name((quire_str){p, (size_t)(end - p)}, name);
        if (name[0] == '\0' || !counts(name))
            continue;
        if (closing)
            close_tag(n, name);
        else if (n->depth == DEEPEST)
            deep = true;
        else
            memcpy(n->open[n->depth++], name, LONGEST_TAG);
    }
    free(n);
    return deep;
}

/* Parses and hands the root to `use`. */
static bool parse(quire_str html, void (*use)(const GumboNode *root, void *payload), void *payload)
{
    if (html.len > UINT32_MAX / 4 || too_deep(html) || too_many_attributes(html))
        return false;
    piece list = {&list, &list};
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = get_piece;
    options.deallocator = free_piece;
    options.userdata = &list;
    options.max_errors = 0;
    GumboOutput *output = gumbo_parse_with_options(&options, html.ptr, html.len);
    if (output != NULL)
        use(output->root, payload);
    while (list.next != &list)
        free_piece(&list, (char *)list.next + sizeof(piece));
    return output != NULL;
}

static void use_document(const GumboNode *root, void *payload)
{
    record *out = payload;
    visible v = {.fresh = true};
    read_head(root, out);
    walk_visible(&v, root);
    article_finish(&v.a, false, out);
    article_free(&v.a);
}

bool read_html(quire_str text, record *out, char why[READ_WHY])
{
    if (parse(text, use_document, out))
        return true;
    snprintf(why, READ_WHY,
             "HTML that is too large, is nested more than %d deep, or has tags of more than %d "
             "attributes",
             DEEPEST, MOST_ATTRIBUTES);
    return false;
}

static void use_fragment(const GumboNode *root, void *payload)
{
    bytes *out = payload;
    visible v = {.fresh = true};
    walk_visible(&v, root);
    for (size_t i = 0; i < v.a.count; i++) {
        size_t end = i + 1 < v.a.count ? v.a.lines[i + 1].start : v.a.text.len;
        if (i > 0)
            bytes_put(out, '\n');
        bytes_add(out, v.a.text.ptr + v.a.lines[i].start, end - v.a.lines[i].start);
    }
    article_free(&v.a);
}

void read_html_fragment(quire_str html, bytes *out)
{
    parse(html, use_fragment, out);
}

void read_html_entity(quire_str entity, bytes *out)
{
    static const char *const common[][2] = {
        {"&amp;", "&"},
        {"&lt;", "<"},
        {"&gt;", ">"},
        {"&quot;", "\""},
        {"&nbsp;", " "},
        {"&#39;", "'"},
        {"&apos;", "'"},
        {"&mdash;", "\xE2\x80\x94"},
        {"&ndash;", "\xE2\x80\x93"},
    };
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (str_equal(entity, common[i][0])) {
            bytes_text(out, common[i][1]);
            return;
        }
    size_t before = out->len;
    read_html_fragment(entity, out);
    if (out->len == before)
        bytes_put(out, ' ');
}
