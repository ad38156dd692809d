/* SPDX-License-Identifier: MIT
 * segment/team.h - pieces that several threads make, and that are taken in order. */
#ifndef QI_SEGMENT_TEAM_H
#define QI_SEGMENT_TEAM_H

#include "base/error.h"

enum { QI_TEAM_SLOTS = 16 };

/* Piece after piece is made by any thread, several at a time, and taken by any, one at a time and
 * in order. A piece waits in a slot, of which nobody else has the number meanwhile. `worker` is
 * below `threads`; a thread has one for all its pieces. */
typedef struct qi_team_job {
    void *host;
    size_t count;     /* of pieces */
    unsigned threads; /* at most, with the caller's; fewer will do */
    quire_status (*make)(void *host, unsigned worker, size_t piece, unsigned slot,
                         quire_error *err);
    quire_status (*take)(void *host, size_t piece, unsigned slot, quire_error *err);
} qi_team_job;

/* Do it; the first failure, in time, ends it. Errors: those of make and take; MEMORY. */
quire_status qi_team_run(const qi_team_job *job, quire_error *err);

#endif
