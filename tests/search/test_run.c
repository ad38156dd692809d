/* SPDX-License-Identifier: MIT
 * Covers: desk explain iter plan sort terms. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/explain.h"
#include "search/run.h"
#include "support/asking.h"
#include "support/built.h"
#include "support/roll.h"

static naive docs;
static built real;
static qi_arena memory;
static quire_search_options options;
static quire_error err;

/* Documents of three words each: document d has words d % 2, d % 3 and d % 100 in its body. */
static void make(uint32_t count, uint32_t segments)
{
    uint32_t ends[BUILT_SEGMENTS];
    docs = (naive){.schema = naive_schema(1.2f, 0.75f), .count = count, .words = 100};
    docs.docs = calloc(count, sizeof *docs.docs);
    for (uint32_t d = 0; d < count; d++) {
        naive_doc *doc = &docs.docs[d];
        doc->tokens[0] = calloc(1, sizeof(naive_token));
        doc->tokens[1] = calloc(3, sizeof(naive_token));
        doc->counts[1] = 3;
        doc->tokens[1][0] = (naive_token){0, d % 2};
        doc->tokens[1][1] = (naive_token){1, d % 3};
        doc->tokens[1][2] = (naive_token){2, d % 100};
        doc->tag = (int32_t)(d % 7);
        doc->num = d % 5;
    }
    naive_count(&docs);
    for (uint32_t i = 0; i < segments; i++)
        ends[i] = count / segments * (i + 1) + (i + 1 == segments ? count % segments : 0);
    built_make(&real, &docs, ends, segments);
    qi_arena_init(&memory, 0);
    options = (quire_search_options)QUIRE_SEARCH_OPTIONS_INIT;
    memset(&err, 0, sizeof err);
}

static void unmake(void)
{
    qi_arena_free(&memory);
    built_free(&real);
    naive_free(&docs);
}

/* The word in body, unstemmed. */
static qi_node *word(uint32_t id, qi_node_kind kind)
{
    char form[16];
    quire_str term = naive_form(id, form);
    qi_node *node = qi_arena_new(&memory, 1, sizeof *node);
    qi_leaf *leaf = qi_arena_new(&memory, 1, sizeof *leaf);
    qi_word *one = qi_arena_new(&memory, 1, sizeof *one);
    one->term = (quire_str){qi_arena_copy(&memory, term.ptr, term.len), term.len};
    *leaf = (qi_leaf){QI_LANE(NAIVE_BODY, true), 1, one};
    *node = (qi_node){.kind = kind, .boost = 1, .leaf_count = 1, .leaves = leaf};
    return node;
}

static qi_node *join(qi_node_kind kind, qi_node *a, qi_node *b)
{
    qi_node *node = qi_arena_new(&memory, 1, sizeof *node);
    qi_node **children = qi_arena_new(&memory, 2, sizeof *children);
    children[0] = a;
    children[1] = b;
    *node = (qi_node){.kind = kind, .boost = 1, .child_count = 2, .least = 1, .children = children};
    return node;
}

static const quire_hits *run(const qi_node *root, quire_status expected)
{
    const quire_hits *hits;
    ck_assert_int_eq(qi_run(&hits, real.snapshot, root, &options, &err), expected);
    ck_assert((hits != NULL) == (expected == QUIRE_OK));
    return hits;
}

static unsigned long allocations[64];
static int asked;

static bool count_allocations(void *payload)
{
    (void)payload;
    unsigned long made = qi_mem_fail(0, false);
    if (asked < 64)
        allocations[asked++] = made;
    return false;
}

START_TEST(nothing_is_allocated_once_a_search_is_planned)
{
    make(40000, 1);
    qi_node *root =
        join(QI_NODE_OR, join(QI_NODE_AND, word(0, QI_NODE_TERM), word(2, QI_NODE_TERM)),
             join(QI_NODE_OR, word(1, QI_NODE_PREFIX), word(3, QI_NODE_PHRASE)));
    asked = 0;
    options.cancel = count_allocations;
    options.count = true;
    quire_hits_free(run(root, QUIRE_OK));
    ck_assert_int_ge(asked, 9);
    ck_assert_uint_gt(allocations[0], 0);
    for (int i = 1; i < asked; i++)
        ck_assert_uint_eq(allocations[i], 0);
    unmake();
}
END_TEST

enum { KINDS = 32 };

/* A query, and how to search with it. */
static const qi_node *prepare(int kind)
{
    options = (quire_search_options)QUIRE_SEARCH_OPTIONS_INIT;
    options.count_only = kind % 4 == 0;
    options.count = kind % 4 == 1;
    options.limit = kind % 4 == 2 ? 1000 : 10;
    options.sort = kind % 4 == 3 ? "num" : NULL;
    qi_node *a = word(0, QI_NODE_TERM), *b = word(2, QI_NODE_TERM), *c = word(5, QI_NODE_TERM);
    switch (kind / 4) {
    case 0:
        return join(QI_NODE_AND, a, b);
    case 1:
        return join(QI_NODE_OR, a, b);
    case 2:
        return join(QI_NODE_NOT, join(QI_NODE_OR, a, b), c);
    case 3:
        return join(QI_NODE_MAYBE, join(QI_NODE_AND, a, b), c);
    case 4:
        return join(QI_NODE_SMART, join(QI_NODE_AND, a, b), c);
    case 5:
        return word(1, QI_NODE_PHRASE);
    case 6:
        return word(1, QI_NODE_PREFIX);
    default:
        return a;
    }
}

#ifndef QI_ARENA_DEBUG
START_TEST(a_search_like_one_before_takes_nothing_from_the_heap_but_room_for_its_hits)
{
    make(20000, 5);
    for (int kind = 0; kind < KINDS; kind++) {
        const qi_node *root = prepare(kind);
        quire_hits_free(run(root, QUIRE_OK));
        qi_mem_fail(0, false);
        const quire_hits *hits = run(root, QUIRE_OK);
        unsigned long made = qi_mem_fail(0, false);
        ck_assert_msg(made == 1, "search %d: %lu", kind, made);
        quire_hits_free(hits);
    }
    unmake();
}
END_TEST
#endif

static void expect_equal(const quire_hits *a, const quire_hits *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->total, b->total);
    for (size_t i = 0; i < a->count; i++)
        ck_assert(a->items[i].doc == b->items[i].doc && a->items[i].score == b->items[i].score);
}

START_TEST(what_a_search_leaves_behind_does_not_show_in_the_next)
{
    make(2000, 3);
    for (int first = 0; first < KINDS; first++)
        for (int second = 0; second < KINDS; second++) {
            built_refresh(&real, &docs);
            const quire_hits *alone = run(prepare(second), QUIRE_OK);
            built_refresh(&real, &docs);
            quire_hits_free(run(prepare(first), QUIRE_OK));
            const quire_hits *after = run(prepare(second), QUIRE_OK);
            expect_equal(alone, after);
            quire_hits_free(alone);
            quire_hits_free(after);
        }
    unmake();
}
END_TEST

START_TEST(every_allocation_may_fail_without_leak_or_wrong_answer)
{
    make(600, 2);
    qi_node *root = join(QI_NODE_OR, word(0, QI_NODE_PHRASE),
                         join(QI_NODE_AND, word(1, QI_NODE_PREFIX), word(2, QI_NODE_TERM)));
    for (int sticky = 0; sticky < 2; sticky++) {
        quire_status status = QUIRE_ERR_MEMORY;
        for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
            const quire_hits *hits;
            qi_mem_fail(nth, sticky);
            status = qi_run(&hits, real.snapshot, root, &options, &err);
            qi_mem_fail(0, false);
            ck_assert(status == QUIRE_OK || (status == QUIRE_ERR_MEMORY && hits == NULL));
            ck_assert_uint_lt(nth, 100000);
            quire_hits_free(hits);
        }
        status = QUIRE_ERR_MEMORY;
        for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
            const quire_explanation *why;
            qi_mem_fail(nth, sticky);
            status = qi_explain(&why, real.snapshot, root, 0, &options, &err);
            qi_mem_fail(0, false);
            ck_assert(status == QUIRE_OK || (status == QUIRE_ERR_MEMORY && why == NULL));
            qi_explain_free(why);
        }
    }
    unmake();
}
END_TEST

static bool cancel_third(void *payload)
{
    return ++*(int *)payload == 3;
}

START_TEST(a_search_is_canceled_when_the_caller_says_so)
{
    int calls = 0;
    make(40000, 2);
    options.cancel = cancel_third;
    options.payload = &calls;
    run(word(0, QI_NODE_TERM), QUIRE_ERR_CANCELED);
    ck_assert_int_eq(calls, 3);
    ck_assert_int_eq(err.code, QUIRE_ERR_CANCELED);
    unmake();
}
END_TEST

static bool waste_time(void *payload)
{
    (void)payload;
    struct timespec pause = {0, 3000000};
    nanosleep(&pause, NULL);
    return false;
}

START_TEST(a_deadline_gives_what_was_found_by_then)
{
    make(40000, 2);
    options.cancel = waste_time;
    options.timeout_ms = 8;
    const quire_hits *hits = run(word(0, QI_NODE_TERM), QUIRE_OK);
    ck_assert(hits->partial && !hits->exact);
    ck_assert_uint_lt(hits->total, 20000);
    quire_hits_free(hits);
    unmake();
}
END_TEST

START_TEST(impossible_options_are_told)
{
    make(10, 1);
    options.limit = 99999;
    options.offset = 2;
    run(word(0, QI_NODE_TERM), QUIRE_ERR_LIMIT);
    options = (quire_search_options)QUIRE_SEARCH_OPTIONS_INIT;
    options.tune = true;
    options.k1 = -1;
    run(word(0, QI_NODE_TERM), QUIRE_ERR_MISUSE);
    options.tune = false;
    options.sort = "body";
    run(word(0, QI_NODE_TERM), QUIRE_ERR_MISUSE);
    options.sort = "nothing";
    run(word(0, QI_NODE_TERM), QUIRE_ERR_MISUSE);
    unmake();
}
END_TEST

START_TEST(only_a_document_that_matches_is_explained)
{
    const quire_explanation *why;
    make(10, 2);
    ck_assert_int_eq(qi_explain(&why, real.snapshot, word(0, QI_NODE_TERM), 5, &options, &err),
                     QUIRE_ERR_NOT_FOUND);
    ck_assert_int_eq(qi_explain(&why, real.snapshot, word(0, QI_NODE_TERM), 10, &options, &err),
                     QUIRE_ERR_NOT_FOUND);
    ck_assert_int_eq(qi_explain(&why, real.snapshot, word(0, QI_NODE_TERM), 6, &options, &err),
                     QUIRE_OK);
    qi_explain_free(why);
    unmake();
}
END_TEST

START_TEST(a_smart_query_is_relaxed_only_when_documents_with_all_words_are_too_few)
{
    make(300, 2);
    qi_node *root = join(QI_NODE_SMART, word(0, QI_NODE_TERM), word(99, QI_NODE_TERM));
    const quire_hits *hits = run(root, QUIRE_OK);
    ck_assert(hits->relaxed && hits->count == 10);
    quire_hits_free(hits);
    options.limit = 2;
    root = join(QI_NODE_SMART, word(0, QI_NODE_TERM), word(2, QI_NODE_TERM));
    hits = run(root, QUIRE_OK);
    ck_assert(!hits->relaxed && hits->count == 2);
    quire_hits_free(hits);
    unmake();
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.run");
    TCase *tests = tcase_create("run");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, nothing_is_allocated_once_a_search_is_planned);
#ifndef QI_ARENA_DEBUG
    tcase_add_test(tests,
                   a_search_like_one_before_takes_nothing_from_the_heap_but_room_for_its_hits);
#endif
    tcase_add_test(tests, what_a_search_leaves_behind_does_not_show_in_the_next);
    tcase_add_test(tests, every_allocation_may_fail_without_leak_or_wrong_answer);
    tcase_add_test(tests, a_search_is_canceled_when_the_caller_says_so);
    tcase_add_test(tests, a_deadline_gives_what_was_found_by_then);
    tcase_add_test(tests, impossible_options_are_told);
    tcase_add_test(tests, only_a_document_that_matches_is_explained);
    tcase_add_test(tests, a_smart_query_is_relaxed_only_when_documents_with_all_words_are_too_few);
    suite_add_tcase(suite, tests);
    return suite;
}
