/* SPDX-License-Identifier: MIT
 * Open addressing with linear probing, at most half full; a slot keeps the full hash, so that a
 * probe compares bytes only when they are almost certainly equal. */
#include "base/map.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

typedef struct qi_map_slot {
    const char *key; /* NULL: free */
    size_t len;
    uint64_t hash;
    uint32_t value;
} qi_map_slot;

void qi_map_init(qi_map *map)
{
    *map = (qi_map){0};
    qi_arena_init(&map->keys, 0);
}

static qi_map_slot *find(qi_map_slot *slots, size_t room, const void *key, size_t len,
                         uint64_t hash)
{
    for (size_t i = hash & (room - 1);; i = (i + 1) & (room - 1)) {
        qi_map_slot *slot = &slots[i];
        if (slot->key == NULL || (slot->hash == hash && slot->len == len &&
                                  (len == 0 || memcmp(slot->key, key, len) == 0)))
            return slot;
    }
}

uint32_t *qi_map_get(const qi_map *map, const void *key, size_t len)
{
    if (map->count == 0)
        return NULL;
    qi_map_slot *slot = find(map->slots, map->room, key, len, qi_hash(key, len));
    return slot->key == NULL ? NULL : &slot->value;
}

static bool enlarge(qi_map *map)
{
    size_t room = map->room == 0 ? 16 : map->room * 2;
    qi_map_slot *slots = qi_mem_new(room, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < map->room; i++)
        if (map->slots[i].key != NULL)
            *find(slots, room, map->slots[i].key, map->slots[i].len, map->slots[i].hash) =
                map->slots[i];
    qi_mem_free(map->slots);
    map->slots = slots;
    map->room = room;
    return true;
}

bool qi_map_put(qi_map *map, const void *key, size_t len, uint32_t value)
{
    if (map->count * 2 >= map->room && !enlarge(map))
        return false;
    uint64_t hash = qi_hash(key, len);
    qi_map_slot *slot = find(map->slots, map->room, key, len, hash);
    if (slot->key == NULL) {
        char *copy = qi_arena_copy(&map->keys, key, len);
        if (copy == NULL) {
            map->keys.failed = false; /* a later, smaller key may still fit */
            return false;
        }
        *slot = (qi_map_slot){.key = copy, .len = len, .hash = hash};
        map->count++;
    }
    slot->value = value;
    return true;
}

size_t qi_map_memory(const qi_map *map)
{
    return map->room * sizeof *map->slots + map->keys.used;
}

void qi_map_free(qi_map *map)
{
    qi_mem_free(map->slots);
    qi_arena_free(&map->keys);
    qi_map_init(map);
}
