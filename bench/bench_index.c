/* SPDX-License-Identifier: MIT
 * Indexing: from a file of JSON lines on disk to a committed, durable, searchable index of one
 * segment. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quire_bench.h"

typedef struct run {
    bool exact, store;
    size_t max_memory;
    uint64_t documents, bytes;
    double parse_seconds; /* CPU seconds that reading JSON took */
} run;

static quire_error err;

static void add_text(quire_schema *schema, const char *name, float weight, const run *r)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.searched = true;
    field.exact = r->exact;
    field.stored = r->store;
    field.weight = weight;
    strcpy(field.analyzer.language, "english");
    bench_check(quire_schema_add(schema, &field, &err), &err);
}

static quire_index *create(const char *dir, const run *r)
{
    quire_schema *schema;
    quire_index *index;
    quire_field key = QUIRE_FIELD_INIT;
    bench_check(quire_schema_new(&schema, false, &err), &err);
    key.name = "id";
    key.type = QUIRE_KEYWORD;
    key.key = true;
    bench_check(quire_schema_add(schema, &key, &err), &err);
    add_text(schema, "title", 2, r);
    add_text(schema, "body", 1, r);
    bench_check(quire_index_create(&index, dir, schema, NULL, &err), &err);
    quire_schema_free(schema);
    return index;
}

static void add_line(quire_writer *writer, const char *line, size_t len, run *r)
{
    static const char *const keys[] = {"id", "title", "text"};
    static const char *const fields[] = {"id", "title", "body"};
    quire_value values[3];
    size_t count = 0;
    double before = bench_cpu_seconds();
    json_t *object = json_loadb(line, len, 0, NULL);
    r->parse_seconds += bench_cpu_seconds() - before;
    for (int i = 0; object != NULL && i < 3; i++) {
        json_t *text = json_object_get(object, keys[i]);
        if (!json_is_string(text))
            continue;
        values[count++] =
            (quire_value){fields[i], {json_string_value(text), json_string_length(text)}, 0};
        if (i > 0)
            r->bytes += json_string_length(text);
    }
    bench_check(quire_writer_add(writer, values, count, NULL, &err), &err);
    json_decref(object);
    r->documents++;
}

static void print_parts(quire_index *index, const run *r)
{
    quire_snapshot *snapshot;
    bench_check(quire_snapshot_open(&snapshot, index, &err), &err);
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    const quire_segment_stat *s = &stat->segments[0];
    const struct {
        const char *name;
        uint64_t bytes;
    } parts[] = {
        {"file", s->file_bytes},     {"terms", s->term_bytes},         {"docs", s->doc_bytes},
        {"freqs", s->freq_bytes},    {"positions", s->position_bytes}, {"skip", s->skip_bytes},
        {"ranges", s->range_bytes},  {"bitmaps", s->bitmap_bytes},     {"norms", s->norm_bytes},
        {"stored", s->stored_bytes}, {"columns", s->column_bytes},     {"other", s->other_bytes}};
    printf(" \"segments\": %zu, \"terms\": %llu, \"words\": %llu,\n \"kb_per_mb\": {",
           stat->segment_count, (unsigned long long)s->terms, (unsigned long long)s->words);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        printf("%s\"%s\": %.1f", i != 0 ? ", " : "", parts[i].name,
               (double)parts[i].bytes * 1000.0 / (double)r->bytes);
    puts("}}");
    quire_snapshot_close(snapshot);
}

static void options(run *r, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--no-exact") == 0)
            r->exact = false;
        else if (strcmp(argv[i], "--store") == 0)
            r->store = true;
        else if (strcmp(argv[i], "--max-memory") == 0 && i + 1 < argc)
            r->max_memory = (size_t)strtoul(argv[++i], NULL, 10) << 20;
    }
}

int bench_index(int argc, char **argv)
{
    run r = {.exact = true, .max_memory = (size_t)256 << 20};
    options(&r, argc, argv);
    FILE *in = fopen(argv[0], "r");
    if (in == NULL) {
        perror(argv[0]);
        return 2;
    }
    quire_index *index = create(argv[1], &r);
    quire_writer *writer;
    quire_writer_options tuning = QUIRE_WRITER_OPTIONS_INIT;
    tuning.max_memory = r.max_memory;
    bench_check(quire_writer_open(&writer, index, &tuning, &err), &err);
    double cpu = bench_cpu_seconds(), wall = bench_wall_seconds();
    size_t len;
    for (char *line; (line = bench_line(in, &len)) != NULL;)
        add_line(writer, line, len, &r);
    bench_check(quire_writer_merge(writer, 1, &err), &err);
    cpu = bench_cpu_seconds() - cpu;
    wall = bench_wall_seconds() - wall;
    double mb = (double)r.bytes / 1e6;
    printf("{\"documents\": %llu, \"mb\": %.1f, \"exact\": %s, \"stored\": %s,\n",
           (unsigned long long)r.documents, mb, r.exact ? "true" : "false",
           r.store ? "true" : "false");
    printf(" \"cpu_seconds\": %.2f, \"wall_seconds\": %.2f, \"json_cpu_seconds\": %.2f,\n", cpu,
           wall, r.parse_seconds);
    printf(" \"mb_per_cpu_second\": %.1f, \"mb_per_cpu_second_without_json\": %.1f, "
           "\"peak_mib\": %ld,\n",
           mb / cpu, mb / (cpu - r.parse_seconds), bench_peak_kilobytes() / 1024);
    print_parts(index, &r);
    quire_writer_close(writer);
    quire_index_close(index);
    fclose(in);
    return 0;
}
