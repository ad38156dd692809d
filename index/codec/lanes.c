/* SPDX-License-Identifier: MIT
 * Two registers hold 64 sums of a byte; a word of bits is spread over their bytes, and selects
 * where its amount is added. Frequencies are brought to their documents by eights: the ones below a
 * bit say which of the next eight is its. */
#include "codec/lanes.h"

#include <string.h>

#include "base/bits.h"
#include "codec/rice_avx2.h"

enum { LANES = 64 };

uint64_t qi_lanes_reaching_scalar(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                                  uint8_t least)
{
    uint64_t reaching = 0;
    for (uint32_t lane = 0; lane < LANES; lane++) {
        uint64_t sum = 0;
        for (uint32_t i = 0; i < count; i++)
            sum += (words[i] >> lane & 1) * amounts[i];
        reaching |= (uint64_t)(sum >= least) << lane;
    }
    return reaching;
}

void qi_lanes_add_scalar(const uint8_t *bytes, uint32_t count, float unit, float *sums)
{
    for (uint32_t i = 0; i < count; i++) {
        float amount = unit * (float)bytes[i];
        sums[i] += amount;
    }
}

void qi_lanes_score_scalar(const uint32_t *freqs, uint64_t word, qi_lanes_scale by, float sums[64])
{
    for (; word != 0; word &= word - 1) {
        uint32_t lane = qi_ctz(word);
        float x = (float)*freqs++ * by.units[lane];
        sums[lane] += by.weight * (x / (by.k1 + x));
    }
}

void qi_lanes_bound_scalar(const uint8_t *bytes, const uint32_t *docs, uint32_t count, float unit,
                           float never, float *sums)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t byte = bytes[docs[i] / LANES];
        float amount = byte == 0 ? never : unit * (float)byte;
        sums[i] += amount;
    }
}

/* The first of them is number `first`. */
static uint32_t keep_from(const float *values, uint32_t count, float least, uint32_t first,
                          uint8_t *places)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        places[kept] = (uint8_t)(first + i);
        kept += values[i] >= least;
    }
    return kept;
}

uint32_t qi_lanes_keep_scalar(const float *values, uint32_t count, float least, uint8_t *places)
{
    return keep_from(values, count, least, 0, places);
}

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,popcnt")))

/* 255 in each byte whose bit is set. */
AVX2 static inline __m256i spread(uint32_t bits)
{
    const __m256i from =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
    __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), from);
    return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bit), bit);
}

AVX2 static inline uint32_t at_least(__m256i sums, __m256i least)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(sums, least), sums));
}

AVX2 static uint64_t reaching_avx2(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                                   uint8_t least)
{
    __m256i low = _mm256_setzero_si256(), high = low, bar = _mm256_set1_epi8((char)least);
    for (uint32_t i = 0; i < count; i++) {
        __m256i amount = _mm256_set1_epi8((char)amounts[i]);
        low = _mm256_adds_epu8(low, _mm256_and_si256(amount, spread((uint32_t)words[i])));
        high = _mm256_adds_epu8(high, _mm256_and_si256(amount, spread((uint32_t)(words[i] >> 32))));
    }
    return at_least(low, bar) | (uint64_t)at_least(high, bar) << 32;
}

AVX2 static void add_avx2(const uint8_t *bytes, uint32_t count, float unit, float *sums)
{
    __m256 units = _mm256_set1_ps(unit);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(bytes + i)));
        __m256 amounts = _mm256_mul_ps(units, _mm256_cvtepi32_ps(wide));
        _mm256_storeu_ps(sums + i, _mm256_add_ps(_mm256_loadu_ps(sums + i), amounts));
    }
    qi_lanes_add_scalar(bytes + i, count - i, unit, sums + i);
}

AVX2 static void clear_avx2(float sums[64])
{
    for (int i = 0; i < LANES; i += 8)
        _mm256_storeu_ps(sums + i, _mm256_setzero_ps());
}

void qi_lanes_clear(float sums[64])
{
    if (qi_rice_avx2_here())
        clear_avx2(sums);
    else
        memset(sums, 0, LANES * sizeof *sums);
}

/* Eight documents; gives how many frequencies were theirs. */
AVX2 static inline uint32_t score_eight(const uint32_t *freqs, uint64_t bits, qi_lanes_scale by,
                                        float *sums)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t apart = bits * each & UINT64_C(0x8040201008040201);
    uint64_t ones = (apart + 0x7f * each) >> 7 & each;
    uint64_t upto = ones * each;
    __m256i from = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)(upto - ones)));
    __m256i is = _mm256_cvtepi8_epi32(_mm_cvtsi64_si128((long long)(ones * 255)));
    __m256i next = _mm256_loadu_si256((const __m256i *)freqs);
    __m256i tf = _mm256_and_si256(_mm256_permutevar8x32_epi32(next, from), is);
    __m256 x = _mm256_mul_ps(_mm256_cvtepi32_ps(tf), _mm256_loadu_ps(by.units));
    __m256 part = _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(by.k1), x));
    __m256 more = _mm256_mul_ps(_mm256_set1_ps(by.weight), part);
    _mm256_storeu_ps(sums, _mm256_add_ps(_mm256_loadu_ps(sums), more));
    return (uint32_t)(upto >> 56);
}

AVX2 static void score_avx2(const uint32_t *freqs, uint64_t word, qi_lanes_scale by, float *sums)
{
    for (uint32_t lane = 0; lane < LANES; lane += 8, by.units += 8)
        freqs += score_eight(freqs, word >> lane & 255, by, sums + lane);
}

void qi_lanes_score(const uint32_t *freqs, uint64_t word, qi_lanes_scale by, float sums[64])
{
    if (qi_rice_avx2_here())
        score_avx2(freqs, word, by, sums);
    else
        qi_lanes_score_scalar(freqs, word, by, sums);
}

AVX2 static void bound_avx2(const uint8_t *bytes, const uint32_t *docs, uint32_t count, float unit,
                            float never, float *sums)
{
    __m256 units = _mm256_set1_ps(unit), nevers = _mm256_set1_ps(never);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i ranges = _mm256_srli_epi32(_mm256_loadu_si256((const __m256i *)(docs + i)), 6);
        __m256i four = _mm256_i32gather_epi32((const int *)(const void *)(bytes - 3), ranges, 1);
        __m256i byte = _mm256_srli_epi32(four, 24);
        __m256 none = _mm256_castsi256_ps(_mm256_cmpeq_epi32(byte, _mm256_setzero_si256()));
        __m256 amounts = _mm256_mul_ps(units, _mm256_cvtepi32_ps(byte));
        amounts = _mm256_blendv_ps(amounts, nevers, none);
        _mm256_storeu_ps(sums + i, _mm256_add_ps(_mm256_loadu_ps(sums + i), amounts));
    }
    qi_lanes_bound_scalar(bytes, docs + i, count - i, unit, never, sums + i);
}

__attribute__((target("avx2,popcnt,bmi2"))) static uint32_t
keep_fast(const float *values, uint32_t count, float least, uint8_t *places)
{
    __m256 bar = _mm256_set1_ps(least);
    uint32_t i = 0, kept = 0;
    uint64_t numbers = 0x0706050403020100;
    for (; i + 8 <= count; i += 8, numbers += 0x0808080808080808) {
        __m256 is = _mm256_cmp_ps(_mm256_loadu_ps(values + i), bar, _CMP_GE_OQ);
        uint32_t mask = (uint32_t)_mm256_movemask_ps(is);
        uint64_t bytes = 255 * _pdep_u64(mask, 0x0101010101010101);
        uint64_t some = _pext_u64(numbers, bytes);
        memcpy(places + kept, &some, sizeof some);
        kept += (uint32_t)_mm_popcnt_u32(mask);
    }
    return kept + keep_from(values + i, count - i, least, i, places + kept);
}

void qi_lanes_bound(const uint8_t *bytes, const uint32_t *docs, uint32_t count, float unit,
                    float never, float *sums)
{
    if (qi_rice_avx2_here())
        bound_avx2(bytes, docs, count, unit, never, sums);
    else
        qi_lanes_bound_scalar(bytes, docs, count, unit, never, sums);
}

uint32_t qi_lanes_keep(const float *values, uint32_t count, float least, uint8_t *places)
{
    return qi_rice_bmi2_here() ? keep_fast(values, count, least, places)
                               : qi_lanes_keep_scalar(values, count, least, places);
}

void qi_lanes_add(const uint8_t *bytes, uint32_t count, float unit, float *sums)
{
    if (qi_rice_avx2_here())
        add_avx2(bytes, count, unit, sums);
    else
        qi_lanes_add_scalar(bytes, count, unit, sums);
}

uint64_t qi_lanes_reaching(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                           uint8_t least)
{
    return qi_rice_avx2_here() ? reaching_avx2(words, amounts, count, least)
                               : qi_lanes_reaching_scalar(words, amounts, count, least);
}

#else

void qi_lanes_clear(float sums[64])
{
    memset(sums, 0, LANES * sizeof *sums);
}

void qi_lanes_score(const uint32_t *freqs, uint64_t word, qi_lanes_scale by, float sums[64])
{
    qi_lanes_score_scalar(freqs, word, by, sums);
}

void qi_lanes_bound(const uint8_t *bytes, const uint32_t *docs, uint32_t count, float unit,
                    float never, float *sums)
{
    qi_lanes_bound_scalar(bytes, docs, count, unit, never, sums);
}

uint32_t qi_lanes_keep(const float *values, uint32_t count, float least, uint8_t *places)
{
    return qi_lanes_keep_scalar(values, count, least, places);
}

void qi_lanes_add(const uint8_t *bytes, uint32_t count, float unit, float *sums)
{
    qi_lanes_add_scalar(bytes, count, unit, sums);
}

uint64_t qi_lanes_reaching(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                           uint8_t least)
{
    return qi_lanes_reaching_scalar(words, amounts, count, least);
}
#endif
