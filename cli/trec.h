/* SPDX-License-Identifier: MIT
 * trec.h - topics, judgements and runs in the forms of TREC. */
#ifndef QUIRE_CLI_TREC_H
#define QUIRE_CLI_TREC_H

#include "measure.h"

/* A line of judgements ("topic 0 doc level") or of a run ("topic Q0 doc rank score tag"). */
typedef struct trec_line {
    char *topic, *doc;
    float score;
    int level;
    uint64_t number; /* of the line in its file */
} trec_line;

typedef struct trec_file {
    trec_line *lines;
    size_t count, cap;
} trec_file;

/* Room for a message that names the line and what is wrong with it. */
enum { TREC_WHY = 240 };

/* Read a file of either kind and sort it by topic, then: judgements by document; a run by score,
 * highest first, equal ones by document descending, which is trec_eval's order. False: `why` says
 * what and where. */
bool trec_read(const char *path, bool is_run, trec_file *out, char why[TREC_WHY]);
void trec_free(trec_file *f);

/* What to measure, and who is told the values of each topic, in order (`each` may be NULL). */
typedef struct trec_plan {
    const measure *measures;
    size_t count;
    void (*each)(void *payload, const char *topic, const double *values);
    void *payload;
} trec_plan;

/* The mean of each measure over all topics of `judgements`, those that the run lacks counting 0.
 * Returns the number of topics. */
size_t trec_evaluate(const trec_file *judgements, const trec_file *run, const trec_plan *plan,
                     double *means);

#endif
