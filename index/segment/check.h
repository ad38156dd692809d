/* SPDX-License-Identifier: MIT
 * segment/check.h - proving a segment, as far as one cares to. Writes nothing. */
#ifndef QI_SEGMENT_CHECK_H
#define QI_SEGMENT_CHECK_H

#include "segment/read.h"

enum { QI_CHECK_TOLD = 64 }; /* how many faults back one is recognised */

/* Where faults are told. A fault that names no more than others before it may be left out. */
typedef struct qi_check {
    int level; /* 1: checksums; 2: structures as well; 3: that structures agree with one another as
                  well */
    void (*report)(const char *line, void *payload); /* may be NULL */
    void *payload;
    uint64_t faults;              /* counted */
    uint64_t told[QI_CHECK_TOLD]; /* hashes of the last ones */
} qi_check;

/* Check a segment. Faults are reported and counted, and checking goes on behind them. Errors:
 * MEMORY. */
quire_status qi_check_segment(qi_check *check, const qi_segment *segment, quire_error *err);

/* Tell one fault: a message of quire_error's form. What reads a damaged block again and again meets
 * the same fault each time: it is told once. */
void qi_check_fault(qi_check *check, const quire_error *fault);

#endif
