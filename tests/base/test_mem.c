/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

START_TEST(new_memory_is_zeroed)
{
    unsigned char *p = qi_mem_new(1000, 3);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < 3000; i++)
        ck_assert_uint_eq(p[i], 0);
    qi_mem_free(p);
}
END_TEST

START_TEST(a_table_is_zeroed_memory_of_any_size)
{
    for (size_t size = 0; size < 40000; size = size * 3 + 1) {
        unsigned char *p = qi_mem_table(size, 3);
        ck_assert_ptr_nonnull(p);
        for (size_t i = 0; i < 3 * size; i++)
            ck_assert_uint_eq(p[i], 0);
        qi_mem_free(p);
    }
    ck_assert_ptr_null(qi_mem_table(SIZE_MAX / 2, 3));
}
END_TEST

START_TEST(nothing_can_be_asked_for_and_freed)
{
    void *none = qi_mem_new(0, 8), *flat = qi_mem_new(8, 0);
    ck_assert_ptr_nonnull(none);
    ck_assert_ptr_nonnull(flat);
    none = qi_mem_resize(none, 0, 4);
    ck_assert_ptr_nonnull(none);
    qi_mem_free(none);
    qi_mem_free(flat);
    qi_mem_free(NULL);
}
END_TEST

START_TEST(a_product_that_overflows_is_no_memory)
{
    char keep[] = "kept";
    char *p = qi_mem_copy(keep, sizeof keep);
    ck_assert_ptr_null(qi_mem_new(SIZE_MAX / 2, 3));
    ck_assert_ptr_null(qi_mem_resize(p, SIZE_MAX / 2, 3));
    ck_assert_str_eq(p, "kept");
    ck_assert_ptr_null(qi_mem_copy(keep, SIZE_MAX));
    qi_mem_free(p);
}
END_TEST

START_TEST(a_resized_block_keeps_its_bytes)
{
    unsigned char *p = qi_mem_new(16, 1);
    memset(p, 7, 16);
    p = qi_mem_resize(p, 1 << 16, 1);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < 16; i++)
        ck_assert_uint_eq(p[i], 7);
    qi_mem_free(p);
}
END_TEST

START_TEST(a_copy_ends_in_nul_and_holds_any_byte)
{
    char *copy = qi_mem_copy("a\0b", 3), *empty = qi_mem_copy(NULL, 0);
    ck_assert_mem_eq(copy, "a\0b", 4);
    ck_assert_str_eq(empty, "");
    qi_mem_free(copy);
    qi_mem_free(empty);
}
END_TEST

START_TEST(sums_and_products_say_when_they_overflow)
{
    size_t out;
    ck_assert(qi_mem_mul(3, 5, &out));
    ck_assert_uint_eq(out, 15);
    ck_assert(qi_mem_mul(SIZE_MAX, 1, &out));
    ck_assert(!qi_mem_mul(SIZE_MAX / 2 + 1, 2, &out));
    ck_assert_uint_eq(out, SIZE_MAX);
    ck_assert(qi_mem_add(SIZE_MAX - 1, 1, &out));
    ck_assert_uint_eq(out, SIZE_MAX);
    ck_assert(!qi_mem_add(SIZE_MAX, 1, &out));
    ck_assert_uint_eq(out, SIZE_MAX);
}
END_TEST

/* Which of five allocations fail, as bits. */
static unsigned failures(void)
{
    unsigned failed = 0;
    for (unsigned i = 0; i < 5; i++) {
        void *p = i % 3 == 0   ? qi_mem_new(1, 8)
                  : i % 3 == 1 ? (void *)qi_mem_copy("x", 1)
                               : qi_mem_resize(NULL, 4, 4);
        failed |= (p == NULL ? 1u : 0u) << i;
        qi_mem_free(p);
    }
    return failed;
}

START_TEST(the_nth_allocation_fails_once_or_from_then_on)
{
    qi_mem_fail(0, false);
    ck_assert_uint_eq(failures(), 0);
    ck_assert_uint_eq(qi_mem_fail(3, false), 5);
    ck_assert_uint_eq(failures(), 1u << 2);
    ck_assert_uint_eq(qi_mem_fail(3, true), 5);
    ck_assert_uint_eq(failures(), 1u << 2 | 1u << 3 | 1u << 4);
    ck_assert_uint_eq(qi_mem_fail(0, true), 5);
    ck_assert_uint_eq(failures(), 0);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.mem");
    TCase *t = tcase_create("mem");
    tcase_add_test(t, new_memory_is_zeroed);
    tcase_add_test(t, a_table_is_zeroed_memory_of_any_size);
    tcase_add_test(t, nothing_can_be_asked_for_and_freed);
    tcase_add_test(t, a_product_that_overflows_is_no_memory);
    tcase_add_test(t, a_resized_block_keeps_its_bytes);
    tcase_add_test(t, a_copy_ends_in_nul_and_holds_any_byte);
    tcase_add_test(t, sums_and_products_say_when_they_overflow);
    tcase_add_test(t, the_nth_allocation_fails_once_or_from_then_on);
    suite_add_tcase(s, t);
    return s;
}
