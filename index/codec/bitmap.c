/* SPDX-License-Identifier: MIT
 * Plain loops, which compilers turn into vectors; only counting is written out, for processors that
 * have an instruction for it. */
#include "codec/bitmap.h"

#include "base/bits.h"
#include "codec/rice_avx2.h"

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

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
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
#else
static uint64_t reaching_avx2(const float *values, float least)
{
    return qi_bitmap_reaching_scalar(values, least);
}
#endif

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
