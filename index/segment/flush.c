/* SPDX-License-Identifier: MIT
 * Terms of each lane are sorted by their bytes. A stem's list is joined from the streams of its
 * forms, whose own lists are made on that occasion and wait in memory until their lane comes. A
 * keyword's column turns from numbers of terms to ordinals, which is their rank. */
#include "segment/flush.h"

#include <string.h>

#include "base/mem.h"
#include "codec/stored.h"
#include "segment/build.h"
#include "segment/join.h"
#include "segment/sort.h"

/* An exact form that is a part of one stem. */
typedef struct form_list {
    uint32_t link; /* 0: it has several stems, or none was written yet */
    uint32_t df, cf, first;
    size_t start, len; /* of the list in `lists` */
} form_list;

typedef struct flush {
    const qi_memindex *index;
    qi_build build;
    qi_join join;
    form_list *forms; /* by number, of the field at hand */
    qi_buf lists;
    qi_sort_key *keys;
    uint32_t *ranks;   /* of keyword terms, for their column */
    int64_t **columns; /* of keyword fields, in ordinals */
} flush;

static quire_status sort_lane(flush *f, const qi_mem_lane *lane, quire_error *err)
{
    qi_mem_free(f->keys);
    f->keys = qi_mem_new(lane->terms.count, sizeof *f->keys);
    if (f->keys == NULL)
        return qi_no_memory(err);
    for (size_t i = 0; i < lane->terms.count; i++) {
        const qi_mem_term *term = &lane->terms.items[i];
        f->keys[i] = (qi_sort_key){.bytes = qi_pool_at(&f->index->pool, term->bytes),
                                   .term = (uint32_t)i,
                                   .len = term->len};
    }
    qi_sort_terms(f->keys, lane->terms.count);
    return QUIRE_OK;
}

/* The stream of a keyword; NULL if none of it fitted memory. */
static const qi_stream *stream_of(const qi_memindex *index, uint32_t lane, uint32_t term)
{
    uint32_t entry = index->lanes[lane].terms.items[term].entry;
    const qi_stream *streams = index->fields[QI_LANE_FIELD(lane)].streams.items;
    return entry != 0 && streams[entry - 1].count != 0 ? &streams[entry - 1] : NULL;
}

/* Whether a form's occurrences are all of one entry. */
static bool has_one_stem(const qi_mem_field *field, const qi_mem_term *form)
{
    unsigned used = 0;
    for (uint32_t at = form->entry; at != 0; at = field->entries.items[at - 1].same_form)
        used += field->streams.items[at - 1].count != 0;
    return used == 1;
}

static uint32_t count_docs(const qi_join *join, const qi_join_run *run)
{
    const uint32_t *docs = join->docs.items, *ordinals = join->ordinals.items + run->start;
    uint32_t df = 1;
    for (uint32_t i = 1; i < run->count; i++)
        df += docs[ordinals[i]] != docs[ordinals[i - 1]];
    return df;
}

/* Keep the list of a form of the stem that was joined and is the `link`-th term. */
static void keep_form(flush *f, uint32_t lane, const qi_join_run *run, uint32_t link, uint32_t df)
{
    const qi_mem_field *field = &f->index->fields[QI_LANE_FIELD(lane)];
    uint32_t form = field->entries.items[run->entry].form;
    if (form == 0 || !has_one_stem(field, &f->index->lanes[lane + 1].terms.items[form - 1]))
        return;
    form_list *list = &f->forms[form - 1];
    *list = (form_list){.link = link, .df = df, .cf = run->count, .start = f->lists.len};
    if (run->count == f->join.words.count) {
        list->first = f->join.words.items[0];
        return;
    }
    const uint32_t *ordinals = f->join.ordinals.items + run->start;
    list->first = f->join.words.items[ordinals[0]];
    list->df = count_docs(&f->join, run);
    qi_form_words words = {f->join.words.items, ordinals, run->count};
    if (run->count > 1)
        qi_forms_list(&words, &f->lists);
    list->len = f->lists.len - list->start;
}

static uint32_t df_of(const qi_join *join)
{
    uint32_t df = 1;
    for (size_t i = 1; i < join->docs.count; i++)
        df += join->docs.items[i] != join->docs.items[i - 1];
    return df;
}

static quire_status write_stem(flush *f, uint32_t lane, const qi_sort_key *key, quire_error *err)
{
    QI_TRY(qi_join_term(&f->join, &f->index->lanes[lane].terms.items[key->term], false, err));
    if (f->join.words.count == 0) /* its first occurrence did not fit memory */
        return QUIRE_OK;
    qi_build_words(&f->build, f->join.words.items, f->join.docs.items, f->join.words.count);
    quire_str bytes = {(const char *)key->bytes, key->len};
    QI_TRY(qi_build_term(&f->build, bytes, 0, err));
    if (f->forms == NULL)
        return QUIRE_OK;
    uint32_t link = (uint32_t)f->build.dict.count, df = df_of(&f->join);
    for (size_t r = 0; r < f->join.runs.count; r++)
        keep_form(f, lane, &f->join.runs.items[r], link, df);
    return f->lists.failed ? qi_no_memory(err) : QUIRE_OK;
}

static quire_status write_form(flush *f, uint32_t lane, const qi_sort_key *key, quire_error *err)
{
    const form_list *list = &f->forms[key->term];
    quire_str bytes = {(const char *)key->bytes, key->len};
    if (list->link != 0) {
        qi_term_info info = {.df = list->df, .cf = list->cf, .first = list->first};
        quire_str area = {NULL, list->len};
        if (list->len != 0)
            area.ptr = (const char *)f->lists.bytes + list->start;
        return qi_build_made(&f->build, bytes, list->link, &info, area, err);
    }
    QI_TRY(qi_join_term(&f->join, &f->index->lanes[lane].terms.items[key->term], true, err));
    for (size_t i = 0; i < f->join.words.count; i++)
        qi_build_word(&f->build, f->join.words.items[i]);
    return f->join.words.count == 0 ? QUIRE_OK : qi_build_term(&f->build, bytes, 0, err);
}

static quire_status write_keyword(flush *f, uint32_t lane, const qi_sort_key *key, quire_error *err)
{
    const qi_stream *stream = stream_of(f->index, lane, key->term);
    qi_stream_reader reader;
    if (stream == NULL)
        return QUIRE_OK;
    qi_stream_open(&reader, &f->index->pool, stream);
    for (uint32_t doc; qi_stream_next(&reader, &doc);)
        qi_build_doc(&f->build, doc);
    return qi_build_term(&f->build, (quire_str){(const char *)key->bytes, key->len}, 0, err);
}

/* Of what only fetches, gcc leaves out calls as having no effect, unless it is inlined first. */
#define FETCHES static inline __attribute__((always_inline)) void

FETCHES fetch_entry(const qi_mem_field *field, uint32_t entry)
{
    __builtin_prefetch(&field->entries.items[entry - 1]);
    __builtin_prefetch(&field->streams.items[entry - 1]);
}

/* Have an entry's stream fetched, and what becomes of its form. */
FETCHES fetch_stream(const flush *f, uint32_t lane, uint32_t entry)
{
    const qi_mem_field *field = &f->index->fields[QI_LANE_FIELD(lane)];
    const qi_stream *stream = &field->streams.items[entry - 1];
    uint32_t form = field->entries.items[entry - 1].form;
    if (stream->count != 0)
        __builtin_prefetch(qi_pool_at(&f->index->pool, stream->head));
    if (form != 0) {
        __builtin_prefetch(&f->index->lanes[lane + 1].terms.items[form - 1]);
        __builtin_prefetch(&f->forms[form - 1], 1);
    }
}

/* Have the processor fetch what the stems or keywords to come will need, in the order in which one
 * thing leads to the next. */
FETCHES fetch(const flush *f, uint32_t lane, size_t i, size_t count)
{
    enum { TERM = 32, ENTRY = 24, STREAM = 16, NEXT = 8 };
    const qi_mem_term *terms = f->index->lanes[lane].terms.items;
    const qi_mem_field *field = &f->index->fields[QI_LANE_FIELD(lane)];
    if (i + TERM < count) {
        __builtin_prefetch(&terms[f->keys[i + TERM].term]);
        __builtin_prefetch(f->keys[i + TERM].bytes);
    }
    uint32_t entry = i + ENTRY < count ? terms[f->keys[i + ENTRY].term].entry : 0;
    if (entry != 0)
        fetch_entry(field, entry);
    entry = i + STREAM < count ? terms[f->keys[i + STREAM].term].entry : 0;
    if (entry != 0) {
        fetch_stream(f, lane, entry);
        if (field->entries.items[entry - 1].same_stem != 0)
            fetch_entry(field, field->entries.items[entry - 1].same_stem);
    }
    entry = i + NEXT < count ? terms[f->keys[i + NEXT].term].entry : 0;
    entry = entry != 0 ? field->entries.items[entry - 1].same_stem : 0;
    if (entry != 0)
        fetch_stream(f, lane, entry);
}

/* The same for exact forms, whose lists are made already. */
FETCHES fetch_form(const flush *f, size_t i, size_t count)
{
    enum { FORM = 16, LIST = 8 };
    if (i + FORM < count) {
        __builtin_prefetch(&f->forms[f->keys[i + FORM].term]);
        __builtin_prefetch(f->keys[i + FORM].bytes);
    }
    if (i + LIST < count && f->forms[f->keys[i + LIST].term].len != 0)
        __builtin_prefetch(f->lists.bytes + f->forms[f->keys[i + LIST].term].start);
}

static quire_status write_lane(flush *f, uint32_t lane, quire_error *err)
{
    size_t count = f->index->lanes[lane].terms.count;
    bool text = f->build.fields[QI_LANE_FIELD(lane)].starts != NULL;
    QI_TRY(sort_lane(f, &f->index->lanes[lane], err));
    qi_build_lane(&f->build, lane);
    quire_status status = QUIRE_OK;
    for (size_t i = 0; i < count && status == QUIRE_OK; i++) {
        if (text && lane % 2 == 1)
            fetch_form(f, i, count);
        else
            fetch(f, lane, i, count);
        status = !text           ? write_keyword(f, lane, &f->keys[i], err)
                 : lane % 2 == 0 ? write_stem(f, lane, &f->keys[i], err)
                                 : write_form(f, lane, &f->keys[i], err);
    }
    return status == QUIRE_OK ? qi_build_lane_end(&f->build, err) : status;
}

/* The lanes of a text field. */
static quire_status write_text(flush *f, uint32_t field, quire_error *err)
{
    uint32_t lane = QI_LANE(field, false);
    bool exact = f->index->schema->fields.items[field].exact;
    qi_mem_free(f->forms);
    f->forms = exact ? qi_mem_new(f->index->lanes[lane + 1].terms.count, sizeof *f->forms) : NULL;
    if (exact && f->forms == NULL)
        return qi_no_memory(err);
    f->lists.len = 0;
    QI_TRY(qi_join_field(&f->join, f->index, field, err));
    QI_TRY(write_lane(f, lane, err));
    return exact ? write_lane(f, lane + 1, err) : QUIRE_OK;
}

/* Ordinals of the terms of a keyword's lane, which was written last. */
static quire_status rank_terms(flush *f, uint32_t lane, quire_error *err)
{
    size_t count = f->index->lanes[lane].terms.count;
    qi_mem_free(f->ranks);
    f->ranks = qi_mem_new(count, sizeof *f->ranks);
    if (f->ranks == NULL)
        return qi_no_memory(err);
    uint32_t rank = 0;
    for (size_t i = 0; i < count; i++)
        if (stream_of(f->index, lane, f->keys[i].term) != NULL)
            f->ranks[f->keys[i].term] = rank++;
    return QUIRE_OK;
}

/* The column of a keyword field in ordinals, after its terms were ranked. */
static quire_status rank_column(flush *f, uint32_t field, quire_error *err)
{
    f->columns[field] = qi_mem_new(f->index->doc_count, sizeof **f->columns);
    if (f->columns[field] == NULL)
        return qi_no_memory(err);
    const int64_t *values = f->index->fields[field].values.items;
    for (uint32_t doc = 0; doc < f->index->doc_count; doc++)
        f->columns[field][doc] =
            values[doc] == INT64_MIN ? INT64_MIN : (int64_t)f->ranks[values[doc]];
    return QUIRE_OK;
}

static quire_status write_lists(flush *f, quire_error *err)
{
    const quire_schema *schema = f->index->schema;
    QI_TRY(qi_build_lists(&f->build, err));
    for (uint32_t n = 0; n < schema->fields.count; n++) {
        const quire_field *field = &schema->fields.items[n];
        if (!qi_field_has_terms(field))
            continue;
        if (field->type == QUIRE_TEXT) {
            QI_TRY(write_text(f, n, err));
            continue;
        }
        QI_TRY(write_lane(f, QI_LANE(n, false), err));
        QI_TRY(rank_terms(f, QI_LANE(n, false), err));
        QI_TRY(rank_column(f, n, err));
    }
    return qi_build_dictionaries(&f->build, err);
}

static void fill_fields(flush *f)
{
    for (size_t n = 0; n < f->index->schema->fields.count; n++) {
        const qi_mem_field *from = &f->index->fields[n];
        qi_build_field *to = &f->build.fields[n];
        if (to->starts == NULL)
            continue;
        size_t docs = f->index->doc_count;
        if (docs != 0) {
            memcpy(to->starts, from->starts.items, docs * sizeof *to->starts);
            memcpy(to->norms, from->norms.items, docs);
        }
        to->starts[docs] = from->next_word;
        to->length_sum = from->length_sum;
        to->documents = from->documents;
    }
}

static quire_str record_of(const qi_memindex *index, uint32_t doc)
{
    uint64_t start = doc == 0 ? 0 : index->record_ends.items[doc - 1];
    const uint8_t *bytes = index->records.bytes;
    return (quire_str){(const char *)(bytes == NULL ? NULL : bytes + start),
                       (size_t)(index->record_ends.items[doc] - start)};
}

static quire_status write_records(flush *f, quire_str dictionary, quire_error *err)
{
    qi_records_writer records;
    quire_status status = qi_records_begin(&records, &f->build.file, err);
    if (status == QUIRE_OK)
        status = qi_records_dictionary(&records, dictionary, err);
    for (uint32_t doc = 0; doc < f->index->doc_count && status == QUIRE_OK; doc++)
        status = qi_records_add(&records, record_of(f->index, doc), err);
    if (status == QUIRE_OK)
        status = qi_records_end(&records, &f->build.stat, err);
    qi_records_free(&records);
    return status;
}

static quire_status write_all(flush *f, quire_str dictionary, quire_error *err)
{
    const quire_schema *schema = f->index->schema;
    f->columns = qi_mem_new(schema->fields.count, sizeof *f->columns);
    if (f->columns == NULL)
        return qi_no_memory(err);
    fill_fields(f);
    QI_TRY(qi_build_fields(&f->build, err));
    QI_TRY(write_records(f, dictionary, err));
    QI_TRY(write_lists(f, err));
    for (uint32_t n = 0; n < schema->fields.count; n++) {
        if (schema->fields.items[n].type == QUIRE_TEXT)
            continue;
        const int64_t *values =
            f->columns[n] != NULL ? f->columns[n] : f->index->fields[n].values.items;
        QI_TRY(qi_build_column(&f->build, n, values, err));
    }
    return QUIRE_OK;
}

quire_status qi_flush(const qi_memindex *index, qi_dir *dir, qi_file_id *id, quire_str dictionary,
                      quire_error *err)
{
    flush f = {.index = index};
    qi_buf_init(&f.lists, 0);
    QI_TRY(qi_build_open(&f.build, dir, id, index->schema, index->doc_count, err));
    quire_status status = write_all(&f, dictionary, err);
    if (status == QUIRE_OK)
        status = qi_build_finish(&f.build, id, err);
    for (size_t n = 0; f.columns != NULL && n < index->schema->fields.count; n++)
        qi_mem_free(f.columns[n]);
    qi_mem_free(f.columns);
    qi_mem_free(f.keys);
    qi_mem_free(f.ranks);
    qi_mem_free(f.forms);
    qi_buf_free(&f.lists);
    qi_join_free(&f.join);
    qi_build_close(&f.build);
    return status;
}
