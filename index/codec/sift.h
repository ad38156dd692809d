/* SPDX-License-Identifier: MIT
 * codec/sift.h - which documents frequency and length let through, many at once. Pure; any thread.
 *
 * Limits say for each frequency below 16, and then for each 16 frequencies up to 240, from where on
 * there is no other, the largest norm code that is let through. */
#ifndef QI_CODEC_SIFT_H
#define QI_CODEC_SIFT_H

#include <stdint.h>

enum { QI_SIFT_STEP = 16, QI_SIFT_LIMITS = 32 };

/* The limit of a frequency. */
static inline uint32_t qi_sift_limit(uint32_t freq)
{
    uint32_t far = freq < 255 ? freq / QI_SIFT_STEP : QI_SIFT_STEP - 1;
    return freq < QI_SIFT_STEP ? freq : QI_SIFT_STEP + far;
}

/* out[i] = the lesser of freqs[i] >> shift and 255, for 256 frequencies below 2^31. */
void qi_sift_freqs(const uint32_t freqs[256], uint32_t shift, uint8_t out[256]);
void qi_sift_freqs_scalar(const uint32_t freqs[256], uint32_t shift, uint8_t out[256]);

/* The bits of `word`, of which freqs[i] is the i-th's, whose norm is no larger than the limit of
 * that; up to 8 frequencies behind are read. */
uint64_t qi_sift_word(const uint8_t *freqs, uint64_t word, const uint8_t norms[64],
                      const uint8_t limits[QI_SIFT_LIMITS]);
uint64_t qi_sift_word_scalar(const uint8_t *freqs, uint64_t word, const uint8_t norms[64],
                             const uint8_t limits[QI_SIFT_LIMITS]);

#endif
