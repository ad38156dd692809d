/* SPDX-License-Identifier: MIT
 * quire-bench: Quire behind the protocol that bench/README.md gives for every engine, and a
 * check of its results by brute force. It sees the public header alone, but
 * for timing the inner loops of the codec. */
#include "quire_bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

const bench_mode bench_modes[BENCH_MODES] = {{"COUNT", 0, true, true},
                                             {"TOP_10", 10, false, false},
                                             {"TOP_100", 100, false, false},
                                             {"TOP_1000", 1000, false, false},
                                             {"TOP_100_COUNT", 100, true, false}};

const bench_mode *bench_mode_find(const char *name)
{
    for (int i = 0; i < BENCH_MODES; i++)
        if (strcmp(bench_modes[i].name, name) == 0)
            return &bench_modes[i];
    return NULL;
}

void bench_must(quire_status status, const quire_error *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "quire-bench: %s\n", err->message);
    exit(2);
}

void bench_fail(const char *what, const char *path)
{
    fprintf(stderr, "quire-bench: %s: %s\n", path, what);
    exit(2);
}

void *bench_alloc(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        bench_fail("no memory", "allocation");
    return memory;
}

bool bench_deleted(const bench_options *options, size_t ordinal)
{
    return options->delete_ != 0 && ordinal % options->delete_ == 7 % options->delete_;
}

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

double bench_cpu_seconds(void)
{
    return (double)nanoseconds(CLOCK_PROCESS_CPUTIME_ID) * 1e-9;
}

uint64_t bench_nanoseconds(void)
{
    return nanoseconds(CLOCK_MONOTONIC);
}

uint64_t bench_resident(bool peak)
{
    struct rusage usage;
    unsigned long long all, resident = 0;
    if (peak) {
        getrusage(RUSAGE_SELF, &usage);
        return (uint64_t)usage.ru_maxrss;
    }
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL && fscanf(file, "%llu %llu", &all, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

void bench_lines_open(bench_lines *lines, const char *path)
{
    *lines = (bench_lines){.file = fopen(path, "r")};
    if (lines->file == NULL)
        bench_fail("cannot be read", path);
}

bool bench_lines_next(bench_lines *lines)
{
    ssize_t n = getline(&lines->line, &lines->room, lines->file);
    while (n > 0 && (lines->line[n - 1] == '\n' || lines->line[n - 1] == '\r'))
        lines->line[--n] = '\0';
    lines->len = n < 0 ? 0 : (size_t)n;
    return n >= 0;
}

void bench_lines_close(bench_lines *lines)
{
    fclose(lines->file);
    free(lines->line);
}

void bench_reader_open(bench_reader *reader, const char *dir, const bench_options *options)
{
    quire_error err;
    reader->search = (quire_search_options)QUIRE_SEARCH_OPTIONS_INIT;
    bench_must(quire_index_open(&reader->index, dir, NULL, &err), &err);
    bench_must(quire_snapshot_open(&reader->snapshot, reader->index, &err), &err);
    const quire_stat *stat = quire_snapshot_stat(reader->snapshot);
    reader->search.tune = stat->k1 != options->k1 || stat->b != options->b;
    reader->search.k1 = options->k1;
    reader->search.b = options->b;
}

void bench_reader_close(bench_reader *reader)
{
    quire_snapshot_close(reader->snapshot);
    quire_index_close(reader->index);
}

quire_status bench_search(const bench_reader *reader, const char *text, const bench_mode *mode,
                          quire_query **parsed, const quire_hits **hits)
{
    quire_search_options options = reader->search;
    options.limit = mode->limit;
    options.count = mode->count;
    options.count_only = mode->count_only;
    *parsed = NULL;
    *hits = NULL;
    quire_status status = quire_query_parse(parsed, reader->index, quire_cstr(text), NULL, NULL);
    if (status != QUIRE_OK)
        return status;
    return quire_search(hits, reader->snapshot, *parsed, &options, NULL);
}

static int usage(void)
{
    fputs(
        "usage: quire-bench index CORPUS.jsonl DIR [OPTION]...\n"
        "       quire-bench updates CORPUS.jsonl DIR [OPTION]...\n"
        "       quire-bench query DIR [OPTION]...            requests on standard input\n"
        "       quire-bench check CORPUS.jsonl DIR QUERIES.jsonl [OPTION]...\n"
        "       quire-bench kernels\n"
        "options: --k1 X, --b X, --segments N, --delete N, --analyzer tokens|english,\n"
        "         --schema plain|stored|exact (index, updates); bench/README.md has the protocol\n",
        stderr);
    return 2;
}

static bool read_options(bench_options *out, int argc, char **argv)
{
    for (int i = 0; i < argc; i += 2) {
        if (i + 1 == argc)
            return false;
        const char *name = argv[i], *value = argv[i + 1];
        if (strcmp(name, "--k1") == 0)
            out->k1 = strtof(value, NULL);
        else if (strcmp(name, "--b") == 0)
            out->b = strtof(value, NULL);
        else if (strcmp(name, "--segments") == 0)
            out->segments = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(name, "--delete") == 0)
            out->delete_ = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(name, "--analyzer") == 0)
            out->english = strcmp(value, "english") == 0;
        else if (strcmp(name, "--schema") == 0)
            out->store = strcmp(value, "stored") == 0, out->exact = strcmp(value, "exact") == 0;
        else
            return false;
    }
    return out->segments != 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int args;
        int (*run)(char **args, const bench_options *options);
    } verbs[] = {{"index", 2, bench_index},
                 {"updates", 2, bench_updates},
                 {"query", 1, bench_query},
                 {"check", 3, bench_check}};
    bench_options options = {.k1 = 1.2f, .b = 0.75f, .segments = 1};
    if (argc == 2 && strcmp(argv[1], "kernels") == 0)
        return bench_kernels();
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && argc > 1; i++) {
        int first = 2 + verbs[i].args;
        if (strcmp(argv[1], verbs[i].name) == 0 && argc >= first &&
            read_options(&options, argc - first, argv + first))
            return verbs[i].run(argv + 2, &options);
    }
    return usage();
}
