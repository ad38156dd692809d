/* SPDX-License-Identifier: MIT
 * Drives the readers: a whole file is one record, JSONL and tables give one by one. At no time is
 * more than one record held, so that a file of any size is read within `limit`. */
#include "feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct feeding {
    feed *f;
    source s;
    record rec;
    bool over;    /* the rest of the file says nothing */
    size_t limit; /* bytes of one record of this file at most */
    char why[READ_WHY];
} feeding;

static bool bad(feeding *g, uint64_t line, const char *why)
{
    return g->f->bad(g->f->payload, line, why);
}

static bool too_long(feeding *g, uint64_t line)
{
    snprintf(g->why, READ_WHY, "longer than %zu MiB, the most for one record; raise --max-memory",
             g->limit >> 20);
    return bad(g, line, g->why);
}

/* Where the text of records is itself of a form: reads it, keeping what the record says already. */
static bool read_inner(feeding *g)
{
    record inner = {0};
    quire_str body = record_find(&g->rec, "body");
    if (g->f->text_form == READ_NONE || g->f->text_form == READ_TEXT || body.ptr == NULL)
        return true;
    quire_str title = record_find(&g->rec, "title");
    if (title.len > 0)
        record_add(&inner, quire_cstr("title"), title);
    bool ok = read_whole(g->f->text_form, body, &inner, g->why);
    for (size_t i = 0; ok && i < g->rec.count; i++) {
        record_value *v = &g->rec.values[i];
        quire_str found = record_find(&inner, v->name);
        if (strcmp(v->name, "body") == 0 && found.ptr != NULL) {
            free(v->text);
            v->text = memory_copy(found.ptr, found.len);
            v->len = found.len;
        }
    }
    for (size_t i = 0; ok && i < inner.count; i++)
        if (record_find(&g->rec, inner.values[i].name).ptr == NULL)
            record_add(&g->rec, quire_cstr(inner.values[i].name),
                       (quire_str){inner.values[i].text, inner.values[i].len});
    record_free(&inner);
    return ok;
}

static bool give(feeding *g, bool ok, uint64_t line)
{
    bool going =
        ok && read_inner(g) ? g->f->take(g->f->payload, &g->rec, line) : bad(g, line, g->why);
    record_clear(&g->rec);
    return going;
}

static bool feed_whole(feeding *g, read_form form)
{
    quire_str text;
    source_result result = source_rest(&g->s, g->limit, &text);
    if (result == SOURCE_ERROR)
        return false;
    if (result == SOURCE_LONG)
        return too_long(g, 0);
    bool ok = read_whole(form, text, &g->rec, g->why);
    bytes_free(&g->s.text);
    if (ok)
        return g->f->take(g->f->payload, &g->rec, 0);
    return bad(g, 0, g->why);
}

static void tell(feeding *g)
{
    if (g->f->progress != NULL && (g->s.line & 63) == 0)
        g->f->progress(g->f->payload, g->s.raw_bytes);
}

static bool feed_json(feeding *g)
{
    quire_str line;
    source_result result;
    bool going = true;
    while (going && (result = source_line(&g->s, g->limit, &line)) != SOURCE_END) {
        if (result == SOURCE_ERROR)
            return false;
        if (result == SOURCE_LONG)
            going = too_long(g, g->s.line);
        else if (str_trim(line).len > 0)
            going = give(g, read_json(line, &g->rec, g->why), g->s.line);
        tell(g);
    }
    return going;
}

/* One line of a table; `first` is where its row started. */
static bool feed_row(feeding *g, read_table *t, quire_str line, uint64_t first)
{
    read_row row = read_table_line(t, line, &g->rec, g->why);
    g->over = row == READ_ROW_BAD && t->header.count == 0;
    if (g->over)
        return bad(g, 0, g->why);
    if (row == READ_ROW_RECORD || row == READ_ROW_BAD)
        return give(g, row == READ_ROW_RECORD, first);
    return true;
}

static bool feed_rows(feeding *g, read_table *t)
{
    quire_str line;
    source_result result;
    uint64_t first = 1;
    bool going = true;
    while (going && !g->over && (result = source_line(&g->s, g->limit, &line)) != SOURCE_END) {
        if (result == SOURCE_ERROR)
            return false;
        if (t->row.len == 0)
            first = g->s.line;
        if (result == SOURCE_LONG || t->row.len > g->limit) {
            bytes_clear(&t->row);
            going = too_long(g, first);
        } else {
            going = feed_row(g, t, line, first);
        }
        tell(g);
    }
    if (going && t->row.len > 0)
        going = bad(g, first, "a quoted field that starts here has no end");
    return going;
}

bool feed_file(feed *f, int fd, read_form form)
{
    feeding g = {.f = f, .s = {.fd = fd, .decode = {.encoding = f->encoding}}, .limit = f->limit};
    bool going;
    if (form == READ_HTML || f->text_form == READ_HTML)
        g.limit /= 2; /* its tree is in memory as well, as large as the text twice over */
    if (form == READ_JSONL) {
        going = feed_json(&g);
    } else if (form == READ_CSV || form == READ_TSV) {
        read_table t = {.separator = form == READ_CSV ? ',' : '\t'};
        going = feed_rows(&g, &t);
        read_table_free(&t);
    } else {
        going = feed_whole(&g, form);
    }
    f->invalid_bytes += g.s.decode.invalid_bytes;
    f->raw_bytes += g.s.raw_bytes;
    f->os_error = g.s.os_error;
    record_free(&g.rec);
    source_free(&g.s);
    return going;
}
