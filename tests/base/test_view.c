/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "base/view.h"

START_TEST(numbers_are_read_as_they_were_written)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_buf_u8(&buf, 200);
    qi_buf_u16(&buf, 0xFEDC);
    qi_buf_u32(&buf, 0xFEDCBA98);
    qi_buf_u64(&buf, UINT64_C(0xFEDCBA9876543210));
    qi_buf_varint(&buf, UINT64_MAX);
    qi_view view = qi_view_of(buf.bytes, buf.len);
    ck_assert_uint_eq(qi_view_u8(&view), 200);
    ck_assert_uint_eq(qi_view_u16(&view), 0xFEDC);
    ck_assert_uint_eq(qi_view_u32(&view), 0xFEDCBA98);
    ck_assert_uint_eq(qi_view_u64(&view), UINT64_C(0xFEDCBA9876543210));
    ck_assert_uint_eq(qi_view_varint(&view), UINT64_MAX);
    ck_assert_uint_eq(qi_view_left(&view), 0);
    ck_assert(!view.overrun);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(every_varint_is_read_back)
{
    const char *fixed = getenv("QUIRE_SEED");
    unsigned seed = fixed != NULL ? (unsigned)strtoul(fixed, NULL, 0) : (unsigned)time(NULL);
    printf("QUIRE_SEED=%u\n", seed);
    srand(seed);
    for (int i = 0; i < 20000; i++) {
        uint64_t v = ((uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand());
        v >>= rand() % 64;
        qi_buf buf;
        qi_buf_init(&buf, 0);
        qi_buf_varint(&buf, v);
        qi_view view = qi_view_of(buf.bytes, buf.len);
        ck_assert_uint_eq(qi_view_varint(&view), v);
        ck_assert(!view.overrun);
        for (size_t cut = 0; cut < buf.len; cut++) {
            view = qi_view_of(buf.bytes, cut);
            ck_assert_uint_eq(qi_view_varint(&view), 0);
            ck_assert(view.overrun);
        }
        qi_buf_free(&buf);
    }
}
END_TEST

START_TEST(a_varint_of_more_than_64_bits_is_an_overrun)
{
    static const uint8_t too_large[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02};
    static const uint8_t too_long[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                       0x80, 0x80, 0x80, 0x80, 0x00};
    qi_view view = qi_view_of(too_large, sizeof too_large);
    ck_assert_uint_eq(qi_view_varint(&view), 0);
    ck_assert(view.overrun);
    view = qi_view_of(too_long, sizeof too_long);
    ck_assert_uint_eq(qi_view_varint(&view), 0);
    ck_assert(view.overrun);
}
END_TEST

START_TEST(past_the_end_all_is_zero_and_the_overrun_stays)
{
    static const uint8_t bytes[] = {1, 2, 3};
    qi_view view = qi_view_of(bytes, sizeof bytes);
    ck_assert_uint_eq(qi_view_u32(&view), 0);
    ck_assert(view.overrun);
    ck_assert_uint_eq(qi_view_u8(&view), 0);
    ck_assert_uint_eq(qi_view_u16(&view), 0);
    ck_assert_uint_eq(qi_view_u64(&view), 0);
    ck_assert_uint_eq(qi_view_varint(&view), 0);
    ck_assert_ptr_null(qi_view_take(&view, 0));
    ck_assert_uint_eq(qi_view_left(&view), 0);
}
END_TEST

START_TEST(taking_gives_the_place_and_steps_over_it)
{
    static const uint8_t bytes[] = {1, 2, 3, 4};
    qi_view view = qi_view_of(bytes, sizeof bytes);
    ck_assert_ptr_eq(qi_view_take(&view, 3), bytes);
    ck_assert_ptr_eq(qi_view_take(&view, 0), bytes + 3);
    ck_assert_uint_eq(qi_view_left(&view), 1);
    ck_assert_ptr_null(qi_view_take(&view, SIZE_MAX));
    ck_assert(view.overrun);
}
END_TEST

START_TEST(a_view_of_nothing_is_empty)
{
    qi_view view = qi_view_of(NULL, 0);
    ck_assert_uint_eq(qi_view_left(&view), 0);
    ck_assert_ptr_null(qi_view_take(&view, 0));
    ck_assert(!view.overrun);
    ck_assert_uint_eq(qi_view_u8(&view), 0);
    ck_assert(view.overrun);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.view");
    TCase *t = tcase_create("view");
    tcase_add_test(t, numbers_are_read_as_they_were_written);
    tcase_add_test(t, every_varint_is_read_back);
    tcase_add_test(t, a_varint_of_more_than_64_bits_is_an_overrun);
    tcase_add_test(t, past_the_end_all_is_zero_and_the_overrun_stays);
    tcase_add_test(t, taking_gives_the_place_and_steps_over_it);
    tcase_add_test(t, a_view_of_nothing_is_empty);
    suite_add_tcase(s, t);
    return s;
}
