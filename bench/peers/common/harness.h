/* SPDX-License-Identifier: MIT
 * bench/peers/common/harness.h - the protocol of bench/README.md, for engines called from C or C++.
 *
 * An engine gives five functions; harness_main does the rest. Whatever goes wrong ends the program
 * with a message. */
#ifndef BENCH_HARNESS_H
#define BENCH_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct harness_settings {
    double k1, b;
    unsigned segments, delete_;
    bool english;
} harness_settings;

/* A document of the corpus; lent until the next. */
typedef struct harness_doc {
    const char *id, *text;
    size_t text_len;
} harness_doc;

/* What a query found: the exact count if asked for, else the number of hits. */
typedef struct harness_result {
    uint64_t count;
    unsigned top; /* of the first ten hits, how many there are */
    char ids[10][256];
    double scores[10];
    char error[160]; /* not empty: the engine does not have such queries */
} harness_result;

typedef struct harness_engine {
    const char *name, *version;

    /* Why the engine cannot have these settings, or NULL. */
    const char *(*unsupported)(const harness_settings *settings);

    /* Build: begin in an empty folder, take every document, finish durably. */
    void (*begin)(const char *dir, const harness_settings *settings);
    void (*add)(const harness_doc *doc);
    void (*finish)(void);

    /* Open for queries. */
    void (*open)(const char *dir, const harness_settings *settings);

    /* The best `limit` hits, 0: none; `count`: the exact number of matches. `show`: fill in ids
     * and scores of the first ten as well. */
    void (*search)(const char *query, unsigned limit, bool count, bool show, harness_result *out);
} harness_engine;

int harness_main(int argc, char **argv, const harness_engine *engine);

/* Print the message and end the program. */
void harness_fail(const char *what, const char *why);

#ifdef __cplusplus
}
#endif
#endif
