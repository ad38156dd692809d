/* SPDX-License-Identifier: MIT
 * base/map.h - byte strings to u32 numbers.
 *
 * Keys are copied. For tables of modest size (keys of a batch, forms of a text); the index under
 * construction has its own table, laid out for the cache. Exclusive. */
#ifndef QI_BASE_MAP_H
#define QI_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct qi_map {
    struct qi_map_slot *slots;
    size_t room, count;
    qi_arena keys;
} qi_map;

void qi_map_init(qi_map *map);

/* The value of a key, to read or to change, or NULL. Valid until the next qi_map_put. */
uint32_t *qi_map_get(const qi_map *map, const void *key, size_t len);

/* Set a key's value. False when out of memory, and the map is as it was. */
bool qi_map_put(qi_map *map, const void *key, size_t len, uint32_t value);

/* Bytes of the heap held. */
size_t qi_map_memory(const qi_map *map);

void qi_map_free(qi_map *map);

#endif
