/* SPDX-License-Identifier: MIT
 * A register holds one row of the 8 lanes of a block; sums run down the rows, lane by lane, and
 * four transpositions of 8 x 8 bring numbers back to their order. Zeros before the ones of a byte
 * come from a table, eight at a time. Without AVX2 in the build nothing here is ever called. */
#include "codec/rice_avx2.h"

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,popcnt")))

#define INLINE inline __attribute__((always_inline))

enum { LANES = 8, ROWS = 32 };

/* Byte j of entry b: zeros below the j-th one of b. */
static const uint64_t zeros_before[256] = {
    0x0000000000000000, 0x0000000000000000, 0x0000000000000001, 0x0000000000000000,
    0x0000000000000002, 0x0000000000000100, 0x0000000000000101, 0x0000000000000000,
    0x0000000000000003, 0x0000000000000200, 0x0000000000000201, 0x0000000000010000,
    0x0000000000000202, 0x0000000000010100, 0x0000000000010101, 0x0000000000000000,
    0x0000000000000004, 0x0000000000000300, 0x0000000000000301, 0x0000000000020000,
    0x0000000000000302, 0x0000000000020100, 0x0000000000020101, 0x0000000001000000,
    0x0000000000000303, 0x0000000000020200, 0x0000000000020201, 0x0000000001010000,
    0x0000000000020202, 0x0000000001010100, 0x0000000001010101, 0x0000000000000000,
    0x0000000000000005, 0x0000000000000400, 0x0000000000000401, 0x0000000000030000,
    0x0000000000000402, 0x0000000000030100, 0x0000000000030101, 0x0000000002000000,
    0x0000000000000403, 0x0000000000030200, 0x0000000000030201, 0x0000000002010000,
    0x0000000000030202, 0x0000000002010100, 0x0000000002010101, 0x0000000100000000,
    0x0000000000000404, 0x0000000000030300, 0x0000000000030301, 0x0000000002020000,
    0x0000000000030302, 0x0000000002020100, 0x0000000002020101, 0x0000000101000000,
    0x0000000000030303, 0x0000000002020200, 0x0000000002020201, 0x0000000101010000,
    0x0000000002020202, 0x0000000101010100, 0x0000000101010101, 0x0000000000000000,
    0x0000000000000006, 0x0000000000000500, 0x0000000000000501, 0x0000000000040000,
    0x0000000000000502, 0x0000000000040100, 0x0000000000040101, 0x0000000003000000,
    0x0000000000000503, 0x0000000000040200, 0x0000000000040201, 0x0000000003010000,
    0x0000000000040202, 0x0000000003010100, 0x0000000003010101, 0x0000000200000000,
    0x0000000000000504, 0x0000000000040300, 0x0000000000040301, 0x0000000003020000,
    0x0000000000040302, 0x0000000003020100, 0x0000000003020101, 0x0000000201000000,
    0x0000000000040303, 0x0000000003020200, 0x0000000003020201, 0x0000000201010000,
    0x0000000003020202, 0x0000000201010100, 0x0000000201010101, 0x0000010000000000,
    0x0000000000000505, 0x0000000000040400, 0x0000000000040401, 0x0000000003030000,
    0x0000000000040402, 0x0000000003030100, 0x0000000003030101, 0x0000000202000000,
    0x0000000000040403, 0x0000000003030200, 0x0000000003030201, 0x0000000202010000,
    0x0000000003030202, 0x0000000202010100, 0x0000000202010101, 0x0000010100000000,
    0x0000000000040404, 0x0000000003030300, 0x0000000003030301, 0x0000000202020000,
    0x0000000003030302, 0x0000000202020100, 0x0000000202020101, 0x0000010101000000,
    0x0000000003030303, 0x0000000202020200, 0x0000000202020201, 0x0000010101010000,
    0x0000000202020202, 0x0000010101010100, 0x0000010101010101, 0x0000000000000000,
    0x0000000000000007, 0x0000000000000600, 0x0000000000000601, 0x0000000000050000,
    0x0000000000000602, 0x0000000000050100, 0x0000000000050101, 0x0000000004000000,
    0x0000000000000603, 0x0000000000050200, 0x0000000000050201, 0x0000000004010000,
    0x0000000000050202, 0x0000000004010100, 0x0000000004010101, 0x0000000300000000,
    0x0000000000000604, 0x0000000000050300, 0x0000000000050301, 0x0000000004020000,
    0x0000000000050302, 0x0000000004020100, 0x0000000004020101, 0x0000000301000000,
    0x0000000000050303, 0x0000000004020200, 0x0000000004020201, 0x0000000301010000,
    0x0000000004020202, 0x0000000301010100, 0x0000000301010101, 0x0000020000000000,
    0x0000000000000605, 0x0000000000050400, 0x0000000000050401, 0x0000000004030000,
    0x0000000000050402, 0x0000000004030100, 0x0000000004030101, 0x0000000302000000,
    0x0000000000050403, 0x0000000004030200, 0x0000000004030201, 0x0000000302010000,
    0x0000000004030202, 0x0000000302010100, 0x0000000302010101, 0x0000020100000000,
    0x0000000000050404, 0x0000000004030300, 0x0000000004030301, 0x0000000302020000,
    0x0000000004030302, 0x0000000302020100, 0x0000000302020101, 0x0000020101000000,
    0x0000000004030303, 0x0000000302020200, 0x0000000302020201, 0x0000020101010000,
    0x0000000302020202, 0x0000020101010100, 0x0000020101010101, 0x0001000000000000,
    0x0000000000000606, 0x0000000000050500, 0x0000000000050501, 0x0000000004040000,
    0x0000000000050502, 0x0000000004040100, 0x0000000004040101, 0x0000000303000000,
    0x0000000000050503, 0x0000000004040200, 0x0000000004040201, 0x0000000303010000,
    0x0000000004040202, 0x0000000303010100, 0x0000000303010101, 0x0000020200000000,
    0x0000000000050504, 0x0000000004040300, 0x0000000004040301, 0x0000000303020000,
    0x0000000004040302, 0x0000000303020100, 0x0000000303020101, 0x0000020201000000,
    0x0000000004040303, 0x0000000303020200, 0x0000000303020201, 0x0000020201010000,
    0x0000000303020202, 0x0000020201010100, 0x0000020201010101, 0x0001010000000000,
    0x0000000000050505, 0x0000000004040400, 0x0000000004040401, 0x0000000303030000,
    0x0000000004040402, 0x0000000303030100, 0x0000000303030101, 0x0000020202000000,
    0x0000000004040403, 0x0000000303030200, 0x0000000303030201, 0x0000020202010000,
    0x0000000303030202, 0x0000020202010100, 0x0000020202010101, 0x0001010100000000,
    0x0000000004040404, 0x0000000303030300, 0x0000000303030301, 0x0000020202020000,
    0x0000000303030302, 0x0000020202020100, 0x0000020202020101, 0x0001010101000000,
    0x0000000303030303, 0x0000020202020200, 0x0000020202020201, 0x0001010101010000,
    0x0000020202020202, 0x0001010101010100, 0x0001010101010101, 0x0000000000000000,
};

/* Zeros of a byte. */
static const uint32_t zeros_in[256] = {
    8, 7, 7, 6, 7, 6, 6, 5, 7, 6, 6, 5, 6, 5, 5, 4, 7, 6, 6, 5, 6, 5, 5, 4, 6, 5, 5, 4, 5, 4, 4, 3,
    7, 6, 6, 5, 6, 5, 5, 4, 6, 5, 5, 4, 5, 4, 4, 3, 6, 5, 5, 4, 5, 4, 4, 3, 5, 4, 4, 3, 4, 3, 3, 2,
    7, 6, 6, 5, 6, 5, 5, 4, 6, 5, 5, 4, 5, 4, 4, 3, 6, 5, 5, 4, 5, 4, 4, 3, 5, 4, 4, 3, 4, 3, 3, 2,
    6, 5, 5, 4, 5, 4, 4, 3, 5, 4, 4, 3, 4, 3, 3, 2, 5, 4, 4, 3, 4, 3, 3, 2, 4, 3, 3, 2, 3, 2, 2, 1,
    7, 6, 6, 5, 6, 5, 5, 4, 6, 5, 5, 4, 5, 4, 4, 3, 6, 5, 5, 4, 5, 4, 4, 3, 5, 4, 4, 3, 4, 3, 3, 2,
    6, 5, 5, 4, 5, 4, 4, 3, 5, 4, 4, 3, 4, 3, 3, 2, 5, 4, 4, 3, 4, 3, 3, 2, 4, 3, 3, 2, 3, 2, 2, 1,
    6, 5, 5, 4, 5, 4, 4, 3, 5, 4, 4, 3, 4, 3, 3, 2, 5, 4, 4, 3, 4, 3, 3, 2, 4, 3, 3, 2, 3, 2, 2, 1,
    5, 4, 4, 3, 4, 3, 3, 2, 4, 3, 3, 2, 3, 2, 2, 1, 4, 3, 3, 2, 3, 2, 2, 1, 3, 2, 2, 1, 2, 1, 1, 0,
};

bool qi_rice_avx2_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

bool qi_rice_bmi2_here(void)
{
    return qi_rice_avx2_here() && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
           !__builtin_cpu_is("znver1") && !__builtin_cpu_is("znver2");
}

AVX2 static __m256i load(const void *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

AVX2 static void store(uint32_t *at, __m256i v)
{
    _mm256_storeu_si256((__m256i *)at, v);
}

AVX2 bool qi_rice_avx2_unary(const uint8_t *in, const uint8_t *end, unsigned n, uint32_t *at)
{
    size_t i = 0;
    __m256i base = _mm256_setzero_si256(); /* zeros before the byte */
    for (; in < end && i < n; in += 8) {
        for (unsigned b = 0; b < 8; b++) {
            size_t byte = in[b];
            __m128i zeros = _mm_loadl_epi64((const __m128i *)&zeros_before[byte]);
            store(at + i, _mm256_add_epi32(_mm256_cvtepu8_epi32(zeros), base));
            base = _mm256_add_epi32(base, _mm256_set1_epi32((int)zeros_in[byte]));
            i += (size_t)_mm_popcnt_u64(byte);
        }
    }
    return i >= n;
}

AVX2 void qi_rice_avx2_rows(const uint8_t *low, unsigned k, uint32_t *rows)
{
    __m256i mask = _mm256_set1_epi32((int)((UINT32_C(1) << k) - 1));
    __m256i word = k == 0 ? _mm256_setzero_si256() : load(low);
    unsigned shift = 0, left = k;
    for (unsigned row = 0; row < ROWS; row++, shift += k) {
        __m256i v = _mm256_srl_epi32(word, _mm_cvtsi32_si128((int)shift));
        if (shift + k >= 32 && left > 1) {
            word = load(low += 4 * LANES);
            v = _mm256_or_si256(v, _mm256_sll_epi32(word, _mm_cvtsi32_si128((int)(32 - shift))));
            shift -= 32;
            left--;
        }
        store(rows + LANES * row, _mm256_and_si256(v, mask));
    }
}

/* Eight rows, `stride` numbers apart, to columns. */
AVX2 static inline void transpose(const uint32_t *rows, unsigned stride, __m256i *lanes)
{
    __m256i pair[8], four[8];
    for (unsigned i = 0; i < 8; i += 2) {
        __m256i a = load(rows + stride * i), b = load(rows + stride * (i + 1));
        pair[i] = _mm256_unpacklo_epi32(a, b);
        pair[i + 1] = _mm256_unpackhi_epi32(a, b);
    }
    for (int i = 0; i < 8; i += 4) {
        four[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
        four[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
        four[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        four[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        lanes[i] = _mm256_permute2x128_si256(four[i], four[i + 4], 0x20);
        lanes[i + 4] = _mm256_permute2x128_si256(four[i], four[i + 4], 0x31);
    }
}

AVX2 void qi_rice_avx2_values(const uint32_t *rows, const uint32_t *at, unsigned k,
                              uint32_t *values)
{
    __m128i shift = _mm_cvtsi32_si128((int)k);
    for (unsigned row = 0; row < ROWS; row += LANES) {
        __m256i lanes[LANES];
        transpose(rows + LANES * row, LANES, lanes);
        for (unsigned l = 0; l < LANES; l++) {
            unsigned i = ROWS * l + row;
            __m256i q = _mm256_sub_epi32(load(at + i), load(at + (int)i - 1));
            store(values + i, _mm256_add_epi32(lanes[l], _mm256_sll_epi32(q, shift)));
        }
    }
}

/* Row r of the low bits of a block: all shifts are constants once k and r are. */
AVX2 INLINE static __m256i unpack_row(const uint8_t *low, const unsigned k, const unsigned r)
{
    const unsigned word = r * k / 32, shift = r * k % 32;
    __m256i v = _mm256_srli_epi32(load(low + (size_t)(4 * LANES) * word), (int)shift);
    if (shift + k > 32) {
        __m256i next = load(low + (size_t)(4 * LANES) * (word + 1));
        v = _mm256_or_si256(v, _mm256_slli_epi32(next, (int)(32 - shift)));
    }
    return _mm256_and_si256(v, _mm256_set1_epi32((int)((UINT32_C(1) << k) - 1)));
}

AVX2 INLINE static __m256i sum_row(const uint8_t *low, const unsigned k, const unsigned r,
                                   __m256i sum, uint32_t *sums)
{
    sum = _mm256_add_epi32(sum, _mm256_add_epi32(unpack_row(low, k, r), _mm256_set1_epi32(1)));
    store(sums + (size_t)LANES * r, sum);
    return sum;
}

AVX2 INLINE static __m256i sum_rows(const uint8_t *low, const unsigned k, const unsigned r,
                                    __m256i sum, uint32_t *sums)
{
    sum = sum_row(low, k, r, sum, sums);
    sum = sum_row(low, k, r + 1, sum, sums);
    sum = sum_row(low, k, r + 2, sum, sums);
    sum = sum_row(low, k, r + 3, sum, sums);
    sum = sum_row(low, k, r + 4, sum, sums);
    sum = sum_row(low, k, r + 5, sum, sums);
    sum = sum_row(low, k, r + 6, sum, sums);
    return sum_row(low, k, r + 7, sum, sums);
}

AVX2 INLINE static void sum_packed(const uint8_t *low, const unsigned k, uint32_t *sums)
{
    __m256i sum = sum_rows(low, k, 0, _mm256_setzero_si256(), sums);
    sum = sum_rows(low, k, 8, sum, sums);
    sum = sum_rows(low, k, 16, sum, sums);
    sum_rows(low, k, 24, sum, sums);
}

/* The sums of the rows of a block, lane by lane, a unit added for each; false if k is not one of
 * the usual ones. */
AVX2 static bool sum_usual(const uint8_t *low, unsigned k, uint32_t *sums)
{
    switch (k) {
    case 2:
        sum_packed(low, 2, sums);
        return true;
    case 3:
        sum_packed(low, 3, sums);
        return true;
    case 4:
        sum_packed(low, 4, sums);
        return true;
    case 5:
        sum_packed(low, 5, sums);
        return true;
    case 6:
        sum_packed(low, 6, sums);
        return true;
    case 7:
        sum_packed(low, 7, sums);
        return true;
    case 8:
        sum_packed(low, 8, sums);
        return true;
    case 9:
        sum_packed(low, 9, sums);
        return true;
    case 10:
        sum_packed(low, 10, sums);
        return true;
    default:
        return false;
    }
}

AVX2 static void sum_any(const uint32_t *rows, uint32_t *sums)
{
    __m256i sum = _mm256_setzero_si256(), one = _mm256_set1_epi32(1);
    for (unsigned row = 0; row < ROWS; row++) {
        sum = _mm256_add_epi32(sum, _mm256_add_epi32(load(rows + LANES * row), one));
        store(sums + LANES * row, sum);
    }
}

/* Sums lane by lane to sums in order. */
AVX2 static void put_in_order(const uint32_t *sums, const uint32_t *at, unsigned k, uint32_t before,
                              uint32_t *out, uint32_t *lanes)
{
    __m128i shift = _mm_cvtsi32_si128((int)k);
    uint32_t base[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        base[l] = before;
        before += sums[LANES * (ROWS - 1) + l];
        lanes[l] = sums[LANES * (ROWS - 1) + l] - ROWS;
    }
    for (unsigned row = 0; row < ROWS; row += LANES) {
        __m256i lane[LANES];
        transpose(sums + LANES * row, LANES, lane);
        for (unsigned l = 0; l < LANES; l++) {
            unsigned i = ROWS * l + row;
            __m256i high = _mm256_sll_epi32(load(at + i), shift);
            __m256i from = _mm256_set1_epi32((int)base[l]);
            store(out + i, _mm256_add_epi32(_mm256_add_epi32(lane[l], from), high));
        }
    }
}

AVX2 void qi_rice_avx2_sums(const uint32_t *rows, const uint32_t *at, unsigned k, uint32_t before,
                            uint32_t *out, uint32_t *lanes)
{
    uint32_t sums[LANES * ROWS];
    sum_any(rows, sums);
    put_in_order(sums, at, k, before, out, lanes);
}

AVX2 void qi_rice_avx2_packed(const uint8_t *low, const uint32_t *at, unsigned k, uint32_t before,
                              uint32_t *out, uint32_t *lanes)
{
    uint32_t sums[LANES * ROWS];
    if (!sum_usual(low, k, sums)) {
        uint32_t rows[LANES * ROWS];
        qi_rice_avx2_rows(low, k, rows);
        sum_any(rows, sums);
    }
    put_in_order(sums, at, k, before, out, lanes);
}

AVX2 static uint32_t add_lanes(__m256i v)
{
    uint32_t lanes[LANES], sum = 0;
    store(lanes, v);
    for (unsigned l = 0; l < LANES; l++)
        sum += lanes[l];
    return sum;
}

AVX2 qi_rice_sums qi_rice_avx2_price(const uint32_t *values, unsigned k, uint32_t limit)
{
    __m128i shift = _mm_cvtsi32_si128((int)k);
    __m256i most = _mm256_set1_epi32((int)limit), kept = _mm256_setzero_si256();
    __m256i near = kept, bits = kept, longer = kept, seven = _mm256_set1_epi32(127);
    for (unsigned i = 0; i < LANES * ROWS; i += LANES) {
        __m256i q = _mm256_srl_epi32(load(values + i), shift);
        __m256i fits = _mm256_cmpeq_epi32(_mm256_min_epu32(q, most), q);
        kept = _mm256_add_epi32(kept, _mm256_and_si256(q, fits));
        near = _mm256_sub_epi32(near, fits);
        bits = _mm256_or_si256(bits, q);
        __m256i brief = _mm256_cmpeq_epi32(_mm256_min_epu32(q, seven), q);
        longer = _mm256_sub_epi32(longer, brief);
    }
    qi_rice_sums sums = {.kept = add_lanes(kept), .far = LANES * ROWS - add_lanes(near)};
    sums.longer = LANES * ROWS - add_lanes(longer);
    uint32_t lanes[LANES];
    store(lanes, bits);
    for (unsigned l = 0; l < LANES; l++)
        sums.bits |= lanes[l];
    return sums;
}

AVX2 uint8_t *qi_rice_avx2_put(uint8_t *at, const uint32_t *values, unsigned k)
{
    __m256i mask = _mm256_set1_epi32((int)((UINT32_C(1) << k) - 1));
    __m256i word = _mm256_setzero_si256();
    unsigned fill = 0;
    for (unsigned row = 0; row < ROWS && k != 0; row += LANES) {
        __m256i rows[LANES];
        transpose(values + row, ROWS, rows);
        for (unsigned r = 0; r < LANES; r++) {
            __m256i low = _mm256_and_si256(rows[r], mask);
            word = _mm256_or_si256(word, _mm256_sll_epi32(low, _mm_cvtsi32_si128((int)fill)));
            fill += k;
            if (fill < 32)
                continue;
            fill -= 32;
            _mm256_storeu_si256((__m256i *)at, word);
            word = _mm256_srl_epi32(low, _mm_cvtsi32_si128((int)(k - fill)));
            at += 4 * LANES;
        }
    }
    return at;
}

#else

bool qi_rice_bmi2_here(void)
{
    return false;
}

bool qi_rice_avx2_here(void)
{
    return false;
}

bool qi_rice_avx2_unary(const uint8_t *in, const uint8_t *end, unsigned n, uint32_t *at)
{
    (void)in, (void)end, (void)n, (void)at;
    return false;
}

void qi_rice_avx2_rows(const uint8_t *low, unsigned k, uint32_t *rows)
{
    (void)low, (void)k, (void)rows;
}

void qi_rice_avx2_values(const uint32_t *rows, const uint32_t *at, unsigned k, uint32_t *values)
{
    (void)rows, (void)at, (void)k, (void)values;
}

void qi_rice_avx2_sums(const uint32_t *rows, const uint32_t *at, unsigned k, uint32_t before,
                       uint32_t *out, uint32_t *lanes)
{
    (void)rows, (void)at, (void)k, (void)before, (void)out, (void)lanes;
}

void qi_rice_avx2_packed(const uint8_t *low, const uint32_t *at, unsigned k, uint32_t before,
                         uint32_t *out, uint32_t *lanes)
{
    (void)low, (void)at, (void)k, (void)before, (void)out, (void)lanes;
}

qi_rice_sums qi_rice_avx2_price(const uint32_t *values, unsigned k, uint32_t limit)
{
    (void)values, (void)k, (void)limit;
    return (qi_rice_sums){0};
}

uint8_t *qi_rice_avx2_put(uint8_t *at, const uint32_t *values, unsigned k)
{
    (void)values, (void)k;
    return at;
}
#endif
