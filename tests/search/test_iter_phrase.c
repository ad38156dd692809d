/* SPDX-License-Identifier: MIT
 * Covers: phrase_exact phrase_near. Phrases of frequent words, whose lists have many blocks, in
 * documents where some of them stand side by side only far away: alone and under others, with gaps,
 * slop and words that repeat, all counted and only the best, against the naive index. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "search/run.h"
#include "support/built.h"
#include "support/roll.h"

enum { DOCUMENTS = 24000, FAR = 17000, WORDS = 9, TURNS = 150 };

static naive docs;
static built real;
static qi_arena memory;

/* Few words, so that they are frequent; word 0 is followed by word 1 only from FAR on. */
static void fill(naive_doc *doc, uint32_t number)
{
    uint32_t count = 4 + roll(6), position = 0, before = WORDS;
    doc->tokens[NAIVE_TITLE] = calloc(1, sizeof(naive_token));
    doc->tokens[NAIVE_BODY] = calloc(count, sizeof(naive_token));
    doc->counts[NAIVE_BODY] = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t word = roll(3) == 0 ? roll(WORDS) : roll(3);
        if (word == 1 && before == 0 && (number < FAR || roll(100) != 0))
            word = 2;
        doc->tokens[NAIVE_BODY][i] = (naive_token){position, word};
        position += 1 + (roll(10) == 0 ? roll(3) : 0);
        before = word;
    }
    doc->tag = (int32_t)roll(7);
    doc->num = roll(5);
}

static void make(uint32_t segments)
{
    uint32_t ends[BUILT_SEGMENTS];
    docs = (naive){.schema = naive_schema(1.2f, 0.75f), .count = DOCUMENTS, .words = WORDS};
    docs.docs = calloc(DOCUMENTS, sizeof *docs.docs);
    for (uint32_t d = 0; d < DOCUMENTS; d++)
        fill(&docs.docs[d], d);
    naive_count(&docs);
    for (uint32_t i = 0; i < segments; i++)
        ends[i] = DOCUMENTS / segments * (i + 1);
    built_make(&real, &docs, ends, segments);
    for (uint32_t d = 0; d < DOCUMENTS && segments > 1; d++)
        docs.docs[d].deleted = roll(20) == 0;
    built_refresh(&real, &docs);
    qi_arena_init(&memory, 0);
}

static void unmake(void)
{
    qi_arena_free(&memory);
    built_free(&real);
    naive_free(&docs);
}

/* A phrase of the body, unstemmed; of one word: a term. */
static qi_node *phrase(uint32_t count, const uint32_t *ids, const uint32_t *positions)
{
    qi_node *node = qi_arena_new(&memory, 1, sizeof *node);
    qi_leaf *leaf = qi_arena_new(&memory, 1, sizeof *leaf);
    qi_word *words = qi_arena_new(&memory, count, sizeof *words);
    for (uint32_t i = 0; i < count; i++) {
        char form[16];
        quire_str term = naive_form(ids[i], form);
        words[i].term = (quire_str){qi_arena_copy(&memory, term.ptr, term.len), term.len};
        words[i].position = positions[i];
    }
    *leaf = (qi_leaf){QI_LANE(NAIVE_BODY, true), count, words};
    *node = (qi_node){.kind = count == 1 ? QI_NODE_TERM : QI_NODE_PHRASE,
                      .boost = 1,
                      .leaf_count = 1,
                      .leaves = leaf};
    return node;
}

static qi_node *any_phrase(void)
{
    uint32_t ids[4], positions[4] = {0}, count = 2 + roll(3);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = roll(4) == 0 ? roll(WORDS) : roll(3);
        positions[i] = i == 0 ? 0 : positions[i - 1] + 1 + (roll(8) == 0);
    }
    qi_node *node = phrase(count, ids, positions);
    node->slop = roll(6) == 0 ? 1 + roll(3) : 0;
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

/* Search with one set of options; hits must be the first of `expected`. */
static void compare(const qi_node *root, const quire_search_options *options,
                    const naive_hit *expected, uint32_t count)
{
    const quire_hits *hits;
    quire_error err = {0};
    uint32_t best = options->limit < count ? options->limit : count;
    ck_assert_int_eq(qi_run(&hits, real.snapshot, root, options, &err), QUIRE_OK);
    if (options->count || options->count_only)
        ck_assert_uint_eq(hits->total, count);
    ck_assert_uint_eq(hits->count, options->count_only ? 0 : best);
    for (uint32_t i = 0; i < hits->count; i++) {
        ck_assert_uint_eq(hits->items[i].doc, expected[i].doc);
        ck_assert(memcmp(&hits->items[i].score, &expected[i].score, sizeof(float)) == 0);
    }
    quire_hits_free(hits);
}

static void check_query(const qi_node *root)
{
    naive_hit *expected = calloc(DOCUMENTS, sizeof *expected);
    uint32_t count = naive_match(&docs, root, 1.2f, 0.75f, expected);
    naive_order(expected, count);
    for (int mode = 0; mode < 4; mode++) {
        quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
        options.limit = mode == 3 ? 1000 : 10;
        options.count = mode % 2 != 0;
        options.count_only = mode == 1;
        compare(root, &options, expected, count);
    }
    free(expected);
}

START_TEST(phrases_of_frequent_words_are_found_wherever_they_stand)
{
    static const uint32_t ids[] = {0, 1}, positions[] = {0, 1};
    roll_seed();
    for (uint32_t segments = 1; segments <= 3; segments += 2) {
        make(segments);
        check_query(phrase(2, ids, positions));
        for (int turn = 0; turn < TURNS; turn++) {
            qi_node *one = any_phrase();
            uint32_t word = roll(WORDS);
            qi_node_kind kinds[] = {QI_NODE_AND, QI_NODE_OR, QI_NODE_NOT, QI_NODE_MAYBE,
                                    QI_NODE_FILTER};
            if (turn % 4 == 0)
                one = join(kinds[roll(5)], one,
                           roll(2) == 0 ? phrase(1, &word, positions) : any_phrase());
            check_query(one);
        }
        unmake();
    }
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.iter_phrase");
    TCase *tests = tcase_create("phrases");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, phrases_of_frequent_words_are_found_wherever_they_stand);
    suite_add_tcase(suite, tests);
    return suite;
}
