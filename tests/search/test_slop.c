/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "search/slop.h"
#include "support/naive.h"
#include "support/roll.h"

/* Width of the narrowest match of "a b" with b `offset` behind a, for one a and one b. */
static uint32_t two(uint32_t a, uint32_t b, uint32_t offset, uint32_t slop)
{
    qi_slop_word words[2] = {{&a, 1, 0, QI_SLOP_NONE, 0}, {&b, 1, offset, QI_SLOP_NONE, 1}};
    return qi_slop_width(words, 2, slop, 0, NULL);
}

START_TEST(words_in_their_places_have_width_0)
{
    ck_assert_uint_eq(two(5, 6, 1, 0), 0);
    ck_assert_uint_eq(two(5, 8, 3, 0), 0);
}
END_TEST

START_TEST(a_word_in_between_costs_1_and_a_swap_2)
{
    ck_assert_uint_eq(two(5, 7, 1, 1), 1);
    ck_assert_uint_eq(two(5, 7, 1, 0), QI_SLOP_NONE);
    ck_assert_uint_eq(two(6, 5, 1, 2), 2);
    ck_assert_uint_eq(two(6, 5, 1, 1), QI_SLOP_NONE);
}
END_TEST

START_TEST(any_slop_is_taken_without_overflow)
{
    ck_assert_uint_eq(two(0, UINT32_MAX - 1, 1, UINT32_MAX), UINT32_MAX - 2);
    ck_assert_uint_eq(two(UINT32_MAX - 1, 0, 1, UINT32_MAX - 1), QI_SLOP_NONE);
}
END_TEST

START_TEST(equal_words_need_places_of_their_own)
{
    uint32_t at[2] = {4, 9};
    qi_slop_word words[2] = {{at, 1, 0, QI_SLOP_NONE, 0}, {at, 1, 1, QI_SLOP_NONE, 0}};
    ck_assert_uint_eq(qi_slop_width(words, 2, 9, 0, NULL), QI_SLOP_NONE);
    words[0].count = words[1].count = 2;
    ck_assert_uint_eq(qi_slop_width(words, 2, 9, 0, NULL), 4);
    ck_assert_uint_eq(qi_slop_width(words, 2, 9, 1, NULL), 6);
}
END_TEST

START_TEST(a_long_document_of_two_words_costs_no_more_than_it_has)
{
    enum { PLACES = 200000 };
    uint32_t *at[2] = {malloc(PLACES * sizeof **at), malloc(PLACES * sizeof **at)}, far = PLACES;
    for (uint32_t i = 0; i < PLACES; i++) {
        at[0][i] = 2 * i;
        at[1][i] = 2 * i + 1;
    }
    qi_slop_word words[3] = {{at[0], PLACES, 0, QI_SLOP_NONE, 0},
                             {at[1], PLACES, 1, QI_SLOP_NONE, 1},
                             {&far, 1, 2, QI_SLOP_NONE, 2}};
    for (uint32_t i = 0; i < PLACES; i++) {
        uint32_t start = 2 * i, width = start > far - 2 ? start - (far - 2) : far - 2 - start;
        ck_assert_uint_eq(qi_slop_width(words, 3, 1000000, i, NULL), width);
    }
    free(at[0]);
    free(at[1]);
}
END_TEST

/* One random phrase over one random text. */
static void compare_once(void)
{
    enum { WORDS = 5, PLACES = 24 };
    uint32_t room[WORDS][PLACES], ids[WORDS], counts[WORDS] = {0};
    uint32_t *positions[WORDS];
    uint32_t count = 1 + roll(WORDS), kinds = 1 + roll(4), slop = roll(10), offset = 0;
    qi_word phrase[WORDS];
    qi_slop_word words[WORDS];
    uint32_t text[PLACES];
    for (uint32_t i = 0; i < PLACES; i++)
        text[i] = roll(kinds + 2);
    for (uint32_t w = 0; w < count; w++) {
        ids[w] = roll(kinds);
        phrase[w].position = offset;
        offset += 1 + (roll(5) == 0) * roll(3);
        positions[w] = room[w];
        for (uint32_t i = 0; i < PLACES; i++)
            if (text[i] == ids[w])
                room[w][counts[w]++] = i;
        words[w] = (qi_slop_word){room[w], counts[w], phrase[w].position, QI_SLOP_NONE, w};
        for (uint32_t j = 0; j < w; j++) {
            words[w].term = ids[j] == ids[w] && j < words[w].term ? j : words[w].term;
            words[w].same = j != 0 && ids[j] == ids[w] ? j : words[w].same;
        }
    }
    float tf = 0;
    for (uint32_t i = 0; i < counts[0]; i++) {
        uint32_t chosen[WORDS], width = qi_slop_width(words, count, slop, i, chosen);
        if (width == QI_SLOP_NONE)
            continue;
        tf += 1 / (1 + (float)width);
        for (uint32_t w = 0; w < count; w++)
            ck_assert_uint_eq(text[chosen[w]], ids[w]);
    }
    float expected = naive_slop(phrase, count, slop, positions, counts, ids);
    ck_assert(memcmp(&tf, &expected, sizeof tf) == 0);
}

START_TEST(widths_are_those_of_trying_every_choice_of_places)
{
    roll_seed();
    for (int round = 0; round < 20000; round++)
        compare_once();
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.slop");
    TCase *tests = tcase_create("slop");
    tcase_add_test(tests, words_in_their_places_have_width_0);
    tcase_add_test(tests, a_word_in_between_costs_1_and_a_swap_2);
    tcase_add_test(tests, any_slop_is_taken_without_overflow);
    tcase_add_test(tests, equal_words_need_places_of_their_own);
    tcase_add_test(tests, a_long_document_of_two_words_costs_no_more_than_it_has);
    tcase_add_test(tests, widths_are_those_of_trying_every_choice_of_places);
    suite_add_tcase(suite, tests);
    return suite;
}
