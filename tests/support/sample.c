/* SPDX-License-Identifier: MIT
 * Words are numbers: a few in every document, some in bursts in few documents, the rest ever
 * rarer. */
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "segment/flush.h"
#include "segment/postings.h"

enum { ID, TITLE, BODY, NUMBER, WHEN };
enum { SOME = 5 }; /* what costs most is done for one in so many */

static void need(quire_status status, const quire_error *err)
{
    if (status == QUIRE_OK)
        return;
    fprintf(stderr, "support/sample: %s\n", err->message);
    abort();
}

static uint32_t step(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

quire_schema *sample_schema(void)
{
    static const struct {
        const char *name;
        quire_field_type type;
    } fields[] = {{"id", QUIRE_KEYWORD},
                  {"title", QUIRE_TEXT},
                  {"body", QUIRE_TEXT},
                  {"n", QUIRE_NUMBER},
                  {"when", QUIRE_DATE}};
    quire_error err;
    quire_schema *schema;
    need(qi_schema_new(&schema, &err), &err);
    for (uint32_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        quire_field field = QUIRE_FIELD_INIT;
        field.name = fields[i].name;
        field.type = fields[i].type;
        field.key = i == ID;
        field.exact = i == BODY;
        field.searched = field.stored = field.type == QUIRE_TEXT;
        need(qi_schema_add(schema, &field, &err), &err);
    }
    schema->k1 = 1.2f;
    schema->b = 0.75f;
    return schema;
}

/* ---- Writing ---- */

static void add_word(qi_memindex *index, uint32_t field, uint32_t *position, uint32_t word)
{
    char term[16], form[16];
    quire_error err;
    size_t t = (size_t)snprintf(term, sizeof term, "w%u", word / 2);
    size_t f = (size_t)snprintf(form, sizeof form, "w%u%s", word / 2, word % 2 != 0 ? "s" : "");
    need(qi_memindex_word(index, field, (*position)++, (quire_str){term, t}, (quire_str){form, f},
                          &err),
         &err);
}

static void add_doc(qi_memindex *index, uint32_t doc, uint64_t *state)
{
    char key[16], text[64];
    quire_error err;
    need(qi_memindex_begin(index, &err), &err);
    size_t len = (size_t)snprintf(key, sizeof key, "doc-%u", doc);
    need(qi_memindex_keyword(index, ID, (quire_str){key, len}, &err), &err);
    if (doc % 7 != 3)
        qi_memindex_number(index, NUMBER, (int64_t)(step(state) % 5000) - 2500);
    qi_memindex_number(index, WHEN, 86400 * (int64_t)(doc / 3));
    uint32_t title = 0, body = 0;
    add_word(index, TITLE, &title, step(state) % 40);
    if (doc % 9 == 1 && doc > 400)
        add_word(index, BODY, &body, 401); /* several blocks of documents, without a bitmap */
    for (uint32_t n = doc > 400 ? 0 : step(state) % 12; n > 0; n--)
        add_word(index, BODY, &body, 4 + step(state) % (1 + step(state) % 200));
    if (doc <= 400)
        add_word(index, BODY, &body, 0); /* a bitmap, from some size on */
    for (uint32_t n = doc % 11 == 5 && doc <= 400 ? 12 : 0; n > 0; n--)
        add_word(index, BODY, &body, 2); /* blocks with ranges */
    for (uint32_t n = doc % 100 == 50 && doc <= 400 ? 100 : 0; n > 0; n--)
        add_word(index, BODY, &body, 3); /* blocks without */
    size_t text_len = (size_t)snprintf(text, sizeof text, "%s and %u", key, step(state) % 900);
    qi_stored_value value = {TITLE, {text, text_len}};
    qi_stored_record record = {.language = {"", 0}, .count = 1, .values = &value};
    if (doc % 5 != 1)
        qi_stored_encode(qi_memindex_record(index), &record);
    need(qi_memindex_end(index, &err), &err);
}

void sample_segment(qi_file_id *id, qi_dir *dir, const quire_schema *schema, uint64_t seq,
                    uint32_t docs)
{
    quire_error err;
    qi_memindex *index;
    uint64_t state = seq;
    need(qi_memindex_new(&index, schema, &err), &err);
    for (uint32_t doc = 0; doc < docs; doc++)
        add_doc(index, doc, &state);
    *id = (qi_file_id){.seq = seq};
    snprintf(id->name, sizeof id->name, "s-%u.seg", (unsigned)seq);
    memset(id->uuid, 7, sizeof id->uuid);
    need(qi_flush(index, dir, id, (quire_str){NULL, 0}, &err), &err);
    qi_memindex_free(index);
}

/* ---- Reading ---- */

typedef struct reader {
    const qi_segment *segment;
    qi_postings *list;
    qi_buf record;
    uint64_t digest;
} reader;

static void mix(reader *r, const void *bytes, size_t len)
{
    uint64_t both[] = {r->digest, qi_hash(bytes, len)};
    r->digest = qi_hash(both, sizeof both);
}

static void mix_number(reader *r, uint64_t number)
{
    r->digest = (r->digest ^ number) * 0x9E3779B97F4A7C15u;
    r->digest ^= r->digest >> 29;
}

static void mix_bounds(reader *r)
{
    const qi_postings *list = r->list;
    mix_number(r, qi_float_bits(list->max_part));
    mix_number(r, qi_float_bits(qi_postings_block_max(list)));
    for (int i = 0; i < QI_KTHS; i++)
        mix_number(r, list->kth[i]);
}

static void read_docs(reader *r)
{
    qi_postings *list = r->list;
    for (uint32_t from = 0; qi_postings_seek(list, from);) {
        const uint32_t *freqs = qi_postings_freqs(list);
        mix_bounds(r);
        for (uint32_t i = 0; freqs != NULL && i < list->count; i++) {
            mix_number(r, (uint64_t)list->docs[i] << 32 | freqs[i]);
            if (list->ranges != NULL)
                mix_number(r, list->ranges[list->docs[i] / QI_RANGE]);
        }
        if (list->count == 0)
            break;
        from = qi_postings_block_last(list) + 1;
    }
}

static void read_words(reader *r)
{
    qi_postings *list = r->list;
    for (uint32_t from = 0; qi_postings_seek_word(list, from);) {
        for (uint32_t i = 0; i < list->word_count; i++) {
            mix_number(r, list->words[i]);
            if (i % SOME == 0)
                mix_number(r, qi_words_doc(r->segment, list->field, 0, list->words[i]));
        }
        from = list->words[list->word_count - 1] + 1;
        if (from == 0)
            break;
    }
}

/* Jumps through a list, which see the skip data in another order. */
static quire_status read_jumps(reader *r, uint32_t lane, const qi_term_info *info, quire_error *err)
{
    QI_TRY(qi_postings_open(r->list, r->segment, lane, info, err));
    for (uint32_t target = 5; target < r->segment->doc_count; target += 40) {
        mix_number(r, qi_postings_peek(r->list, target));
        if (!qi_postings_seek(r->list, target))
            break;
        mix_number(r, r->list->docs[0]);
    }
    return r->list->status;
}

static quire_status read_list(reader *r, uint32_t lane, const qi_term_info *info, quire_error *err)
{
    QI_TRY(qi_postings_open(r->list, r->segment, lane, info, err));
    read_docs(r);
    if (r->list->status == QUIRE_OK && r->list->field->starts != NULL)
        read_words(r);
    if (r->list->status != QUIRE_OK)
        return r->list->status;
    return info->cf >= QI_BLOCK ? read_jumps(r, lane, info, err) : QUIRE_OK;
}

static quire_status read_lane(reader *r, uint32_t lane, quire_error *err)
{
    qi_termdict_iter iter;
    bool more = qi_termdict_seek(&iter, &r->segment->lanes[lane], NULL, 0, err);
    for (; more; more = qi_termdict_next(&iter)) {
        quire_str term = {(char *)iter.term, iter.len};
        qi_term_info found = {0};
        mix(r, iter.term, iter.len);
        if (iter.ordinal % SOME == 0)
            QI_TRY(qi_segment_find(r->segment, lane, term, &found, err));
        mix_number(r, found.cf);
        QI_TRY(read_list(r, lane, &iter.info, err));
    }
    return iter.status;
}

static quire_status read_column(reader *r, uint32_t field, quire_error *err)
{
    for (uint32_t doc = r->segment->doc_count; doc-- > 0;) {
        bool has;
        int64_t value;
        QI_TRY(qi_segment_column(r->segment, field, doc, &has, &value, err));
        mix_number(r, has ? (uint64_t)value : UINT64_MAX);
        if (!has || doc % SOME != 0 ||
            r->segment->schema->fields.items[field].type != QUIRE_KEYWORD)
            continue;
        r->record.len = 0;
        QI_TRY(qi_segment_keyword(r->segment, field, (uint64_t)value, &r->record, err));
        mix(r, r->record.bytes, r->record.len);
    }
    return QUIRE_OK;
}

static quire_status read_record(reader *r, uint32_t doc, quire_error *err)
{
    qi_arena memory;
    qi_stored_record record;
    QI_TRY(qi_records_get(&r->segment->records, doc, &r->record, err));
    mix(r, r->record.bytes, r->record.len);
    if (r->record.len == 0)
        return QUIRE_OK;
    qi_arena_init(&memory, 0);
    quire_status status = qi_stored_decode(
        &record, (quire_str){(const char *)r->record.bytes, r->record.len},
        (uint32_t)r->segment->schema->fields.count, &memory, r->segment->file.name, err);
    for (size_t i = 0; status == QUIRE_OK && i < record.count; i++)
        mix(r, record.values[i].text.ptr, record.values[i].text.len);
    qi_arena_free(&memory);
    return status;
}

static quire_status read_field(reader *r, uint32_t f, quire_error *err)
{
    const qi_field_part *part = &r->segment->fields[f];
    const uint8_t *norms;
    mix_number(r, part->length_sum);
    mix_number(r, part->documents);
    mix_number(r, qi_float_bits(part->bound_average));
    QI_TRY(qi_segment_norms(r->segment, f, &norms, err));
    if (norms != NULL)
        mix(r, norms, r->segment->doc_count);
    QI_TRY(read_lane(r, QI_LANE(f, false), err));
    QI_TRY(read_lane(r, QI_LANE(f, true), err));
    return read_column(r, f, err);
}

quire_status sample_read(const qi_segment *segment, uint64_t *digest, quire_error *err)
{
    reader r = {.segment = segment, .list = qi_mem_new(1, sizeof *r.list)};
    quire_status status = r.list != NULL ? QUIRE_OK : qi_no_memory(err);
    qi_buf_init(&r.record, 1 << 24);
    for (uint32_t doc = segment->doc_count; doc-- > 0 && status == QUIRE_OK;)
        status = read_record(&r, doc, err);
    for (uint32_t f = (uint32_t)segment->schema->fields.count; f-- > 0 && status == QUIRE_OK;)
        status = read_field(&r, f, err);
    *digest = r.digest;
    qi_buf_free(&r.record);
    qi_mem_free(r.list);
    return status;
}

/* ---- Asking ---- */

/* A place far inside the list of a term, by documents or by words. */
static quire_status ask_list(reader *r, uint32_t lane, const char *term, bool words,
                             quire_error *err)
{
    qi_term_info info;
    QI_TRY(qi_segment_find(r->segment, lane, quire_cstr(term), &info, err));
    mix_number(r, info.cf);
    if (info.df == 0)
        return QUIRE_OK;
    QI_TRY(qi_postings_open(r->list, r->segment, lane, &info, err));
    uint32_t last = r->segment->doc_count - 1;
    mix_number(r, qi_postings_peek(r->list, last / 2));
    if (words && qi_postings_seek_word(r->list, r->list->field->words / 2))
        mix_number(r, r->list->words[0]);
    if (!words && qi_postings_seek(r->list, last / 2)) {
        const uint32_t *freqs = qi_postings_freqs(r->list);
        mix_number(r, freqs == NULL ? 0 : r->list->docs[0] + freqs[0]);
        mix_bounds(r);
    }
    return r->list->status;
}

static quire_status ask_column(reader *r, uint32_t field, quire_error *err)
{
    bool has;
    int64_t value;
    QI_TRY(qi_segment_column(r->segment, field, r->segment->doc_count - 1, &has, &value, err));
    mix_number(r, has ? (uint64_t)value : UINT64_MAX);
    if (!has || r->segment->schema->fields.items[field].type != QUIRE_KEYWORD)
        return QUIRE_OK;
    QI_TRY(qi_segment_keyword(r->segment, field, (uint64_t)value, &r->record, err));
    mix(r, r->record.bytes, r->record.len);
    return QUIRE_OK;
}

static quire_status ask_norm(reader *r, quire_error *err)
{
    const uint8_t *norms;
    QI_TRY(qi_segment_norms(r->segment, BODY, &norms, err));
    if (norms != NULL)
        mix_number(r, norms[r->segment->doc_count - 1]);
    return QUIRE_OK;
}

static quire_status ask(reader *r, uint32_t question, quire_error *err)
{
    static const char *const terms[] = {"w0", "w1", "w1", "w0", "w1s", "w77", "doc-77"};
    static const uint32_t lanes[] = {
        QI_LANE(BODY, false), QI_LANE(BODY, false), QI_LANE(BODY, false), QI_LANE(BODY, true),
        QI_LANE(BODY, true),  QI_LANE(BODY, false), QI_LANE(ID, false)};
    switch (question) {
    case 0:
        return ask_column(r, NUMBER, err);
    case 1:
        return ask_column(r, WHEN, err);
    case 2:
        return ask_column(r, ID, err);
    case 3:
        return read_record(r, r->segment->doc_count - 1, err);
    case 4:
        return ask_norm(r, err);
    default:
        return ask_list(r, lanes[question - 5], terms[question - 5], question % 2 == 0, err);
    }
}

quire_status sample_ask(const qi_segment *segment, uint32_t question, uint64_t *digest,
                        quire_error *err)
{
    reader r = {.segment = segment, .list = qi_mem_new(1, sizeof *r.list)};
    qi_buf_init(&r.record, 1 << 24);
    quire_status status = r.list != NULL ? ask(&r, question, err) : qi_no_memory(err);
    *digest = r.digest;
    qi_buf_free(&r.record);
    qi_mem_free(r.list);
    return status;
}
