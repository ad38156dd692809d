/* SPDX-License-Identifier: MIT
 * progress.h - the line on a terminal that says how far indexing is. */
#ifndef QUIRE_CLI_PROGRESS_H
#define QUIRE_CLI_PROGRESS_H

#include "bytes.h"

typedef struct progress {
    bool shown;                  /* set by the caller: a terminal that wants it */
    uint64_t total_bytes;        /* to read; 0: not known */
    uint64_t files, bytes, docs; /* so far */
    size_t memory, max_memory;
    double started, last; /* seconds */
} progress;

/* Seconds of a clock that only runs forward. */
double progress_clock(void);

/* Rewrite the line, ten times a second at most; `now` whatever the time. */
void progress_show(progress *p, bool now);

/* Take the line away, so that a message can be printed. */
void progress_clear(progress *p);

#endif
