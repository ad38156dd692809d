/* SPDX-License-Identifier: MIT */
#include "search/lex.h"

#include "support/reading.h"

START_TEST(l2_a_name_is_a_field_only_if_the_schema_has_it)
{
    ck_assert_str_eq(lenient("php:mysql"), "\"php:mysql\"");
    ck_assert(noted("unknown-field"));
    ck_assert_str_eq(lenient("12:30"), "\"12:30\"");
    NO_NOTES();
    ck_assert_str_eq(lenient("http://example.org/a"), "\"http://example.org/a\"");
    NO_NOTES();
    ck_assert_str_eq(lenient("std::vector C:N"), "\"std::vector\" OR \"C:N\"");
    ck_assert_str_eq(lenient("php:\"a b\""), "\"php:\" OR \"a b\"");
    ck_assert_str_eq(lenient("title: foo"), "\"title:\" OR foo");
    ck_assert(noted("empty-field"));
    ck_assert_str_eq(lenient("{nope}:a {title,nope}:b"), "\"{nope}:a\" OR title:b");
    ck_assert(noted("unknown-field"));
    refused("a nope:b", 2, "name of a field");
    refused("a title:", 2, "a value directly after");
    ck_assert_str_eq(strict("php\\:mysql"), "\"php:mysql\"");
    ck_assert_str_eq(strict("title:http://x"), "title:\"http://x\"");
}
END_TEST

START_TEST(l3_signs_inside_words_are_text)
{
    ck_assert_str_eq(lenient("2024-05-01"), "2024-05-01");
    ck_assert_int_eq(query->root->kind, QI_NODE_PHRASE);
    ck_assert_str_eq(lenient("order A-1234-B7"), "order OR A-1234-B7");
    ck_assert_str_eq(lenient("a -b"), "a -b");
    ck_assert_str_eq(lenient("(-b a)"), "a -b");
    ck_assert_str_eq(lenient("a - b"), "a OR b");
    ck_assert_str_eq(lenient("a+b"), "\"a+b\"");
    ck_assert_str_eq(lenient("\"a\"-b"), "a OR \"-b\"");
    ck_assert_str_eq(lenient("a\xE3\x80\x80-b"), "a -b");
    ck_assert_str_eq(lenient("a\xC2\xA0-b"), "a -b");
    NO_NOTES();
    refused("a - b", 2, "on both sides");
}
END_TEST

START_TEST(l4_what_has_no_partner_is_dropped_and_its_content_kept)
{
    ck_assert_str_eq(lenient("\"climate change"), "climate OR change");
    ck_assert(noted("unmatched-quote"));
    ck_assert_str_eq(lenient("a (b OR c"), "a OR b OR c");
    ck_assert(noted("unmatched-paren"));
    ck_assert_str_eq(lenient("a) b"), "a OR b");
    ck_assert(noted("unmatched-paren"));
    ck_assert_str_eq(lenient("title:(a b"), "title:a OR b");
    ck_assert_str_eq(lenient("year:[5 a"), "year:5 OR a");
    ck_assert(noted("unmatched-bracket"));
    ck_assert_str_eq(lenient("title:\"a b"), "title:a OR b");
    ck_assert_str_eq(lenient("12\" vinyl"), "\"12\\\"\" OR vinyl");
    ck_assert_str_eq(lenient("a () b"), "a OR b");
    ck_assert(noted("empty-group"));
    ck_assert_str_eq(lenient("[citation needed]"), "\"[citation\" OR \"needed]\"");
    refused("a \"b", 2, "close the phrase");
    refused("a (b", 2, "partner");
    refused("a) b", 1, "partner");
    refused("year:[5", 5, "expected a range");
    refused("a ()", 2, "in the parentheses");
    refused("a \"\"", 2, "between the quotation marks");
}
END_TEST

START_TEST(l4_operators_without_operands_are_text)
{
    ck_assert_str_eq(lenient("AND"), "\"AND\"");
    ck_assert(noted("dangling-operator"));
    ck_assert_str_eq(lenient("OR a"), "\"OR\" OR a");
    ck_assert_str_eq(lenient("a AND"), "a OR \"AND\"");
    ck_assert_str_eq(lenient("a AND OR b"), "a OR \"AND\" OR b");
    ck_assert_str_eq(lenient("a NOT"), "a OR \"NOT\"");
    ck_assert_str_eq(lenient("NOT NOT a"), "\"NOT\" -a");
    ck_assert_str_eq(lenient("NEAR"), "\"NEAR\"");
    ck_assert_str_eq(lenient("(AND)"), "\"AND\"");
    ck_assert_str_eq(lenient("a && | b"), "a OR b");
    refused("a AND", 2, "on both sides");
    refused("OR a", 0, "on both sides");
    refused("a AND OR b", 2, "on both sides");
    refused("NOT -a", 0, "on both sides");
    refused("a NOT", 2, "on both sides");
}
END_TEST

START_TEST(curly_quotation_marks_are_quotation_marks_where_a_person_types)
{
    ck_assert_str_eq(lenient("“sea ice” x"), "\"sea ice\" OR x");
    ck_assert_str_eq(lenient("title:„sea ice“~2"), "title:\"sea ice\"~2");
    ck_assert_str_eq(lenient("year:[“1” TO 5]"), "year:[1 TO 5]");
    ck_assert_str_eq(lenient("“a b\" c"), "\"a b\" OR c");
    NO_NOTES();
    ck_assert_str_eq(lenient("“sea ice"), "sea OR ice");
    ck_assert(noted("unmatched-quote"));
    ck_assert_uint_eq(query->info.notes[0].end, 3);
    ck_assert_str_eq(lenient("don’t"), "don’t");
    ck_assert_str_eq(strict("“sea"), "“sea");
}
END_TEST

START_TEST(reading_is_linear_in_the_text)
{
    static const char *const PATTERNS[] = {
        "(",         ")",        "\"",        "a\" ",         "a:(^",       "title:(^", "-",
        "- ",        "\\",       "[",         "year:[",       "year:[1 ",   "{",        "{title,",
        "{title,a ", "~",        "^",         "a^",           "*",          "a* ",      "?",
        "|",         "a|",       "AND ",      "NOT ",         "a AND ",     "NEAR(",    "\"a\" ",
        "()",        "(a",       "a)",        "..",           "year:1..",   "=",        "=\"",
        "year:[\"",  "\"\\\"",   "/a/ ",      "\xE6\x9D\xB1", "a-",         "\"(a|",    "\"_ ",
        "( (a) -",   "(a b)@",   "@1",        ", ",           "NEAR(a, 5)", "\xC3",     "title:",
        "“",         "”a",       "x:“",       "tag:*",        "\"a b\"~",   "a~",       "x:y ",
        "+(",        "!-+",      "\t",        "/(",           "/a|",        "/\\/",     "[a TO ",
        "[\"a ",     "{a TO b}", "[1 TO 2]^", ")@",           "/a/^"};
    enum { SMALL = 16 * 1024, LARGE = 64 * 1024 };
    char *text = malloc(LARGE);
    for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS; i++) {
        uint64_t steps[2] = {0, 0};
        size_t len = strlen(PATTERNS[i]);
        for (size_t n = 0; n < LARGE; n++)
            text[n] = PATTERNS[i][n % len];
        for (int size = 0; size < 2; size++) {
            qi_parse_options options = {.steps = &steps[size]};
            quire_str part = {text, size == 0 ? SMALL : LARGE};
            qi_query_release(query);
            ck_assert_int_eq(qi_parse(&query, schema, part, &options, &err), QUIRE_OK);
        }
        ck_assert_msg(steps[1] <= 24 * (uint64_t)LARGE && steps[1] <= 5 * steps[0] + LARGE,
                      "'%s': %llu steps, then %llu", PATTERNS[i], (unsigned long long)steps[0],
                      (unsigned long long)steps[1]);
    }
    free(text);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.lex");
    TCase *t = tcase_create("lex");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, l2_a_name_is_a_field_only_if_the_schema_has_it);
    tcase_add_test(t, l3_signs_inside_words_are_text);
    tcase_add_test(t, l4_what_has_no_partner_is_dropped_and_its_content_kept);
    tcase_add_test(t, l4_operators_without_operands_are_text);
    tcase_add_test(t, curly_quotation_marks_are_quotation_marks_where_a_person_types);
    tcase_add_test(t, reading_is_linear_in_the_text);
    suite_add_tcase(s, t);
    return s;
}
