/* SPDX-License-Identifier: MIT */
#include "search/print.h"
#include "search/query.h"

#include "base/mem.h"
#include "support/reading.h"

START_TEST(a_query_lives_as_long_as_someone_holds_it)
{
    lenient("climate change");
    quire_query *held = qi_query_retain(query);
    ck_assert_ptr_eq(held, query);
    qi_query_release(query);
    query = NULL;
    qi_schema_release(schema);
    ck_assert_str_eq(qi_print_describe(held)->canonical.ptr, "climate OR change");
    ck_assert_str_eq(held->schema->fields.items[0].name, "title");
    schema = qi_schema_retain(held->schema);
    qi_query_release(held);
    ck_assert_ptr_null(qi_query_retain(NULL));
    qi_query_release(NULL);
}
END_TEST

START_TEST(a_query_without_memory_is_none)
{
    quire_query *out = query;
    qi_mem_fail(1, false);
    ck_assert_int_eq(qi_query_new(&out, schema, &err), QUIRE_ERR_MEMORY);
    qi_mem_fail(0, false);
    ck_assert_ptr_null(out);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.query");
    TCase *t = tcase_create("query");
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, a_query_lives_as_long_as_someone_holds_it);
    tcase_add_test(t, a_query_without_memory_is_none);
    suite_add_tcase(s, t);
    return s;
}
