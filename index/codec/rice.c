/* SPDX-License-Identifier: MIT
 * Rice256; what is done in vectors elsewhere has its definition here. The low bits of a full block
 * stand in 8 lanes of 32 consecutive values, so that one vector register holds the same row of all
 * lanes; those of a shorter block stand one after the other. The i-th one of the unary bitmap is at
 * bit i + (sum of the quotients up to i), so sums of gaps come from positions of ones, without a
 * quotient ever being formed. A quotient too long for the bitmap is an exception: 0 there, and
 * listed beside it.
 *
 *   tag: bits 0-4 k, bit 5 exceptions follow, bit 7 all values are equal and one varint follows
 *
 * The decoder sees at most QI_RICE_MAX bytes, and those near the end of the input in a padded copy:
 * loads of 8 bytes need no check of their own. */
#include "codec/rice.h"

#include <assert.h>
#include <string.h>

#include "base/bits.h"
#include "base/view.h"
#include "codec/rice_avx2.h"
#include "codec/rice_form.h"

enum {
    LANES = QI_RICE_LANES,
    ROWS = QI_RICE_ROWS,
    TAG_K = QI_RICE_K,
    TAG_EXCEPTIONS = QI_RICE_EXCEPTIONS,
    TAG_EQUAL = QI_RICE_EQUAL,
    LONGEST_UNARY = 16, /* beyond it, an exception is shorter */
    SAMPLE = 32,
    FAST_K = 27, /* 32 values of as many bits come to less than 2^32 */
    PAD = 8      /* bytes that a load may reach past the block */
};

/* The price of one k, and the form that reaches it. */
typedef struct {
    size_t bytes;
    unsigned k;
    unsigned exceptions;
    uint32_t unary_bits;
} plan;

static uint32_t low_mask(unsigned k)
{
    return (UINT32_C(1) << k) - 1;
}

static size_t low_size(unsigned n, unsigned k)
{
    return (n * k + 7) / 8;
}

static uint8_t *put_varint(uint8_t *at, uint32_t v)
{
    for (; v >= 0x80; v >>= 7)
        *at++ = (uint8_t)(v | 0x80);
    *at++ = (uint8_t)v;
    return at;
}

/* What quotients come to: sum of those that fit the bitmap, number of the others, bits of the
 * largest. */
static qi_rice_sums add_quotients(const uint32_t *values, unsigned n, unsigned k)
{
    qi_rice_sums sums = {0};
    for (unsigned i = 0; i < n; i++) {
        uint32_t q = values[i] >> k;
        sums.kept += q > LONGEST_UNARY ? 0 : q;
        sums.far += q > LONGEST_UNARY;
        sums.longer += q > 127;
        sums.bits |= q;
    }
    return sums;
}

static plan price(const uint32_t *values, unsigned n, unsigned k, bool vectors)
{
    qi_rice_sums sums = vectors && n == QI_BLOCK ? qi_rice_avx2_price(values, k, LONGEST_UNARY)
                                                 : add_quotients(values, n, k);
    plan p = {.k = k, .exceptions = sums.far, .unary_bits = n + sums.kept};
    p.bytes = 1 + low_size(n, k) + (p.unary_bits + 7) / 8 + (sums.far != 0) + 2 * (size_t)sums.far;
    p.bytes += sums.longer;
    for (unsigned i = 0; i < n && sums.bits >> 14 != 0; i++)
        p.bytes += values[i] >> k >> 14 == 0 ? 0 : (qi_width(values[i] >> k) - 1) / 7 - 1;
    /* One or two quotients little above the limit may be cheaper in the bitmap than the list's own
     * byte. */
    if (sums.far == 0 || sums.far > 2 || sums.bits > 127)
        return p;
    uint32_t all = n;
    for (unsigned i = 0; i < n; i++)
        all += values[i] >> k;
    size_t whole = 1 + low_size(n, k) + (all + 7) / 8;
    return whole > p.bytes ? p : (plan){.bytes = whole, .k = k, .unary_bits = all};
}

/* The cheapest k, walking from a guess while the price falls. The guess is the mean width of a few
 * values, which large ones among them do not move much. */
static plan choose(const uint32_t *values, unsigned n, bool vectors)
{
    unsigned widths = 0, seen = 0, step = (n + SAMPLE - 1) / SAMPLE;
    for (unsigned i = 0; i < n; i += step, seen++)
        widths += qi_width(values[i]);
    unsigned k = widths / seen;
    plan best = price(values, n, k > TAG_K ? TAG_K : k, vectors);
    for (int way = -1; way <= 1; way += 2) {
        for (int next = (int)best.k + way; next >= 0 && next <= TAG_K; next += way) {
            plan p = price(values, n, (unsigned)next, vectors);
            if (p.bytes >= best.bytes)
                break;
            best = p;
        }
    }
    return best;
}

static uint8_t *put_exceptions(uint8_t *at, const uint32_t *values, unsigned n, const plan *p)
{
    *at++ = (uint8_t)(p->exceptions - 1);
    for (unsigned i = 0; i < n; i++) {
        uint32_t q = values[i] >> p->k;
        if (q <= LONGEST_UNARY)
            continue;
        *at++ = (uint8_t)i;
        at = put_varint(at, q);
    }
    return at;
}

/* Row after row of 8 lanes; the same shift serves a whole row. */
static uint8_t *put_lanes(uint8_t *at, const uint32_t *values, unsigned k)
{
    uint32_t word[LANES] = {0}, mask = low_mask(k);
    unsigned fill = 0;
    for (unsigned row = 0; row < ROWS && k != 0; row++) {
        uint32_t low[LANES];
        for (unsigned lane = 0; lane < LANES; lane++) {
            low[lane] = values[lane * ROWS + row] & mask;
            word[lane] |= low[lane] << fill;
        }
        fill += k;
        if (fill < 32)
            continue;
        fill -= 32;
        for (unsigned lane = 0; lane < LANES; lane++) {
            qi_store32(at + 4 * lane, word[lane]);
            word[lane] = low[lane] >> (k - fill);
        }
        at += 4 * LANES;
    }
    return at;
}

static uint8_t *put_in_a_row(uint8_t *at, const uint32_t *values, unsigned n, unsigned k)
{
    uint64_t word = 0;
    unsigned fill = 0;
    for (unsigned i = 0; i < n; i++) {
        word |= (uint64_t)(values[i] & low_mask(k)) << fill;
        for (fill += k; fill >= 8; fill -= 8, word >>= 8)
            *at++ = (uint8_t)word;
    }
    if (fill != 0)
        *at++ = (uint8_t)word;
    return at;
}

/* The bitmap, a word at a time; the last one is written up to its last byte. */
static uint8_t *put_unary(uint8_t *at, const uint32_t *values, unsigned n, const plan *p)
{
    uint32_t limit = p->exceptions != 0 ? LONGEST_UNARY : UINT32_MAX;
    uint64_t word = 0, bit = 0;
    for (unsigned i = 0; i < n; i++, bit++) {
        uint32_t q = values[i] >> p->k;
        bit += q > limit ? 0 : q;
        for (; bit >= 64; bit -= 64, word = 0, at += 8)
            qi_store64(at, word);
        word |= UINT64_C(1) << bit;
    }
    for (unsigned left = (unsigned)(bit + 7) / 8; left > 0; left--, word >>= 8)
        *at++ = (uint8_t)word;
    return at;
}

static bool all_equal(const uint32_t *values, unsigned n)
{
    unsigned i = 1;
    while (i < n && values[i] == values[0])
        i++;
    return i == n;
}

void qi_rice_encode(qi_buf *out, const uint32_t *values, unsigned n)
{
    assert(n >= 1 && n <= QI_BLOCK);
    if (all_equal(values, n)) {
        qi_buf_u8(out, TAG_EQUAL);
        qi_buf_varint(out, values[0]);
        return;
    }
    bool vectors = qi_rice_avx2_here();
    plan p = choose(values, n, vectors);
    uint8_t *start = qi_buf_grow(out, p.bytes), *at = start;
    if (start == NULL)
        return;
    *at++ = (uint8_t)(p.k | (p.exceptions != 0 ? TAG_EXCEPTIONS : 0));
    if (p.exceptions != 0)
        at = put_exceptions(at, values, n, &p);
    if (n != QI_BLOCK)
        at = put_in_a_row(at, values, n, p.k);
    else
        at = vectors ? qi_rice_avx2_put(at, values, p.k) : put_lanes(at, values, p.k);
    at = put_unary(at, values, n, &p);
    assert((size_t)(at - start) == p.bytes);
}

/* A block taken apart, its parts not yet decoded. */
typedef struct {
    unsigned n, k;
    unsigned exceptions;
    const uint8_t *start, *low, *unary, *end;
    uint8_t index[QI_BLOCK];
    uint32_t quotient[QI_BLOCK];
    uint8_t copy[QI_RICE_MAX + PAD];
} parts;

/* Find the parts of a block that is not all of one value. */
static bool take_apart(parts *p, const uint8_t *in, size_t len, unsigned n)
{
    if (len < QI_RICE_MAX + PAD) {
        size_t kept = len < QI_RICE_MAX ? len : QI_RICE_MAX;
        memcpy(p->copy, in, kept);
        memset(p->copy + kept, 0, PAD);
        in = p->copy;
        len = kept;
    }
    qi_view view = qi_view_of(in, len < QI_RICE_MAX ? len : QI_RICE_MAX);
    uint8_t tag = qi_view_u8(&view);
    p->n = n;
    p->k = tag & TAG_K;
    p->exceptions = 0;
    p->start = in;
    p->end = view.end;
    if (view.overrun || (tag & ~(TAG_K | TAG_EXCEPTIONS)) != 0)
        return false;
    if ((tag & TAG_EXCEPTIONS) != 0) {
        p->exceptions = qi_rice_exceptions(&view, p->n, p->k, p->index, p->quotient);
        if (p->exceptions == 0)
            return false;
    }
    p->low = qi_view_take(&view, low_size(n, p->k));
    p->unary = view.at;
    return !view.overrun;
}

static void get_lanes(const uint8_t *in, unsigned k, uint32_t *values)
{
    uint32_t words[(TAG_K + 1) * LANES];
    for (unsigned i = 0; i < k * LANES; i++)
        words[i] = qi_load32(in + 4 * i);
    memset(words + k * LANES, 0, sizeof(uint32_t) * LANES);
    for (unsigned row = 0; row < ROWS; row++) {
        const uint32_t *word = words + row * k / 32 * LANES;
        unsigned shift = row * k % 32;
        for (unsigned lane = 0; lane < LANES; lane++) {
            uint32_t v = word[lane] >> shift | word[lane + LANES] << 1 << (31 - shift);
            values[lane * ROWS + row] = v & low_mask(k);
        }
    }
}

static void get_low(const parts *p, uint32_t *values)
{
    unsigned n = p->n, k = p->k, bit = 0;
    const uint8_t *low = p->low;
    uint32_t mask = low_mask(k);
    if (k == 0)
        memset(values, 0, n * sizeof *values);
    else if (n == QI_BLOCK)
        get_lanes(low, k, values);
    else
        for (unsigned i = 0; i < n; i++, bit += k)
            values[i] = (uint32_t)(qi_load64(low + bit / 8) >> bit % 8) & mask;
}

static bool find_ones(const parts *p, uint32_t *at)
{
    unsigned i = 0, base = 0;
    for (const uint8_t *in = p->unary; in < p->end && i < p->n; in += 8, base += 64)
        for (uint64_t word = qi_load64(in); word != 0 && i < p->n; i++, word &= word - 1)
            at[i] = base + qi_ctz(word) - i;
    return i == p->n;
}

/* Sums of quotients: at[i] = zeros before the i-th one of the bitmap. Gives the size of the block,
 * or 0. */
static size_t get_unary(const parts *p, bool vectors, uint32_t *at)
{
    if (vectors ? !qi_rice_avx2_unary(p->unary, p->end, p->n, at) : !find_ones(p, at))
        return 0;
    size_t size = (size_t)(p->unary - p->start) + (at[p->n - 1] + p->n - 1) / 8 + 1;
    return size <= (size_t)(p->end - p->start) ? size : 0;
}

/* A block of one value. */
static size_t read_equal(const uint8_t *in, size_t len, uint32_t *value)
{
    qi_view view = qi_view_of(in, len);
    uint8_t tag = qi_view_u8(&view);
    uint64_t v = qi_view_varint(&view);
    *value = (uint32_t)v;
    return view.overrun || tag != TAG_EQUAL || v > UINT32_MAX ? 0 : (size_t)(view.at - in);
}

/* Low bits and quotients of the bitmap. Returns a number above UINT32_MAX if a value is. */
static uint64_t join(const parts *p, const uint32_t *at, uint32_t *values)
{
    uint64_t all = 0;
    uint32_t before = 0;
    get_low(p, values);
    for (unsigned i = 0; i < p->n; before = at[i++]) {
        uint64_t high = (uint64_t)(at[i] - before) << p->k;
        values[i] |= (uint32_t)high;
        all |= high;
    }
    return all;
}

size_t qi_rice_decode(const uint8_t *in, size_t len, unsigned n, uint32_t *values)
{
    assert(n >= 1 && n <= QI_BLOCK);
    if (len != 0 && (in[0] & TAG_EQUAL) != 0) {
        size_t size = read_equal(in, len, &values[0]);
        for (unsigned i = 1; i < n; i++)
            values[i] = values[0];
        return size;
    }
    parts p;
    uint32_t room[1 + QI_RICE_AT], *at = room + 1;
    bool vectors = qi_rice_avx2_here();
    size_t size = take_apart(&p, in, len, n) ? get_unary(&p, vectors, at) : 0;
    if (size == 0)
        return 0;
    uint64_t all = (uint64_t)at[n - 1] << p.k;
    if (vectors && n == QI_BLOCK && all <= UINT32_MAX) {
        uint32_t rows[QI_BLOCK];
        room[0] = 0;
        qi_rice_avx2_rows(p.low, p.k, rows);
        qi_rice_avx2_values(rows, at, p.k, values);
    } else {
        all = join(&p, at, values);
    }
    for (unsigned i = 0; i < p.exceptions; i++) {
        uint64_t v = values[p.index[i]] + ((uint64_t)p.quotient[i] << p.k);
        values[p.index[i]] = (uint32_t)v;
        all |= v;
    }
    return all > UINT32_MAX ? 0 : size;
}

/* Is the last sum a number below UINT32_MAX? `before` + 1 is 0 where there is none. */
static bool sums_fit(uint32_t before, uint64_t total)
{
    return (uint64_t)(before + 1u) + total <= UINT32_MAX;
}

static size_t sum_equal(const uint8_t *in, size_t len, unsigned n, uint32_t before, uint32_t *out)
{
    uint32_t value;
    size_t size = read_equal(in, len, &value);
    if (size == 0 || !sums_fit(before, n * ((uint64_t)value + 1)))
        return 0;
    for (unsigned i = 0; i < n; i++)
        out[i] = before + (i + 1) * (value + 1);
    return size;
}

/* Sums modulo 2^32. Returns what they come to without the modulus: it says whether one went past
 * it. */
static uint64_t add_up(const parts *p, const uint32_t *at, uint32_t before, uint32_t *out)
{
    get_low(p, out);
    for (unsigned i = 0; i < p->exceptions; i++)
        out[p->index[i]] += p->quotient[i] << p->k;
    unsigned n = p->n, k = p->k;
    uint64_t total = n + ((uint64_t)at[n - 1] << k);
    for (unsigned i = 0; i < n; i++) {
        total += out[i];
        before += out[i] + 1;
        out[i] = before + (at[i] << k);
    }
    return total;
}

/* The same of a full block, whose lanes come to less than 2^32 each before exceptions are added. */
static uint64_t add_up_fast(const parts *p, const uint32_t *at, uint32_t before, uint32_t *out)
{
    uint32_t rows[QI_BLOCK], lanes[LANES], added[LANES] = {0};
    uint64_t total = QI_BLOCK + ((uint64_t)at[QI_BLOCK - 1] << p->k);
    if (p->exceptions == 0)
        qi_rice_avx2_packed(p->low, at, p->k, before, out, lanes);
    else
        qi_rice_avx2_rows(p->low, p->k, rows);
    for (unsigned i = 0; i < p->exceptions; i++) {
        unsigned lane = p->index[i] / ROWS, row = p->index[i] % ROWS;
        uint32_t high = p->quotient[i] << p->k;
        rows[LANES * row + lane] += high;
        added[lane] += high;
        total += high;
    }
    if (p->exceptions != 0)
        qi_rice_avx2_sums(rows, at, p->k, before, out, lanes);
    for (unsigned l = 0; l < LANES; l++)
        total += (uint32_t)(lanes[l] - added[l]);
    return total;
}

size_t qi_rice_decode_sums(const uint8_t *in, size_t len, unsigned n, uint32_t before,
                           uint32_t *out)
{
    assert(n >= 1 && n <= QI_BLOCK);
    if (len != 0 && (in[0] & TAG_EQUAL) != 0)
        return sum_equal(in, len, n, before, out);
    parts p;
    uint32_t at[QI_RICE_AT];
    bool vectors = qi_rice_avx2_here();
    size_t size = take_apart(&p, in, len, n) ? get_unary(&p, vectors, at) : 0;
    if (size == 0)
        return 0;
    bool fast = vectors && n == QI_BLOCK && p.k <= FAST_K;
    uint64_t total = fast ? add_up_fast(&p, at, before, out) : add_up(&p, at, before, out);
    return sums_fit(before, total) ? size : 0;
}
