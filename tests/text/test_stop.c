/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "text/stop.h"

START_TEST(english_has_the_33_words_of_published_figures)
{
    const char *words = qi_stop_words("english");
    size_t count = 0;
    for (const char *p = words + 1; *p != '\0'; p = strchr(p, ' ') + 1)
        count++;
    ck_assert_uint_eq(count, 33);
    ck_assert_str_eq(qi_stop_words("porter"), words);
    ck_assert(qi_stop_has(words, quire_cstr("the")));
    ck_assert(!qi_stop_has(words, quire_cstr("quire")));
}
END_TEST

START_TEST(a_part_of_a_list_is_no_word_of_it)
{
    const char *words = qi_stop_words("english");
    ck_assert(!qi_stop_has(words, quire_cstr("th")));
    ck_assert(!qi_stop_has(words, quire_cstr("he")));
    ck_assert(!qi_stop_has(words, quire_cstr("")));
    ck_assert(!qi_stop_has(words, quire_cstr("a an")));
    ck_assert(!qi_stop_has(words, quire_cstr(" the ")));
    ck_assert(!qi_stop_has(words, (quire_str){"the\0", 4}));
}
END_TEST

START_TEST(without_a_list_nothing_is_a_stop_word)
{
    ck_assert_str_eq(qi_stop_words(""), "");
    ck_assert_str_eq(qi_stop_words("klingon"), "");
    ck_assert(!qi_stop_has("", quire_cstr("the")));
    ck_assert(!qi_stop_has("", quire_cstr("")));
}
END_TEST

START_TEST(every_list_is_lower_case_words_between_single_spaces)
{
    static const char *const languages[] = {"danish",  "dutch",      "english", "finnish",
                                            "french",  "german",     "italian", "norwegian",
                                            "russian", "portuguese", "spanish", "swedish"};
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        const char *words = qi_stop_words(languages[i]);
        size_t len = strlen(words);
        if (len == 0)
            continue;
        ck_assert_int_eq(words[0], ' ');
        ck_assert_int_eq(words[len - 1], ' ');
        ck_assert_ptr_null(strstr(words, "  "));
        for (size_t b = 0; b < len; b++)
            ck_assert(words[b] < 'A' || words[b] > 'Z');
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("text.stop");
    TCase *t = tcase_create("stop");
    tcase_add_test(t, english_has_the_33_words_of_published_figures);
    tcase_add_test(t, a_part_of_a_list_is_no_word_of_it);
    tcase_add_test(t, without_a_list_nothing_is_a_stop_word);
    tcase_add_test(t, every_list_is_lower_case_words_between_single_spaces);
    suite_add_tcase(s, t);
    return s;
}
