/* SPDX-License-Identifier: MIT */
#include "search/make.h"
#include "search/print.h"

#include "base/mem.h"
#include "support/reading.h"
#include "support/roll.h"

static const quire_str OPEN = {NULL, 0};

static const char *phrase(const char *field, const char *text, uint32_t slop)
{
    qi_query_release(query);
    ck_assert_int_eq(qi_make_phrase(&query, schema, field, quire_cstr(text), slop, &err), QUIRE_OK);
    check_canonical(query, QUIRE_OR, NULL);
    return qi_print_describe(query)->canonical.ptr;
}

static const char *prefix(const char *field, const char *text)
{
    qi_query_release(query);
    ck_assert_int_eq(qi_make_prefix(&query, schema, field, quire_cstr(text), &err), QUIRE_OK);
    check_canonical(query, QUIRE_OR, NULL);
    return qi_print_describe(query)->canonical.ptr;
}

static const char *range(const char *field, quire_str low, quire_str high)
{
    qi_query_release(query);
    ck_assert_int_eq(qi_make_range(&query, schema, field, low, high, &err), QUIRE_OK);
    check_canonical(query, QUIRE_OR, NULL);
    return qi_print_describe(query)->canonical.ptr;
}

static quire_query *parsed(const char *text)
{
    quire_query *out;
    ck_assert_int_eq(
        qi_parse(&out, schema, quire_cstr(text), &(qi_parse_options){.strict = true}, &err),
        QUIRE_OK);
    return out;
}

/* Combine texts by an operator; NULL ends them. */
static const char *combined(quire_operator how, float boost, const char *a, const char *b)
{
    quire_query *children[2] = {parsed(a), b == NULL ? NULL : parsed(b)};
    qi_make_parts parts = {how, children, b == NULL ? 1 : 2, boost};
    qi_query_release(query);
    ck_assert_int_eq(qi_make_combination(&query, schema, &parts, &err), QUIRE_OK);
    qi_query_release(children[0]);
    qi_query_release(children[1]);
    check_canonical(query, how == QUIRE_SMART ? QUIRE_SMART : QUIRE_OR, NULL);
    return qi_print_describe(query)->canonical.ptr;
}

START_TEST(no_character_of_a_phrase_is_an_operator)
{
    ck_assert_str_eq(phrase(NULL, "climate change", 2), "\"climate change\"~2");
    ck_assert_str_eq(phrase("title", "-a \"b\" _ (c|d) e*", 0),
                     "title:\"-a \\\"b\\\" \\_ \\(c|d) e\\*\"");
    ck_assert_uint_eq(query->root->leaves[0].word_count, 5);
    ck_assert_str_eq(phrase(NULL, "word", 7), "word");
    ck_assert_int_eq(query->root->kind, QI_NODE_TERM);
    ck_assert_str_eq(phrase(NULL, " ... ", 0), "");
    ck_assert_int_eq(query->root->kind, QI_NODE_NONE);
    ck_assert_str_eq(phrase("tag", "New York", 0), "tag:\"New York\"");
    ck_assert_str_eq(phrase("tag", "", 0), "tag:\"\"");
    ck_assert_str_eq(phrase("stops", "the", 0), "");
    ck_assert(noted("word-left-out"));
}
END_TEST

START_TEST(a_prefix_is_of_one_word)
{
    ck_assert_str_eq(prefix(NULL, "Clim"), "Clim*");
    ck_assert_str_eq(prefix("tag", "New Y"), "tag:\"New Y\"*");
    ck_assert_str_eq(prefix("tag", ""), "tag:*");
    quire_query *out;
    ck_assert_int_eq(qi_make_prefix(&out, schema, NULL, quire_cstr("a b"), &err), QUIRE_ERR_SYNTAX);
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(ranges_include_both_ends)
{
    ck_assert_str_eq(range("year", quire_cstr("5"), quire_cstr("7")), "year:[5 TO 7]");
    ck_assert_str_eq(range("year", OPEN, quire_cstr("7")), "year:[* TO 7]");
    ck_assert_str_eq(range("year", OPEN, OPEN), "year:*");
    ck_assert_str_eq(range("date", quire_cstr("2024"), quire_cstr("2024")), "date:2024");
    ck_assert_str_eq(range("tag", quire_cstr("a b"), OPEN), "tag:[\"a b\" TO *]");
}
END_TEST

START_TEST(queries_combine_and_stay_the_callers)
{
    ck_assert_str_eq(combined(QUIRE_OR, 0, "a", "b OR a"), "a^2 OR b");
    ck_assert_str_eq(combined(QUIRE_AND, 1, "a", "b -c"), "(a AND b) -c");
    ck_assert_str_eq(combined(QUIRE_NOT, 1, "a", "b OR c"), "a -b -c");
    ck_assert_str_eq(combined(QUIRE_FILTER, 1, "a OR b", "c"), "(a OR b) AND c^0");
    ck_assert_str_eq(combined(QUIRE_FILTER, 1, "a", "year:5"), "a AND year:5");
    ck_assert_str_eq(combined(QUIRE_SMART, 1, "a", "b"), "a b");
    ck_assert_str_eq(combined(QUIRE_SMART, 2, "a", "b"), "a^2 b^2");
    ck_assert_str_eq(combined(QUIRE_OR, 2.5f, "a", "b"), "(a OR b)^2.5");
    ck_assert_str_eq(combined(QUIRE_OR, 3, "a", NULL), "a^3");
    ck_assert_str_eq(combined(QUIRE_AND, 1, "a", ""), "");
    ck_assert_str_eq(combined(QUIRE_OR, 1, "a", ""), "a");
}
END_TEST

START_TEST(a_smart_query_keeps_its_kind_below_a_filter)
{
    quire_query *smart_query = NULL, *filtered, *both;
    qi_parse_options options = {.operator_ = QUIRE_SMART};
    ck_assert_int_eq(qi_parse(&smart_query, schema, quire_cstr("a b -c"), &options, &err),
                     QUIRE_OK);
    quire_query *children[2] = {smart_query, parsed("tag:x")};
    qi_make_parts parts = {QUIRE_FILTER, children, 2, 1};
    ck_assert_int_eq(qi_make_combination(&filtered, schema, &parts, &err), QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(filtered)->canonical.ptr, "a b tag:x^0 -c");
    check_canonical(filtered, QUIRE_SMART, NULL);
    quire_query *pair[2] = {filtered, children[1]};
    parts = (qi_make_parts){QUIRE_OR, pair, 2, 1};
    ck_assert_int_eq(qi_make_combination(&both, schema, &parts, &err), QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(both)->canonical.ptr,
                     "(((a OR b) AND tag:x^0) -c) OR tag:x");
    qi_query_release(both);
    qi_query_release(filtered);
    qi_query_release(children[1]);
    qi_query_release(smart_query);
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
    quire_query *out, *child = parsed("a");
    quire_schema *other;
    quire_str a = quire_cstr("a");
    ck_assert_int_eq(qi_make_phrase(&out, schema, "nope", a, 0, &err), QUIRE_ERR_NOT_FOUND);
    ck_assert_int_eq(qi_make_phrase(&out, schema, "year", a, 0, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_make_phrase(&out, schema, "shown", a, 0, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_make_phrase(&out, schema, NULL, a, QI_SLOP_MAX + 1, &err), QUIRE_ERR_LIMIT);
    ck_assert_int_eq(qi_make_range(&out, schema, "title", a, a, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_make_range(&out, schema, NULL, a, a, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_make_range(&out, schema, "year", a, a, &err), QUIRE_ERR_SYNTAX);
    qi_make_parts parts = {QUIRE_NOT, &child, 0, 1};
    ck_assert_int_eq(qi_make_combination(&out, schema, &parts, &err), QUIRE_ERR_MISUSE);
    parts = (qi_make_parts){(quire_operator)9, &child, 1, 1};
    ck_assert_int_eq(qi_make_combination(&out, schema, &parts, &err), QUIRE_ERR_MISUSE);
    parts = (qi_make_parts){QUIRE_OR, &child, 1, -1};
    ck_assert_int_eq(qi_make_combination(&out, schema, &parts, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_schema_new(&other, &err), QUIRE_OK);
    parts = (qi_make_parts){QUIRE_OR, &child, 1, 1};
    ck_assert_int_eq(qi_make_combination(&out, other, &parts, &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(out);
    qi_schema_release(other);
    other = tree_schema();
    ck_assert_int_eq(qi_make_combination(&out, other, &parts, &err), QUIRE_OK);
    qi_query_release(out);
    qi_schema_release(other);
    qi_query_release(child);
}
END_TEST

START_TEST(combinations_beyond_a_limit_are_refused)
{
    quire_query *out = NULL, *next = NULL;
    quire_status status = QUIRE_OK;
    int steps = 0;
    qi_query_release(query);
    query = parsed("a");
    for (; status == QUIRE_OK && steps < 1000; steps++) {
        quire_query *pair[2] = {query, parsed(steps % 2 == 0 ? "b" : "c")};
        qi_make_parts parts = {steps % 2 == 0 ? QUIRE_AND : QUIRE_OR, pair, 2, 2};
        status = qi_make_combination(&next, schema, &parts, &err);
        qi_query_release(pair[1]);
        if (status == QUIRE_OK) {
            qi_query_release(query);
            query = next;
        }
    }
    ck_assert_int_eq(status, QUIRE_ERR_LIMIT);
    ck_assert_int_eq(steps, QI_QUERY_DEPTH + 1);
    quire_query *many[64];
    for (int i = 0; i < 64; i++)
        many[i] = query;
    qi_make_parts parts = {QUIRE_OR, many, QI_QUERY_NODES + 1, 1};
    ck_assert_int_eq(qi_make_combination(&out, schema, &parts, &err), QUIRE_ERR_LIMIT);
    parts.count = 64;
    ck_assert_int_eq(qi_make_combination(&out, schema, &parts, &err), QUIRE_ERR_LIMIT);
    ck_assert_ptr_null(out);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    quire_query *children[2] = {parsed("a b \"c d\""), parsed("e tag:x -year:5")};
    for (unsigned long nth = 1, left = 4; left > 0; nth++) {
        quire_query *out[4] = {NULL, NULL, NULL, NULL};
        qi_make_parts parts = {(quire_operator)(nth % 5), children, 2, 2};
        left = 0;
        for (int i = 0; i < 4; i++) {
            quire_status status;
            qi_mem_fail(nth, nth % 2 == 0);
            if (i == 0)
                status = qi_make_phrase(&out[i], schema, NULL, quire_cstr("a b c"), 1, &err);
            else if (i == 1)
                status = qi_make_prefix(&out[i], schema, "title", quire_cstr("a"), &err);
            else if (i == 2)
                status = qi_make_range(&out[i], schema, "tag", quire_cstr("a"), OPEN, &err);
            else
                status = qi_make_combination(&out[i], schema, &parts, &err);
            left += qi_mem_fail(0, false) >= nth ? 1 : 0;
            ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
            ck_assert_int_eq(status == QUIRE_OK, out[i] != NULL);
            qi_query_release(out[i]);
        }
    }
    qi_query_release(children[0]);
    qi_query_release(children[1]);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.make");
    TCase *t = tcase_create("make");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, no_character_of_a_phrase_is_an_operator);
    tcase_add_test(t, a_prefix_is_of_one_word);
    tcase_add_test(t, ranges_include_both_ends);
    tcase_add_test(t, queries_combine_and_stay_the_callers);
    tcase_add_test(t, a_smart_query_keeps_its_kind_below_a_filter);
    tcase_add_test(t, wrong_calls_are_refused);
    tcase_add_test(t, combinations_beyond_a_limit_are_refused);
    tcase_add_test(t, every_allocation_may_fail);
    suite_add_tcase(s, t);
    return s;
}
