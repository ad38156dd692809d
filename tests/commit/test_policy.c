/* SPDX-License-Identifier: MIT
 * The policy in simulation: a merge takes the live bytes of its sources, and what is written is
 * counted. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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
    segments[count++] = (qi_policy_segment){bytes, (uint32_t)(bytes / 1000 + 1), 0};
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
    for (int merges = 0; qi_policy_choose(segments, count, picks) > 0; merges++) {
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
                              (uint64_t)segments[i].documents * 30);
        }
        most = all > most ? all : most;
    }
    printf("policy: 200 MB overwritten 20 times took %.0f MB, each byte merged %.2f times\n",
           (double)most / 1e6, written / (2000 * 2e6));
    ck_assert_uint_lt(most, 330000000);
    ck_assert_double_lt(written / (2000 * 2e6), 10);
}
END_TEST

START_TEST(segments_that_are_large_enough_are_left_alone)
{
    for (int i = 0; i < 50; i++)
        add(QI_POLICY_LARGEST / 2 + 1 + (uint64_t)i);
    ck_assert_uint_eq(qi_policy_choose(segments, count, picks), 0);
    segments[7].deleted = segments[7].documents / 3;
    ck_assert_uint_eq(qi_policy_choose(segments, count, picks), 1);
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
        size_t picked = qi_policy_choose(segments, count, picks), marked = 0;
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            marked += picks[i];
            sum += picks[i] ? (double)segments[i].bytes *
                                  (1 - (double)segments[i].deleted / segments[i].documents)
                            : 0;
        }
        ck_assert_uint_eq(marked, picked);
        for (size_t i = 0; picked == 1 && i < count; i++)
            ck_assert(!picks[i] ||
                      (uint64_t)segments[i].deleted * 100 > (uint64_t)segments[i].documents * 30);
        ck_assert(picked <= 1 || sum <= (double)QI_POLICY_LARGEST * 1.0001);
    }
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
    ck_assert_uint_eq(qi_policy_choose(segments, 0, picks), 0);
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
    tcase_add_test(t, reducing_takes_the_smallest);
    suite_add_tcase(s, t);
    return s;
}
