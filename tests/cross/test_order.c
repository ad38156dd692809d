/* SPDX-License-Identifier: MIT
 * An index before and after its documents were put in another order, by the public interface alone:
 * every query finds the same documents with the same bits of score, and all that a document has
 * goes with it. */
#include <check.h>
#include <string.h>

#include <quire.h>

#include "support/roll.h"

enum { DOCS = 3000, TOPICS = 20, LONGEST = 1200, QUERIES = 150 };

static quire_error err;
static quire_index *index_of;

/* What a query found, by the number in the document's id. */
typedef struct found {
    bool there[DOCS];
    float scores[DOCS];
    uint64_t total;
} found;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

static void create(void)
{
    static const struct {
        const char *name;
        quire_field_type type;
        bool key, stored, exact;
    } fields[] = {{"id", QUIRE_KEYWORD, true, false, false},
                  {"title", QUIRE_TEXT, false, false, false},
                  {"body", QUIRE_TEXT, false, true, true},
                  {"tag", QUIRE_KEYWORD, false, false, false},
                  {"n", QUIRE_NUMBER, false, false, false}};
    quire_schema *schema;
    ok(quire_schema_new(&schema, false, &err));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        quire_field field = QUIRE_FIELD_INIT;
        field.name = fields[i].name;
        field.type = fields[i].type;
        field.key = fields[i].key;
        field.stored = fields[i].stored;
        field.exact = fields[i].exact;
        field.searched = fields[i].type == QUIRE_TEXT;
        ok(quire_schema_add(schema, &field, &err));
    }
    ok(quire_index_create(&index_of, NULL, schema, NULL, &err));
    quire_schema_free(schema);
}

/* A word of a topic, or of all of them; "ing" makes it another form of the same stem. */
static size_t write_word(char *out, uint32_t topic)
{
    uint32_t word = roll(1 + roll(60));
    const char *form = roll(3) == 0 ? "ing" : "";
    if (roll(3) == 0)
        return (size_t)sprintf(out, "t%cw%c%s ", 'a' + (int)topic, 'a' + (int)word % 26, form);
    return (size_t)sprintf(out, "c%c%c%s ", 'a' + (int)word % 26, 'a' + (int)word / 26, form);
}

static size_t write_text(char *out, uint32_t words, uint32_t topic)
{
    size_t len = 0;
    while (words-- > 0)
        len += write_word(out + len, topic);
    out[len] = '\0';
    return len;
}

static void add(quire_writer *writer, uint32_t number)
{
    char id[16], title[100], body[LONGEST], tag[16];
    uint32_t topic = roll(TOPICS);
    quire_value values[] = {{"id", {id, (size_t)sprintf(id, "%u", number)}, 0},
                            {"title", {title, write_text(title, roll(8), topic)}, 0},
                            {"body", {body, write_text(body, roll(100), topic)}, 0},
                            {"tag", {tag, (size_t)sprintf(tag, "tag%u", topic % 7)}, 0},
                            {"n", {NULL, 0}, number}};
    ok(quire_writer_add(writer, values, 5, NULL, &err));
}

/* Several segments, with documents replaced and deleted; then one without them, as added. */
static void fill(void)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    quire_writer *writer;
    char id[16];
    options.no_auto_merge = true;
    ok(quire_writer_open(&writer, index_of, &options, &err));
    for (uint32_t i = 0; i < DOCS; i++) {
        add(writer, i);
        if (roll(10) == 0)
            add(writer, roll(i + 1));
        if (roll(20) == 0)
            (void)!quire_writer_delete(
                writer, (quire_str){id, (size_t)sprintf(id, "%u", roll(i + 1))}, &err);
        if (roll(DOCS / 4) == 0)
            ok(quire_writer_commit(writer, (quire_str){NULL, 0}, false, &err));
    }
    ok(quire_writer_merge(writer, 1, &err));
    quire_writer_close(writer);
}

static void optimize(quire_order order)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    quire_writer *writer;
    options.order = order;
    options.max_memory = 1 << 20;
    ok(quire_writer_open(&writer, index_of, &options, &err));
    ok(quire_writer_merge(writer, 1, &err));
    quire_writer_close(writer);
    ok(quire_index_check(index_of, 3, NULL, NULL, &err));
}

/* Words, all or any of them, phrases, exact forms, prefixes, filters. */
static void write_query(char *out)
{
    static const char *const shapes[] = {
        "%s",    "%s OR %s", "+%s +%s",  "\"%s %s\"",   "\"%s %s\"~3",       "=%s",
        "%.2s*", "+%s -%s",  "title:%s", "%s tag:tag3", "%s n:[100 TO 900]", "+%s %s"};
    char a[16], b[16];
    a[write_word(a, roll(TOPICS)) - 1] = '\0';
    b[write_word(b, roll(TOPICS)) - 1] = '\0';
    snprintf(out, 64, shapes[roll(sizeof shapes / sizeof *shapes)], a, b);
}

/* The number of a document; its columns, keyword and stored text are what this number has. */
static uint32_t number_of(quire_snapshot *snapshot, quire_doc doc, quire_str *text)
{
    const quire_document *document;
    char id[16] = {0};
    ok(quire_document_open(&document, snapshot, doc, &err));
    const quire_value *key = quire_document_value(document, "id");
    ck_assert_uint_lt(key->text.len, sizeof id);
    memcpy(id, key->text.ptr, key->text.len);
    uint32_t number = (uint32_t)strtoul(id, NULL, 10);
    ck_assert_int_eq(quire_document_value(document, "n")->number, number);
    const quire_value *body = quire_document_value(document, "body");
    text->len = body != NULL ? body->text.len : 0;
    text->ptr = memcpy(malloc(text->len + 1), body != NULL ? body->text.ptr : "", text->len);
    quire_document_free(document);
    return number;
}

static void ask(const char *text, found *out)
{
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    quire_snapshot *snapshot;
    quire_query *query;
    const quire_hits *hits;
    *out = (found){.total = 0};
    options.limit = DOCS;
    options.count = true;
    ok(quire_snapshot_open(&snapshot, index_of, &err));
    ok(quire_query_parse(&query, index_of, quire_cstr(text), NULL, &err));
    ok(quire_search(&hits, snapshot, query, &options, &err));
    out->total = hits->total;
    ck_assert_msg(hits->count == hits->total, "%s: %zu of %llu", text, hits->count,
                  (unsigned long long)hits->total);
    for (size_t i = 0; i < hits->count; i++) {
        quire_str body;
        uint32_t number = number_of(snapshot, hits->items[i].doc, &body);
        free((char *)body.ptr);
        ck_assert(!out->there[number]);
        out->there[number] = true;
        out->scores[number] = hits->items[i].score;
    }
    quire_hits_free(hits);
    quire_query_free(query);
    quire_snapshot_close(snapshot);
}

/* Stored texts by number; NULL where there is no document. */
static void read_texts(quire_str texts[DOCS])
{
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index_of, &err));
    for (uint32_t i = 0; i < DOCS; i++) {
        char id[16];
        quire_doc doc;
        texts[i] = (quire_str){NULL, 0};
        quire_status status = quire_snapshot_find(
            snapshot, (quire_str){id, (size_t)sprintf(id, "%u", i)}, &doc, &err);
        if (status != QUIRE_ERR_NOT_FOUND) {
            ok(status);
            ck_assert_uint_eq(number_of(snapshot, doc, &texts[i]), i);
        }
    }
    quire_snapshot_close(snapshot);
}

static quire_str texts_before[DOCS], texts_after[DOCS];
static found before[QUERIES], after;
static char queries[QUERIES][64];

START_TEST(every_query_finds_the_same_with_the_same_score_and_documents_keep_what_they_have)
{
    uint64_t total = 0;
    roll_seed();
    create();
    fill();
    read_texts(texts_before);
    for (int q = 0; q < QUERIES; q++) {
        write_query(queries[q]);
        ask(queries[q], &before[q]);
        total += before[q].total;
    }
    optimize(_i == 0 ? QUIRE_ORDER_TOPICS : QUIRE_ORDER_BISECTION);
    read_texts(texts_after);
    for (int i = 0; i < DOCS; i++) {
        ck_assert_int_eq(texts_before[i].ptr != NULL, texts_after[i].ptr != NULL);
        ck_assert_uint_eq(texts_before[i].len, texts_after[i].len);
        if (texts_before[i].len != 0)
            ck_assert_mem_eq(texts_before[i].ptr, texts_after[i].ptr, texts_before[i].len);
        free((char *)texts_before[i].ptr);
        free((char *)texts_after[i].ptr);
    }
    for (int q = 0; q < QUERIES; q++) {
        ask(queries[q], &after);
        ck_assert_msg(memcmp(&before[q], &after, sizeof after) == 0, "%s", queries[q]);
    }
    printf("order: %llu hits of %d queries are the same\n", (unsigned long long)total, QUERIES);
    ck_assert_uint_gt(total, DOCS);
    quire_index_close(index_of);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.order");
    TCase *t = tcase_create("order");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(
        t, every_query_finds_the_same_with_the_same_score_and_documents_keep_what_they_have, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
