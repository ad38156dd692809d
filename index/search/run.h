/* SPDX-License-Identifier: MIT
 * search/run.h - one search over a snapshot. */
#ifndef QI_SEARCH_RUN_H
#define QI_SEARCH_RUN_H

#include "search/query.h"
#include "segment/snapshot.h"

enum { QI_SEARCH_HITS = 100000, QI_SEARCH_LIMIT = 10 }; /* most, and default */

/* Search; see quire_search. `options` has all members. Released with qi_mem_free. Any thread.
 * Errors: LIMIT, MISUSE, CANCELED, CORRUPT, IO, MEMORY. */
quire_status qi_run(const quire_hits **out, const quire_snapshot *snapshot, const qi_node *root,
                    const quire_search_options *options, quire_error *err);

#endif
