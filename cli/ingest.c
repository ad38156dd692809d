/* SPDX-License-Identifier: MIT
 * A record becomes a document: values whose names are fields go there in the field's form, all
 * others go as JSON into the stored field meta, so that nothing that a file says is lost. */
#include "ingest.h"

#include "date.h"
#include "fields.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_KEYWORD = 255 };

/* A document being made: values, and memory that they point into. */
typedef struct making {
    ingest *in;
    quire_value *values;
    size_t count, cap;
    bytes meta, id, body;
    char date[8][DATE_LEN];
    size_t dates;
} making;

static void push(making *m, const char *field, quire_str text, int64_t number)
{
    if (m->count == m->cap) {
        m->cap = m->cap == 0 ? 32 : m->cap * 2;
        m->values = memory_resize(m->values, m->cap, sizeof *m->values);
    }
    m->values[m->count++] = (quire_value){field, text, number};
}

static bool is_set(const making *m, const char *field)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->values[i].field, field) == 0)
            return true;
    return false;
}

static void add_json_value(making *m, const record_value *v)
{
    quire_str text = {v->text, v->len};
    if (v->json)
        bytes_view(&m->meta, text);
    else
        json_string(&m->meta, text);
}

/* The `n` values from `v` on, which have one name, as a member of meta. */
static void add_meta(making *m, const record_value *v, size_t n)
{
    if (m->meta.len == 0)
        json_open(&m->meta);
    json_name(&m->meta, v->name);
    if (n > 1)
        bytes_put(&m->meta, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            bytes_put(&m->meta, ',');
        add_json_value(m, &v[i]);
    }
    if (n > 1)
        bytes_put(&m->meta, ']');
}

/* A date in the form that the library reads; false if it is none, or one too many. */
static bool add_date(making *m, const char *field, quire_str text)
{
    if (m->dates == sizeof m->date / sizeof *m->date || !date_iso(text, m->date[m->dates]))
        return false;
    push(m, field, quire_cstr(m->date[m->dates++]), 0);
    return true;
}

static bool is_reserved(const char *name)
{
    return strcmp(name, FIELD_PATH) == 0 || strcmp(name, FIELD_MTIME) == 0 ||
           strcmp(name, FIELD_SIZE) == 0 || strcmp(name, FIELD_META) == 0 ||
           strcmp(name, "id") == 0;
}

/* Adds one value to its field; false if it must go to meta. */
static bool add_to_field(making *m, const quire_field *field, const record_value *v)
{
    quire_str text = {v->text, v->len};
    if (field->type == QUIRE_TEXT) {
        push(m, field->name, text, 0);
        return true;
    }
    if (is_set(m, field->name))
        return false;
    if (field->type == QUIRE_DATE) {
        bool ok = add_date(m, field->name, text);
        m->in->dates_unread += !ok;
        return ok;
    }
    if (field->type == QUIRE_KEYWORD && text.len > LONGEST_KEYWORD)
        return false;
    push(m, field->name, text, 0);
    return true;
}

static size_t same_name(const record *rec, size_t i)
{
    size_t n = 1;
    while (i + n < rec->count && strcmp(rec->values[i].name, rec->values[i + n].name) == 0)
        n++;
    return n;
}

static void add_values(making *m, const record *rec)
{
    for (size_t i = 0, n; i < rec->count; i += n) {
        const record_value *v = &rec->values[i];
        const quire_field *field = fields_named(m->in->schema, v->name);
        n = same_name(rec, i);
        if (strcmp(v->name, "id") == 0 || (m->in->flat && strcmp(v->name, "body") == 0))
            continue;
        if (field == NULL || is_reserved(v->name)) {
            add_meta(m, v, n);
            continue;
        }
        for (size_t k = 0; k < n; k++)
            if (!add_to_field(m, field, &v[k]))
                add_meta(m, &v[k], 1);
    }
}

/* Title and body as one text. */
static void add_flat_body(making *m, const record *rec)
{
    bytes_view(&m->body, record_find(rec, "title"));
    quire_str body = record_find(rec, "body");
    if (m->body.len > 0 && body.len > 0)
        bytes_put(&m->body, '\n');
    bytes_view(&m->body, body);
    push(m, "body", bytes_str(&m->body), 0);
}

static quire_status add_id(making *m, const record *rec, uint64_t line, quire_error *err)
{
    const ingest *in = m->in;
    quire_str given = line > 0 ? record_find(rec, "id") : (quire_str){NULL, 0};
    if (given.len > 0)
        bytes_view(&m->id, given);
    else if (line > 0)
        bytes_printf(&m->id, "%s:%llu", in->name == NULL ? "-" : in->name,
                     (unsigned long long)line);
    else
        bytes_text(&m->id, in->name);
    if (m->id.len > LONGEST_KEYWORD) {
        *err = (quire_error){.code = QUIRE_ERR_LIMIT};
        snprintf(err->message, sizeof err->message, "its id is longer than %d bytes",
                 LONGEST_KEYWORD);
        return QUIRE_ERR_LIMIT;
    }
    push(m, "id", bytes_str(&m->id), 0);
    return QUIRE_OK;
}

static void add_file(making *m)
{
    static const char *const names[] = {FIELD_MTIME, FIELD_SIZE};
    const ingest *in = m->in;
    int64_t numbers[] = {in->mtime, in->size};
    if (in->name == NULL)
        return;
    if (fields_named(in->schema, FIELD_PATH) != NULL)
        push(m, FIELD_PATH, quire_cstr(in->name), 0);
    for (int i = 0; i < 2; i++)
        if (fields_named(in->schema, names[i]) != NULL)
            push(m, names[i], (quire_str){NULL, 0}, numbers[i]);
}

quire_status ingest_record(ingest *in, const record *rec, uint64_t line, quire_error *err)
{
    making m = {.in = in};
    quire_status status = add_id(&m, rec, line, err);
    if (status == QUIRE_OK) {
        add_values(&m, rec);
        if (in->flat)
            add_flat_body(&m, rec);
        add_file(&m);
        if (m.meta.len > 0)
            json_close(&m.meta);
        if (m.meta.len > 0 && fields_named(in->schema, FIELD_META) != NULL)
            push(&m, FIELD_META, bytes_str(&m.meta), 0);
        status = quire_writer_add(in->writer, m.values, m.count, NULL, err);
    }
    if (status == QUIRE_OK && in->track)
        idset_add(&in->added, bytes_str(&m.id));
    free(m.values);
    bytes_free(&m.meta);
    bytes_free(&m.id);
    bytes_free(&m.body);
    return status;
}

void ingest_free(ingest *in)
{
    idset_free(&in->added);
}
