/* SPDX-License-Identifier: MIT
 * Terms of each lane are sorted by their bytes, eight of which ride in the sort key, and their
 * streams copied to the list writer. A keyword's column turns from numbers of terms to ordinals,
 * which is their rank. */
#include "segment/flush.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codec/stored.h"
#include "segment/build.h"

enum {
    DICTIONARY_FROM = 1 << 18, /* bytes of stored records from which on a dictionary pays */
    SAMPLE_BYTES = 4 << 20     /* of records that a dictionary is trained on */
};

typedef struct sort_key {
    uint64_t prefix;
    const uint8_t *bytes;
    uint32_t term;
    uint8_t len;
} sort_key;

typedef struct flush {
    const qi_memindex *index;
    qi_build build;
    sort_key *keys;
    uint32_t *ranks;   /* of keyword terms, for their column */
    int64_t **columns; /* of keyword fields, in ordinals */
} flush;

static uint64_t prefix_of(const uint8_t *bytes, size_t len)
{
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++)
        prefix = prefix << 8 | (i < len ? bytes[i] : 0);
    return prefix;
}

static int compare_keys(const void *a, const void *b)
{
    const sort_key *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    size_t common = x->len < y->len ? x->len : y->len;
    int order = common > 0 ? memcmp(x->bytes, y->bytes, common) : 0;
    return order != 0 ? order : (int)x->len - (int)y->len;
}

static quire_status sort_lane(flush *f, const qi_mem_lane *lane, quire_error *err)
{
    qi_mem_free(f->keys);
    f->keys = qi_mem_new(lane->terms.count, sizeof *f->keys);
    if (f->keys == NULL)
        return qi_no_memory(err);
    for (size_t i = 0; i < lane->terms.count; i++) {
        const qi_mem_term *term = &lane->terms.items[i];
        const uint8_t *bytes = qi_pool_at(&f->index->pool, term->bytes);
        f->keys[i] = (sort_key){prefix_of(bytes, term->len), bytes, (uint32_t)i, term->len};
    }
    qsort(f->keys, lane->terms.count, sizeof *f->keys, compare_keys);
    return QUIRE_OK;
}

/* What links a form to its stem, whose lane was sorted before. */
static uint32_t link_of(const flush *f, uint32_t lane, const qi_mem_term *term)
{
    return lane % 2 == 0 || term->stem == QI_MANY_STEMS ? 0 : f->ranks[term->stem] + 1;
}

static quire_status write_term(flush *f, uint32_t lane, const sort_key *key, quire_error *err)
{
    const qi_mem_term *term = &f->index->lanes[lane].terms.items[key->term];
    bool text = f->build.fields[QI_LANE_FIELD(lane)].starts != NULL;
    qi_stream_reader reader;
    qi_stream_open(&reader, &f->index->pool, &term->stream);
    for (uint32_t at; qi_stream_next(&reader, &at);) {
        if (text)
            qi_build_word(&f->build, at);
        else
            qi_build_doc(&f->build, at);
    }
    if (term->stream.count == 0) /* its first occurrence did not fit memory */
        return QUIRE_OK;
    quire_str bytes = {(const char *)key->bytes, key->len};
    return qi_build_term(&f->build, bytes, link_of(f, lane, term), err);
}

static quire_status write_lane(flush *f, uint32_t lane, quire_error *err)
{
    QI_TRY(sort_lane(f, &f->index->lanes[lane], err));
    qi_build_lane(&f->build, lane);
    for (size_t i = 0; i < f->index->lanes[lane].terms.count; i++)
        QI_TRY(write_term(f, lane, &f->keys[i], err));
    return qi_build_lane_end(&f->build, err);
}

/* Ordinals of the terms of the lane that was written last. */
static quire_status rank_terms(flush *f, const qi_mem_lane *lane, quire_error *err)
{
    qi_mem_free(f->ranks);
    f->ranks = qi_mem_new(lane->terms.count, sizeof *f->ranks);
    if (f->ranks == NULL)
        return qi_no_memory(err);
    uint32_t rank = 0;
    for (size_t i = 0; i < lane->terms.count; i++)
        if (lane->terms.items[f->keys[i].term].stream.count != 0)
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
        QI_TRY(write_lane(f, QI_LANE(n, false), err));
        QI_TRY(rank_terms(f, &f->index->lanes[QI_LANE(n, false)], err));
        if (field->type == QUIRE_KEYWORD)
            QI_TRY(rank_column(f, n, err));
        if (field->exact)
            QI_TRY(write_lane(f, QI_LANE(n, true), err));
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

/* Train a dictionary on the records, evenly sampled; empty if they are few. */
static quire_status train(const qi_memindex *index, qi_buf *dictionary, quire_error *err)
{
    if (index->records.len < DICTIONARY_FROM)
        return QUIRE_OK;
    uint32_t step = (uint32_t)(index->records.len / SAMPLE_BYTES) + 1;
    uint32_t count = 0, room = index->doc_count / step + 1;
    quire_str *samples = qi_mem_new(room, sizeof *samples);
    if (samples == NULL)
        return qi_no_memory(err);
    for (uint32_t doc = 0; doc < index->doc_count; doc += step)
        samples[count++] = record_of(index, doc);
    quire_status status = qi_stored_train(samples, count, dictionary, err);
    qi_mem_free(samples);
    return status;
}

static quire_status write_records(flush *f, const qi_segment *like, quire_error *err)
{
    qi_records_writer records;
    qi_buf trained;
    qi_buf_init(&trained, 0);
    quire_status status = qi_records_begin(&records, &f->build.file, err);
    if (status == QUIRE_OK) {
        quire_str dictionary = {NULL, 0};
        if (like != NULL && like->records.dictionary_count > 0) {
            dictionary = like->records.dictionaries[0];
        } else {
            status = train(f->index, &trained, err);
            dictionary = (quire_str){(const char *)trained.bytes, trained.len};
        }
        if (status == QUIRE_OK)
            status = qi_records_dictionary(&records, dictionary, err);
    }
    for (uint32_t doc = 0; doc < f->index->doc_count && status == QUIRE_OK; doc++)
        status = qi_records_add(&records, record_of(f->index, doc), err);
    if (status == QUIRE_OK)
        status = qi_records_end(&records, &f->build.stat, err);
    qi_records_free(&records);
    qi_buf_free(&trained);
    return status;
}

static quire_status write_all(flush *f, const qi_segment *like, quire_error *err)
{
    const quire_schema *schema = f->index->schema;
    f->columns = qi_mem_new(schema->fields.count, sizeof *f->columns);
    if (f->columns == NULL)
        return qi_no_memory(err);
    fill_fields(f);
    QI_TRY(qi_build_fields(&f->build, err));
    QI_TRY(write_records(f, like, err));
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

quire_status qi_flush(const qi_memindex *index, qi_dir *dir, qi_file_id *id, const qi_segment *like,
                      quire_error *err)
{
    flush f = {.index = index};
    QI_TRY(qi_build_open(&f.build, dir, id, index->schema, index->doc_count, err));
    quire_status status = write_all(&f, like, err);
    if (status == QUIRE_OK)
        status = qi_build_finish(&f.build, id, err);
    for (size_t n = 0; f.columns != NULL && n < index->schema->fields.count; n++)
        qi_mem_free(f.columns[n]);
    qi_mem_free(f.columns);
    qi_mem_free(f.keys);
    qi_mem_free(f.ranks);
    qi_build_close(&f.build);
    return status;
}
