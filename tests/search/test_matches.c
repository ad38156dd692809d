/* SPDX-License-Identifier: MIT
 * Covers: snippet. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/matches.h"
#include "support/roll.h"

static quire_schema *schema;
static qi_arena memory;
static qi_matches *matches;
static quire_value values[8];
static quire_document document;

static void add_field(const char *name, const char *language)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.stored = field.searched = field.exact = true;
    snprintf(field.analyzer.language, sizeof field.analyzer.language, "%s", language);
    ck_assert_int_eq(quire_schema_add(schema, &field, NULL), QUIRE_OK);
}

static void setup(void)
{
    ck_assert_int_eq(quire_schema_new(&schema, false, NULL), QUIRE_OK);
    add_field("title", "english");
    add_field("body", "english");
    qi_arena_init(&memory, 0);
    document = (quire_document){0, values, ""};
}

static void teardown(void)
{
    qi_matches_free(matches);
    matches = NULL;
    qi_arena_free(&memory);
    quire_schema_free(schema);
}

static void put(const char *field, const char *text)
{
    values[document.count++] = (quire_value){field, quire_cstr(text), 0};
}

/* A node over the words of `terms`, separated by spaces, in both fields. */
static qi_node *node(qi_node_kind kind, const char *terms, bool exact, uint32_t slop)
{
    qi_node *made = qi_arena_new(&memory, 1, sizeof *made);
    qi_leaf *leaves = qi_arena_new(&memory, 2, sizeof *leaves);
    qi_word *words = qi_arena_new(&memory, 16, sizeof *words);
    uint32_t count = 0;
    for (const char *at = terms; *at != '\0' && count < 16; count++) {
        size_t len = strcspn(at, " ");
        words[count] = (qi_word){{at, len}, count};
        at += len + (at[len] == ' ');
    }
    leaves[0] = (qi_leaf){QI_LANE(0, exact), count, words};
    leaves[1] = (qi_leaf){QI_LANE(1, exact), count, words};
    *made = (qi_node){.kind = kind, .boost = 1, .leaf_count = 2, .leaves = leaves, .slop = slop};
    return made;
}

static qi_node *both(qi_node_kind kind, qi_node *first, qi_node *second)
{
    qi_node *made = qi_arena_new(&memory, 1, sizeof *made);
    qi_node **children = qi_arena_new(&memory, 2, sizeof *children);
    children[0] = first;
    children[1] = second;
    *made = (qi_node){.kind = kind, .boost = 1, .child_count = 2, .least = 1, .children = children};
    return made;
}

/* The matches of a query as "value:text|value:text". */
static const char *found(const qi_node *root)
{
    static char out[1000];
    qi_matches_free(matches);
    ck_assert_int_eq(qi_matches_open(&matches, schema, root, &document, NULL), QUIRE_OK);
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < matches->shown.count; i++) {
        const quire_match *match = &matches->shown.items[i];
        len += (size_t)snprintf(out + len, sizeof out - len, "%s%u:%.*s", i == 0 ? "" : "|",
                                match->value, (int)(match->end - match->start),
                                values[match->value].text.ptr + match->start);
    }
    return out;
}

START_TEST(a_word_is_found_by_its_stem_and_marked_as_it_stands)
{
    put("title", "The Runner");
    put("body", "She runs, he Running. RUN! (rundown)");
    ck_assert_str_eq(found(node(QI_NODE_TERM, "run", false, 0)), "1:runs|1:Running|1:RUN");
    ck_assert_str_eq(found(node(QI_NODE_TERM, "runs", true, 0)), "1:runs");
}
END_TEST

START_TEST(a_prefix_marks_the_words_that_start_with_it)
{
    put("body", "runs runner Rundown trun ru");
    ck_assert_str_eq(found(node(QI_NODE_PREFIX, "run", true, 0)), "0:runs|0:runner|0:Rundown");
}
END_TEST

START_TEST(a_phrase_is_marked_only_where_its_words_stand_in_order)
{
    put("body", "fox quick; quick fox. The quick, brown fox and a quick\nfox");
    ck_assert_str_eq(found(node(QI_NODE_PHRASE, "quick fox", false, 0)),
                     "0:quick fox|0:quick\nfox");
}
END_TEST

START_TEST(a_phrase_with_slop_marks_its_words)
{
    put("body", "quick brown fox. x x x x x fox x x x x x");
    ck_assert_str_eq(found(node(QI_NODE_PHRASE, "quick fox", false, 1)), "0:quick|0:fox");
    ck_assert_str_eq(found(node(QI_NODE_PHRASE, "fox quick", false, 2)), "");
    ck_assert_str_eq(found(node(QI_NODE_PHRASE, "fox quick", false, 3)), "0:quick|0:fox");
}
END_TEST

START_TEST(a_phrase_does_not_cross_from_one_value_to_the_next)
{
    put("body", "the quick");
    put("body", "fox");
    ck_assert_str_eq(found(node(QI_NODE_PHRASE, "quick fox", false, 0)), "");
    ck_assert_str_eq(found(node(QI_NODE_TERM, "fox", false, 0)), "1:fox");
}
END_TEST

START_TEST(what_is_excluded_is_not_marked)
{
    put("body", "cat dog");
    ck_assert_str_eq(found(both(QI_NODE_NOT, node(QI_NODE_TERM, "cat", false, 0),
                                node(QI_NODE_TERM, "dog", false, 0))),
                     "0:cat");
}
END_TEST

START_TEST(matches_that_overlap_are_one)
{
    put("body", "a quick brown fox");
    ck_assert_str_eq(found(both(QI_NODE_OR, node(QI_NODE_TERM, "brown", false, 0),
                                node(QI_NODE_PHRASE, "quick brown fox", false, 0))),
                     "0:quick brown fox");
}
END_TEST

START_TEST(the_documents_own_language_counts)
{
    document.language = "german";
    put("body", "H\xC3\xA4user Haus");
    ck_assert_str_eq(found(node(QI_NODE_TERM, "haus", false, 0)), "0:H\xC3\xA4user|0:Haus");
}
END_TEST

static const char *snippet(const qi_node *root, quire_snippet_options options)
{
    static char out[2000];
    quire_str text;
    found(root);
    ck_assert_int_eq(qi_snippet_make(matches, &options, &text, NULL), QUIRE_OK);
    ck_assert_uint_lt(text.len, sizeof out);
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return out;
}

START_TEST(a_snippet_shows_the_passage_with_most_words_of_the_query)
{
    quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
    options.max_bytes = 30;
    put("body",
        "cat alone and far away from it all the cat sits by a dog in the sun until the night");
    ck_assert_str_eq(snippet(both(QI_NODE_OR, node(QI_NODE_TERM, "cat", false, 0),
                                  node(QI_NODE_TERM, "dog", false, 0)),
                             options),
                     "\xE2\x80\xA6the <b>cat</b> sits by a <b>dog</b> in the\xE2\x80\xA6");
}
END_TEST

START_TEST(a_snippet_is_safe_for_html_when_asked)
{
    quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
    options.html = true;
    options.open = "<mark>";
    options.close = "</mark>";
    put("body", "<script>\"cat\" & 'dog'</script>");
    ck_assert_str_eq(
        snippet(node(QI_NODE_TERM, "cat", false, 0), options),
        "&lt;script&gt;&quot;<mark>cat</mark>&quot; &amp; &#39;dog&#39;&lt;/script&gt;");
}
END_TEST

START_TEST(without_a_match_the_start_of_the_longest_text_is_shown)
{
    quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
    options.max_bytes = 12;
    put("title", "Short");
    put("body", "A longer text, which goes on");
    ck_assert_str_eq(snippet(node(QI_NODE_TERM, "cat", false, 0), options), "A longer\xE2\x80\xA6");
    options.field = "title";
    ck_assert_str_eq(snippet(node(QI_NODE_TERM, "cat", false, 0), options), "Short");
}
END_TEST

START_TEST(white_space_is_shown_as_one_space)
{
    quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
    put("body", "one\n\n  two\tcat \n");
    ck_assert_str_eq(snippet(node(QI_NODE_TERM, "cat", false, 0), options), "one two <b>cat</b>");
}
END_TEST

START_TEST(an_unknown_field_is_misuse)
{
    quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
    quire_str text;
    options.field = "none";
    put("body", "cat");
    found(node(QI_NODE_TERM, "cat", false, 0));
    ck_assert_int_eq(qi_snippet_make(matches, &options, &text, NULL), QUIRE_ERR_MISUSE);
}
END_TEST

/* Text of words, spaces, characters of several bytes, and bytes that are none. */
static size_t random_text(char *out, size_t room)
{
    static const char *pieces[] = {
        "cat ",     "dog",
        " ",        "\xE6\x9D\xB1",
        "\xC3\xA9", "\xFF",
        "\xE6",     "a",
        ". ",       "\n",
        "dog cat",  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    size_t len = 0;
    for (uint32_t i = roll(60); i > 0; i--) {
        const char *piece = pieces[roll(12)];
        if (len + strlen(piece) < room)
            memcpy(out + len, piece, strlen(piece)), len += strlen(piece);
    }
    return len;
}

START_TEST(snippets_of_any_bytes_keep_to_their_length_and_to_whole_characters)
{
    static char text[4096];
    roll_seed();
    qi_node *root = both(QI_NODE_OR, node(QI_NODE_TERM, "cat", false, 0),
                         node(QI_NODE_PHRASE, "dog cat", false, 0));
    for (int round = 0; round < 3000; round++) {
        quire_snippet_options options = QUIRE_SNIPPET_OPTIONS_INIT;
        options.max_bytes = 1 + roll(100);
        options.open = options.close = options.ellipsis = "";
        document.count = 1;
        values[0] = (quire_value){"body", {text, random_text(text, sizeof text)}, 0};
        ck_assert_int_eq(qi_matches_open(&matches, schema, root, &document, NULL), QUIRE_OK);
        quire_str out;
        ck_assert_int_eq(qi_snippet_make(matches, &options, &out, NULL), QUIRE_OK);
        ck_assert_uint_le(out.len, options.max_bytes);
        for (size_t i = 0; i < matches->shown.count; i++) {
            const quire_match *match = &matches->shown.items[i];
            ck_assert(match->start < match->end && match->end <= values[0].text.len);
            ck_assert(i == 0 || match->start >= match[-1].end);
        }
        qi_matches_free(matches);
        matches = NULL;
    }
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
    Suite *suite = suite_create("search.matches");
    TCase *tests = tcase_create("matches");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, a_word_is_found_by_its_stem_and_marked_as_it_stands);
    tcase_add_test(tests, a_prefix_marks_the_words_that_start_with_it);
    tcase_add_test(tests, a_phrase_is_marked_only_where_its_words_stand_in_order);
    tcase_add_test(tests, a_phrase_with_slop_marks_its_words);
    tcase_add_test(tests, a_phrase_does_not_cross_from_one_value_to_the_next);
    tcase_add_test(tests, what_is_excluded_is_not_marked);
    tcase_add_test(tests, matches_that_overlap_are_one);
    tcase_add_test(tests, the_documents_own_language_counts);
    tcase_add_test(tests, a_snippet_shows_the_passage_with_most_words_of_the_query);
    tcase_add_test(tests, a_snippet_is_safe_for_html_when_asked);
    tcase_add_test(tests, without_a_match_the_start_of_the_longest_text_is_shown);
    tcase_add_test(tests, white_space_is_shown_as_one_space);
    tcase_add_test(tests, an_unknown_field_is_misuse);
    tcase_add_test(tests, snippets_of_any_bytes_keep_to_their_length_and_to_whole_characters);
    suite_add_tcase(suite, tests);
    return suite;
}
