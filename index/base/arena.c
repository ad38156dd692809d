/* SPDX-License-Identifier: MIT
 * A chain of chunks that double in size up to 1 MiB; an allocation larger than a quarter of the
 * next chunk gets a chunk of its own, so that little is wasted. Memory is cleared when it is handed
 * out, so that what nobody takes costs nothing. */
#include "base/arena.h"

#include <string.h>

#include "base/mem.h"

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

typedef struct qi_arena_chunk {
    struct qi_arena_chunk *older;
    size_t size;
} qi_arena_chunk;

void qi_arena_init(qi_arena *arena, size_t limit)
{
    *arena = (qi_arena){.limit = limit};
}

static size_t header_size(void)
{
    return (sizeof(qi_arena_chunk) + QI_ARENA_ALIGN - 1) / QI_ARENA_ALIGN * QI_ARENA_ALIGN;
}

/* A new chunk with room for `bytes`. It becomes the newest, but an own chunk goes behind the
 * newest, whose room stays in use. */
static uint8_t *add_chunk(qi_arena *arena, size_t bytes, bool own)
{
    size_t total;
    if (!qi_mem_add(bytes, header_size(), &total) ||
        (arena->limit != 0 && (total > arena->limit || arena->used > arena->limit - total)))
        return NULL;
    qi_arena_chunk *chunk = qi_mem_resize(NULL, total, 1);
    if (chunk == NULL)
        return NULL;
    chunk->size = total;
    arena->used += total;
    uint8_t *room = (uint8_t *)chunk + header_size();
    if (own && arena->chunks != NULL) {
        chunk->older = arena->chunks->older;
        arena->chunks->older = chunk;
        return room;
    }
    chunk->older = arena->chunks;
    arena->chunks = chunk;
    arena->next = own ? room + bytes : room;
    arena->end = room + bytes;
    return room;
}

static uint8_t *take(qi_arena *arena, size_t bytes)
{
#ifdef QI_ARENA_DEBUG
    return add_chunk(arena, bytes, true);
#else
    if ((size_t)(arena->end - arena->next) < bytes) {
        size_t size = arena->chunks == NULL ? FIRST_CHUNK : arena->chunks->size * 2;
        if (size > LARGEST_CHUNK)
            size = LARGEST_CHUNK;
        if (bytes > size / 4)
            return add_chunk(arena, bytes, true);
        if (add_chunk(arena, size, false) == NULL)
            return NULL;
    }
    uint8_t *p = arena->next;
    arena->next += bytes;
    return p;
#endif
}

void *qi_arena_add(qi_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (arena->failed || __builtin_mul_overflow(count, size, &bytes) ||
        bytes > SIZE_MAX - QI_ARENA_ALIGN) {
        arena->failed = true;
        return NULL;
    }
    if (bytes == 0)
        bytes = 1;
#ifndef QI_ARENA_DEBUG
    bytes = (bytes + QI_ARENA_ALIGN - 1) / QI_ARENA_ALIGN * QI_ARENA_ALIGN;
#endif
    uint8_t *p = take(arena, bytes);
    if (p == NULL)
        arena->failed = true;
    return p;
}

char *qi_arena_copy(qi_arena *arena, const void *bytes, size_t len)
{
    char *copy = len < SIZE_MAX ? qi_arena_room(arena, len + 1, 1) : NULL;
    if (copy == NULL)
        return NULL;
    if (len != 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

bool qi_arena_reserve(qi_arena *arena, void **items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return true;
    size_t grown = *room < 4 ? 4 : *room > SIZE_MAX / 2 ? SIZE_MAX : 2 * *room;
    void *moved = qi_arena_room(arena, grown, size), *old;
    if (moved == NULL)
        return false;
    /* The macro passes the address of a typed pointer: copy it, for reading it as void * would
     * alias. */
    memcpy(&old, items, sizeof old);
    if (count != 0)
        memcpy(moved, old, count * size);
    memcpy(items, &moved, sizeof moved);
    *room = grown;
    return true;
}

static void free_chunks(qi_arena *arena)
{
    while (arena->chunks != NULL) {
        qi_arena_chunk *older = arena->chunks->older;
        qi_mem_free(arena->chunks);
        arena->chunks = older;
    }
}

void qi_arena_free(qi_arena *arena)
{
    free_chunks(arena);
    *arena = (qi_arena){.limit = arena->limit};
}

void qi_arena_reset(qi_arena *arena, size_t keep)
{
#ifndef QI_ARENA_DEBUG
    qi_arena_chunk *only = arena->chunks;
    size_t used = arena->used;
    if (only == NULL || used > keep) {
        qi_arena_free(arena);
        return;
    }
    if (only->older == NULL) {
        arena->next = (uint8_t *)only + header_size();
        arena->failed = false;
        return;
    }
    qi_arena_free(arena);
    add_chunk(arena, used - header_size(), false);
#else
    (void)keep;
    qi_arena_free(arena);
#endif
}
