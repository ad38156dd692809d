/* SPDX-License-Identifier: MIT
 * Covers: flat shape. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "search/run.h"
#include "support/built.h"
#include "support/roll.h"

/* Enough documents for lists of many blocks, with ranges and bitmaps and without. Words and pairs
 * of words come again in them. */
enum { DOCS = 30000, LENGTH = 24, WORDS = 4000, QUERIES = 400 };

/* One document in so many is deleted, or those that rank best by a word. */
enum { NONE = 0, NINTH = 9, THE_BEST = UINT16_MAX };

static naive docs;
static built real;
static qi_arena memory;
static quire_error err;

/* A word of about the share 1 / (n + 1), for n even, of all documents. */
static uint32_t pick(void)
{
    uint32_t word = roll(4) == 0 ? roll(WORDS) : roll(1 + roll(1 + roll(WORDS)));
    return word;
}

/* The word at `i` of a text, a third of the time the last but one again. */
static uint32_t next_word(const naive_token *before, uint32_t i)
{
    return i > 1 && roll(3) == 0 ? before[i - 2].word : pick();
}

/* Is a fifth of the body one word, which comes again? */
static bool repeats(const naive_doc *doc)
{
    const naive_token *all = doc->tokens[NAIVE_BODY];
    uint32_t count = doc->counts[NAIVE_BODY], most = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t same = 0;
        for (uint32_t j = 0; j < count; j++)
            same += all[j].word / 2 == all[i].word / 2;
        most = same > most ? same : most;
    }
    return most > 1 && 5 * most >= count;
}

static void make(uint32_t segments, uint32_t deleted)
{
    uint32_t ends[BUILT_SEGMENTS];
    docs = (naive){.schema = naive_schema(1.2f, 0.75f), .count = DOCS, .words = WORDS};
    docs.docs = calloc(DOCS, sizeof *docs.docs);
    for (uint32_t d = 0; d < DOCS; d++) {
        naive_doc *doc = &docs.docs[d];
        for (int field = 0; field < NAIVE_TEXTS; field++) {
            doc->counts[field] = 1 + roll(field == NAIVE_BODY ? LENGTH : 4);
            doc->tokens[field] = calloc(doc->counts[field], sizeof(naive_token));
            for (uint32_t i = 0; i < doc->counts[field]; i++)
                doc->tokens[field][i] = (naive_token){i, next_word(doc->tokens[field], i)};
        }
        doc->tag = (int32_t)(d % 7);
        doc->num = d % 5;
        doc->deleted = deleted == THE_BEST ? repeats(doc) : deleted != NONE && d % deleted == 0;
    }
    naive_count(&docs);
    for (uint32_t i = 0; i < segments; i++)
        ends[i] = DOCS / segments * (i + 1) + (i + 1 == segments ? DOCS % segments : 0);
    built_make(&real, &docs, ends, segments);
    qi_arena_init(&memory, 0);
    memset(&err, 0, sizeof err);
}

static void unmake(void)
{
    qi_arena_free(&memory);
    built_free(&real);
    naive_free(&docs);
}

/* A word in the body, at times in the title too, stemmed or not. */
static qi_node *word(void)
{
    char form[16];
    uint32_t count = roll(4) == 0 ? 2 : 1;
    bool exact = roll(4) == 0;
    uint32_t id = exact ? pick() : pick() / 2;
    qi_node *node = qi_arena_new(&memory, 1, sizeof *node);
    qi_leaf *leaves = qi_arena_new(&memory, count, sizeof *leaves);
    for (uint32_t i = 0; i < count; i++) {
        quire_str term = naive_form(id, form);
        qi_word *one = qi_arena_new(&memory, 1, sizeof *one);
        one->term = (quire_str){qi_arena_copy(&memory, term.ptr, term.len), term.len};
        uint32_t field = count == 2 && i == 0 ? NAIVE_TITLE : NAIVE_BODY;
        leaves[i] = (qi_leaf){QI_LANE(field, exact), 1, one};
    }
    *node = (qi_node){.kind = QI_NODE_TERM, .boost = 1, .leaf_count = count, .leaves = leaves};
    return node;
}

/* Two or three words of the body, most of them frequent, at times with a gap. */
static qi_node *phrase(void)
{
    char form[16];
    uint32_t count = 2 + roll(2), position = 0;
    bool exact = roll(4) == 0;
    qi_node *node = qi_arena_new(&memory, 1, sizeof *node);
    qi_leaf *leaf = qi_arena_new(&memory, 1, sizeof *leaf);
    qi_word *items = qi_arena_new(&memory, count, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = roll(4) != 0 ? roll(1 + roll(8)) : pick();
        quire_str term = naive_form(exact ? id : id / 2, form);
        items[i].term = (quire_str){qi_arena_copy(&memory, term.ptr, term.len), term.len};
        items[i].position = position;
        position += roll(6) == 0 ? 2 : 1;
    }
    *leaf = (qi_leaf){QI_LANE(NAIVE_BODY, exact), count, items};
    *node = (qi_node){.kind = QI_NODE_PHRASE, .boost = 1, .leaf_count = 1, .leaves = leaf};
    return node;
}

static qi_node *join(qi_node_kind kind, uint32_t count, qi_node **children)
{
    qi_node *node = qi_arena_new(&memory, 1, sizeof *node);
    qi_node **copy = qi_arena_new(&memory, count, sizeof *copy);
    memcpy(copy, children, count * sizeof *copy);
    *node = (qi_node){.kind = kind,
                      .boost = 1,
                      .child_count = count,
                      .least = kind == QI_NODE_OR ? 1 : count,
                      .children = copy};
    return node;
}

static qi_node *words(qi_node_kind kind, uint32_t most)
{
    qi_node *children[4];
    uint32_t count = 2 + roll(most - 1);
    for (uint32_t i = 0; i < count; i++)
        children[i] = word();
    return join(kind, count, children);
}

/* One of the shapes that are words alone. */
static qi_node *flat(void)
{
    static const qi_node_kind kinds[] = {QI_NODE_AND, QI_NODE_OR, QI_NODE_MAYBE, QI_NODE_NOT,
                                         QI_NODE_FILTER};
    qi_node *pair[2];
    uint32_t shape = roll(9);
    if (shape == 0)
        return word();
    if (shape < 6)
        return words(kinds[shape - 1], 4);
    pair[0] = words(shape == 6 ? QI_NODE_OR : QI_NODE_AND, 3);
    pair[1] = shape == 8 ? words(QI_NODE_OR, 3) : word();
    return join(shape == 7 ? QI_NODE_MAYBE : QI_NODE_NOT, 2, pair);
}

/* Phrases that are required, and words. */
static qi_node *with_phrases(void)
{
    qi_node *children[4];
    uint32_t count = 2 + roll(2), phrases = 1 + roll(2);
    for (uint32_t i = 0; i < count; i++)
        children[i] = i < phrases ? phrase() : word();
    qi_node *swap = children[0];
    uint32_t other = roll(count);
    children[0] = children[other];
    children[other] = swap;
    qi_node *all = join(roll(4) == 0 ? QI_NODE_FILTER : QI_NODE_AND, count, children);
    qi_node *pair[2] = {all, word()};
    return roll(3) != 0 ? all : join(roll(2) == 0 ? QI_NODE_NOT : QI_NODE_MAYBE, 2, pair);
}

/* The same, but as a tree that must be walked. */
static const quire_hits *ask(qi_node *root, bool as_tree, const quire_search_options *options)
{
    const quire_hits *hits;
    qi_node *all = qi_arena_new(&memory, 1, sizeof *all);
    *all = (qi_node){.kind = QI_NODE_ALL, .boost = 1};
    qi_node *pair[2] = {root, all};
    if (as_tree)
        root = join(QI_NODE_FILTER, 2, pair);
    ck_assert_int_eq(qi_run(&hits, real.snapshot, root, options, &err), QUIRE_OK);
    return hits;
}

static void compare(qi_node *root, const quire_search_options *options)
{
    const quire_hits *one = ask(root, false, options), *other = ask(root, true, options);
    ck_assert_uint_eq(one->count, other->count);
    for (size_t i = 0; i < one->count; i++) {
        ck_assert_uint_eq(one->items[i].doc, other->items[i].doc);
        ck_assert_mem_eq(&one->items[i].score, &other->items[i].score, sizeof(float));
    }
    if (options->count || options->count_only) {
        ck_assert(one->exact);
        ck_assert_uint_eq(one->total, other->total);
    }
    ck_assert_uint_le(one->count, one->total + (options->count_only ? one->count : 0));
    quire_hits_free(one);
    quire_hits_free(other);
}

static void compare_many(uint32_t segments, uint32_t deleted, qi_node *(*query)(void))
{
    static const uint32_t limits[] = {1, 10, 100, 1000};
    roll_seed();
    make(segments, deleted);
    for (int i = 0; i < QUERIES; i++) {
        quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
        options.limit = limits[roll(4)];
        options.count = roll(3) == 0;
        options.count_only = roll(4) == 0;
        options.tune = roll(8) == 0;
        options.k1 = (float)roll(3);
        options.b = 0.4f;
        compare(query(), &options);
    }
    unmake();
}

START_TEST(words_alone_find_and_score_what_a_tree_does)
{
    compare_many(1, NONE, flat);
}
END_TEST

START_TEST(they_do_in_many_segments)
{
    compare_many(5, NONE, flat);
}
END_TEST

START_TEST(they_do_with_deleted_documents)
{
    compare_many(2, NINTH, flat);
}
END_TEST

START_TEST(they_do_where_the_best_are_deleted)
{
    compare_many(2, THE_BEST, flat);
}
END_TEST

START_TEST(phrases_among_words_find_and_score_what_a_tree_does)
{
    compare_many(1, NONE, with_phrases);
}
END_TEST

START_TEST(they_do_in_segments_with_deleted_documents)
{
    compare_many(3, NINTH, with_phrases);
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.flat");
    TCase *tests = tcase_create("flat");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, words_alone_find_and_score_what_a_tree_does);
    tcase_add_test(tests, they_do_in_many_segments);
    tcase_add_test(tests, they_do_with_deleted_documents);
    tcase_add_test(tests, they_do_where_the_best_are_deleted);
    tcase_add_test(tests, phrases_among_words_find_and_score_what_a_tree_does);
    tcase_add_test(tests, they_do_in_segments_with_deleted_documents);
    suite_add_tcase(suite, tests);
    return suite;
}
