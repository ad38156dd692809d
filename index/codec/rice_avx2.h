/* SPDX-License-Identifier: MIT
 * codec/rice_avx2.h - steps of Rice256 in vector registers.
 *
 * Each gives what its scalar twin in rice.c gives, which defines it. Only where qi_rice_avx2_here
 * says so. Any thread. */
#ifndef QI_CODEC_RICE_AVX2_H
#define QI_CODEC_RICE_AVX2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QI_RICE_AT = 256 + 72 }; /* numbers of room that qi_rice_avx2_unary writes to */

/* May the others be called? */
bool qi_rice_avx2_here(void);

/* Are besides bits deposited and extracted quickly? */
bool qi_rice_bmi2_here(void);

/* The first n ones, n <= 256, of the bitmap [in, end): at[i] = zeros before the i-th one. False if
 * there are fewer. Reads up to 8 bytes past `end`. */
bool qi_rice_avx2_unary(const uint8_t *in, const uint8_t *end, unsigned n, uint32_t *at);

/* The low bits of a full block, k <= 31: rows[8 * r + l] is row r of lane l. */
void qi_rice_avx2_rows(const uint8_t *low, unsigned k, uint32_t *rows);

/* values[i] = row + (at[i] - at[i - 1]) * 2^k, modulo 2^32; at[-1] is there, and 0. */
void qi_rice_avx2_values(const uint32_t *rows, const uint32_t *at, unsigned k, uint32_t *values);

/* out[i] = before + (sum of rows up to i) + i + 1 + at[i] * 2^k, modulo 2^32; lanes[l] is the sum
 * of the rows of lane l, modulo 2^32. */
void qi_rice_avx2_sums(const uint32_t *rows, const uint32_t *at, unsigned k, uint32_t before,
                       uint32_t *out, uint32_t *lanes);

/* Both at once, from the low bits: qi_rice_avx2_sums of qi_rice_avx2_rows. */
void qi_rice_avx2_packed(const uint8_t *low, const uint32_t *at, unsigned k, uint32_t before,
                         uint32_t *out, uint32_t *lanes);

/* What the quotients of a full block come to for one k. */
typedef struct qi_rice_sums {
    uint32_t kept;   /* sum of those up to a limit */
    uint32_t far;    /* number of those above it */
    uint32_t longer; /* number of those above 127 */
    uint32_t bits;   /* all of them or-ed together */
} qi_rice_sums;

qi_rice_sums qi_rice_avx2_price(const uint32_t *values, unsigned k, uint32_t limit);

/* Write the low bits of a full block, 32 * k bytes; returns their end. */
uint8_t *qi_rice_avx2_put(uint8_t *at, const uint32_t *values, unsigned k);

#endif
