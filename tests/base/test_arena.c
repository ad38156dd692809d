/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

static bool all_bytes_are(const uint8_t *bytes, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

START_TEST(memory_is_zeroed_aligned_and_stays_where_it_is)
{
    enum { COUNT = 3000 };
    static uint8_t *blocks[COUNT];
    static size_t sizes[COUNT];
    qi_arena arena;
    qi_arena_init(&arena, 0);
    srand(1);
    for (size_t i = 0; i < COUNT; i++) {
        sizes[i] = (size_t)rand() % (i % 100 == 0 ? 100000 : 300);
        blocks[i] = qi_arena_new(&arena, sizes[i], 1);
        ck_assert_ptr_nonnull(blocks[i]);
        ck_assert_uint_eq((uintptr_t)blocks[i] % sizeof(long double), 0);
        ck_assert(all_bytes_are(blocks[i], sizes[i], 0));
        memset(blocks[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        ck_assert(all_bytes_are(blocks[i], sizes[i], (uint8_t)(i % 251)));
    ck_assert(!arena.failed);
    qi_arena_free(&arena);
}
END_TEST

START_TEST(a_copy_ends_in_nul)
{
    qi_arena arena;
    qi_arena_init(&arena, 0);
    ck_assert_str_eq(qi_arena_copy(&arena, "quire", 3), "qui");
    ck_assert_str_eq(qi_arena_copy(&arena, NULL, 0), "");
    ck_assert_ptr_null(qi_arena_copy(&arena, "x", SIZE_MAX));
    qi_arena_free(&arena);
}
END_TEST

START_TEST(an_empty_request_gives_a_place_of_its_own)
{
    qi_arena arena;
    qi_arena_init(&arena, 0);
    void *a = qi_arena_new(&arena, 0, 8), *b = qi_arena_new(&arena, 8, 0);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_ne(a, b);
    qi_arena_free(&arena);
}
END_TEST

START_TEST(a_failure_is_remembered_until_the_arena_is_freed)
{
    qi_arena arena;
    qi_arena_init(&arena, 0);
    ck_assert_ptr_null(qi_arena_new(&arena, SIZE_MAX / 2, 3));
    ck_assert(arena.failed);
    ck_assert_ptr_null(qi_arena_new(&arena, 1, 1));
    qi_arena_free(&arena);
    ck_assert(!arena.failed);
    ck_assert_ptr_nonnull(qi_arena_new(&arena, 1, 1));
    qi_arena_free(&arena);
    ck_assert_ptr_null(qi_arena_new(&arena, SIZE_MAX - 3, 1));
    qi_arena_free(&arena);
}
END_TEST

START_TEST(the_limit_bounds_what_is_taken_from_the_heap)
{
    qi_arena arena;
    qi_arena_init(&arena, 50000);
    size_t given = 0;
    while (qi_arena_new(&arena, 700, 1) != NULL)
        given += 700;
    ck_assert(arena.failed);
    ck_assert_uint_le(arena.used, 50000);
    ck_assert_uint_gt(given, 10000);
    qi_arena_free(&arena);
    ck_assert_uint_eq(arena.used, 0);
    ck_assert_uint_eq(arena.limit, 50000);
    ck_assert_ptr_null(qi_arena_new(&arena, 50001, 1));
    qi_arena_free(&arena);
}
END_TEST

START_TEST(large_requests_leave_the_rest_of_a_chunk_in_use)
{
    qi_arena arena;
    qi_arena_init(&arena, 0);
    qi_arena_new(&arena, 100, 1);
    for (int i = 0; i < 100; i++) {
        qi_arena_new(&arena, 1 << 20, 1);
        qi_arena_new(&arena, 16, 1);
    }
    ck_assert(!arena.failed);
    ck_assert_uint_lt(arena.used, 101u << 20);
    qi_arena_free(&arena);
}
END_TEST

START_TEST(when_the_heap_fails_nothing_given_is_lost)
{
    for (unsigned long nth = 1; nth < 12; nth++) {
        qi_arena arena;
        qi_arena_init(&arena, 0);
        qi_mem_fail(nth, true);
        char *last = NULL;
        for (int i = 0; i < 2000; i++) {
            char *p = qi_arena_copy(&arena, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
            if (p != NULL)
                last = p;
        }
        ck_assert(arena.failed || nth > 5);
        if (last != NULL)
            ck_assert_str_eq(last, "0123456789abcdefghijklmnopqrstuvwxyz");
        qi_mem_fail(0, false);
        qi_arena_free(&arena);
    }
}
END_TEST

#ifndef QI_ARENA_DEBUG
/* Take what a call might; the bytes of the heap that the arena then holds. */
static size_t take_some(qi_arena *arena, size_t size)
{
    for (int i = 0; i < 100; i++) {
        uint8_t *bytes = qi_arena_new(arena, size, (size_t)i);
        ck_assert(all_bytes_are(bytes, size * (size_t)i, 0));
        memset(bytes, 0xEE, size * (size_t)i);
    }
    return arena->used;
}

START_TEST(an_arena_that_was_reset_takes_the_same_again_without_the_heap)
{
    qi_arena arena;
    for (size_t size = 1; size < 100; size *= 3) {
        qi_arena_init(&arena, 0);
        size_t used = take_some(&arena, size);
        qi_arena_reset(&arena, used);
        qi_mem_fail(0, false);
        ck_assert_uint_eq(take_some(&arena, size), arena.used);
        ck_assert_uint_eq(qi_mem_fail(0, false), 0);
        ck_assert_uint_le(arena.used, used);
        qi_arena_free(&arena);
    }
}
END_TEST

START_TEST(an_arena_that_was_reset_keeps_no_more_than_it_may_and_no_failure)
{
    qi_arena arena;
    qi_arena_init(&arena, 1 << 20);
    size_t used = take_some(&arena, 50);
    qi_arena_reset(&arena, used - 1);
    ck_assert_uint_eq(arena.used, 0);
    take_some(&arena, 50);
    ck_assert_ptr_null(qi_arena_new(&arena, 2 << 20, 1));
    qi_arena_reset(&arena, used);
    ck_assert(!arena.failed);
    ck_assert_uint_gt(arena.used, 0);
    qi_arena_reset(&arena, 0);
    ck_assert_uint_eq(arena.used, 0);
    qi_arena_free(&arena);
}
END_TEST

START_TEST(a_reset_arena_of_one_chunk_gives_the_same_chunk_again)
{
    qi_arena arena;
    qi_arena_init(&arena, 0);
    void *first = qi_arena_new(&arena, 3, 5);
    size_t used = arena.used;
    qi_mem_fail(0, false);
    qi_arena_reset(&arena, used);
    ck_assert_ptr_eq(qi_arena_new(&arena, 3, 5), first);
    ck_assert_uint_eq(qi_mem_fail(0, false), 0);
    ck_assert_uint_eq(arena.used, used);
    qi_arena_free(&arena);
}
END_TEST
#endif

START_TEST(a_vector_in_an_arena_keeps_its_items_as_it_grows)
{
    struct {
        uint32_t *items;
        size_t count, room;
    } numbers = {0};
    qi_arena arena;
    qi_arena_init(&arena, 0);
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert(QI_ARENA_PUSH(&arena, &numbers, i * i));
    ck_assert_uint_eq(numbers.count, 1000);
    ck_assert_uint_ge(numbers.room, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(numbers.items[i], i * i);
    qi_arena_free(&arena);
}
END_TEST

START_TEST(a_vector_in_an_arena_without_room_stays_as_it_was)
{
    struct {
        uint64_t *items;
        size_t count, room;
    } numbers = {0};
    qi_arena arena;
    qi_arena_init(&arena, 64 << 10);
    uint64_t i = 0;
    while (QI_ARENA_PUSH(&arena, &numbers, i))
        i++;
    ck_assert(arena.failed);
    ck_assert_uint_gt(i, 1000);
    ck_assert_uint_eq(numbers.count, i);
    while (i-- > 0)
        ck_assert_uint_eq(numbers.items[i], i);
    qi_arena_free(&arena);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.arena");
    TCase *t = tcase_create("arena");
    tcase_add_test(t, memory_is_zeroed_aligned_and_stays_where_it_is);
    tcase_add_test(t, a_copy_ends_in_nul);
    tcase_add_test(t, an_empty_request_gives_a_place_of_its_own);
    tcase_add_test(t, a_failure_is_remembered_until_the_arena_is_freed);
    tcase_add_test(t, the_limit_bounds_what_is_taken_from_the_heap);
    tcase_add_test(t, large_requests_leave_the_rest_of_a_chunk_in_use);
    tcase_add_test(t, when_the_heap_fails_nothing_given_is_lost);
#ifndef QI_ARENA_DEBUG
    tcase_add_test(t, an_arena_that_was_reset_takes_the_same_again_without_the_heap);
    tcase_add_test(t, an_arena_that_was_reset_keeps_no_more_than_it_may_and_no_failure);
    tcase_add_test(t, a_reset_arena_of_one_chunk_gives_the_same_chunk_again);
#endif
    tcase_add_test(t, a_vector_in_an_arena_keeps_its_items_as_it_grows);
    tcase_add_test(t, a_vector_in_an_arena_without_room_stays_as_it_was);
    suite_add_tcase(s, t);
    return s;
}
