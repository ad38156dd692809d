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

/* Make 64 sums 0. */
void qi_lanes_clear(float sums[64]);

/* What a word adds to 64 documents. */
typedef struct qi_lanes_scale {
    float weight, k1;   /* k1 > 0 */
    const float *units; /* of the documents */
} qi_lanes_scale;

/* For each bit b of `word`, of which freqs[i] is the i-th: sums[b] += weight * (x / (k1 + x)), with
 * x = freqs[i] * units[b]. Frequencies are below 2^31; up to 8 behind those of `word` are read. */
void qi_lanes_score(const uint32_t *freqs, uint64_t word, qi_lanes_scale by, float sums[64]);
void qi_lanes_score_scalar(const uint32_t *freqs, uint64_t word, qi_lanes_scale by, float sums[64]);

/* Of documents, each in a range of 64 that has a byte: add unit * byte to sums[i], or `never` where
 * the byte is 0. Three bytes before `bytes` may be read. */
void qi_lanes_bound(const uint8_t *bytes, const uint32_t *docs, uint32_t count, float unit,
                    float never, float *sums);
void qi_lanes_bound_scalar(const uint8_t *bytes, const uint32_t *docs, uint32_t count, float unit,
                           float never, float *sums);

/* The places of values that are at least `least`, of `count` <= 256, in order; how many. There is
 * room for 8 more than `count`. */
uint32_t qi_lanes_keep(const float *values, uint32_t count, float least, uint8_t *places);
uint32_t qi_lanes_keep_scalar(const float *values, uint32_t count, float least, uint8_t *places);

#endif
