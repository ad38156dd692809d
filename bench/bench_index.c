/* SPDX-License-Identifier: MIT
 * quire-bench index: from a file of JSON lines on disk to a committed, durable, searchable index.
 *
 * The clock covers reading the lines and everything up to the last commit; what reading JSON took
 * of it is told too. Where several segments are asked for, the writer's memory is made large enough
 * for each to be written at once; otherwise all settings are the library's default. */
#include <stdlib.h>
#include <string.h>

#include "quire_bench.h"

typedef struct build {
    const bench_options *options;
    const char *dir;
    quire_index *index;
    quire_writer *writer;
    size_t documents, all; /* added; all of the corpus, if that matters */
    uint64_t bytes;        /* of text */
    uint64_t json_ns;      /* for reading JSON: wall time, for a clock of the CPU costs more */
} build;

static quire_error err;

static void open_writer(build *b)
{
    quire_writer_options tuning = QUIRE_WRITER_OPTIONS_INIT;
    tuning.no_auto_merge = b->options->segments > 1 || b->options->delete_ != 0;
    tuning.max_memory = b->options->segments > 1 ? (size_t)4 << 30 : 0;
    bench_must(quire_writer_open(&b->writer, b->index, &tuning, &err), &err);
}

static void commit(build *b)
{
    bench_must(quire_writer_commit(b->writer, (quire_str){"", 0}, false, &err), &err);
}

static void add_all(build *b, const char *corpus)
{
    bench_lines lines;
    bench_json json = BENCH_DOC_JSON;
    size_t part = 1;
    bench_lines_open(&lines, corpus);
    while (bench_lines_next(&lines)) {
        uint64_t before = bench_nanoseconds();
        bench_doc doc = bench_doc_read(&json, &lines, b->options);
        b->json_ns += bench_nanoseconds() - before;
        quire_value values[] = {{"id", doc.id, 0}, {"text", doc.text, 0}};
        bench_must(quire_writer_add(b->writer, values, 2, NULL, &err), &err);
        b->bytes += doc.text.len;
        b->documents++;
        if (b->options->segments > 1 && b->documents == b->all * part / b->options->segments) {
            commit(b);
            part++;
        }
    }
    bench_json_close(&json);
    bench_lines_close(&lines);
}

static size_t count_lines(const char *corpus)
{
    size_t count = 0;
    bench_lines lines;
    bench_lines_open(&lines, corpus);
    while (bench_lines_next(&lines))
        count++;
    bench_lines_close(&lines);
    return count;
}

static void delete_some(build *b, const char *corpus)
{
    size_t ordinal = 0;
    bench_lines lines;
    bench_json json = BENCH_DOC_JSON;
    bench_lines_open(&lines, corpus);
    while (bench_lines_next(&lines)) {
        if (!bench_deleted(b->options, ordinal++))
            continue;
        bench_doc doc = bench_doc_read(&json, &lines, b->options);
        bench_must(quire_writer_delete(b->writer, doc.id, &err), &err);
    }
    bench_json_close(&json);
    bench_lines_close(&lines);
    commit(b);
}

static void print_parts(const quire_stat *stat)
{
    uint64_t sums[11] = {0};
    static const char *const names[] = {"terms",   "docs",  "freqs",  "positions", "skip", "ranges",
                                        "bitmaps", "norms", "stored", "columns",   "other"};
    for (size_t i = 0; i < stat->segment_count; i++) {
        const quire_segment_stat *s = &stat->segments[i];
        const uint64_t parts[] = {s->term_bytes,     s->doc_bytes,  s->freq_bytes,
                                  s->position_bytes, s->skip_bytes, s->range_bytes,
                                  s->bitmap_bytes,   s->norm_bytes, s->stored_bytes,
                                  s->column_bytes,   s->other_bytes};
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++)
            sums[p] += parts[p];
    }
    for (size_t p = 0; p < sizeof names / sizeof *names; p++)
        printf("%s\"%s\": %llu", p != 0 ? ", " : "", names[p], (unsigned long long)sums[p]);
}

static void print(const build *b, double cpu, double wall)
{
    quire_snapshot *snapshot;
    bench_must(quire_snapshot_open(&snapshot, b->index, &err), &err);
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    printf("{\"engine\": \"quire\", \"version\": \"%s\", \"documents\": %llu, ", quire_version(),
           (unsigned long long)stat->documents);
    printf("\"segments\": %zu, \"text_bytes\": %llu, \"cpu_seconds\": %.3f, ", stat->segment_count,
           (unsigned long long)b->bytes, cpu);
    printf("\"wall_seconds\": %.3f, \"json_wall_seconds\": %.3f, ", wall,
           (double)b->json_ns * 1e-9);
    printf("\"peak_kb\": %llu, \"bytes\": %llu, \"bytes_written\": %llu, \"parts\": {",
           (unsigned long long)bench_resident(true), (unsigned long long)bench_folder_bytes(b->dir),
           (unsigned long long)bench_written());
    print_parts(stat);
    puts("}}");
    quire_snapshot_close(snapshot);
}

int bench_index(char **args, const bench_options *options)
{
    build b = {.options = options, .dir = args[1]};
    if (options->segments > 1)
        b.all = count_lines(args[0]);
    uint64_t started = bench_nanoseconds();
    double cpu = bench_cpu_seconds();
    b.index = bench_create(b.dir, options);
    open_writer(&b);
    add_all(&b, args[0]);
    bench_must(quire_writer_merge(b.writer, options->segments, &err), &err);
    if (options->delete_ != 0)
        delete_some(&b, args[0]);
    cpu = bench_cpu_seconds() - cpu;
    print(&b, cpu, (double)(bench_nanoseconds() - started) * 1e-9);
    quire_writer_close(b.writer);
    quire_index_close(b.index);
    return 0;
}
