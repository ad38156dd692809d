/* SPDX-License-Identifier: MIT
 * quire-bench check: every query of a file in every mode, against brute force over the corpus.
 *
 * Documents found, their order, every bit of their scores and the counts are to be equal; a hash
 * over them is told for each class and mode, so that two runs can be compared. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench_naive.h"

enum { CLASSES = 16, TOLD = 5 };

typedef struct tally {
    size_t queries, differences;
    uint64_t hash;
} tally;

typedef struct check {
    naive naive;
    bench_reader reader;
    naive_query *queries;
    size_t count, left_out, differences;
    char *classes[CLASSES];
    size_t class_count;
    tally tallies[CLASSES][BENCH_MODES];
} check;

static void read_queries(check *c, const char *path)
{
    bench_lines lines;
    size_t room = 0;
    bench_lines_open(&lines, path);
    bench_json json = {.names = {"query", "tags"}};
    while (bench_lines_next(&lines)) {
        if (c->count == room) {
            room = room * 2 + 256;
            c->queries = realloc(c->queries, room * sizeof *c->queries);
        }
        if (!bench_json_read(&json, &lines) || !json.there[0] || !json.there[1] ||
            c->queries == NULL)
            bench_fail("a line without query and tags", path);
        if (naive_read_query(&c->naive, &c->queries[c->count], json.strings[0].bytes,
                             json.strings[1].bytes))
            c->count++;
        else
            c->left_out++;
    }
    bench_json_close(&json);
    bench_lines_close(&lines);
}

static void read_corpus(check *c, const char *path, const bench_options *options)
{
    bench_lines lines;
    bench_json json = BENCH_DOC_JSON;
    quire_doc number;
    quire_error err;
    bench_lines_open(&lines, path);
    for (size_t ordinal = 0; bench_lines_next(&lines); ordinal++) {
        bench_doc doc = bench_doc_read(&json, &lines, options);
        quire_status status = quire_snapshot_find(c->reader.snapshot, doc.id, &number, &err);
        if (status != QUIRE_ERR_NOT_FOUND)
            bench_must(status, &err);
        if ((status == QUIRE_ERR_NOT_FOUND) != bench_deleted(options, ordinal))
            bench_fail("the index does not have the documents that it should have", path);
        naive_add(&c->naive, doc.text, status == QUIRE_OK ? number : NAIVE_DELETED);
    }
    bench_json_close(&json);
    bench_lines_close(&lines);
    naive_finish(&c->naive);
}

static tally *tallies_of(check *c, const char *class)
{
    size_t i = 0;
    while (i < c->class_count && strcmp(c->classes[i], class) != 0)
        i++;
    if (i == CLASSES)
        bench_fail("too many classes", "queries");
    if (i == c->class_count) {
        c->classes[c->class_count++] = strdup(class);
        for (int m = 0; m < BENCH_MODES; m++)
            c->tallies[i][m].hash = UINT64_C(14695981039346656037);
    }
    return c->tallies[i];
}

static void mix(uint64_t *hash, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ p[i]) * UINT64_C(1099511628211);
}

/* Equal in documents, order and bits of scores. */
static bool same_hits(const check *c, const naive_result *expected, size_t count,
                      const quire_hits *hits)
{
    if (hits->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const naive_hit *hit = &expected->hits[i];
        if (hits->items[i].doc != c->naive.docs[hit->ordinal] ||
            memcmp(&hits->items[i].score, &hit->score, sizeof hit->score) != 0)
            return false;
    }
    return true;
}

static void tell(check *c, const naive_query *query, const bench_mode *mode,
                 const naive_result *expected, const quire_hits *hits)
{
    if (c->differences++ >= TOLD)
        return;
    fprintf(stderr, "quire-bench: %s %s: expected %" PRIu64 " documents, got %" PRIu64 "\n",
            mode->name, query->text, expected->total, hits->total);
    for (size_t i = 0; i < hits->count && i < expected->count; i++) {
        const naive_hit *hit = &expected->hits[i];
        quire_doc doc = c->naive.docs[hit->ordinal];
        if (hits->items[i].doc == doc && hits->items[i].score == hit->score)
            continue;
        fprintf(stderr, "  hit %zu: expected %" PRIu64 " %.9g, got %" PRIu64 " %.9g\n", i, doc,
                (double)hit->score, hits->items[i].doc, (double)hits->items[i].score);
        break;
    }
}

static void check_mode(check *c, const naive_query *query, int m, const naive_result *expected)
{
    const bench_mode *mode = &bench_modes[m];
    tally *t = &tallies_of(c, query->class)[m];
    quire_query *parsed;
    const quire_hits *hits;
    quire_error err = {.message = "a query failed"};
    size_t count = mode->limit < expected->count ? mode->limit : expected->count;
    bench_must(bench_search(&c->reader, query->text, mode, &parsed, &hits), &err);
    bool same = same_hits(c, expected, count, hits) &&
                (!hits->exact || hits->total == expected->total) && (hits->exact || !mode->count);
    t->queries++;
    t->differences += !same;
    if (!same)
        tell(c, query, mode, expected, hits);
    mix(&t->hash, query->text, strlen(query->text));
    if (mode->count)
        mix(&t->hash, &hits->total, sizeof hits->total);
    for (size_t i = 0; i < hits->count && same; i++) {
        mix(&t->hash, &expected->hits[i].ordinal, sizeof expected->hits[i].ordinal);
        mix(&t->hash, &hits->items[i].score, sizeof hits->items[i].score);
    }
    quire_hits_free(hits);
    quire_query_free(parsed);
}

static void print(const check *c)
{
    printf("{\"queries\": %zu, \"left_out\": %zu, \"documents\": %zu, \"differences\": %zu,"
           " \"classes\": {",
           c->count, c->left_out, c->naive.count, c->differences);
    for (size_t i = 0; i < c->class_count; i++) {
        printf("%s\"%s\": {", i != 0 ? ", " : "", c->classes[i]);
        for (int m = 0; m < BENCH_MODES; m++) {
            const tally *t = &c->tallies[i][m];
            printf("%s\"%s\": {\"queries\": %zu, \"differences\": %zu, \"hash\": \"%016" PRIx64
                   "\"}",
                   m != 0 ? ", " : "", bench_modes[m].name, t->queries, t->differences, t->hash);
        }
        putchar('}');
    }
    puts("}}");
}

int bench_check(char **args, const bench_options *options)
{
    static check c;
    static naive_result expected;
    naive_init(&c.naive, options);
    bench_reader_open(&c.reader, args[1], options);
    read_queries(&c, args[2]);
    read_corpus(&c, args[0], options);
    for (size_t i = 0; i < c.count; i++) {
        naive_search(&c.naive, &c.queries[i], &expected);
        for (int m = 0; m < BENCH_MODES; m++)
            check_mode(&c, &c.queries[i], m, &expected);
    }
    print(&c);
    bench_reader_close(&c.reader);
    return c.differences == 0 ? 0 : 1;
}
