/* SPDX-License-Identifier: MIT
 * bench/quire_bench.h - what the subcommands of quire-bench share. */
#ifndef QUIRE_BENCH_H
#define QUIRE_BENCH_H

#include <stddef.h>
#include <stdio.h>

#include "quire.h"

/* What follows the positional arguments of index, query and check. */
typedef struct bench_options {
    float k1, b;
    unsigned segments; /* of equal numbers of documents, in the order of the corpus */
    unsigned delete_;  /* of so many documents in a row, the 8th is deleted; 0: none is */
    bool english;      /* title and text, read as English; else `text`, split at spaces */
    bool store, exact; /* index only: variants of the schema */
} bench_options;

/* Subcommands; `args` follow the name. Each returns an exit code. */
int bench_index(char **args, const bench_options *options);
int bench_updates(char **args, const bench_options *options);
int bench_query(char **args, const bench_options *options);
int bench_check(char **args, const bench_options *options);
int bench_kernels(void);

/* Print the message and exit with 2 unless the status is QUIRE_OK. */
void bench_must(quire_status status, const quire_error *err);

/* Print what is wrong with a file and exit with 2. */
void bench_fail(const char *what, const char *path);

/* Memory for `count` things of `size` bytes, zeroed; exits with 2 where there is none. */
void *bench_alloc(size_t count, size_t size);

/* The number of document `ordinal` of the corpus is among those deleted. */
bool bench_deleted(const bench_options *options, size_t ordinal);

/* An index without documents, in place of all files that are in the folder. */
quire_index *bench_create(const char *dir, const bench_options *options);

uint64_t bench_folder_bytes(const char *dir);
uint64_t bench_written(void); /* bytes that the process has written; 0: not known */

double bench_cpu_seconds(void);     /* of the process */
uint64_t bench_nanoseconds(void);   /* monotonic */
uint64_t bench_resident(bool peak); /* kilobytes of memory the process has, or had at most */

/* A file read line by line; zero but for `file`. */
typedef struct bench_lines {
    FILE *file;
    char *line; /* the last one, without its end; lent until the next call */
    size_t room, len;
} bench_lines;

void bench_lines_open(bench_lines *lines, const char *path);
bool bench_lines_next(bench_lines *lines);
void bench_lines_close(bench_lines *lines);

/* Bytes that grow. */
typedef struct bench_text {
    char *bytes;
    size_t len, room;
} bench_text;

/* Reads objects, a line each, that have strings. Names of strings that are wanted come first; zero
 * after. */
enum { BENCH_STRINGS = 4 };
typedef struct bench_json {
    const char *names[BENCH_STRINGS];
    bench_text strings[BENCH_STRINGS]; /* of the last object; empty if it has none */
    bool there[BENCH_STRINGS];
    void *parser;
    int depth, at; /* inside how many objects and arrays; the string whose name came last, or -1 */
} bench_json;

/* False if the line is no object. An array counts as its first string. */
bool bench_json_read(bench_json *json, const bench_lines *lines);
void bench_json_close(bench_json *json);

/* A document of a corpus; both lent until the next call with the same `json`. */
typedef struct bench_doc {
    quire_str id, text;
} bench_doc;

#define BENCH_DOC_JSON                                                                             \
    {                                                                                              \
        .names = { "id", "text", "title" }                                                         \
    }

/* Read a line of a corpus; title, a line break and text are the text, if English. */
bench_doc bench_doc_read(bench_json *json, const bench_lines *lines, const bench_options *options);

/* The modes of the search benchmark game. */
typedef struct bench_mode {
    const char *name;
    uint32_t limit;
    bool count, count_only;
} bench_mode;

enum { BENCH_MODES = 5 };
extern const bench_mode bench_modes[BENCH_MODES];

/* The mode of this name, or NULL. */
const bench_mode *bench_mode_find(const char *name);

/* An open index, and options that search it with the k1 and b asked for. */
typedef struct bench_reader {
    quire_index *index;
    quire_snapshot *snapshot;
    quire_search_options search;
} bench_reader;

void bench_reader_open(bench_reader *reader, const char *dir, const bench_options *options);
void bench_reader_close(bench_reader *reader);

/* Parse and search. Both results are the caller's; `parsed` may be NULL on failure. */
quire_status bench_search(const bench_reader *reader, const char *text, const bench_mode *mode,
                          quire_query **parsed, const quire_hits **hits);

#endif
