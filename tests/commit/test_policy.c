/* SPDX-License-Identifier: MIT
 * The policy in simulation: a merge takes the live bytes of its sources, and what is written is
 * counted. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "commit/policy.h"
#include "support/roll.h"

enum { ROOM = 4096 };

static qi_policy_segment segments[ROOM];
static bool picks[ROOM];
static size_t count;
static double written; /* bytes written by merges */

static void setup(void)
{
    count = 0;
    written = 0;
}

static void add(uint64_t bytes)
{
    ck_assert_uint_lt(count, ROOM);
    segments[count++] = (qi_policy_segment){
        .bytes = bytes, .words = bytes / 4, .documents = (uint32_t)(bytes / 1000 + 1)};
}

/* Replace what is picked by one segment of its live documents. */
static void merge_picked(void)
{
    qi_policy_segment merged = {0};
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const qi_policy_segment *s = &segments[i];
        if (picks[i]) {
            merged.documents += s->documents - s->deleted;
            merged.words += s->words;
            merged.bytes += (uint64_t)((double)s->bytes * (1 - (double)s->deleted / s->documents));
        } else {
            segments[kept++] = *s;
        }
    }
    segments[kept++] = merged;
    count = kept;
    written += (double)merged.bytes;
}

static void settle(void)
{
    for (int merges = 0; qi_policy_choose(segments, count, UINT64_MAX, picks) > 0; merges++) {
        ck_assert_int_lt(merges, 100);
        merge_picked();
    }
}

/* Levels of an index of so many bytes, times the segments that each may have. */
static double most_segments(double bytes)
{
    double levels = 1 + ceil(log(bytes / (double)QI_POLICY_SMALLEST) / log(QI_POLICY_WIDTH));
    return (QI_POLICY_WIDTH - 1) * (levels < 1 ? 1 : levels);
}

START_TEST(segments_stay_few_and_bytes_are_rewritten_once_a_level)
{
    static const uint64_t sizes[] = {20000, 300000, 5000000, 60000000};
    roll_seed();
    for (int s = 0; s < 4; s++) {
        double total = 0;
        size_t most = 0;
        setup();
        for (int commit = 0; commit < 3000; commit++) {
            uint64_t bytes = sizes[s] / 2 + roll((uint32_t)sizes[s]);
            add(bytes);
            total += (double)bytes;
            settle();
            most = count > most ? count : most;
            ck_assert_double_le((double)count, most_segments(total) + QI_POLICY_WIDTH);
        }
        printf(
            "policy: 3000 commits of %.1f MB: %zu segments at most, each byte merged %.2f times\n",
            (double)sizes[s] / 1e6, most, written / total);
        /* A flush below the smallest size is rewritten with its like until that is reached. */
        double small = (double)QI_POLICY_SMALLEST / (double)sizes[s];
        double levels = most_segments(total) / (QI_POLICY_WIDTH - 1);
        ck_assert_double_le(written / total,
                            levels + (small > 1 ? small / QI_POLICY_WIDTH : 0) + 1);
    }
}
END_TEST

START_TEST(an_index_that_is_overwritten_stays_small)
{
    roll_seed();
    uint64_t live = 0, most = 0;
    for (int commit = 0; commit < 2000; commit++) {
        add(2000000);
        live += 2001;
        /* Every new document replaces an old one once there are enough. */
        for (uint32_t n = 0; n < 2001 && live > 200000; n++) {
            qi_policy_segment *s = &segments[roll((uint32_t)count)];
            if (s->deleted < s->documents) {
                s->deleted++;
                live--;
            }
        }
        /* A writer leaves out segments without live documents. */
        for (size_t i = count; i-- > 0;)
            if (segments[i].deleted == segments[i].documents)
                segments[i] = segments[--count];
        settle();
        uint64_t all = 0;
        for (size_t i = 0; i < count; i++) {
            all += segments[i].bytes;
            ck_assert_uint_le((uint64_t)segments[i].deleted * 100,
                              (uint64_t)segments[i].documents * QI_POLICY_DELETED);
        }
        most = all > most ? all : most;
    }
    printf("policy: 200 MB overwritten 20 times took %.0f MB, each byte merged %.2f times\n",
           (double)most / 1e6, written / (2000 * 2e6));
    ck_assert_uint_lt(most, 290000000);
    ck_assert_double_lt(written / (2000 * 2e6), 10);
}
END_TEST

START_TEST(segments_that_are_large_enough_are_left_alone)
{
    for (int i = 0; i < 50; i++)
        add(QI_POLICY_LARGEST / 2 + 1 + (uint64_t)i);
    ck_assert_uint_eq(qi_policy_choose(segments, count, UINT64_MAX, picks), 0);
    segments[7].deleted = segments[7].documents / 3;
    ck_assert_uint_eq(qi_policy_choose(segments, count, UINT64_MAX, picks), 1);
    ck_assert(picks[7]);
}
END_TEST

START_TEST(no_merge_exceeds_the_largest_size)
{
    roll_seed();
    for (int round = 0; round < 2000; round++) {
        setup();
        for (uint32_t n = roll(30); n > 0; n--)
            add(roll64() >> (30 + roll(30)));
        for (size_t i = 0; i < count; i++)
            segments[i].deleted = roll(segments[i].documents + 1);
        size_t picked = qi_policy_choose(segments, count, UINT64_MAX, picks), marked = 0;
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            marked += picks[i];
            sum += picks[i] ? (double)segments[i].bytes *
                                  (1 - (double)segments[i].deleted / segments[i].documents)
                            : 0;
        }
        ck_assert_uint_eq(marked, picked);
        for (size_t i = 0; picked == 1 && i < count; i++)
            ck_assert(!picks[i] || (uint64_t)segments[i].deleted * 100 >
                                       (uint64_t)segments[i].documents * QI_POLICY_DELETED);
        ck_assert(picked <= 1 || sum <= (double)QI_POLICY_LARGEST * 1.0001);
    }
}
END_TEST

/* Random segments, some of them at what a segment can hold. */
static void add_any(void)
{
    setup();
    for (uint32_t n = roll(60); n > 0; n--) {
        uint64_t documents = (roll64() >> 33 >> roll(31)) + 1;
        segments[count++] = (qi_policy_segment){.bytes = (roll64() >> (27 + roll(30))) + 1,
                                                .words = roll64() >> 32 >> roll(32),
                                                .documents = documents < QI_SEGMENT_DOCUMENTS
                                                                 ? (uint32_t)documents
                                                                 : QI_SEGMENT_DOCUMENTS};
        qi_policy_segment *last = &segments[count - 1];
        last->deleted = roll(3) == 0 ? roll(last->documents) : 0;
        last->memory = roll(4) == 0 ? roll(1500) : roll(20);
    }
}

START_TEST(a_merge_keeps_its_budget_and_fits_memory_and_one_segment)
{
    roll_seed();
    size_t merges = 0;
    for (int round = 0; round < 20000; round++) {
        add_any();
        uint64_t budget = roll(4) == 0 ? UINT64_MAX : roll64() >> (20 + roll(40));
        size_t picked = qi_policy_choose(segments, count, budget, picks), marked = 0;
        uint64_t bytes = 0, words = 0, documents = 0, memory = 0;
        for (size_t i = 0; i < count; i++) {
            marked += picks[i];
            bytes += picks[i] ? segments[i].bytes : 0;
            words += picks[i] ? segments[i].words : 0;
            documents += picks[i] ? segments[i].documents - segments[i].deleted : 0;
            memory += picks[i] ? segments[i].memory : 0;
            if (picks[i] && picked == 1)
                ck_assert_uint_gt((uint64_t)segments[i].deleted * 100,
                                  (uint64_t)segments[i].documents * QI_POLICY_DELETED);
        }
        ck_assert_uint_eq(marked, picked);
        ck_assert_uint_le(bytes, budget);
        ck_assert_uint_le(words, QI_SEGMENT_WORDS);
        ck_assert_uint_le(documents, QI_SEGMENT_DOCUMENTS);
        ck_assert(memory <= 1000 || picked == 1);
        merges += picked > 1;
    }
    ck_assert_uint_gt(merges, 1000);
}
END_TEST

/* Merge within a budget, as a commit does. */
static void settle_within(uint64_t budget)
{
    while (qi_policy_choose(segments, count, budget, picks) > 0) {
        for (size_t i = 0; i < count; i++)
            budget -= picks[i] ? segments[i].bytes : 0;
        merge_picked();
    }
}

START_TEST(within_a_budget_few_segments_are_smaller_than_half_of_it)
{
    roll_seed();
    for (uint64_t budget = UINT64_C(1) << 21; budget < UINT64_C(1) << 30; budget *= 8) {
        double total = 0;
        setup();
        for (int commit = 0; commit < 3000; commit++) {
            uint64_t bytes = 50000 + roll(100000);
            add(bytes);
            total += (double)bytes;
            double before = written;
            settle_within(budget);
            ck_assert_double_le(written - before, (double)budget);
            size_t small = 0;
            for (size_t i = 0; i < count; i++)
                small += segments[i].bytes <= budget / 2;
            ck_assert_double_le((double)small, most_segments((double)budget) + QI_POLICY_WIDTH);
        }
        ck_assert_double_le((double)count, total * 2 / (double)budget +
                                               most_segments((double)budget) + QI_POLICY_WIDTH);
        printf("policy: 3000 commits of 0.1 MB, %.0f MB merged at most in one: %zu segments, each "
               "byte merged %.2f times\n",
               (double)budget / 1e6, count, written / total);
    }
}
END_TEST

START_TEST(full_segments_are_no_reason_not_to_merge_others)
{
    for (int i = 0; i < 20; i++) {
        add(50000000);
        segments[count - 1].words = QI_SEGMENT_WORDS - 5;
        add(50000000);
        segments[count - 1].documents = QI_SEGMENT_DOCUMENTS;
    }
    ck_assert_uint_eq(qi_policy_choose(segments, count, UINT64_MAX, picks), 0);
    for (int i = 0; i < QI_POLICY_WIDTH; i++)
        add(50000000);
    ck_assert_uint_eq(qi_policy_choose(segments, count, UINT64_MAX, picks), QI_POLICY_WIDTH);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(picks[i], i >= 40);
}
END_TEST

START_TEST(reducing_takes_the_smallest)
{
    static const uint64_t sizes[] = {50, 10, 40, 20, 30};
    for (int i = 0; i < 5; i++)
        add(sizes[i] * 1000000);
    ck_assert_uint_eq(qi_policy_reduce(segments, 5, 5, picks), 0);
    ck_assert_uint_eq(qi_policy_reduce(segments, 5, 9, picks), 0);
    ck_assert_uint_eq(qi_policy_reduce(segments, 5, 4, picks), 2);
    ck_assert(picks[1] && picks[3] && !picks[0] && !picks[2] && !picks[4]);
    ck_assert_uint_eq(qi_policy_reduce(segments, 5, 1, picks), 5);
    merge_picked();
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(qi_policy_reduce(segments, 1, 1, picks), 0);
    segments[0].deleted = 1;
    ck_assert_uint_eq(qi_policy_reduce(segments, 1, 1, picks), 1);
    ck_assert_uint_eq(qi_policy_reduce(segments, 1, 2, picks), 0);
    ck_assert_uint_eq(qi_policy_reduce(segments, 0, 1, picks), 0);
    ck_assert_uint_eq(qi_policy_choose(segments, 0, UINT64_MAX, picks), 0);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.policy");
    TCase *t = tcase_create("policy");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, segments_stay_few_and_bytes_are_rewritten_once_a_level);
    tcase_add_test(t, an_index_that_is_overwritten_stays_small);
    tcase_add_test(t, segments_that_are_large_enough_are_left_alone);
    tcase_add_test(t, no_merge_exceeds_the_largest_size);
    tcase_add_test(t, a_merge_keeps_its_budget_and_fits_memory_and_one_segment);
    tcase_add_test(t, within_a_budget_few_segments_are_smaller_than_half_of_it);
    tcase_add_test(t, full_segments_are_no_reason_not_to_merge_others);
    tcase_add_test(t, reducing_takes_the_smallest);
    suite_add_tcase(s, t);
    return s;
}
