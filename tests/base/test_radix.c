/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "base/radix.h"
#include "support/roll.h"

enum { MOST = 5000 };

static uint32_t items[MOST], spare[MOST], keys[MOST];

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A bound that makes some bytes of all numbers equal, or none. */
static uint32_t some_bound(void)
{
    return roll(8) == 0 ? UINT32_MAX : 1 + (roll32() >> roll(32));
}

START_TEST(numbers_are_sorted_as_qsort_does)
{
    static uint32_t expected[MOST];
    roll_seed();
    for (int round = 0; round < 300; round++) {
        size_t count = roll(3) == 0 ? roll(MOST) : roll(100);
        uint32_t bound = some_bound(), base = roll(2) == 0 ? 0 : UINT32_MAX - bound;
        for (size_t i = 0; i < count; i++)
            expected[i] = items[i] = base + roll(bound);
        qsort(expected, count, sizeof *expected, compare);
        qi_radix_sort(items, spare, count, NULL);
        if (count != 0)
            ck_assert_mem_eq(items, expected, count * sizeof *items);
    }
}
END_TEST

START_TEST(items_of_the_same_key_keep_their_order)
{
    roll_seed();
    for (int round = 0; round < 300; round++) {
        size_t count = roll(3) == 0 ? roll(MOST) : roll(100);
        uint32_t bound = some_bound();
        for (uint32_t i = 0; i < count; i++) {
            items[i] = i;
            keys[i] = roll(bound);
        }
        qi_radix_sort(items, spare, count, keys);
        for (size_t i = 1; i < count; i++) {
            uint32_t a = items[i - 1], b = items[i];
            ck_assert(keys[a] < keys[b] || (keys[a] == keys[b] && a < b));
        }
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.radix");
    TCase *t = tcase_create("radix");
    tcase_add_test(t, numbers_are_sorted_as_qsort_does);
    tcase_add_test(t, items_of_the_same_key_keep_their_order);
    suite_add_tcase(s, t);
    return s;
}
