/* SPDX-License-Identifier: MIT
 * Lanes are written in the order of the fields: text in flush_text.c, keywords here, where their
 * column turns from numbers of terms to ordinals, which is their rank. */
#include "segment/flush.h"

#include <string.h>

#include "base/mem.h"
#include "codec/stored.h"
#include "segment/flush_text.h"
#include "segment/lane_terms.h"

typedef struct flush {
    const qi_flush_plan *plan;
    const quire_schema *schema;
    qi_build build;
    qi_flush_text *text;
    qi_lane_terms terms; /* of the keywords at hand */
    uint32_t *ranks;     /* of each, for their column */
    int64_t **columns;   /* of all fields but text; those of keywords in ordinals */
} flush;

/* ---- Keywords ---- */

/* The stream of a part's keyword; NULL if none of it fitted memory. */
static const qi_stream *stream_of(const flush *f, uint32_t part, const qi_mem_term *term)
{
    const qi_memindex *index = f->plan->parts.items[part];
    const qi_stream *streams = index->fields[QI_LANE_FIELD(f->terms.lane)].streams.items;
    return term->entry != 0 && streams[term->entry - 1].count != 0 ? &streams[term->entry - 1]
                                                                   : NULL;
}

/* Have the processor fetch what the keywords to come will need, in the order in which one thing
 * leads to the next; `k` is the place of a key. */
static inline __attribute__((always_inline)) void fetch(const flush *f, size_t k)
{
    enum { TERM = 32, ENTRY = 24, STREAM = 16 };
    const qi_lane_terms *t = &f->terms;
    const qi_mem_parts *parts = &f->plan->parts;
    uint32_t field = QI_LANE_FIELD(t->lane);
    size_t end = t->starts[t->count];
    if (k + TERM < end) {
        __builtin_prefetch(qi_lane_terms_at(parts, t, t->keys[k + TERM].term));
        __builtin_prefetch(t->keys[k + TERM].bytes);
    }
    if (k + ENTRY < end) {
        qi_join_chain at = qi_lane_terms_chain(parts, t, k + ENTRY);
        if (at.entry != 0)
            __builtin_prefetch(&parts->items[at.part]->fields[field].streams.items[at.entry - 1]);
    }
    if (k + STREAM < end) {
        qi_join_chain at = qi_lane_terms_chain(parts, t, k + STREAM);
        const qi_memindex *part = parts->items[at.part];
        const qi_stream *streams = part->fields[field].streams.items;
        if (at.entry != 0 && streams[at.entry - 1].count != 0)
            __builtin_prefetch(qi_pool_at(&part->pool, streams[at.entry - 1].head));
    }
}

/* Write a keyword's documents and note its rank. */
static quire_status write_keyword(flush *f, size_t number, quire_error *err)
{
    const qi_lane_terms *t = &f->terms;
    const qi_sort_key *key = &t->keys[t->starts[number]];
    uint32_t part = 0, before = 0;
    for (size_t k = t->starts[number]; k < t->starts[number + 1]; k++) {
        uint32_t term = t->keys[k].term;
        for (; term >= t->bases[part + 1]; part++)
            before += f->plan->parts.items[part]->doc_count;
        const qi_stream *stream = stream_of(f, part, qi_lane_terms_at(&f->plan->parts, t, term));
        qi_stream_reader reader;
        f->ranks[term] = (uint32_t)f->build.dict.count;
        if (stream == NULL)
            continue;
        qi_stream_open(&reader, &f->plan->parts.items[part]->pool, stream);
        for (uint32_t doc; qi_stream_next(&reader, &doc);)
            qi_build_doc(&f->build, before + doc);
    }
    if (!qi_build_pending(&f->build))
        return QUIRE_OK;
    return qi_build_term(&f->build, (quire_str){(const char *)key->bytes, key->len}, 0, err);
}

static quire_status write_keywords(flush *f, uint32_t field, quire_error *err)
{
    const qi_lane_terms *t = &f->terms;
    QI_TRY(qi_lane_terms_list(&f->terms, &f->plan->parts, QI_LANE(field, false), err));
    qi_lane_terms_sort(&f->terms, &f->plan->parts);
    qi_mem_free(f->ranks);
    f->ranks = qi_mem_new(t->starts[t->count], sizeof *f->ranks);
    if (f->ranks == NULL)
        return qi_no_memory(err);
    qi_build_lane(&f->build, t->lane);
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = t->starts[i]; k < t->starts[i + 1]; k++)
            fetch(f, k);
        QI_TRY(write_keyword(f, i, err));
    }
    return qi_build_lane_end(&f->build, err);
}

/* ---- Columns, and lists of all fields ---- */

/* The column of a field, of all parts; a keyword's after its terms were ranked. */
static quire_status join_column(flush *f, uint32_t field, quire_error *err)
{
    bool keyword = f->schema->fields.items[field].type == QUIRE_KEYWORD;
    int64_t *to = f->columns[field] = qi_mem_new(f->build.doc_count, sizeof *to);
    if (to == NULL)
        return qi_no_memory(err);
    for (size_t p = 0; p < f->plan->parts.count; p++) {
        const qi_memindex *part = f->plan->parts.items[p];
        const int64_t *values = part->fields[field].values.items;
        for (uint32_t doc = 0; doc < part->doc_count; doc++)
            *to++ = !keyword || values[doc] == INT64_MIN
                        ? values[doc]
                        : (int64_t)f->ranks[f->terms.bases[p] + (size_t)values[doc]];
    }
    return QUIRE_OK;
}

static quire_status write_lists(flush *f, quire_error *err)
{
    QI_TRY(qi_build_lists(&f->build, err));
    for (uint32_t n = 0; n < f->schema->fields.count; n++) {
        const quire_field *field = &f->schema->fields.items[n];
        if (field->type == QUIRE_TEXT) {
            if (qi_field_has_terms(field))
                QI_TRY(qi_flush_text_field(f->text, n, err));
            continue;
        }
        if (qi_field_has_terms(field))
            QI_TRY(write_keywords(f, n, err));
        QI_TRY(join_column(f, n, err));
        qi_lane_terms_free(&f->terms);
    }
    return qi_build_dictionaries(&f->build, err);
}

/* ---- The whole ---- */

/* Starts and norms of a text field. */
static void fill_field(flush *f, size_t n)
{
    qi_build_field *to = &f->build.fields[n];
    uint32_t doc = 0, words = 0;
    for (size_t p = 0; p < f->plan->parts.count; p++) {
        const qi_memindex *part = f->plan->parts.items[p];
        const qi_mem_field *from = &part->fields[n];
        for (uint32_t i = 0; i < part->doc_count; i++)
            to->starts[doc + i] = words + from->starts.items[i];
        if (part->doc_count != 0)
            memcpy(to->norms + doc, from->norms.items, part->doc_count);
        doc += part->doc_count;
        words += from->next_word;
        to->length_sum += from->length_sum;
        to->documents += from->documents;
    }
    to->starts[doc] = words;
}

static quire_str record_of(const qi_memindex *index, uint32_t doc)
{
    uint64_t start = doc == 0 ? 0 : index->record_ends.items[doc - 1];
    const uint8_t *bytes = index->records.bytes;
    return (quire_str){(const char *)(bytes == NULL ? NULL : bytes + start),
                       (size_t)(index->record_ends.items[doc] - start)};
}

static quire_status write_records(flush *f, quire_error *err)
{
    qi_records_writer records;
    quire_status status = qi_records_begin(&records, &f->build.file, err);
    if (status == QUIRE_OK)
        status = qi_records_dictionary(&records, f->plan->dictionary, err);
    for (size_t p = 0; p < f->plan->parts.count; p++) {
        const qi_memindex *part = f->plan->parts.items[p];
        for (uint32_t doc = 0; doc < part->doc_count && status == QUIRE_OK; doc++)
            status = qi_records_add(&records, record_of(part, doc), err);
    }
    if (status == QUIRE_OK)
        status = qi_records_end(&records, &f->build.stat, err);
    qi_records_free(&records);
    return status;
}

static quire_status write_all(flush *f, quire_error *err)
{
    f->columns = qi_mem_new(f->schema->fields.count, sizeof *f->columns);
    if (f->columns == NULL)
        return qi_no_memory(err);
    QI_TRY(qi_flush_text_new(&f->text, &f->plan->parts, f->plan->threads, &f->build, err));
    for (size_t n = 0; n < f->schema->fields.count; n++)
        if (f->build.fields[n].starts != NULL)
            fill_field(f, n);
    QI_TRY(qi_build_fields(&f->build, err));
    QI_TRY(write_records(f, err));
    QI_TRY(write_lists(f, err));
    for (uint32_t n = 0; n < f->schema->fields.count; n++)
        if (f->columns[n] != NULL)
            QI_TRY(qi_build_column(&f->build, n, f->columns[n], err));
    return QUIRE_OK;
}

static void release(flush *f)
{
    for (size_t n = 0; f->columns != NULL && n < f->schema->fields.count; n++)
        qi_mem_free(f->columns[n]);
    qi_mem_free(f->columns);
    qi_flush_text_free(f->text);
    qi_lane_terms_free(&f->terms);
    qi_mem_free(f->ranks);
    qi_build_close(&f->build);
}

quire_status qi_flush_parts(const qi_flush_plan *plan, qi_dir *dir, qi_file_id *id,
                            quire_error *err)
{
    uint32_t docs = 0;
    flush f = {.plan = plan, .schema = plan->parts.items[0]->schema};
    for (size_t p = 0; p < plan->parts.count; p++)
        docs += plan->parts.items[p]->doc_count;
    QI_TRY(qi_build_open(&f.build, dir, id, f.schema, docs, err));
    quire_status status = write_all(&f, err);
    if (status == QUIRE_OK)
        status = qi_build_finish(&f.build, id, err);
    release(&f);
    return status;
}

quire_status qi_flush(const qi_memindex *index, qi_dir *dir, qi_file_id *id, quire_str dictionary,
                      quire_error *err)
{
    qi_flush_plan plan = {.parts = {&index, 1}, .dictionary = dictionary};
    return qi_flush_parts(&plan, dir, id, err);
}
