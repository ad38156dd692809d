/* SPDX-License-Identifier: MIT
 * search/memory.h - how much memory a search may take. */
#ifndef QI_SEARCH_MEMORY_H
#define QI_SEARCH_MEMORY_H

#include "base/arena.h"
#include "base/error.h"

enum { QI_SEARCH_MEMORY = 64 * 1024 * 1024 }; /* of a plan, and of its iterators in one segment */

/* What a failed arena means: LIMIT, or MEMORY if the heap gave out long before. */
static inline quire_status qi_memory_full(const qi_arena *memory, quire_error *err)
{
    if (memory->limit == 0 || memory->used <= memory->limit / 2)
        return qi_no_memory(err);
    return qi_fail(err, QUIRE_ERR_LIMIT, "the search needs more than %zu MiB of memory",
                   memory->limit / 1024 / 1024);
}

#endif
