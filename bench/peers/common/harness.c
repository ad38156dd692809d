/* SPDX-License-Identifier: MIT
 * The protocol: one JSON line for an index built, and answers to requests on standard input. */
#include "harness.h"

#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { UNSUPPORTED = 3 };

void harness_fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

static uint64_t nanoseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static bool read_settings(harness_settings *out, int argc, char **argv)
{
    *out = (harness_settings){1.2, 0.75, 1, 0, false};
    for (int i = 0; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (strcmp(name, "--k1") == 0)
            out->k1 = strtod(value, NULL);
        else if (strcmp(name, "--b") == 0)
            out->b = strtod(value, NULL);
        else if (strcmp(name, "--segments") == 0)
            out->segments = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(name, "--delete") == 0)
            out->delete_ = (unsigned)strtoul(value, NULL, 10);
        else if (strcmp(name, "--analyzer") == 0)
            out->english = strcmp(value, "english") == 0;
        else
            return false;
    }
    return argc % 2 == 0;
}

/* Calls `visit` for each file of a folder that has no folders but one level of them. */
static void each_file(const char *dir, int depth, void (*visit)(const char *path, void *payload), void *payload)
{
    char path[4096];
    struct stat about;
    DIR *folder = opendir(dir);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &about) != 0)
            continue;
        if (S_ISDIR(about.st_mode) && depth > 0)
            each_file(path, depth - 1, visit, payload);
        visit(path, payload);
    }
    if (folder != NULL)
        closedir(folder);
}

static void remove_one(const char *path, void *payload)
{
    (void)payload;
    if (remove(path) != 0)
        harness_fail(path, "cannot be removed");
}

static void add_size(const char *path, void *payload)
{
    struct stat about;
    if (stat(path, &about) == 0 && S_ISREG(about.st_mode))
        *(uint64_t *)payload += (uint64_t)about.st_size;
}

/* The text that is indexed; `room` owns it if it is made of title and text. */
static void read_doc(const json_t *object, bool english, harness_doc *doc, char **room)
{
    const json_t *text = json_object_get(object, "text"), *title = json_object_get(object, "title");
    doc->id = json_string_value(json_object_get(object, "id"));
    doc->text = json_string_value(text);
    doc->text_len = json_string_length(text);
    if (doc->id == NULL || doc->text == NULL)
        harness_fail("corpus", "a line without id or text");
    if (!english)
        return;
    size_t len = json_string_length(title);
    *room = malloc(len + doc->text_len + 2);
    if (*room == NULL)
        harness_fail("corpus", "no memory");
    int whole = sprintf(*room, "%s\n", len == 0 ? "" : json_string_value(title));
    memcpy(*room + whole, doc->text, doc->text_len + 1);
    doc->text = *room;
    doc->text_len += (size_t)whole;
}

static uint64_t add_all(const harness_engine *engine, const char *corpus, bool english, uint64_t *bytes)
{
    FILE *in = fopen(corpus, "r");
    char *line = NULL;
    size_t room = 0;
    uint64_t documents = 0;
    if (in == NULL)
        harness_fail(corpus, "cannot be read");
    for (ssize_t len; (len = getline(&line, &room, in)) >= 0; documents++) {
        harness_doc doc;
        char *joined = NULL;
        json_t *object = json_loadb(line, (size_t)len, 0, NULL);
        read_doc(object, english, &doc, &joined);
        engine->add(&doc);
        *bytes += doc.text_len;
        free(joined);
        json_decref(object);
    }
    free(line);
    fclose(in);
    return documents;
}

static int build(const harness_engine *engine, char **args, const harness_settings *settings)
{
    struct rusage usage;
    uint64_t text = 0, size = 0;
    mkdir(args[1], 0777);
    each_file(args[1], 1, remove_one, NULL);
    uint64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID), wall = nanoseconds(CLOCK_MONOTONIC);
    engine->begin(args[1], settings);
    uint64_t documents = add_all(engine, args[0], settings->english, &text);
    engine->finish();
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    each_file(args[1], 1, add_size, &size);
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"engine\": \"%s\", \"version\": \"%s\", \"documents\": %" PRIu64 ", \"text_bytes\": %" PRIu64
           ", \"cpu_seconds\": %.3f, \"wall_seconds\": %.3f, \"peak_kb\": %ld, \"bytes\": %" PRIu64 "}\n",
           engine->name, engine->version, documents, text, (double)cpu * 1e-9, (double)wall * 1e-9,
           usage.ru_maxrss, size);
    return 0;
}

typedef struct mode {
    const char *name;
    unsigned limit;
    bool count;
} mode;

static const mode *find_mode(const char *name)
{
    static const mode modes[] = {{"COUNT", 0, true},
                                 {"TOP_10", 10, false},
                                 {"TOP_100", 100, false},
                                 {"TOP_1000", 1000, false},
                                 {"TOP_100_COUNT", 100, true}};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];
    harness_fail(name, "no such mode");
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void answer(const harness_engine *engine, const mode *m, const char *query, uint64_t *times, size_t rounds)
{
    static harness_result result;
    result.count = result.top = 0;
    result.error[0] = '\0';
    qsort(times, rounds, sizeof *times, compare);
    engine->search(query, m->limit, m->count, true, &result);
    if (result.error[0] != '\0') {
        printf("!\t%s\n", result.error);
        return;
    }
    printf("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", result.count, times[rounds / 2], times[0]);
    for (unsigned i = 0; i < result.top; i++)
        printf("%s%s:%.6g", i != 0 ? " " : "", result.ids[i], result.scores[i]);
    putchar('\n');
}

static void serve_one(const harness_engine *engine, const mode *m, size_t rounds, char **queries, size_t count)
{
    static harness_result result;
    uint64_t *times = calloc(count * rounds + 1, sizeof *times);
    if (times == NULL)
        harness_fail("request", "no memory");
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            uint64_t start = nanoseconds(CLOCK_MONOTONIC);
            engine->search(queries[i], m->limit, m->count, false, &result);
            times[i * rounds + round] = nanoseconds(CLOCK_MONOTONIC) - start;
        }
    for (size_t i = 0; i < count; i++)
        answer(engine, m, queries[i], times + i * rounds, rounds);
    free(times);
    fflush(stdout);
}

static char *next_line(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t len = getline(&line, &room, stdin);
    if (len > 0 && line[len - 1] == '\n')
        line[len - 1] = '\0';
    if (len >= 0)
        return line;
    free(line);
    return NULL;
}

static int serve(const harness_engine *engine, const char *dir, const harness_settings *settings)
{
    uint64_t start = nanoseconds(CLOCK_MONOTONIC);
    engine->open(dir, settings);
    printf("{\"engine\": \"%s\", \"version\": \"%s\", \"open_ns\": %" PRIu64 "}\n", engine->name, engine->version,
           nanoseconds(CLOCK_MONOTONIC) - start);
    fflush(stdout);
    for (char *head; (head = next_line()) != NULL; free(head)) {
        char *rounds = strchr(head, '\t'), *number = rounds == NULL ? NULL : strchr(rounds + 1, '\t');
        if (number == NULL)
            harness_fail("request", head);
        *rounds = '\0';
        size_t count = strtoul(number + 1, NULL, 10);
        char **queries = calloc(count + 1, sizeof *queries);
        for (size_t i = 0; i < count; i++)
            if (queries == NULL || (queries[i] = next_line()) == NULL)
                harness_fail("request", "a query is missing");
        serve_one(engine, find_mode(head), strtoul(rounds + 1, NULL, 10), queries, count);
        for (size_t i = 0; i < count; i++)
            free(queries[i]);
        free(queries);
    }
    return 0;
}

int harness_main(int argc, char **argv, const harness_engine *engine)
{
    harness_settings settings;
    bool index = argc >= 4 && strcmp(argv[1], "index") == 0;
    int first = index ? 4 : 3;
    if (argc < first || (!index && strcmp(argv[1], "query") != 0) ||
        !read_settings(&settings, argc - first, argv + first))
        harness_fail(engine->name, "usage: index CORPUS DIR [OPTION VALUE]... | query DIR [OPTION VALUE]...");
    const char *why = engine->unsupported(&settings);
    if (why != NULL) {
        printf("{\"unsupported\": \"%s\"}\n", why);
        return UNSUPPORTED;
    }
    return index ? build(engine, argv + 2, &settings) : serve(engine, argv[2], &settings);
}
