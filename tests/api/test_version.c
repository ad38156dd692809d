/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>

#include "quire.h"

START_TEST(the_version_is_that_of_the_header)
{
    char text[64];
    snprintf(text, sizeof text, "%d.%d.%d", QUIRE_VERSION_MAJOR, QUIRE_VERSION_MINOR,
             QUIRE_VERSION_PATCH);
    ck_assert_str_eq(quire_version(), text);
}
END_TEST

START_TEST(every_status_has_its_name)
{
    ck_assert_str_eq(quire_status_name(QUIRE_OK), "QUIRE_OK");
    ck_assert_str_eq(quire_status_name(QUIRE_DONE), "QUIRE_DONE");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_MEMORY), "QUIRE_ERR_MEMORY");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_MISUSE), "QUIRE_ERR_MISUSE");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_IO), "QUIRE_ERR_IO");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_CORRUPT), "QUIRE_ERR_CORRUPT");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_FORMAT), "QUIRE_ERR_FORMAT");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_NOT_FOUND), "QUIRE_ERR_NOT_FOUND");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_EXISTS), "QUIRE_ERR_EXISTS");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_BUSY), "QUIRE_ERR_BUSY");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_SYNTAX), "QUIRE_ERR_SYNTAX");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_LIMIT), "QUIRE_ERR_LIMIT");
    ck_assert_str_eq(quire_status_name(QUIRE_ERR_CANCELED), "QUIRE_ERR_CANCELED");
}
END_TEST

START_TEST(a_number_that_is_no_status_is_unknown)
{
    ck_assert_str_eq(quire_status_name((quire_status)2), "unknown");
    ck_assert_str_eq(quire_status_name((quire_status)-12), "unknown");
    ck_assert_str_eq(quire_status_name((quire_status)INT32_MIN), "unknown");
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("api.version");
    TCase *t = tcase_create("version");
    tcase_add_test(t, the_version_is_that_of_the_header);
    tcase_add_test(t, every_status_has_its_name);
    tcase_add_test(t, a_number_that_is_no_status_is_unknown);
    suite_add_tcase(s, t);
    return s;
}
