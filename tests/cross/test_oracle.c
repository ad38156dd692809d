/* SPDX-License-Identifier: MIT
 *
 * Random queries of all operators over random documents and slices of real articles, in one segment
 * and in many, before and after deletes and merges: hits, order, counts, and every bit of every
 * score are those of the oracle. QUIRE_ORACLE_QUERIES sets how many queries; QUIRE_SEED repeats a
 * run. */
#include <check.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "search/explain.h"
#include "search/run.h"
#include "support/asking.h"
#include "support/built.h"
#include "support/roll.h"

enum { QUERIES = 210000, WORLD_QUERIES = 1200, VARIANTS = 3 };

/* A word whose rank is about 1 / (rank + 1) as frequent. */
static uint32_t zipf(uint32_t words)
{
    double u = (roll32() + 1.0) / 4294967297.0;
    double rank = 1;
    for (double n = words + 1; u < 1 && n > 1; n /= 2, u *= 2)
        rank = u < 0.5 ? rank : n / 2 + roll((uint32_t)(n / 2) + 1);
    uint32_t word = (uint32_t)rank;
    return word < words ? word : roll(words);
}

/* The words of the sample articles in their order, as numbers: a word that comes first has the
 * smaller one. */
static struct {
    QI_VEC(uint32_t) text;
    qi_map numbers;
} real;

static void read_word(const char *word, size_t len)
{
    uint32_t *known = qi_map_get(&real.numbers, word, len);
    uint32_t number = known != NULL ? *known : (uint32_t)real.numbers.count;
    ck_assert(known != NULL || qi_map_put(&real.numbers, word, len, number));
    ck_assert(QI_VEC_PUSH(&real.text, number));
}

static void read_article(const char *name)
{
    char path[4096], word[64];
    size_t len = 0;
    snprintf(path, sizeof path, "%s/%s", QUIRE_SAMPLE, name);
    FILE *in = fopen(path, "r");
    ck_assert_ptr_nonnull(in);
    for (int c; (c = fgetc(in)) != EOF;) {
        if (isalnum(c) && len < sizeof word) {
            word[len++] = (char)tolower(c);
        } else if (len != 0) {
            read_word(word, len);
            len = 0;
        }
    }
    fclose(in);
}

static void read_articles(void)
{
    struct dirent **names;
    qi_map_init(&real.numbers);
    int count = scandir(QUIRE_SAMPLE, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (strstr(names[i]->d_name, ".md") != NULL)
            read_article(names[i]->d_name);
        free(names[i]);
    }
    free(names);
    ck_assert_uint_gt(real.text.count, 5000);
}

/* A slice of the articles. */
static void cut_field(naive_doc *doc, int field, uint32_t most)
{
    uint32_t count = roll(most + 1);
    size_t from = roll((uint32_t)(real.text.count - count));
    doc->tokens[field] = malloc((count + 1) * sizeof(naive_token));
    doc->counts[field] = count;
    for (uint32_t i = 0; i < count; i++)
        doc->tokens[field][i] = (naive_token){i, real.text.items[from + i]};
}

static void make_field(naive_doc *doc, int field, uint32_t most, uint32_t words)
{
    uint32_t count = roll(most + 1), position = roll(3) == 0 ? roll(3) : 0;
    doc->tokens[field] = malloc((count + 1) * sizeof(naive_token));
    doc->counts[field] = count;
    for (uint32_t i = 0; i < count; i++) {
        doc->tokens[field][i] =
            (naive_token){position, roll(3) == 0 ? zipf(words) : roll(1 + zipf(words))};
        position += 1 + (roll(15) == 0) * roll(3);
    }
}

static void make_documents(naive *index, uint32_t count, uint32_t length, uint32_t words)
{
    *index = (naive){.schema = naive_schema((float)roll(30) / 10, (float)roll(11) / 10)};
    index->docs = calloc(count, sizeof *index->docs);
    index->count = count;
    index->words = words > 8 ? words : 8; /* tags are words too */
    for (uint32_t d = 0; d < count; d++) {
        naive_doc *doc = &index->docs[d];
        if (real.text.count != 0) {
            cut_field(doc, NAIVE_TITLE, 1 + length / 4);
            cut_field(doc, NAIVE_BODY, length);
        } else {
            make_field(doc, NAIVE_TITLE, 1 + length / 4, words);
            make_field(doc, NAIVE_BODY, length, words);
        }
        doc->tag = roll(4) == 0 ? -1 : (int32_t)roll(8);
        doc->num = roll(5) == 0 ? INT64_MIN : (int64_t)roll(120) - 60;
    }
    naive_count(index);
}

typedef struct question {
    const naive *index;
    const quire_snapshot *snapshot;
    const qi_node *root;
    quire_search_options options;
    naive_hit *expected;
    uint32_t count;
} question;

static const naive *sorted_index;
static uint32_t sorted_field;
static bool sorted_down;

static int by_column(const void *a, const void *b)
{
    const naive_hit *x = a, *y = b;
    const naive_doc *p = &sorted_index->docs[x->doc], *q = &sorted_index->docs[y->doc];
    int order = 0;
    if (sorted_field == NAIVE_NUM) {
        if ((p->num == INT64_MIN) != (q->num == INT64_MIN))
            return p->num == INT64_MIN ? 1 : -1;
        order = (p->num > q->num) - (p->num < q->num);
    } else {
        char first[16], second[16];
        if ((p->tag < 0) != (q->tag < 0))
            return p->tag < 0 ? 1 : -1;
        if (p->tag >= 0) {
            naive_form((uint32_t)p->tag, first);
            naive_form((uint32_t)q->tag, second);
            order = strcmp(first, second);
        }
    }
    if (order != 0)
        return sorted_down ? -order : order;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

static void order(const question *q, naive_hit *hits, uint32_t count)
{
    sorted_index = q->index;
    sorted_down = q->options.descending;
    sorted_field =
        q->options.sort != NULL && strcmp(q->options.sort, "num") == 0 ? NAIVE_NUM : NAIVE_TAG;
    if (q->options.sort != NULL)
        qsort(hits, count, sizeof *hits, by_column);
    else
        naive_order(hits, count);
}

static uint32_t match(question *q)
{
    float k1 = q->options.tune ? q->options.k1 : q->index->schema->k1;
    float b = q->options.tune ? q->options.b : q->index->schema->b;
    return naive_match(q->index, q->root, k1, b, q->expected);
}

/* What is to be found, in order; a SMART query puts documents with all words first, and leaves the
 * others out if there are enough. */
static void expect(question *q)
{
    uint32_t all = 0, want = q->options.offset + (q->options.limit ? q->options.limit : 10);
    for (uint32_t i = 0; i < q->count; i++)
        if (q->expected[i].all) {
            naive_hit hit = q->expected[all];
            q->expected[all++] = q->expected[i];
            q->expected[i] = hit;
        }
    order(q, q->expected, all);
    order(q, q->expected + all, q->count - all);
    const qi_node *top = q->root;
    while (top->kind != QI_NODE_SMART && top->child_count != 0)
        top = top->children[0];
    if (top->kind == QI_NODE_SMART && all >= want)
        q->count = all;
}

/* The parts of an explanation add up, exactly, to the score. */
static void check_explanation(const question *q, quire_doc doc, float score)
{
    const quire_explanation *why;
    quire_error err = {0};
    if (qi_explain(&why, q->snapshot, q->root, doc, &q->options, &err) != QUIRE_OK)
        ck_abort_msg("%s", err.message);
    float sum = 0;
    ck_assert(why->count >= 1 && why->nodes[0].depth == 0);
    for (size_t i = 0; i < why->count; i++) {
        const quire_explanation_node *node = &why->nodes[i];
        if (node->depth != 1)
            continue;
        sum += (float)node->value;
        ck_assert_uint_eq(node[1].depth + node[2].depth + node[3].depth, 6);
        float product = (float)node[1].value * (float)node[2].value * (float)node[3].value;
        ck_assert(product == (float)node->value);
    }
    ck_assert(sum == score && why->nodes[0].value == (double)score);
    qi_explain_free(why);
}

static void ask(question *q)
{
    quire_error err = {0};
    const quire_hits *hits;
    if (qi_run(&hits, q->snapshot, q->root, &q->options, &err) != QUIRE_OK)
        ck_abort_msg("%s", err.message);
    uint32_t skip = q->options.offset < q->count ? q->options.offset : q->count;
    uint32_t limit = q->options.limit ? q->options.limit : 10;
    uint32_t count = q->count - skip < limit ? q->count - skip : limit;
    if (q->options.count_only)
        count = 0;
    bool same = hits->count == count && (!hits->exact || hits->total == q->count) &&
                (hits->exact || !(q->options.count || q->options.count_only));
    for (uint32_t i = 0; i < count && same; i++) {
        const naive_hit *hit = &q->expected[skip + i];
        float score = q->options.sort != NULL ? 0 : hit->score;
        same = hits->items[i].doc == hit->doc &&
               memcmp(&hits->items[i].score, &score, sizeof score) == 0;
        if (!same)
            printf("hit %u: got %llu %.9g, expected %u %.9g\n", i,
                   (unsigned long long)hits->items[i].doc, (double)hits->items[i].score, hit->doc,
                   (double)score);
    }
    if (!same) {
        asking_print(q->root);
        printf("\nlimit %u offset %u sort %s: got %zu of %llu, expected %u of %u\n",
               q->options.limit, q->options.offset, q->options.sort ? q->options.sort : "score",
               hits->count, (unsigned long long)hits->total, count, q->count);
    }
    ck_assert(same);
    if (hits->count != 0 && q->options.sort == NULL && roll(8) == 0) {
        const quire_hit *hit = &hits->items[roll((uint32_t)hits->count)];
        check_explanation(q, hit->doc, hit->score);
    }
    quire_hits_free(hits);
}

static void vary(quire_search_options *options)
{
    options->limit = roll(3) == 0 ? roll(400) : roll(15);
    options->offset = roll(4) == 0 ? roll(20) : 0;
    options->count = roll(3) == 0;
    options->count_only = roll(8) == 0;
    options->sort = roll(10) != 0 ? NULL : roll(2) == 0 ? "num" : "tag";
    options->descending = roll(2) == 0;
}

static void ask_many(const naive *index, const built *from, uint32_t count)
{
    qi_arena memory;
    qi_arena_init(&memory, 0);
    question q = {.index = index, .snapshot = from->snapshot};
    q.expected = malloc((index->count + 1) * sizeof *q.expected);
    for (uint32_t i = 0; i < count; i += VARIANTS) {
        asking from_index = {index, &memory, roll(10) == 0 ? 2 : 0};
        q.root = asking_tree(&from_index, 1 + roll(3));
        quire_search_options first = QUIRE_SEARCH_OPTIONS_INIT;
        first.tune = roll(6) == 0;
        first.k1 = (float)roll(30) / 10;
        first.b = (float)roll(11) / 10;
        q.options = first;
        uint32_t found = match(&q);
        for (int variant = 0; variant < VARIANTS; variant++) {
            q.options = first;
            q.count = found;
            vary(&q.options);
            expect(&q);
            ask(&q);
        }
        qi_arena_free(&memory);
    }
    free(q.expected);
}

static void delete_some(naive *index)
{
    uint32_t share = 1 + roll(9);
    for (uint32_t d = 0; d < index->count; d++)
        index->docs[d].deleted = index->docs[d].deleted || roll(10) < share;
}

/* One life of an index: as built, with deletes, merged. */
static void live(uint32_t docs, uint32_t length, uint32_t words, uint32_t queries)
{
    naive index;
    built made;
    uint32_t ends[BUILT_SEGMENTS], count = roll(2) == 0 ? 1 : 1 + roll(6);
    count = count < docs ? count : docs;
    make_documents(&index, docs, length, words);
    for (uint32_t i = 0; i < count; i++)
        ends[i] = i + 1 == count ? docs : (i == 0 ? 0 : ends[i - 1]) + roll(docs / count) + 1;
    built_make(&made, &index, ends, count);
    ask_many(&index, &made, queries / 2);
    delete_some(&index);
    built_refresh(&made, &index);
    ask_many(&index, &made, queries / 4);
    built_merge(&made, &index);
    if (index.count != 0)
        ask_many(&index, &made, queries / 4);
    built_free(&made);
    naive_free(&index);
}

static uint32_t queries_of(uint32_t share)
{
    const char *given = getenv("QUIRE_ORACLE_QUERIES");
    return (uint32_t)(given != NULL ? strtoul(given, NULL, 0) : QUERIES) / 100 * share;
}

START_TEST(small_indexes_answer_as_the_oracle_does)
{
    roll_seed();
    for (uint32_t left = queries_of(72); left >= WORLD_QUERIES; left -= WORLD_QUERIES)
        live(2 + roll(roll(4) == 0 ? 400 : 60), 1 + roll(30), 2 + roll(60), WORLD_QUERIES);
}
END_TEST

START_TEST(indexes_with_blocks_ranges_and_bitmaps_answer_as_the_oracle_does)
{
    roll_seed();
    for (uint32_t left = queries_of(16); left >= WORLD_QUERIES; left -= WORLD_QUERIES)
        live(500 + roll(1500), 10 + roll(20), 10 + roll(300), WORLD_QUERIES);
}
END_TEST

START_TEST(slices_of_real_articles_answer_as_the_oracle_does)
{
    roll_seed();
    read_articles();
    uint32_t words = (uint32_t)real.numbers.count;
    for (uint32_t left = queries_of(10); left >= WORLD_QUERIES; left -= WORLD_QUERIES)
        live(200 + roll(800), 20 + roll(60), words, WORLD_QUERIES);
    QI_VEC_FREE(&real.text);
    qi_map_free(&real.numbers);
}
END_TEST

START_TEST(indexes_of_several_windows_answer_as_the_oracle_does)
{
    roll_seed();
    for (uint32_t left = queries_of(2); left >= WORLD_QUERIES / 4; left -= WORLD_QUERIES / 4)
        live(4000 + roll(10000), 2 + roll(8), 20 + roll(2000), WORLD_QUERIES / 4);
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("cross.oracle");
    TCase *tests = tcase_create("oracle");
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, small_indexes_answer_as_the_oracle_does);
    tcase_add_test(tests, indexes_with_blocks_ranges_and_bitmaps_answer_as_the_oracle_does);
    tcase_add_test(tests, slices_of_real_articles_answer_as_the_oracle_does);
    tcase_add_test(tests, indexes_of_several_windows_answer_as_the_oracle_does);
    suite_add_tcase(suite, tests);
    return suite;
}
