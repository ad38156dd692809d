/* SPDX-License-Identifier: MIT
 * base/arena.h - memory that is freed all at once.
 *
 * One per search, per parse, per batch of documents. A failed allocation is remembered, so that a
 * caller may make several and check `failed` once. With QI_ARENA_DEBUG each allocation is a block
 * of the heap, for the address sanitizer to see overruns. Exclusive. */
#ifndef QI_BASE_ARENA_H
#define QI_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct qi_arena {
    struct qi_arena_chunk *chunks; /* newest first */
    uint8_t *next, *end;           /* free room in the newest chunk */
    size_t used;                   /* bytes of the heap held */
    size_t limit;                  /* 0: none */
    bool failed;
} qi_arena;

/* An empty arena; it takes its first chunk on first use. `limit` bounds the heap it holds (0:
 * none). */
void qi_arena_init(qi_arena *arena, size_t limit);

enum { QI_ARENA_ALIGN = 16 };

/* qi_arena_room where the newest chunk may have no room. */
void *qi_arena_add(qi_arena *arena, size_t count, size_t size);

/* count * size undefined bytes, aligned for any type; NULL after a failure, which sets `failed`. */
static inline void *qi_arena_room(qi_arena *arena, size_t count, size_t size)
{
#ifndef QI_ARENA_DEBUG
    size_t bytes, left = (size_t)(arena->end - arena->next);
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes != 0 && bytes <= left &&
        !arena->failed) {
        /* All of the room is a multiple of the alignment. */
        uint8_t *p = arena->next;
        arena->next += (bytes + QI_ARENA_ALIGN - 1) / QI_ARENA_ALIGN * QI_ARENA_ALIGN;
        return p;
    }
#endif
    return qi_arena_add(arena, count, size);
}

/* The same, zeroed. */
static inline void *qi_arena_new(qi_arena *arena, size_t count, size_t size)
{
    size_t bytes = count * size;
    void *p = qi_arena_room(arena, count, size);
    if (p != NULL && bytes <= PTRDIFF_MAX) /* it is; gcc does not see that it did not overflow */
        memset(p, 0, bytes);
    return p;
}

/* A NUL-terminated copy; NULL after a failure. */
char *qi_arena_copy(qi_arena *arena, const void *bytes, size_t len);

/* Append an item to a vector (base/vec.h) whose items lie in the arena and go with it. False after
 * a failure; the vector is as it was. */
#define QI_ARENA_PUSH(arena, vec, ...)                                                             \
    (qi_arena_reserve((arena), (void **)&(vec)->items, &(vec)->room, (vec)->count,                 \
                      sizeof *(vec)->items) &&                                                     \
     ((vec)->items[(vec)->count++] = (__VA_ARGS__), true))
bool qi_arena_reserve(qi_arena *arena, void **items, size_t *room, size_t count, size_t size);

/* Free everything. The arena can be used again. */
void qi_arena_free(qi_arena *arena);

/* The same, but up to `keep` bytes of the heap stay, in one piece: what was taken from the arena
 * can then be taken again without the heap. */
void qi_arena_reset(qi_arena *arena, size_t keep);

#endif
