/* SPDX-License-Identifier: MIT
 * Dates as people write them, and what must not be taken for one. */
#include "date.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *suite(void);

static const char *const readable[][2] = {
    {"2015-11-19", "2015-11-19"},
    {"20151119", "2015-11-19"},
    {"2015/11/9", "2015-11-09"},
    {"November 19, 2015", "2015-11-19"},
    {"  Nov. 19, 2015 ", "2015-11-19"},
    {"Sept. 3rd 1999", "1999-09-03"},
    {"19 November 2015", "2015-11-19"},
    {"19. November 2015", "2015-11-19"},
    {"Thursday, November 19, 2015", "2015-11-19"},
    {"26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01Z"},
    {"Thu, 19 Nov 2015 10:05:06 +0100", "2015-11-19T09:05:06Z"},
    {"2013-12-02 7:37:00 -0400", "2013-12-02T11:37:00Z"},
    {"2015-11-19T23:59:59Z", "2015-11-19T23:59:59Z"},
    {"2015-12-31T23:30:00-01:00", "2016-01-01T00:30:00Z"},
    {"2016-03-01T00:30:00+01:00", "2016-02-29T23:30:00Z"},
    {"November 19, 2015 at 3:05 PM", "2015-11-19T15:05:00Z"},
    {"November 19, 2015 12:05 am", "2015-11-19T00:05:00Z"},
    {"19.11.2015", "2015-11-19"},
    {"11/19/2015", "2015-11-19"},
    {"19/11/2015", "2015-11-19"},
};

static const char *const unreadable[] = {
    "",
    "2015",
    "November 2015",
    "2015-13-01",
    "2015-02-29",
    "1/2/2015",
    "Novelty 3 2015",
    "November 31, 2015",
    "2015-11-19 25:00",
    "2015-11-19 and more",
    "May the 4th",
    "19 in 2015",
    "2015-11-1999",
    "2015-11-19T10:61Z",
    "0000-01-01",
};

START_TEST(a_date_is_read_in_each_of_its_forms)
{
    char iso[DATE_LEN];
    ck_assert_msg(date_iso(quire_cstr(readable[_i][0]), iso), "%s", readable[_i][0]);
    ck_assert_str_eq(iso, readable[_i][1]);
}
END_TEST

START_TEST(what_is_no_whole_date_is_refused)
{
    char iso[DATE_LEN];
    ck_assert_msg(!date_iso(quire_cstr(unreadable[_i]), iso), "%s", unreadable[_i]);
}
END_TEST

START_TEST(every_day_of_four_centuries_reads_back)
{
    char text[16], iso[DATE_LEN];
    int days = 0;
    for (int year = 1601; year <= 2000; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 31; day++) {
                snprintf(text, sizeof text, "%d-%d-%d", year, month, day);
                if (!date_iso(quire_cstr(text), iso))
                    continue;
                days++;
                ck_assert_uint_eq(strlen(iso), 10);
            }
    ck_assert_int_eq(days, 146097);
}
END_TEST

Suite *suite(void)
{
    Suite *s = suite_create("cli.date");
    TCase *t = tcase_create("date");
    tcase_add_loop_test(t, a_date_is_read_in_each_of_its_forms, 0,
                        sizeof readable / sizeof *readable);
    tcase_add_loop_test(t, what_is_no_whole_date_is_refused, 0,
                        sizeof unreadable / sizeof *unreadable);
    tcase_add_test(t, every_day_of_four_centuries_reads_back);
    suite_add_tcase(s, t);
    return s;
}
