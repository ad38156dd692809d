/* SPDX-License-Identifier: MIT
 * Rice256 against a decoder written from the description of the layout, one bit at a time. */
#include <check.h>
#include <string.h>

#include "base/bits.h"
#include "codec/rice.h"
#include "codec/rice_pick.h"
#include "support/roll.h"

static bool bit_at(const uint8_t *bytes, size_t bit)
{
    return (bytes[bit / 8] >> bit % 8 & 1) != 0;
}

/* The bit of the code that is bit b of value i's low part. */
static size_t low_bit(unsigned n, unsigned k, unsigned i, unsigned b)
{
    if (n < QI_BLOCK)
        return (size_t)i * k + b;
    unsigned lane = i / 32, bit = i % 32 * k + b;
    return ((size_t)(bit / 32) * 8 + lane) * 32 + bit % 32;
}

typedef struct {
    const uint8_t *in;
    size_t len, at;
    bool bad;
} reader;

static uint8_t next(reader *r)
{
    if (r->at == r->len) {
        r->bad = true;
        return 0;
    }
    return r->in[r->at++];
}

static uint64_t next_varint(reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t b = next(r);
        if (r->bad || (shift == 63 && b > 1)) {
            r->bad = true;
            return 0;
        }
        v |= (uint64_t)(b & 127) << shift;
        if (b < 128)
            return v;
    }
}

static bool naive_quotients(reader *r, unsigned n, unsigned k, unsigned __int128 *v)
{
    size_t bit = r->at * 8;
    for (unsigned i = 0; i < n; i++, bit++) {
        for (; bit < r->len * 8 && !bit_at(r->in, bit); bit++)
            v[i] += (uint64_t)1 << k;
        if (bit == r->len * 8)
            return false;
    }
    r->at = (bit + 7) / 8;
    return true;
}

static size_t naive(const uint8_t *in, size_t len, unsigned n, unsigned __int128 *v)
{
    reader r = {in, len < QI_RICE_MAX ? len : QI_RICE_MAX, 0, false};
    uint8_t tag = next(&r);
    unsigned k = tag & 31;
    memset(v, 0, n * sizeof *v);
    if (tag == 128) {
        uint64_t value = next_varint(&r);
        for (unsigned i = 0; i < n; i++)
            v[i] = value;
        return r.bad || value > UINT32_MAX ? 0 : r.at;
    }
    if (r.bad || tag >= 64)
        return 0;
    int last = -1;
    for (unsigned left = (tag & 32) != 0 ? next(&r) + 1u : 0; left > 0 && !r.bad; left--) {
        int index = next(&r);
        uint64_t q = next_varint(&r);
        if (r.bad || index <= last || index >= (int)n)
            return 0;
        v[index] = (unsigned __int128)q << k;
        last = index;
    }
    size_t size = (n * k + 7) / 8;
    if (r.bad || size > r.len - r.at)
        return 0;
    for (unsigned i = 0; i < n * k; i++)
        v[i / k] += (unsigned __int128)bit_at(in + r.at, low_bit(n, k, i / k, i % k)) << i % k;
    r.at += size;
    if (!naive_quotients(&r, n, k, v))
        return 0;
    for (unsigned i = 0; i < n; i++)
        if (v[i] > UINT32_MAX)
            return 0;
    return r.at;
}

/* Values picked in any order are those of the oracle. */
static bool picked(const uint8_t *in, size_t len, unsigned n, const unsigned __int128 *expect)
{
    qi_rice_pick pick;
    uint32_t value;
    bool same = qi_rice_pick_open(&pick, in, len, n);
    unsigned step = 1 + roll32() % 40, back = roll32() % 4;
    for (unsigned i = roll32() % n; i < n && same; i += step) {
        same = qi_rice_pick_at(&pick, i, &value) && value == (uint32_t)expect[i];
        unsigned other = i > back ? i - back : i;
        same = same && qi_rice_pick_plain(&pick, other, &value) && value == (uint32_t)expect[other];
    }
    uint32_t at[QI_BLOCK], values[QI_BLOCK], count = 0;
    for (unsigned i = roll32() % step % n; i < n; i += 1 + roll32() % step)
        at[count++] = QI_BLOCK * (roll32() % 3) + i;
    same = same && qi_rice_pick_all(&pick, at, count, values);
    for (unsigned i = 0; i < count && same; i++)
        same = values[i] == (uint32_t)expect[at[i] % QI_BLOCK];
    return same;
}

/* Of a damaged block any values may be picked, without a read past its end. */
static void pick_all(const uint8_t *in, size_t len, unsigned n)
{
    qi_rice_pick pick;
    uint32_t value;
    if (qi_rice_pick_open(&pick, in, len, n))
        for (unsigned i = 0; i < n; i++)
            if (qi_rice_pick_at(&pick, i, &value))
                qi_rice_pick_plain(&pick, i, &value);
}

/* Both decoders, the picker and the oracle agree on bytes of any kind. The bytes stand at the end
 * of a heap block, so that a sanitizer sees a read past them. */
static size_t agree(const uint8_t *bytes, size_t len, unsigned n, uint32_t before)
{
    unsigned __int128 expect[QI_BLOCK];
    uint32_t got[QI_BLOCK], sums[QI_BLOCK];
    uint8_t *in = malloc(len + (len == 0));
    ck_assert_ptr_nonnull(in);
    memcpy(in, bytes, len);
    size_t size = naive(in, len, n, expect);
    bool same = qi_rice_decode(in, len, n, got) == size;
    uint64_t sum = before == UINT32_MAX ? 0 : (uint64_t)before + 1;
    for (unsigned i = 0; i < n && size != 0; i++) {
        same = same && got[i] == (uint32_t)expect[i];
        sum += (uint64_t)expect[i] + 1;
    }
    same = same && (size == 0 || picked(in, len, n, expect));
    pick_all(in, len, n);
    bool fits = size != 0 && sum <= UINT32_MAX;
    same = same && qi_rice_decode_sums(in, len, n, before, sums) == (fits ? size : 0);
    for (unsigned i = 0; i < n && fits; i++)
        same = same && sums[i] == (before += (uint32_t)expect[i] + 1);
    ck_assert_msg(same, "%u values in %zu bytes", n, len);
    free(in);
    return size;
}

static void make(uint32_t *values, unsigned n, unsigned kind)
{
    unsigned width = roll32() % 33, rare = 1 + roll32() % 60;
    uint32_t mask = width == 32 ? UINT32_MAX : (UINT32_C(1) << width) - 1;
    for (unsigned i = 0; i < n; i++) {
        uint32_t v = roll32() & mask;
        if (kind == 1) /* about geometric */
            v = (uint32_t)((double)mask / (1 + roll32() % 4000));
        if (kind == 2 && roll32() % rare != 0)
            v &= 7;
        if (kind == 3)
            v = mask;
        if (kind == 4) /* any width */
            v = roll32() >> roll32() % 32;
        values[i] = v;
    }
}

START_TEST(every_length_and_distribution_comes_back)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    uint32_t values[QI_BLOCK], got[QI_BLOCK];
    for (unsigned n = 1; n <= QI_BLOCK; n++) {
        for (unsigned kind = 0; kind < 60; kind++) {
            make(values, n, kind % 5);
            out.len = 0;
            qi_rice_encode(&out, values, n);
            ck_assert(!out.failed && out.len <= QI_RICE_MAX);
            ck_assert_uint_eq(agree(out.bytes, out.len, n, roll32() >> roll32() % 32), out.len);
            qi_rice_decode(out.bytes, out.len, n, got);
            ck_assert_mem_eq(got, values, n * sizeof *values);
        }
    }
    qi_buf_free(&out);
}
END_TEST

START_TEST(bytes_after_a_block_do_not_matter)
{
    uint32_t values[QI_BLOCK], got[QI_BLOCK];
    for (unsigned i = 0; i < QI_BLOCK; i++)
        values[i] = i * i % 1009;
    qi_buf out;
    qi_buf_init(&out, 0);
    qi_rice_encode(&out, values, QI_BLOCK);
    size_t size = out.len;
    for (unsigned i = 0; i < 2000; i++)
        qi_buf_u8(&out, 0xFF);
    for (size_t len = size; len <= out.len; len++) {
        ck_assert_uint_eq(qi_rice_decode(out.bytes, len, QI_BLOCK, got), size);
        ck_assert_mem_eq(got, values, sizeof values);
    }
    qi_buf_free(&out);
}
END_TEST

START_TEST(a_block_cut_short_anywhere_is_damaged)
{
    roll_seed();
    static const unsigned lengths[] = {1, 2, 31, 127, 255, 256};
    qi_buf out;
    qi_buf_init(&out, 0);
    uint32_t values[QI_BLOCK];
    for (unsigned kind = 0; kind < 30; kind++) {
        unsigned n = lengths[kind % 6];
        make(values, n, kind % 5);
        out.len = 0;
        qi_rice_encode(&out, values, n);
        for (size_t len = 0; len < out.len; len++)
            ck_assert_uint_eq(agree(out.bytes, len, n, 0), 0);
    }
    qi_buf_free(&out);
}
END_TEST

START_TEST(flipped_bits_and_noise_decode_as_the_oracle_says)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    uint32_t values[QI_BLOCK];
    uint8_t noise[1200];
    for (unsigned turn = 0; turn < 20000; turn++) {
        unsigned n = turn % 3 == 0 ? QI_BLOCK : 1 + roll32() % QI_BLOCK;
        make(values, n, turn % 5);
        out.len = 0;
        qi_rice_encode(&out, values, n);
        for (unsigned flips = 1 + roll32() % 4; flips > 0; flips--)
            out.bytes[roll32() % (turn % 2 == 0 ? 1 + out.len / 8 : out.len)] ^=
                (uint8_t)(1u << roll32() % 8);
        agree(out.bytes, out.len, n, roll32() % 2 == 0 ? UINT32_MAX : roll32());
        size_t len = roll32() % sizeof noise;
        for (size_t i = 0; i < len; i++)
            noise[i] = (uint8_t)(roll64() & roll64());
        agree(noise, len, n, UINT32_MAX);
    }
    qi_buf_free(&out);
}
END_TEST

START_TEST(a_block_is_at_most_one_percent_above_the_best_k)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    uint32_t values[QI_BLOCK];
    size_t all = 0, best_of_all = 0;
    for (unsigned turn = 0; turn < 3000; turn++) {
        unsigned n = 1 + roll32() % QI_BLOCK;
        make(values, n, turn % 5);
        out.len = 0;
        qi_rice_encode(&out, values, n);
        if (out.bytes[0] == 128)
            continue;
        size_t best = SIZE_MAX;
        for (unsigned k = 0; k <= 31; k++) {
            uint64_t bits = n, listed = 0;
            for (unsigned i = 0; i < n; i++) {
                uint32_t q = values[i] >> k;
                listed += q <= 16 ? 0 : 1 + (qi_width(q) + 6) / 7;
                bits += q <= 16 ? q : 0;
            }
            size_t size = 1 + (n * k + 7) / 8 + (bits + 7) / 8 + (listed != 0) + listed;
            best = size < best ? size : best;
        }
        all += out.len;
        best_of_all += best;
    }
    printf("%.3f %% above the best k\n", 100.0 * ((double)all / (double)best_of_all - 1));
    ck_assert(all <= best_of_all + best_of_all / 100);
    qi_buf_free(&out);
}
END_TEST

START_TEST(sums_may_reach_the_last_number_and_no_further)
{
    qi_buf out;
    qi_buf_init(&out, 0);
    uint32_t values[3] = {0, 5, 9}, sums[3];
    qi_rice_encode(&out, values, 3);
    ck_assert_uint_ne(qi_rice_decode_sums(out.bytes, out.len, 3, UINT32_MAX - 1 - 17, sums), 0);
    ck_assert_uint_eq(sums[2], UINT32_MAX - 1);
    ck_assert_uint_eq(qi_rice_decode_sums(out.bytes, out.len, 3, UINT32_MAX - 17, sums), 0);
    ck_assert_uint_ne(qi_rice_decode_sums(out.bytes, out.len, 3, UINT32_MAX, sums), 0);
    ck_assert_uint_eq(sums[0], 0);
    ck_assert_uint_eq(sums[2], 16);
    out.len = 0;
    values[0] = UINT32_MAX;
    qi_rice_encode(&out, values, 1);
    ck_assert_uint_eq(qi_rice_decode_sums(out.bytes, out.len, 1, UINT32_MAX, sums), 0);
    out.len = 0;
    values[0] = UINT32_MAX - 1;
    qi_rice_encode(&out, values, 1);
    ck_assert_uint_ne(qi_rice_decode_sums(out.bytes, out.len, 1, UINT32_MAX, sums), 0);
    ck_assert_uint_eq(sums[0], UINT32_MAX - 1);
    qi_buf_free(&out);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.rice");
    TCase *t = tcase_create("rice");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_length_and_distribution_comes_back);
    tcase_add_test(t, bytes_after_a_block_do_not_matter);
    tcase_add_test(t, a_block_cut_short_anywhere_is_damaged);
    tcase_add_test(t, flipped_bits_and_noise_decode_as_the_oracle_says);
    tcase_add_test(t, a_block_is_at_most_one_percent_above_the_best_k);
    tcase_add_test(t, sums_may_reach_the_last_number_and_no_further);
    suite_add_tcase(s, t);
    return s;
}
