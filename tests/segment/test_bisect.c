/* SPDX-License-Identifier: MIT
 * Bisection of graphs made for it: groups that share terms, shuffled. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "segment/bisect.h"
#include "support/roll.h"

enum { DOCS = 4000, TERMS = 1000, MOST = 40, GROUPS = 16 };

static quire_error err;
static uint64_t starts[DOCS];
static uint32_t counts[DOCS], terms[DOCS * MOST], groups[DOCS], row[DOCS], again[DOCS];
static qi_bisect_graph graph;

/* A term of the document's group or of all, once. */
static void add_term(uint32_t doc, uint32_t term)
{
    for (uint32_t t = 0; t < counts[doc]; t++)
        if (terms[starts[doc] + t] == term)
            return;
    terms[starts[doc] + counts[doc]++] = term;
}

/* `share`: one term in so many is of the group; 0: none. */
static void make(uint32_t docs, uint32_t share)
{
    for (uint32_t doc = 0; doc < docs; doc++) {
        starts[doc] = (uint64_t)doc * MOST;
        counts[doc] = 0;
        groups[doc] = roll(GROUPS);
        for (uint32_t n = 10 + roll(MOST - 9); n > 0; n--) {
            bool own = share != 0 && roll(share) == 0;
            add_term(doc, own ? roll(TERMS / GROUPS) * GROUPS + groups[doc] : roll(TERMS));
        }
    }
    graph = (qi_bisect_graph){docs, TERMS, starts, counts, terms};
}

/* The logarithms of the gaps of all terms, in bits. */
static double cost(uint32_t docs, const uint32_t *order)
{
    static uint32_t last[TERMS];
    double bits = 0;
    memset(last, 0, sizeof last);
    for (uint32_t i = 0; i < docs; i++)
        for (uint32_t t = 0; t < counts[order[i]]; t++) {
            uint32_t term = terms[starts[order[i]] + t];
            bits += log2(i + 1 - last[term]);
            last[term] = i + 1;
        }
    return bits;
}

/* Bisect, twice alike; `before` and `after` are costs. */
static void bisect(uint32_t docs, double *before, double *after)
{
    static uint32_t kept_terms[DOCS * MOST], kept_counts[DOCS];
    static bool there[DOCS];
    for (uint32_t doc = 0; doc < docs; doc++)
        row[doc] = doc;
    *before = cost(docs, row);
    for (int turn = 0; turn < 2; turn++) {
        memcpy(kept_terms, terms, sizeof terms);
        memcpy(kept_counts, counts, sizeof counts);
        ck_assert_int_eq(qi_bisect(turn == 0 ? row : again, &graph, &err), QUIRE_OK);
        memcpy(terms, kept_terms, sizeof terms);
        memcpy(counts, kept_counts, sizeof counts);
    }
    ck_assert_mem_eq(row, again, sizeof row);
    memset(there, 0, sizeof there);
    for (uint32_t i = 0; i < docs; i++) {
        ck_assert_uint_lt(row[i], docs);
        ck_assert(!there[row[i]]);
        there[row[i]] = true;
    }
    *after = cost(docs, row);
}

START_TEST(any_graph_gives_each_document_once_and_the_same_order_every_time)
{
    static const uint32_t sizes[] = {0, 1, 2, 3, 16, 17, 18, 33, 100, 1001, DOCS};
    double before, after;
    roll_seed();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (uint32_t share = 0; share < 3; share++) {
            make(sizes[i], share);
            bisect(sizes[i], &before, &after);
        }
}
END_TEST

START_TEST(documents_without_terms_or_all_with_the_same_stay_as_they_are)
{
    double before, after;
    for (uint32_t n = 0; n < 3; n++) {
        make(500, 0);
        for (uint32_t doc = 0; doc < 500; doc++) {
            counts[doc] = n;
            for (uint32_t t = 0; t < n; t++)
                terms[starts[doc] + t] = t;
        }
        bisect(500, &before, &after);
        for (uint32_t i = 0; i < 500; i++)
            ck_assert_uint_eq(row[i], i);
    }
}
END_TEST

START_TEST(groups_come_together_and_gaps_become_smaller)
{
    double before, after;
    uint32_t borders = 0;
    roll_seed();
    make(DOCS, 2);
    bisect(DOCS, &before, &after);
    for (uint32_t i = 1; i < DOCS; i++)
        borders += groups[row[i]] != groups[row[i - 1]];
    printf("bisect: gaps of %.0f bits, %.0f before; %u borders between %d groups\n", after, before,
           borders, GROUPS);
    ck_assert(after < 0.85 * before);
    ck_assert_uint_lt(borders, DOCS / 8);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    quire_status status = QUIRE_ERR_MEMORY;
    roll_seed();
    make(100, 2);
    for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
        qi_mem_fail(nth, false);
        status = qi_bisect(row, &graph, &err);
        qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.bisect");
    TCase *t = tcase_create("bisect");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, any_graph_gives_each_document_once_and_the_same_order_every_time);
    tcase_add_test(t, documents_without_terms_or_all_with_the_same_stay_as_they_are);
    tcase_add_test(t, groups_come_together_and_gaps_become_smaller);
    tcase_add_test(t, any_allocation_may_fail);
    suite_add_tcase(s, t);
    return s;
}
