/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "quire.h"

static quire_error err;

static const quire_analysis *read_as(const quire_analyzer *analyzer, const char *text)
{
    const quire_analysis *analysis = NULL;
    ck_assert_int_eq(quire_analyze(&analysis, analyzer, quire_cstr(text), &err), QUIRE_OK);
    return analysis;
}

static void is(quire_str text, const char *wanted)
{
    ck_assert_uint_eq(text.len, strlen(wanted));
    ck_assert_int_eq(memcmp(text.ptr, wanted, text.len), 0);
}

START_TEST(every_token_shows_term_form_place_and_steps)
{
    quire_analyzer english = {.language = "english"};
    const quire_analysis *a = read_as(&english, "The Caf\xC3\xA9s' owner");
    ck_assert_uint_eq(a->count, 3);
    ck_assert_uint_eq(a->invalid_bytes, 0);
    is(a->tokens[1].exact, "cafes");
    is(a->tokens[1].term, "cafe");
    ck_assert_uint_eq(a->tokens[1].position, 1);
    ck_assert_uint_eq(a->tokens[1].start, 4);
    ck_assert_uint_eq(a->tokens[1].end, 10);
    ck_assert_ptr_nonnull(strstr(a->tokens[1].steps, "cafes -> cafe"));
    quire_analysis_free(a);
}
END_TEST

START_TEST(no_analyzer_is_the_default_one)
{
    const quire_analysis *a = read_as(NULL, "Running DOGS");
    ck_assert_uint_eq(a->count, 2);
    is(a->tokens[0].term, "running");
    is(a->tokens[1].term, "dogs");
    quire_analysis_free(a);
}
END_TEST

START_TEST(stop_words_are_shown_with_an_empty_term)
{
    quire_analyzer stops = {.language = "english", .stop_words = true};
    const quire_analysis *a = read_as(&stops, "in the sea");
    ck_assert_uint_eq(a->count, 3);
    is(a->tokens[0].term, "");
    is(a->tokens[1].term, "");
    is(a->tokens[2].term, "sea");
    ck_assert_uint_eq(a->tokens[2].position, 2);
    quire_analysis_free(a);
}
END_TEST

START_TEST(invalid_bytes_are_counted)
{
    const quire_analysis *a = read_as(NULL, "a \xFF\xFE b");
    ck_assert_uint_eq(a->invalid_bytes, 2);
    quire_analysis_free(a);
}
END_TEST

START_TEST(nothing_has_no_tokens_and_an_unknown_language_is_misuse)
{
    const quire_analysis *a = read_as(NULL, "");
    ck_assert_uint_eq(a->count, 0);
    quire_analysis_free(a);
    quire_analyzer klingon = {.language = "klingon"};
    ck_assert_int_eq(quire_analyze(&a, &klingon, quire_cstr("x"), &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(a);
    ck_assert_ptr_nonnull(strstr(err.message, "klingon"));
    quire_analysis_free(NULL);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("api.analyze");
    TCase *t = tcase_create("analyze");
    tcase_add_test(t, every_token_shows_term_form_place_and_steps);
    tcase_add_test(t, no_analyzer_is_the_default_one);
    tcase_add_test(t, stop_words_are_shown_with_an_empty_term);
    tcase_add_test(t, invalid_bytes_are_counted);
    tcase_add_test(t, nothing_has_no_tokens_and_an_unknown_language_is_misuse);
    suite_add_tcase(s, t);
    return s;
}
