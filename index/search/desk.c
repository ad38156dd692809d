/* SPDX-License-Identifier: MIT
 * Desks are kept by the snapshot that they belong to. The memory of a search is emptied, not freed,
 * when the desk is left, so that a search like one before takes nothing from the heap but room for
 * its hits. */
#include "search/desk.h"

#include "base/mem.h"
#include "search/memory.h"

static void free_desk(qi_spare *spare)
{
    qi_desk *desk = (qi_desk *)spare;
    qi_arena_free(&desk->plan);
    qi_arena_free(&desk->part);
    qi_arena_free(&desk->lasting);
    qi_mem_free(desk->scores);
    qi_mem_free(desk);
}

static qi_desk *make_desk(const quire_snapshot *snapshot)
{
    size_t fields = snapshot->schema->fields.count;
    qi_desk *desk = qi_mem_new(1, sizeof *desk);
    if (desk == NULL)
        return NULL;
    desk->spare.free = free_desk;
    qi_arena_init(&desk->plan, QI_SEARCH_MEMORY);
    qi_arena_init(&desk->part, QI_SEARCH_MEMORY);
    qi_arena_init(&desk->lasting, 0);
    desk->tables = qi_arena_new(&desk->lasting, fields, sizeof *desk->tables);
    desk->bounds = qi_arena_new(&desk->lasting, snapshot->count * fields, sizeof *desk->bounds);
    if (!desk->lasting.failed)
        return desk;
    free_desk(&desk->spare);
    return NULL;
}

static qi_spares *spares_of(const quire_snapshot *snapshot)
{
    return &((quire_snapshot *)(uintptr_t)snapshot)->desks;
}

qi_desk *qi_desk_take(const quire_snapshot *snapshot)
{
    qi_spare *kept = qi_spares_take(spares_of(snapshot));
    return kept != NULL ? (qi_desk *)kept : make_desk(snapshot);
}

void qi_desk_leave(const quire_snapshot *snapshot, qi_desk *desk)
{
    if (desk == NULL)
        return;
    qi_arena_reset(&desk->plan, QI_DESK_PLAN);
    desk->lasting.failed = false;
    qi_spares_give(spares_of(snapshot), &desk->spare);
}
