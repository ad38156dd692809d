/* SPDX-License-Identifier: MIT
 * Byte by byte, the lowest first, each by counting, which is stable. A byte that is the same in all
 * keys costs nothing but its count; few items are inserted one by one. */
#include "base/radix.h"

#include <string.h>

enum { FEW = 48, DIGITS = 4, VALUES = 256 };

static uint32_t key_of(const uint32_t *keys, uint32_t item)
{
    return keys == NULL ? item : keys[item];
}

static void insert_each(uint32_t *items, size_t count, const uint32_t *keys)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t item = items[i], key = key_of(keys, item);
        size_t at = i;
        for (; at > 0 && key_of(keys, items[at - 1]) > key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* Move the items to `to`, by one byte of their keys. */
static void distribute(const uint32_t *items, uint32_t *to, size_t count, const uint32_t *keys,
                       unsigned shift, const size_t *counts)
{
    size_t next[VALUES], sum = 0;
    for (int v = 0; v < VALUES; v++) {
        next[v] = sum;
        sum += counts[v];
    }
    for (size_t i = 0; i < count; i++)
        to[next[key_of(keys, items[i]) >> shift & 255]++] = items[i];
}

void qi_radix_sort(uint32_t *items, uint32_t *spare, size_t count, const uint32_t *keys)
{
    size_t counts[DIGITS][VALUES] = {{0}};
    if (count < FEW) {
        insert_each(items, count, keys);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t key = key_of(keys, items[i]);
        for (int d = 0; d < DIGITS; d++)
            counts[d][key >> 8 * d & 255]++;
    }
    uint32_t *from = items, *to = spare;
    for (unsigned d = 0; d < DIGITS; d++) {
        if (counts[d][key_of(keys, from[0]) >> 8 * d & 255] == count)
            continue;
        distribute(from, to, count, keys, 8 * d, counts[d]);
        uint32_t *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}
