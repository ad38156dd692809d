/* SPDX-License-Identifier: MIT
 * Results. What documents hold is not to be trusted with a terminal or a line-based form, so
 * control characters in it are blanked; colours are put in afterwards in the place of markers that
 * no text can have, because they are such characters themselves. */
#include "show.h"

#include "fields.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OPEN "\x01"
#define CLOSE "\x02"

static bool has_value(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

static bool may_colour(const settings *s, bool terminal)
{
    const char *when = settings_text(s, OPT_COLOR, "auto"), *kind = getenv("TERM");
    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return terminal && !has_value("NO_COLOR") && (kind == NULL || strcmp(kind, "dumb") != 0);
}

void show_choose(show *w)
{
    static const struct {
        option_id id;
        show_form form;
    } forms[] = {{OPT_JSON, SHOW_JSON},
                 {OPT_TREC, SHOW_TREC},
                 {OPT_FORMAT, SHOW_FORMAT},
                 {OPT_PATHS, SHOW_PATHS},
                 {OPT_PRETTY, SHOW_PRETTY}};
    bool terminal = isatty(1);
    w->colour = may_colour(w->s, terminal);
    w->end = settings_has(w->s, OPT_NULL) ? '\0' : '\n';
    w->form = terminal ? SHOW_PRETTY : SHOW_PLAIN;
    for (size_t i = sizeof forms / sizeof *forms; i > 0; i--)
        if (settings_has(w->s, forms[i - 1].id))
            w->form = forms[i - 1].form;
}

void show_clean(quire_str text, bytes *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned char next = i + 1 < text.len ? (unsigned char)text.ptr[i + 1] : 0;
        if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
            bytes_put(out, ' ');
            i++;
        } else {
            bytes_put(out, c < 0x20 || c == 0x7F ? ' ' : (char)c);
        }
    }
}

void show_trec_id(quire_str id, bytes *out)
{
    for (size_t i = 0; i < id.len; i++)
        bytes_put(out, (unsigned char)id.ptr[i] <= ' ' ? '_' : id.ptr[i]);
}

static void add_date(int64_t seconds, bytes *out)
{
    time_t t = (time_t)seconds;
    struct tm parts;
    char text[64];
    if (gmtime_r(&t, &parts) == NULL)
        return;
    size_t n = strftime(text, sizeof text, seconds % 86400 == 0 ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%SZ",
                        &parts);
    for (size_t i = n; parts.tm_year + 1900 < 1000 && i < n + 1; i++)
        bytes_text(out, parts.tm_year + 1900 < 100 ? "00" : "0");
    bytes_add(out, text, n);
}

void show_value(const quire_schema *schema, const quire_value *value, bytes *out)
{
    const quire_field *field = fields_named(schema, value->field);
    if (field != NULL && field->type == QUIRE_DATE)
        add_date(value->number, out);
    else if (field != NULL && field->type == QUIRE_NUMBER)
        bytes_printf(out, "%lld", (long long)value->number);
    else
        bytes_view(out, value->text);
}

static void json_value(const quire_schema *schema, const quire_value *value, bytes *out)
{
    const quire_field *field = fields_named(schema, value->field);
    bytes text = {0};
    show_value(schema, value, &text);
    bool raw =
        (field != NULL && field->type == QUIRE_NUMBER) || strcmp(value->field, FIELD_META) == 0;
    if (raw)
        bytes_view(out, bytes_str(&text));
    else
        json_string(out, bytes_str(&text));
    bytes_free(&text);
}

void show_json_values(const quire_schema *schema, const quire_document *document, bool whole,
                      bytes *out)
{
    for (size_t i = 0, n; i < document->count; i += n) {
        const quire_value *v = &document->values[i];
        n = 1;
        while (i + n < document->count && strcmp(document->values[i + n].field, v->field) == 0)
            n++;
        if (!whole && strcmp(v->field, "body") == 0)
            continue;
        json_name(out, v->field);
        if (n > 1)
            bytes_put(out, '[');
        for (size_t k = 0; k < n; k++) {
            if (k > 0)
                bytes_put(out, ',');
            json_value(schema, &v[k], out);
        }
        if (n > 1)
            bytes_put(out, ']');
    }
}

/* What printing one hit needs. */
typedef struct hit_view {
    show *w;
    size_t rank;
    const quire_hit *hit;
    const quire_schema *schema;
    const quire_document *document;
    const quire_matches *matches;
} hit_view;

static void field_text(const hit_view *v, const char *field, bytes *out)
{
    const quire_value *value = quire_document_value(v->document, field);
    if (value != NULL)
        show_value(v->schema, value, out);
}

/* The passage with matches between OPEN and CLOSE, on one line; empty if none is wanted. */
static quire_status snippet(hit_view *v, bytes *out, quire_error *err)
{
    quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
    quire_str text;
    options.max_bytes = (size_t)settings_number(v->w->s, OPT_SNIPPET, 240);
    options.open = OPEN;
    options.close = CLOSE;
    if (options.max_bytes == 0)
        return QUIRE_OK;
    quire_status status = QUIRE_OK;
    if (v->matches == NULL)
        status = quire_matches_open(&v->matches, v->w->index, v->w->query, v->document, err);
    if (status == QUIRE_OK)
        status = quire_matches_snippet(v->matches, &options, &text, err);
    while (status == QUIRE_OK && text.len > 0) {
        size_t n = 0;
        while (n < text.len && text.ptr[n] != OPEN[0] && text.ptr[n] != CLOSE[0])
            n++;
        show_clean(str_slice(text, 0, n), out);
        if (n < text.len)
            bytes_put(out, text.ptr[n]);
        text = str_slice(text, n + 1, text.len);
    }
    return status;
}

/* Replaces the markers: by colours, by asterisks, or by nothing. */
static void add_marked(const bytes *text, const char *open, const char *close, bytes *out)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] == OPEN[0])
            bytes_text(out, open);
        else if (text->ptr[i] == CLOSE[0])
            bytes_text(out, close);
        else
            bytes_put(out, text->ptr[i]);
    }
}

/* Where a person would look for the document: its file, its address, or its id. */
static void add_place(const hit_view *v, bytes *out)
{
    static const char *const fields[] = {FIELD_PATH, "url", "id"};
    bytes text = {0};
    for (int i = 0; i < 3 && text.len == 0; i++)
        field_text(v, fields[i], &text);
    show_clean(bytes_str(&text), out);
    bytes_free(&text);
}

static void add_styled(const show *w, const char *style, const bytes *text, bytes *out)
{
    if (w->colour)
        bytes_printf(out, "\x1b[%sm", style);
    show_clean(bytes_str(text), out);
    if (w->colour)
        bytes_text(out, "\x1b[0m");
}

static quire_status print_pretty(hit_view *v, bytes *out, quire_error *err)
{
    const show *w = v->w;
    bytes title = {0}, place = {0}, date = {0}, text = {0};
    field_text(v, "title", &title);
    field_text(v, "date", &date);
    add_place(v, &place);
    if (title.len == 0)
        bytes_view(&title, bytes_str(&place));
    bytes_printf(out, "%2zu. ", v->rank);
    add_styled(w, "1", &title, out);
    bytes_text(out, "\n    ");
    if (date.len > 0)
        bytes_printf(&place, "  %s", bytes_cstr(&date));
    if (settings_text(w->s, OPT_SORT, NULL) == NULL)
        bytes_printf(&place, "  %.2f", (double)v->hit->score);
    add_styled(w, "2", &place, out);
    quire_status status = snippet(v, &text, err);
    if (text.len > 0) {
        bytes_text(out, "\n    ");
        add_marked(&text, w->colour ? "\x1b[1;31m" : "*", w->colour ? "\x1b[0m" : "*", out);
    }
    bytes_text(out, "\n");
    bytes_free(&title);
    bytes_free(&place);
    bytes_free(&date);
    bytes_free(&text);
    return status;
}

static void print_plain(const hit_view *v, bytes *out)
{
    static const char *const fields[] = {"id", "date", "title"};
    bytes_printf(out, "%zu\t%.4f", v->rank, (double)v->hit->score);
    for (int i = 0; i < 3; i++) {
        bytes text = {0};
        field_text(v, fields[i], &text);
        bytes_put(out, '\t');
        show_clean(bytes_str(&text), out);
        bytes_free(&text);
    }
}

/* The number of matches[i].value among the values of its field. */
static void add_matches(const hit_view *v, bytes *out)
{
    json_name(out, "matches");
    bytes_put(out, '[');
    for (size_t i = 0; i < v->matches->count; i++) {
        const quire_match *m = &v->matches->items[i];
        const quire_value *values = v->document->values;
        size_t nth = 0;
        while (nth < m->value &&
               strcmp(values[m->value - nth - 1].field, values[m->value].field) == 0)
            nth++;
        bytes_text(out, i > 0 ? ",{" : "{");
        json_text(out, "field", quire_cstr(values[m->value].field));
        if (nth > 0)
            json_whole(out, "value", (int64_t)nth);
        json_whole(out, "start", (int64_t)m->start);
        json_whole(out, "end", (int64_t)m->end);
        json_close(out);
    }
    bytes_put(out, ']');
}

/* The snippet, and the byte ranges of the matches in it. */
static void add_snippet(const bytes *marked, bytes *out)
{
    bytes text = {0}, marks = {0};
    for (size_t i = 0; i < marked->len; i++) {
        if (marked->ptr[i] == OPEN[0])
            bytes_printf(&marks, "%s[%zu,", marks.len > 0 ? "," : "", text.len);
        else if (marked->ptr[i] == CLOSE[0])
            bytes_printf(&marks, "%zu]", text.len);
        else
            bytes_put(&text, marked->ptr[i]);
    }
    json_text(out, "snippet", bytes_str(&text));
    json_name(out, "marks");
    bytes_printf(out, "[%s]", bytes_cstr(&marks));
    bytes_free(&text);
    bytes_free(&marks);
}

static quire_status print_json(hit_view *v, bytes *out, quire_error *err)
{
    bytes text = {0};
    quire_status status =
        quire_matches_open(&v->matches, v->w->index, v->w->query, v->document, err);
    if (status == QUIRE_OK)
        status = snippet(v, &text, err);
    if (status == QUIRE_OK) {
        json_open(out);
        json_whole(out, "form", JSON_FORM);
        json_text(out, "type", quire_cstr("hit"));
        json_whole(out, "rank", (int64_t)v->rank);
        json_real(out, "score", (double)v->hit->score);
        json_name(out, "fields");
        json_open(out);
        show_json_values(v->schema, v->document, false, out);
        json_close(out);
        add_snippet(&text, out);
        add_matches(v, out);
        json_close(out);
    }
    bytes_free(&text);
    return status;
}

static quire_status fill_in(hit_view *v, quire_str name, bytes *out, quire_error *err)
{
    bytes text = {0}, field = {0};
    quire_status status = QUIRE_OK;
    if (str_equal(name, "rank")) {
        bytes_printf(out, "%zu", v->rank);
    } else if (str_equal(name, "score")) {
        bytes_printf(out, "%.6g", (double)v->hit->score);
    } else if (str_equal(name, "snippet")) {
        status = snippet(v, &text, err);
        add_marked(&text, v->w->colour ? "\x1b[1;31m" : "", v->w->colour ? "\x1b[0m" : "", out);
    } else {
        bytes_view(&field, name);
        field_text(v, bytes_cstr(&field), &text);
        show_clean(bytes_str(&text), out);
    }
    bytes_free(&field);
    bytes_free(&text);
    return status;
}

static quire_status print_format(hit_view *v, bytes *out, quire_error *err)
{
    const char *p = settings_text(v->w->s, OPT_FORMAT, "");
    quire_status status = QUIRE_OK;
    for (; *p != '\0' && status == QUIRE_OK; p++) {
        const char *close = *p == '{' ? strchr(p, '}') : NULL;
        if (close != NULL) {
            status = fill_in(v, (quire_str){p + 1, (size_t)(close - p - 1)}, out, err);
            p = close;
        } else if (*p == '\\' && p[1] != '\0') {
            p++;
            bytes_put(out, *p == 't' ? '\t' : *p == 'n' ? '\n' : *p == '0' ? '\0' : *p);
        } else {
            bytes_put(out, *p);
        }
    }
    return status;
}

static void print_trec(const hit_view *v, bytes *out)
{
    bytes id = {0};
    field_text(v, "id", &id);
    bytes_text(out, "1 Q0 ");
    show_trec_id(bytes_str(&id), out);
    bytes_printf(out, " %zu %.9g %s", v->rank, (double)v->hit->score,
                 settings_text(v->w->s, OPT_TREC, "quire"));
    bytes_free(&id);
}

static bool print_path(const hit_view *v, bytes *out)
{
    bytes place = {0};
    field_text(v, FIELD_PATH, &place);
    if (place.len == 0)
        field_text(v, "id", &place);
    bool again = idset_has(&v->w->shown, bytes_str(&place));
    idset_add(&v->w->shown, bytes_str(&place));
    bytes_view(out, bytes_str(&place));
    bytes_free(&place);
    return !again;
}

/* Appends the hit to `out` in the form asked for; false in *print if it is not to be shown. */
static quire_status format_hit(hit_view *v, bytes *out, bool *print, quire_error *err)
{
    switch (v->w->form) {
    case SHOW_PRETTY:
        return print_pretty(v, out, err);
    case SHOW_JSON:
        return print_json(v, out, err);
    case SHOW_FORMAT:
        return print_format(v, out, err);
    case SHOW_TREC:
        print_trec(v, out);
        return QUIRE_OK;
    case SHOW_PATHS:
        *print = print_path(v, out);
        return QUIRE_OK;
    default:
        print_plain(v, out);
        return QUIRE_OK;
    }
}

quire_status show_hit(show *w, size_t rank, const quire_hit *hit, quire_error *err)
{
    hit_view v = {.w = w, .rank = rank, .hit = hit, .schema = quire_index_schema(w->index)};
    bytes line = {0};
    bool print = true;
    quire_status status = quire_document_open(&v.document, w->snapshot, hit->doc, err);
    if (status == QUIRE_OK)
        status = format_hit(&v, &line, &print, err);
    if (status == QUIRE_OK && print) {
        bytes_put(&line, w->end);
        fwrite(line.ptr, 1, line.len, stdout);
    }
    bytes_free(&line);
    quire_matches_free(v.matches);
    quire_document_free(v.document);
    return status;
}

static void json_notes(const quire_query *query, bytes *out)
{
    const quire_query_info *info = quire_query_describe(query);
    json_text(out, "query", info->canonical);
    json_name(out, "notes");
    bytes_put(out, '[');
    for (size_t i = 0; i < info->note_count; i++) {
        const quire_note *note = &info->notes[i];
        bytes_text(out, i > 0 ? ",{" : "{");
        json_text(out, "code", quire_cstr(note->code));
        json_whole(out, "start", (int64_t)note->start);
        json_whole(out, "end", (int64_t)note->end);
        json_text(out, "text", quire_cstr(note->text));
        json_close(out);
    }
    bytes_put(out, ']');
}

void show_summary(const show *w, const quire_hits *hits)
{
    bytes line = {0};
    if (w->form == SHOW_JSON) {
        json_open(&line);
        json_whole(&line, "form", JSON_FORM);
        json_text(&line, "type", quire_cstr("summary"));
        json_whole(&line, "total", (int64_t)hits->total);
        json_bool(&line, "exact", hits->exact);
        json_bool(&line, "partial", hits->partial);
        json_bool(&line, "relaxed", hits->relaxed);
        json_notes(w->query, &line);
        json_close(&line);
        bytes_put(&line, w->end);
    } else if (w->form == SHOW_PRETTY) {
        bytes_printf(&line, "%s%llu %s%s%s\n", hits->exact ? "" : "at least ",
                     (unsigned long long)hits->total, hits->total == 1 ? "document" : "documents",
                     hits->relaxed ? "; those with all the words come first" : "",
                     hits->partial ? "; stopped by --timeout" : "");
    }
    fwrite(bytes_cstr(&line), 1, line.len, stdout);
    bytes_free(&line);
}

void show_free(show *w)
{
    idset_free(&w->shown);
}
