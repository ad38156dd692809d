/* SPDX-License-Identifier: MIT
 * Queries: each class and mode of the public search benchmark game, in process, parsing included. A
 * figure per query is the median of its repetitions; a class is reported by mean, median and 99th
 * percentile over its queries. Rounds go over all queries in turn, so that no query runs on what it
 * has just warmed. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quire_bench.h"

typedef struct mode {
    const char *name;
    uint32_t limit;
    bool count, count_only;
} mode;

static const mode modes[] = {{"COUNT", 0, true, true},
                             {"TOP_10", 10, false, false},
                             {"TOP_100", 100, false, false},
                             {"TOP_1000", 1000, false, false},
                             {"TOP_100_COUNT", 100, true, false}};
enum { MODES = sizeof modes / sizeof *modes };

static const char *const classes[] = {"term",    "intersection",       "union",           "phrase",
                                      "negated", "intersection_union", "two-phase-critic"};
enum { CLASSES = sizeof classes / sizeof *classes };

typedef struct query {
    char *text;
    int class;
    double *times; /* repeat * MODES, in microseconds */
} query;

static quire_error err;

static int class_of(const json_t *tags)
{
    size_t i;
    json_t *tag;
    json_array_foreach((json_t *)tags, i, tag) for (int c = 0; c < CLASSES; c++)
    {
        if (json_is_string(tag) && strcmp(json_string_value(tag), classes[c]) == 0)
            return c;
    }
    return -1;
}

static size_t load(const char *path, query **out, size_t repeat)
{
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        perror(path);
        exit(2);
    }
    size_t count = 0, room = 0, len;
    for (char *line; (line = bench_line(in, &len)) != NULL;) {
        json_t *object = json_loadb(line, len, 0, NULL);
        int class = class_of(json_object_get(object, "tags"));
        const char *text = json_string_value(json_object_get(object, "query"));
        if (text != NULL && class >= 0) {
            if (count == room)
                *out = realloc(*out, (room = room * 2 + 256) * sizeof **out);
            (*out)[count++] = (query){strdup(text), class, calloc(repeat * MODES, sizeof(double))};
        }
        json_decref(object);
    }
    fclose(in);
    return count;
}

static double time_one(quire_index *index, quire_snapshot *snapshot, const query *q, const mode *m)
{
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.limit = m->limit;
    options.count = m->count;
    options.count_only = m->count_only;
    quire_query *parsed;
    const quire_hits *hits;
    double start = bench_wall_seconds();
    bench_check(quire_query_parse(&parsed, index, quire_cstr(q->text), NULL, &err), &err);
    bench_check(quire_search(&hits, snapshot, parsed, &options, &err), &err);
    double spent = bench_wall_seconds() - start;
    quire_hits_free(hits);
    quire_query_free(parsed);
    return spent * 1e6;
}

static void report(query *queries, size_t count, size_t repeat)
{
    double *medians = calloc(count, sizeof *medians);
    puts("{\"unit\": \"microseconds\", \"classes\": {");
    for (int c = 0; c < CLASSES; c++) {
        printf(" \"%s\": {", classes[c]);
        for (int m = 0; m < MODES; m++) {
            size_t n = 0;
            double sum = 0;
            for (size_t i = 0; i < count; i++)
                if (queries[i].class == c)
                    medians[n++] =
                        bench_quantile(queries[i].times + (size_t)m * repeat, repeat, 0.5);
            for (size_t i = 0; i < n; i++)
                sum += medians[i];
            double p50 = bench_quantile(medians, n, 0.5), p99 = bench_quantile(medians, n, 0.99);
            printf("%s\"%s\": {\"mean\": %.1f, \"p50\": %.1f, \"p99\": %.1f, \"queries\": %zu}",
                   m != 0 ? ", " : "", modes[m].name, n != 0 ? sum / (double)n : 0, p50, p99, n);
        }
        puts(c + 1 < CLASSES ? "}," : "}");
    }
    puts("}}");
    free(medians);
}

int bench_query(int argc, char **argv)
{
    size_t repeat = 10;
    if (argc >= 4 && strcmp(argv[2], "--repeat") == 0)
        repeat = (size_t)strtoul(argv[3], NULL, 10);
    if (repeat == 0)
        repeat = 1;
    quire_index *index;
    quire_snapshot *snapshot;
    query *queries = NULL;
    size_t count = load(argv[1], &queries, repeat);
    bench_check(quire_index_open(&index, argv[0], NULL, &err), &err);
    bench_check(quire_snapshot_open(&snapshot, index, &err), &err);
    for (int m = 0; m < MODES; m++) {
        for (size_t i = 0; i < count; i++)
            time_one(index, snapshot, &queries[i], &modes[m]); /* warm-up */
        for (size_t r = 0; r < repeat; r++)
            for (size_t i = 0; i < count; i++)
                queries[i].times[(size_t)m * repeat + r] =
                    time_one(index, snapshot, &queries[i], &modes[m]);
    }
    report(queries, count, repeat);
    for (size_t i = 0; i < count; i++) {
        free(queries[i].text);
        free(queries[i].times);
    }
    free(queries);
    quire_snapshot_close(snapshot);
    quire_index_close(index);
    return 0;
}
