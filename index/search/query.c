/* SPDX-License-Identifier: MIT
 * The life of a query: one arena for all of it, itself included, shared by count, for matches and
 * snippets outlive the caller's handle. Memory that nobody has any more is kept by the schema for
 * the next query. */
#include "search/query.h"

#include "base/mem.h"

enum { MEMORY_MAX = 64 << 20, KEPT_MEMORY = 64 * 1024 };

static void free_query(qi_spare *spare)
{
    qi_arena memory = ((quire_query *)spare)->memory;
    qi_arena_free(&memory);
}

static qi_spares *spares_of(const quire_schema *schema)
{
    return &((quire_schema *)(uintptr_t)schema)->queries;
}

/* A query in memory of its own; NULL: out of memory. */
static quire_query *make_query(void)
{
    qi_arena memory;
    qi_arena_init(&memory, MEMORY_MAX);
    quire_query *query = qi_arena_new(&memory, 1, sizeof *query);
    if (query != NULL)
        query->memory = memory;
    return query;
}

quire_status qi_query_new(quire_query **out, const quire_schema *schema, quire_error *err)
{
    quire_query *query = (quire_query *)qi_spares_take(spares_of(schema));
    if (query == NULL)
        query = make_query();
    *out = query;
    if (query == NULL)
        return qi_no_memory(err);
    *query = (quire_query){.spare.free = free_query,
                           .refs = 1,
                           .memory = query->memory,
                           .schema = qi_schema_retain(schema)};
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
    quire_schema *schema = query->schema;
    qi_arena memory = query->memory;
    qi_mem_free(query->described);
    qi_arena_reset(&memory, KEPT_MEMORY);
    query = memory.chunks != NULL ? qi_arena_new(&memory, 1, sizeof *query) : NULL;
    if (query != NULL) {
        query->spare.free = free_query;
        query->memory = memory;
        qi_spares_give(spares_of(schema), &query->spare);
    }
    qi_schema_release(schema);
}
