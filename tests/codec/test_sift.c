/* SPDX-License-Identifier: MIT
 * Frequencies against limits, both ways, and one by one. */
#include <check.h>
#include <string.h>

#include "codec/sift.h"
#include "support/roll.h"

enum { TURNS = 20000 };

START_TEST(frequencies_are_narrowed_to_bytes)
{
    uint32_t freqs[256];
    uint8_t fast[256], scalar[256], want[256];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS / 10; turn++) {
        uint32_t shift = roll(17);
        for (uint32_t i = 0; i < 256; i++)
            freqs[i] = roll(3) == 0 ? roll(INT32_MAX) : roll(300) << roll(10);
        qi_sift_freqs(freqs, shift, fast);
        qi_sift_freqs_scalar(freqs, shift, scalar);
        for (uint32_t i = 0; i < 256; i++)
            want[i] = (uint8_t)(freqs[i] >> shift < 255 ? freqs[i] >> shift : 255);
        ck_assert_mem_eq(fast, want, sizeof want);
        ck_assert_mem_eq(scalar, want, sizeof want);
    }
}
END_TEST

START_TEST(limits_stand_for_growing_frequencies)
{
    for (uint32_t freq = 0; freq < 256; freq++) {
        uint32_t limit = qi_sift_limit(freq);
        uint32_t least = limit < 16 ? limit : (limit - 16) * 16;
        ck_assert_uint_lt(limit, QI_SIFT_LIMITS);
        ck_assert_uint_ge(freq, least);
        ck_assert_uint_lt(freq, limit < 16 ? limit + 1 : least + 16);
    }
}
END_TEST

START_TEST(bits_stay_whose_norm_is_within_the_limit_of_their_frequency)
{
    uint8_t freqs[64 + 8], norms[64], limits[QI_SIFT_LIMITS];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint64_t word = roll64(), want = 0;
        for (uint32_t thin = roll(4); thin > 0; thin--)
            word &= roll64();
        for (uint32_t i = 0; i < sizeof freqs; i++)
            freqs[i] = (uint8_t)(roll(3) == 0 ? roll(256) : roll(20));
        for (uint32_t i = 0; i < 64; i++)
            norms[i] = (uint8_t)roll(256);
        for (uint32_t i = 0; i < QI_SIFT_LIMITS; i++)
            limits[i] = (uint8_t)(roll(4) == 0 ? 255 * roll(2) : roll(256));
        for (uint32_t i = 0, at = 0; i < 64; i++) {
            if ((word >> i & 1) == 0)
                continue;
            uint32_t freq = freqs[at++];
            uint8_t limit = limits[freq < 16 ? freq : 16 + freq / 16];
            want |= (uint64_t)(norms[i] <= limit) << i;
        }
        ck_assert(qi_sift_word(freqs, word, norms, limits) == want);
        ck_assert(qi_sift_word_scalar(freqs, word, norms, limits) == want);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.sift");
    TCase *tc = tcase_create("sift");
    tcase_add_test(tc, frequencies_are_narrowed_to_bytes);
    tcase_add_test(tc, limits_stand_for_growing_frequencies);
    tcase_add_test(tc, bits_stay_whose_norm_is_within_the_limit_of_their_frequency);
    suite_add_tcase(s, tc);
    return s;
}
