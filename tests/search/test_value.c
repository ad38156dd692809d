/* SPDX-License-Identifier: MIT */
#include "search/value.h"

#include <check.h>
#include <string.h>
#include <time.h>

#include "support/roll.h"

static qi_buf text;

static void begin(void)
{
    qi_buf_init(&text, 0);
}

static void end(void)
{
    qi_buf_free(&text);
}

static bool date(const char *s, int64_t *low, int64_t *high)
{
    qi_value_span span = {0, 0};
    bool fine = qi_value_date(quire_cstr(s), &span);
    *low = span.low;
    *high = span.high;
    return fine;
}

START_TEST(every_day_of_ten_thousand_years_is_what_the_system_says)
{
    char day[16];
    int64_t low, high, seconds = -62167219200;
    for (int n = 0; n < 3652425; n++, seconds += 86400) {
        if (n % 29 != 0 && n < 3652000 && n > 500)
            continue;
        time_t t = (time_t)seconds;
        struct tm tm;
        gmtime_r(&t, &tm);
        snprintf(day, sizeof day, "%04u-%02u-%02u", (unsigned)(tm.tm_year + 1900) % 10000,
                 (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100);
        ck_assert_msg(date(day, &low, &high), "%s", day);
        ck_assert_msg(low == seconds && high == seconds + 86399, "%s", day);
    }
}
END_TEST

START_TEST(a_date_prints_as_what_reads_back)
{
    roll_seed();
    for (int i = 0; i < 20000; i++) {
        qi_value_span span, read;
        int64_t range = roll(2) == 0 ? 400000000000 : INT64_MAX / 2;
        span.low = (int64_t)(roll64() % (uint64_t)range) - range / 3;
        span.high = span.low + (roll(2) == 0 ? 0 : (int64_t)roll(100000000));
        text.len = 0;
        qi_value_print_date(&text, span);
        quire_str printed = {(const char *)text.bytes, text.len};
        if (text.bytes[0] != '[') {
            ck_assert(qi_value_date(printed, &read));
            ck_assert(read.low == span.low && read.high == span.high);
            continue;
        }
        size_t low = strcspn(printed.ptr + 1, " ");
        ck_assert(qi_value_date((quire_str){printed.ptr + 1, low}, &read) && read.low == span.low);
        quire_str last = {printed.ptr + low + 5, printed.len - low - 6};
        ck_assert(qi_value_date(last, &read) && read.high == span.high);
    }
}
END_TEST

START_TEST(times_have_offsets_and_fractions)
{
    int64_t low, high;
    ck_assert(date("1970-01-01T00:00:01Z", &low, &high) && low == 1 && high == 1);
    ck_assert(date("1970-01-01 00:01", &low, &high) && low == 60 && high == 119);
    ck_assert(date("1970-01-01t01:00:00.250+01:00", &low, &high) && low == 0 && high == 0);
    ck_assert(date("1970-01-01T00:00-0130", &low, &high) && low == 5400);
    ck_assert(date("1970-01-01T00:00:00+01", &low, &high) && low == -3600);
    ck_assert(date("1234567890", &low, &high) && low == 1234567890);
    ck_assert(date("-1", &low, &high) && low == -1 && high == -1);
}
END_TEST

START_TEST(what_is_no_date_is_refused)
{
    static const char *const WRONG[] = {"",
                                        "2024-",
                                        "2024-13",
                                        "2024-00",
                                        "2024-1",
                                        "2024-02-30",
                                        "2023-02-29",
                                        "2024-01-01T",
                                        "2024-01-01T1",
                                        "2024-01-01T10",
                                        "2024-01-01T10:60",
                                        "2024-01-01T24:00",
                                        "2024-01-01T10:00:",
                                        "2024-01-01T10:00:00.",
                                        "2024-01-01T10:00+",
                                        "2024-01-01T10:00+1:00",
                                        "2024-01-01T10:00Zx",
                                        "2024-01-01x",
                                        "2024/01/01",
                                        "x",
                                        "-",
                                        "99999999999999999999"};
    int64_t low, high;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        ck_assert_msg(!date(WRONG[i], &low, &high), "%s", WRONG[i]);
}
END_TEST

START_TEST(numbers_are_those_of_64_bits)
{
    static const char *const WRONG[] = {
        "",    "-",  "+", "1x", " 1", "1 ", "9223372036854775808", "-9223372036854775809",
        "1.5", "0x1"};
    qi_value_span span;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        ck_assert_msg(!qi_value_number(quire_cstr(WRONG[i]), &span), "%s", WRONG[i]);
    ck_assert(qi_value_number(quire_cstr("9223372036854775807"), &span) && span.low == INT64_MAX);
    ck_assert(qi_value_number(quire_cstr("-9223372036854775808"), &span) && span.low == INT64_MIN);
    ck_assert(qi_value_number(quire_cstr("+7"), &span) && span.high == 7);
}
END_TEST

START_TEST(a_float_prints_as_what_reads_back)
{
    roll_seed();
    for (int i = 0; i < 50000; i++) {
        float value = (float)(roll32() % 1000000 + 1) / (float)(roll(1u << roll(30)) + 1), read;
        for (uint32_t n = roll(3) == 0 ? roll(60) : 0; n > 0 && value > 1e-29f; n--)
            value /= 3;
        text.len = 0;
        qi_value_print_decimal(&text, value);
        quire_str printed = {(const char *)text.bytes, text.len};
        ck_assert_uint_eq(qi_value_decimal(printed, &read), text.len);
        ck_assert_msg(read == value, "%.9g became %.*s", (double)value, (int)text.len,
                      (const char *)text.bytes);
    }
}
END_TEST

START_TEST(decimals_end_where_they_end)
{
    float value;
    ck_assert_uint_eq(qi_value_decimal(quire_cstr("2.5x"), &value), 3);
    ck_assert(value == 2.5f);
    ck_assert_uint_eq(qi_value_decimal(quire_cstr("2."), &value), 1);
    ck_assert_uint_eq(qi_value_decimal(quire_cstr(".5"), &value), 0);
    ck_assert_uint_eq(qi_value_decimal(quire_cstr(""), &value), 0);
    qi_value_print_decimal(&text, 0.5f);
    qi_value_print_decimal(&text, 100);
    qi_value_print_decimal(&text, 0);
    qi_buf_u8(&text, 0);
    ck_assert_str_eq((const char *)text.bytes, "0.51000");
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.value");
    TCase *t = tcase_create("value");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, every_day_of_ten_thousand_years_is_what_the_system_says);
    tcase_add_test(t, a_date_prints_as_what_reads_back);
    tcase_add_test(t, times_have_offsets_and_fractions);
    tcase_add_test(t, what_is_no_date_is_refused);
    tcase_add_test(t, numbers_are_those_of_64_bits);
    tcase_add_test(t, a_float_prints_as_what_reads_back);
    tcase_add_test(t, decimals_end_where_they_end);
    suite_add_tcase(s, t);
    return s;
}
