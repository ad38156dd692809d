/* SPDX-License-Identifier: MIT
 * Threads that index: whatever their number and the length of their runs, the index is the same to
 * the byte once it is merged, and a failure anywhere is told and undone by a rollback.
 * Covers: crew sample. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "commit/crew.h"
#include "support/library.h"
#include "support/roll.h"

enum { DOCS = 3600, KEYS = 2700, WORDS = 3000, TEXT = 4000, STORED = 300 };

static quire_error err;
static char why[512];

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

/* Text of words whose frequencies fall off, some capitalised, some of the document's own. */
static quire_str make_text(char *room, size_t most)
{
    size_t len = 0, end = roll((uint32_t)most - 64);
    while (len < end) {
        uint32_t word = roll(1 + roll(1 + roll(WORDS)));
        len += (size_t)sprintf(room + len, "%cord%uing%s ", roll(4) == 0 ? 'W' : 'w', word,
                               word % 3 == 0 ? "s" : "");
    }
    return (quire_str){room, len};
}

static quire_status add_random(qi_writer *writer, uint32_t key, const char *language)
{
    static char body[TEXT], note[STORED];
    char id[32];
    qi_ingest_value values[] = {
        {0, {id, (size_t)sprintf(id, "key%u", key)}, 0},
        {1, make_text(body, TEXT), 0},
        {2, make_text(note, STORED), 0},
        {3, {NULL, 0}, (int64_t)roll64() >> 8},
    };
    return qi_writer_add(writer, values, 4, language, &err);
}

static void delete_random(qi_writer *writer)
{
    char id[32];
    quire_str key = {id, (size_t)sprintf(id, "key%u", roll(KEYS))};
    quire_status status = qi_writer_delete(writer, key, &err);
    ck_assert_msg(status == QUIRE_OK || status == QUIRE_ERR_NOT_FOUND, "%s", err.message);
}

/* The one segment of the index, and that which it may not depend on. */
static qi_parts open_merged(qi_dir *dir)
{
    qi_manifest manifest;
    qi_parts parts;
    ok(qi_catalog_read(&manifest, dir, &err));
    ok(qi_parts_open(&parts, dir, &manifest, &err));
    qi_manifest_free(&manifest);
    ck_assert_uint_eq(parts.list.count, 1);
    return parts;
}

static void assert_same(qi_dir *a, qi_dir *b)
{
    qi_parts parts[] = {open_merged(a), open_merged(b)};
    const qi_envelope *x = &parts[0].list.items[0].segment->file.envelope;
    const qi_envelope *y = &parts[1].list.items[0].segment->file.envelope;
    ck_assert_uint_eq(x->section_count, y->section_count);
    ck_assert_uint_eq(parts[0].list.items[0].entry.documents,
                      parts[1].list.items[0].entry.documents);
    for (uint32_t i = 0; i < x->section_count; i++) {
        char name[9] = {0};
        memcpy(name, x->table + 24 * (size_t)i, 8);
        qi_view p = qi_envelope_find(x, name), q = qi_envelope_find(y, name);
        ck_assert_msg(q.at != NULL && qi_view_left(&p) == qi_view_left(&q) &&
                          memcmp(p.at, q.at, qi_view_left(&p)) == 0,
                      "section %s differs: %zu and %zu bytes", name, qi_view_left(&p),
                      qi_view_left(&q));
    }
    qi_parts_free(&parts[0]);
    qi_parts_free(&parts[1]);
}

/* What is indexed. Documents are either replaced and deleted, or of two languages: the stems of a
 * form that are gone still show in how its list is coded. */
typedef struct plan {
    uint64_t seed;
    bool mixed;
} plan;

static void change_random(qi_writer *writer, const plan *of, uint32_t n)
{
    if (of->mixed) {
        ok(add_random(writer, n, roll(50) == 0 ? "german" : NULL));
        return;
    }
    ok(add_random(writer, roll(KEYS), NULL));
    if (n > DOCS / 10 && roll(200) == 0)
        delete_random(writer);
}

/* An index as planned, merged, and how many segments it had before; and what the writer said. */
static qi_dir *build(const plan *of, const qi_writer_config *config, size_t *segments,
                     quire_writer_stat *stat)
{
    library lib;
    qi_dir *dir;
    qi_writer *writer;
    qi_manifest manifest;
    roll_state = of->seed;
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    ok(qi_writer_open(&writer, dir, config, &err));
    for (uint32_t n = 0; n < DOCS; n++) {
        change_random(writer, of, n);
        if (n == DOCS / 3)
            ok(qi_writer_commit(writer, (quire_str){NULL, 0}, false, &err));
    }
    ok(qi_writer_commit(writer, (quire_str){NULL, 0}, true, &err));
    *stat = qi_writer_stat(writer);
    ok(qi_writer_commit(writer, (quire_str){NULL, 0}, false, &err));
    ok(qi_catalog_read(&manifest, dir, &err));
    *segments = manifest.current.entries.count;
    qi_manifest_free(&manifest);
    ok(qi_writer_merge(writer, 1, &err));
    qi_writer_close(writer);
    return dir;
}

START_TEST(a_merged_index_does_not_depend_on_threads_or_runs)
{
    static const uint32_t threads[] = {2, 3, 8};
    static const size_t run_bytes[] = {0, 150000, 1 << 20};
    roll_seed();
    plan of = {.seed = roll64(), .mixed = _i == 1};
    size_t segments;
    quire_writer_stat stat, other;
    qi_writer_config config = {.max_memory = 64 << 20};
    qi_dir *alone = build(&of, &config, &segments, &stat);
    for (int i = 0; i < 3; i++) {
        config.threads = threads[i];
        config.run_bytes = run_bytes[i];
        qi_dir *dir = build(&of, &config, &segments, &other);
        ck_assert_uint_ge(segments, i == 1 ? 4 : 2);
        ck_assert_uint_eq(other.added, stat.added);
        ck_assert_uint_eq(other.deleted, stat.deleted);
        assert_same(alone, dir);
        qi_dir_free(dir);
    }
    qi_dir_free(alone);
}
END_TEST

static void change(qi_writer *writer, library *lib)
{
    uint32_t key = roll(LIBRARY_KEYS);
    bool there = lib->pending.versions[key] != 0;
    if (roll(12) != 0)
        ok(library_add(writer, lib, key, &err));
    else
        ck_assert_int_eq(library_delete(writer, lib, key, &err),
                         there ? QUIRE_OK : QUIRE_ERR_NOT_FOUND);
}

START_TEST(an_index_holds_what_was_committed_whatever_the_threads_do)
{
    roll_seed();
    library lib;
    qi_dir *dir;
    qi_writer *writer;
    uint64_t generation = 1, now;
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    qi_writer_config config = {
        .max_memory = 64 << 20, .auto_merge = true, .threads = 3, .run_bytes = 100000};
    ok(qi_writer_open(&writer, dir, &config, &err));
    for (int round = 0; round < 40; round++) {
        for (uint32_t changes = roll(600); changes > 0; changes--)
            change(writer, &lib);
        switch (roll(6)) {
        case 0:
            ok(library_rollback(writer, &lib, generation, &err));
            break;
        case 1:
            qi_writer_close(writer);
            ok(qi_writer_open(&writer, dir, &config, &err));
            lib.pending = lib.committed[generation % LIBRARY_GENERATIONS];
            break;
        default:
            ok(library_commit(writer, &lib, ++generation, &err));
        }
        ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
        ck_assert_uint_eq(now, generation);
    }
    qi_writer_close(writer);
    qi_dir_free(dir);
}
END_TEST

START_TEST(a_failure_of_a_thread_is_told_until_a_rollback)
{
    roll_seed();
    library lib;
    qi_dir *dir;
    qi_writer *writer;
    uint64_t now;
    unsigned told = 0;
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    qi_writer_config config = {
        .max_memory = 64 << 20, .auto_merge = true, .threads = 2, .run_bytes = 100000};
    ok(qi_writer_open(&writer, dir, &config, &err));
    for (unsigned long nth = 1; nth < 400; nth += 1 + roll(12)) {
        quire_status status = QUIRE_OK;
        qi_mem_fail(nth, true);
        for (int i = 0; i < 200 && status == QUIRE_OK; i++)
            status = library_add(writer, &lib, roll(LIBRARY_KEYS), &err);
        if (status == QUIRE_OK)
            status = qi_writer_commit(writer, (quire_str){NULL, 0}, true, &err);
        qi_mem_fail(0, false);
        told += status == QUIRE_ERR_MEMORY;
        ck_assert_int_eq(status, QUIRE_ERR_MEMORY);
        ok(library_rollback(writer, &lib, 1, &err));
        ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
    }
    ck_assert_uint_gt(told, 20);
    for (int i = 0; i < 200; i++)
        ok(library_add(writer, &lib, roll(LIBRARY_KEYS), &err));
    ok(library_commit(writer, &lib, 2, &err));
    ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
    ck_assert_uint_eq(now, 2);
    qi_writer_close(writer);
    qi_dir_free(dir);
}
END_TEST

START_TEST(what_is_wrong_with_a_document_is_said_at_once)
{
    library lib;
    qi_dir *dir;
    qi_writer *writer;
    size_t len = 3 << 20;
    char *text = malloc(len);
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    qi_writer_config config = {.max_memory = 16 << 20, .threads = 2};
    ok(qi_writer_open(&writer, dir, &config, &err));
    qi_ingest_value values[] = {{0, {"a", 1}, 0}, {1, {"word", 4}, 0}};
    ck_assert_int_eq(qi_writer_add(writer, values, 2, "klingon", &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_writer_add(writer, values + 1, 1, NULL, &err), QUIRE_ERR_MISUSE);
    memset(text, 'x', len);
    for (size_t i = 0; i < len; i += 7)
        text[i] = ' ';
    values[1].text = (quire_str){text, len}; /* too large to be copied */
    ok(qi_writer_add(writer, values, 2, NULL, &err));
    memset(text, 'y', len);
    ok(qi_writer_commit(writer, (quire_str){NULL, 0}, false, &err));
    ck_assert_uint_eq(qi_writer_stat(writer).added, 0);
    qi_writer_close(writer);
    qi_parts parts = open_merged(dir);
    const qi_segment *segment = parts.list.items[0].segment;
    qi_term_info info;
    ok(qi_segment_find(segment, QI_LANE(1, true), (quire_str){"xxxxxx", 6}, &info, &err));
    ck_assert_uint_eq(info.df, 1);
    ck_assert_uint_eq(info.cf, len / 7);
    qi_parts_free(&parts);
    free(text);
    qi_dir_free(dir);
}
END_TEST

START_TEST(the_child_of_a_fork_neither_waits_nor_writes)
{
    library lib;
    qi_dir *dir;
    qi_writer *writer;
    int code;
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    qi_writer_config config = {.max_memory = 64 << 20, .threads = 2, .run_bytes = 50000};
    ok(qi_writer_open(&writer, dir, &config, &err));
    for (uint32_t i = 0; i < 500; i++)
        ok(library_add(writer, &lib, i % LIBRARY_KEYS, &err));
    pid_t child = fork();
    if (child == 0) {
        bool refused =
            qi_writer_commit(writer, (quire_str){NULL, 0}, false, &err) == QUIRE_ERR_MISUSE;
        qi_writer_close(writer);
        _exit(refused ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &code, 0), child);
    ck_assert_int_eq(code, 0);
    ok(library_commit(writer, &lib, 2, &err));
    uint64_t now;
    ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
    qi_writer_close(writer);
    qi_dir_free(dir);
}
END_TEST

START_TEST(threads_are_few_where_memory_is)
{
    ck_assert_uint_eq(qi_crew_threads(0, SIZE_MAX), 1);
    ck_assert_uint_eq(qi_crew_threads(1, SIZE_MAX), 1);
    ck_assert_uint_eq(qi_crew_threads(4, 8 << 20), 1);
    ck_assert_uint_eq(qi_crew_threads(4, 24 << 20), 3);
    ck_assert_uint_eq(qi_crew_threads(4, 240 << 20), 4);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.crew");
    TCase *t = tcase_create("crew");
    tcase_set_timeout(t, 850);
    tcase_add_loop_test(t, a_merged_index_does_not_depend_on_threads_or_runs, 0, 2);
    tcase_add_test(t, an_index_holds_what_was_committed_whatever_the_threads_do);
    tcase_add_test(t, a_failure_of_a_thread_is_told_until_a_rollback);
    tcase_add_test(t, what_is_wrong_with_a_document_is_said_at_once);
    tcase_add_test(t, the_child_of_a_fork_neither_waits_nor_writes);
    tcase_add_test(t, threads_are_few_where_memory_is);
    suite_add_tcase(s, t);
    return s;
}
