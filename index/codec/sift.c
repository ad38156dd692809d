/* SPDX-License-Identifier: MIT
 * Sixteen limits fit a register, so that one shuffle looks up those of 32 documents, and two hold
 * all of them. Frequencies of a bitmap's documents are brought to their lanes by depositing the
 * bytes of eight at a time. */
#include "codec/sift.h"

#include <string.h>

#include "base/bits.h"
#include "codec/rice_avx2.h"

enum { LANES = 64, FREQS = 256 };

void qi_sift_freqs_scalar(const uint32_t freqs[256], uint32_t shift, uint8_t out[256])
{
    for (uint32_t i = 0; i < FREQS; i++)
        out[i] = (uint8_t)(freqs[i] >> shift < UINT8_MAX ? freqs[i] >> shift : UINT8_MAX);
}

uint64_t qi_sift_word_scalar(const uint8_t *freqs, uint64_t word, const uint8_t norms[64],
                             const uint8_t limits[QI_SIFT_LIMITS])
{
    uint64_t kept = 0;
    for (; word != 0; word &= word - 1)
        kept |= norms[qi_ctz(word)] <= limits[qi_sift_limit(*freqs++)] ? word & -word : 0;
    return kept;
}

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define FAST __attribute__((target("avx2,popcnt,bmi2")))

FAST static inline __m256i eight(const uint32_t *freqs, uint32_t shift)
{
    __m256i all = _mm256_loadu_si256((const __m256i *)(const void *)freqs);
    return _mm256_srl_epi32(all, _mm_cvtsi32_si128((int)shift));
}

FAST static void freqs_fast(const uint32_t freqs[256], uint32_t shift, uint8_t out[256])
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const __m256i most = _mm256_set1_epi16(UINT8_MAX);
    for (uint32_t i = 0; i < FREQS; i += 32) {
        __m256i a = _mm256_packus_epi32(eight(freqs + i, shift), eight(freqs + i + 8, shift));
        __m256i b = _mm256_packus_epi32(eight(freqs + i + 16, shift), eight(freqs + i + 24, shift));
        __m256i all = _mm256_packus_epi16(_mm256_min_epu16(a, most), _mm256_min_epu16(b, most));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_permutevar8x32_epi32(all, order));
    }
}

FAST static inline __m256i twice(const uint8_t *limits)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)limits));
}

FAST static inline uint32_t fit(const uint8_t *freqs, const uint8_t *norms, const uint8_t *limits)
{
    const __m256i low = _mm256_set1_epi8(QI_SIFT_STEP - 1);
    __m256i by = _mm256_loadu_si256((const __m256i *)(const void *)freqs);
    __m256i codes = _mm256_loadu_si256((const __m256i *)(const void *)norms);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(by, 4), low);
    __m256i near = _mm256_shuffle_epi8(twice(limits), by);
    __m256i far = _mm256_shuffle_epi8(twice(limits + QI_SIFT_STEP), high);
    __m256i most = _mm256_blendv_epi8(far, near, _mm256_cmpeq_epi8(_mm256_min_epu8(by, low), by));
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(most, codes), most));
}

FAST static uint64_t word_fast(const uint8_t *freqs, uint64_t word, const uint8_t *norms,
                               const uint8_t *limits)
{
    uint8_t apart[LANES];
    for (uint32_t lane = 0; lane < LANES; lane += 8) {
        uint64_t bits = word >> lane & 255;
        uint64_t to = 255 * _pdep_u64(bits, 0x0101010101010101);
        uint64_t eight = _pdep_u64(qi_load64(freqs), to);
        memcpy(apart + lane, &eight, sizeof eight);
        freqs += _mm_popcnt_u64(bits);
    }
    return (fit(apart, norms, limits) | (uint64_t)fit(apart + 32, norms + 32, limits) << 32) & word;
}

void qi_sift_freqs(const uint32_t freqs[256], uint32_t shift, uint8_t out[256])
{
    if (qi_rice_bmi2_here())
        freqs_fast(freqs, shift, out);
    else
        qi_sift_freqs_scalar(freqs, shift, out);
}

uint64_t qi_sift_word(const uint8_t *freqs, uint64_t word, const uint8_t norms[64],
                      const uint8_t limits[QI_SIFT_LIMITS])
{
    return qi_rice_bmi2_here() ? word_fast(freqs, word, norms, limits)
                               : qi_sift_word_scalar(freqs, word, norms, limits);
}

#else

void qi_sift_freqs(const uint32_t freqs[256], uint32_t shift, uint8_t out[256])
{
    qi_sift_freqs_scalar(freqs, shift, out);
}

uint64_t qi_sift_word(const uint8_t *freqs, uint64_t word, const uint8_t norms[64],
                      const uint8_t limits[QI_SIFT_LIMITS])
{
    return qi_sift_word_scalar(freqs, word, norms, limits);
}
#endif
