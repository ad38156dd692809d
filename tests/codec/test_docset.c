/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "codec/docset.h"
#include "support/roll.h"

START_TEST(a_set_comes_back_with_the_same_members)
{
    roll_seed();
    static const uint32_t sizes[] = {0, 1, 63, 64, 65, 1000, 20000};
    for (unsigned s = 0; s < 7; s++) {
        qi_docset set, again, copy;
        ck_assert_int_eq(qi_docset_init(&set, sizes[s], NULL), QUIRE_OK);
        bool *member = calloc(sizes[s] + 1, 1);
        for (uint32_t i = 0; i < sizes[s] / 3 + (sizes[s] != 0); i++) {
            uint32_t doc = roll(sizes[s]);
            ck_assert_int_eq(qi_docset_add(&set, doc), !member[doc]);
            member[doc] = true;
        }
        qi_buf out;
        qi_buf_init(&out, 0);
        qi_docset_encode(&set, &out);
        qi_view in = qi_view_of(out.bytes, out.len);
        ck_assert_int_eq(qi_docset_decode(&again, &in, sizes[s], "f", NULL), QUIRE_OK);
        ck_assert_uint_eq(qi_view_left(&in), 0);
        ck_assert_int_eq(qi_docset_copy(&copy, &again, NULL), QUIRE_OK);
        uint32_t count = 0;
        bool same = true;
        for (uint32_t d = 0; d < sizes[s]; d++) {
            count += member[d];
            same = same && qi_docset_has(&copy, d) == member[d];
        }
        ck_assert(same);
        ck_assert_uint_eq(copy.count, count);
        free(member);
        qi_buf_free(&out);
        qi_docset_free(&set);
        qi_docset_free(&again);
        qi_docset_free(&copy);
    }
}
END_TEST

static void expect_corrupt(const uint8_t *bytes, size_t len, uint32_t docs, const char *invariant)
{
    qi_docset set;
    quire_error err;
    qi_view in = qi_view_of(bytes, len);
    ck_assert_int_eq(qi_docset_decode(&set, &in, docs, "f", &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_null(set.words);
    ck_assert_ptr_nonnull(strstr(err.message, invariant));
}

START_TEST(damage_names_the_invariant)
{
    uint8_t bytes[24] = {100, 0, 0, 0, 2, 0, 0, 0, 5};
    expect_corrupt(bytes, 24, 99, "S-1");
    expect_corrupt(bytes, 7, 100, "S-1");
    expect_corrupt(bytes, 23, 100, "S-1");
    bytes[4] = 3;
    expect_corrupt(bytes, 24, 100, "S-2");
    bytes[23] = 128;
    expect_corrupt(bytes, 24, 100, "S-3");
}
END_TEST

START_TEST(without_memory_there_is_no_set)
{
    qi_docset set;
    const uint8_t bytes[16] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    qi_view in = qi_view_of(bytes, sizeof bytes);
    qi_mem_fail(1, true);
    quire_status status = qi_docset_decode(&set, &in, 1, "f", NULL);
    qi_mem_fail(0, false);
    ck_assert_int_eq(status, QUIRE_ERR_MEMORY);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.docset");
    TCase *t = tcase_create("docset");
    tcase_add_test(t, a_set_comes_back_with_the_same_members);
    tcase_add_test(t, damage_names_the_invariant);
    tcase_add_test(t, without_memory_there_is_no_set);
    suite_add_tcase(s, t);
    return s;
}
