/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>

#include "base/bits.h"

START_TEST(loads_undo_stores_at_any_alignment)
{
    uint8_t bytes[32];
    for (size_t at = 0; at < 16; at++) {
        qi_store16(bytes + at, 0xABCD);
        ck_assert_uint_eq(qi_load16(bytes + at), 0xABCD);
        ck_assert_uint_eq(bytes[at], 0xCD);
        qi_store32(bytes + at, 0xDEADBEEF);
        ck_assert_uint_eq(qi_load32(bytes + at), 0xDEADBEEF);
        ck_assert_uint_eq(bytes[at], 0xEF);
        qi_store64(bytes + at, UINT64_C(0xFEEDFACECAFEBEEF));
        ck_assert_uint_eq(qi_load64(bytes + at), UINT64_C(0xFEEDFACECAFEBEEF));
        ck_assert_uint_eq(bytes[at + 7], 0xFE);
    }
}
END_TEST

START_TEST(floats_pass_through_their_bits)
{
    static const float values[] = {0, -0.0f, 1, -1.5f, 3.4e38f, 1e-45f};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        float back = qi_float_of_bits(qi_float_bits(values[i]));
        ck_assert_mem_eq(&back, &values[i], sizeof back);
    }
    ck_assert_uint_eq(qi_float_bits(1), 0x3F800000);
    ck_assert(isnan(qi_float_of_bits(0x7FC00000)));
}
END_TEST

START_TEST(bits_are_counted_and_found)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t v = UINT64_C(1) << bit;
        ck_assert_uint_eq(qi_popcount(v), 1);
        ck_assert_uint_eq(qi_popcount(v - 1), bit);
        ck_assert_uint_eq(qi_ctz(v), bit);
        ck_assert_uint_eq(qi_ctz(UINT64_MAX << bit), bit);
        ck_assert_uint_eq(qi_width(v), bit + 1);
        ck_assert_uint_eq(qi_width(v - 1), bit);
    }
    ck_assert_uint_eq(qi_popcount(UINT64_MAX), 64);
    ck_assert_uint_eq(qi_width(UINT64_MAX), 64);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.bits");
    TCase *t = tcase_create("bits");
    tcase_add_test(t, loads_undo_stores_at_any_alignment);
    tcase_add_test(t, floats_pass_through_their_bits);
    tcase_add_test(t, bits_are_counted_and_found);
    suite_add_tcase(s, t);
    return s;
}
