/* SPDX-License-Identifier: MIT
 * Runs of random documents become one segment: which runs, what is replaced in them, and what the
 * segment holds. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "commit/group.h"
#include "support/library.h"
#include "support/roll.h"

enum { RUNS = 5, DOCS = 120, KEYS = 200 };

static quire_error err;
static qi_dir *dir;
static qi_catalog *catalog;
static qi_ingest *ingest;
static const quire_schema *schema;
static qi_os_mutex *mutex;
static qi_runs runs;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

static void setup(void)
{
    library lib;
    roll_seed();
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    ok(qi_catalog_open(&catalog, dir, 0, &err));
    schema = qi_catalog_manifest(catalog)->schema;
    ok(qi_ingest_new(&ingest, schema, &err));
    mutex = qi_os_mutex_new();
    ck_assert_ptr_nonnull(mutex);
}

static void teardown(void)
{
    while (runs.first != NULL)
        qi_runs_drop(&runs);
    qi_os_mutex_free(mutex);
    qi_ingest_free(ingest);
    qi_catalog_close(catalog);
    qi_dir_free(dir);
}

/* Enter the next version of a document, as the crew does. */
static void enter(qi_run *run, uint32_t key)
{
    char id[16], text[32];
    quire_str name = {id, (size_t)sprintf(id, "key%u", key)};
    qi_ingest_value values[] = {{0, name, 0}, {1, {text, 0}, 0}};
    values[1].text.len = (size_t)sprintf(text, "word%u common", roll(50));
    ok(qi_ingest_add(ingest, run->index, values, 2, NULL, &err));
    run->replaced += qi_memindex_delete(run->index, 0, name, run->index->doc_count - 1);
}

static qi_run *add_run(void)
{
    qi_run *run = qi_runs_add(&runs);
    ck_assert_ptr_nonnull(run);
    run->state = QI_RUN_ENTERED;
    ok(qi_memindex_new(&run->index, schema, &err));
    return run;
}

static void write_group(qi_group *group)
{
    qi_group_target target = {dir, catalog, mutex, {NULL, 0}};
    ok(qi_group_begin(group, catalog, &err));
    ck_assert_int_eq(group->first->state, QI_RUN_FLUSHING);
    ok(qi_group_write(group, &target, &err));
    qi_group_release(group);
    qi_group_end(group);
}

START_TEST(of_each_key_the_last_document_of_all_runs_is_live)
{
    bool seen[KEYS] = {false};
    uint32_t docs = 0, live = 0;
    uint64_t replaced = 0;
    for (int i = 0; i < RUNS; i++) {
        qi_run *run = add_run();
        for (uint32_t n = roll(DOCS); n > 0; n--, docs++) {
            uint32_t key = roll(KEYS);
            live += !seen[key];
            seen[key] = true;
            enter(run, key);
        }
    }
    qi_group group = qi_group_from(runs.first, schema);
    ck_assert_uint_eq(group.count, RUNS);
    group.threads = 1 + roll(3);
    write_group(&group);
    qi_segment *segment;
    ok(qi_segment_open(&segment, dir, &runs.first->id, schema, &err));
    const qi_deletes *deletes = runs.first->part.deletes;
    ck_assert_uint_eq(segment->doc_count - (deletes == NULL ? 0 : deletes->set.count), live);
    for (const qi_run *run = runs.first; run != NULL; run = run->next) {
        ck_assert_int_eq(run->state, QI_RUN_DONE);
        ck_assert_ptr_null(run->index);
        replaced += run->replaced;
    }
    ck_assert_uint_eq(docs - replaced, live);
    qi_segment_release(segment);
}
END_TEST

START_TEST(a_group_ends_at_the_first_run_that_is_not_in_memory)
{
    for (int i = 0; i < RUNS; i++)
        enter(add_run(), (uint32_t)i);
    runs.first->next->next->state = QI_RUN_ENTERING;
    ck_assert_uint_eq(qi_group_from(runs.first, schema).count, 2);
    runs.first->state = QI_RUN_WAITING;
    ck_assert_uint_eq(qi_group_from(runs.first, schema).count, 0);
    ck_assert_uint_eq(qi_group_from(NULL, schema).count, 0);
}
END_TEST

START_TEST(a_group_is_not_more_than_a_segment_holds)
{
    for (int i = 0; i < RUNS; i++)
        enter(add_run(), (uint32_t)i);
    qi_memindex *third = runs.first->next->next->index;
    uint32_t words = third->fields[1].next_word;
    third->fields[1].next_word = (uint32_t)(QI_SEGMENT_WORDS - words);
    ck_assert_uint_eq(qi_group_from(runs.first, schema).count, 2);
    third->fields[1].next_word = words;
    ck_assert_uint_eq(qi_group_from(runs.first, schema).count, RUNS);
    uint32_t docs = third->doc_count;
    third->doc_count = QI_SEGMENT_DOCUMENTS - 1;
    ck_assert_uint_eq(qi_group_from(runs.first, schema).count, 2);
    third->doc_count = docs;
}
END_TEST

START_TEST(runs_without_live_documents_make_no_segment)
{
    for (int i = 0; i < 2; i++) {
        qi_run *run = add_run();
        enter(run, 1);
        qi_memindex_delete(run->index, 0, (quire_str){"key1", 4}, UINT32_MAX);
    }
    qi_group group = qi_group_from(runs.first, schema);
    ck_assert_uint_eq(group.count, 2);
    write_group(&group);
    ck_assert_uint_eq(runs.first->id.seq, 0);
    ck_assert_int_eq(runs.last->state, QI_RUN_DONE);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.group");
    TCase *t = tcase_create("group");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, of_each_key_the_last_document_of_all_runs_is_live);
    tcase_add_test(t, a_group_ends_at_the_first_run_that_is_not_in_memory);
    tcase_add_test(t, a_group_is_not_more_than_a_segment_holds);
    tcase_add_test(t, runs_without_live_documents_make_no_segment);
    suite_add_tcase(s, t);
    return s;
}
