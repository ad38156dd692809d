/* SPDX-License-Identifier: MIT
 * The index itself remembers which files it was made from: path, mtime and size are fields of every
 * document. All that is asked here is asked of one snapshot with the library's own queries; the ids
 * of a file are walked in their order, each page starting at the last id of the one before. */
#include "refresh.h"

#include "fields.h"

#include <string.h>

enum { PAGE = 1000 };

static quire_status find(const refresh *r, const char *name, const quire_query *query,
                         uint32_t limit, const quire_hits **out, quire_error *err)
{
    quire_query *own = NULL;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.limit = limit;
    options.sort = query == NULL ? NULL : "id";
    quire_status status = QUIRE_OK;
    if (query == NULL)
        status = quire_query_phrase(&own, r->index, FIELD_PATH, quire_cstr(name), 0, err);
    if (status == QUIRE_OK)
        status = quire_search(out, r->snapshot, query == NULL ? own : query, &options, err);
    quire_query_free(own);
    return status;
}

static int64_t number_of(const quire_document *document, const char *field)
{
    const quire_value *value = quire_document_value(document, field);
    return value == NULL ? -1 : value->number;
}

quire_status refresh_look(const refresh *r, const char *name, int64_t mtime, int64_t size,
                          refresh_state *out, quire_error *err)
{
    const quire_hits *hits = NULL;
    const quire_document *document = NULL;
    *out = REFRESH_NEW;
    quire_status status = find(r, name, NULL, 1, &hits, err);
    if (status == QUIRE_OK && hits->count > 0) {
        status = quire_document_open(&document, r->snapshot, hits->items[0].doc, err);
        bool same = status == QUIRE_OK && number_of(document, FIELD_MTIME) == mtime &&
                    number_of(document, FIELD_SIZE) == size;
        *out = same ? REFRESH_SAME : REFRESH_CHANGED;
    }
    quire_document_free(document);
    quire_hits_free(hits);
    return status;
}

/* The file's documents with ids from `low` on. */
static quire_status page_query(const refresh *r, const char *name, quire_str low, quire_query **out,
                               quire_error *err)
{
    quire_query *parts[2] = {NULL, NULL};
    quire_status status =
        quire_query_phrase(&parts[0], r->index, FIELD_PATH, quire_cstr(name), 0, err);
    if (status == QUIRE_OK)
        status = quire_query_range(&parts[1], r->index, "id", low, (quire_str){NULL, 0}, err);
    if (status == QUIRE_OK)
        status = quire_query_combine(out, r->index, QUIRE_FILTER, parts, 2, 0, err);
    quire_query_free(parts[0]);
    quire_query_free(parts[1]);
    return status;
}

/* What refresh_ids tells. */
typedef struct telling {
    const idset *kept;
    quire_status (*each)(void *payload, quire_str id, quire_error *err);
    void *payload;
    bytes last; /* the id told last */
} telling;

static quire_status tell(const refresh *r, telling *t, quire_doc doc, quire_error *err)
{
    const quire_document *document = NULL;
    quire_status status = quire_document_open(&document, r->snapshot, doc, err);
    const quire_value *id = status == QUIRE_OK ? quire_document_value(document, "id") : NULL;
    bool again = id != NULL && t->last.len == id->text.len &&
                 memcmp(bytes_cstr(&t->last), id->text.ptr, id->text.len) == 0;
    if (id != NULL && !again) {
        bytes_clear(&t->last);
        bytes_view(&t->last, id->text);
        if (!idset_has(t->kept, id->text))
            status = t->each(t->payload, id->text, err);
    }
    quire_document_free(document);
    return status;
}

quire_status refresh_ids(const refresh *r, const char *name, const idset *kept,
                         quire_status (*each)(void *payload, quire_str id, quire_error *err),
                         void *payload, quire_error *err)
{
    telling t = {kept, each, payload, {0}};
    quire_status status = QUIRE_OK;
    for (size_t count = PAGE; status == QUIRE_OK && count == PAGE;) {
        quire_query *query = NULL;
        const quire_hits *hits = NULL;
        status = page_query(r, name, bytes_str(&t.last), &query, err);
        if (status == QUIRE_OK)
            status = find(r, name, query, PAGE, &hits, err);
        count = status == QUIRE_OK ? hits->count : 0;
        for (size_t i = 0; status == QUIRE_OK && i < count; i++)
            status = tell(r, &t, hits->items[i].doc, err);
        quire_hits_free(hits);
        quire_query_free(query);
    }
    bytes_free(&t.last);
    return status;
}

/* Terms of deleted documents linger until they are merged away: is one of the file alive? */
static quire_status is_live(const refresh *r, const char *name, bool *out, quire_error *err)
{
    const quire_hits *hits = NULL;
    quire_status status = find(r, name, NULL, 1, &hits, err);
    *out = status == QUIRE_OK && hits->count > 0;
    quire_hits_free(hits);
    return status;
}

quire_status refresh_names(const refresh *r, const char *prefix,
                           quire_status (*each)(void *payload, const char *name, quire_error *err),
                           void *payload, quire_error *err)
{
    quire_terms *terms = NULL;
    quire_term term;
    bytes name = {0};
    quire_status status =
        quire_terms_open(&terms, r->snapshot, FIELD_PATH, quire_cstr(prefix), false, err);
    while (status == QUIRE_OK && (status = quire_terms_next(terms, &term, err)) == QUIRE_OK) {
        bool live;
        bytes_clear(&name);
        bytes_view(&name, term.text);
        status = is_live(r, bytes_cstr(&name), &live, err);
        if (status == QUIRE_OK && live)
            status = each(payload, bytes_cstr(&name), err);
    }
    quire_terms_close(terms);
    bytes_free(&name);
    return status == QUIRE_DONE ? QUIRE_OK : status;
}
