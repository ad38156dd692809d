/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "codec/norms.h"
#include "search/bm25.h"

START_TEST(idf_is_the_logarithm_of_the_odds)
{
    /* ln(1 + (7 - 2 + 0.5) / (2 + 0.5)) = ln 3.2 */
    ck_assert_float_eq_tol(qi_bm25_idf(7, 2), 1.16315081f, 1e-6f);
    /* ln(1 + 0.5 / 1.5) = ln 4/3 */
    ck_assert_float_eq_tol(qi_bm25_idf(1, 1), 0.28768207f, 1e-7f);
    /* ln(1 + 10.5 / 0.5) = ln 22 */
    ck_assert_float_eq_tol(qi_bm25_idf(10, 0), 3.09104245f, 1e-6f);
}
END_TEST

START_TEST(idf_is_positive_even_for_a_word_that_all_documents_have)
{
    ck_assert(qi_bm25_idf(UINT64_C(1) << 40, UINT64_C(1) << 40) > 0);
    ck_assert(qi_bm25_idf(5, 9) == qi_bm25_idf(5, 5));
}
END_TEST

START_TEST(the_average_of_nothing_is_one)
{
    ck_assert_float_eq(qi_bm25_average(0, 0), 1);
    ck_assert_float_eq(qi_bm25_average(9, 4), 2.25f);
}
END_TEST

START_TEST(a_score_is_what_a_pocket_calculator_says)
{
    /* tf 3 in a field of weight 2, 10 words long, average 20; k1 1.2, b 0.75:
     * 3 * 2 / (0.25 + 0.75 * 10 / 20) = 9.6; 9.6 / 10.8 = 0.888889 */
    float table[256];
    qi_bm25_table(table, 0.75f, 2, 20);
    ck_assert_float_eq_tol(table[10], 3.2f, 1e-6f);
    ck_assert_float_eq_tol(qi_bm25_part(3 * table[10], 1.2f), 0.888889f, 1e-6f);
}
END_TEST

START_TEST(with_b_0_length_does_not_count_and_with_k1_0_frequency_does_not)
{
    float table[256];
    qi_bm25_table(table, 0, 1.5f, 33);
    for (int code = 0; code < 256; code++)
        ck_assert_float_eq(table[code], 1.5f);
    ck_assert_float_eq(qi_bm25_part(0.001f, 0), 1);
    ck_assert_float_eq(qi_bm25_part(1e30f, 0), 1);
    ck_assert_float_eq(qi_bm25_part(0, 0), 0);
}
END_TEST

START_TEST(longer_fields_never_count_more_and_every_entry_is_finite)
{
    float table[256];
    qi_bm25_table(table, 1, 1000, 2);
    for (int code = 0; code < 256; code++) {
        ck_assert(isfinite(table[code]) && table[code] > 0);
        ck_assert(code == 0 || table[code] <= table[code - 1]);
    }
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.bm25");
    TCase *tests = tcase_create("bm25");
    tcase_add_test(tests, idf_is_the_logarithm_of_the_odds);
    tcase_add_test(tests, idf_is_positive_even_for_a_word_that_all_documents_have);
    tcase_add_test(tests, the_average_of_nothing_is_one);
    tcase_add_test(tests, a_score_is_what_a_pocket_calculator_says);
    tcase_add_test(tests, with_b_0_length_does_not_count_and_with_k1_0_frequency_does_not);
    tcase_add_test(tests, longer_fields_never_count_more_and_every_entry_is_finite);
    suite_add_tcase(suite, tests);
    return suite;
}
