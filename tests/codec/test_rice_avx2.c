/* SPDX-License-Identifier: MIT
 * Each step in vectors gives what its description says, one number at a time. Nothing is tested
 * where there are no such vectors. */
#include <check.h>
#include <string.h>

#include "codec/rice.h"
#include "codec/rice_avx2.h"
#include "support/roll.h"

enum { LANES = 8, ROWS = 32, TURNS = 200 };

static void make(uint32_t *values, unsigned width)
{
    for (unsigned i = 0; i < QI_BLOCK; i++)
        values[i] = width == 0 ? 0 : roll32() >> (32 - width) >> (roll(4) == 0 ? roll(width) : 0);
}

START_TEST(low_bits_are_packed_and_unpacked_by_lanes)
{
    roll_seed();
    for (unsigned k = 0; k <= 31 && qi_rice_avx2_here(); k++) {
        uint32_t values[QI_BLOCK], rows[QI_BLOCK];
        uint8_t packed[32 * 32 + 1], naive[32 * 32] = {0};
        uint32_t mask = (UINT32_C(1) << k) - 1;
        make(values, 32);
        packed[32 * k] = 0xA5;
        ck_assert_ptr_eq(qi_rice_avx2_put(packed, values, k), packed + 32 * k);
        ck_assert_uint_eq(packed[32 * k], 0xA5);
        for (unsigned i = 0; i < QI_BLOCK * k; i++) {
            unsigned lane = i / k / ROWS, bit = i / k % ROWS * k + i % k;
            unsigned at = (bit / 32 * LANES + lane) * 32 + bit % 32;
            naive[at / 8] |= (uint8_t)((values[i / k] >> i % k & 1) << at % 8);
        }
        ck_assert(memcmp(packed, naive, 32 * k) == 0);
        qi_rice_avx2_rows(packed, k, rows);
        bool same = true;
        for (unsigned i = 0; i < QI_BLOCK; i++)
            same = same && rows[i % ROWS * LANES + i / ROWS] == (values[i] & mask);
        ck_assert_msg(same, "k = %u", k);
    }
}
END_TEST

START_TEST(zeros_before_ones_are_counted)
{
    roll_seed();
    for (unsigned turn = 0; turn < TURNS && qi_rice_avx2_here(); turn++) {
        uint8_t bits[200 + 8] = {0};
        uint32_t at[QI_RICE_AT];
        size_t size = 1 + roll(200);
        unsigned ones = 0;
        for (size_t i = 0; i < size; i++)
            bits[i] = (uint8_t)(turn % 2 == 0 ? roll(256) : 1u << roll(8));
        for (unsigned n = 1; n <= QI_BLOCK; n += 1 + roll(40)) {
            bool found = qi_rice_avx2_unary(bits, bits + size, n, at), same = true;
            ones = 0;
            for (unsigned i = 0; i < 8 * size && ones < n; i++) {
                if ((bits[i / 8] >> i % 8 & 1) == 0)
                    continue;
                same = same && (!found || at[ones] == i - ones);
                ones++;
            }
            ck_assert(found == (ones == n) && same);
        }
    }
}
END_TEST

START_TEST(values_and_sums_come_in_order)
{
    roll_seed();
    for (unsigned turn = 0; turn < TURNS && qi_rice_avx2_here(); turn++) {
        unsigned k = turn % 32;
        uint32_t rows[QI_BLOCK], room[QI_RICE_AT + 1] = {0}, *at = room + 1;
        uint32_t values[QI_BLOCK], sums[QI_BLOCK], lanes[LANES], expected[LANES] = {0};
        uint32_t before = roll32(), sum = before, zeros = 0;
        make(rows, k);
        for (unsigned i = 0; i < QI_BLOCK; i++)
            at[i] = zeros += roll(20);
        qi_rice_avx2_values(rows, at, k, values);
        qi_rice_avx2_sums(rows, at, k, before, sums, lanes);
        bool same = true;
        for (unsigned i = 0; i < QI_BLOCK; i++) {
            uint32_t low = rows[i % ROWS * LANES + i / ROWS];
            sum += low + 1;
            expected[i / ROWS] += low;
            same = same && values[i] == low + ((at[i] - at[(int)i - 1]) << k) &&
                   sums[i] == sum + (at[i] << k);
        }
        ck_assert_msg(same && memcmp(lanes, expected, sizeof lanes) == 0, "k = %u", k);
    }
}
END_TEST

START_TEST(quotients_are_added_up)
{
    roll_seed();
    for (unsigned turn = 0; turn < TURNS && qi_rice_avx2_here(); turn++) {
        uint32_t values[QI_BLOCK];
        qi_rice_sums expected = {0};
        unsigned k = roll(32);
        make(values, 1 + roll(32));
        for (unsigned i = 0; i < QI_BLOCK; i++) {
            uint32_t q = values[i] >> k;
            expected.kept += q <= 16 ? q : 0;
            expected.far += q > 16;
            expected.longer += q > 127;
            expected.bits |= q;
        }
        qi_rice_sums got = qi_rice_avx2_price(values, k, 16);
        ck_assert(memcmp(&got, &expected, sizeof got) == 0);
    }
}
END_TEST

START_TEST(sums_of_packed_low_bits_are_those_of_their_rows)
{
    roll_seed();
    for (unsigned turn = 0; turn < TURNS && qi_rice_avx2_here(); turn++) {
        unsigned k = turn % 32;
        uint8_t packed[32 * 32];
        uint32_t values[QI_BLOCK], rows[QI_BLOCK], at[QI_BLOCK], lanes[LANES], expected[LANES];
        uint32_t sums[QI_BLOCK], out[QI_BLOCK], before = roll32(), zeros = 0;
        make(values, 32);
        for (unsigned i = 0; i < QI_BLOCK; i++)
            at[i] = zeros += roll(20);
        qi_rice_avx2_put(packed, values, k);
        qi_rice_avx2_rows(packed, k, rows);
        qi_rice_avx2_sums(rows, at, k, before, sums, expected);
        qi_rice_avx2_packed(packed, at, k, before, out, lanes);
        ck_assert_msg(memcmp(out, sums, sizeof out) == 0, "k = %u", k);
        ck_assert_msg(memcmp(lanes, expected, sizeof lanes) == 0, "k = %u", k);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.rice_avx2");
    TCase *t = tcase_create("kernels");
    tcase_add_test(t, low_bits_are_packed_and_unpacked_by_lanes);
    tcase_add_test(t, zeros_before_ones_are_counted);
    tcase_add_test(t, values_and_sums_come_in_order);
    tcase_add_test(t, quotients_are_added_up);
    tcase_add_test(t, sums_of_packed_low_bits_are_those_of_their_rows);
    suite_add_tcase(s, t);
    return s;
}
