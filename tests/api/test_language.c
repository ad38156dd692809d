/* SPDX-License-Identifier: MIT
 * What quire-query(7) says that queries find, asked of a small index through the public interface.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "quire.h"

static quire_index *memory_index;
static quire_snapshot *snapshot;
static quire_error err;

static const struct {
    const char *id, *title, *body, *tag, *date;
    int64_t number;
} DOCS[] = {
    {"a", "Sea ice", "The sea ice is melting. Running water follows.", "north", "2024-02-29", 5},
    {"b", "Ice cores", "Cores of ice from the deep sea, drilled by multi-agent teams.", "south",
     "2023", 7},
    {"c", "Warm seas", "Corals run out of time; don't wait. Version 20.04 of C++.", "south east",
     "2024-05-17T10:30:00Z", -3},
    {"d", "東京都庁", "東京都庁舎は新宿にある。", "east", "1969-07-20", 9},
    {"e", "The who", "A band, the who. Ice deep sea; cores organise the organisation.", NULL, NULL,
     5},
};
enum { DOC_COUNT = sizeof DOCS / sizeof *DOCS };

static quire_schema *make_schema(void)
{
    quire_schema *schema;
    quire_field tag = QUIRE_FIELD_INIT, number = QUIRE_FIELD_INIT, stops = QUIRE_FIELD_INIT;
    ck_assert_int_eq(quire_schema_new(&schema, true, &err), QUIRE_OK);
    tag.name = "tag";
    tag.type = QUIRE_KEYWORD;
    number.name = "number";
    number.type = QUIRE_NUMBER;
    ck_assert_int_eq(quire_schema_add(schema, &tag, &err), QUIRE_OK);
    ck_assert_int_eq(quire_schema_add(schema, &number, &err), QUIRE_OK);
    stops.name = "stops";
    strcpy(stops.analyzer.language, "english");
    stops.analyzer.stop_words = true;
    ck_assert_int_eq(quire_schema_add(schema, &stops, &err), QUIRE_OK);
    return schema;
}

static void add_documents(void)
{
    quire_writer *writer;
    ck_assert_int_eq(quire_writer_open(&writer, memory_index, NULL, &err), QUIRE_OK);
    for (size_t i = 0; i < DOC_COUNT; i++) {
        quire_value values[7] = {
            {"id", quire_cstr(DOCS[i].id), 0},       {"title", quire_cstr(DOCS[i].title), 0},
            {"body", quire_cstr(DOCS[i].body), 0},   {"number", {NULL, 0}, DOCS[i].number},
            {"stops", quire_cstr(DOCS[i].title), 0}, {"tag", quire_cstr(DOCS[i].tag), 0},
            {"date", quire_cstr(DOCS[i].date), 0}};
        quire_status status =
            quire_writer_add(writer, values, DOCS[i].tag == NULL ? 5 : 7, NULL, &err);
        ck_assert_msg(status == QUIRE_OK, "%s", status == QUIRE_OK ? "" : err.message);
    }
    ck_assert_int_eq(quire_writer_commit(writer, (quire_str){"", 0}, false, &err), QUIRE_OK);
    quire_writer_close(writer);
}

static void begin(void)
{
    quire_schema *schema = make_schema();
    ck_assert_int_eq(quire_index_create(&memory_index, NULL, schema, NULL, &err), QUIRE_OK);
    quire_schema_free(schema);
    add_documents();
    ck_assert_int_eq(quire_snapshot_open(&snapshot, memory_index, &err), QUIRE_OK);
}

static void end(void)
{
    quire_snapshot_close(snapshot);
    quire_index_close(memory_index);
}

static char id_of(quire_doc doc)
{
    const quire_document *document;
    ck_assert_int_eq(quire_document_open(&document, snapshot, doc, &err), QUIRE_OK);
    char id = quire_document_value(document, "id")->text.ptr[0];
    quire_document_free(document);
    return id;
}

/* The ids of what the text finds, best first. */
static const char *ranked(const char *text, quire_operator operator_)
{
    static char ids[DOC_COUNT + 1];
    quire_parse_options how = QUIRE_PARSE_OPTIONS_INIT;
    quire_query *query;
    const quire_hits *hits;
    how.operator_ = operator_;
    ck_assert_int_eq(quire_query_parse(&query, memory_index, quire_cstr(text), &how, &err),
                     QUIRE_OK);
    quire_status status = quire_search(&hits, snapshot, query, NULL, &err);
    ck_assert_msg(status == QUIRE_OK, "%s: %s", text, status == QUIRE_OK ? "" : err.message);
    size_t count = hits->count;
    for (size_t i = 0; i < count; i++)
        ids[i] = id_of(hits->items[i].doc);
    ids[count] = '\0';
    quire_hits_free(hits);
    quire_query_free(query);
    return ids;
}

/* The same in alphabetical order, under the default operator OR. */
static const char *found(const char *text)
{
    static char ids[DOC_COUNT + 1];
    size_t count = 0;
    const char *all = ranked(text, QUIRE_OR);
    for (char id = 'a'; id <= 'z'; id++)
        if (strchr(all, id) != NULL)
            ids[count++] = id;
    ids[count] = '\0';
    return ids;
}

START_TEST(words_and_phrases_find_what_the_manual_says)
{
    static const struct {
        const char *text, *ids;
    } CASES[] = {
        {"sea", "abce"},
        {"SEAS", "abce"},
        {"=sea", "abe"},
        {"=seas", "c"},
        {"run", "ac"},
        {"=run", "c"},
        {"runn*", "a"},
        {"organis*", "e"},
        {"=organise", "e"},
        {"\"sea ice\"", "a"},
        {"\"ice sea\"", ""},
        {"\"ice sea\"~2", "ae"},
        {"\"deep sea\"", "be"},
        {"\"ice sea\"~1", "e"},
        {"\"ice _ sea\"", "e"},
        {"\"cores _ ice\"", "b"},
        {"=\"sea ice\"", "a"},
        {"=\"seas ice\"", ""},
        {"\"(ice|deep) sea\"", "be"},
        {"multi-agent", "b"},
        {"don't", "c"},
        {"20.04", "c"},
        {"20.*", "c"},
        {"C++", "c"},
        {"東京", "d"},
        {"京都", "d"},
        {"京庁", ""},
        {"東京都庁舎は新宿", "d"},
        {"*", "abcde"},
        {"absent", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        ck_assert_msg(strcmp(found(CASES[i].text), CASES[i].ids) == 0, "%s finds %s, not %s",
                      CASES[i].text, found(CASES[i].text), CASES[i].ids);
}
END_TEST

START_TEST(operators_find_what_the_manual_says)
{
    static const struct {
        const char *text, *ids;
    } CASES[] = {
        {"sea ice", "abce"},
        {"sea AND ice", "abe"},
        {"sea -ice", "c"},
        {"-sea", "d"},
        {"NOT sea NOT tag:east", ""},
        {"+ice corals", "abe"},
        {"corals OR melting", "ac"},
        {"corals | drilled", "bc"},
        {"(corals OR drilled) AND sea", "bc"},
        {"(sea ice deep)@2", "abe"},
        {"(sea ice deep)@3", "be"},
        {"sea AND ice^0", "abe"},
        {"sea -(ice OR corals)", ""},
        {"sea NOT title:ice", "ce"},
        {"sea AND band OR melting", "ae"},
        {"wait^3 -absent", "c"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        ck_assert_msg(strcmp(found(CASES[i].text), CASES[i].ids) == 0, "%s finds %s, not %s",
                      CASES[i].text, found(CASES[i].text), CASES[i].ids);
}
END_TEST

START_TEST(fields_find_what_the_manual_says)
{
    static const struct {
        const char *text, *ids;
    } CASES[] = {
        {"title:sea", "ac"},
        {"title:(sea OR cores)", "abc"},
        {"{title,body}:band", "e"},
        {"tag:south", "b"},
        {"tag:\"south east\"", "c"},
        {"tag:South", ""},
        {"tag:south*", "bc"},
        {"tag:*", "abcd"},
        {"tag:[north TO south]", "ab"},
        {"tag:{north TO south}", ""},
        {"tag:{north TO *]", "bc"},
        {"number:5", "ae"},
        {"number:>5", "bd"},
        {"number:<=5", "ace"},
        {"number:-3..6", "ace"},
        {"number:{5 TO 9}", "b"},
        {"number:*", "abcde"},
        {"date:2024", "ac"},
        {"date:2024-02", "a"},
        {"date:2024-05-17", "c"},
        {"date:2024-05-17T10:30", "c"},
        {"date:2024-05-17T10:31", ""},
        {"date:<1970", "d"},
        {"date:2023..2024-02", "ab"},
        {"date:*", "abcd"},
        {"title:*", "abcde"},
        {"author:*", ""},
        {"sea AND number:5", "ae"},
        {"sea -tag:*", "e"},
        {"id:c", "c"},
        {"stops:the", ""},
        {"stops:\"the sea\"", "ac"},
        {"stops:\"the ice\"", "ab"},
        {"{stops,body}:\"the sea\"", "ac"},
        {"{stops,body}:\"the ice cores\"", "b"},
        {"{stops,body}:\"the warm\"^2 -number:9", "c"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        ck_assert_msg(strcmp(found(CASES[i].text), CASES[i].ids) == 0, "%s finds %s, not %s",
                      CASES[i].text, found(CASES[i].text), CASES[i].ids);
}
END_TEST

START_TEST(smart_puts_documents_with_all_words_first)
{
    const char *ids = ranked("melting ice", QUIRE_SMART);
    ck_assert_int_eq(ids[0], 'a');
    ck_assert_uint_eq(strlen(ids), 3);
    ck_assert_str_eq(ranked("melting ice tag:south", QUIRE_SMART), "b");
    ck_assert_uint_eq(strlen(ranked("sea ice -melting", QUIRE_SMART)), 3);
    ck_assert_str_eq(ranked("melting ice", QUIRE_AND), "a");
}
END_TEST

/* Pairs of texts that mean the same. */
START_TEST(a_canonical_text_finds_the_same_with_the_same_scores)
{
    static const char *const TEXTS[] = {
        "sea ice \"deep sea\"^2 -corals", "+ice sea number:5",
        "(sea ice deep)@2 corals^0.5",    "title:sea^2 OR ice AND NOT tag:south",
        "東京都庁舎は新宿 sea",           "sea ice sea"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        quire_parse_options strict = QUIRE_PARSE_OPTIONS_INIT;
        quire_query *query, *again;
        const quire_hits *hits, *same;
        strict.strict = true;
        ck_assert_int_eq(quire_query_parse(&query, memory_index, quire_cstr(TEXTS[i]), NULL, &err),
                         QUIRE_OK);
        ck_assert_int_eq(quire_query_parse(&again, memory_index,
                                           quire_query_describe(query)->canonical, &strict, &err),
                         QUIRE_OK);
        ck_assert_int_eq(quire_search(&hits, snapshot, query, NULL, &err), QUIRE_OK);
        ck_assert_int_eq(quire_search(&same, snapshot, again, NULL, &err), QUIRE_OK);
        ck_assert_uint_eq(hits->count, same->count);
        for (size_t h = 0; h < hits->count; h++)
            ck_assert(hits->items[h].doc == same->items[h].doc &&
                      hits->items[h].score == same->items[h].score);
        quire_hits_free(hits);
        quire_hits_free(same);
        quire_query_free(query);
        quire_query_free(again);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("api.language");
    TCase *t = tcase_create("language");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, words_and_phrases_find_what_the_manual_says);
    tcase_add_test(t, operators_find_what_the_manual_says);
    tcase_add_test(t, fields_find_what_the_manual_says);
    tcase_add_test(t, smart_puts_documents_with_all_words_first);
    tcase_add_test(t, a_canonical_text_finds_the_same_with_the_same_scores);
    suite_add_tcase(s, t);
    return s;
}
