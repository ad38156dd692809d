/* SPDX-License-Identifier: MIT
 * Runs that are filled, cut, entered and dropped at random, against a list of their batches; and
 * what they are said to take of memory.
 * Covers: room runs. */
#include <check.h>

#include "commit/room.h"
#include "support/roll.h"

enum { BATCHES = 4000, MB = 1 << 20 };

static qi_runs runs;
static qi_batch *all[BATCHES];

static void teardown(void)
{
    while (runs.first != NULL)
        qi_runs_drop(&runs);
}

static qi_batch *new_batch(size_t bytes)
{
    qi_batch *batch = qi_batch_new();
    ck_assert_ptr_nonnull(batch);
    batch->bytes = bytes;
    return batch;
}

/* The runs hold the batches from `first` to `end`, in order, and know how much they are. */
static void check_runs(size_t first, size_t end)
{
    size_t longest = 0;
    for (const qi_run *run = runs.first; run != NULL; run = run->next) {
        size_t queued = 0;
        for (const qi_batch *batch = run->first; batch != NULL; batch = batch->next) {
            ck_assert_uint_lt(first, end);
            ck_assert_ptr_eq(batch, all[first++]);
            queued += batch->bytes;
        }
        ck_assert_uint_eq(run->queued, queued);
        ck_assert_uint_ge(run->taken, queued);
        ck_assert(run->open == (run->next == NULL));
        ck_assert(run->next != NULL || run == runs.last);
        longest = queued > longest ? queued : longest;
    }
    ck_assert_uint_eq(first, end);
    const qi_run *found = qi_runs_longest(&runs);
    ck_assert_uint_eq(found == NULL ? 0 : found->queued, longest);
}

START_TEST(batches_stay_in_order_however_runs_are_cut)
{
    roll_seed();
    size_t first = 0, end = 0;
    while (end < BATCHES) {
        qi_run *run = runs.first;
        switch (roll(8)) {
        case 0:
            ck_assert_ptr_nonnull(qi_runs_add(&runs));
            break;
        case 1:
            for (uint32_t skip = roll(4); run != NULL && skip > 0; skip--)
                run = run->next;
            if (run != NULL)
                ck_assert_ptr_nonnull(qi_runs_cut(&runs, run, roll(1 + (uint32_t)run->queued)));
            break;
        case 2:
        case 3:
            for (; run != NULL && run->first == NULL; run = run->next)
                ;
            if (run != NULL)
                qi_batch_free(qi_run_pop(run));
            first += run != NULL;
            break;
        default:
            if (runs.last == NULL)
                ck_assert_ptr_nonnull(qi_runs_add(&runs));
            all[end] = new_batch(1 + roll(1000));
            qi_run_push(runs.last, all[end++]);
        }
        while (runs.first != NULL && runs.first != runs.last && runs.first->first == NULL)
            qi_runs_drop(&runs);
        check_runs(first, end);
    }
}
END_TEST

/* A run in a state, with so much in memory. */
static qi_run *add_run(qi_run_state state, size_t memory)
{
    qi_run *run = qi_runs_add(&runs);
    ck_assert_ptr_nonnull(run);
    run->state = state;
    run->numbered = state >= QI_RUN_FLUSHING;
    run->memory = memory;
    return run;
}

START_TEST(what_waits_as_text_is_counted_as_what_it_will_be)
{
    qi_room room = qi_room_of(64 * MB, 16 * MB, 6);
    qi_run *run = add_run(QI_RUN_ENTERING, 0);
    qi_run_push(run, new_batch(2 * MB));
    qi_run_push(run, new_batch(6 * MB));
    ck_assert_uint_eq(qi_room_need(&room, run), 8 * MB);
    qi_batch_free(qi_run_pop(run));
    run->memory = 6 * MB;
    qi_room_learn(&room, run);
    ck_assert_uint_eq(qi_room_need(&room, run), 24 * MB);
    ck_assert_uint_eq(qi_room_load(&room, &runs), 24 * MB);
    ck_assert(qi_room_left(&room, &runs));
    add_run(QI_RUN_ENTERED, 40 * MB);
    ck_assert_uint_eq(qi_room_load(&room, &runs), 64 * MB);
    ck_assert(!qi_room_left(&room, &runs));
}
END_TEST

START_TEST(memory_is_short_when_nothing_waits_or_seven_eighths_are_taken)
{
    qi_room room = qi_room_of(64 * MB, 16 * MB, 6);
    qi_run *run = add_run(QI_RUN_ENTERING, 40 * MB);
    ck_assert(qi_room_short(&room, &runs));
    qi_run_push(run, new_batch(MB));
    ck_assert(!qi_room_short(&room, &runs));
    run->memory = 56 * MB;
    ck_assert(qi_room_short(&room, &runs));
}
END_TEST

START_TEST(no_run_is_begun_where_there_is_no_room_for_it)
{
    qi_room room = qi_room_of(64 * MB, 16 * MB, 6);
    ck_assert(!qi_room_crowded(&room, &runs));
    for (int i = 0; i < 3; i++)
        add_run(QI_RUN_ENTERED, 10 * MB); /* each may still become a full one */
    ck_assert(!qi_room_crowded(&room, &runs));
    runs.last->memory = 17 * MB;
    ck_assert(qi_room_crowded(&room, &runs));
    runs.last->memory = 10 * MB;
    add_run(QI_RUN_WAITING, 0);
    ck_assert(!qi_room_crowded(&room, &runs));
    runs.last->state = QI_RUN_ENTERING;
    ck_assert(qi_room_crowded(&room, &runs));
}
END_TEST

START_TEST(no_run_is_begun_beside_as_many_as_may_be)
{
    qi_room room = qi_room_of((size_t)640 * MB, 16 * MB, 6);
    for (int i = 0; i < 5; i++)
        add_run(QI_RUN_ENTERED, MB);
    ck_assert(!qi_room_crowded(&room, &runs));
    add_run(QI_RUN_ENTERING, 0);
    ck_assert(qi_room_crowded(&room, &runs));
    runs.first->state = QI_RUN_DONE;
    ck_assert(!qi_room_crowded(&room, &runs));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.room");
    TCase *t = tcase_create("room");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, batches_stay_in_order_however_runs_are_cut);
    tcase_add_test(t, what_waits_as_text_is_counted_as_what_it_will_be);
    tcase_add_test(t, memory_is_short_when_nothing_waits_or_seven_eighths_are_taken);
    tcase_add_test(t, no_run_is_begun_where_there_is_no_room_for_it);
    tcase_add_test(t, no_run_is_begun_beside_as_many_as_may_be);
    suite_add_tcase(s, t);
    return s;
}
