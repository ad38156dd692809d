/* SPDX-License-Identifier: MIT
 * codec/bitmap.h - operations on bitmaps, many words at a time. Pure; any thread. */
#ifndef QI_CODEC_BITMAP_H
#define QI_CODEC_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Number of bits set. */
uint64_t qi_bitmap_count(const uint64_t *words, size_t count);

/* Number of bits set in `bitmap`, of little-endian words, but not in `without`. */
uint64_t qi_bitmap_count_without(const uint8_t *bitmap, const uint64_t *without, size_t count);

/* How many of `n` numbers are of bits set in `words`. */
uint32_t qi_bitmap_count_among(const uint64_t *words, const uint32_t *numbers, uint32_t n);

/* The same without vectors: what it is defined by. */
uint32_t qi_bitmap_count_among_scalar(const uint64_t *words, const uint32_t *numbers, uint32_t n);

/* Number of bits set in [from, to) of a bitmap of little-endian words. */
uint32_t qi_bitmap_between(const uint8_t *bitmap, uint32_t from, uint32_t to);

/* ranks[i] = `before` and the ones in words[0 .. i). */
void qi_bitmap_ranks(const uint64_t *words, size_t count, uint32_t before, uint32_t *ranks);

/* out[i] = the rank of bit bits[i] of `words`: ranks[bits[i] / 64] and the ones below it in its
 * word. */
void qi_bitmap_rank(const uint64_t *words, const uint32_t *ranks, const uint16_t *bits,
                    uint32_t count, uint32_t *out);

/* What `words` becomes with the little-endian words of `bitmap`: or, and, and-not. */
void qi_bitmap_or(uint64_t *words, const uint8_t *bitmap, size_t count);
void qi_bitmap_and(uint64_t *words, const uint8_t *bitmap, size_t count);
void qi_bitmap_and_not(uint64_t *words, const uint8_t *bitmap, size_t count);

/* Set bit numbers[i] - base of 64 words, for `count` >= 1 increasing numbers. */
void qi_bitmap_set(uint64_t words[64], const uint32_t *numbers, uint32_t count, uint32_t base);
void qi_bitmap_set_scalar(uint64_t words[64], const uint32_t *numbers, uint32_t count,
                          uint32_t base);

/* Narrow 64 words to those bits that `by` has, or, if not `wanted`, has not. Gives a bit for each
 * word that is not 0. */
uint64_t qi_bitmap_narrow(uint64_t words[64], const uint64_t by[64], bool wanted);
uint64_t qi_bitmap_narrow_scalar(uint64_t words[64], const uint64_t by[64], bool wanted);

/* A bit for each of 64 values that is at least `least`. */
uint64_t qi_bitmap_reaching(const float values[64], float least);

/* The same without vectors: what it is defined by. */
uint64_t qi_bitmap_reaching_scalar(const float values[64], float least);

#endif
