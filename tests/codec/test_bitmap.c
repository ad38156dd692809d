/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

#include "base/bits.h"
#include "codec/bitmap.h"
#include "support/roll.h"

enum { WORDS = 37, ROUNDS = 2000 };

static uint64_t words[WORDS];
static uint8_t bitmap[8 * WORDS];

static void fill(void)
{
    for (int w = 0; w < WORDS; w++) {
        words[w] = (uint64_t)roll32() << 32 | roll32();
        qi_store64(bitmap + 8 * w, words[w] & ((uint64_t)roll32() << 32 | roll32()));
    }
}

START_TEST(bits_are_counted_as_one_by_one)
{
    for (int round = 0; round < ROUNDS; round++) {
        fill();
        size_t count = roll(WORDS + 1);
        uint64_t expected = 0;
        for (size_t w = 0; w < count; w++)
            for (int i = 0; i < 64; i++)
                expected += words[w] >> i & 1;
        ck_assert_uint_eq(qi_bitmap_count(words, count), expected);
        uint64_t without[WORDS];
        for (size_t w = expected = 0; w < count; w++) {
            without[w] = (uint64_t)roll32() << 32 | roll32();
            for (int i = 0; i < 64; i++)
                expected += qi_load64(bitmap + 8 * w) >> i & ~without[w] >> i & 1;
        }
        ck_assert_uint_eq(qi_bitmap_count_without(bitmap, without, count), expected);
    }
}
END_TEST

START_TEST(numbers_among_the_bits_are_counted)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t numbers[256], n = roll(257), expected = 0;
        fill();
        for (uint32_t i = 0; i < n; i++) {
            numbers[i] = roll(64 * WORDS);
            expected += (uint32_t)(words[numbers[i] / 64] >> numbers[i] % 64 & 1);
        }
        ck_assert_uint_eq(qi_bitmap_count_among(words, numbers, n), expected);
        ck_assert_uint_eq(qi_bitmap_count_among_scalar(words, numbers, n), expected);
    }
}
END_TEST

START_TEST(bits_between_two_places_are_counted)
{
    for (int round = 0; round < ROUNDS; round++) {
        fill();
        uint32_t from = roll(64 * WORDS), to = roll(64 * WORDS + 1), expected = 0;
        for (uint32_t i = from; i < to; i++)
            expected += bitmap[i / 8] >> i % 8 & 1;
        ck_assert_uint_eq(qi_bitmap_between(bitmap, from, to), expected);
    }
}
END_TEST

START_TEST(a_bit_is_numbered_by_the_ones_before_it)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t ranks[WORDS], numbers[64], before = roll32(), expected = before, count = 0;
        uint16_t bits[64];
        fill();
        qi_bitmap_ranks(words, WORDS, before, ranks);
        for (uint32_t bit = roll(100); bit < 64 * WORDS && count < 64; bit += 1 + roll(100))
            bits[count++] = (uint16_t)bit;
        qi_bitmap_rank(words, ranks, bits, count, numbers);
        for (uint32_t bit = 0, i = 0; bit < 64 * WORDS && i < count; bit++) {
            if (bit == bits[i])
                ck_assert_uint_eq(numbers[i++], expected);
            expected += words[bit / 64] >> bit % 64 & 1;
        }
    }
}
END_TEST

START_TEST(words_are_combined_with_a_bitmap)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t either[WORDS], both[WORDS], without[WORDS];
        size_t count = roll(WORDS + 1);
        fill();
        for (int w = 0; w < WORDS; w++)
            either[w] = both[w] = without[w] = words[w];
        qi_bitmap_or(either, bitmap, count);
        qi_bitmap_and(both, bitmap, count);
        qi_bitmap_and_not(without, bitmap, count);
        for (size_t w = 0; w < WORDS; w++) {
            uint64_t b = qi_load64(bitmap + 8 * w);
            ck_assert_uint_eq(either[w], w < count ? words[w] | b : words[w]);
            ck_assert_uint_eq(both[w], w < count ? words[w] & b : words[w]);
            ck_assert_uint_eq(without[w], w < count ? words[w] & ~b : words[w]);
        }
    }
}
END_TEST

START_TEST(values_that_reach_are_told_by_bits)
{
    for (int round = 0; round < ROUNDS; round++) {
        float values[64], least = (float)roll(8);
        for (int i = 0; i < 64; i++)
            values[i] = (float)roll(8);
        uint64_t bits = qi_bitmap_reaching(values, least);
        ck_assert(bits == qi_bitmap_reaching_scalar(values, least));
        for (int i = 0; i < 64; i++)
            ck_assert((bits >> i & 1) == (values[i] >= least));
    }
}
END_TEST

START_TEST(words_are_narrowed_by_others)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t these[64], twin[64], by[64];
        bool wanted = roll(2) != 0;
        for (int w = 0; w < 64; w++) {
            these[w] = twin[w] = UINT64_C(1) << roll(64) | UINT64_C(1) << roll(64);
            by[w] = (roll(2) == 0 ? these[w] : ~these[w]) ^ UINT64_C(1) << roll(64);
        }
        uint64_t some = qi_bitmap_narrow(these, by, wanted);
        ck_assert(some == qi_bitmap_narrow_scalar(twin, by, wanted));
        for (int w = 0; w < 64; w++) {
            ck_assert_uint_eq(these[w], twin[w]);
            ck_assert((some >> w & 1) == (these[w] != 0));
        }
    }
}
END_TEST

START_TEST(bits_of_increasing_numbers_are_set)
{
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t these[64], twin[64];
        uint32_t numbers[256], count = 0, base = 64 * (uint32_t)roll(1000);
        uint32_t gap = 1 + (uint32_t)roll(40);
        for (int w = 0; w < 64; w++)
            these[w] = twin[w] = roll(2);
        for (uint32_t bit = (uint32_t)roll(4096); bit < 4096 && count < 256;)
            numbers[count++] = base + bit, bit += 1 + (uint32_t)roll(gap);
        qi_bitmap_set(these, numbers, count, base);
        qi_bitmap_set_scalar(twin, numbers, count, base);
        for (int w = 0; w < 64; w++)
            ck_assert_uint_eq(these[w], twin[w]);
        for (uint32_t i = 0; i < count; i++)
            ck_assert((these[(numbers[i] - base) / 64] >> numbers[i] % 64 & 1) != 0);
    }
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *s = suite_create("codec.bitmap");
    TCase *t = tcase_create("bitmap");
    tcase_add_test(t, bits_are_counted_as_one_by_one);
    tcase_add_test(t, numbers_among_the_bits_are_counted);
    tcase_add_test(t, bits_between_two_places_are_counted);
    tcase_add_test(t, a_bit_is_numbered_by_the_ones_before_it);
    tcase_add_test(t, words_are_combined_with_a_bitmap);
    tcase_add_test(t, values_that_reach_are_told_by_bits);
    tcase_add_test(t, words_are_narrowed_by_others);
    tcase_add_test(t, bits_of_increasing_numbers_are_set);
    suite_add_tcase(s, t);
    return s;
}
