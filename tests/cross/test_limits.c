/* SPDX-License-Identifier: MIT
 * Segments at their limits, which this program's library has made small (tests/CMakeLists.txt): at
 * most 500 documents, 20,000 word numbers of a field, and 5,000 words of it in a document. Where a
 * segment is full the next one begins; what fits nowhere is refused, and all else is as it was. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "quire.h"

enum { KEY_ROOM = 16 };

static quire_error err;
static quire_index *index_;
static quire_writer *writer;
static char text[8 * QI_SEGMENT_WORDS];

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%d: %s", status, err.message);
}

static void open_index(void)
{
    quire_schema *schema;
    quire_field key = QUIRE_FIELD_INIT, body = QUIRE_FIELD_INIT;
    key.name = "id";
    key.type = QUIRE_KEYWORD;
    key.key = true;
    body.name = "body";
    body.searched = true;
    ok(quire_schema_new(&schema, false, &err));
    ok(quire_schema_add(schema, &key, &err));
    ok(quire_schema_add(schema, &body, &err));
    ok(quire_index_create(&index_, NULL, schema, NULL, &err));
    quire_schema_free(schema);
    ok(quire_writer_open(&writer, index_, NULL, &err));
}

static void close_index(void)
{
    quire_writer_close(writer);
    quire_index_close(index_);
}

/* A document of so many words: the first is its own, the others are all different. */
static quire_status put(uint32_t key, uint32_t words)
{
    char id[KEY_ROOM];
    snprintf(id, sizeof id, "%u", key);
    size_t len = (size_t)snprintf(text, sizeof text, "own%u", key);
    for (uint32_t i = 1; i < words; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, " w%u", i);
    quire_value values[] = {{"id", quire_cstr(id), 0}, {"body", {text, len}, 0}};
    return quire_writer_add(writer, values, 2, NULL, &err);
}

static void commit(void)
{
    ok(quire_writer_commit(writer, (quire_str){NULL, 0}, false, &err));
}

static uint64_t count(quire_snapshot *snapshot, const char *text_of_query)
{
    quire_query *query;
    const quire_hits *hits;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.count_only = options.count = true;
    options.limit = 0;
    ok(quire_query_parse(&query, index_, quire_cstr(text_of_query), NULL, &err));
    ok(quire_search(&hits, snapshot, query, &options, &err));
    uint64_t total = hits->total;
    quire_hits_free(hits);
    quire_query_free(query);
    return total;
}

static void report(const char *line, void *payload)
{
    (void)payload;
    puts(line);
}

/* The index is whole, no segment is beyond a limit, documents 0 to `documents` are found by their
 * words and keys, and `all` of them by the phrase. How many segments. */
static size_t verify(uint32_t documents, uint64_t all)
{
    quire_snapshot *snapshot;
    ok(quire_index_check(index_, 3, report, NULL, &err));
    ok(quire_snapshot_open(&snapshot, index_, &err));
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    size_t segments = stat->segment_count;
    ck_assert_uint_eq(stat->documents, documents);
    for (size_t i = 0; i < segments; i++) {
        ck_assert_uint_le(stat->segments[i].documents, QI_SEGMENT_DOCUMENTS);
        ck_assert_uint_le(stat->segments[i].words, QI_SEGMENT_WORDS);
    }
    for (uint32_t key = 0; key < documents; key += 37) {
        char word[KEY_ROOM], id[KEY_ROOM];
        quire_doc doc;
        snprintf(word, sizeof word, "own%u", key);
        snprintf(id, sizeof id, "%u", key);
        ck_assert_uint_eq(count(snapshot, word), 1);
        ok(quire_snapshot_find(snapshot, quire_cstr(id), &doc, &err));
    }
    ck_assert_uint_eq(count(snapshot, "\"w1 w2\""), all);
    quire_snapshot_close(snapshot);
    return segments;
}

START_TEST(a_segment_full_of_documents_is_followed_by_another)
{
    for (uint32_t key = 0; key < 3210; key++)
        ok(put(key, 3));
    commit();
    ck_assert_uint_eq(verify(3210, 3210), 7);
    for (uint32_t key = 0; key < 3210; key += 2) /* replaced across segments */
        ok(put(key, 2));
    commit();
    verify(3210, 1605);
}
END_TEST

START_TEST(a_segment_full_of_words_is_followed_by_another)
{
    for (uint32_t key = 0; key < 200; key++)
        ok(put(key, 1000));
    commit();
    size_t segments = verify(200, 200);
    ck_assert_uint_ge(segments, 10); /* 200,000 words */
    ck_assert_uint_le(segments, 14); /* all are nearly full */
}
END_TEST

START_TEST(a_document_of_more_words_than_a_segment_takes_is_refused)
{
    ok(put(0, 10));
    ok(put(1, QI_DOCUMENT_WORDS));
    ck_assert_int_eq(put(2, QI_DOCUMENT_WORDS + 1), QUIRE_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(err.message, "body"));
    ck_assert_ptr_nonnull(strstr(err.message, "5000 words"));
    ck_assert_int_eq(put(0, QI_DOCUMENT_WORDS + 1000), QUIRE_ERR_LIMIT); /* the old one stays */
    for (uint32_t key = 2; key < 12; key++)
        ok(put(key, QI_DOCUMENT_WORDS));
    commit();
    verify(12, 12);
}
END_TEST

START_TEST(a_merge_of_more_than_a_segment_holds_is_refused_and_changes_nothing)
{
    for (uint32_t key = 0; key < 700; key++)
        ok(put(key, 3));
    commit();
    ck_assert_int_eq(quire_writer_merge(writer, 1, &err), QUIRE_ERR_LIMIT);
    ck_assert_uint_eq(verify(700, 700), 2);
    for (uint32_t key = 300; key < 700; key++) {
        char id[KEY_ROOM];
        snprintf(id, sizeof id, "%u", key);
        ok(quire_writer_delete(writer, quire_cstr(id), &err));
    }
    commit();
    ok(quire_writer_merge(writer, 1, &err)); /* what is live fits */
    ck_assert_uint_eq(verify(300, 300), 1);
}
END_TEST

START_TEST(commits_go_on_merging_when_segments_are_full)
{
    for (uint32_t key = 0; key < 6000; key++) {
        ok(put(key, key % 600 == 0 ? 1000 : 3));
        if (key % 10 == 9)
            commit();
    }
    size_t segments = verify(6000, 6000);
    printf("limits: 600 commits made %zu segments of at most 500 documents\n", segments);
    ck_assert_uint_le(segments, 6000 / (QI_SEGMENT_DOCUMENTS / 2) + 10);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.limits");
    TCase *t = tcase_create("limits");
    tcase_add_checked_fixture(t, open_index, close_index);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_segment_full_of_documents_is_followed_by_another);
    tcase_add_test(t, a_segment_full_of_words_is_followed_by_another);
    tcase_add_test(t, a_document_of_more_words_than_a_segment_takes_is_refused);
    tcase_add_test(t, a_merge_of_more_than_a_segment_holds_is_refused_and_changes_nothing);
    tcase_add_test(t, commits_go_on_merging_when_segments_are_full);
    suite_add_tcase(s, t);
    return s;
}
