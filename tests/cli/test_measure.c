/* SPDX-License-Identifier: MIT
 * The measures against values worked out by hand, and the forms of TREC files. An oracle in another
 * language compares random runs in eval_oracle.py. */
#include "trec.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *suite(void);

/* Ranked: relevant at 1, 3 and 6 of six, levels 2, 1, 1; four relevant documents in all. */
static const int ranked[] = {2, 0, 1, 0, 0, 1}, judged[] = {2, 1, 1, 1, 0};
static const measure_topic topic = {ranked, 6, judged, 5};

static const struct {
    const char *name;
    double value;
} cases[] = {
    {"map", (1.0 + 2.0 / 3 + 3.0 / 6) / 4},
    {"map@3", (1.0 + 2.0 / 3) / 4},
    {"mrr", 1.0},
    {"p@5", 2.0 / 5},
    {"P_10", 3.0 / 10},
    {"recall@3", 2.0 / 4},
    {"recall_100", 3.0 / 4},
    /* DCG 2 + 1/2 + 1/log2(7); ideal 2 + 1/log2(3) + 1/2 + 1/log2(5) */
    {"ndcg", (2.5 + 0.35620718710802) / (2.5 + 0.63092975357146 + 0.43067655807339)},
    {"ndcg@3", 2.5 / (2.5 + 0.63092975357146)},
    {"ndcg_cut_1", 1.0},
};

START_TEST(each_measure_has_the_value_worked_out_by_hand)
{
    measure m;
    ck_assert(measure_parse(quire_cstr(cases[_i].name), &m));
    ck_assert_double_eq_tol(measure_value(&m, &topic), cases[_i].value, 1e-12);
}
END_TEST

START_TEST(a_topic_without_anything_relevant_counts_zero)
{
    static const int none[] = {0, 0};
    const measure_topic empty = {none, 2, none, 2};
    const char *const all[] = {"map", "ndcg@10", "mrr@10", "p@10", "recall@10"};
    for (size_t i = 0; i < 5; i++) {
        measure m;
        ck_assert(measure_parse(quire_cstr(all[i]), &m));
        ck_assert(measure_value(&m, &empty) == 0.0);
    }
}
END_TEST

START_TEST(names_that_are_no_measures_are_refused)
{
    const char *const wrong[] = {"",       "map@",    "map@0", "p",
                                 "recall", "ndcg10x", "foo@3", "p@99999999"};
    measure m;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!measure_parse(quire_cstr(wrong[i]), &m), "%s", wrong[i]);
}
END_TEST

static void write_file(char *name, const char *text)
{
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

START_TEST(means_are_over_the_judged_topics_and_ties_go_by_name_descending)
{
    char qrels[] = "/tmp/quire-qrels-XXXXXX", results[] = "/tmp/quire-run-XXXXXX", why[TREC_WHY];
    write_file(qrels, "1 0 a 1\n1 0 b 0\n2 0 a 1\n3 0 x 1\n");
    write_file(results, "1 Q0 a 1 2.5 t\n1 Q0 b 2 2.5 t\n2 Q0 a 1 0.1 t\n9 Q0 a 1 1 t\n");
    trec_file j, r;
    measure m = {MEASURE_MRR, 0};
    double mean;
    trec_plan plan = {.measures = &m, .count = 1};
    ck_assert_msg(trec_read(qrels, false, &j, why), "%s", why);
    ck_assert_msg(trec_read(results, true, &r, why), "%s", why);
    ck_assert_uint_eq(trec_evaluate(&j, &r, &plan, &mean), 3);
    ck_assert_double_eq_tol(mean, (0.5 + 1.0 + 0.0) / 3, 1e-12);
    trec_free(&j);
    trec_free(&r);
    unlink(qrels);
    unlink(results);
}
END_TEST

static const char *const broken[][2] = {
    {"1 Q0 a 1 x t\n", ":1: the score is not a number"},
    {"1 Q0 a 1 1 t\n1 Q0 b\n", ":2: a run has six fields"},
    {"1 Q0 a 1 1 t\n1 Q0 a 2 0.5 t\n", ":2: document 'a' is there a second time for topic '1'"},
};

START_TEST(a_broken_run_is_named_by_file_and_line)
{
    char results[] = "/tmp/quire-run-XXXXXX", why[TREC_WHY];
    trec_file r;
    write_file(results, broken[_i][0]);
    ck_assert(!trec_read(results, true, &r, why));
    ck_assert_msg(strstr(why, broken[_i][1]) != NULL, "%s", why);
    unlink(results);
    ck_assert(!trec_read("/nonexistent/run", true, &r, why));
}
END_TEST

Suite *suite(void)
{
    Suite *s = suite_create("cli.measure");
    TCase *t = tcase_create("measure");
    tcase_add_loop_test(t, each_measure_has_the_value_worked_out_by_hand, 0,
                        sizeof cases / sizeof *cases);
    tcase_add_test(t, a_topic_without_anything_relevant_counts_zero);
    tcase_add_test(t, names_that_are_no_measures_are_refused);
    tcase_add_test(t, means_are_over_the_judged_topics_and_ties_go_by_name_descending);
    tcase_add_loop_test(t, a_broken_run_is_named_by_file_and_line, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
