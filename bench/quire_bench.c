/* SPDX-License-Identifier: MIT
 * quire-bench: times Quire alone, through its public header, and prints one JSON object. Every
 * figure says what it was measured on; comparisons with other engines are made by a suite of their
 * own. */
#include "quire_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

void bench_check(quire_status status, const quire_error *err)
{
    if (status >= 0)
        return;
    fprintf(stderr, "quire-bench: %s\n", err->message);
    exit(2);
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double bench_cpu_seconds(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_wall_seconds(void)
{
    return seconds(CLOCK_MONOTONIC);
}

long bench_peak_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_quantile(double *numbers, size_t count, double p)
{
    if (count == 0)
        return 0;
    qsort(numbers, count, sizeof *numbers, compare);
    size_t at = (size_t)(p * (double)count);
    return numbers[at < count ? at : count - 1];
}

char *bench_line(void *file, size_t *len)
{
    static char *line;
    static size_t room;
    ssize_t n = getline(&line, &room, file);
    if (n < 0)
        return NULL;
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
        line[--n] = '\0';
    *len = (size_t)n;
    return line;
}

static int usage(void)
{
    fputs("usage: quire-bench index DOCS.jsonl DIR [--no-exact] [--store] [--max-memory MIB]\n"
          "       quire-bench query DIR QUERIES.jsonl [--repeat N]\n"
          "Documents are JSON lines with id, title, text; queries JSON lines with query, tags.\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "index") == 0)
        return bench_index(argc - 2, argv + 2);
    if (argc >= 4 && strcmp(argv[1], "query") == 0)
        return bench_query(argc - 2, argv + 2);
    return usage();
}
