/* SPDX-License-Identifier: MIT */
#include "search/tree.h"

#include "support/reading.h"

START_TEST(a_word_is_one_node_with_a_leaf_per_searched_field)
{
    ck_assert_str_eq(lenient("Climates"), "Climates");
    const qi_node *root = query->root;
    ck_assert_int_eq(root->kind, QI_NODE_TERM);
    ck_assert_uint_eq(root->leaf_count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        ck_assert_uint_eq(root->leaves[i].lane, QI_LANE(i, false));
        ck_assert_uint_eq(root->leaves[i].word_count, 1);
        ck_assert_str_eq(root->leaves[i].words[0].term.ptr, "climat");
    }
    ck_assert_uint_eq(root->start, 0);
    ck_assert_uint_eq(root->end, 8);
}
END_TEST

START_TEST(a_word_that_analysis_splits_is_a_phrase)
{
    ck_assert_str_eq(lenient("multi-agent"), "multi-agent");
    ck_assert_int_eq(query->root->kind, QI_NODE_PHRASE);
    ck_assert_uint_eq(query->root->leaves[0].word_count, 2);
    ck_assert_uint_eq(query->root->leaves[0].words[1].position, 1);
    NO_NOTES();
}
END_TEST

START_TEST(a_star_alone_is_every_document)
{
    ck_assert_str_eq(strict("*"), "*");
    ck_assert_int_eq(query->root->kind, QI_NODE_ALL);
    ck_assert_str_eq(strict("* AND a"), "a");
    ck_assert_str_eq(strict("* -a"), "* -a");
    ck_assert_str_eq(strict("title:*"), "title:*");
    ck_assert_int_eq(query->root->kind, QI_NODE_EXISTS);
    ck_assert_str_eq(strict("{title,year}:*"), "title:* OR year:*");
    ck_assert_str_eq(strict("title:(*)"), "title:*");
}
END_TEST

START_TEST(a_field_scopes_a_word_a_phrase_or_a_group)
{
    ck_assert_str_eq(strict("title:change"), "title:change");
    ck_assert_uint_eq(query->root->leaf_count, 1);
    ck_assert_str_eq(strict("title:\"climate change\""), "title:\"climate change\"");
    ck_assert_str_eq(strict("plain:(a AND (b OR title:c)) d"),
                     "(plain:a AND (plain:b OR title:c)) OR d");
    ck_assert_str_eq(strict("{plain, title}:a"), "{title,plain}:a");
    ck_assert_str_eq(strict("{title,body}:a"), "a");
    ck_assert_str_eq(strict("-title:a b"), "b -title:a");
}
END_TEST

START_TEST(an_equals_sign_asks_for_the_unstemmed_form)
{
    ck_assert_str_eq(strict("=Running"), "=Running");
    ck_assert_uint_eq(query->root->leaves[0].lane, QI_LANE(0, true));
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "running");
    ck_assert_str_eq(strict("title:=\"climate changes\"~2"), "title:=\"climate changes\"~2");
    ck_assert_str_eq(strict("plain:=Running"), "plain:Running");
    ck_assert_str_eq(strict("{title,stems}:=runs"), "title:=runs");
    ck_assert_str_eq(lenient("stems:=running"), "stems:running");
    ck_assert(noted("no-exact"));
    refused("stems:=running", 0, "keeps exact forms");
}
END_TEST

START_TEST(a_prefix_is_folded_and_looks_at_exact_forms_where_there_are_any)
{
    ck_assert_str_eq(strict("Clima*"), "Clima*");
    ck_assert_int_eq(query->root->kind, QI_NODE_PREFIX);
    ck_assert_uint_eq(query->root->leaves[0].lane, QI_LANE(0, true));
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "clima");
    NO_NOTES();
    ck_assert_str_eq(strict("stems:running*"), "stems:running*");
    ck_assert(noted("prefix-of-stems"));
    ck_assert_str_eq(strict("20.*"), "\"20.\"*");
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "20.");
    ck_assert_str_eq(strict("tag:Cli*"), "tag:Cli*");
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "Cli");
    ck_assert_str_eq(strict("\"climat\"*"), "climat*");
    ck_assert_str_eq(strict("東京*"), "東京");
    ck_assert_int_eq(query->root->kind, QI_NODE_PHRASE);
}
END_TEST

START_TEST(a_keyword_is_compared_as_a_whole_byte_by_byte)
{
    ck_assert_str_eq(strict("tag:\"New York\""), "tag:\"New York\"");
    ck_assert_int_eq(query->root->kind, QI_NODE_TERM);
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "New York");
    ck_assert_str_eq(strict("tag:http://x.org/a+b"), "tag:\"http://x.org/a+b\"");
    ck_assert_str_eq(strict("tag:\"\""), "tag:\"\"");
    ck_assert_str_eq(strict("tag:\"a\\\"b\\\\c*\""), "tag:\"a\\\"b\\\\c\\*\"");
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "a\"b\\c*");
    ck_assert_str_eq(strict("tag:\\*"), "tag:\"\\*\"");
    ck_assert_str_eq(strict("tag:(a OR b)"), "tag:a OR tag:b");
    ck_assert_str_eq(lenient("tag:\"a\"~2"), "tag:a");
    ck_assert(noted("whole-value"));
}
END_TEST

START_TEST(numbers_have_values_and_ranges)
{
    ck_assert_str_eq(strict("year:5"), "year:5");
    ck_assert_int_eq(query->root->kind, QI_NODE_RANGE);
    ck_assert_str_eq(strict("year:-5"), "year:-5");
    ck_assert_str_eq(strict("year:>=5"), "year:[5 TO *]");
    ck_assert_str_eq(strict("year:>5 year:<7"), "year:[6 TO *] OR year:[* TO 6]");
    ck_assert_str_eq(strict("year:[5 TO 7]"), "year:[5 TO 7]");
    ck_assert_str_eq(strict("year:{5 TO 8}"), "year:[6 TO 7]");
    ck_assert_str_eq(strict("year:[ * TO \"7\" }"), "year:[* TO 6]");
    ck_assert_str_eq(strict("year:5..7"), "year:[5 TO 7]");
    ck_assert_str_eq(strict("year:..7"), "year:[* TO 7]");
    ck_assert_str_eq(strict("year:[* TO *]"), "year:*");
    ck_assert_str_eq(strict("year:>9223372036854775807"), "");
    ck_assert(noted("empty-range"));
    ck_assert_str_eq(strict("year:<-9223372036854775808"), "");
    ck_assert_str_eq(strict("year:9223372036854775807"), "year:[* TO *]");
    ck_assert_str_eq(lenient("year:99999999999999999999 a"), "a");
    ck_assert(noted("bad-value"));
    ck_assert_str_eq(strict("year:[7 TO 5]"), "");
    ck_assert(noted("empty-range"));
    refused("a year:x", 2, "a value that the field can have");
    refused("year:20*", 0, "a value that the field can have");
}
END_TEST

START_TEST(a_plain_date_is_the_whole_year_month_day_or_minute)
{
    ck_assert_str_eq(strict("date:2024"), "date:2024");
    ck_assert_int_eq(query->root->low, 1704067200);
    ck_assert_int_eq(query->root->high, 1735689599);
    ck_assert_str_eq(strict("date:2024-02"), "date:2024-02");
    ck_assert_int_eq(query->root->high - query->root->low + 1, 29 * 86400);
    ck_assert_str_eq(strict("date:2024-02-29"), "date:2024-02-29");
    ck_assert_str_eq(strict("date:2024-02-29T10:30"), "date:2024-02-29T10:30");
    ck_assert_str_eq(strict("date:2024-02-29T10:30:15+01:30"), "date:2024-02-29T09:00:15Z");
    ck_assert_str_eq(strict("date:\"2024-02-29 10:30\""), "date:2024-02-29T10:30");
    ck_assert_str_eq(strict("date:[2023 TO 2024]"),
                     "date:[2023-01-01T00:00:00Z TO 2024-12-31T23:59:59Z]");
    ck_assert_str_eq(strict("date:>2023"), "date:[2024-01-01T00:00:00Z TO *]");
    ck_assert_str_eq(strict("date:{2023 TO *]"), "date:[2024-01-01T00:00:00Z TO *]");
    ck_assert_str_eq(strict("date:1700000000"), "date:2023-11-14T22:13:20Z");
    ck_assert_str_eq(strict("date:-99999999999999"), "date:[-99999999999999 TO -99999999999999]");
    refused("date:2023-02-29", 0, "a value that the field can have");
    refused("date:yesterday", 0, "a value that the field can have");
}
END_TEST

START_TEST(keyword_ranges_are_in_byte_order)
{
    ck_assert_str_eq(strict("tag:[a TO b]"), "tag:[\"a\" TO \"b\"]");
    ck_assert_str_eq(query->root->low_key.ptr, "a");
    ck_assert_str_eq(strict("tag:{a TO b}"), "tag:[\"a\" TO \"b\"] -tag:a -tag:b");
    ck_assert_str_eq(strict("tag:>=\\*"), "tag:[\"\\*\" TO *]");
    ck_assert_str_eq(strict("tag:[* TO *]"), "tag:*");
    ck_assert_str_eq(strict("tag:[b TO a]"), "");
    ck_assert(noted("empty-range"));
    ck_assert_str_eq(strict("tag:a..b"), "tag:[\"a\" TO \"b\"]");
    ck_assert_str_eq(strict("tag:a\\..b"), "tag:\"a..b\"");
}
END_TEST

START_TEST(l1_a_phrase_is_cut_at_its_limit)
{
    char text[4096] = "\"";
    size_t len = 1;
    for (int i = 0; i < QI_PHRASE_WORDS; i++)
        len += (size_t)sprintf(text + len, "w%d ", i);
    strcpy(text + len, "\"");
    strict(text);
    ck_assert_uint_eq(query->root->leaves[0].word_count, QI_PHRASE_WORDS);
    strcpy(text + len, "more\"");
    lenient(text);
    ck_assert(noted("phrase-cut"));
    ck_assert_uint_eq(query->root->leaves[0].word_count, QI_PHRASE_WORDS);
    check_canonical(query, QUIRE_OR, NULL);
    ck_assert_int_eq(read_with(text, (qi_parse_options){.strict = true}), QUIRE_ERR_LIMIT);

    strcpy(text, "\"a ");
    for (len = 3; len < 3 + 2 * QI_PHRASE_WORDS; len += 2)
        strcpy(text + len, "_ ");
    strcpy(text + len, "b\"");
    ck_assert_str_eq(lenient(text), "a");
    ck_assert(noted("phrase-cut"));

    memset(text, 'x', 400);
    strcpy(text + 400, "*");
    strict(text);
    ck_assert_uint_eq(query->root->leaves[0].words[0].term.len, QI_TERM_MAX);
    for (len = 0; len < 400; len += 3)
        strcpy(text + len, "\xD0\xB6z");
    strcpy(text + len, "*");
    strict(text);
    ck_assert_uint_eq(query->root->leaves[0].words[0].term.len, QI_TERM_MAX);
    memmove(text + 2, text, strlen(text) + 1);
    text[0] = text[1] = 'x';
    strict(text);
    ck_assert_uint_eq(query->root->leaves[0].words[0].term.len, QI_TERM_MAX - 1);
}
END_TEST

START_TEST(l2_a_field_that_is_only_stored_finds_nothing_and_says_so)
{
    ck_assert_str_eq(lenient("shown:a"), "");
    ck_assert(noted("not-indexed"));
    ck_assert_int_eq(query->root->kind, QI_NODE_NONE);
    refused("b shown:a", 2, "indexed field");
}
END_TEST

START_TEST(l5_words_that_analysis_removes_leave_a_note)
{
    ck_assert_str_eq(lenient("stops:the"), "");
    ck_assert(noted("word-left-out"));
    ck_assert_str_eq(lenient("stops:the AND a"), "a");
    ck_assert(noted("word-left-out"));
    ck_assert_str_eq(lenient("a -stops:the"), "a");
    ck_assert(noted("word-left-out"));
    ck_assert_str_eq(lenient("???"), "");
    ck_assert(noted("word-left-out"));
    ck_assert_str_eq(lenient("a & b \xC3\x97 \xE2\x80\x94 c \xD8\x9F"), "a OR b OR c");
    NO_NOTES();
    ck_assert_str_eq(lenient("pizza \xF0\x9F\x98\x80"), "pizza");
    ck_assert(noted("word-left-out"));
    ck_assert_str_eq(lenient("{stops,plain}:the"), "plain:the");
    NO_NOTES();
    ck_assert_str_eq(strict("stops:\"the of the\""), "");
    ck_assert_int_eq(query->root->kind, QI_NODE_NONE);
}
END_TEST

START_TEST(l6_what_is_not_built_yet_is_refused_or_read_as_less_with_a_note)
{
    static const struct {
        const char *text, *canonical;
        uint64_t offset;
    } CASES[] = {
        {"a NEAR b", "a AND b", 2},
        {"a NEAR/5 b", "a AND b", 2},
        {"a ADJ b c", "(a AND b) OR c", 2},
        {"NEAR(a b)", "a AND b", 0},
        {"x NEAR(a b, 5)", "x OR (a AND b)", 2},
        {"NEAR(\"a b\" c,5)", "\"a b\" AND c", 0},
        {"wo?d", "\"wo\\?d\"", 0},
        {"a w*d", "a OR \"w\\*d\"", 2},
        {"*tion", "\"\\*tion\"", 0},
        {"cat~", "cat", 3},
        {"cat~2", "cat", 3},
        {"/ab.*c/", "\"/ab.\\*c/\"", 0},
        {"/abc/", "\"/abc/\"", 0},
        {"/colou?r/", "\"/colou\\?r/\"", 0},
        {"a /(foo|bar)s?/^2", "a OR \"/\\(foo|bar)s\\?/\"^2", 2},
        {"/a|b/", "\"/a|b/\"", 0},
        {"/^abc\\/$/", "\"/^abc/$/\"", 0},
        {"(title:/a(b)c/)", "title:\"/a\\(b)c/\"", 7},
        {"\"a b\"*", "a AND b*", 0},
        {"multi-ag*", "\"multi-\" AND ag*", 0},
        {"\"organi* change\"", "\"organi\\* change\"", 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        ck_assert_str_eq(lenient(CASES[i].text), CASES[i].canonical);
        ck_assert_msg(noted("not-supported"), "%s", CASES[i].text);
        refused(CASES[i].text, CASES[i].offset, "not supported yet");
    }
    refused("/colou?r/", 0, "regular expressions");
    refused("/^abc/", 0, "regular expressions");
    ck_assert_str_eq(strict("/ a/b km/h"), "\"a/b\" OR \"km/h\"");
    ck_assert_str_eq(lenient("what is a cat?"), "what OR is OR a OR \"cat\\?\"");
    NO_NOTES();
    lenient("(?this is it?) messages?--i.e. definition of * and *, \"what? who?\"");
    NO_NOTES();
    ck_assert_str_eq(strict("what\\?"), "\"what\\?\"");
}
END_TEST

START_TEST(l6_ranges_over_text_are_words_with_a_note)
{
    ck_assert_str_eq(lenient("title:[a TO b]"), "title:a AND title:b");
    ck_assert(noted("no-range"));
    refused("title:[a TO b]", 0, "before a range");
    ck_assert_str_eq(lenient("x [a TO b]^2"), "x OR (a AND b)^2");
    ck_assert(noted("no-range"));
    check_canonical(query, QUIRE_OR, NULL);
    refused("x {a TO b}", 2, "before a range");
    static const char *const BOUNDS[] = {"title:a..b", "title:>5", "title:<=b"};
    for (size_t i = 0; i < 3; i++) {
        lenient(BOUNDS[i]);
        ck_assert_msg(noted("no-range"), "%s", BOUNDS[i]);
        check_canonical(query, QUIRE_OR, NULL);
        refused(BOUNDS[i], 0, "before a range");
    }
    lenient("title:wait... a..b [sic] {x}");
    NO_NOTES();
}
END_TEST

START_TEST(l6_long_runs_of_ideographs_match_by_pairs_with_a_note)
{
    ck_assert_str_eq(lenient("東京都庁"), "東京都庁");
    ck_assert_uint_eq(query->root->leaves[0].word_count, 4);
    NO_NOTES();
    ck_assert_str_eq(lenient("東京都庁舎"), "東京 OR 京都 OR 都庁 OR 庁舎");
    ck_assert(noted("characters-split"));
    check_canonical(query, QUIRE_OR, NULL);
    ck_assert_str_eq(lenient("abc東京都庁舎xyz a"),
                     "abc OR 東京 OR 京都 OR 都庁 OR 庁舎 OR xyz OR a");
    ck_assert_str_eq(lenient("\"東京都庁舎\""), "東京都庁舎");
    ck_assert_int_eq(query->root->kind, QI_NODE_PHRASE);
    NO_NOTES();
    ck_assert_str_eq(strict("東京都庁舎"), "東京都庁舎");
}
END_TEST

START_TEST(phrases_have_slop_gaps_and_escapes)
{
    ck_assert_str_eq(strict("\"a b\"~3"), "\"a b\"~3");
    ck_assert_uint_eq(query->root->slop, 3);
    ck_assert_str_eq(strict("\"a\"~3"), "a");
    ck_assert_str_eq(strict("\"a _ _ b\""), "\"a _ _ b\"");
    ck_assert_uint_eq(query->root->leaves[0].words[1].position, 3);
    ck_assert_str_eq(strict("\"_ a _\""), "a");
    ck_assert_str_eq(strict("\"a \\_ b\""), "\"a \\_ b\"");
    ck_assert_uint_eq(query->root->leaves[0].words[1].position, 1);
    ck_assert_str_eq(strict("\"say \\\"hi\\\" (or so)\""), "\"say \\\"hi\\\" \\(or so)\"");
    ck_assert_str_eq(strict("stops:\"cat the dog\""), "stops:\"cat the dog\"");
    ck_assert_uint_eq(query->root->leaves[0].word_count, 2);
    ck_assert_uint_eq(query->root->leaves[0].words[1].position, 2);
    ck_assert_str_eq(lenient("\"a b\"~x"), "\"a b\" OR x");
    ck_assert(noted("bad-number"));
    ck_assert_str_eq(lenient("\"a b\"~9999999"), "\"a b\"~1000000");
    ck_assert_str_eq(query->info.notes[0].code, "bad-number");
    ck_assert_ptr_nonnull(strstr(query->info.notes[0].text, "taken instead"));
    refused("\"a b\"~", 5, "a number");
    refused("\"a b\"~9999999", 5, "a number");
    refused("a^x", 1, "a number");
}
END_TEST

START_TEST(alternatives_in_a_phrase_are_written_out)
{
    ck_assert_str_eq(strict("\"a (b|c) d\""), "\"a b d\" OR \"a c d\"");
    ck_assert_str_eq(strict("=\"(a|b|c) (d|e)\"~2"),
                     "=\"a d\"~2 OR =\"b d\"~2 OR =\"c d\"~2 OR =\"a e\"~2 OR =\"b e\"~2 OR "
                     "=\"c e\"~2");
    ck_assert_str_eq(strict("\"(a|b)\" AND c"), "(a OR b) AND c");
    ck_assert_str_eq(strict("\"x (sea ice|snow) y\""), "\"x sea ice y\" OR \"x snow y\"");
    ck_assert_str_eq(strict("\"x (a\\|b|c)\""), "\"x a|b\" OR \"x c\"");
    ck_assert_str_eq(strict("\"f(a|b) (c) (d|e)f\""), "\"f\\(a|b) \\(c) \\(d|e)f\"");
    ck_assert_str_eq(strict("\"a (|b)\""), "a OR \"a b\"");
    NO_NOTES();
    strict("\"(a|b) (a|b) (a|b) (a|b) (a|b) (a|b)\"");
    ck_assert_uint_eq(query->root->child_count, 64);
    ck_assert_str_eq(lenient("\"x (a|b) (a|b) (a|b) (a|b) (a|b) (a|b|c) y\""),
                     "\"x _ _ _ _ _ _ y\"");
    ck_assert(noted("too-many-alternatives"));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.tree");
    TCase *t = tcase_create("tree");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, a_word_is_one_node_with_a_leaf_per_searched_field);
    tcase_add_test(t, a_word_that_analysis_splits_is_a_phrase);
    tcase_add_test(t, a_star_alone_is_every_document);
    tcase_add_test(t, a_field_scopes_a_word_a_phrase_or_a_group);
    tcase_add_test(t, an_equals_sign_asks_for_the_unstemmed_form);
    tcase_add_test(t, a_prefix_is_folded_and_looks_at_exact_forms_where_there_are_any);
    tcase_add_test(t, a_keyword_is_compared_as_a_whole_byte_by_byte);
    tcase_add_test(t, numbers_have_values_and_ranges);
    tcase_add_test(t, a_plain_date_is_the_whole_year_month_day_or_minute);
    tcase_add_test(t, keyword_ranges_are_in_byte_order);
    tcase_add_test(t, l1_a_phrase_is_cut_at_its_limit);
    tcase_add_test(t, l2_a_field_that_is_only_stored_finds_nothing_and_says_so);
    tcase_add_test(t, l5_words_that_analysis_removes_leave_a_note);
    tcase_add_test(t, l6_what_is_not_built_yet_is_refused_or_read_as_less_with_a_note);
    tcase_add_test(t, l6_ranges_over_text_are_words_with_a_note);
    tcase_add_test(t, l6_long_runs_of_ideographs_match_by_pairs_with_a_note);
    tcase_add_test(t, phrases_have_slop_gaps_and_escapes);
    tcase_add_test(t, alternatives_in_a_phrase_are_written_out);
    suite_add_tcase(s, t);
    return s;
}
