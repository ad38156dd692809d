/* SPDX-License-Identifier: MIT
 * Keys take the place of document numbers in the answers, so that a merge changes nothing; scores
 * count, and a merge that drops deleted documents may change those. */
#include "support/probe.h"

#include <stdio.h>
#include <string.h>

#include "api/index.h"
#include "base/hash.h"
#include "base/mem.h"

enum { TEXT_ROOM = 400 };

quire_schema *probe_schema(void)
{
    static const struct {
        const char *name;
        quire_field_type type;
    } fields[] = {{"id", QUIRE_KEYWORD},  {"title", QUIRE_TEXT}, {"body", QUIRE_TEXT},
                  {"tag", QUIRE_KEYWORD}, {"n", QUIRE_NUMBER},   {"day", QUIRE_DATE}};
    quire_schema *schema;
    if (quire_schema_new(&schema, false, NULL) != QUIRE_OK)
        return NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        quire_field field = QUIRE_FIELD_INIT;
        field.name = fields[i].name;
        field.type = fields[i].type;
        field.key = i == 0;
        field.stored = field.searched = field.exact = field.type == QUIRE_TEXT;
        field.weight = i == 1 ? 2 : 0;
        if (field.type == QUIRE_TEXT)
            strcpy(field.analyzer.language, "english");
        if (quire_schema_add(schema, &field, NULL) != QUIRE_OK) {
            quire_schema_free(schema);
            return NULL;
        }
    }
    return schema;
}

/* ---- Writing ---- */

static uint32_t step(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static size_t write_text(char *out, uint64_t *state, uint32_t words)
{
    static const char *const vocabulary[] = {
        "tide",    "tides",   "moon",     "pulls",  "the",         "sea",   "and",
        "sailors", "sail",    "ships",    "ship",   "Caf\xC3\xA9", "light", "lights",
        "house",   "harbour", "harbours", "storm",  "storms",      "rope",  "knots",
        "knot",    "anchor",  "compass",  "charts", "chart",       "coast"};
    size_t len = 0;
    for (uint32_t i = 0; i < words; i++) {
        uint32_t limit = 1 + step(state) % (sizeof vocabulary / sizeof *vocabulary);
        len += (size_t)snprintf(out + len, TEXT_ROOM - len, "%s%s", i == 0 ? "" : " ",
                                vocabulary[step(state) % limit]);
    }
    return len;
}

quire_status probe_add(quire_writer *writer, uint32_t doc, uint32_t version, quire_error *err)
{
    char id[16], title[TEXT_ROOM], body[TEXT_ROOM], day[16];
    static const char *const tags[] = {"sea", "land", "air"};
    uint64_t state = doc * 1000u + version;
    quire_value values[6] = {{.field = "id"}};
    size_t count = 1;
    values[0].text = (quire_str){id, (size_t)snprintf(id, sizeof id, "doc-%u", doc)};
    values[count++] = (quire_value){"title", {title, write_text(title, &state, 1 + doc % 4)}, 0};
    values[count++] = (quire_value){"body", {body, write_text(body, &state, 3 + doc % 30)}, 0};
    if (doc % 4 != 3)
        values[count++] = (quire_value){"tag", quire_cstr(tags[doc % 3]), 0};
    values[count++] = (quire_value){"n", {NULL, 0}, (int64_t)(step(&state) % 90) - 30};
    if (doc % 5 != 2) {
        snprintf(day, sizeof day, "2024-%02u-%02u", 1 + doc % 12, 1 + version % 28);
        values[count++] = (quire_value){"day", quire_cstr(day), 0};
    }
    return quire_writer_add(writer, values, count, NULL, err);
}

quire_status probe_delete(quire_writer *writer, uint32_t doc, quire_error *err)
{
    char id[16];
    size_t len = (size_t)snprintf(id, sizeof id, "doc-%u", doc);
    return quire_writer_delete(writer, (quire_str){id, len}, err);
}

static quire_status fill(quire_writer *writer, quire_error *err)
{
    for (uint32_t doc = 0; doc < 24; doc++)
        QI_TRY(probe_add(writer, doc, 1, err));
    QI_TRY(quire_writer_commit(writer, quire_cstr("first"), false, err));
    for (uint32_t doc = 20; doc < 34; doc++)
        QI_TRY(probe_add(writer, doc, 2, err));
    QI_TRY(probe_delete(writer, 3, err));
    QI_TRY(quire_writer_commit(writer, quire_cstr(""), false, err));
    for (uint32_t doc = 34; doc < 40; doc++)
        QI_TRY(probe_add(writer, doc, 3, err));
    QI_TRY(probe_delete(writer, 25, err));
    QI_TRY(probe_delete(writer, 7, err));
    return quire_writer_commit(writer, quire_cstr("third, with a payload"), false, err);
}

quire_status probe_fill(quire_index *index, quire_error *err)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    quire_writer *writer;
    options.no_auto_merge = true;
    QI_TRY(quire_writer_open(&writer, index, &options, err));
    quire_status status = fill(writer, err);
    quire_writer_close(writer);
    return status;
}

quire_status probe_open(quire_index **out, qi_dir *dir, bool read_only, quire_error *err)
{
    quire_index *index = qi_mem_new(1, sizeof *index);
    *out = NULL;
    quire_status status =
        index == NULL ? qi_no_memory(err) : qi_reader_init(&index->reader, dir, err);
    if (status != QUIRE_OK) {
        qi_mem_free(index);
        qi_dir_free(dir);
        return status;
    }
    index->refs = 1;
    index->dir = dir;
    index->read_only = read_only;
    index->reader.pin = !read_only;
    *out = index;
    return QUIRE_OK;
}

/* ---- Asking ---- */

typedef struct probe {
    quire_index *index;
    quire_snapshot *snapshot;
    uint64_t digest;
    quire_error *err;
} probe;

static void mix(probe *p, const void *bytes, size_t len)
{
    uint64_t both[] = {p->digest, len == 0 ? 1 : qi_hash(bytes, len)};
    p->digest = qi_hash(both, sizeof both);
}

static void mix_number(probe *p, uint64_t number)
{
    mix(p, &number, sizeof number);
}

static quire_status mix_document(probe *p, quire_doc doc, bool whole)
{
    const quire_document *document;
    QI_TRY(quire_document_open(&document, p->snapshot, doc, p->err));
    for (size_t i = 0; i < (whole ? document->count : document->count != 0); i++) {
        mix(p, document->values[i].field, strlen(document->values[i].field));
        mix(p, document->values[i].text.ptr, document->values[i].text.len);
        mix_number(p, (uint64_t)document->values[i].number);
    }
    quire_document_free(document);
    return QUIRE_OK;
}

static quire_status mix_hits(probe *p, const quire_query *query,
                             const quire_search_options *options)
{
    const quire_hits *hits;
    QI_TRY(quire_search(&hits, p->snapshot, query, options, p->err));
    mix_number(p, hits->total);
    quire_status status = QUIRE_OK;
    for (size_t i = 0; i < hits->count && status == QUIRE_OK; i++) {
        mix(p, &hits->items[i].score, sizeof hits->items[i].score);
        status = mix_document(p, hits->items[i].doc, i == 0);
    }
    quire_hits_free(hits);
    return status;
}

static quire_status search_text(probe *p, const char *text, const quire_search_options *options)
{
    quire_query *query;
    QI_TRY(quire_query_parse(&query, p->index, quire_cstr(text), NULL, p->err));
    quire_str canonical = quire_query_describe(query)->canonical;
    mix(p, canonical.ptr, canonical.len);
    /* Every text that is asked here says something. */
    quire_status status = canonical.len == 0 ? QUIRE_ERR_MEMORY : mix_hits(p, query, options);
    quire_query_free(query);
    return status;
}

static quire_status search_built(probe *p)
{
    quire_query *parts[3] = {NULL}, *all = NULL;
    quire_str open = {NULL, 0};
    quire_status status =
        quire_query_phrase(&parts[0], p->index, "body", quire_cstr("tide moon"), 2, p->err);
    if (status == QUIRE_OK)
        status = quire_query_prefix(&parts[1], p->index, NULL, quire_cstr("sai"), p->err);
    if (status == QUIRE_OK)
        status = quire_query_range(&parts[2], p->index, "n", quire_cstr("-10"), open, p->err);
    if (status == QUIRE_OK)
        status = quire_query_combine(&all, p->index, QUIRE_OR, parts, 3, 2.0f, p->err);
    if (status == QUIRE_OK)
        status = mix_hits(p, all, NULL);
    for (int i = 0; i < 3; i++)
        quire_query_free(parts[i]);
    quire_query_free(all);
    return status;
}

static quire_status snippet_of(probe *p, const quire_query *query, const quire_document *document)
{
    const quire_matches *matches;
    quire_str text;
    QI_TRY(quire_matches_open(&matches, p->index, query, document, p->err));
    for (size_t i = 0; i < matches->count; i++) {
        mix_number(p, matches->items[i].value);
        mix_number(p, matches->items[i].start << 32 | matches->items[i].end);
    }
    quire_status status = quire_matches_snippet(matches, NULL, &text, p->err);
    if (status == QUIRE_OK)
        mix(p, text.ptr, text.len);
    quire_matches_free(matches);
    return status;
}

static quire_status explain(probe *p, const quire_query *query, quire_doc doc)
{
    const quire_explanation *explanation;
    QI_TRY(quire_explain(&explanation, p->snapshot, query, doc, NULL, p->err));
    for (size_t i = 0; i < explanation->count; i++)
        mix(p, &explanation->nodes[i].value, sizeof explanation->nodes[i].value);
    quire_explanation_free(explanation);
    return QUIRE_OK;
}

/* Matches, snippet and explanation of the best document. */
static quire_status show(probe *p, const char *text)
{
    quire_query *query;
    const quire_hits *hits = NULL;
    const quire_document *document = NULL;
    QI_TRY(quire_query_parse(&query, p->index, quire_cstr(text), NULL, p->err));
    quire_status status = quire_search(&hits, p->snapshot, query, NULL, p->err);
    if (status == QUIRE_OK && hits->count != 0) {
        status = quire_document_open(&document, p->snapshot, hits->items[0].doc, p->err);
        if (status == QUIRE_OK)
            status = snippet_of(p, query, document);
        if (status == QUIRE_OK)
            status = explain(p, query, hits->items[0].doc);
    }
    quire_document_free(document);
    quire_hits_free(hits);
    quire_query_free(query);
    return status;
}

static quire_status walk_terms(probe *p, const char *field, const char *prefix, bool exact)
{
    quire_terms *terms;
    quire_term term;
    QI_TRY(quire_terms_open(&terms, p->snapshot, field, quire_cstr(prefix), exact, p->err));
    quire_status status;
    while ((status = quire_terms_next(terms, &term, p->err)) == QUIRE_OK) {
        mix(p, term.text.ptr, term.text.len);
        mix_number(p, term.documents << 32 | term.occurrences);
    }
    quire_terms_close(terms);
    return status == QUIRE_DONE ? QUIRE_OK : status;
}

static quire_status find_key(probe *p, const char *key)
{
    quire_doc doc;
    quire_status status = quire_snapshot_find(p->snapshot, quire_cstr(key), &doc, p->err);
    mix_number(p, (uint64_t)(status == QUIRE_OK));
    if (status == QUIRE_ERR_NOT_FOUND)
        return QUIRE_OK;
    return status == QUIRE_OK ? mix_document(p, doc, true) : status;
}

static quire_status mix_stat(probe *p)
{
    const quire_stat *stat = quire_snapshot_stat(p->snapshot);
    mix_number(p, stat->documents);
    mix(p, stat->payload.ptr, stat->payload.len);
    mix(p, &stat->k1, sizeof stat->k1);
    mix(p, &stat->b, sizeof stat->b);
    return QUIRE_OK;
}

static quire_status ask_more(probe *p, uint32_t question)
{
    quire_search_options by_n = QUIRE_SEARCH_OPTIONS_INIT, by_tag = by_n, all = by_n;
    by_n.sort = "n";
    by_tag.sort = "tag";
    by_tag.descending = by_tag.count = true;
    all.count = true;
    all.limit = 100;
    switch (question) {
    case 0:
        return search_text(p, "ships sea", &by_n);
    case 1:
        return search_text(p, "lights OR coast", &by_tag);
    case 2:
        return search_text(p, "tide OR moon OR sea OR the", &all);
    case 3:
        return search_built(p);
    case 4:
        return show(p, "\"the sea\" harbours sail*");
    case 5:
        return show(p, "caf\xC3\xA9 title:storm");
    case 6:
        return walk_terms(p, "body", "s", false);
    case 7:
        return walk_terms(p, "title", "", true);
    case 8:
        return walk_terms(p, "tag", "", false);
    case 9:
        return find_key(p, "doc-21");
    case 10:
        return find_key(p, "doc-3");
    default:
        return mix_stat(p);
    }
}

quire_status probe_ask(quire_index *index, quire_snapshot *snapshot, uint32_t question,
                       uint64_t *digest, quire_error *err)
{
    static const char *const texts[] = {"tides",
                                        "=tides",
                                        "\"the sea\"",
                                        "sail AND storms",
                                        "ship -moon",
                                        "title:sea",
                                        "\"moon sea\"~3",
                                        "sai*",
                                        "tag:land rope",
                                        "n:[0 TO 20] knots",
                                        "compass^3",
                                        "day:[2024-03-01 TO 2024-08-30] anchor",
                                        "(tide OR moon) AND (sea OR coast)",
                                        "zebra"};
    enum { TEXTS = sizeof texts / sizeof *texts };
    probe p = {index, snapshot, 0, err};
    quire_status status =
        question < TEXTS ? search_text(&p, texts[question], NULL) : ask_more(&p, question - TEXTS);
    *digest = p.digest;
    return status;
}

quire_status probe_ask_all(quire_index *index, uint64_t *digest, quire_error *err)
{
    quire_snapshot *snapshot;
    uint64_t sum = 0, one;
    *digest = 0;
    QI_TRY(quire_snapshot_open(&snapshot, index, err));
    quire_status status = QUIRE_OK;
    for (uint32_t q = 0; q < PROBE_QUESTIONS && status == QUIRE_OK; q++) {
        status = probe_ask(index, snapshot, q, &one, err);
        sum = sum * 31 + one;
    }
    quire_snapshot_close(snapshot);
    *digest = sum;
    return status;
}

quire_status probe_contents(quire_index *index, uint64_t *digest, quire_error *err)
{
    static const char *const words[] = {"tide",   "moon",  "sea",         "the",    "ships",
                                        "=ships", "storm", "\"the sea\"", "tag:air"};
    quire_search_options by_id = QUIRE_SEARCH_OPTIONS_INIT;
    by_id.sort = "id";
    by_id.limit = 1000;
    by_id.count = true;
    probe p = {.index = index, .err = err};
    *digest = 0;
    QI_TRY(quire_snapshot_open(&p.snapshot, index, err));
    quire_status status = mix_stat(&p);
    for (uint32_t doc = 0; doc < 80 && status == QUIRE_OK; doc++) {
        char id[16];
        snprintf(id, sizeof id, "doc-%u", doc);
        status = find_key(&p, id);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words && status == QUIRE_OK; i++)
        status = search_text(&p, words[i], &by_id);
    quire_snapshot_close(p.snapshot);
    *digest = p.digest;
    return status;
}
