/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/spare.h"

typedef struct thing {
    qi_spare spare;
    unsigned users; /* at once */
} thing;

static unsigned made, freed;

static void begin(void)
{
    made = freed = 0;
}

static void free_thing(qi_spare *spare)
{
    __atomic_add_fetch(&freed, 1, __ATOMIC_RELAXED);
    qi_mem_free(spare);
}

static thing *take(qi_spares *spares)
{
    thing *one = (thing *)qi_spares_take(spares);
    if (one != NULL)
        return one;
    one = qi_mem_new(1, sizeof *one);
    ck_assert_ptr_nonnull(one);
    one->spare.free = free_thing;
    __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
    return one;
}

START_TEST(what_was_given_back_is_taken_again)
{
    qi_spares spares = {0};
    thing *first = take(&spares), *second = take(&spares);
    ck_assert_ptr_ne(first, second);
    qi_spares_give(&spares, &first->spare);
    ck_assert_ptr_eq(take(&spares), first);
    ck_assert_ptr_null(qi_spares_take(&spares));
    qi_spares_give(&spares, &first->spare);
    qi_spares_give(&spares, &second->spare);
    qi_spares_free(&spares);
    ck_assert_uint_eq(made, 2);
    ck_assert_uint_eq(freed, 2);
}
END_TEST

START_TEST(what_finds_no_place_is_freed)
{
    qi_spares spares = {0};
    thing *things[QI_SPARES + 1];
    for (int i = 0; i <= QI_SPARES; i++)
        things[i] = take(&spares);
    for (int i = 0; i <= QI_SPARES; i++)
        qi_spares_give(&spares, &things[i]->spare);
    ck_assert_uint_eq(freed, 1);
    qi_spares_free(&spares);
    ck_assert_uint_eq(freed, QI_SPARES + 1);
}
END_TEST

static void *work(void *payload)
{
    for (int i = 0; i < 20000; i++) {
        thing *one = take(payload);
        bool alone = one->users++ == 0;
        one->users--;
        qi_spares_give(payload, &one->spare);
        if (!alone)
            return payload;
    }
    return NULL;
}

START_TEST(threads_never_share_one)
{
    qi_spares spares = {0};
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &spares), 0);
    for (int i = 0; i < 6; i++) {
        void *shared;
        ck_assert_int_eq(pthread_join(threads[i], &shared), 0);
        ck_assert_ptr_null(shared);
    }
    qi_spares_free(&spares);
    ck_assert_uint_eq(made, freed);
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("base.spare");
    TCase *tests = tcase_create("spare");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, begin, NULL);
    tcase_add_test(tests, what_was_given_back_is_taken_again);
    tcase_add_test(tests, what_finds_no_place_is_freed);
    tcase_add_test(tests, threads_never_share_one);
    return suite;
}
