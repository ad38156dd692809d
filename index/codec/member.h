/* SPDX-License-Identifier: MIT
 * codec/member.h - which of some numbers stand in a block of increasing numbers. Any thread. */
#ifndef QI_CODEC_MEMBER_H
#define QI_CODEC_MEMBER_H

#include <stdint.h>

/* Those of `n` increasing numbers v for which v + offset is in `block`, in order; their count.
 * `block` holds QI_BLOCK numbers that do not decrease; v + offset is at most the last of them, and
 * fits 32 bits. `out` has room for n and may be `numbers` or lie before it. */
uint32_t qi_member_keep(const uint32_t *block, uint32_t offset, const uint32_t *numbers, uint32_t n,
                        uint32_t *out);

/* The same, number by number: what it is defined by. */
uint32_t qi_member_keep_scalar(const uint32_t *block, uint32_t offset, const uint32_t *numbers,
                               uint32_t n, uint32_t *out);

/* places[i] = the index of the first number of `block` that is not below numbers[i]. The block
 * holds QI_BLOCK numbers that do not decrease, none of `numbers` is above its last. */
void qi_member_places(const uint32_t *block, const uint32_t *numbers, uint32_t n, uint8_t *places);

/* counts[i] = how many of 64 little-endian 16-bit numbers at `offsets` are at most numbers[i] -
 * base, which is not negative. */
void qi_member_counts(const uint8_t *offsets, uint32_t base, const uint32_t *numbers, uint32_t n,
                      uint32_t *counts);

/* The same, number by number. */
void qi_member_counts_scalar(const uint8_t *offsets, uint32_t base, const uint32_t *numbers,
                             uint32_t n, uint32_t *counts);

/* The same, number by number. */
void qi_member_places_scalar(const uint32_t *block, const uint32_t *numbers, uint32_t n,
                             uint8_t *places);

#endif
