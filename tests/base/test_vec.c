/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/vec.h"

typedef struct pair {
    uint32_t a, b;
} pair;

START_TEST(what_is_pushed_is_there_in_order)
{
    QI_VEC(pair) pairs = {0};
    for (uint32_t i = 0; i < 10000; i++)
        ck_assert(QI_VEC_PUSH(&pairs, (pair){i, ~i}));
    ck_assert_uint_eq(pairs.count, 10000);
    for (uint32_t i = 0; i < 10000; i++) {
        ck_assert_uint_eq(pairs.items[i].a, i);
        ck_assert_uint_eq(pairs.items[i].b, ~i);
    }
    QI_VEC_FREE(&pairs);
    ck_assert_uint_eq(pairs.count, 0);
    ck_assert_ptr_null(pairs.items);
    ck_assert(QI_VEC_PUSH(&pairs, (pair){1, 2}));
    QI_VEC_FREE(&pairs);
}
END_TEST

START_TEST(reserved_room_is_not_moved_by_pushes)
{
    QI_VEC(uint64_t) numbers = {0};
    ck_assert(QI_VEC_RESERVE(&numbers, 1000));
    ck_assert_uint_ge(numbers.room, 1000);
    uint64_t *items = numbers.items;
    for (uint64_t i = 0; i < 1000; i++)
        ck_assert(QI_VEC_PUSH(&numbers, i));
    ck_assert_ptr_eq(numbers.items, items);
    QI_VEC_FREE(&numbers);
}
END_TEST

START_TEST(a_size_that_overflows_leaves_the_vector_as_it_was)
{
    QI_VEC(uint64_t) numbers = {0};
    ck_assert(QI_VEC_PUSH(&numbers, 5));
    size_t room = numbers.room;
    ck_assert(!QI_VEC_RESERVE(&numbers, SIZE_MAX));
    ck_assert(!QI_VEC_RESERVE(&numbers, SIZE_MAX / 2));
    ck_assert_uint_eq(numbers.room, room);
    ck_assert_uint_eq(numbers.count, 1);
    ck_assert_uint_eq(numbers.items[0], 5);
    QI_VEC_FREE(&numbers);
    size_t far = SIZE_MAX / 2 + 2;
    void *none = NULL;
    ck_assert(!qi_vec_reserve(&none, &far, far, 1, 8));
}
END_TEST

START_TEST(when_the_heap_fails_the_vector_is_as_it_was)
{
    for (unsigned long nth = 1; nth < 8; nth++) {
        QI_VEC(uint32_t) numbers = {0};
        qi_mem_fail(nth, false);
        uint32_t pushed = 0;
        while (pushed < 1000 && QI_VEC_PUSH(&numbers, pushed))
            pushed++;
        qi_mem_fail(0, false);
        ck_assert_uint_eq(numbers.count, pushed);
        for (uint32_t i = 0; i < pushed; i++)
            ck_assert_uint_eq(numbers.items[i], i);
        ck_assert(QI_VEC_PUSH(&numbers, pushed));
        ck_assert_uint_eq(numbers.count, pushed + 1);
        QI_VEC_FREE(&numbers);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.vec");
    TCase *t = tcase_create("vec");
    tcase_add_test(t, what_is_pushed_is_there_in_order);
    tcase_add_test(t, reserved_room_is_not_moved_by_pushes);
    tcase_add_test(t, a_size_that_overflows_leaves_the_vector_as_it_was);
    tcase_add_test(t, when_the_heap_fails_the_vector_is_as_it_was);
    suite_add_tcase(s, t);
    return s;
}
