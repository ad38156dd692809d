/* SPDX-License-Identifier: MIT
 * search/desk.h - what a search leaves behind for the next one of the same snapshot: its memory,
 * and what follows from the snapshot and its own k1 and b alone. It never holds anything of a
 * query. */
#ifndef QI_SEARCH_DESK_H
#define QI_SEARCH_DESK_H

#include "base/spare.h"
#include "search/iter.h"
#include "segment/snapshot.h"

enum { QI_DESK_PLAN = 256 * 1024, QI_DESK_PART = 1024 * 1024 }; /* bytes kept */

typedef struct qi_desk {
    qi_spare spare;
    qi_arena plan, part;     /* between searches: memory, but nothing in it */
    qi_scores *scores;       /* made when first needed; as it is between leaves */
    qi_arena lasting;        /* of the desk's own */
    const float **tables;    /* of qi_bm25_table, by field; NULL: not needed so far */
    qi_bm25_bounds **bounds; /* by part and field; the same */
} qi_desk;

/* A desk for one search; NULL: out of memory. Any thread. */
qi_desk *qi_desk_take(const quire_snapshot *snapshot);

/* Leave it for the next one. NULL is fine. Any thread. */
void qi_desk_leave(const quire_snapshot *snapshot, qi_desk *desk);

#endif
