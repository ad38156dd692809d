/* SPDX-License-Identifier: MIT
 * segment/sort.h - terms in the order of their bytes. */
#ifndef QI_SEGMENT_SORT_H
#define QI_SEGMENT_SORT_H

#include <stddef.h>
#include <stdint.h>

/* A term to be sorted: its bytes, which are borrowed, and a number that goes with them. */
typedef struct qi_sort_key {
    uint64_t part; /* the eight bytes at hand; private to sort.c */
    const uint8_t *bytes;
    uint32_t term;
    uint8_t len;
} qi_sort_key;

/* Sort by bytes; a term that begins another comes before it. Equal terms stay in any order. Takes
 * no memory but a few KiB of stack. Never fails. */
void qi_sort_terms(qi_sort_key *keys, size_t count);

#endif
