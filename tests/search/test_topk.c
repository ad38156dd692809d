/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "search/topk.h"
#include "support/roll.h"

static int compare(const void *a, const void *b)
{
    const qi_top_item *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank > y->rank ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

/* The store has the best of `all`, which are sorted, in order. */
static void expect_best(qi_topk *top, qi_top_item *all, uint32_t count, uint32_t limit)
{
    qi_topk_sort(top);
    qsort(all, count, sizeof *all, compare);
    ck_assert_uint_eq(top->count, count < limit ? count : limit);
    for (size_t i = 0; i < top->count; i++)
        ck_assert(compare(&all[i], &top->items[i]) == 0);
}

START_TEST(the_best_k_of_any_offers_come_out_in_order)
{
    roll_seed();
    for (int round = 0; round < 400; round++) {
        uint32_t count = roll(1000), limit = roll(120), spread = 1 + roll(200);
        qi_top_item all[1000];
        qi_arena memory;
        qi_topk top;
        qi_arena_init(&memory, 0);
        ck_assert_int_eq(qi_topk_init(&top, &memory, limit, NULL), QUIRE_OK);
        for (uint32_t i = 0; i < count; i++) {
            all[i] = (qi_top_item){(int64_t)roll(spread) - 10, i * 7919 % 1000};
            qi_topk_offer(&top, all[i].rank, all[i].doc);
        }
        expect_best(&top, all, count, limit);
        qi_arena_free(&memory);
    }
}
END_TEST

/* Ranks of all sizes, so that groups are wide, narrow, or hold all that is better. */
static int64_t any_rank(uint32_t width, uint32_t i)
{
    uint64_t bits = roll64() >> width;
    return (int64_t)(roll(3) == 0 ? bits + i : bits);
}

START_TEST(a_large_store_keeps_the_best_of_ranks_of_any_size)
{
    enum { MOST = 30000 };
    qi_top_item *all = malloc(MOST * sizeof *all);
    ck_assert_ptr_nonnull(all);
    roll_seed();
    for (uint32_t round = 0; round < 60; round++) {
        uint32_t count = roll(MOST), limit = 1 + roll(2000), width = roll(64);
        qi_arena memory;
        qi_topk top;
        qi_arena_init(&memory, 0);
        ck_assert_int_eq(qi_topk_init(&top, &memory, limit, NULL), QUIRE_OK);
        for (uint32_t i = 0; i < count; i++) {
            all[i] = (qi_top_item){any_rank(width, i), i};
            qi_topk_offer(&top, all[i].rank, all[i].doc);
        }
        expect_best(&top, all, count, limit);
        qi_arena_free(&memory);
    }
    free(all);
}
END_TEST

START_TEST(ranks_order_as_scores_do)
{
    static const float scores[] = {0, 1e-45f, 1e-20f, 0.5f, 0.50000006f, 1, 3e38f};
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        ck_assert(qi_topk_score(qi_topk_rank(scores[i])) == scores[i]);
        ck_assert(i == 0 || qi_topk_rank(scores[i]) > qi_topk_rank(scores[i - 1]));
    }
}
END_TEST

START_TEST(a_store_that_does_not_fit_is_a_limit)
{
    qi_arena memory;
    qi_topk top;
    quire_error err = {0};
    qi_arena_init(&memory, 10000);
    qi_arena_new(&memory, 1, 6000);
    ck_assert_int_eq(qi_topk_init(&top, &memory, 5000, &err), QUIRE_ERR_LIMIT);
    ck_assert_int_eq(err.code, QUIRE_ERR_LIMIT);
    qi_arena_free(&memory);
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.topk");
    TCase *tests = tcase_create("topk");
    tcase_add_test(tests, the_best_k_of_any_offers_come_out_in_order);
    tcase_add_test(tests, a_large_store_keeps_the_best_of_ranks_of_any_size);
    tcase_add_test(tests, ranks_order_as_scores_do);
    tcase_add_test(tests, a_store_that_does_not_fit_is_a_limit);
    suite_add_tcase(suite, tests);
    return suite;
}
