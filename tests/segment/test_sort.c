/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "segment/sort.h"
#include "support/roll.h"

enum { MOST = 4000 };

static uint8_t bytes[MOST][QI_TERM_MAX];
static qi_sort_key keys[MOST], expected[MOST];

static int compare(const void *a, const void *b)
{
    const qi_sort_key *x = a, *y = b;
    int order = memcmp(x->bytes, y->bytes, x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (int)x->len - (int)y->len;
}

/* Few values of bytes, zero among them, and long beginnings in common make terms that differ late,
 * and such as begin one another. */
static void make_terms(size_t count)
{
    static const uint8_t values[] = {0, 1, 'a', 'b', 0x80, 0xFF};
    size_t shared = roll(3) == 0 ? roll(QI_TERM_MAX) : 0;
    uint32_t kinds = 1 + roll(roll(2) == 0 ? 256 : sizeof values);
    for (size_t i = 0; i < count; i++) {
        size_t len = roll(4) == 0 ? roll(QI_TERM_MAX + 1) : shared + roll(12);
        len = len > QI_TERM_MAX ? QI_TERM_MAX : len;
        for (size_t at = 0; at < len; at++) {
            uint32_t kind = at < shared ? 0 : roll(kinds);
            bytes[i][at] = kinds > sizeof values ? (uint8_t)kind : values[kind];
        }
        keys[i] = (qi_sort_key){.bytes = bytes[i], .term = (uint32_t)i, .len = (uint8_t)len};
    }
}

static void check_sorted(size_t count)
{
    memcpy(expected, keys, count * sizeof *keys);
    qsort(expected, count, sizeof *expected, compare);
    qi_sort_terms(keys, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(keys[i].len, expected[i].len);
        ck_assert_mem_eq(keys[i].bytes, expected[i].bytes, expected[i].len);
        ck_assert_ptr_eq(keys[i].bytes, bytes[keys[i].term]);
    }
}

START_TEST(terms_are_sorted_as_qsort_does)
{
    roll_seed();
    for (int round = 0; round < 200; round++) {
        size_t count = roll(3) == 0 ? roll(MOST) : roll(100);
        make_terms(count);
        check_sorted(count);
    }
}
END_TEST

START_TEST(terms_that_all_begin_one_another_are_sorted)
{
    for (size_t i = 0; i <= QI_TERM_MAX; i++) {
        memset(bytes[i], _i, QI_TERM_MAX);
        size_t len = i * 101 % (QI_TERM_MAX + 1);
        keys[i] = (qi_sort_key){.bytes = bytes[i], .term = (uint32_t)i, .len = (uint8_t)len};
    }
    check_sorted(QI_TERM_MAX + 1);
    for (size_t i = 0; i <= QI_TERM_MAX; i++)
        ck_assert_uint_eq(keys[i].len, i);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.sort");
    TCase *tests = tcase_create("sort");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, terms_are_sorted_as_qsort_does);
    tcase_add_loop_test(tests, terms_that_all_begin_one_another_are_sorted, 0, 2);
    suite_add_tcase(s, tests);
    return s;
}
