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

/* count * size zeroed bytes, aligned for any type; NULL after a failure, which sets `failed`. */
void *qi_arena_new(qi_arena *arena, size_t count, size_t size);

/* The same, but the bytes are undefined. */
void *qi_arena_room(qi_arena *arena, size_t count, size_t size);

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
