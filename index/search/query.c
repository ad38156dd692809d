/* SPDX-License-Identifier: MIT
 * The life of a query: one arena for all of it, itself included, shared by count, for matches and
 * snippets outlive the caller's handle. */
#include "search/query.h"

enum { MEMORY_MAX = 64 << 20 };

quire_status qi_query_new(quire_query **out, const quire_schema *schema, quire_error *err)
{
    *out = NULL;
    qi_arena memory;
    qi_arena_init(&memory, MEMORY_MAX);
    quire_query *query = qi_arena_new(&memory, 1, sizeof *query);
    if (query == NULL)
        return qi_no_memory(err);
    query->refs = 1;
    query->schema = qi_schema_retain(schema);
    query->memory = memory;
    *out = query;
    return QUIRE_OK;
}

quire_query *qi_query_retain(const quire_query *query)
{
    quire_query *shared = (quire_query *)(uintptr_t)query;
    if (shared != NULL)
        __atomic_add_fetch(&shared->refs, 1, __ATOMIC_RELAXED);
    return shared;
}

void qi_query_release(quire_query *query)
{
    if (query == NULL || __atomic_sub_fetch(&query->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    qi_schema_release(query->schema);
    qi_arena memory = query->memory;
    qi_arena_free(&memory);
}
