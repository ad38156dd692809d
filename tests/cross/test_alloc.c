/* SPDX-License-Identifier: MIT
 * Memory runs out: each allocation of each call fails, once or with all that follow. The call
 * reports it, nothing leaks (the leak sanitizer watches), the index is as it was before or as it
 * should be after, and the same call then succeeds.
 *
 * QUIRE_ALLOC_STRIDE: of so many allocations one fails, where a call makes many (default 1, or what
 * keeps the number of rounds below 1500). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/index.h"
#include "base/mem.h"
#include "support/image.h"
#include "support/probe.h"
#include "support/roll.h"
#include "support/temp.h"

enum { MOST_ROUNDS = 1500 };

/* What a call works on. */
typedef struct stage {
    quire_index *index;
    quire_writer *writer;
    quire_snapshot *snapshot;
    uint32_t question;
    uint64_t digest;
} stage;

/* One call under test. What is committed afterwards is told by its digest. */
typedef struct scenario {
    const char *name;
    void (*prepare)(stage *); /* without faults; may be NULL */
    quire_status (*run)(stage *);
    void (*finish)(stage *); /* without faults, after a success; may be NULL */
    unsigned long most;      /* rounds, where preparing is slow; 0: MOST_ROUNDS */
    bool reads;              /* nothing is changed, and need not be looked at */
} scenario;

static quire_error err;
static image filled;
static unsigned long injected;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%d: %s", status, err.message);
}

static void load(qi_dir *dir)
{
    for (size_t i = 0; i < filled.count; i++) {
        qi_out out;
        ok(dir->ops->create(dir, filled.files[i].name, &out, &err));
        ok(dir->ops->append(&out, filled.files[i].bytes, filled.files[i].len, &err));
        ok(dir->ops->close(&out, true, &err));
    }
}

static void make_index(void)
{
    quire_index *index;
    quire_schema *schema = probe_schema();
    ok(quire_index_create(&index, NULL, schema, NULL, &err));
    ok(probe_fill(index, &err));
    image_take(&filled, index->dir);
    quire_index_close(index);
    quire_schema_free(schema);
}

static void drop_index(void)
{
    image_free(&filled);
}

static void open_stage(stage *s, const scenario *of, uint32_t question)
{
    qi_dir *dir;
    *s = (stage){.question = question};
    ok(qi_dir_open_ram(&dir, &err));
    load(dir);
    ok(probe_open(&s->index, dir, false, &err));
    if (of->prepare != NULL)
        of->prepare(s);
}

static void close_stage(stage *s)
{
    quire_writer_close(s->writer);
    quire_snapshot_close(s->snapshot);
    quire_index_close(s->index);
}

/* What a reader finds. */
static uint64_t committed(const scenario *of, stage *s)
{
    uint64_t digest = 0;
    if (!of->reads)
        ok(probe_contents(s->index, &digest, &err));
    return digest;
}

/* The committed state before the call, and after it and its finish. */
static void measure(const scenario *of, uint32_t question, uint64_t state[2], uint64_t *answer,
                    unsigned long *calls)
{
    stage s;
    open_stage(&s, of, question);
    state[0] = committed(of, &s);
    (void)qi_mem_fail(0, false);
    ok(of->run(&s));
    *calls = qi_mem_fail(0, false);
    *answer = s.digest;
    if (of->finish != NULL)
        of->finish(&s);
    state[1] = committed(of, &s);
    close_stage(&s);
}

/* One round: the nth allocation fails. */
static void fail_once(const scenario *of, uint32_t question, unsigned long nth, bool sticky,
                      const uint64_t state[2], uint64_t answer)
{
    stage s;
    open_stage(&s, of, question);
    (void)qi_mem_fail(nth, sticky);
    quire_status status = of->run(&s);
    (void)qi_mem_fail(0, false);
    injected++;
    ck_assert_msg(status == QUIRE_OK || status == QUIRE_ERR_MEMORY,
                  "%s, allocation %lu%s: status %d, %s", of->name, nth, sticky ? " on" : "", status,
                  err.message);
    if (status != QUIRE_OK) {
        uint64_t now = committed(of, &s);
        ck_assert_msg(now == state[0] || now == state[1],
                      "%s, allocation %lu: neither the old nor the new state", of->name, nth);
        status = of->run(&s);
        ck_assert_msg(status == QUIRE_OK, "%s, after allocation %lu%s failed: %s", of->name, nth,
                      sticky ? " on" : "", err.message);
    }
    ck_assert_msg(s.digest == answer, "%s, allocation %lu: another answer", of->name, nth);
    if (of->finish != NULL)
        of->finish(&s);
    ck_assert_msg(committed(of, &s) == state[1], "%s, allocation %lu: not the new state", of->name,
                  nth);
    close_stage(&s);
}

static void exhaust(const scenario *of, uint32_t question)
{
    uint64_t state[2], answer;
    unsigned long calls, step = 1;
    const char *given = getenv("QUIRE_ALLOC_STRIDE");
    measure(of, question, state, &answer, &calls);
    if (given != NULL)
        step = strtoul(given, NULL, 0);
    else
        step = calls / (of->most != 0 ? of->most : MOST_ROUNDS) + 1;
    for (int sticky = 0; sticky < 2; sticky++)
        for (unsigned long n = 1; n <= calls; n += step)
            fail_once(of, question, n, sticky != 0, state, answer);
}

/* ---- Reading ---- */

static void take_snapshot(stage *s)
{
    ok(quire_snapshot_open(&s->snapshot, s->index, &err));
}

static quire_status ask(stage *s)
{
    return probe_ask(s->index, s->snapshot, s->question, &s->digest, &err);
}

static quire_status open_snapshot(stage *s)
{
    quire_status status = quire_snapshot_open(&s->snapshot, s->index, &err);
    ck_assert((status == QUIRE_OK) == (s->snapshot != NULL));
    return status;
}

static quire_status check(stage *s)
{
    return quire_index_check(s->index, 3, NULL, NULL, &err);
}

static quire_status analyze(stage *s)
{
    static const char text[] = "Harbours, the caf\xC3\xA9s\xFF and \xE6\xB5\xB7\xE5\x92\x8C";
    quire_analyzer analyzer = {.language = "english", .stop_words = true};
    const quire_analysis *analysis;
    quire_status status = quire_analyze(&analysis, &analyzer, quire_cstr(text), &err);
    if (status == QUIRE_OK)
        s->digest = analysis->count;
    quire_analysis_free(analysis);
    return status;
}

START_TEST(every_question_survives)
{
    static const scenario question = {"a question", take_snapshot, ask, NULL, 0, true};
    exhaust(&question, (uint32_t)_i);
}
END_TEST

START_TEST(reading_calls_survive)
{
    static const scenario calls[] = {{"quire_snapshot_open", NULL, open_snapshot, NULL, 0, true},
                                     {"quire_index_check", NULL, check, NULL, 0, true},
                                     {"quire_analyze", NULL, analyze, NULL, 0, true}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        exhaust(&calls[i], 0);
}
END_TEST

/* ---- Writing ---- */

static void begin(stage *s)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.no_auto_merge = true;
    ok(quire_writer_open(&s->writer, s->index, &options, &err));
}

static void begin_auto(stage *s)
{
    ok(quire_writer_open(&s->writer, s->index, NULL, &err));
}

static void begin_ordered(stage *s, quire_order order)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.order = order;
    ok(quire_writer_open(&s->writer, s->index, &options, &err));
}

static void begin_topics(stage *s)
{
    begin_ordered(s, QUIRE_ORDER_TOPICS);
}

static void begin_bisection(stage *s)
{
    begin_ordered(s, QUIRE_ORDER_BISECTION);
}

static void commit(stage *s)
{
    ok(quire_writer_commit(s->writer, quire_cstr("fourth"), false, &err));
}

static quire_status open_writer(stage *s)
{
    return quire_writer_open(&s->writer, s->index, NULL, &err);
}

static void change(stage *s)
{
    begin(s);
    for (uint32_t doc = 30; doc < 46; doc++)
        ok(probe_add(s->writer, doc, 4, &err));
    ok(probe_delete(s->writer, 1, &err));
    ok(probe_delete(s->writer, 28, &err));
}

static quire_status add_new(stage *s)
{
    return probe_add(s->writer, 70, 1, &err);
}

static quire_status replace(stage *s)
{
    return probe_add(s->writer, 9, 5, &err);
}

static quire_status replace_pending(stage *s)
{
    return probe_add(s->writer, 40, 5, &err);
}

static quire_status delete_one(stage *s)
{
    return probe_delete(s->writer, 12, &err);
}

static quire_status commit_changes(stage *s)
{
    return quire_writer_commit(s->writer, quire_cstr("fourth"), false, &err);
}

static quire_status prepare_changes(stage *s)
{
    return quire_writer_commit(s->writer, quire_cstr("fourth"), true, &err);
}

static void change_and_prepare(stage *s)
{
    change(s);
    ok(quire_writer_commit(s->writer, quire_cstr(""), true, &err));
}

static quire_status publish(stage *s)
{
    return quire_writer_commit(s->writer, quire_cstr(""), false, &err);
}

static void publish_prepared(stage *s)
{
    ok(publish(s));
}

static quire_status roll_back(stage *s)
{
    return quire_writer_rollback(s->writer, &err);
}

static quire_status merge(stage *s)
{
    return quire_writer_merge(s->writer, 1, &err);
}

/* A document of many different words. */
static quire_status add_large(stage *s, uint32_t doc)
{
    static char text[120000];
    char id[16];
    size_t len = 0;
    for (uint32_t word = 0; len + 20 < sizeof text; word++)
        len += (size_t)snprintf(text + len, 20, "w%ux%u ", doc, word);
    quire_value values[] = {
        {.field = "id", .text = {id, (size_t)snprintf(id, sizeof id, "doc-%u", doc)}},
        {.field = "body", .text = {text, len}}};
    return quire_writer_add(s->writer, values, 2, NULL, &err);
}

static void fill_memory(stage *s)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.max_memory = 1 << 20;
    ok(quire_writer_open(&s->writer, s->index, &options, &err));
    ok(add_large(s, 50));
    ck_assert_uint_ge(quire_writer_stat_get(s->writer).memory, options.max_memory);
}

/* The documents in memory go to a segment first. */
static quire_status overflow_memory(stage *s)
{
    return add_large(s, 51);
}

START_TEST(a_writing_call_survives)
{
    static const scenario calls[] = {
        {"quire_writer_open", NULL, open_writer, commit, 0, false},
        {"quire_writer_add", begin, add_new, commit, 0, false},
        {"quire_writer_add, replacing", begin, replace, commit, 0, false},
        {"quire_writer_add, replacing one not committed", change, replace_pending, commit, 0,
         false},
        {"quire_writer_delete", begin, delete_one, commit, 0, false},
        {"quire_writer_commit", change, commit_changes, NULL, 0, false},
        {"quire_writer_commit, prepare", change, prepare_changes, publish_prepared, 0, false},
        {"quire_writer_commit, prepared", change_and_prepare, publish, NULL, 0, false},
        {"quire_writer_rollback", change, roll_back, commit, 0, false},
        {"quire_writer_rollback, prepared", change_and_prepare, roll_back, commit, 0, false},
        {"quire_writer_merge", change, merge, NULL, 0, false},
        {"quire_writer_merge, automatic", begin_auto, merge, commit, 0, false},
        {"quire_writer_merge, by topics", begin_topics, merge, commit, 0, false},
        {"quire_writer_merge, by bisection", begin_bisection, merge, commit, 0, false},
        {"quire_writer_add, writing a segment", fill_memory, overflow_memory, commit, 60, false}};
    ck_assert_int_lt(_i, (int)(sizeof calls / sizeof *calls));
    exhaust(&calls[_i], 0);
}
END_TEST

/* ---- What begins without an index ---- */

static quire_status make_schema(void)
{
    quire_schema *schema;
    QI_TRY(quire_schema_new(&schema, true, &err));
    quire_field field = QUIRE_FIELD_INIT;
    field.name = "remark";
    field.stored = true;
    quire_status status = quire_schema_add(schema, &field, &err);
    ck_assert(status == QUIRE_OK || quire_schema_field(schema, 6) == NULL);
    quire_schema_free(schema);
    return status;
}

START_TEST(schemas_survive)
{
    (void)qi_mem_fail(0, false);
    ok(make_schema());
    unsigned long calls = qi_mem_fail(0, false);
    for (unsigned long n = 1; n <= calls; n++, injected++) {
        (void)qi_mem_fail(n, n % 2 == 0);
        quire_status status = make_schema();
        (void)qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
    }
}
END_TEST

/* Creating in a folder either succeeds, or can be done again. */
START_TEST(creating_and_opening_survive)
{
    char folder[256], path[300];
    quire_schema *schema = probe_schema();
    temp_folder(folder, sizeof folder);
    bool failed = true;
    for (unsigned long n = 1; failed; n++, injected++) {
        quire_index *index;
        snprintf(path, sizeof path, "%s/%lu", folder, n);
        (void)qi_mem_fail(n, n % 2 == 0);
        quire_status status = quire_index_create(&index, path, schema, NULL, &err);
        failed = qi_mem_fail(0, false) >= n;
        ck_assert(status == QUIRE_OK || (status == QUIRE_ERR_MEMORY && index == NULL));
        quire_index_close(index);
        if (status != QUIRE_OK)
            status = quire_index_create(&index, path, schema, NULL, &err);
        else
            index = NULL;
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_EXISTS);
        quire_index_close(index);
        (void)qi_mem_fail(n, n % 2 == 0);
        status = quire_index_open(&index, path, NULL, &err);
        (void)qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || (status == QUIRE_ERR_MEMORY && index == NULL));
        quire_index_close(index);
    }
    quire_schema_free(schema);
    temp_remove(folder);
}
END_TEST

static void tell(void)
{
    printf("alloc: %lu failures\n", injected);
}

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.alloc");
    TCase *t = tcase_create("calls");
    roll_seed();
    tcase_set_timeout(t, 0);
    tcase_add_checked_fixture(t, make_index, drop_index);
    tcase_add_checked_fixture(t, NULL, tell);
    tcase_add_loop_test(t, every_question_survives, 0, PROBE_QUESTIONS);
    tcase_add_test(t, reading_calls_survive);
    tcase_add_loop_test(t, a_writing_call_survives, 0, 13);
    tcase_add_test(t, schemas_survive);
    tcase_add_test(t, creating_and_opening_survive);
    suite_add_tcase(s, t);
    return s;
}
