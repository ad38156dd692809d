/* SPDX-License-Identifier: MIT */
#include "search/print.h"

#include "support/reading.h"
#include "support/roll.h"

START_TEST(boosts_multiply_scores_and_zero_makes_a_filter)
{
    ck_assert_str_eq(strict("a^2"), "a^2");
    ck_assert(query->root->boost == 2.0f);
    ck_assert_str_eq(strict("a^0.125 b^1"), "a^0.125 OR b");
    ck_assert_str_eq(strict("\"a b\"^3"), "\"a b\"^3");
    ck_assert_str_eq(strict("a AND b^0"), "a AND b^0");
    ck_assert_int_eq(query->root->kind, QI_NODE_FILTER);
    ck_assert_str_eq(strict("a^0"), "a^0");
    ck_assert_int_eq(query->root->kind, QI_NODE_FILTER);
    ck_assert_int_eq(query->root->children[0]->kind, QI_NODE_ALL);
    ck_assert_str_eq(lenient("x^2y"), "\"x^2y\"");
    ck_assert(noted("bad-number"));
}
END_TEST

START_TEST(equal_words_are_one_whose_boosts_add_up)
{
    ck_assert_str_eq(strict("a b a"), "a^2 OR b");
    ck_assert_str_eq(strict("run^0.5 runs^2 b"), "run^2.5 OR b");
    ck_assert_str_eq(strict("a AND a"), "a^2");
    ck_assert_str_eq(strict("+a a"), "a^2");
    ck_assert_str_eq(strict("a -b -b"), "a -b");
    ck_assert_str_eq(smart("to be or not to be"), "to^2 be^2 or not");
    ck_assert_str_eq(strict("\"a b\" a-b"), "\"a b\"^2");
    ck_assert_str_eq(strict("title:a a"), "title:a OR a");
}
END_TEST

START_TEST(white_space_behind_an_escape_is_in_no_word)
{
    ck_assert_str_eq(strict("n\\\xE2\x80\xAFz"), "\"n z\"");
    ck_assert_str_eq(strict("\"n\\\xE2\x80\xAFz\""), "\"n z\"");
    ck_assert_str_eq(lenient("n\xE2\\\x80\xAFz"), "\"n z\"");
    check_canonical(query, QUIRE_OR, NULL);
}
END_TEST

START_TEST(l1_a_tree_is_never_higher_than_the_limit)
{
    char text[8192];
    size_t len = 0;
    for (int i = 0; i < 120; i++)
        len += (size_t)sprintf(text + len, "a%d (b%d OR -c%d (", i, i, i);
    len += (size_t)sprintf(text + len, "x");
    for (int i = 0; i < 240; i++)
        text[len++] = ')';
    text[len] = '\0';
    all(text);
    ck_assert_uint_le(query->root->height, QI_QUERY_DEPTH);
    check_canonical(query, QUIRE_AND, NULL);
}
END_TEST

static const char *const WORDS[] = {"a",
                                    "b",
                                    "climate",
                                    "running",
                                    "the",
                                    "don't",
                                    "20.04",
                                    "C++",
                                    "東京都庁舎",
                                    "東京",
                                    "multi-ag",
                                    "AND",
                                    "OR",
                                    "NOT",
                                    "NEAR",
                                    "ADJ/3",
                                    "(",
                                    ")",
                                    "\"",
                                    "\"a b\"",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    "^2",
                                    "^0",
                                    "^",
                                    "~",
                                    "~2",
                                    "*",
                                    "?",
                                    "@2",
                                    "title:",
                                    "year:",
                                    "date:",
                                    "tag:",
                                    "shown:",
                                    "{tag,body}:",
                                    "stops:",
                                    "stems:",
                                    "[1 TO 5]",
                                    "{a TO b}",
                                    "2024-05",
                                    ">=5",
                                    "1..7",
                                    "+",
                                    "-",
                                    "!",
                                    "=",
                                    "\\",
                                    "“",
                                    "”",
                                    "|",
                                    "&&",
                                    "_",
                                    "/x/",
                                    " ",
                                    "  ",
                                    "\xE3\x80\x80",
                                    "\xFF",
                                    "é",
                                    ":",
                                    ",",
                                    "NEAR(",
                                    "\"x _ y\"~2",
                                    "\"(a|b) c (d|e|a)\"",
                                    "word*"};

static size_t random_text(char *text, size_t room)
{
    size_t len = 0;
    for (uint32_t n = roll(24); n > 0; n--) {
        const char *word = WORDS[roll(sizeof WORDS / sizeof *WORDS)];
        if (len + strlen(word) + 2 > room)
            break;
        len += (size_t)sprintf(text + len, "%s%s", word, roll(2) == 0 ? " " : "");
    }
    return len;
}

static void check_text(const char *text, size_t len)
{
    qi_parse_options options = {.operator_ = (quire_operator)roll(3)};
    qi_query_release(query);
    quire_status status = qi_parse(&query, schema, (quire_str){text, len}, &options, &err);
    ck_assert_msg(status == QUIRE_OK, "'%.*s': %s", (int)len, text, err.message);
    for (size_t i = 0; i < query->info.note_count; i++)
        ck_assert(query->info.notes[i].start <= query->info.notes[i].end &&
                  query->info.notes[i].end <= len);
    check_canonical(query, options.operator_, NULL);
    options.strict = true;
    quire_query *again = NULL;
    status = qi_parse(&again, schema, (quire_str){text, len}, &options, &err);
    ck_assert(status == QUIRE_OK || status == QUIRE_ERR_SYNTAX || status == QUIRE_ERR_LIMIT);
    ck_assert(status == QUIRE_OK || err.offset <= len);
    if (status == QUIRE_OK)
        check_canonical(again, options.operator_, NULL);
    qi_query_release(again);
}

START_TEST(random_words_and_signs_read_leniently_and_their_canonical_form_strictly)
{
    char text[1024];
    roll_seed();
    for (int i = 0; i < 12000; i++)
        check_text(text, random_text(text, sizeof text));
}
END_TEST

START_TEST(random_bytes_read_leniently_and_their_canonical_form_strictly)
{
    static const char SIGNS[] = "()\"[]{}:^~*?@+-!=|&\\/._,ab \xE3\x80\x81";
    char text[256];
    roll_seed();
    for (int i = 0; i < 12000; i++) {
        uint32_t len = roll(sizeof text), way = roll(3);
        for (uint32_t n = 0; n < len; n++)
            text[n] = way == 0 ? (char)roll(256) : SIGNS[roll(sizeof SIGNS - 1)];
        check_text(text, len);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.print");
    TCase *t = tcase_create("print");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, boosts_multiply_scores_and_zero_makes_a_filter);
    tcase_add_test(t, equal_words_are_one_whose_boosts_add_up);
    tcase_add_test(t, white_space_behind_an_escape_is_in_no_word);
    tcase_add_test(t, l1_a_tree_is_never_higher_than_the_limit);
    tcase_add_test(t, random_words_and_signs_read_leniently_and_their_canonical_form_strictly);
    tcase_add_test(t, random_bytes_read_leniently_and_their_canonical_form_strictly);
    suite_add_tcase(s, t);
    return s;
}
