/* SPDX-License-Identifier: MIT
 * Plain loops, which compilers turn into vectors; only counting is written out, for processors that
 * have an instruction for it. */
#include "codec/bitmap.h"

#include "base/bits.h"
#include "codec/rice_avx2.h"

enum { DENSE = 2 }; /* bits of a word from which on they are set by way of bytes */

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define POPCNT __attribute__((target("popcnt")))

static int has_popcnt(void)
{
    return __builtin_cpu_supports("popcnt");
}
#else
#define POPCNT

static int has_popcnt(void)
{
    return 0;
}
#endif

POPCNT static uint64_t count_fast(const uint64_t *words, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)__builtin_popcountll(words[i]);
    return sum;
}

uint64_t qi_bitmap_count(const uint64_t *words, size_t count)
{
    if (has_popcnt())
        return count_fast(words, count);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += qi_popcount(words[i]);
    return sum;
}

POPCNT static uint64_t without_fast(const uint8_t *bitmap, const uint64_t *without, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)__builtin_popcountll(qi_load64(bitmap + 8 * i) & ~without[i]);
    return sum;
}

uint64_t qi_bitmap_count_without(const uint8_t *bitmap, const uint64_t *without, size_t count)
{
    if (has_popcnt())
        return without_fast(bitmap, without, count);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += qi_popcount(qi_load64(bitmap + 8 * i) & ~without[i]);
    return sum;
}

POPCNT static uint32_t between_fast(const uint8_t *bitmap, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    uint64_t first = ~UINT64_C(0) << from % 64;
    for (uint32_t w = from / 64; w < to / 64; w++, first = ~UINT64_C(0))
        count += (uint32_t)__builtin_popcountll(qi_load64(bitmap + 8 * (size_t)w) & first);
    uint64_t last = first & ((UINT64_C(1) << to % 64) - 1);
    if (to % 64 != 0)
        count += (uint32_t)__builtin_popcountll(qi_load64(bitmap + 8 * (size_t)(to / 64)) & last);
    return count;
}

uint32_t qi_bitmap_between(const uint8_t *bitmap, uint32_t from, uint32_t to)
{
    if (from >= to)
        return 0;
    if (has_popcnt())
        return between_fast(bitmap, from, to);
    uint32_t count = 0;
    uint64_t first = ~UINT64_C(0) << from % 64;
    for (uint32_t w = from / 64; w < to / 64; w++, first = ~UINT64_C(0))
        count += qi_popcount(qi_load64(bitmap + 8 * (size_t)w) & first);
    uint64_t last = first & ((UINT64_C(1) << to % 64) - 1);
    if (to % 64 != 0)
        count += qi_popcount(qi_load64(bitmap + 8 * (size_t)(to / 64)) & last);
    return count;
}

POPCNT static void ranks_fast(const uint64_t *words, size_t count, uint32_t before, uint32_t *ranks)
{
    for (size_t i = 0; i < count; i++) {
        ranks[i] = before;
        before += (uint32_t)__builtin_popcountll(words[i]);
    }
}

void qi_bitmap_ranks(const uint64_t *words, size_t count, uint32_t before, uint32_t *ranks)
{
    if (has_popcnt()) {
        ranks_fast(words, count, before, ranks);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        ranks[i] = before;
        before += qi_popcount(words[i]);
    }
}

static inline uint64_t ones_below(const uint64_t *words, uint32_t bit)
{
    return words[bit / 64] & ((UINT64_C(1) << bit % 64) - 1);
}

POPCNT static void rank_fast(const uint64_t *words, const uint32_t *ranks, const uint16_t *bits,
                             uint32_t count, uint32_t *out)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = ranks[bits[i] / 64] + (uint32_t)__builtin_popcountll(ones_below(words, bits[i]));
}

void qi_bitmap_rank(const uint64_t *words, const uint32_t *ranks, const uint16_t *bits,
                    uint32_t count, uint32_t *out)
{
    if (has_popcnt()) {
        rank_fast(words, ranks, bits, count, out);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        out[i] = ranks[bits[i] / 64] + qi_popcount(ones_below(words, bits[i]));
}

void qi_bitmap_or(uint64_t *words, const uint8_t *bitmap, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] |= qi_load64(bitmap + 8 * i);
}

void qi_bitmap_and(uint64_t *words, const uint8_t *bitmap, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] &= qi_load64(bitmap + 8 * i);
}

void qi_bitmap_and_not(uint64_t *words, const uint8_t *bitmap, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] &= ~qi_load64(bitmap + 8 * i);
}

uint32_t qi_bitmap_count_among_scalar(const uint64_t *words, const uint32_t *numbers, uint32_t n)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++)
        found += (uint32_t)(words[numbers[i] / 64] >> numbers[i] % 64 & 1);
    return found;
}

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
/* Eight at a time; the last ones one by one. */
__attribute__((target("avx2"))) static uint32_t among_avx2(const uint64_t *words,
                                                           const uint32_t *numbers, uint32_t n)
{
    const __m256i low = _mm256_set1_epi32(31), one = _mm256_set1_epi32(1);
    __m256i sums = _mm256_setzero_si256();
    uint32_t lanes[8], i = 0, found = 0;
    for (; i + 8 <= n; i += 8) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(numbers + i));
        __m256i half = _mm256_i32gather_epi32((const int *)words, _mm256_srli_epi32(v, 5), 4);
        __m256i bit = _mm256_srlv_epi32(half, _mm256_and_si256(v, low));
        sums = _mm256_add_epi32(sums, _mm256_and_si256(bit, one));
    }
    _mm256_storeu_si256((__m256i *)lanes, sums);
    for (unsigned l = 0; l < 8; l++)
        found += lanes[l];
    return found + qi_bitmap_count_among_scalar(words, numbers + i, n - i);
}

__attribute__((target("avx2"))) static uint64_t reaching_avx2(const float *values, float least)
{
    __m256 bar = _mm256_set1_ps(least);
    uint64_t bits = 0;
    for (int i = 0; i < 64; i += 8) {
        __m256 is = _mm256_cmp_ps(_mm256_loadu_ps(values + i), bar, _CMP_GE_OQ);
        bits |= (uint64_t)(uint32_t)_mm256_movemask_ps(is) << i;
    }
    return bits;
}

__attribute__((target("avx2"))) static uint64_t narrow_avx2(uint64_t *words, const uint64_t *by,
                                                            bool wanted)
{
    __m256i flip = _mm256_set1_epi64x(wanted ? 0 : -1), zero = _mm256_setzero_si256();
    uint64_t empty = 0;
    for (int i = 0; i < 64; i += 4) {
        __m256i mask = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(by + i)), flip);
        __m256i is = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(words + i)), mask);
        _mm256_storeu_si256((__m256i *)(words + i), is);
        __m256d none = _mm256_castsi256_pd(_mm256_cmpeq_epi64(is, zero));
        empty |= (uint64_t)(uint32_t)_mm256_movemask_pd(none) << i;
    }
    return ~empty;
}

/* By way of bytes, which need not be read to be set. */
__attribute__((target("avx2"))) static void set_avx2(uint64_t *words, const uint32_t *numbers,
                                                     uint32_t count, uint32_t base)
{
    uint8_t bytes[64 * 64];
    uint32_t first = (numbers[0] - base) / 64, last = (numbers[count - 1] - base) / 64;
    __m256i zero = _mm256_setzero_si256(), *at = (__m256i *)bytes;
    for (uint32_t i = 2 * first; i < 2 * last + 2; i++)
        _mm256_storeu_si256(at + i, zero);
    for (uint32_t i = 0; i < count; i++)
        bytes[numbers[i] - base] = 255;
    for (uint32_t r = first; r <= last; r++) {
        uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_loadu_si256(at + 2 * r));
        uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_loadu_si256(at + 2 * r + 1));
        words[r] |= (uint64_t)high << 32 | low;
    }
}
#else
static void set_avx2(uint64_t *words, const uint32_t *numbers, uint32_t count, uint32_t base)
{
    qi_bitmap_set_scalar(words, numbers, count, base);
}

static uint64_t narrow_avx2(uint64_t *words, const uint64_t *by, bool wanted)
{
    return qi_bitmap_narrow_scalar(words, by, wanted);
}

static uint32_t among_avx2(const uint64_t *words, const uint32_t *numbers, uint32_t n)
{
    return qi_bitmap_count_among_scalar(words, numbers, n);
}

static uint64_t reaching_avx2(const float *values, float least)
{
    return qi_bitmap_reaching_scalar(values, least);
}
#endif

uint32_t qi_bitmap_count_among(const uint64_t *words, const uint32_t *numbers, uint32_t n)
{
    return qi_rice_avx2_here() ? among_avx2(words, numbers, n)
                               : qi_bitmap_count_among_scalar(words, numbers, n);
}

uint64_t qi_bitmap_reaching(const float values[64], float least)
{
    return qi_rice_avx2_here() ? reaching_avx2(values, least)
                               : qi_bitmap_reaching_scalar(values, least);
}

uint64_t qi_bitmap_reaching_scalar(const float values[64], float least)
{
    uint8_t is[64];
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++)
        is[i] = values[i] >= least;
    for (int i = 0; i < 64; i += 8) /* the product gathers the lowest bits of 8 bytes at the top */
        bits |= qi_load64(is + i) * UINT64_C(0x0102040810204080) >> 56 << i;
    return bits;
}

uint64_t qi_bitmap_narrow(uint64_t words[64], const uint64_t by[64], bool wanted)
{
    return qi_rice_avx2_here() ? narrow_avx2(words, by, wanted)
                               : qi_bitmap_narrow_scalar(words, by, wanted);
}

uint64_t qi_bitmap_narrow_scalar(uint64_t words[64], const uint64_t by[64], bool wanted)
{
    uint64_t some = 0;
    for (int i = 0; i < 64; i++) {
        words[i] &= wanted ? by[i] : ~by[i];
        some |= (uint64_t)(words[i] != 0) << i;
    }
    return some;
}

void qi_bitmap_set(uint64_t words[64], const uint32_t *numbers, uint32_t count, uint32_t base)
{
    bool dense = (numbers[count - 1] - numbers[0]) / 64 < count / DENSE;
    if (dense && qi_rice_avx2_here())
        set_avx2(words, numbers, count, base);
    else
        qi_bitmap_set_scalar(words, numbers, count, base);
}

void qi_bitmap_set_scalar(uint64_t words[64], const uint32_t *numbers, uint32_t count,
                          uint32_t base)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = numbers[i] - base;
        words[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}
