/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"

START_TEST(a_failure_fills_the_callers_error_and_returns_its_code)
{
    quire_error err = {.os_error = 5, .offset = 9};
    ck_assert_int_eq(qi_fail(&err, QUIRE_ERR_LIMIT, "%d words, %d allowed", 300, 256),
                     QUIRE_ERR_LIMIT);
    ck_assert_int_eq(err.code, QUIRE_ERR_LIMIT);
    ck_assert_int_eq(err.os_error, 0);
    ck_assert_uint_eq(err.offset, 0);
    ck_assert_str_eq(err.message, "300 words, 256 allowed");
}
END_TEST

START_TEST(no_error_struct_is_needed)
{
    ck_assert_int_eq(qi_fail(NULL, QUIRE_ERR_MISUSE, "x"), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_fail_at(NULL, QUIRE_ERR_SYNTAX, 4, "x"), QUIRE_ERR_SYNTAX);
    ck_assert_int_eq(qi_fail_os(NULL, ENOENT, "x"), QUIRE_ERR_IO);
    ck_assert_int_eq(qi_no_memory(NULL), QUIRE_ERR_MEMORY);
    ck_assert_int_eq(qi_corrupt(NULL, "f", "s", 1, "x"), QUIRE_ERR_CORRUPT);
}
END_TEST

START_TEST(a_place_is_kept_as_the_offset)
{
    quire_error err;
    ck_assert_int_eq(qi_fail_at(&err, QUIRE_ERR_SYNTAX, 17, "a ')' without a '('"),
                     QUIRE_ERR_SYNTAX);
    ck_assert_uint_eq(err.offset, 17);
    ck_assert_str_eq(err.message, "a ')' without a '('");
}
END_TEST

START_TEST(a_failed_system_call_names_the_systems_reason)
{
    quire_error err;
    ck_assert_int_eq(qi_fail_os(&err, ENOSPC, "cannot write '%s'", "s-1.seg"), QUIRE_ERR_IO);
    ck_assert_int_eq(err.os_error, ENOSPC);
    ck_assert_str_eq(err.message, "cannot write 's-1.seg': No space left on device");
}
END_TEST

START_TEST(damage_names_file_section_and_byte)
{
    quire_error err;
    qi_corrupt(&err, "s-3.seg", "post", 4182, "D-%d: document ids do not increase", 3);
    ck_assert_int_eq(err.code, QUIRE_ERR_CORRUPT);
    ck_assert_uint_eq(err.offset, 4182);
    ck_assert_str_eq(err.message,
                     "s-3.seg, section 'post', byte 4182: D-3: document ids do not increase");
    qi_corrupt(&err, "MANIFEST", NULL, 8, "cut short");
    ck_assert_str_eq(err.message, "MANIFEST, byte 8: cut short");
}
END_TEST

START_TEST(out_of_memory_says_so)
{
    quire_error err;
    ck_assert_int_eq(qi_no_memory(&err), QUIRE_ERR_MEMORY);
    ck_assert_str_eq(err.message, "out of memory");
}
END_TEST

/* The length of the last character's bytes that are there, against those its first byte promises.
 */
static bool ends_in_whole_character(const char *text)
{
    size_t len = strlen(text), start = len;
    if (len == 0 || (unsigned char)text[len - 1] < 0x80)
        return true;
    do
        start--;
    while (start > 0 && ((unsigned char)text[start] & 0xC0) == 0x80);
    unsigned char lead = (unsigned char)text[start];
    size_t promised = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    return len - start == promised;
}

START_TEST(a_long_message_is_cut_between_characters)
{
    static const char *const characters[] = {"a", "\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < 4; c++)
        for (size_t shift = 0; shift < 5; shift++) {
            char long_text[1024] = "xxxxx";
            long_text[shift] = '\0';
            while (strlen(long_text) < 600)
                strcat(long_text, characters[c]);
            quire_error err;
            qi_fail(&err, QUIRE_ERR_IO, "%s", long_text);
            size_t len = strlen(err.message);
            ck_assert_uint_lt(len, sizeof err.message);
            ck_assert_uint_ge(len, sizeof err.message - 4);
            ck_assert(ends_in_whole_character(err.message));
            ck_assert_int_eq(strncmp(err.message, long_text, len), 0);
        }
}
END_TEST

START_TEST(a_long_system_failure_stays_inside_its_message)
{
    char name[400];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    quire_error err;
    qi_fail_os(&err, EACCES, "%s", name);
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
}
END_TEST

static quire_status twice(quire_status inner, int *reached)
{
    QI_TRY(inner);
    *reached += 1;
    return QUIRE_OK;
}

START_TEST(try_passes_up_everything_but_ok)
{
    int reached = 0;
    ck_assert_int_eq(twice(QUIRE_OK, &reached), QUIRE_OK);
    ck_assert_int_eq(twice(QUIRE_ERR_IO, &reached), QUIRE_ERR_IO);
    ck_assert_int_eq(twice(QUIRE_DONE, &reached), QUIRE_DONE);
    ck_assert_int_eq(reached, 1);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("base.error");
    TCase *t = tcase_create("error");
    tcase_add_test(t, a_failure_fills_the_callers_error_and_returns_its_code);
    tcase_add_test(t, no_error_struct_is_needed);
    tcase_add_test(t, a_place_is_kept_as_the_offset);
    tcase_add_test(t, a_failed_system_call_names_the_systems_reason);
    tcase_add_test(t, damage_names_file_section_and_byte);
    tcase_add_test(t, out_of_memory_says_so);
    tcase_add_test(t, a_long_message_is_cut_between_characters);
    tcase_add_test(t, a_long_system_failure_stays_inside_its_message);
    tcase_add_test(t, try_passes_up_everything_but_ok);
    suite_add_tcase(s, t);
    return s;
}
