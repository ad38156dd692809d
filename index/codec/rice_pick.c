/* SPDX-License-Identifier: MIT
 * The quotient of a value is the distance between two ones of the unary bitmap: words of it are
 * counted up to the one that holds the second, and in that it is selected. */
#include "codec/rice_pick.h"

#include "base/bits.h"
#include "base/view.h"
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
    if (out->equal)
        return open_equal(out, &view, tag);
    if (view.overrun || (tag & ~(QI_RICE_K | QI_RICE_EXCEPTIONS)) != 0)
        return false;
    if ((tag & QI_RICE_EXCEPTIONS) != 0) {
        out->exceptions = qi_rice_exceptions(&view, n, out->k, out->index, out->quotient);
        if (out->exceptions == 0)
            return false;
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

#if defined(__x86_64__) && !defined(QI_NO_SIMD)
#include <immintrin.h>

#define FAST __attribute__((target("popcnt,bmi,bmi2")))

/* Where depositing bits is slow it is done in plain operations. */
static bool is_fast(void)
{
    return __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && !__builtin_cpu_is("znver1") &&
           !__builtin_cpu_is("znver2");
}

FAST static inline uint64_t skip_fast(uint64_t word, unsigned rank)
{
    return _pdep_u64(~UINT64_C(0) << rank, word);
}

FAST static inline unsigned count_fast(uint64_t word)
{
    return (unsigned)_mm_popcnt_u64(word);
}
#endif

static inline uint32_t low_of(const qi_rice_pick *from, unsigned i)
{
    uint32_t k = from->k, mask = (UINT32_C(1) << k) - 1;
    if (k == 0)
        return 0;
    if (from->n != QI_BLOCK)
        return (uint32_t)(word_at(from->low + i * k / 8, from->end) >> i * k % 8) & mask;
    unsigned bit = i % QI_RICE_ROWS * k, lane = i / QI_RICE_ROWS;
    const uint8_t *at = from->low + 4 * (size_t)(bit / 32 * QI_RICE_LANES + lane);
    uint64_t v = qi_load32(at);
    if (bit % 32 + k > 32)
        v |= (uint64_t)qi_load32(at + 4 * QI_RICE_LANES) << 32;
    return (uint32_t)(v >> bit % 32) & mask;
}

/* The value whose quotient ends at the lowest one of `rest`, what is left of word `w`. */
static inline bool value_at(const qi_rice_pick *from, unsigned i, uint64_t word, uint64_t rest,
                            uint32_t *value)
{
    uint32_t w = from->word;
    uint64_t below = word ^ rest; /* ones before it */
    int32_t place = (int32_t)(64 * w + qi_ctz(rest));
    while (below == 0 && w != 0)
        below = word_at(from->unary + 8 * (size_t)--w, from->end);
    uint64_t all = (uint64_t)(place - (int32_t)(64 * w + qi_width(below)));
    for (unsigned e = 0; e < from->exceptions && from->index[e] <= i; e++)
        all += from->index[e] == i ? from->quotient[e] : 0;
    all = (all << from->k) + low_of(from, i);
    *value = (uint32_t)all;
    return all <= UINT32_MAX;
}

/* What both ways share. */
static inline bool pick(qi_rice_pick *from, unsigned i, uint32_t *value,
                        unsigned (*count)(uint64_t), uint64_t (*skip)(uint64_t, unsigned))
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
        unsigned ones = count(word);
        if (from->before + ones > i)
            return value_at(from, i, word, skip(word, i - from->before), value);
        from->before += ones;
    }
}

bool qi_rice_pick_plain(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    return pick(from, i, value, qi_popcount, skip_plain);
}

#ifdef FAST
FAST static bool pick_fast(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    return pick(from, i, value, count_fast, skip_fast);
}

bool qi_rice_pick_at(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    return is_fast() ? pick_fast(from, i, value) : qi_rice_pick_plain(from, i, value);
}
#else
bool qi_rice_pick_at(qi_rice_pick *from, unsigned i, uint32_t *value)
{
    return qi_rice_pick_plain(from, i, value);
}
#endif
