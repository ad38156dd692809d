/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* The hash is part of the file format, so its values are too: the empty one is published, the other
 * came from libxxhash. */
START_TEST(it_is_xxh3_of_64_bits)
{
    ck_assert_uint_eq(qi_hash("", 0), UINT64_C(0x2D06800538D394C2));
    ck_assert_uint_eq(qi_hash("quire", 5), UINT64_C(0x9BA9C72DBD0AD0EC));
}
END_TEST

START_TEST(pieces_hash_as_their_whole)
{
    static uint8_t bytes[5000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    qi_hash_state *state = qi_hash_new();
    ck_assert_ptr_nonnull(state);
    srand(7);
    for (size_t len = 0; len < sizeof bytes; len += 37) {
        qi_hash_reset(state);
        for (size_t at = 0; at < len;) {
            size_t piece = (size_t)rand() % 400;
            if (piece > len - at)
                piece = len - at;
            qi_hash_add(state, bytes + at, piece);
            at += piece;
        }
        ck_assert_uint_eq(qi_hash_end(state), qi_hash(bytes, len));
        ck_assert_uint_eq(qi_hash_end(state), qi_hash(bytes, len));
    }
    qi_hash_free(state);
    qi_hash_free(NULL);
}
END_TEST

START_TEST(every_bit_counts)
{
    uint8_t bytes[300] = {0};
    uint64_t whole = qi_hash(bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_uint_ne(qi_hash(bytes, sizeof bytes), whole);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
END_TEST

START_TEST(no_memory_is_no_state)
{
    for (unsigned long nth = 1; nth <= 2; nth++) {
        qi_mem_fail(nth, false);
        ck_assert_ptr_null(qi_hash_new());
        qi_mem_fail(0, false);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.hash");
    TCase *t = tcase_create("hash");
    tcase_add_test(t, it_is_xxh3_of_64_bits);
    tcase_add_test(t, pieces_hash_as_their_whole);
    tcase_add_test(t, every_bit_counts);
    tcase_add_test(t, no_memory_is_no_state);
    suite_add_tcase(s, t);
    return s;
}
