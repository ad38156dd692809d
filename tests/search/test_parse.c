/* SPDX-License-Identifier: MIT
 * Covers: kit. */
#include "search/parse.h"
#include "search/print.h"

#include "base/mem.h"
#include "support/reading.h"

START_TEST(the_default_operator_joins_words_side_by_side)
{
    ck_assert_str_eq(lenient("a b c"), "a OR b OR c");
    ck_assert_int_eq(query->root->kind, QI_NODE_OR);
    ck_assert_str_eq(all("a b c"), "a AND b AND c");
    ck_assert_int_eq(query->root->kind, QI_NODE_AND);
    ck_assert_str_eq(smart("a b c"), "a b c");
    ck_assert_int_eq(query->root->kind, QI_NODE_SMART);
}
END_TEST

START_TEST(unary_binds_before_and_and_and_before_or)
{
    ck_assert_str_eq(strict("a OR b AND c"), "a OR (b AND c)");
    ck_assert_str_eq(strict("a AND b OR c AND NOT d"), "(a AND b) OR (c -d)");
    ck_assert_str_eq(strict("(a OR b) AND c"), "(a OR b) AND c");
    ck_assert_str_eq(strict("a | b || c && d"), "a OR b OR (c AND d)");
    ck_assert_str_eq(all("a b OR c"), "(a AND b) OR c");
    ck_assert_str_eq(lenient("a b AND c"), "a OR (b AND c)");
}
END_TEST

START_TEST(operators_are_in_capitals_only)
{
    ck_assert_str_eq(lenient("salt and pepper or not"), "salt OR and OR pepper OR or OR not");
}
END_TEST

START_TEST(exclusions_apply_to_their_whole_list)
{
    ck_assert_str_eq(strict("a b -c"), "(a OR b) -c");
    ck_assert_str_eq(strict("-c a b"), "(a OR b) -c");
    ck_assert_str_eq(strict("a NOT b"), "a -b");
    ck_assert_str_eq(strict("a !b -(c OR d)"), "a -b -c -d");
    ck_assert_str_eq(smart("a b -c"), "a b -c");
    ck_assert_int_eq(query->root->kind, QI_NODE_NOT);
    ck_assert_int_eq(query->root->children[0]->kind, QI_NODE_SMART);
}
END_TEST

START_TEST(a_plus_makes_the_others_optional)
{
    ck_assert_str_eq(strict("+a b c"), "+a OR b OR c");
    ck_assert_int_eq(query->root->kind, QI_NODE_MAYBE);
    ck_assert_str_eq(strict("b +a"), "+a OR b");
    ck_assert_str_eq(strict("+a +b c"), "+(a AND b) OR c");
    ck_assert_str_eq(strict("+a +b"), "a AND b");
    ck_assert_str_eq(strict("+a -b c"), "(+a OR c) -b");
    ck_assert_str_eq(all("+a b"), "a AND b");
    ck_assert_str_eq(smart("+a b c"), "+a OR b OR c");
    ck_assert_str_eq(strict("+\"the who\" +uk"), "\"the who\" AND uk");
}
END_TEST

START_TEST(groups_nest_and_plain_nesting_is_flat)
{
    ck_assert_str_eq(strict("a OR (b OR (c OR d))"), "a OR b OR c OR d");
    ck_assert_str_eq(strict("((a)) ((b AND c) AND d)"), "a OR (b AND c AND d)");
    ck_assert_str_eq(strict("(a b)^2 c"), "(a OR b)^2 OR c");
    ck_assert_str_eq(strict("(a -b) AND (c -d)"), "(a AND c) -b -d");
}
END_TEST

START_TEST(at_least_n_counts_the_clauses_of_a_group)
{
    ck_assert_str_eq(strict("(a b c)@2"), "(a OR b OR c)@2");
    ck_assert_uint_eq(query->root->least, 2);
    ck_assert_str_eq(strict("(a OR b OR c AND d)@2^3"), "(a OR b OR (c AND d))@2^3");
    ck_assert_str_eq(strict("(a b)@2"), "a AND b");
    ck_assert_str_eq(strict("(a b)@1 (a b)@0"), "a^2 OR b^2");
    ck_assert_str_eq(lenient("(a b)@3"), "a AND b");
    ck_assert(noted("at-least"));
    refused("(a b)@3", 4, "at least as many");
    ck_assert_str_eq(lenient("(a b)@c"), "a OR b OR c");
    ck_assert(noted("bad-number"));
    refused("(a b)@c", 5, "expected a number");
}
END_TEST

START_TEST(smart_requires_what_narrows_by_columns)
{
    ck_assert_str_eq(smart("climate change year:2024"), "climate change year:2024");
    ck_assert_int_eq(query->root->kind, QI_NODE_FILTER);
    ck_assert_int_eq(query->root->children[0]->kind, QI_NODE_SMART);
    ck_assert_str_eq(smart("climate tag:x"), "climate AND tag:x^0");
    ck_assert_str_eq(smart("tag:x"), "tag:x");
    ck_assert_str_eq(smart("+a b year:5"), "(+a OR b) AND year:5");
    ck_assert_str_eq(lenient("climate year:2024"), "climate OR year:2024");
    ck_assert_str_eq(smart("(a b) OR c"), "(a AND b) OR c");
    ck_assert_str_eq(smart("a (b c) d"), "a b c d");
    ck_assert_str_eq(smart("a ((b c) title:(d e))"), "a b c title:d title:e");
    ck_assert_str_eq(smart("a (b c)^2"), "a (b AND c)^2");
    ck_assert_str_eq(smart("a (b AND c)"), "a (b AND c)");
    ck_assert_str_eq(smart("a (b -c)"), "a (b -c)");
    ck_assert_str_eq(smart("a (b (c OR d))"), "a (b AND (c OR d))");
    ck_assert_str_eq(smart("a -(b c)"), "a -(b AND c)");
    ck_assert_str_eq(smart("a NEAR(b c)"), "a (b AND c)");
    ck_assert_str_eq(smart("shown:a shown:b"), "");
    ck_assert_str_eq(smart("(tag:x OR tag:y) a b"), "a b (tag:x OR tag:y)^0");
}
END_TEST

START_TEST(default_fields_can_be_given)
{
    qi_parse_options options = {.fields = "plain, tag"};
    ck_assert_int_eq(read_with("a title:b", options), QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(query)->canonical.ptr, "tag:a OR plain:a OR title:b");
    check_canonical(query, QUIRE_OR, NULL);
    options.fields = "title";
    ck_assert_int_eq(read_with("{title,body}:b", options), QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(query)->canonical.ptr, "{title,body}:b");
    options.fields = " tag ,title,plain, title,";
    ck_assert_int_eq(read_with("a", options), QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(query)->canonical.ptr, "tag:a OR {title,plain}:a");
    options.fields = "nope";
    ck_assert_int_eq(read_with("a", options), QUIRE_ERR_MISUSE);
    options.fields = "year";
    ck_assert_int_eq(read_with("a", options), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(query);
}
END_TEST

START_TEST(a_language_overrides_that_of_the_fields)
{
    qi_parse_options options = {.language = "german"};
    ck_assert_int_eq(read_with("Häuser", options), QUIRE_OK);
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "haus");
    check_canonical(query, QUIRE_OR, "german");
    options.language = "klingon";
    ck_assert_int_eq(read_with("a", options), QUIRE_ERR_MISUSE);
    options.language = "a language with a very long name";
    ck_assert_int_eq(read_with("a", options), QUIRE_ERR_MISUSE);
}
END_TEST

START_TEST(l1_limits_drop_the_excess_with_a_note)
{
    char *text = malloc(200000);
    size_t len = 0;
    for (int i = 0; i < 5000; i++)
        len += (size_t)sprintf(text + len, "w%d ", i);
    ck_assert_str_ne(lenient(text), "");
    ck_assert(noted("too-many-clauses"));
    ck_assert_uint_eq(query->root->child_count, QI_QUERY_NODES);
    ck_assert_int_eq(read_with(text, (qi_parse_options){.strict = true}), QUIRE_ERR_LIMIT);

    for (len = 0; len < 100000;)
        len += (size_t)sprintf(text + len, "word ");
    ck_assert_str_ne(lenient(text), "");
    ck_assert(noted("query-cut"));
    ck_assert_uint_eq(query->info.notes[0].end, len);
    ck_assert_int_eq(read_with(text, (qi_parse_options){.strict = true}), QUIRE_ERR_LIMIT);
    ck_assert_uint_eq(err.offset, QI_QUERY_BYTES);

    for (len = 0; len < QI_QUERY_DEPTH + 1;)
        text[len++] = '(';
    text[len++] = 'a';
    memset(text + len, ')', QI_QUERY_DEPTH + 1);
    text[len + QI_QUERY_DEPTH + 1] = '\0';
    ck_assert_str_eq(lenient(text), "a");
    ck_assert(noted("too-deep"));
    ck_assert_int_eq(read_with(text, (qi_parse_options){.strict = true}), QUIRE_ERR_LIMIT);
    text[len + QI_QUERY_DEPTH] = '\0';
    ck_assert_str_eq(strict(text + 1), "a");
    free(text);
}
END_TEST

START_TEST(l1_text_without_white_space_is_cut_between_characters)
{
    qi_parse_options options = {.strict = false};
    size_t len = QI_QUERY_BYTES + 100;
    char *text = malloc(len);
    for (size_t i = 0; i < len; i++)
        text[i] = "\xC3\xA9"[i % 2];
    memmove(text + 1, text, len - 1);
    text[0] = 'a';
    ck_assert_int_eq(qi_parse(&query, schema, (quire_str){text, len}, &options, &err), QUIRE_OK);
    ck_assert(noted("query-cut"));
    ck_assert_uint_eq(query->info.notes[0].start, QI_QUERY_BYTES - 1);
    free(text);
}
END_TEST

START_TEST(without_searched_fields_all_text_is_searched_and_without_text_nothing)
{
    quire_field field = QUIRE_FIELD_INIT;
    qi_parse_options options = {.strict = false};
    quire_schema *other;
    ck_assert_int_eq(qi_schema_new(&other, &err), QUIRE_OK);
    field.name = "tag";
    field.type = QUIRE_KEYWORD;
    ck_assert_int_eq(qi_schema_add(other, &field, &err), QUIRE_OK);
    ck_assert_int_eq(qi_parse(&query, other, quire_cstr("a -b"), &options, &err), QUIRE_OK);
    ck_assert_int_eq(query->root->kind, QI_NODE_NONE);
    ck_assert(noted("no-fields"));
    qi_query_release(query);
    field = (quire_field)QUIRE_FIELD_INIT;
    field.name = "text";
    ck_assert_int_eq(qi_schema_add(other, &field, &err), QUIRE_OK);
    ck_assert_int_eq(qi_parse(&query, other, quire_cstr("a"), &options, &err), QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(query)->canonical.ptr, "a");
    qi_schema_release(other);
}
END_TEST

START_TEST(l1_the_longest_text_reads_over_the_widest_schema)
{
    quire_field field = QUIRE_FIELD_INIT;
    qi_parse_options options = {.strict = false};
    char name[8], *text = malloc(QI_QUERY_BYTES + 16);
    quire_schema *wide;
    ck_assert_int_eq(qi_schema_new(&wide, &err), QUIRE_OK);
    field.name = name;
    field.searched = field.exact = true;
    for (int i = 0; i < 255; i++) {
        snprintf(name, sizeof name, "f%d", i);
        strcpy(field.analyzer.language, i % 2 == 0 ? "english" : "german");
        ck_assert_int_eq(qi_schema_add(wide, &field, &err), QUIRE_OK);
    }
    for (int way = 0; way < 4; way++) {
        static const char *const FORMS[] = {"%s%x ", "%sw%x* ", "%s\"a %x\" ", "%s\xE6\x9D\xB1"};
        int len = 0;
        for (int i = 0; len < QI_QUERY_BYTES; i++)
            len += sprintf(text + len, FORMS[way], "", (unsigned)i);
        quire_str part = {text, QI_QUERY_BYTES};
        qi_query_release(query);
        quire_status status = qi_parse(&query, wide, part, &options, &err);
        ck_assert_msg(status == QUIRE_OK, "way %d: %s", way, err.message);
        ck_assert(noted("too-many-clauses"));
    }
    qi_schema_release(wide);
    free(text);
}
END_TEST

START_TEST(l4_an_empty_query_finds_nothing)
{
    ck_assert_str_eq(lenient(""), "");
    ck_assert_int_eq(query->root->kind, QI_NODE_NONE);
    ck_assert_str_eq(lenient(" \t\n "), "");
    qi_query_release(query);
    ck_assert_int_eq(
        qi_parse(&query, schema, (quire_str){NULL, 0}, &(qi_parse_options){.strict = true}, &err),
        QUIRE_OK);
    ck_assert_str_eq(qi_print_describe(query)->canonical.ptr, "");
    ck_assert_str_eq(strict(""), "");
    ck_assert_str_eq(lenient("()"), "");
    ck_assert_str_eq(lenient("\"\""), "");
    ck_assert(noted("empty-phrase"));
}
END_TEST

START_TEST(l5_only_negatives_are_everything_minus_them)
{
    ck_assert_str_eq(lenient("-a -b"), "* -a -b");
    ck_assert(noted("only-negatives"));
    ck_assert_str_eq(lenient("a OR -b"), "a OR (* -b)");
    ck_assert_str_eq(strict("NOT a"), "* -a");
}
END_TEST

START_TEST(what_makes_other_engines_fail_is_read)
{
    ck_assert_str_eq(lenient("don't"), "don't");
    ck_assert_int_eq(query->root->kind, QI_NODE_TERM);
    ck_assert_str_eq(lenient("20.04"), "20.04");
    ck_assert_int_eq(query->root->kind, QI_NODE_TERM);
    ck_assert_str_eq(lenient("C++"), "\"C++\"");
    ck_assert_str_eq(query->root->leaves[0].words[0].term.ptr, "c");
    ck_assert_str_eq(lenient("\""), "");
    ck_assert(noted("unmatched-quote"));
    ck_assert_str_eq(lenient("a:(^"), "\"a:\"");
    ck_assert_str_eq(lenient("title:(^"), "");
    ck_assert_str_eq(lenient("what's new? (2024)"), "what's OR \"new\\?\" OR 2024");
    ck_assert_str_eq(lenient("R&D, AT&T"), "\"R&D,\" OR \"AT&T\"");
    ck_assert_str_eq(lenient("100% $5 #tag @me"), "\"100%\" OR \"$5\" OR \"#tag\" OR \"@me\"");
    NO_NOTES();
    ck_assert_str_eq(lenient("C:\\dir\\file"), "\"C:dirfile\"");
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    static const char *const TEXTS[] = {
        "a b \"c d\"~2 -e +f title:(g OR h*) year:[1 TO 5] tag:{a TO b} (i j k)@2^3 東京都庁舎 (",
        "{tag,title}:x NEAR(a b, 5) =w* date:2024 \"multi-ag\"* a a a stops:the \"x _ y\""};
    for (size_t i = 0; i < 2; i++) {
        for (unsigned long nth = 1;; nth++) {
            qi_parse_options options = {.operator_ = (quire_operator)(nth % 3)};
            quire_query *out = NULL;
            qi_mem_fail(nth, nth % 2 == 0);
            quire_status status = qi_parse(&out, schema, quire_cstr(TEXTS[i]), &options, &err);
            unsigned long made = qi_mem_fail(0, false);
            ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
            ck_assert_int_eq(status == QUIRE_OK, out != NULL);
            qi_query_release(out);
            if (made < nth)
                break;
        }
    }
}
END_TEST

#ifndef QI_ARENA_DEBUG
START_TEST(a_reading_like_one_before_takes_nothing_from_the_heap)
{
    static const char *const TEXTS[] = {
        "griffith observatory",          "+a +\"b c\" -d", "(a OR b) AND tag:x",
        "title:running^2 year:[1 TO 5]", "a* =b",          "東京都庁舎"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        for (int again = 0; again < 2; again++) {
            quire_query *out;
            qi_parse_options options = {.strict = false};
            qi_mem_fail(0, false);
            ck_assert_int_eq(qi_parse(&out, schema, quire_cstr(TEXTS[i]), &options, &err),
                             QUIRE_OK);
            unsigned long made = qi_mem_fail(0, false);
            ck_assert_msg(made == 0 || again == 0, "%s: %lu", TEXTS[i], made);
            qi_query_release(out);
        }
}
END_TEST
#endif

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("search.parse");
    TCase *t = tcase_create("parse");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, begin_reading, end_reading);
    tcase_add_test(t, the_default_operator_joins_words_side_by_side);
    tcase_add_test(t, unary_binds_before_and_and_and_before_or);
    tcase_add_test(t, operators_are_in_capitals_only);
    tcase_add_test(t, exclusions_apply_to_their_whole_list);
    tcase_add_test(t, a_plus_makes_the_others_optional);
    tcase_add_test(t, groups_nest_and_plain_nesting_is_flat);
    tcase_add_test(t, at_least_n_counts_the_clauses_of_a_group);
    tcase_add_test(t, smart_requires_what_narrows_by_columns);
    tcase_add_test(t, default_fields_can_be_given);
    tcase_add_test(t, a_language_overrides_that_of_the_fields);
    tcase_add_test(t, l1_limits_drop_the_excess_with_a_note);
    tcase_add_test(t, l1_text_without_white_space_is_cut_between_characters);
    tcase_add_test(t, without_searched_fields_all_text_is_searched_and_without_text_nothing);
    tcase_add_test(t, l1_the_longest_text_reads_over_the_widest_schema);
    tcase_add_test(t, l4_an_empty_query_finds_nothing);
    tcase_add_test(t, l5_only_negatives_are_everything_minus_them);
    tcase_add_test(t, what_makes_other_engines_fail_is_read);
    tcase_add_test(t, every_allocation_may_fail);
#ifndef QI_ARENA_DEBUG
    tcase_add_test(t, a_reading_like_one_before_takes_nothing_from_the_heap);
#endif
    suite_add_tcase(s, t);
    return s;
}
