/* SPDX-License-Identifier: MIT
 * A set of hashes with open addressing, at most half full. Eight bytes a text, so that the names of
 * millions of documents are remembered in little memory. */
#include "idset.h"

#include <stdlib.h>

static uint64_t hash(quire_str s)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ s.len;
    for (size_t i = 0; i < s.len; i++) {
        h = (h ^ (unsigned char)s.ptr[i]) * 0x100000001B3u;
        h ^= h >> 29;
    }
    h *= 0xBF58476D1CE4E5B9u;
    h ^= h >> 32;
    return h == 0 ? 1 : h;
}

static size_t place(const idset *set, uint64_t h)
{
    size_t i = (size_t)h & (set->cap - 1);
    while (set->slots[i] != 0 && set->slots[i] != h)
        i = (i + 1) & (set->cap - 1);
    return i;
}

static void grow(idset *set)
{
    idset bigger = {.cap = set->cap == 0 ? 256 : set->cap * 2};
    bigger.slots = memory_get(bigger.cap * sizeof *bigger.slots);
    for (size_t i = 0; i < set->cap; i++)
        if (set->slots[i] != 0)
            bigger.slots[place(&bigger, set->slots[i])] = set->slots[i];
    bigger.count = set->count;
    free(set->slots);
    *set = bigger;
}

void idset_add(idset *set, quire_str text)
{
    if (set->count * 2 >= set->cap)
        grow(set);
    uint64_t h = hash(text);
    size_t i = place(set, h);
    set->count += set->slots[i] == 0;
    set->slots[i] = h;
}

bool idset_has(const idset *set, quire_str text)
{
    return set->cap > 0 && set->slots[place(set, hash(text))] != 0;
}

void idset_free(idset *set)
{
    free(set->slots);
    *set = (idset){0};
}
