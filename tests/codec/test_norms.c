/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "codec/norms.h"

START_TEST(the_table_follows_from_its_rule)
{
    uint64_t length = 0;
    for (unsigned code = 0; code < 256; code++) {
        if (code == 255)
            length = INT32_MAX;
        ck_assert_uint_eq(qi_norms_length[code], length);
        if (code < 40)
            length++;
        else if (length < 10000)
            length = length * 31 / 30 > length + 1 ? length * 31 / 30 : length + 1;
        else
            length = length * 3 / 2;
    }
}
END_TEST

START_TEST(a_code_stands_for_the_greatest_length_not_above)
{
    unsigned code = 0;
    for (uint32_t length = 0; length < 3000000; length++) {
        while (code < 255 && qi_norms_length[code + 1] <= length)
            code++;
        if (qi_norms_code(length) != code)
            ck_abort_msg("length %u", length);
    }
    for (unsigned c = 1; c < 256; c++) {
        ck_assert_uint_eq(qi_norms_code(qi_norms_length[c]), c);
        ck_assert_uint_eq(qi_norms_code(qi_norms_length[c] - 1), c - 1);
    }
    ck_assert_uint_eq(qi_norms_code(UINT32_MAX), 255);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.norms");
    TCase *t = tcase_create("norms");
    tcase_add_test(t, the_table_follows_from_its_rule);
    tcase_add_test(t, a_code_stands_for_the_greatest_length_not_above);
    suite_add_tcase(s, t);
    return s;
}
