/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

START_TEST(numbers_are_written_low_byte_first)
{
    static const uint8_t wanted[] = {0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x04, 0x0F,
                                     0x0E, 0x0D, 0x0C, 0x0B, 0x0A, 0x09, 0x08, 'x'};
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_buf_u8(&buf, 0x01);
    qi_buf_u16(&buf, 0x0203);
    qi_buf_u32(&buf, 0x04050607);
    qi_buf_u64(&buf, UINT64_C(0x08090A0B0C0D0E0F));
    qi_buf_add(&buf, "x", 1);
    ck_assert_uint_eq(buf.len, sizeof wanted);
    ck_assert_mem_eq(buf.bytes, wanted, sizeof wanted);
    qi_buf_free(&buf);
    ck_assert_uint_eq(buf.len, 0);
}
END_TEST

START_TEST(a_varint_takes_a_byte_for_seven_bits)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    for (unsigned bits = 0; bits <= 64; bits++) {
        uint64_t v = bits == 0 ? 0 : UINT64_MAX >> (64 - bits);
        size_t before = buf.len;
        qi_buf_varint(&buf, v);
        ck_assert_uint_eq(buf.len - before, bits == 0 ? 1 : (bits + 6) / 7);
    }
    ck_assert(!buf.failed);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(alignment_pads_with_zeros)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_buf_align(&buf, 64);
    ck_assert_uint_eq(buf.len, 0);
    qi_buf_u8(&buf, 9);
    qi_buf_align(&buf, 64);
    ck_assert_uint_eq(buf.len, 64);
    for (size_t i = 1; i < 64; i++)
        ck_assert_uint_eq(buf.bytes[i], 0);
    qi_buf_align(&buf, 64);
    ck_assert_uint_eq(buf.len, 64);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(what_was_appended_stays_through_every_growth)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    for (uint32_t i = 0; i < 50000; i++)
        qi_buf_u32(&buf, i);
    ck_assert_uint_eq(buf.len, 200000);
    for (uint32_t i = 0; i < 50000; i++)
        ck_assert_int_eq(buf.bytes[4 * (size_t)i] | buf.bytes[4 * (size_t)i + 1] << 8, i & 0xFFFF);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(nothing_grows_past_the_maximum_and_the_failure_stays)
{
    qi_buf buf;
    qi_buf_init(&buf, 100);
    for (int i = 0; i < 12; i++)
        qi_buf_u64(&buf, 1);
    ck_assert(!buf.failed);
    ck_assert_uint_eq(buf.len, 96);
    qi_buf_u64(&buf, 1);
    ck_assert(buf.failed);
    qi_buf_u8(&buf, 1);
    qi_buf_u16(&buf, 1);
    qi_buf_u32(&buf, 1);
    qi_buf_varint(&buf, 1);
    qi_buf_align(&buf, 64);
    ck_assert_ptr_null(qi_buf_grow(&buf, 1));
    ck_assert_uint_eq(buf.len, 96);
    ck_assert_uint_le(buf.room, 100);
    qi_buf_free(&buf);
    ck_assert(!buf.failed);
    qi_buf_add(&buf, "0123456789", 10);
    ck_assert_uint_eq(buf.len, 10);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(a_length_that_overflows_fails)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_buf_u8(&buf, 1);
    ck_assert_ptr_null(qi_buf_grow(&buf, SIZE_MAX));
    ck_assert(buf.failed);
    ck_assert_uint_eq(buf.len, 1);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(when_the_heap_fails_what_is_there_remains)
{
    for (unsigned long nth = 1; nth < 10; nth++) {
        qi_buf buf;
        qi_buf_init(&buf, 0);
        qi_mem_fail(nth, false);
        for (int i = 0; i < 1000; i++)
            qi_buf_add(&buf, "0123456789", 10);
        qi_mem_fail(0, false);
        ck_assert(buf.failed || nth > 8);
        for (size_t i = 0; i < buf.len; i++)
            ck_assert_int_eq(buf.bytes[i], "0123456789"[i % 10]);
        qi_buf_free(&buf);
    }
}
END_TEST

START_TEST(a_small_room_takes_one_large_append)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_buf_u8(&buf, 1);
    uint8_t *p = qi_buf_grow(&buf, 100000);
    ck_assert_ptr_nonnull(p);
    memset(p, 2, 100000);
    ck_assert_uint_eq(buf.len, 100001);
    qi_buf_add(&buf, NULL, 0);
    ck_assert_uint_eq(buf.len, 100001);
    qi_buf_free(&buf);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.buf");
    TCase *t = tcase_create("buf");
    tcase_add_test(t, numbers_are_written_low_byte_first);
    tcase_add_test(t, a_varint_takes_a_byte_for_seven_bits);
    tcase_add_test(t, alignment_pads_with_zeros);
    tcase_add_test(t, what_was_appended_stays_through_every_growth);
    tcase_add_test(t, nothing_grows_past_the_maximum_and_the_failure_stays);
    tcase_add_test(t, a_length_that_overflows_fails);
    tcase_add_test(t, when_the_heap_fails_what_is_there_remains);
    tcase_add_test(t, a_small_room_takes_one_large_append);
    suite_add_tcase(s, t);
    return s;
}
