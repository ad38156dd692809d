/* SPDX-License-Identifier: MIT
 * Pieces that threads make: each is made once and taken once, in order and whole, and the first
 * failure ends it. Covers: team. */
#include <check.h>
#include <stdlib.h>

#include "base/mem.h"
#include "segment/team.h"
#include "support/roll.h"

enum { MOST = 3000, THREADS = 5 };

typedef struct host {
    size_t slots[QI_TEAM_SLOTS]; /* the piece that each holds, plus one */
    uint64_t made[THREADS];      /* by each thread */
    size_t taken;
    size_t bad_make, bad_take; /* the pieces that fail, or MOST */
} host;

static quire_error err;

static quire_status make(void *payload, unsigned worker, size_t piece, unsigned slot,
                         quire_error *e)
{
    host *h = payload;
    ck_assert_uint_lt(slot, QI_TEAM_SLOTS);
    ck_assert_uint_eq(h->slots[slot], 0);
    for (volatile size_t i = 0; i < piece % 7 * 100; i++)
        ;
    h->slots[slot] = piece + 1;
    h->made[worker]++;
    return piece == h->bad_make ? qi_fail(e, QUIRE_ERR_LIMIT, "made %zu", piece) : QUIRE_OK;
}

static quire_status take(void *payload, size_t piece, unsigned slot, quire_error *e)
{
    host *h = payload;
    ck_assert_uint_eq(piece, h->taken);
    ck_assert_uint_eq(h->slots[slot], piece + 1);
    h->slots[slot] = 0;
    h->taken++;
    return piece == h->bad_take ? qi_fail(e, QUIRE_ERR_IO, "taken %zu", piece) : QUIRE_OK;
}

START_TEST(each_piece_is_made_once_and_taken_in_order)
{
    roll_seed();
    for (int round = 0; round < 40; round++) {
        host h = {.bad_make = MOST, .bad_take = MOST};
        size_t count = roll(MOST);
        qi_team_job job = {&h, count, 1 + roll(THREADS), make, take};
        uint64_t made = 0;
        ck_assert_int_eq(qi_team_run(&job, &err), QUIRE_OK);
        for (int i = 0; i < THREADS; i++)
            made += h.made[i];
        ck_assert_uint_eq(h.taken, count);
        ck_assert_uint_eq(made, count);
    }
}
END_TEST

START_TEST(the_first_failure_ends_it_and_is_told)
{
    roll_seed();
    for (int round = 0; round < 40; round++) {
        host h = {.bad_make = MOST, .bad_take = MOST};
        qi_team_job job = {&h, MOST, 1 + roll(THREADS), make, take};
        size_t bad = *(round % 2 == 0 ? &h.bad_make : &h.bad_take) = roll(MOST);
        quire_status status = qi_team_run(&job, &err);
        ck_assert_int_eq(status, round % 2 == 0 ? QUIRE_ERR_LIMIT : QUIRE_ERR_IO);
        ck_assert_uint_eq((size_t)atoi(err.message + (round % 2 == 0 ? 5 : 6)), bad);
        ck_assert_uint_le(h.taken, bad + 1);
    }
}
END_TEST

START_TEST(a_team_without_memory_says_so)
{
    host h = {.bad_make = MOST, .bad_take = MOST};
    qi_team_job job = {&h, MOST, 2, make, take};
    qi_mem_fail(1, true);
    quire_status status = qi_team_run(&job, &err);
    qi_mem_fail(0, false);
    ck_assert_int_eq(status, QUIRE_ERR_MEMORY);
    ck_assert_uint_eq(h.taken, 0);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.team");
    TCase *t = tcase_create("team");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_piece_is_made_once_and_taken_in_order);
    tcase_add_test(t, the_first_failure_ends_it_and_is_told);
    tcase_add_test(t, a_team_without_memory_says_so);
    suite_add_tcase(s, t);
    return s;
}
