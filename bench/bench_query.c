/* SPDX-License-Identifier: MIT
 * quire-bench query: opens an index and answers requests, each a mode, a number of rounds and some
 * queries. Rounds go over all queries of the request in turn, so that no query runs on what it has
 * just warmed; a time is from the query's text to the collected result. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "quire_bench.h"

typedef struct request {
    const bench_mode *mode;
    size_t repeat, count; /* rounds, of queries; no rounds: a warm-up */
    char **queries;
    uint64_t *times; /* repeat of each query */
} request;

static bool read_request(request *out, bench_lines *lines)
{
    char *mode = lines->line, *repeat = strchr(mode, '\t');
    char *count = repeat == NULL ? NULL : strchr(repeat + 1, '\t');
    if (count == NULL)
        return false;
    *repeat = '\0';
    *out = (request){bench_mode_find(mode), strtoul(repeat + 1, NULL, 10),
                     strtoul(count + 1, NULL, 10), NULL, NULL};
    if (out->mode == NULL)
        return false;
    out->queries = bench_alloc(out->count, sizeof *out->queries);
    out->times = bench_alloc(out->count * out->repeat, sizeof *out->times);
    for (size_t i = 0; i < out->count; i++)
        if (!bench_lines_next(lines) || (out->queries[i] = strdup(lines->line)) == NULL)
            return false;
    return true;
}

static void free_request(request *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->queries[i]);
    free(r->queries);
    free(r->times);
}

static uint64_t time_one(const bench_reader *reader, const char *text, const bench_mode *mode)
{
    quire_query *parsed;
    const quire_hits *hits;
    uint64_t start = bench_nanoseconds();
    quire_status status = bench_search(reader, text, mode, &parsed, &hits);
    uint64_t spent = bench_nanoseconds() - start;
    (void)status; /* answer tells a failure */
    quire_hits_free(hits);
    quire_query_free(parsed);
    return spent;
}

static void print_hits(const bench_reader *reader, const quire_hits *hits)
{
    const quire_document *document;
    for (size_t i = 0; i < hits->count && i < 10; i++) {
        bench_must(quire_document_open(&document, reader->snapshot, hits->items[i].doc, NULL),
                   &(quire_error){.message = "a hit that cannot be read"});
        quire_str id = quire_document_value(document, "id")->text;
        printf("%s%.*s:%.6g", i != 0 ? " " : "", (int)id.len, id.ptr, (double)hits->items[i].score);
        quire_document_free(document);
    }
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void answer(const bench_reader *reader, const request *r, size_t i)
{
    quire_query *parsed;
    const quire_hits *hits;
    uint64_t *times = r->times + i * r->repeat;
    qsort(times, r->repeat, sizeof *times, compare);
    quire_status status = bench_search(reader, r->queries[i], r->mode, &parsed, &hits);
    if (status == QUIRE_OK) {
        printf("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t",
               r->mode->count ? hits->total : hits->count, times[r->repeat / 2], times[0]);
        print_hits(reader, hits);
        putchar('\n');
    } else {
        printf("!\t%s\n", quire_status_name(status));
    }
    quire_hits_free(hits);
    quire_query_free(parsed);
}

static void serve(const bench_reader *reader, const request *r)
{
    for (size_t round = 0; round < r->repeat; round++)
        for (size_t i = 0; i < r->count; i++)
            r->times[i * r->repeat + round] = time_one(reader, r->queries[i], r->mode);
    for (size_t i = 0; i < r->count; i++)
        answer(reader, r, i);
    fflush(stdout);
}

int bench_query(char **args, const bench_options *options)
{
    bench_reader reader;
    request r = {0};
    bench_lines lines = {.file = stdin};
    uint64_t resident = bench_resident(false), start = bench_nanoseconds();
    bench_reader_open(&reader, args[0], options);
    uint64_t spent = bench_nanoseconds() - start;
    resident = bench_resident(false) - resident;
    printf("{\"engine\": \"quire\", \"version\": \"%s\", \"open_ns\": %" PRIu64
           ", \"resident_kb\": %" PRIu64 "}\n",
           quire_version(), spent, resident);
    fflush(stdout);
    while (bench_lines_next(&lines)) {
        if (!read_request(&r, &lines))
            bench_fail("a request that is none", "standard input");
        serve(&reader, &r);
        free_request(&r);
    }
    free(lines.line);
    bench_reader_close(&reader);
    return 0;
}
