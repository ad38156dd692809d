/* SPDX-License-Identifier: MIT */
#include "search/note.h"

#include "support/reading.h"

START_TEST(notes_say_where)
{
    lenient("abc \"def");
    ck_assert_uint_eq(query->info.note_count, 1);
    ck_assert_str_eq(query->info.notes[0].code, "unmatched-quote");
    ck_assert_uint_eq(query->info.notes[0].start, 4);
    ck_assert_uint_eq(query->info.notes[0].end, 5);
    ck_assert_str_ne(query->info.notes[0].text, "");
}
END_TEST

START_TEST(notes_are_bounded)
{
    char text[1000];
    memset(text, ')', sizeof text);
    text[999] = '\0';
    lenient(text);
    ck_assert_uint_eq(query->info.note_count, QI_NOTES_MAX);
    ck_assert_str_eq(query->info.notes[QI_NOTES_MAX - 1].code, "more-notes");
}
END_TEST

START_TEST(every_code_has_a_name_and_a_text)
{
    for (qi_note_code code = 0; code < QI_NOTE_COUNT; code++) {
        ck_assert_ptr_nonnull(qi_note_name(code));
        ck_assert_ptr_nonnull(qi_note_text(code));
        ck_assert_uint_lt(strlen(qi_note_text(code)), 100);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.note");
    TCase *t = tcase_create("note");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, notes_say_where);
    tcase_add_test(t, notes_are_bounded);
    tcase_add_test(t, every_code_has_a_name_and_a_text);
    suite_add_tcase(s, t);
    return s;
}
