/* SPDX-License-Identifier: MIT
 * A chain of chunks that double in size up to 1 MiB; an allocation larger than a quarter of the
 * next chunk gets a chunk of its own, so that little is wasted. Memory comes zeroed from the heap
 * and is handed out once, so it needs no clearing. */
#include "base/arena.h"

#include <string.h>

#include "base/mem.h"

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20, ALIGN = 16 };

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
    return (sizeof(qi_arena_chunk) + ALIGN - 1) / ALIGN * ALIGN;
}

/* A new chunk with room for `bytes`. It becomes the newest, but an own chunk goes behind the
 * newest, whose room stays in use. */
static uint8_t *add_chunk(qi_arena *arena, size_t bytes, bool own)
{
    size_t total;
    if (!qi_mem_add(bytes, header_size(), &total) ||
        (arena->limit != 0 && (total > arena->limit || arena->used > arena->limit - total)))
        return NULL;
    qi_arena_chunk *chunk = qi_mem_new(1, total);
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

void *qi_arena_new(qi_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (arena->failed || !qi_mem_mul(count, size, &bytes) || bytes > SIZE_MAX - ALIGN) {
        arena->failed = true;
        return NULL;
    }
    if (bytes == 0)
        bytes = 1;
#ifndef QI_ARENA_DEBUG
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
#endif
    uint8_t *p = take(arena, bytes);
    if (p == NULL)
        arena->failed = true;
    return p;
}

char *qi_arena_copy(qi_arena *arena, const void *bytes, size_t len)
{
    char *copy = len < SIZE_MAX ? qi_arena_new(arena, len + 1, 1) : NULL;
    if (copy != NULL && len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

void qi_arena_free(qi_arena *arena)
{
    while (arena->chunks != NULL) {
        qi_arena_chunk *older = arena->chunks->older;
        qi_mem_free(arena->chunks);
        arena->chunks = older;
    }
    *arena = (qi_arena){.limit = arena->limit};
}
