/* SPDX-License-Identifier: MIT
 *
 * Random queries of all operators over random documents, slices of the sample articles and real
 * documents from random places of the corpora, in one segment and in many, before and after deletes
 * and merges: hits, order, counts, and every bit of every score are those of the oracle.
 * QUIRE_ORACLE_QUERIES sets how many queries; QUIRE_SEED repeats a run. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/explain.h"
#include "search/run.h"
#include "support/asking.h"
#include "support/built.h"
#include "support/corpus.h"
#include "support/roll.h"
#include "support/texts.h"

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

/* Of a test: queries compared, those that a prefix of too many words spared, documents made. */
static uint64_t asked, spared, documents;

/* Texts that documents are cut from; if there are no words, documents are random. */
static texts real;

static void read_articles(void)
{
    struct dirent **names;
    texts_init(&real);
    int count = scandir(QUIRE_SAMPLE, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", QUIRE_SAMPLE, names[i]->d_name);
        if (strstr(names[i]->d_name, ".md") != NULL) {
            FILE *in = fopen(path, "r");
            ck_assert_ptr_nonnull(in);
            texts_read_file(&real, in);
            fclose(in);
        }
        free(names[i]);
    }
    free(names);
    ck_assert_uint_gt(real.words.count, 5000);
}

/* Documents in a row, from a random place of a file. */
static void read_documents(FILE *in, uint32_t count)
{
    texts_clear(&real);
    ck_assert_int_eq(fseek(in, 0, SEEK_END), 0);
    ck_assert_int_eq(fseek(in, (long)(roll64() % (uint64_t)ftell(in)), SEEK_SET), 0);
    texts_read_lines(&real, in, count);
    ck_assert_uint_gt(real.docs.count, 0);
}

/* A part of a text. */
static void cut_field(naive_doc *doc, int field, uint32_t most, texts_slice whole)
{
    uint32_t count = roll(most + 1);
    count = count < whole.count ? count : whole.count;
    uint32_t from = whole.from + roll(whole.count - count + 1);
    doc->tokens[field] = malloc((count + 1) * sizeof(naive_token));
    doc->counts[field] = count;
    for (uint32_t i = 0; i < count; i++)
        doc->tokens[field][i] = (naive_token){i, real.words.items[from + i]};
}

/* Title and body out of those of a document, or any words if there are only words. */
static void cut_document(naive_doc *doc, uint32_t number, uint32_t most)
{
    texts_slice all = {0, (uint32_t)real.words.count};
    texts_doc from = {all, all};
    if (real.docs.count != 0)
        from = real.docs.items[number];
    cut_field(doc, NAIVE_TITLE, 1 + most / 4, from.title);
    cut_field(doc, NAIVE_BODY, most, from.body);
}

/* Documents in a row that prefer words and a tag of their own; 0 if there is no such thing. */
static uint32_t zone_docs;

static uint32_t make_word(uint32_t number, uint32_t words)
{
    uint32_t word = roll(3) == 0 ? zipf(words) : roll(1 + zipf(words));
    return zone_docs != 0 && roll(2) == 0 ? (word + number / zone_docs * 7) % words : word;
}

static void make_field(naive_doc *doc, uint32_t number, int field, uint32_t most, uint32_t words)
{
    uint32_t count = roll(most + 1), position = roll(3) == 0 ? roll(3) : 0;
    doc->tokens[field] = malloc((count + 1) * sizeof(naive_token));
    doc->counts[field] = count;
    for (uint32_t i = 0; i < count; i++) {
        doc->tokens[field][i] = (naive_token){position, make_word(number, words)};
        position += 1 + (roll(15) == 0) * roll(3);
    }
}

static void make_documents(naive *index, uint32_t count, uint32_t length, uint32_t words)
{
    *index = (naive){.schema = naive_schema((float)roll(30) / 10, (float)roll(11) / 10)};
    index->docs = calloc(count, sizeof *index->docs);
    index->count = count;
    documents += count;
    index->words = words > 8 ? words : 8; /* tags are words too */
    for (uint32_t d = 0; d < count; d++) {
        naive_doc *doc = &index->docs[d];
        if (real.words.count != 0) {
            cut_document(doc, d, length);
        } else {
            make_field(doc, d, NAIVE_TITLE, 1 + length / 4, words);
            make_field(doc, d, NAIVE_BODY, length, words);
        }
        doc->tag = roll(4) == 0 ? -1 : (int32_t)roll(8);
        if (zone_docs != 0 && doc->tag >= 0)
            doc->tag = (int32_t)(d / zone_docs % 8);
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
    if (hits->expansions_dropped != 0) {
        spared++; /* the oracle knows no limit of words */
        quire_hits_free(hits);
        return;
    }
    asked++;
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
    fflush(stdout);
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

/* Say how many queries were compared over what. */
static void tell(const char *of)
{
    printf("%s: %llu queries over %llu documents, %llu with too many words of a prefix left out\n",
           of, (unsigned long long)asked, (unsigned long long)documents,
           (unsigned long long)spared);
    ck_assert_uint_le(spared * 20, asked);
    asked = spared = documents = 0;
}

static void delete_some(naive *index)
{
    uint32_t share = 1 + roll(9);
    for (uint32_t d = 0; d < index->count; d++)
        index->docs[d].deleted = index->docs[d].deleted || roll(10) < share;
}

/* A random order of the live documents. */
static uint32_t *shuffle(const naive *index)
{
    uint32_t *order = calloc((size_t)index->count + 1, sizeof *order), live = 0;
    for (uint32_t d = 0; d < index->count; d++) {
        if (index->docs[d].deleted)
            continue;
        uint32_t other = roll(live + 1);
        order[live] = order[other];
        order[other] = live++;
    }
    return order;
}

/* One life of an index: as built, with deletes, merged in the same order or another. */
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
    uint32_t *order = roll(2) == 0 ? shuffle(&index) : NULL;
    built_merge(&made, &index, order);
    free(order);
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
    for (uint32_t left = queries_of(56); left >= WORLD_QUERIES; left -= WORLD_QUERIES)
        live(2 + roll(roll(4) == 0 ? 400 : 60), 1 + roll(30), 2 + roll(60), WORLD_QUERIES);
    tell("small indexes");
}
END_TEST

START_TEST(indexes_with_blocks_ranges_and_bitmaps_answer_as_the_oracle_does)
{
    roll_seed();
    for (uint32_t left = queries_of(10); left >= WORLD_QUERIES; left -= WORLD_QUERIES)
        live(500 + roll(1500), 10 + roll(20), 10 + roll(300), WORLD_QUERIES);
    tell("indexes with blocks");
}
END_TEST

START_TEST(slices_of_the_sample_articles_answer_as_the_oracle_does)
{
    roll_seed();
    read_articles();
    uint32_t words = (uint32_t)real.numbers.count;
    for (uint32_t left = queries_of(10); left >= WORLD_QUERIES; left -= WORLD_QUERIES)
        live(200 + roll(800), 20 + roll(60), words, WORLD_QUERIES);
    texts_free(&real);
    tell("slices of the sample articles");
}
END_TEST

static const char *const corpora[] = {"reuters-21578", "wiki-en", "wh-briefings", "us-code"};

START_TEST(documents_of_real_texts_answer_as_the_oracle_does)
{
    char path[64];
    snprintf(path, sizeof path, "%s/docs.jsonl", corpora[_i]);
    FILE *in = corpus_open(path);
    if (in == NULL)
        return;
    roll_seed();
    texts_init(&real);
    for (uint32_t left = queries_of(5); left >= WORLD_QUERIES; left -= WORLD_QUERIES) {
        read_documents(in, 100 + roll(700));
        live((uint32_t)real.docs.count, 20 + roll(60), (uint32_t)real.numbers.count, WORLD_QUERIES);
    }
    texts_free(&real);
    fclose(in);
    tell(corpora[_i]);
}
END_TEST

START_TEST(indexes_of_several_windows_answer_as_the_oracle_does)
{
    roll_seed();
    for (uint32_t left = queries_of(4); left >= WORLD_QUERIES / 4; left -= WORLD_QUERIES / 4) {
        zone_docs = roll(3) == 0 ? 0 : 20 + roll(roll(2) == 0 ? 200 : 3000);
        live(4000 + roll(10000), 2 + roll(8), 20 + roll(2000), WORLD_QUERIES / 4);
    }
    zone_docs = 0;
    tell("indexes of several windows");
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
    tcase_add_test(tests, slices_of_the_sample_articles_answer_as_the_oracle_does);
    tcase_add_loop_test(tests, documents_of_real_texts_answer_as_the_oracle_does, 0,
                        sizeof corpora / sizeof *corpora);
    tcase_add_test(tests, indexes_of_several_windows_answer_as_the_oracle_does);
    suite_add_tcase(suite, tests);
    return suite;
}
