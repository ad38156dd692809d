/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "support/corpus.h"
#include "support/roll.h"
#include "text/unicode.h"
#include "text/words.h"

/* Append a character as UTF-8, written without the library's help. */
static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80)
        return to[0] = (char)c, 1;
    size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3F));
    to[0] = (char)((len == 2 ? 0xC0 : len == 3 ? 0xE0 : 0xF0) | c);
    return len;
}

/* "÷ 0041 × 0308 ÷" to the text and the ends of its segments. */
static size_t read_line(const char *line, char *text, size_t *ends, size_t *count)
{
    size_t len = 0;
    *count = 0;
    for (const char *p = line; *p != '\0' && *p != '#' && *p != '\n';) {
        if (strncmp(p, "÷", 2) == 0 && len > 0)
            ends[(*count)++] = len;
        char *after;
        unsigned long c = strtoul(p, &after, 16);
        if (after != p)
            len += encode((uint32_t)c, text + len);
        p = after != p ? after : p + 1;
    }
    return len;
}

START_TEST(every_line_of_the_word_break_test_of_unicode_passes)
{
    FILE *file = corpus_open("/usr/share/unicode/auxiliary/WordBreakTest.txt");
    if (file == NULL)
        return;
    char line[1024], text[256];
    size_t ends[64], count, lines = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t len = read_line(line, text, ends, &count);
        if (len == 0)
            continue;
        lines++;
        qi_words words = qi_words_of((quire_str){text, len});
        qi_word word;
        for (size_t i = 0; i < count; i++) {
            ck_assert_msg(qi_words_segment(&words, &word), "too few: %s", line);
            ck_assert_msg(word.start == (i == 0 ? 0 : ends[i - 1]) && word.end == ends[i],
                          "segment %zu ends at %zu: %s", i, word.end, line);
        }
        ck_assert_msg(!qi_words_segment(&words, &word), "too many: %s", line);
    }
    fclose(file);
    printf("WordBreakTest: %zu lines\n", lines);
    ck_assert_uint_gt(lines, 1800);
}
END_TEST

START_TEST(the_table_is_of_the_unicode_version_that_folds)
{
    ck_assert_str_eq(qi_words_version(), qi_unicode_version());
}
END_TEST

static size_t random_text(char *text, size_t max)
{
    static const uint32_t some[] = {
        0x27,   0x2E,   0x22,   0x3A, 0x2C,  0x5F,    0x2019, 0x5D0, 0x308, 0xAD, 0x200D,  0x30A2,
        0x6F22, 0xAC00, 0x1161, 0xE9, 0x660, 0x1F1E6, 0x3042, 0xD,   0xA,   0x20, 0x1F600, 0xFFFD};
    size_t len = 0;
    for (uint32_t n = roll(120); n > 0 && len + 8 < max; n--)
        switch (roll(8)) {
        case 0:
            text[len++] = (char)roll(256);
            break;
        case 1:
        case 2:
        case 3:
            len += encode(some[roll(sizeof some / sizeof *some)], text + len);
            break;
        default:
            text[len++] = (char)(" aB1z_.'\n"[roll(9)]);
        }
    return len;
}

START_TEST(runs_of_ascii_have_the_boundaries_of_the_rules)
{
    roll_seed();
    for (int i = 0; i < 150000; i++) {
        char text[512];
        size_t len = random_text(text, sizeof text);
        qi_words all = qi_words_of((quire_str){text, len}), fast = all;
        qi_word a, b;
        bool more = true;
        while (more) {
            bool found = qi_words_segment(&all, &a);
            while (found && !a.word)
                found = qi_words_segment(&all, &a);
            more = qi_words_next(&fast, &b);
            if (more != found ||
                (more && (a.start != b.start || a.end != b.end || a.ideograph != b.ideograph)))
                ck_abort_msg("they part at byte %zu of '%.*s'", a.start, (int)len, text);
        }
        if (all.invalid != fast.invalid)
            ck_abort_msg("invalid bytes of '%.*s'", (int)len, text);
    }
}
END_TEST

START_TEST(words_found_many_at_once_are_those_found_one_by_one)
{
    static char text[1200];
    qi_word some[70], one;
    roll_seed();
    for (int round = 0; round < 20000; round++) {
        size_t len = random_text(text, sizeof text), at = 0;
        qi_words many = qi_words_of((quire_str){text, len}), single = many;
        for (bool more = true; more;) {
            size_t max = 1 + roll(70), count = qi_words_some(&many, some, max);
            ck_assert_uint_le(count, max);
            if (count == 0)
                count = more = qi_words_next(&many, &some[0]);
            for (size_t i = 0; i < count; i++) {
                ck_assert(qi_words_next(&single, &one));
                ck_assert_uint_eq(some[i].start, one.start);
                ck_assert_uint_eq(some[i].end, one.end);
                ck_assert(some[i].word && some[i].ideograph == one.ideograph);
                ck_assert_uint_ge(one.start, at);
                at = one.end;
            }
        }
        ck_assert(!qi_words_next(&single, &one));
        ck_assert_uint_eq(many.invalid, single.invalid);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("text.words");
    TCase *t = tcase_create("words");
    tcase_add_test(t, every_line_of_the_word_break_test_of_unicode_passes);
    tcase_add_test(t, the_table_is_of_the_unicode_version_that_folds);
    tcase_add_test(t, runs_of_ascii_have_the_boundaries_of_the_rules);
    tcase_add_test(t, words_found_many_at_once_are_those_found_one_by_one);
    suite_add_tcase(s, t);
    return s;
}
