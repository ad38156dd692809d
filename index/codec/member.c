/* SPDX-License-Identifier: MIT
 * Numbers are looked for rather than searched: a block is 8 lanes of 32 numbers, whose maxima fill
 * one register, so one comparison says which lane a number would be in, and four say whether it is
 * there. Every number is written to the output, which moves on only past those that were found:
 * nothing waits for the outcome of a comparison. */
#include "codec/member.h"

#include <stddef.h>

#include "base/bits.h"
#include "codec/rice.h"
#include "codec/rice_avx2.h"

enum { LANES = 8, ROWS = QI_BLOCK / LANES, OFFSETS = 64 };

uint32_t qi_member_keep_scalar(const uint32_t *block, uint32_t offset, const uint32_t *numbers,
                               uint32_t n, uint32_t *out)
{
    uint32_t kept = 0, at = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = numbers[i], wanted = number + offset;
        while (block[at | (ROWS - 1)] < wanted)
            at = (at | (ROWS - 1)) + 1;
        while (block[at] < wanted)
            at++;
        out[kept] = number;
        kept += block[at] == wanted;
    }
    return kept;
}

/* Halving without branches, so that one search need not wait for another. */
void qi_member_places_scalar(const uint32_t *block, const uint32_t *numbers, uint32_t n,
                             uint8_t *places)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = 0;
        for (uint32_t step = QI_BLOCK / 2; step != 0; step /= 2)
            at += step & -(uint32_t)(block[at + step - 1] < numbers[i]);
        places[i] = (uint8_t)at;
    }
}

/* Without branches, so that one count need not wait for another. */
void qi_member_counts_scalar(const uint8_t *offsets, uint32_t base, const uint32_t *numbers,
                             uint32_t n, uint32_t *counts)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t ahead = numbers[i] - base;
        uint16_t most = ahead < UINT16_MAX ? (uint16_t)ahead : UINT16_MAX, found = 0;
        for (unsigned d = 0; d < OFFSETS; d++)
            found = (uint16_t)(found + (qi_load16(offsets + 2 * (size_t)d) <= most));
        counts[i] = found;
    }
}

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline __m256i equal(const uint32_t *at, __m256i wanted)
{
    return _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)at), wanted);
}

AVX2 static inline __m256i lane_maxima(const uint32_t *block)
{
    uint32_t lasts[LANES];
    for (unsigned l = 0; l < LANES; l++)
        lasts[l] = block[ROWS * l + ROWS - 1];
    return _mm256_loadu_si256((const __m256i *)lasts);
}

/* The first lane whose maximum is not below: those from the number's own on are not. */
AVX2 static inline unsigned lane_of(__m256i most, __m256i wanted)
{
    __m256i reach = _mm256_cmpeq_epi32(_mm256_max_epu32(most, wanted), most);
    return LANES -
           (unsigned)_mm_popcnt_u32((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(reach)));
}

AVX2 static uint32_t keep_avx2(const uint32_t *block, uint32_t offset, const uint32_t *numbers,
                               uint32_t n, uint32_t *out)
{
    uint32_t kept = 0;
    __m256i most = lane_maxima(block);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = numbers[i];
        __m256i wanted = _mm256_set1_epi32((int)(number + offset));
        const uint32_t *at = block + (size_t)ROWS * lane_of(most, wanted);
        __m256i low = _mm256_or_si256(equal(at, wanted), equal(at + 8, wanted));
        __m256i high = _mm256_or_si256(equal(at + 16, wanted), equal(at + 24, wanted));
        __m256i any = _mm256_or_si256(low, high);
        out[kept] = number;
        kept += _mm256_testz_si256(any, any) == 0;
    }
    return kept;
}

/* All ones where the block's number is not below. */
AVX2 static inline __m256i reaches(const uint32_t *at, __m256i wanted)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)at);
    return _mm256_cmpeq_epi32(_mm256_max_epu32(v, wanted), v);
}

AVX2 static void places_avx2(const uint32_t *block, const uint32_t *numbers, uint32_t n,
                             uint8_t *places)
{
    __m256i most = lane_maxima(block);
    for (uint32_t i = 0; i < n; i++) {
        __m256i wanted = _mm256_set1_epi32((int)numbers[i]);
        unsigned first = ROWS * lane_of(most, wanted);
        const uint32_t *at = block + first;
        __m256i low = _mm256_packs_epi32(reaches(at, wanted), reaches(at + 8, wanted));
        __m256i high = _mm256_packs_epi32(reaches(at + 16, wanted), reaches(at + 24, wanted));
        unsigned mask = (unsigned)_mm256_movemask_epi8(_mm256_packs_epi16(low, high));
        places[i] = (uint8_t)(first + ROWS - (unsigned)_mm_popcnt_u32(mask));
    }
}

/* All ones where one of 16 offsets is at most `most`. */
AVX2 static inline __m256i within(const uint8_t *at, __m256i most)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)at);
    return _mm256_cmpeq_epi16(_mm256_min_epu16(v, most), v);
}

AVX2 static void counts_avx2(const uint8_t *offsets, uint32_t base, const uint32_t *numbers,
                             uint32_t n, uint32_t *counts)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t ahead = numbers[i] - base;
        __m256i most = _mm256_set1_epi16((short)(ahead < UINT16_MAX ? ahead : UINT16_MAX));
        __m256i low = _mm256_packs_epi16(within(offsets, most), within(offsets + 32, most));
        __m256i high = _mm256_packs_epi16(within(offsets + 64, most), within(offsets + 96, most));
        uint64_t mask = (uint32_t)_mm256_movemask_epi8(low);
        mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
        counts[i] = (uint32_t)_mm_popcnt_u64(mask);
    }
}

void qi_member_counts(const uint8_t *offsets, uint32_t base, const uint32_t *numbers, uint32_t n,
                      uint32_t *counts)
{
    if (qi_rice_avx2_here())
        counts_avx2(offsets, base, numbers, n, counts);
    else
        qi_member_counts_scalar(offsets, base, numbers, n, counts);
}

void qi_member_places(const uint32_t *block, const uint32_t *numbers, uint32_t n, uint8_t *places)
{
    if (qi_rice_avx2_here())
        places_avx2(block, numbers, n, places);
    else
        qi_member_places_scalar(block, numbers, n, places);
}

uint32_t qi_member_keep(const uint32_t *block, uint32_t offset, const uint32_t *numbers, uint32_t n,
                        uint32_t *out)
{
    return qi_rice_avx2_here() ? keep_avx2(block, offset, numbers, n, out)
                               : qi_member_keep_scalar(block, offset, numbers, n, out);
}

#else

void qi_member_counts(const uint8_t *offsets, uint32_t base, const uint32_t *numbers, uint32_t n,
                      uint32_t *counts)
{
    qi_member_counts_scalar(offsets, base, numbers, n, counts);
}

uint32_t qi_member_keep(const uint32_t *block, uint32_t offset, const uint32_t *numbers, uint32_t n,
                        uint32_t *out)
{
    return qi_member_keep_scalar(block, offset, numbers, n, out);
}

void qi_member_places(const uint32_t *block, const uint32_t *numbers, uint32_t n, uint8_t *places)
{
    qi_member_places_scalar(block, numbers, n, places);
}
#endif
