/* SPDX-License-Identifier: MIT
 * base/radix.h - sorting many numbers of 32 bits, in time proportional to how many. */
#ifndef QI_BASE_RADIX_H
#define QI_BASE_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Sort `items` by rising keys[item], or by the items themselves if `keys` is NULL; items with the
 * same key keep their order. `spare` has room for as many. */
void qi_radix_sort(uint32_t *items, uint32_t *spare, size_t count, const uint32_t *keys);

#endif
