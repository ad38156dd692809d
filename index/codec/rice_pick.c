/* SPDX-License-Identifier: MIT
 * The quotient of a value is the distance between two ones of the unary bitmap: words of it are
 * counted up to the one that holds the second, and in that it is selected. */
#include "codec/rice_pick.h"

#include "base/bits.h"
#include "base/view.h"
#include "codec/rice_avx2.h"
#include "codec/rice_form.h"

static const uint64_t ONES = 0x0101010101010101u, TOPS = 0x8080808080808080u;

/* A word at `at`; zeros stand for what lies past the end. */
static inline uint64_t word_at(const uint8_t *at, const uint8_t *end)
{
    if (end - at >= 8)
        return qi_load64(at);
    uint64_t word = 0;
    for (unsigned shift = 0; at < end; at++, shift += 8)
        word |= (uint64_t)*at << shift;
    return word;
}

static bool open_equal(qi_rice_pick *out, qi_view *view, uint8_t tag)
{
    uint64_t v = qi_view_varint(view);
    out->value = (uint32_t)v;
    return !view->overrun && tag == QI_RICE_EQUAL && v <= UINT32_MAX;
}

bool qi_rice_pick_open(qi_rice_pick *out, const uint8_t *in, size_t len, unsigned n)
{
    qi_view view = qi_view_of(in, len < QI_RICE_MAX ? len : QI_RICE_MAX);
    uint8_t tag = qi_view_u8(&view);
    out->n = n;
    out->k = tag & QI_RICE_K;
    out->exceptions = out->word = out->before = 0;
    out->end = view.end;
    out->equal = (tag & QI_RICE_EQUAL) != 0;
    out->counted = false;
    for (unsigned i = 0; i < QI_BLOCK / 64; i++)
        out->excepted[i] = 0;
    if (out->equal)
        return open_equal(out, &view, tag);
    if (view.overrun || (tag & ~(QI_RICE_K | QI_RICE_EXCEPTIONS)) != 0)
        return false;
    if ((tag & QI_RICE_EXCEPTIONS) != 0) {
        out->exceptions = qi_rice_exceptions(&view, n, out->k, out->index, out->quotient);
        if (out->exceptions == 0)
            return false;
        for (unsigned e = 0; e < out->exceptions; e++)
            out->excepted[out->index[e] / 64] |= UINT64_C(1) << out->index[e] % 64;
    }
    out->low = qi_view_take(&view, (n * out->k + 7) / 8);
    out->unary = view.at;
    return !view.overrun;
}

/* Byte j: how many ones bytes 0 to j have. */
static inline uint64_t running_counts(uint64_t v)
{
    v -= v >> 1 & 0x5555555555555555u;
    v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
    v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return v * ONES;
}

/* The lowest bits of a word, without the first `rank` ones. */
static inline uint64_t skip_plain(uint64_t word, unsigned rank)
{
    uint64_t counts = running_counts(word);
    uint64_t reached = ((rank * ONES | TOPS) - counts) & TOPS; /* bytes that end before it */
    unsigned shift = 8 * (unsigned)((reached >> 7) * ONES >> 56);
    unsigned left = rank - (unsigned)((counts << 8) >> shift & 255);
    uint64_t rest = word >> shift << shift;
    for (; left != 0; left--)
        rest &= rest - 1;
    return rest;
}

static inline uint32_t low_of(const qi_rice_pick *from, unsigned i)
{
    uint32_t k = from->k, mask = (UINT32_C(1) << k) - 1;
    if (k == 0)
        return 0;
    if (from->n != QI_BLOCK)
        return (uint32_t)(word_at(from->low + i * k / 8, from->end) >> i * k % 8) & mask;
    unsigned bit = i % QI_RICE_ROWS * k, lane = i / QI_RICE_ROWS;
    const uint8_t *at = from->low + 4 * (size_t)(bit / 32 * QI_RICE_LANES + lane);
    const uint8_t *next = at + (bit / 32 + 1 < k ? 4 * QI_RICE_LANES : 0);
    uint64_t v = qi_load32(at) | (uint64_t)qi_load32(next) << 32;
    return (uint32_t)(v >> bit % 32) & mask;
}

/* What the bitmap leaves of a quotient. */
static uint64_t exceeds(const qi_rice_pick *from, unsigned i)
{
    unsigned e = 0;
    while (from->index[e] != i)
        e++;
    return from->quotient[e];
}

/* The value whose quotient ends at the lowest one of `rest`, what is left of word `w`. */
static inline bool value_at(const qi_rice_pick *from, unsigned i, uint32_t w, uint64_t word,
                            uint64_t rest, uint32_t *value)
{
    uint64_t below = word ^ rest; /* ones before it */
    int32_t place = (int32_t)(64 * w + qi_ctz(rest));
    while (below == 0 && w != 0)
        below = word_at(from->unary + 8 * (size_t)--w, from->end);
    uint64_t all = (uint64_t)(place - (int32_t)(64 * w + qi_width(below)));
    if ((from->excepted[i / 64] >> i % 64 & 1) != 0)
        all += exceeds(from, i);
    all = (all << from->k) + low_of(from, i);
    *value = (uint32_t)all;
    return all <= UINT32_MAX;
}

bool qi_rice_pick_plain(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    *value = from->value;
    if (from->equal)
        return true;
    if (i < from->before)
        from->word = from->before = 0;
    for (;; from->word++) {
        size_t at = 8 * (size_t)from->word;
        if (at >= (size_t)(from->end - from->unary))
            return false;
        uint64_t word = word_at(from->unary + at, from->end);
        unsigned ones = qi_popcount(word);
        if (from->before + ones > i)
            return value_at(from, i, from->word, word, skip_plain(word, i - from->before), value);
        from->before += ones;
    }
}

static bool all_plain(qi_rice_pick *from, const uint32_t *at, unsigned count, uint32_t *values)
{
    bool sound = true;
    for (unsigned i = 0; i < count; i++)
        sound = qi_rice_pick_plain(from, at[i] % QI_BLOCK, &values[i]) && sound;
    return sound;
}

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define FAST __attribute__((target("popcnt,bmi,bmi2")))

FAST static void count_ones(qi_rice_pick *from)
{
    unsigned ones = 0;
    for (unsigned w = 0; w < QI_RICE_PICK_WORDS; w++) {
        size_t at = 8 * (size_t)w, size = (size_t)(from->end - from->unary);
        from->ones[w] = (uint16_t)ones;
        ones += (unsigned)_mm_popcnt_u64(at < size ? word_at(from->unary + at, from->end) : 0);
    }
    from->ones[QI_RICE_PICK_WORDS] = (uint16_t)ones;
    from->counted = true;
}

/* How many words end before the one of a value is found tells which word that is. */
FAST static inline bool pick_fast(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    __m128i ones = _mm_loadu_si128((const __m128i *)(from->ones + 1));
    __m128i before = _mm_cmpgt_epi16(_mm_set1_epi16((int16_t)(i + 1)), ones);
    uint32_t w = (uint32_t)_mm_popcnt_u32((uint32_t)_mm_movemask_epi8(before)) / 2;
    if (w == QI_RICE_PICK_WORDS) {
        from->word = from->word < w ? w : from->word;
        from->before = from->word == w ? from->ones[w] : from->before;
        return qi_rice_pick_plain(from, i, value);
    }
    uint64_t word = word_at(from->unary + 8 * (size_t)w, from->end);
    uint64_t rest = _pdep_u64(~UINT64_C(0) << (i - from->ones[w]), word);
    return value_at(from, i, w, word, rest, value);
}

FAST static bool all_fast(qi_rice_pick *from, const uint32_t *at, unsigned count, uint32_t *values)
{
    bool sound = true;
    if (!from->counted)
        count_ones(from);
    for (unsigned i = 0; i < count; i++)
        sound = pick_fast(from, at[i] % QI_BLOCK, &values[i]) && sound;
    return sound;
}
#else
static bool all_fast(qi_rice_pick *from, const uint32_t *at, unsigned count, uint32_t *values)
{
    return all_plain(from, at, count, values);
}
#endif

bool qi_rice_pick_all(qi_rice_pick *from, const uint32_t *at, unsigned count, uint32_t *values)
{
    for (unsigned i = 0; i < count && from->equal; i++)
        values[i] = from->value;
    if (from->equal)
        return true;
    return qi_rice_bmi2_here() ? all_fast(from, at, count, values)
                               : all_plain(from, at, count, values);
}

bool qi_rice_pick_at(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    uint32_t at = i;
    return qi_rice_pick_all(from, &at, 1, value);
}
