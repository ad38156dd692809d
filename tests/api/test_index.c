/* SPDX-License-Identifier: MIT
 * The life of an index through quire.h alone.
 * Covers: schema writer. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quire.h"
#include "support/temp.h"

static quire_error err;
static char folder[256], path[300];
static quire_schema *schema;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%d: %s", status, err.message);
}

static void setup(void)
{
    temp_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/index", folder);
    ok(quire_schema_new(&schema, true, &err));
}

static void teardown(void)
{
    quire_schema_free(schema);
    temp_remove(folder);
}

static quire_index *create(const char *where)
{
    quire_index *index;
    ok(quire_index_create(&index, where, schema, NULL, &err));
    return index;
}

static quire_writer *open_writer(quire_index *index)
{
    quire_writer *writer;
    ok(quire_writer_open(&writer, index, NULL, &err));
    return writer;
}

static void add(quire_writer *writer, const char *id, const char *body)
{
    const quire_value values[] = {{.field = "id", .text = quire_cstr(id)},
                                  {.field = "body", .text = quire_cstr(body)}};
    ok(quire_writer_add(writer, values, 2, NULL, &err));
}

static void commit(quire_writer *writer, const char *payload)
{
    ok(quire_writer_commit(writer, quire_cstr(payload), false, &err));
}

static uint64_t documents(quire_index *index)
{
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index, &err));
    uint64_t count = quire_snapshot_stat(snapshot)->documents;
    quire_snapshot_close(snapshot);
    return count;
}

START_TEST(the_article_schema_is_as_promised)
{
    static const struct {
        const char *name;
        quire_field_type type;
        bool searched, exact;
        float weight;
        const char *language;
    } fields[] = {
        {"id", QUIRE_KEYWORD, false, false, 0, ""},
        {"title", QUIRE_TEXT, true, true, 2, "english"},
        {"body", QUIRE_TEXT, true, true, 1, "english"},
        {"author", QUIRE_TEXT, false, false, 1, ""},
        {"date", QUIRE_DATE, false, false, 0, ""},
        {"url", QUIRE_KEYWORD, false, false, 0, ""},
    };
    for (size_t i = 0; i < 6; i++) {
        const quire_field *field = quire_schema_field(schema, i);
        ck_assert_str_eq(field->name, fields[i].name);
        ck_assert_int_eq(field->type, fields[i].type);
        ck_assert_int_eq(field->key, i == 0);
        ck_assert_int_eq(field->stored, field->type == QUIRE_TEXT);
        ck_assert(field->searched == fields[i].searched && field->exact == fields[i].exact);
        ck_assert(field->weight == fields[i].weight);
        ck_assert_str_eq(field->analyzer.language, fields[i].language);
    }
    ck_assert_ptr_null(quire_schema_field(schema, 6));
    ck_assert_ptr_null(quire_schema_field(NULL, 0));
    quire_field bad = QUIRE_FIELD_INIT;
    bad.name = "more";
    strcpy(bad.analyzer.language, "klingon");
    ck_assert_int_eq(quire_schema_add(schema, &bad, &err), QUIRE_ERR_MISUSE);
    strcpy(bad.analyzer.language, "german");
    ok(quire_schema_add(schema, &bad, &err));
    ck_assert_int_eq(quire_schema_add(schema, &bad, &err), QUIRE_ERR_EXISTS);
}
END_TEST

START_TEST(an_index_is_created_written_reopened_and_read)
{
    quire_index *index = create(path);
    quire_writer *writer = open_writer(index);
    add(writer, "a", "one");
    add(writer, "b", "two");
    ck_assert_uint_eq(documents(index), 0);
    commit(writer, "first");
    ck_assert_uint_eq(documents(index), 2);
    add(writer, "a", "three");
    ok(quire_writer_delete(writer, quire_cstr("b"), &err));
    ck_assert_int_eq(quire_writer_delete(writer, quire_cstr("c"), &err), QUIRE_ERR_NOT_FOUND);
    commit(writer, "second");
    quire_writer_close(writer);
    quire_index_close(index);

    ok(quire_index_open(&index, path, NULL, &err));
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index, &err));
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    ck_assert_uint_eq(stat->generation, 3);
    ck_assert_uint_eq(stat->documents, 1);
    ck_assert_uint_eq(stat->payload.len, 6);
    ck_assert_mem_eq(stat->payload.ptr, "second", 6);
    ck_assert(stat->k1 == 1.2f && stat->b == 0.75f);
    ck_assert_uint_ge(strlen(stat->unicode), 3);
    ck_assert_str_eq(stat->unicode, stat->unicode_here);
    quire_doc doc;
    const quire_document *document;
    ok(quire_snapshot_find(snapshot, quire_cstr("a"), &doc, &err));
    ok(quire_document_open(&document, snapshot, doc, &err));
    const quire_value *body = quire_document_value(document, "body");
    ck_assert_uint_eq(body->text.len, 5);
    ck_assert_mem_eq(body->text.ptr, "three", 5);
    quire_document_free(document);
    ck_assert_int_eq(quire_snapshot_find(snapshot, quire_cstr("b"), &doc, &err),
                     QUIRE_ERR_NOT_FOUND);
    for (int level = 1; level <= 3; level++)
        ok(quire_index_check(index, level, NULL, NULL, &err));
    quire_snapshot_close(snapshot);
    quire_index_close(index);
}
END_TEST

START_TEST(handles_may_be_closed_in_any_order)
{
    for (int order = 0; order < 6; order++) {
        quire_index *index = create(NULL);
        quire_writer *writer = open_writer(index);
        quire_snapshot *snapshot;
        quire_doc doc;
        add(writer, "a", "one");
        commit(writer, "");
        ok(quire_snapshot_open(&snapshot, index, &err));
        for (int i = 0; i < 3; i++)
            switch ((order / 2 + (order % 2 == 0 ? i : 3 - i)) % 3) {
            case 0:
                quire_index_close(index);
                break;
            case 1:
                quire_writer_close(writer);
                break;
            default:
                ok(quire_snapshot_find(snapshot, quire_cstr("a"), &doc, &err));
                quire_snapshot_close(snapshot);
            }
    }
    quire_index_close(NULL);
    quire_writer_close(NULL);
    quire_snapshot_close(NULL);
    quire_schema_free(NULL);
}
END_TEST

START_TEST(values_are_read_by_the_type_of_their_field)
{
    quire_schema *own;
    quire_index *index;
    quire_field field = QUIRE_FIELD_INIT;
    ok(quire_schema_new(&own, false, &err));
    field.name = "n";
    field.type = QUIRE_NUMBER;
    ok(quire_schema_add(own, &field, &err));
    field.name = "d";
    field.type = QUIRE_DATE;
    ok(quire_schema_add(own, &field, &err));
    field.name = "k";
    field.type = QUIRE_KEYWORD;
    ok(quire_schema_add(own, &field, &err));
    ok(quire_index_create(&index, NULL, own, NULL, &err));
    quire_schema_free(own);
    quire_writer *writer = open_writer(index);
    const quire_value good[][3] = {
        {{.field = "n", .number = -5}, {.field = "d", .number = 86400}, {.field = "k"}},
        {{.field = "n", .text = quire_cstr("-5")},
         {.field = "d", .text = quire_cstr("1970-01-02")},
         {.field = "k", .text = quire_cstr("Key")}},
    };
    for (int i = 0; i < 2; i++)
        ok(quire_writer_add(writer, good[i], 3, NULL, &err));
    const quire_value bad[] = {
        {.field = "n", .text = quire_cstr("five")},
        {.field = "n", .text = quire_cstr("")},
        {.field = "d", .text = quire_cstr("1970-13-01")},
        {.field = "x"},
        {.field = NULL},
        {.field = "k", .text = {NULL, 3}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(quire_writer_add(writer, &bad[i], 1, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_delete(writer, quire_cstr("Key"), &err), QUIRE_ERR_MISUSE);
    commit(writer, "");
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index, &err));
    ck_assert_uint_eq(quire_snapshot_stat(snapshot)->documents, 2);
    for (quire_doc doc = 0; doc < 2; doc++) {
        const quire_document *document;
        ok(quire_document_open(&document, snapshot, doc, &err));
        ck_assert_int_eq(quire_document_value(document, "n")->number, -5);
        ck_assert_int_eq(quire_document_value(document, "d")->number, 86400);
        const quire_value *key = quire_document_value(document, "k");
        ck_assert(doc == 0 ? key == NULL : key->text.len == 3);
        quire_document_free(document);
    }
    quire_snapshot_close(snapshot);
    quire_writer_close(writer);
    quire_index_close(index);
}
END_TEST

START_TEST(the_commit_before_the_last_can_be_opened)
{
    quire_index_options options = QUIRE_INDEX_OPTIONS_INIT;
    quire_index *index = create(path), *before;
    options.previous = true;
    ck_assert_int_eq(quire_index_open(&before, path, &options, &err), QUIRE_ERR_NOT_FOUND);
    ck_assert_ptr_null(before);
    quire_writer *writer = open_writer(index);
    for (int i = 1; i <= 3; i++) {
        char id[8];
        snprintf(id, sizeof id, "%d", i);
        add(writer, id, "text");
        commit(writer, "");
        ok(quire_index_open(&before, path, &options, &err));
        ck_assert_uint_eq(documents(before), (uint64_t)i - 1);
        quire_writer *refused;
        ck_assert_int_eq(quire_writer_open(&refused, before, NULL, &err), QUIRE_ERR_MISUSE);
        quire_index_close(before);
    }
    quire_writer_close(writer);
    quire_index_close(index);
}
END_TEST

START_TEST(a_read_only_handle_leaves_no_trace)
{
    quire_index_options options = QUIRE_INDEX_OPTIONS_INIT;
    options.read_only = options.verify = true;
    quire_index *index = create(path);
    quire_writer *writer = open_writer(index);
    add(writer, "a", "one");
    commit(writer, "");
    quire_writer_close(writer);
    quire_index_close(index);
    char lock[400];
    snprintf(lock, sizeof lock, "%s/q.lock", path);
    ck_assert_int_eq(unlink(lock), 0);
    ck_assert_int_eq(chmod(path, 0555), 0);
    ok(quire_index_open(&index, path, &options, &err));
    ck_assert_uint_eq(documents(index), 1);
    ck_assert_int_eq(quire_writer_open(&writer, index, NULL, &err), QUIRE_ERR_MISUSE);
    ok(quire_index_check(index, 3, NULL, NULL, &err));
    quire_index_close(index);
    ok(quire_index_open(&index, path, NULL, &err)); /* a pinning one finds no lock file */
    ck_assert_uint_eq(documents(index), 1);
    quire_index_close(index);
    ck_assert_int_ne(access(lock, F_OK), 0);
    ck_assert_int_eq(chmod(path, 0755), 0);
}
END_TEST

START_TEST(each_kind_of_mistake_has_its_status)
{
    quire_index *index, *other;
    quire_writer *writer, *second;
    char missing[400];
    snprintf(missing, sizeof missing, "%s/no/where", folder);
    ck_assert_int_eq(quire_index_open(&index, missing, NULL, &err), QUIRE_ERR_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(err.message, missing));
    ck_assert_int_eq(quire_index_create(&index, missing, schema, NULL, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(quire_index_open(&index, folder, NULL, &err), QUIRE_ERR_FORMAT);
    ck_assert_int_eq(quire_index_open(&index, NULL, NULL, &err), QUIRE_ERR_MISUSE);
    quire_index_options options = QUIRE_INDEX_OPTIONS_INIT;
    options.b = 2;
    ck_assert_int_eq(quire_index_create(&index, path, schema, &options, &err), QUIRE_ERR_MISUSE);
    index = create(path);
    ck_assert_int_eq(quire_index_create(&other, path, schema, NULL, &err), QUIRE_ERR_EXISTS);
    ck_assert_ptr_null(other);
    writer = open_writer(index);
    ck_assert_int_eq(quire_writer_open(&second, index, NULL, &err), QUIRE_ERR_BUSY);
    ck_assert_ptr_null(second);
    quire_writer_close(writer);
    quire_writer_options small = QUIRE_WRITER_OPTIONS_INIT;
    small.max_memory = 1000;
    ck_assert_int_eq(quire_writer_open(&second, index, &small, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_index_check(index, 4, NULL, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_commit(NULL, quire_cstr(""), false, NULL), QUIRE_ERR_MISUSE);
    quire_index_close(index);
}
END_TEST

START_TEST(null_handles_are_misuse_and_never_a_crash)
{
    quire_index *index = create(NULL), *none;
    quire_snapshot *snapshot;
    quire_schema *made;
    quire_doc doc;
    const quire_field field = QUIRE_FIELD_INIT;
    const quire_str nothing = {NULL, 0};
    ck_assert_int_eq(quire_schema_new(NULL, true, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_schema_add(NULL, &field, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_schema_add(schema, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_index_create(NULL, NULL, schema, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_index_create(&none, NULL, NULL, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_snapshot_open(NULL, index, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_snapshot_open(&snapshot, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_snapshot_find(NULL, nothing, &doc, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_open(NULL, index, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_add(NULL, NULL, 0, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_delete(NULL, nothing, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_rollback(NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(quire_writer_merge(NULL, 1, &err), QUIRE_ERR_MISUSE);
    ck_assert_uint_eq(quire_writer_stat_get(NULL).added, 0);
    ck_assert_ptr_null(quire_snapshot_stat(NULL));
    ck_assert_ptr_null(quire_index_schema(NULL));
    ok(quire_schema_new(&made, false, &err));
    quire_schema_free(made);
    quire_index_close(index);
}
END_TEST

START_TEST(a_writer_rolls_back_merges_and_counts)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    quire_index *index = create(NULL);
    quire_writer *writer;
    options.no_auto_merge = true;
    ok(quire_writer_open(&writer, index, &options, &err));
    for (int i = 0; i < 9; i++) {
        char id[8];
        snprintf(id, sizeof id, "%d", i);
        add(writer, id, "text");
        commit(writer, "");
    }
    add(writer, "more", "text");
    ck_assert_uint_eq(quire_writer_stat_get(writer).added, 1);
    ok(quire_writer_rollback(writer, &err));
    ck_assert_uint_eq(quire_writer_stat_get(writer).added, 0);
    ok(quire_writer_merge(writer, 2, &err));
    quire_snapshot *snapshot;
    ok(quire_snapshot_open(&snapshot, index, &err));
    ck_assert_uint_eq(quire_snapshot_stat(snapshot)->segment_count, 2);
    ck_assert_uint_eq(quire_snapshot_stat(snapshot)->documents, 9);
    quire_snapshot_close(snapshot);
    ck_assert_uint_eq(quire_schema_field(quire_index_schema(index), 0)->key, true);
    quire_writer_close(writer);
    quire_index_close(index);
}
END_TEST

START_TEST(values_may_come_in_any_order_and_texts_several_times)
{
    quire_index *index = create(NULL);
    quire_writer *writer = open_writer(index);
    const quire_value values[] = {{.field = "body", .text = quire_cstr("alpha beta")},
                                  {.field = "title", .text = quire_cstr("the title")},
                                  {.field = "body", .text = quire_cstr("gamma beta")},
                                  {.field = "id", .text = quire_cstr("x")}};
    quire_add_options options = QUIRE_ADD_OPTIONS_INIT;
    options.language = "german";
    ok(quire_writer_add(writer, values, 4, &options, &err));
    commit(writer, "");
    quire_snapshot *snapshot;
    const quire_document *document;
    ok(quire_snapshot_open(&snapshot, index, &err));
    ok(quire_document_open(&document, snapshot, 0, &err));
    static const char *const expected[][2] = {
        {"id", "x"}, {"title", "the title"}, {"body", "alpha beta"}, {"body", "gamma beta"}};
    ck_assert_uint_eq(document->count, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(document->values[i].field, expected[i][0]);
        ck_assert_uint_eq(document->values[i].text.len, strlen(expected[i][1]));
        ck_assert_mem_eq(document->values[i].text.ptr, expected[i][1], strlen(expected[i][1]));
    }
    ck_assert_str_eq(document->language, "german");
    quire_document_free(document);
    /* A phrase does not cross from one value to the next. */
    quire_query *query;
    const quire_hits *hits;
    static const struct {
        const char *text;
        uint64_t count;
    } phrases[] = {{"alpha beta", 1}, {"gamma beta", 1}, {"beta gamma", 0}};
    for (size_t i = 0; i < 3; i++) {
        ok(quire_query_phrase(&query, index, "body", quire_cstr(phrases[i].text), 0, &err));
        ok(quire_search(&hits, snapshot, query, NULL, &err));
        /* The query is stemmed in the field's own language: these words are the same in both. */
        ck_assert_uint_eq(hits->count, phrases[i].count);
        quire_hits_free(hits);
        quire_query_free(query);
    }
    quire_snapshot_close(snapshot);
    quire_writer_close(writer);
    quire_index_close(index);
}
END_TEST

START_TEST(a_schema_without_fields_makes_no_index)
{
    quire_schema *empty;
    quire_index *index;
    ok(quire_schema_new(&empty, false, &err));
    ck_assert_int_eq(quire_index_create(&index, path, empty, NULL, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_ne(access(path, F_OK), 0);
    quire_schema_free(empty);
}
END_TEST

static void count_faults(const char *line, void *payload)
{
    ck_assert_uint_gt(strlen(line), 0);
    ++*(int *)payload;
}

START_TEST(check_tells_of_every_file_that_is_damaged)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.no_auto_merge = true;
    quire_index *index = create(path);
    quire_writer *writer;
    ok(quire_writer_open(&writer, index, &options, &err));
    for (int i = 1; i <= 3; i++) {
        char id[8];
        snprintf(id, sizeof id, "%d", i);
        add(writer, id, "some text");
        commit(writer, "");
    }
    quire_writer_close(writer);
    for (int i = 1; i <= 3; i += 2) {
        char name[400];
        snprintf(name, sizeof name, "%s/s-%d.seg", path, i);
        FILE *f = fopen(name, "r+b");
        ck_assert_ptr_nonnull(f);
        fseek(f, i == 1 ? 100 : -10, i == 1 ? SEEK_SET : SEEK_END);
        int byte = fgetc(f);
        fseek(f, -1, SEEK_CUR);
        fputc(byte ^ 1, f);
        fclose(f);
    }
    for (int level = 1; level <= 3; level++) {
        int faults = 0;
        ck_assert_int_eq(quire_index_check(index, level, count_faults, &faults, &err),
                         QUIRE_ERR_CORRUPT);
        ck_assert_int_ge(faults, 2);
    }
    quire_index_close(index);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("api.index");
    TCase *t = tcase_create("index");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, the_article_schema_is_as_promised);
    tcase_add_test(t, an_index_is_created_written_reopened_and_read);
    tcase_add_test(t, handles_may_be_closed_in_any_order);
    tcase_add_test(t, values_are_read_by_the_type_of_their_field);
    tcase_add_test(t, the_commit_before_the_last_can_be_opened);
    tcase_add_test(t, a_read_only_handle_leaves_no_trace);
    tcase_add_test(t, each_kind_of_mistake_has_its_status);
    tcase_add_test(t, null_handles_are_misuse_and_never_a_crash);
    tcase_add_test(t, a_writer_rolls_back_merges_and_counts);
    tcase_add_test(t, values_may_come_in_any_order_and_texts_several_times);
    tcase_add_test(t, a_schema_without_fields_makes_no_index);
    tcase_add_test(t, check_tells_of_every_file_that_is_damaged);
    suite_add_tcase(s, t);
    return s;
}
