/* SPDX-License-Identifier: MIT
 * codec/norms.h - the length of a field, in words, as one byte.
 *
 * Code c stands for length(c): c itself up to 40; then the next is max(previous + 1, previous * 31
 * / 30) up to the first length of 10,000 or more, then previous * 3 / 2, all rounded down; code 255
 * is 2^31 - 1. A score is defined on length(c), so that bounds made from codes are exact. */
#ifndef QI_CODEC_NORMS_H
#define QI_CODEC_NORMS_H

#include <stdint.h>

/* The greatest code whose length is at most `length`. */
uint8_t qi_norms_code(uint32_t length);

/* The length that a code stands for: the table has 256 entries. */
extern const uint32_t qi_norms_length[256];

#endif
