/* SPDX-License-Identifier: MIT
 * codec/lanes.h - sums of many lanes at once. Pure; any thread. */
#ifndef QI_CODEC_LANES_H
#define QI_CODEC_LANES_H

#include <stdint.h>

/* Bit b of words[i] says that amounts[i] is in sum b; sums stop at 255. A bit for each sum that is
 * at least `least`. */
uint64_t qi_lanes_reaching(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                           uint8_t least);

/* The same, sum by sum: what it is defined by. */
uint64_t qi_lanes_reaching_scalar(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                                  uint8_t least);

/* Add unit * bytes[i] to sums[i], for i < count. */
void qi_lanes_add(const uint8_t *bytes, uint32_t count, float unit, float *sums);
void qi_lanes_add_scalar(const uint8_t *bytes, uint32_t count, float unit, float *sums);

#endif
