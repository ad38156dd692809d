/* SPDX-License-Identifier: MIT
 * Segments against lists kept by hand: random documents go through memory, a flush and merges, and
 * every list is read back whole.
 * Covers: append build check file forms lists memindex merge meta out pool postings read records
 * snapshot spool stems words. */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "segment/check.h"
#include "segment/flush.h"
#include "segment/merge.h"
#include "segment/postings.h"
#include "segment/snapshot.h"
#include "support/roll.h"

enum { FIELDS = 4, TITLE = 1, BODY = 2, NUMBER = 3, VOCABULARY = 600, LONGEST = 400 };

/* A document: its words (numbers of the vocabulary; -1 a stop word) in two fields. */
typedef struct doc {
    int *words[FIELDS];
    uint32_t count[FIELDS];
    int64_t number;
    uint32_t key;
    bool deleted;
} doc;

static qi_dir *dir;
static quire_schema *schema;
static quire_error err;
static uint64_t next_seq;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

static void add_field(const char *name, quire_field_type type, bool key, bool exact)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.type = type;
    field.key = key;
    field.exact = exact;
    field.searched = type == QUIRE_TEXT;
    field.stored = type == QUIRE_TEXT;
    ok(qi_schema_add(schema, &field, &err));
}

static void setup(void)
{
    roll_seed();
    next_seq = 1;
    ok(qi_dir_open_ram(&dir, &err));
    ok(qi_schema_new(&schema, &err));
    add_field("id", QUIRE_KEYWORD, true, false);
    add_field("title", QUIRE_TEXT, false, false);
    add_field("body", QUIRE_TEXT, false, true);
    add_field("n", QUIRE_NUMBER, false, false);
    schema->k1 = 1.2f;
    schema->b = 0.75f;
}

static void teardown(void)
{
    qi_schema_release(schema);
    qi_dir_free(dir);
}

static size_t term_of(int word, char *out)
{
    return (size_t)sprintf(out, "w%d", word / 2); /* stem: two forms each */
}

/* Words with the same form: each a word of its own, but for some that share a form with other
 * stems'. */
static int form_key(int word)
{
    return word % 20 == 19 ? word % 60 + 100000 : word;
}

static size_t form_of(int word, char *out)
{
    if (form_key(word) != word)
        return (size_t)sprintf(out, "many%d", form_key(word));
    return (size_t)sprintf(out, "w%d%s", word / 2, word % 2 ? "s" : "");
}

static size_t key_of(const doc *d, char *out)
{
    return (size_t)sprintf(out, "key-%u", d->key);
}

static void make_doc(doc *d, uint32_t key)
{
    *d = (doc){.key = key, .number = (int64_t)roll(1000) - 500};
    for (int f = TITLE; f <= BODY; f++) {
        d->count[f] = roll(8) == 0 ? 0 : roll(f == TITLE ? 8 : LONGEST);
        d->words[f] = calloc(d->count[f] + 1, sizeof(int));
        for (uint32_t i = 0; i < d->count[f]; i++) {
            /* Zipf-like: small numbers far more often */
            uint32_t limit = 1 + roll(VOCABULARY);
            d->words[f][i] = roll(20) == 0 ? -1 : (int)roll(1 + roll(limit));
        }
    }
}

static void add_doc(qi_memindex *index, const doc *d)
{
    char term[32], form[32];
    ok(qi_memindex_begin(index, &err));
    ok(qi_memindex_keyword(index, 0, (quire_str){term, key_of(d, term)}, &err));
    qi_memindex_number(index, NUMBER, d->number);
    for (uint32_t f = TITLE; f <= BODY; f++)
        for (uint32_t i = 0; i < d->count[f]; i++) {
            int word = d->words[f][i];
            quire_str t = {term, word < 0 ? 0 : term_of(word, term)};
            quire_str e = {form, word < 0 ? 0 : form_of(word, form)};
            ok(qi_memindex_word(index, f, i, t, e, &err));
        }
    qi_stored_value value = {TITLE, {term, key_of(d, term)}};
    qi_stored_record record = {.language = {"", 0}, .count = 1, .values = &value};
    qi_stored_encode(qi_memindex_record(index), &record);
    ok(qi_memindex_end(index, &err));
    if (d->deleted)
        ck_assert_uint_eq(
            qi_memindex_delete(index, 0, (quire_str){term, key_of(d, term)}, UINT32_MAX), 1);
}

static qi_file_id new_id(void)
{
    qi_file_id id = {.seq = next_seq++};
    snprintf(id.name, sizeof id.name, "s-%u.seg", (unsigned)id.seq);
    memset(id.uuid, 7, sizeof id.uuid);
    return id;
}

static qi_segment *flush_docs(const doc *docs, uint32_t count, qi_docset *deleted)
{
    qi_memindex *index;
    ok(qi_memindex_new(&index, schema, &err));
    for (uint32_t i = 0; i < count; i++)
        add_doc(index, &docs[i]);
    ok(qi_docset_init(deleted, count, &err));
    for (uint32_t i = 0; i < count; i++)
        if (qi_memindex_deleted(index, i))
            qi_docset_add(deleted, i);
    qi_file_id id = new_id();
    ok(qi_flush(index, dir, &id, (quire_str){NULL, 0}, &err));
    qi_memindex_free(index);
    qi_segment *segment;
    ok(qi_segment_open(&segment, dir, &id, schema, &err));
    return segment;
}

/* Does word `w` of a document make term number `term` in this lane? */
static bool makes(int w, uint32_t lane, int term)
{
    return w >= 0 && (lane % 2 == 0 ? w / 2 == term : form_key(w) == form_key(term));
}

static uint32_t frequency(const doc *d, uint32_t lane, int term)
{
    uint32_t tf = 0;
    for (uint32_t i = 0; i < d->count[QI_LANE_FIELD(lane)]; i++)
        tf += makes(d->words[QI_LANE_FIELD(lane)][i], lane, term);
    return tf;
}

/* Documents and frequencies of one list, and its bounds. */
static void check_docs(qi_postings *list, const doc *docs, uint32_t count, uint32_t lane, int term)
{
    uint32_t next = 0;
    for (uint32_t from = 0; qi_postings_seek(list, from); from = qi_postings_block_last(list) + 1) {
        const uint32_t *freqs = qi_postings_freqs(list);
        for (uint32_t i = 0; i < list->count; i++, next++) {
            while (next < count && frequency(&docs[next], lane, term) == 0)
                next++;
            ck_assert_uint_eq(list->docs[i], next);
            uint32_t tf = frequency(&docs[next], lane, term);
            ck_assert_uint_eq(freqs[i], tf);
            if (list->ranges != NULL)
                ck_assert_uint_gt(list->ranges[next / QI_RANGE], 0);
            if (list->bitmap != NULL)
                ck_assert(list->bitmap[next / 8] >> next % 8 & 1);
        }
    }
    ck_assert_msg(list->status == QUIRE_OK, "%s", err.message);
    while (next < count && frequency(&docs[next], lane, term) == 0)
        next++;
    ck_assert_uint_eq(next, count);
}

static void check_words(qi_postings *list, const doc *docs, uint32_t count, uint32_t lane, int term)
{
    uint32_t f = QI_LANE_FIELD(lane);
    uint64_t seen = 0;
    uint32_t docs_of[QI_BLOCK], near = 0;
    for (uint32_t from = 0; qi_postings_seek_word(list, from);) {
        near =
            qi_words_docs(list->segment, list->field, near, list->words, list->word_count, docs_of);
        for (uint32_t i = 0; i < list->word_count; i++) {
            uint32_t d = qi_words_doc(list->segment, list->field, 0, list->words[i]);
            ck_assert_uint_eq(docs_of[i], d);
            ck_assert_uint_eq(qi_words_range(list->segment, list->field, 0, list->words[i]),
                              d / QI_RANGE);
            ck_assert_uint_lt(d, count);
            uint32_t at = list->words[i] - qi_words_start(list->segment, list->field, d);
            ck_assert_uint_lt(at, docs[d].count[f]);
            ck_assert(makes(docs[d].words[f][at], lane, term));
            seen++;
        }
        from = list->words[list->word_count - 1] + 1;
    }
    ck_assert_uint_eq(seen, list->cf);
}

/* Random jumps land where a scan would. */
static void check_seeks(const qi_segment *segment, uint32_t lane, const qi_term_info *info,
                        const doc *docs, uint32_t count, int term)
{
    qi_postings list;
    ok(qi_postings_open(&list, segment, lane, info, &err));
    for (uint32_t target = roll(20); target < count + 10; target += 1 + roll(count / 3 + 1)) {
        uint32_t expected = target;
        while (expected < count && frequency(&docs[expected], lane, term) == 0)
            expected++;
        uint32_t peek = qi_postings_peek(&list, target);
        ck_assert(expected >= count ? peek == QI_END || peek >= target : peek <= expected);
        bool more = qi_postings_seek(&list, target);
        ck_assert_int_eq(more, expected < count);
        if (!more)
            break;
        uint32_t i = 0;
        while (list.docs[i] < target)
            i++;
        ck_assert_uint_eq(list.docs[i], expected);
    }
}

/* Looking for a tf-part passes over blocks that do not reach it, and over no other. */
static void check_parts(const qi_segment *segment, uint32_t lane, const qi_term_info *info,
                        uint32_t count)
{
    qi_postings list, scan;
    ok(qi_postings_open(&list, segment, lane, info, &err));
    float part = list.max_part * (float)roll(100) / 96;
    for (uint32_t target = roll(20); target < count + 10; target += 1 + roll(count / 3 + 1)) {
        uint32_t found = qi_postings_peek_part(&list, target, part), passed = target;
        ck_assert_uint_ge(found, target);
        ok(qi_postings_open(&scan, segment, lane, info, &err));
        while (qi_postings_seek(&scan, passed) && qi_postings_block_max(&scan) < part)
            passed = qi_postings_block_last(&scan) + 1;
        if (scan.count == 0) {
            ck_assert(found == QI_END || list.max_part >= part);
            continue;
        }
        uint32_t first = 0;
        while (scan.docs[first] < passed)
            first++;
        ck_assert_uint_ge(found, passed);
        ck_assert_uint_le(found, scan.docs[first]);
        qi_postings_seek(&list, target);
    }
}

static void check_lane(const qi_segment *segment, const doc *docs, uint32_t count, uint32_t lane)
{
    for (int term = 0; term < VOCABULARY; term++) {
        uint32_t df = 0;
        uint64_t cf = 0;
        for (uint32_t d = 0; d < count; d++) {
            uint32_t tf = frequency(&docs[d], lane, term);
            df += tf != 0;
            cf += tf;
        }
        char bytes[32];
        size_t len = lane % 2 == 0 ? term_of(term * 2, bytes) : form_of(term, bytes);
        qi_term_info info;
        ok(qi_segment_find(segment, lane, (quire_str){bytes, len}, &info, &err));
        ck_assert_uint_eq(info.df, df);
        ck_assert_uint_eq(info.cf, cf);
        if (df == 0)
            continue;
        qi_postings list;
        ok(qi_postings_open(&list, segment, lane, &info, &err));
        check_docs(&list, docs, count, lane, term);
        check_words(&list, docs, count, lane, term);
        check_seeks(segment, lane, &info, docs, count, term);
        check_parts(segment, lane, &info, count);
    }
}

static void print_fault(const char *line, void *payload)
{
    (void)payload;
    printf("%s\n", line);
}

static void check_segment(const qi_segment *segment, const doc *docs, uint32_t count)
{
    qi_check check = {.level = 3, .report = print_fault};
    ok(qi_check_segment(&check, segment, &err));
    ck_assert_uint_eq(check.faults, 0);
    ck_assert_uint_eq(segment->doc_count, count);
    check_lane(segment, docs, count, QI_LANE(TITLE, false));
    check_lane(segment, docs, count, QI_LANE(BODY, false));
    check_lane(segment, docs, count, QI_LANE(BODY, true));
    qi_buf bytes;
    qi_buf_init(&bytes, 0);
    for (uint32_t d = 0; d < count; d++) {
        bool has;
        int64_t value;
        char key[32];
        ok(qi_segment_column(segment, NUMBER, d, &has, &value, &err));
        ck_assert(has && value == docs[d].number);
        ok(qi_segment_column(segment, 0, d, &has, &value, &err));
        bytes.len = 0;
        ok(qi_segment_keyword(segment, 0, (uint64_t)value, &bytes, &err));
        ck_assert_uint_eq(bytes.len, key_of(&docs[d], key));
        ck_assert_mem_eq(bytes.bytes, key, bytes.len);
        ok(qi_records_get(&segment->records, d, &bytes, &err));
        qi_arena memory;
        qi_stored_record record;
        qi_arena_init(&memory, 0);
        ok(qi_stored_decode(&record, (quire_str){(const char *)bytes.bytes, bytes.len}, FIELDS,
                            &memory, "test", &err));
        ck_assert_uint_eq(record.values[0].text.len, key_of(&docs[d], key));
        ck_assert_mem_eq(record.values[0].text.ptr, key, key_of(&docs[d], key));
        qi_arena_free(&memory);
    }
    qi_buf_free(&bytes);
}

static void free_docs(doc *docs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (int f = 0; f < FIELDS; f++)
            free(docs[i].words[f]);
    free(docs);
}

START_TEST(every_list_of_a_flushed_segment_is_what_was_added)
{
    static const uint32_t counts[] = {0, 1, 2, 63, 64, 65, 700};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        doc *docs = calloc(counts[c] + 1, sizeof *docs);
        for (uint32_t i = 0; i < counts[c]; i++)
            make_doc(&docs[i], i);
        qi_docset deleted;
        qi_segment *segment = flush_docs(docs, counts[c], &deleted);
        check_segment(segment, docs, counts[c]);
        qi_segment_release(segment);
        qi_docset_free(&deleted);
        free_docs(docs, counts[c]);
    }
}
END_TEST

/* Put documents in a random order; the new number of each. */
static uint32_t *shuffle(doc *docs, uint32_t count)
{
    doc *before = calloc(count + 1, sizeof *before);
    uint32_t *order = calloc(count + 1, sizeof *order);
    memcpy(before, docs, count * sizeof *docs);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t other = roll(i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (uint32_t i = 0; i < count; i++)
        docs[order[i]] = before[i];
    free(before);
    return order;
}

/* Documents are deleted from all sources, in an order of their own (1) or not, from some (2), from
 * none (3). */
START_TEST(a_merge_holds_the_live_documents_of_its_sources_in_the_order_asked_for)
{
    enum { SOURCES = 4, EACH = 120 };
    doc *live = calloc(SOURCES * EACH, sizeof *live), *docs = calloc(SOURCES * EACH, sizeof *docs);
    qi_segment *segments[SOURCES];
    qi_docset deleted[SOURCES];
    qi_merge_source sources[SOURCES];
    uint32_t kept = 0;
    for (uint32_t s = 0; s < SOURCES; s++) {
        for (uint32_t i = 0; i < EACH; i++) {
            doc *d = &docs[s * EACH + i];
            make_doc(d, s * EACH + i);
            d->deleted = roll(4) == 0 && (_i < 2 || (_i == 2 && s % 2 == 0));
            if (!d->deleted)
                live[kept++] = *d;
        }
        segments[s] = flush_docs(&docs[s * EACH], EACH, &deleted[s]);
        sources[s] = (qi_merge_source){segments[s], &deleted[s]};
    }
    qi_file_id id = new_id(), again = new_id();
    uint32_t *order = _i == 1 ? shuffle(live, kept) : NULL;
    qi_merge_plan all = {schema, sources, SOURCES, order, _i % 2 == 1 ? 100 : 0};
    ok(qi_merge(dir, &id, &all, &err));
    free(order);
    qi_segment *merged;
    ok(qi_segment_open(&merged, dir, &id, schema, &err));
    check_segment(merged, live, kept);

    /* The same documents give the same lists, whether they were flushed or merged. */
    for (uint32_t i = 0; i < kept; i++)
        live[i].deleted = false;
    qi_docset none;
    qi_segment *fresh = flush_docs(live, kept, &none);
    ck_assert_uint_eq(fresh->lists_size, merged->lists_size);
    ck_assert_mem_eq(fresh->lists, merged->lists, fresh->lists_size);
    qi_merge_source one = {merged, NULL};
    qi_merge_plan single = {schema, &one, 1, NULL, 1 << 10};
    ok(qi_merge(dir, &again, &single, &err));
    qi_segment_release(fresh);
    qi_segment_release(merged);
    qi_docset_free(&none);
    for (uint32_t s = 0; s < SOURCES; s++) {
        qi_segment_release(segments[s]);
        qi_docset_free(&deleted[s]);
    }
    free(live);
    free_docs(docs, SOURCES * EACH);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.segment");
    TCase *t = tcase_create("segment");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_list_of_a_flushed_segment_is_what_was_added);
    tcase_add_loop_test(t, a_merge_holds_the_live_documents_of_its_sources_in_the_order_asked_for,
                        0, 4);
    suite_add_tcase(s, t);
    return s;
}
