/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "quire.h"

static quire_index *memory_index;
static quire_error err;

static void begin(void)
{
    quire_schema *schema;
    ck_assert_int_eq(quire_schema_new(&schema, true, &err), QUIRE_OK);
    ck_assert_int_eq(quire_index_create(&memory_index, NULL, schema, NULL, &err), QUIRE_OK);
    quire_schema_free(schema);
}

static void end(void)
{
    quire_index_close(memory_index);
}

/* What a query is in canonical form; it is freed. */
static void expect(quire_query *query, const char *canonical)
{
    ck_assert_ptr_nonnull(query);
    ck_assert_str_eq(quire_query_describe(query)->canonical.ptr, canonical);
    ck_assert_uint_eq(quire_query_describe(query)->canonical.len, strlen(canonical));
    quire_query_free(query);
}

START_TEST(text_is_read_as_the_options_say)
{
    quire_query *query = NULL;
    quire_parse_options options = QUIRE_PARSE_OPTIONS_INIT;
    quire_str text = quire_cstr("sea ice author:smith");
    ck_assert_int_eq(quire_query_parse(&query, memory_index, text, NULL, &err), QUIRE_OK);
    expect(query, "sea OR ice OR author:smith");
    options.operator_ = QUIRE_AND;
    ck_assert_int_eq(quire_query_parse(&query, memory_index, text, &options, &err), QUIRE_OK);
    expect(query, "sea AND ice AND author:smith");
    options.operator_ = QUIRE_SMART;
    options.fields = "title";
    ck_assert_int_eq(quire_query_parse(&query, memory_index, text, &options, &err), QUIRE_OK);
    expect(query, "title:sea title:ice author:smith");
}
END_TEST

START_TEST(the_strict_reading_says_where_it_fails)
{
    quire_query *query = NULL;
    quire_parse_options options = QUIRE_PARSE_OPTIONS_INIT;
    options.strict = true;
    quire_status status =
        quire_query_parse(&query, memory_index, quire_cstr("sea (ice"), &options, &err);
    ck_assert_int_eq(status, QUIRE_ERR_SYNTAX);
    ck_assert_ptr_null(query);
    ck_assert_uint_eq(err.offset, 4);
    ck_assert_ptr_nonnull(strstr(err.message, "byte 4"));
}
END_TEST

START_TEST(the_lenient_reading_has_notes)
{
    quire_query *query = NULL;
    ck_assert_int_eq(quire_query_parse(&query, memory_index, quire_cstr("sea (ice"), NULL, &err),
                     QUIRE_OK);
    const quire_query_info *info = quire_query_describe(query);
    ck_assert_uint_eq(info->note_count, 1);
    ck_assert_str_eq(info->notes[0].code, "unmatched-paren");
    ck_assert_uint_eq(info->notes[0].start, 4);
    expect(query, "sea OR ice");
}
END_TEST

START_TEST(queries_are_built_and_outlive_their_children_and_their_index)
{
    quire_query *parts[3], *query = NULL;
    ck_assert_int_eq(
        quire_query_phrase(&parts[0], memory_index, "body", quire_cstr("sea ice"), 1, &err),
        QUIRE_OK);
    ck_assert_int_eq(quire_query_prefix(&parts[1], memory_index, NULL, quire_cstr("melt"), &err),
                     QUIRE_OK);
    ck_assert_int_eq(quire_query_range(&parts[2], memory_index, "date", quire_cstr("2024"),
                                       (quire_str){NULL, 0}, &err),
                     QUIRE_OK);
    ck_assert_int_eq(quire_query_combine(&query, memory_index, QUIRE_FILTER, parts, 3, 2, &err),
                     QUIRE_OK);
    for (int i = 0; i < 3; i++)
        quire_query_free(parts[i]);
    quire_index_close(memory_index);
    memory_index = NULL;
    expect(query, "body:\"sea ice\"~1^2 AND melt*^0 AND date:[2024-01-01T00:00:00Z TO *]");
}
END_TEST

START_TEST(wrong_calls_are_misuse_and_give_nothing)
{
    quire_query *query = (quire_query *)&err;
    quire_parse_options options = QUIRE_PARSE_OPTIONS_INIT;
    quire_str text = quire_cstr("a"), none = {NULL, 1};
    ck_assert_int_eq(quire_query_parse(&query, NULL, text, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(query);
    ck_assert_int_eq(quire_query_parse(NULL, memory_index, text, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_query_parse(&query, memory_index, none, NULL, &err), QUIRE_ERR_MISUSE);
    options.operator_ = QUIRE_NOT;
    ck_assert_int_eq(quire_query_parse(&query, memory_index, text, &options, &err),
                     QUIRE_ERR_MISUSE);
    options.struct_size = 0;
    ck_assert_int_eq(quire_query_parse(&query, memory_index, text, &options, &err),
                     QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_query_combine(&query, memory_index, QUIRE_OR, NULL, 1, 1, &err),
                     QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(query);
    ck_assert_ptr_null(quire_query_describe(NULL));
    quire_query_free(NULL);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("api.query");
    TCase *t = tcase_create("query");
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, text_is_read_as_the_options_say);
    tcase_add_test(t, the_strict_reading_says_where_it_fails);
    tcase_add_test(t, the_lenient_reading_has_notes);
    tcase_add_test(t, queries_are_built_and_outlive_their_children_and_their_index);
    tcase_add_test(t, wrong_calls_are_misuse_and_give_nothing);
    suite_add_tcase(s, t);
    return s;
}
