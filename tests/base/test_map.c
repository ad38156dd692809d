/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>

#include "base/map.h"
#include "base/mem.h"

START_TEST(every_key_put_is_found_with_its_last_value)
{
    qi_map map;
    qi_map_init(&map);
    for (uint32_t i = 0; i < 20000; i++) {
        char key[16];
        int len = snprintf(key, sizeof key, "k%u", i % 10000);
        ck_assert(qi_map_put(&map, key, (size_t)len, i));
    }
    ck_assert_uint_eq(map.count, 10000);
    for (uint32_t i = 0; i < 10000; i++) {
        char key[16];
        int len = snprintf(key, sizeof key, "k%u", i);
        uint32_t *value = qi_map_get(&map, key, (size_t)len);
        ck_assert_ptr_nonnull(value);
        ck_assert_uint_eq(*value, i + 10000);
    }
    ck_assert_ptr_null(qi_map_get(&map, "absent", 6));
    qi_map_free(&map);
}
END_TEST

START_TEST(keys_may_be_empty_or_hold_nul_bytes)
{
    qi_map map;
    qi_map_init(&map);
    ck_assert(qi_map_put(&map, "", 0, 1));
    ck_assert(qi_map_put(&map, "\0", 1, 2));
    ck_assert(qi_map_put(&map, "\0\0", 2, 3));
    ck_assert_uint_eq(*qi_map_get(&map, "", 0), 1);
    ck_assert_uint_eq(*qi_map_get(&map, "\0", 1), 2);
    ck_assert_uint_eq(*qi_map_get(&map, "\0\0", 2), 3);
    qi_map_free(&map);
}
END_TEST

START_TEST(a_failed_put_leaves_the_map_as_it_was)
{
    for (unsigned long nth = 1; nth < 4; nth++) {
        qi_map map;
        qi_map_init(&map);
        qi_mem_fail(nth, true);
        bool put = qi_map_put(&map, "a", 1, 7);
        qi_mem_fail(0, false);
        ck_assert_int_eq(put, qi_map_get(&map, "a", 1) != NULL);
        ck_assert(qi_map_put(&map, "a", 1, 8));
        ck_assert_uint_eq(*qi_map_get(&map, "a", 1), 8);
        qi_map_free(&map);
    }
}
END_TEST

START_TEST(memory_counts_slots_and_keys)
{
    qi_map map;
    qi_map_init(&map);
    ck_assert_uint_eq(qi_map_memory(&map), 0);
    ck_assert(qi_map_put(&map, "a", 1, 1));
    size_t one = qi_map_memory(&map);
    ck_assert_uint_gt(one, 0);
    char key[50000] = "long";
    ck_assert(qi_map_put(&map, key, sizeof key, 2));
    ck_assert_uint_ge(qi_map_memory(&map), one + sizeof key);
    qi_map_free(&map);
    ck_assert_uint_eq(qi_map_memory(&map), 0);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.map");
    TCase *t = tcase_create("map");
    tcase_add_test(t, every_key_put_is_found_with_its_last_value);
    tcase_add_test(t, keys_may_be_empty_or_hold_nul_bytes);
    tcase_add_test(t, a_failed_put_leaves_the_map_as_it_was);
    tcase_add_test(t, memory_counts_slots_and_keys);
    suite_add_tcase(s, t);
    return s;
}
