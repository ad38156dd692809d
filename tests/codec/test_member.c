/* SPDX-License-Identifier: MIT
 * Which numbers stand in a block: both ways of asking against a search one by one, on dense and
 * thin blocks, short ones that repeat their last number, every width and count, and in place. */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "base/bits.h"
#include "codec/member.h"
#include "codec/rice.h"
#include "support/roll.h"

enum { TURNS = 4000 };

static bool stands(const uint32_t *block, uint32_t number)
{
    for (unsigned i = 0; i < QI_BLOCK; i++)
        if (block[i] == number)
            return true;
    return false;
}

/* A block of up to 256 increasing numbers that ends at most at 2^32 - 2, its last one repeated. */
static void make_block(uint32_t *block)
{
    unsigned n = roll(3) == 0 ? 1 + roll(QI_BLOCK) : QI_BLOCK, width = 1 + roll(24);
    uint32_t number = roll(4) == 0 ? UINT32_MAX - 1 - (n << width) : roll(1000000);
    for (unsigned i = 0; i < QI_BLOCK; i++) {
        number += i < n ? 1 + roll32() % (1u << width) : 0;
        block[i] = number;
    }
}

/* Numbers to ask for, increasing: some that stand in the block, and some beside them. */
static uint32_t make_numbers(const uint32_t *block, uint32_t offset, uint32_t *numbers)
{
    uint32_t n = 0, step = 1 + roll(40);
    for (uint32_t i = roll(step); i < QI_BLOCK; i += 1 + roll(step)) {
        uint32_t number = block[i] - (roll(2) == 0 ? roll(3) : 0) - offset;
        if (block[i] >= offset + 2 && (n == 0 || number > numbers[n - 1]))
            numbers[n++] = number;
    }
    return n;
}

START_TEST(those_that_stand_in_the_block_are_kept_in_order)
{
    uint32_t block[QI_BLOCK], numbers[QI_BLOCK], expected[QI_BLOCK], out[QI_BLOCK];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        uint32_t offset = roll(2) == 0 ? 0 : roll(64), want = 0;
        make_block(block);
        uint32_t n = make_numbers(block, offset, numbers);
        for (uint32_t i = 0; i < n; i++)
            if (stands(block, numbers[i] + offset))
                expected[want++] = numbers[i];
        ck_assert_uint_eq(qi_member_keep_scalar(block, offset, numbers, n, out), want);
        ck_assert(memcmp(out, expected, want * sizeof *out) == 0);
        ck_assert_uint_eq(qi_member_keep(block, offset, numbers, n, numbers), want);
        ck_assert(memcmp(numbers, expected, want * sizeof *out) == 0);
    }
}
END_TEST

START_TEST(places_are_of_the_first_number_not_below)
{
    uint32_t block[QI_BLOCK], numbers[QI_BLOCK];
    uint8_t places[QI_BLOCK], scalar[QI_BLOCK];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        make_block(block);
        bool increasing = true; /* a short one goes on, if there are numbers left */
        for (unsigned i = 1; i < QI_BLOCK; i++) {
            block[i] = block[i] > block[i - 1] ? block[i] : block[i - 1] + 1;
            increasing = increasing && block[i] > block[i - 1];
        }
        if (!increasing)
            continue;
        uint32_t n = make_numbers(block, 0, numbers);
        qi_member_places(block, numbers, n, places);
        qi_member_places_scalar(block, numbers, n, scalar);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t at = 0;
            while (block[at] < numbers[i])
                at++;
            ck_assert_uint_eq(places[i], at);
            ck_assert_uint_eq(scalar[i], at);
        }
    }
}
END_TEST

START_TEST(offsets_up_to_a_number_are_counted)
{
    uint8_t offsets[128];
    uint32_t numbers[QI_BLOCK], counts[QI_BLOCK], scalar[QI_BLOCK];
    roll_seed();
    for (unsigned turn = 0; turn < TURNS / 16; turn++) {
        uint32_t base = roll32() >> 1, n = 1 + roll(QI_BLOCK), width = 1 + roll(11), offset = 0;
        for (unsigned d = 0; d < 64; d++) {
            offset += roll(3) == 0 ? 0 : roll(1u << width);
            qi_store16(offsets + 2 * (size_t)d,
                       (uint16_t)(offset < UINT16_MAX ? offset : UINT16_MAX));
        }
        for (uint32_t i = 0; i < n; i++)
            numbers[i] = base + roll(roll(8) == 0 ? 1u << 20 : offset + 2);
        qi_member_counts(offsets, base, numbers, n, counts);
        qi_member_counts_scalar(offsets, base, numbers, n, scalar);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t count = 0;
            for (unsigned d = 0; d < 64; d++)
                count += qi_load16(offsets + 2 * (size_t)d) <= numbers[i] - base;
            ck_assert_uint_eq(counts[i], count);
            ck_assert_uint_eq(scalar[i], count);
        }
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.member");
    TCase *t = tcase_create("kernels");
    tcase_add_test(t, those_that_stand_in_the_block_are_kept_in_order);
    tcase_add_test(t, places_are_of_the_first_number_not_below);
    tcase_add_test(t, offsets_up_to_a_number_are_counted);
    suite_add_tcase(s, t);
    return s;
}
