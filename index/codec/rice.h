/* SPDX-License-Identifier: MIT
 * codec/rice.h - Rice256: the one code for blocks of numbers.
 *
 *   | tag | exceptions | low k bits of every value | quotients in unary |
 *
 * A block holds 1 to 256 numbers of 32 bits. One k per block splits a value into its low k bits and
 * a quotient. Gaps of documents, frequencies and gaps of word numbers all use it. Invariants of a
 * block: R-1: it ends inside the bytes given, within QI_RICE_MAX.  R-2: bits of the tag without a
 * meaning are 0. R-3: exceptions name increasing indexes below n.  R-4: every value fits 32 bits;
 * where the block is gaps, every sum is below UINT32_MAX. */
#ifndef QI_CODEC_RICE_H
#define QI_CODEC_RICE_H

#include "base/buf.h"

enum {
    QI_BLOCK = 256,    /* values of a full block */
    QI_RICE_MAX = 1057 /* bytes of the longest block */
};

/* Append the code of n values, 1 <= n <= QI_BLOCK. */
void qi_rice_encode(qi_buf *out, const uint32_t *values, unsigned n);

/* Decode a block of n values, 1 <= n <= QI_BLOCK, at the start of `in`. Returns the bytes it takes;
 * 0 if it is damaged, and then `values` is undefined. Any thread. */
size_t qi_rice_decode(const uint8_t *in, size_t len, unsigned n, uint32_t *values);

/* The same for gaps: out[i] = before + (v[0] + 1) + ... + (v[i] + 1), which strictly increases.
 * `before` is the number before the block; UINT32_MAX where there is none, so that out[0] is v[0].
 */
size_t qi_rice_decode_sums(const uint8_t *in, size_t len, unsigned n, uint32_t before,
                           uint32_t *out);

#endif
