/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "codec/column.h"
#include "support/roll.h"

enum { MOST = 700 };

/* Encode, move to the very end of a heap block, open, compare. Returns the bytes. */
static size_t comes_back(const int64_t *values, const uint64_t *present, uint32_t count)
{
    qi_buf out;
    qi_buf_init(&out, 0);
    qi_column_encode(&out, values, present, count);
    ck_assert(!out.failed);
    uint8_t *bytes = malloc(out.len);
    memcpy(bytes, out.bytes, out.len);
    qi_view in = qi_view_of(bytes, out.len);
    qi_column column;
    ck_assert_int_eq(qi_column_open(&column, &in, count, "f", NULL), QUIRE_OK);
    ck_assert_uint_eq(qi_view_left(&in), 0);
    bool same = true;
    for (uint32_t i = 0; i < count; i++) {
        bool has = present == NULL || (present[i / 64] >> i % 64 & 1) != 0;
        int64_t got = qi_column_get(&column, i);
        same = same && qi_column_has(&column, i) == has && (!has || got == values[i]);
    }
    ck_assert(same);
    for (size_t len = 0; len < out.len; len++) {
        in = qi_view_of(bytes, len);
        if (qi_column_open(&column, &in, count, "f", NULL) != QUIRE_ERR_CORRUPT)
            ck_abort_msg("cut to %zu bytes", len);
    }
    size_t size = out.len;
    free(bytes);
    qi_buf_free(&out);
    return size;
}

START_TEST(columns_of_every_width_come_back)
{
    roll_seed();
    int64_t values[MOST];
    uint64_t present[MOST / 64 + 1];
    for (unsigned width = 0; width <= 64; width++) {
        for (unsigned turn = 0; turn < 12; turn++) {
            uint32_t count = turn == 0 ? 0 : turn == 1 ? 1 : roll(MOST);
            int64_t base = (int64_t)roll64();
            for (uint32_t i = 0; i < count; i++)
                values[i] = (int64_t)((uint64_t)base + (width == 0 ? 0 : roll64() >> (64 - width)));
            for (uint32_t i = 0; i < MOST / 64 + 1; i++)
                present[i] = turn == 2 ? 0 : turn == 3 ? UINT64_MAX : roll64();
            comes_back(values, turn % 2 == 0 ? present : NULL, count);
        }
    }
}
END_TEST

START_TEST(extreme_values_come_back)
{
    int64_t values[3] = {INT64_MIN, 0, INT64_MAX};
    comes_back(values, NULL, 3);
    values[1] = INT64_MIN;
    values[2] = INT64_MIN;
    comes_back(values, NULL, 3);
}
END_TEST

START_TEST(dates_at_midnight_cost_their_days)
{
    int64_t values[640];
    for (int i = 0; i < 640; i++)
        values[i] = 86400 * (i * 7 % 128 - 3);
    ck_assert_uint_eq(comes_back(values, NULL, 640), 24 + 640 * 7 / 8 + 8);
}
END_TEST

static void expect_corrupt(size_t at, uint8_t byte, const char *invariant)
{
    qi_buf out;
    qi_buf_init(&out, 0);
    int64_t values[4] = {1, 2, 3, 4};
    qi_column_encode(&out, values, NULL, 4);
    out.bytes[at] = byte;
    qi_view in = qi_view_of(out.bytes, out.len);
    qi_column column;
    quire_error err;
    ck_assert_int_eq(qi_column_open(&column, &in, 4, "f", &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, invariant));
    qi_buf_free(&out);
}

START_TEST(damage_names_the_invariant)
{
    expect_corrupt(0, 5, "C-1");
    expect_corrupt(4, 57, "C-2");
    expect_corrupt(4, 65, "C-2");
    expect_corrupt(4, 30, "C-3");
    expect_corrupt(5, 1, "C-3");
    expect_corrupt(5, 2, "C-4");
    expect_corrupt(6, 1, "C-4");
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.column");
    TCase *t = tcase_create("column");
    tcase_add_test(t, columns_of_every_width_come_back);
    tcase_add_test(t, extreme_values_come_back);
    tcase_add_test(t, dates_at_midnight_cost_their_days);
    tcase_add_test(t, damage_names_the_invariant);
    suite_add_tcase(s, t);
    return s;
}
