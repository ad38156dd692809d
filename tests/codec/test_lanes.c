/* SPDX-License-Identifier: MIT
 * 64 sums at once, both ways, against adding up one by one. */
#include <check.h>
#include <string.h>

#include "codec/lanes.h"
#include "support/roll.h"

enum { TURNS = 20000, WORDS = 40 };

static uint64_t reaching(const uint64_t *words, const uint8_t *amounts, uint32_t count,
                         uint8_t least)
{
    uint64_t out = 0;
    for (unsigned lane = 0; lane < 64; lane++) {
        unsigned sum = 0;
        for (uint32_t i = 0; i < count; i++)
            if ((words[i] & UINT64_C(1) << lane) != 0)
                sum = sum + amounts[i] > 255 ? 255 : sum + amounts[i];
        if (sum >= least)
            out |= UINT64_C(1) << lane;
    }
    return out;
}

START_TEST(a_lane_is_told_if_the_amounts_of_its_bits_reach_the_least)
{
    uint64_t words[WORDS];
    uint8_t amounts[WORDS];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint32_t count = roll(WORDS), width = 1 + roll(255);
        for (uint32_t i = 0; i < count; i++) {
            words[i] = (uint64_t)roll32() << 32 | roll32();
            if (roll(2) == 0)
                words[i] &= (uint64_t)roll32() << 32 | roll32();
            amounts[i] = (uint8_t)roll(width);
        }
        uint8_t least = (uint8_t)roll(256);
        uint64_t want = reaching(words, amounts, count, least);
        ck_assert(qi_lanes_reaching_scalar(words, amounts, count, least) == want);
        ck_assert(qi_lanes_reaching(words, amounts, count, least) == want);
    }
}
END_TEST

START_TEST(amounts_by_bytes_are_added_to_sums)
{
    uint8_t bytes[64];
    float sums[65], want[65];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint32_t count = roll(65);
        float unit = (float)roll(1000) / 255;
        for (uint32_t i = 0; i < 65; i++)
            sums[i] = want[i] = (float)roll(1000) / 7;
        for (uint32_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)roll(256);
        qi_lanes_add(bytes, count, unit, sums);
        qi_lanes_add_scalar(bytes, count, unit, want);
        ck_assert_mem_eq(sums, want, sizeof sums);
    }
}
END_TEST

START_TEST(cleared_sums_are_zeros)
{
    float sums[66], zeros[64] = {0};
    for (uint32_t i = 0; i < 66; i++)
        sums[i] = -1;
    qi_lanes_clear(sums + 1);
    ck_assert_mem_eq(sums + 1, zeros, sizeof zeros);
    ck_assert(sums[0] == -1 && sums[65] == -1);
}
END_TEST

START_TEST(scores_of_a_word_are_the_same_bits_document_by_document)
{
    uint32_t freqs[64 + 8];
    float units[64], sums[64], want[64];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint64_t word = (uint64_t)roll32() << 32 | roll32();
        for (uint32_t thin = roll(4); thin > 0; thin--)
            word &= (uint64_t)roll32() << 32 | roll32();
        for (uint32_t i = 0; i < 64 + 8; i++)
            freqs[i] = 1 + (roll(8) == 0 ? roll(INT32_MAX) : roll(9));
        for (uint32_t i = 0; i < 64; i++) {
            units[i] = (float)roll(1000) / 313;
            sums[i] = want[i] = (float)roll(1000) / 7;
        }
        qi_lanes_scale by = {(float)(1 + roll(1000)) / 77, (float)(1 + roll(100)) / 55, units};
        for (uint32_t i = 0, at = 0; i < 64; i++)
            if ((word >> i & 1) != 0) {
                float x = (float)freqs[at++] * units[i];
                want[i] += by.weight * (x / (by.k1 + x));
            }
        float scalar[64];
        memcpy(scalar, sums, sizeof scalar);
        qi_lanes_score(freqs, word, by, sums);
        qi_lanes_score_scalar(freqs, word, by, scalar);
        ck_assert_mem_eq(sums, want, sizeof sums);
        ck_assert_mem_eq(scalar, want, sizeof scalar);
    }
}
END_TEST

START_TEST(documents_are_bounded_by_the_bytes_of_their_ranges)
{
    uint8_t room[3 + 64], *bytes = room + 3;
    uint32_t docs[256];
    float sums[256], want[256];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS / 10; turn++) {
        uint32_t count = roll(257), ranges = 1 + roll(64);
        float unit = (float)roll(1000) / 255, never = roll(2) == 0 ? 0 : -1e30f;
        for (uint32_t i = 0; i < 3 + 64; i++)
            room[i] = (uint8_t)(roll(3) == 0 ? 0 : roll(256));
        for (uint32_t i = 0; i < 256; i++) {
            docs[i] = roll(64 * ranges);
            sums[i] = want[i] = (float)roll(1000) / 7;
        }
        qi_lanes_bound(bytes, docs, count, unit, never, sums);
        qi_lanes_bound_scalar(bytes, docs, count, unit, never, want);
        ck_assert_mem_eq(sums, want, sizeof sums);
        for (uint32_t i = 0; i < count && never < 0; i++)
            ck_assert((want[i] < 0) == (bytes[docs[i] / 64] == 0));
    }
}
END_TEST

START_TEST(places_of_values_that_reach_are_kept)
{
    float values[256];
    uint8_t places[256 + 8], want[256 + 8];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS / 10; turn++) {
        uint32_t count = roll(257), at = 0;
        float least = (float)roll(10);
        for (uint32_t i = 0; i < count; i++)
            values[i] = roll(10) == 0 ? -1e30f : (float)roll(10);
        uint32_t kept = qi_lanes_keep(values, count, least, places);
        ck_assert_uint_eq(qi_lanes_keep_scalar(values, count, least, want), kept);
        ck_assert_mem_eq(places, want, kept);
        for (uint32_t i = 0; i < count; i++)
            ck_assert(values[i] < least || (at < kept && places[at++] == i));
        ck_assert_uint_eq(at, kept);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.lanes");
    TCase *t = tcase_create("kernels");
    tcase_add_test(t, a_lane_is_told_if_the_amounts_of_its_bits_reach_the_least);
    tcase_add_test(t, amounts_by_bytes_are_added_to_sums);
    tcase_add_test(t, cleared_sums_are_zeros);
    tcase_add_test(t, scores_of_a_word_are_the_same_bits_document_by_document);
    tcase_add_test(t, documents_are_bounded_by_the_bytes_of_their_ranges);
    tcase_add_test(t, places_of_values_that_reach_are_kept);
    suite_add_tcase(s, t);
    return s;
}
