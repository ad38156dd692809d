/* SPDX-License-Identifier: MIT
 * What a host does with a snapshot, through quire.h alone: search, show, walk the terms.
 * Covers: search matches document terms. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "quire.h"

static quire_error err;
static quire_index *index_;
static quire_snapshot *snapshot;

#define FINE(call) ck_assert_msg((call) == QUIRE_OK, "%s", err.message)

static const char *const bodies[] = {"A river carries sand", "The river's sand banks move",
                                     "Sand and sea", "No water here"};

static void begin(void)
{
    quire_schema *schema = NULL;
    quire_writer *writer = NULL;
    FINE(quire_schema_new(&schema, true, &err));
    FINE(quire_index_create(&index_, NULL, schema, NULL, &err));
    FINE(quire_writer_open(&writer, index_, NULL, &err));
    for (int i = 0; i < 4; i++) {
        char id[8];
        snprintf(id, sizeof id, "d%d", i);
        const quire_value values[] = {{.field = "id", .text = quire_cstr(id)},
                                      {.field = "body", .text = quire_cstr(bodies[i])},
                                      {.field = "date", .number = 86400 * (10 - i)}};
        FINE(quire_writer_add(writer, values, 3, NULL, &err));
    }
    FINE(quire_writer_commit(writer, quire_cstr("p"), false, &err));
    quire_writer_close(writer);
    quire_schema_free(schema);
    FINE(quire_snapshot_open(&snapshot, index_, &err));
}

static void end(void)
{
    quire_snapshot_close(snapshot);
    quire_index_close(index_);
}

static quire_query *query_of(const char *text)
{
    quire_query *query = NULL;
    FINE(quire_query_parse(&query, index_, quire_cstr(text), NULL, &err));
    return query;
}

static const quire_hits *hits_of(const char *text, const quire_search_options *options)
{
    quire_query *query = query_of(text);
    const quire_hits *hits = NULL;
    FINE(quire_search(&hits, snapshot, query, options, &err));
    quire_query_free(query);
    return hits;
}

START_TEST(hits_come_best_first_with_limit_offset_and_total)
{
    quire_search_options options = {.struct_size = sizeof options, .limit = 2, .count = true};
    const quire_hits *first = hits_of("sand river", &options);
    ck_assert_uint_eq(first->count, 2);
    ck_assert_uint_eq(first->total, 3);
    ck_assert(first->exact);
    ck_assert(first->items[0].score >= first->items[1].score);
    options.offset = 2;
    const quire_hits *rest = hits_of("sand river", &options);
    ck_assert_uint_eq(rest->count, 1);
    ck_assert(rest->items[0].score <= first->items[1].score);
    quire_hits_free(first);
    quire_hits_free(rest);
}
END_TEST

static bool cancel_third(void *payload)
{
    return ++*(int *)payload == 3;
}

START_TEST(phrases_are_canceled_within_a_window)
{
    int calls = 0;
    quire_search_options options = {.struct_size = sizeof options};
    const quire_hits *hits = NULL;
    options.cancel = cancel_third;
    options.payload = &calls;
    quire_query *query = query_of("\"a river\" OR \"sand banks\"~2 OR \"no water\" OR \"and sea\"");
    ck_assert_int_eq(quire_search(&hits, snapshot, query, &options, &err), QUIRE_ERR_CANCELED);
    ck_assert_ptr_null(hits);
    ck_assert_int_eq(calls, 3);
    FINE(quire_search(&hits, snapshot, query, &options, &err));
    ck_assert_uint_eq(hits->count, 4);
    quire_hits_free(hits);
    quire_query_free(query);
}
END_TEST

static bool count_calls(void *payload)
{
    ++*(int *)payload;
    return false;
}

START_TEST(a_long_phrase_with_slop_asks_often_whether_to_go_on)
{
    enum { WORDS = 2000, PHRASE = 100 };
    char text[2 * WORDS], phrase[2 * PHRASE + 8];
    for (int i = 0; i < 2 * WORDS; i++)
        text[i] = i % 2 == 0 ? 'a' : ' ';
    snprintf(phrase, sizeof phrase, "\"%.*s\"~1000", 2 * PHRASE, text);
    quire_writer *writer = NULL;
    FINE(quire_writer_open(&writer, index_, NULL, &err));
    const quire_value values[] = {{.field = "id", .text = quire_cstr("long")},
                                  {.field = "body", .text = {text, sizeof text}}};
    FINE(quire_writer_add(writer, values, 2, NULL, &err));
    FINE(quire_writer_commit(writer, quire_cstr(""), false, &err));
    quire_writer_close(writer);
    quire_snapshot_close(snapshot);
    FINE(quire_snapshot_open(&snapshot, index_, &err));
    int calls = 0;
    quire_search_options options = {.struct_size = sizeof options};
    options.cancel = count_calls;
    options.payload = &calls;
    const quire_hits *hits = hits_of(phrase, &options);
    ck_assert_uint_eq(hits->count, 1);
    ck_assert_int_gt(calls, WORDS * PHRASE / 2000);
    quire_hits_free(hits);
}
END_TEST

START_TEST(a_count_alone_gives_no_hits)
{
    quire_search_options options = {.struct_size = sizeof options, .count_only = true};
    const quire_hits *hits = hits_of("sand", &options);
    ck_assert_uint_eq(hits->count, 0);
    ck_assert_uint_eq(hits->total, 3);
    quire_hits_free(hits);
}
END_TEST

START_TEST(a_column_orders_either_way)
{
    quire_search_options options = {.struct_size = sizeof options, .sort = "date"};
    const quire_hits *up = hits_of("sand", &options);
    options.descending = true;
    const quire_hits *down = hits_of("sand", &options);
    ck_assert_uint_eq(up->count, 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_uint_eq(up->items[i].doc, down->items[2 - i].doc);
        ck_assert(up->items[i].score == 0);
    }
    quire_hits_free(up);
    quire_hits_free(down);
}
END_TEST

START_TEST(a_later_or_earlier_host_brings_other_options)
{
    quire_search_options options = {.struct_size = sizeof options};
    struct {
        quire_search_options known;
        uint64_t later;
    } longer = {.known = {.struct_size = sizeof longer}};
    quire_query *query = query_of("sand");
    const quire_hits *hits = NULL;
    options.struct_size = offsetof(quire_search_options, count);
    FINE(quire_search(&hits, snapshot, query, &options, &err));
    quire_hits_free(hits);
    FINE(quire_search(&hits, snapshot, query, &longer.known, &err));
    quire_hits_free(hits);
    longer.later = 1;
    ck_assert_int_eq(quire_search(&hits, snapshot, query, &longer.known, &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(hits);
    options = (quire_search_options){.struct_size = sizeof options, .sort = "nosuch"};
    ck_assert_int_lt(quire_search(&hits, snapshot, query, &options, &err), 0);
    ck_assert_ptr_nonnull(strstr(err.message, "nosuch"));
    quire_query_free(query);
}
END_TEST

START_TEST(an_explanation_adds_up_to_the_score)
{
    quire_query *query = query_of("sand river");
    const quire_hits *hits = NULL;
    const quire_explanation *explanation = NULL;
    FINE(quire_search(&hits, snapshot, query, NULL, &err));
    for (size_t i = 0; i < hits->count; i++) {
        FINE(quire_explain(&explanation, snapshot, query, hits->items[i].doc, NULL, &err));
        ck_assert(fabs(explanation->nodes[0].value - (double)hits->items[i].score) < 1e-6);
        ck_assert_uint_gt(explanation->count, 1);
        quire_explanation_free(explanation);
    }
    quire_doc none = 3;
    ck_assert_int_eq(quire_explain(&explanation, snapshot, query, none, NULL, &err),
                     QUIRE_ERR_NOT_FOUND);
    quire_explanation_free(NULL);
    quire_hits_free(hits);
    quire_query_free(query);
}
END_TEST

START_TEST(a_document_is_found_by_key_and_shows_its_values)
{
    quire_doc doc;
    const quire_document *document = NULL;
    FINE(quire_snapshot_find(snapshot, quire_cstr("d2"), &doc, &err));
    FINE(quire_document_open(&document, snapshot, doc, &err));
    const quire_value *body = quire_document_value(document, "body");
    ck_assert_int_eq(memcmp(body->text.ptr, bodies[2], strlen(bodies[2])), 0);
    ck_assert_int_eq(quire_document_value(document, "date")->number, 86400 * 8);
    ck_assert_ptr_null(quire_document_value(document, "url"));
    ck_assert_ptr_null(quire_document_value(NULL, "url"));
    quire_document_free(document);
    ck_assert_int_eq(quire_snapshot_find(snapshot, quire_cstr("d9"), &doc, &err),
                     QUIRE_ERR_NOT_FOUND);
    ck_assert_int_eq(quire_document_open(&document, snapshot, 4, &err), QUIRE_ERR_NOT_FOUND);
    ck_assert_ptr_null(document);
    quire_document_free(NULL);
}
END_TEST

START_TEST(matches_and_snippet_outlive_the_query)
{
    quire_query *query = query_of("\"sand banks\"");
    const quire_document *document = NULL;
    const quire_matches *matches = NULL;
    quire_str passage;
    FINE(quire_document_open(&document, snapshot, 1, &err));
    FINE(quire_matches_open(&matches, index_, query, document, &err));
    quire_query_free(query);
    ck_assert_uint_eq(matches->count, 1);
    ck_assert_uint_eq(matches->items[0].start, 12);
    ck_assert_uint_eq(matches->items[0].end, 22);
    FINE(quire_matches_snippet(matches, NULL, &passage, &err));
    ck_assert_ptr_nonnull(strstr(passage.ptr, "<b>sand banks</b>"));
    quire_matches_free(matches);
    quire_matches_free(NULL);
    quire_document_free(document);
}
END_TEST

START_TEST(terms_come_in_byte_order_with_their_counts)
{
    quire_terms *terms = NULL;
    quire_term term;
    FINE(quire_terms_open(&terms, snapshot, "body", quire_cstr("s"), false, &err));
    FINE(quire_terms_next(terms, &term, &err));
    ck_assert_int_eq(memcmp(term.text.ptr, "sand", 4), 0);
    ck_assert_uint_eq(term.documents, 3);
    ck_assert_uint_eq(term.occurrences, 3);
    FINE(quire_terms_next(terms, &term, &err));
    ck_assert_int_eq(memcmp(term.text.ptr, "sea", 3), 0);
    ck_assert_int_eq(quire_terms_next(terms, &term, &err), QUIRE_DONE);
    ck_assert_int_eq(quire_terms_next(terms, &term, &err), QUIRE_DONE);
    quire_terms_close(terms);
    quire_terms_close(NULL);
    ck_assert_int_eq(quire_terms_open(&terms, snapshot, "nosuch", quire_cstr(""), false, &err),
                     QUIRE_ERR_NOT_FOUND);
    ck_assert_int_eq(quire_terms_open(&terms, snapshot, "date", quire_cstr(""), false, &err),
                     QUIRE_ERR_MISUSE);
}
END_TEST

START_TEST(calls_without_their_handles_are_misuse_and_give_nothing)
{
    quire_query *query = query_of("sand");
    const quire_hits *hits = (const quire_hits *)1;
    const quire_explanation *explanation = (const quire_explanation *)1;
    const quire_document *document = (const quire_document *)1;
    const quire_matches *matches = (const quire_matches *)1;
    quire_terms *terms = (quire_terms *)1;
    quire_term term = {{"x", 1}, 1, 1};
    quire_str passage = {"x", 1};
    ck_assert_int_eq(quire_search(&hits, NULL, query, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_search(NULL, snapshot, query, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_explain(&explanation, snapshot, NULL, 0, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_document_open(&document, NULL, 0, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_matches_open(&matches, index_, query, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_matches_snippet(NULL, NULL, &passage, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_terms_open(&terms, NULL, "body", quire_cstr(""), false, &err),
                     QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_terms_next(NULL, &term, &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(hits);
    ck_assert_ptr_null(explanation);
    ck_assert_ptr_null(document);
    ck_assert_ptr_null(matches);
    ck_assert_ptr_null(terms);
    ck_assert_ptr_null(term.text.ptr);
    ck_assert_ptr_null(passage.ptr);
    quire_query_free(query);
}
END_TEST

START_TEST(a_query_for_another_schema_is_misuse)
{
    quire_schema *schema = NULL;
    quire_index *other = NULL;
    quire_query *query = NULL;
    const quire_hits *hits = NULL;
    const quire_explanation *explanation = NULL;
    const quire_matches *matches = NULL;
    const quire_document *document = NULL;
    FINE(quire_schema_new(&schema, true, &err));
    quire_field field = QUIRE_FIELD_INIT;
    field.name = "extra";
    field.searched = true;
    FINE(quire_schema_add(schema, &field, &err));
    FINE(quire_index_create(&other, NULL, schema, NULL, &err));
    FINE(quire_query_parse(&query, other, quire_cstr("sand extra:sand"), NULL, &err));
    ck_assert_int_eq(quire_search(&hits, snapshot, query, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(hits);
    ck_assert_int_eq(quire_explain(&explanation, snapshot, query, 0, NULL, &err), QUIRE_ERR_MISUSE);
    FINE(quire_document_open(&document, snapshot, 0, &err));
    ck_assert_int_eq(quire_matches_open(&matches, index_, query, document, &err), QUIRE_ERR_MISUSE);
    quire_document_free(document);
    quire_query_free(query);
    quire_index_close(other);
    quire_schema_free(schema);
}
END_TEST

START_TEST(statistics_are_those_of_the_commit)
{
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    ck_assert_uint_eq(stat->documents, 4);
    ck_assert_uint_eq(stat->generation, 2);
    ck_assert_uint_eq(stat->payload.len, 1);
    ck_assert_uint_eq(stat->segment_count, 1);
    const quire_segment_stat *s = stat->segments;
    ck_assert_uint_eq(s->documents, 4);
    ck_assert_uint_eq(s->term_bytes + s->doc_bytes + s->freq_bytes + s->position_bytes +
                          s->skip_bytes + s->range_bytes + s->bitmap_bytes + s->norm_bytes +
                          s->stored_bytes + s->column_bytes + s->other_bytes,
                      s->file_bytes);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("api.search");
    TCase *t = tcase_create("search");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, hits_come_best_first_with_limit_offset_and_total);
    tcase_add_test(t, phrases_are_canceled_within_a_window);
    tcase_add_test(t, a_long_phrase_with_slop_asks_often_whether_to_go_on);
    tcase_add_test(t, a_count_alone_gives_no_hits);
    tcase_add_test(t, a_column_orders_either_way);
    tcase_add_test(t, a_later_or_earlier_host_brings_other_options);
    tcase_add_test(t, an_explanation_adds_up_to_the_score);
    tcase_add_test(t, a_document_is_found_by_key_and_shows_its_values);
    tcase_add_test(t, matches_and_snippet_outlive_the_query);
    tcase_add_test(t, terms_come_in_byte_order_with_their_counts);
    tcase_add_test(t, calls_without_their_handles_are_misuse_and_give_nothing);
    tcase_add_test(t, a_query_for_another_schema_is_misuse);
    tcase_add_test(t, statistics_are_those_of_the_commit);
    suite_add_tcase(s, t);
    return s;
}
