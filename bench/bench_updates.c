/* SPDX-License-Identifier: MIT
 * quire-bench updates: what changing an index costs, a JSON line for each run.
 *
 * "fresh": nine tenths of the corpus, one commit. "one percent": the rest on top of it, in ten
 * commits, each by a writer of its own; a share of 1 is what as much text cost when the index was
 * built. "one document": commits of a single short document into that index. "small commits": the
 * corpus from its start again, ten documents a commit; "bounded commits": the same by a writer that
 * merges at most 1 MiB a commit. "steady updates": documents, each replaced
 * twenty times over, in commits of a hundredth at least, against the same documents indexed afresh.
 * Clocks cover reading the lines, as in `index`. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "quire_bench.h"

enum {
    PERCENTS = 10,
    SINGLES = 100,
    SINGLE_BYTES = 300,
    SMALL_COMMITS = 1000,
    SMALL_DOCUMENTS = 10,
    BOUND = 1 << 20,       /* bytes that a commit may merge */
    KEPT_DOCUMENTS = 5000, /* of steady updates, at most */
    ROUNDS = 20,
    PARTS = 100,         /* commits a round, at most */
    PART_DOCUMENTS = 50, /* of a commit, at least */
    SAMPLES = 20
};

typedef struct updates {
    const bench_options *options;
    const char *corpus, *dir;
    quire_index *index;
    quire_writer *writer;
    bench_lines lines;
    bench_json json;
    uint64_t max_merge; /* of the writer; 0: no bound */
    uint64_t size;      /* of the corpus's file */
    uint64_t read;      /* bytes of it read so far */
    uint64_t text;      /* bytes of text added since begin */
    uint64_t documents; /* the same */
    uint64_t written;   /* by the process until begin */
    double cpu;         /* the same */
} updates;

/* Segments, and bytes, of an index as it changes. */
typedef struct growth {
    size_t samples[SAMPLES], sampled, segments, most;
    uint64_t bytes, most_bytes, folder, most_folder;
} growth;

static quire_error err;

static void rewind_corpus(updates *u)
{
    if (u->lines.file != NULL)
        bench_lines_close(&u->lines);
    bench_lines_open(&u->lines, u->corpus);
    u->read = 0;
}

static void open_writer(updates *u)
{
    quire_writer_options tuning = QUIRE_WRITER_OPTIONS_INIT;
    tuning.max_merge = u->max_merge;
    bench_must(quire_writer_open(&u->writer, u->index, &tuning, &err), &err);
}

static void close_writer(updates *u)
{
    quire_writer_close(u->writer);
    u->writer = NULL;
}

static void commit(updates *u)
{
    bench_must(quire_writer_commit(u->writer, (quire_str){"", 0}, false, &err), &err);
}

static void begin(updates *u)
{
    u->text = u->documents = 0;
    u->written = bench_written();
    u->cpu = bench_cpu_seconds();
}

/* An index without documents, and its writer. */
static void start_index(updates *u)
{
    if (u->index != NULL)
        quire_index_close(u->index);
    u->index = bench_create(u->dir, u->options);
    open_writer(u);
}

static void add(updates *u, quire_str id, quire_str text)
{
    quire_value values[] = {{"id", id, 0}, {"text", text, 0}};
    bench_must(quire_writer_add(u->writer, values, 2, NULL, &err), &err);
    u->text += text.len;
    u->documents++;
}

static bool next(updates *u, bench_doc *doc)
{
    if (!bench_lines_next(&u->lines))
        return false;
    u->read += u->lines.len + 1;
    *doc = bench_doc_read(&u->json, &u->lines, u->options);
    return true;
}

static void add_until(updates *u, uint64_t read)
{
    bench_doc doc;
    while (u->read < read && next(u, &doc))
        add(u, doc.id, doc.text);
}

static void look(const updates *u, growth *g)
{
    quire_snapshot *snapshot;
    bench_must(quire_snapshot_open(&snapshot, u->index, &err), &err);
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    g->segments = stat->segment_count;
    g->bytes = 0;
    for (size_t i = 0; i < stat->segment_count; i++)
        g->bytes += stat->segments[i].file_bytes;
    g->folder = bench_folder_bytes(u->dir);
    g->most = g->segments > g->most ? g->segments : g->most;
    g->most_bytes = g->bytes > g->most_bytes ? g->bytes : g->most_bytes;
    g->most_folder = g->folder > g->most_folder ? g->folder : g->most_folder;
    quire_snapshot_close(snapshot);
}

static void sample(growth *g, size_t commit, size_t commits)
{
    if (g->sampled < SAMPLES && commit + 1 >= (g->sampled + 1) * commits / SAMPLES)
        g->samples[g->sampled++] = g->segments;
}

static void print_head(const updates *u, const char *run, size_t commits)
{
    double cpu = bench_cpu_seconds() - u->cpu;
    uint64_t written = bench_written() - u->written;
    printf("{\"engine\": \"quire\", \"run\": \"%s\", \"commits\": %zu, \"documents\": %llu, ", run,
           commits, (unsigned long long)u->documents);
    printf("\"text_bytes\": %llu, \"cpu_seconds\": %.4f, \"bytes_written\": %llu, ",
           (unsigned long long)u->text, cpu, (unsigned long long)written);
    printf("\"written_per_text_byte\": %.3f", (double)written / (double)u->text);
}

static void print_growth(const growth *g)
{
    printf(", \"bytes\": %llu, \"segments\": %zu, \"most_segments\": %zu, \"over_time\": [",
           (unsigned long long)g->bytes, g->segments, g->most);
    for (size_t i = 0; i < g->sampled; i++)
        printf("%s%zu", i != 0 ? ", " : "", g->samples[i]);
    printf("]");
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean, median and largest; sorts. */
static void print_times(const char *name, double *times, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += times[i];
    qsort(times, count, sizeof *times, by_value);
    printf(", \"%s\": {\"mean\": %.3f, \"p50\": %.3f, \"most\": %.3f}", name, sum / (double)count,
           times[count / 2], times[count - 1]);
}

/* CPU seconds that a byte of text took. */
static double build_most(updates *u)
{
    growth g = {0};
    rewind_corpus(u);
    begin(u);
    start_index(u);
    add_until(u, u->size - u->size / 10);
    commit(u);
    close_writer(u);
    double each = (bench_cpu_seconds() - u->cpu) / (double)u->text;
    print_head(u, "fresh", 1);
    look(u, &g);
    print_growth(&g);
    puts("}");
    return each;
}

static void add_percents(updates *u, double each)
{
    double shares[PERCENTS];
    growth g = {0};
    begin(u);
    for (size_t i = 0; i < PERCENTS; i++) {
        double cpu = bench_cpu_seconds();
        uint64_t text = u->text;
        open_writer(u);
        add_until(u, u->size - u->size / 100 * (PERCENTS - 1 - i));
        commit(u);
        close_writer(u);
        shares[i] = (bench_cpu_seconds() - cpu) / (each * (double)(u->text - text + 1));
        look(u, &g);
        sample(&g, i, PERCENTS);
    }
    print_head(u, "one percent", PERCENTS);
    print_times("share", shares, PERCENTS);
    print_growth(&g);
    puts("}");
}

static void add_singles(updates *u)
{
    double cpu[SINGLES], wall[SINGLES];
    bench_doc doc;
    growth g = {0};
    rewind_corpus(u);
    begin(u);
    open_writer(u);
    double opened = bench_cpu_seconds() - u->cpu;
    for (size_t i = 0; i < SINGLES && next(u, &doc); i++) {
        char id[32];
        snprintf(id, sizeof id, "single-%zu", i);
        doc.text.len = doc.text.len < SINGLE_BYTES ? doc.text.len : SINGLE_BYTES;
        double started = bench_cpu_seconds();
        uint64_t clock = bench_nanoseconds();
        add(u, quire_cstr(id), doc.text);
        commit(u);
        wall[i] = (double)(bench_nanoseconds() - clock) * 1e-6;
        cpu[i] = (bench_cpu_seconds() - started) * 1e3;
        look(u, &g);
        sample(&g, i, SINGLES);
    }
    print_head(u, "one document", u->documents);
    printf(", \"open_cpu_ms\": %.3f", opened * 1e3);
    print_times("cpu_ms", cpu, u->documents);
    print_times("wall_ms", wall, u->documents);
    print_growth(&g);
    puts("}");
    close_writer(u);
}

static void add_small(updates *u, const char *run, uint64_t max_merge)
{
    growth g = {0};
    bench_doc doc;
    size_t commits = 0;
    double cpu[SMALL_COMMITS];
    rewind_corpus(u);
    begin(u);
    u->max_merge = max_merge;
    start_index(u);
    for (bool more = true; more && commits < SMALL_COMMITS; commits++) {
        double started = bench_cpu_seconds();
        for (int i = 0; i < SMALL_DOCUMENTS && (more = next(u, &doc)); i++)
            add(u, doc.id, doc.text);
        commit(u);
        cpu[commits] = (bench_cpu_seconds() - started) * 1e3;
        look(u, &g);
        sample(&g, commits, SMALL_COMMITS);
    }
    print_head(u, run, commits);
    print_times("cpu_ms", cpu, commits);
    print_growth(&g);
    puts("}");
    close_writer(u);
    u->max_merge = 0;
}

/* ---- Steady updates ---- */

typedef struct kept {
    char (*ids)[32];
    char **texts;
    size_t *lengths;
    size_t count;
} kept;

static void keep(updates *u, kept *k)
{
    bench_doc doc;
    *k = (kept){bench_alloc(KEPT_DOCUMENTS, 32), bench_alloc(KEPT_DOCUMENTS, sizeof *k->texts),
                bench_alloc(KEPT_DOCUMENTS, sizeof *k->lengths), 0};
    rewind_corpus(u);
    for (; k->count < KEPT_DOCUMENTS && next(u, &doc); k->count++) {
        snprintf(k->ids[k->count], 32, "kept-%zu", k->count);
        k->texts[k->count] = bench_alloc(doc.text.len, 1);
        memcpy(k->texts[k->count], doc.text.ptr, doc.text.len);
        k->lengths[k->count] = doc.text.len;
    }
}

static void free_kept(kept *k)
{
    for (size_t i = 0; i < k->count; i++)
        free(k->texts[i]);
    free(k->texts);
    free(k->lengths);
    free(k->ids);
}

/* Give a document the text of another. */
static void put(updates *u, const kept *k, size_t document, size_t text)
{
    add(u, quire_cstr(k->ids[document]), (quire_str){k->texts[text], k->lengths[text]});
}

/* A document, by a generator of its own, so that every machine updates the same ones. */
static size_t random_document(uint64_t *state, const kept *k)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*state >> 33) % k->count;
}

static void update_steadily(updates *u)
{
    growth fresh = {0}, g = {0};
    uint64_t state = 1;
    kept k;
    keep(u, &k);
    size_t parts = k.count / PART_DOCUMENTS + 1 < PARTS ? k.count / PART_DOCUMENTS + 1 : PARTS;
    size_t each = (k.count + parts - 1) / parts;
    start_index(u);
    for (size_t i = 0; i < k.count; i++)
        put(u, &k, i, i);
    commit(u);
    look(u, &fresh);
    begin(u);
    for (size_t i = 0; i < ROUNDS * parts; i++) {
        for (size_t n = 0; n < each; n++)
            put(u, &k, random_document(&state, &k), (i * each + n) % k.count);
        commit(u);
        look(u, &g);
        sample(&g, i, ROUNDS * parts);
    }
    print_head(u, "steady updates", ROUNDS * parts);
    print_growth(&g);
    printf(", \"fresh_bytes\": %llu, \"over_fresh\": %.3f, \"most_over_fresh\": %.3f, ",
           (unsigned long long)fresh.bytes, (double)g.bytes / (double)fresh.bytes,
           (double)g.most_bytes / (double)fresh.bytes);
    printf("\"folder_over_fresh\": %.3f, \"most_folder_over_fresh\": %.3f}\n",
           (double)g.folder / (double)fresh.bytes, (double)g.most_folder / (double)fresh.bytes);
    close_writer(u);
    free_kept(&k);
}

int bench_updates(char **args, const bench_options *options)
{
    struct stat about;
    updates u = {.options = options, .corpus = args[0], .dir = args[1], .json = BENCH_DOC_JSON};
    if (stat(u.corpus, &about) != 0)
        bench_fail("cannot be read", u.corpus);
    u.size = (uint64_t)about.st_size;
    double each = build_most(&u);
    add_percents(&u, each);
    add_singles(&u);
    add_small(&u, "small commits", 0);
    add_small(&u, "bounded commits", BOUND);
    update_steadily(&u);
    quire_index_close(u.index);
    bench_json_close(&u.json);
    bench_lines_close(&u.lines);
    return 0;
}
