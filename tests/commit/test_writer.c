/* SPDX-License-Identifier: MIT
 * A writer against a model: random changes, commits, rollbacks and merges; snapshots that stay what
 * they were; and errors that leave everything as it was.
 * Covers: check files ingest parts reader. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/dummy.h"
#include "support/library.h"
#include "support/roll.h"
#include "support/temp.h"

enum { ORDERS = QUIRE_ORDER_BISECTION + 1 };

static quire_error err;
static qi_dir *dir;
static char path[256], why[512];
static library lib;
static const qi_writer_config plain = {.max_memory = 64 << 20, .auto_merge = true};

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

static void open_ram(void)
{
    path[0] = '\0';
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
}

static void open_posix(void)
{
    temp_folder(path, sizeof path);
    ok(qi_dir_open_posix(&dir, path, false, &err));
    ok(library_create(dir, &lib, &err));
}

static void close_dir(void)
{
    qi_dir_free(dir);
    if (path[0] != '\0')
        temp_remove(path);
}

static qi_writer *open_writer(const qi_writer_config *config)
{
    qi_writer *writer;
    ok(qi_writer_open(&writer, dir, config, &err));
    return writer;
}

static void assert_generation(uint64_t expected)
{
    uint64_t generation;
    ck_assert_msg(library_verify(dir, &lib, false, &generation, why), "%s", why);
    ck_assert_uint_eq(generation, expected);
    ck_assert_msg(library_verify(dir, &lib, true, &generation, why), "previous: %s", why);
    ck_assert_msg(dummy_tidy(dir, why), "%s", why);
}

static size_t segment_count(void)
{
    qi_manifest manifest;
    ok(qi_catalog_read(&manifest, dir, &err));
    size_t count = manifest.current.entries.count;
    qi_manifest_free(&manifest);
    return count;
}

static uint64_t generation_now(void)
{
    qi_manifest manifest;
    ok(qi_catalog_read(&manifest, dir, &err));
    uint64_t generation = manifest.current.generation;
    qi_manifest_free(&manifest);
    return generation;
}

static void change(qi_writer *writer)
{
    uint32_t key = roll(LIBRARY_KEYS);
    bool there = lib.pending.versions[key] != 0;
    if (roll(3) != 0) {
        ok(library_add(writer, &lib, key, &err));
    } else {
        ck_assert_int_eq(library_delete(writer, &lib, key, &err),
                         there ? QUIRE_OK : QUIRE_ERR_NOT_FOUND);
    }
}

/* Merge after a generation; the one there is then. */
static uint64_t merge(qi_writer *writer, uint32_t most, uint64_t generation)
{
    qi_manifest manifest;
    ok(library_merge(writer, &lib, most, generation, &err));
    ck_assert_uint_le(segment_count(), most);
    ok(qi_catalog_read(&manifest, dir, &err));
    generation = manifest.current.generation;
    qi_manifest_free(&manifest);
    return generation;
}

START_TEST(an_index_holds_what_was_committed_whatever_the_order_of_changes)
{
    roll_seed();
    uint64_t generation = 1;
    qi_writer_config config = plain;
    config.max_memory = _i == 0 ? 64 << 20 : 1 << 18; /* many flushes */
    config.auto_merge = roll(2) == 0;
    config.order = (quire_order)roll(ORDERS);
    qi_writer *writer = open_writer(&config);
    for (int round = 0; round < 60; round++) {
        for (uint32_t changes = roll(40); changes > 0; changes--)
            change(writer);
        switch (roll(7)) {
        case 0:
            ok(library_rollback(writer, &lib, generation, &err));
            break;
        case 2:
            generation = merge(writer, 1 + roll(2), generation);
            break;
        case 1:
            qi_writer_close(writer);
            writer = open_writer(&config);
            lib.pending = lib.committed[generation % LIBRARY_GENERATIONS];
            break;
        default:
            ok(library_commit(writer, &lib, ++generation, &err));
        }
        uint64_t now;
        ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
        ck_assert_uint_eq(now, generation);
    }
    ok(library_rollback(writer, &lib, generation, &err));
    assert_generation(generation);
    qi_writer_close(writer);
}
END_TEST

START_TEST(a_merge_leaves_as_many_segments_as_it_is_told_and_all_documents)
{
    roll_seed();
    qi_writer_config config = plain;
    config.auto_merge = false;
    qi_writer *writer = open_writer(&config);
    for (uint64_t generation = 2; generation < 22; generation++) {
        for (uint32_t n = 0; n < 5; n++)
            ok(library_add(writer, &lib, roll(LIBRARY_KEYS), &err));
        ok(library_commit(writer, &lib, generation, &err));
    }
    size_t before = segment_count();
    ck_assert_uint_gt(before, 5);
    uint64_t generation = 21;
    for (uint32_t most = 7; most <= 7; most -= 3) {
        /* Two commits, with the payload of the last. */
        char payload[] = "generation 21";
        ok(qi_writer_merge(writer, most, &err));
        ck_assert_uint_eq(segment_count(), most);
        generation += 2;
        qi_manifest manifest;
        ok(qi_catalog_read(&manifest, dir, &err));
        ck_assert_uint_eq(manifest.current.generation, generation);
        ck_assert_uint_eq(manifest.current.payload.len, strlen(payload));
        ck_assert_mem_eq(manifest.current.payload.ptr, payload, strlen(payload));
        uint64_t documents = 0, deleted = 0;
        for (size_t i = 0; i < manifest.current.entries.count; i++) {
            documents += manifest.current.entries.items[i].documents;
            deleted += manifest.current.entries.items[i].deleted;
        }
        qi_manifest_free(&manifest);
        uint64_t live = 0;
        for (uint32_t key = 0; key < LIBRARY_KEYS; key++)
            live += lib.pending.versions[key] != 0;
        ck_assert_uint_eq(documents - deleted, live);
        ck_assert(most > 1 || deleted == 0);
    }
    ok(library_commit(writer, &lib, ++generation, &err));
    ok(library_commit(writer, &lib, ++generation, &err));
    assert_generation(generation);
    ck_assert_int_eq(qi_writer_merge(writer, 0, &err), QUIRE_ERR_MISUSE);
    qi_writer_close(writer);
}
END_TEST

START_TEST(segments_without_live_documents_disappear)
{
    qi_writer *writer = open_writer(&plain);
    for (uint32_t key = 0; key < 10; key++)
        ok(library_add(writer, &lib, key, &err));
    ok(library_commit(writer, &lib, 2, &err));
    ck_assert_uint_eq(segment_count(), 1);
    for (uint32_t key = 0; key < 10; key++)
        ok(library_delete(writer, &lib, key, &err));
    ok(library_add(writer, &lib, 11, &err));
    ok(library_delete(writer, &lib, 11, &err)); /* added and deleted within one commit */
    ok(library_commit(writer, &lib, 3, &err));
    ck_assert_uint_eq(segment_count(), 0);
    assert_generation(3);
    ok(library_commit(writer, &lib, 4, &err));
    assert_generation(4);
    qi_writer_close(writer);
    assert_generation(4);
}
END_TEST

START_TEST(what_is_prepared_can_be_published_or_forgotten_and_nothing_else)
{
    char id[] = "key1";
    qi_writer *writer = open_writer(&plain);
    for (int round = 0; round < 2; round++) {
        ok(library_add(writer, &lib, 1, &err));
        lib.committed[2] = lib.pending;
        lib.payloads[2] = 2;
        ok(qi_writer_commit(writer, quire_cstr("generation 2"), true, &err));
        ck_assert_int_eq(library_add(writer, &lib, 2, &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(qi_writer_delete(writer, quire_cstr(id), &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(qi_writer_merge(writer, 1, &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(qi_writer_commit(writer, quire_cstr("x"), false, &err), QUIRE_ERR_MISUSE);
        ck_assert_int_eq(qi_writer_commit(writer, (quire_str){0}, true, &err), QUIRE_ERR_MISUSE);
        uint64_t generation;
        ck_assert(library_verify(dir, &lib, false, &generation, why));
        ck_assert_uint_eq(generation, 1);
        if (round == 0)
            ok(library_rollback(writer, &lib, 1, &err));
    }
    ok(qi_writer_commit(writer, (quire_str){0}, false, &err));
    assert_generation(2);
    qi_writer_close(writer);
}
END_TEST

START_TEST(a_bad_document_changes_nothing)
{
    qi_writer *writer = open_writer(&plain);
    char long_key[300], id[] = "key1", text[] = "one two three";
    memset(long_key, 'k', sizeof long_key);
    ok(library_add(writer, &lib, 1, &err));
    const qi_ingest_value key = {0, {id, 4}, 0}, body = {1, {text, 13}, 0};
    const qi_ingest_value longer = {0, {long_key, 256}, 0}, none = {0, {id, 0}, 0};
    const qi_ingest_value number = {3, {NULL, 0}, 5}, small = {3, {NULL, 0}, INT64_MIN};
    const struct {
        qi_ingest_value values[3];
        size_t count;
        const char *language;
        quire_status status;
    } bad[] = {
        {{body}, 1, NULL, QUIRE_ERR_MISUSE},
        {{body, none}, 2, NULL, QUIRE_ERR_MISUSE},
        {{key, body, key}, 3, NULL, QUIRE_ERR_MISUSE},
        {{number, key, number}, 3, NULL, QUIRE_ERR_MISUSE},
        {{key, small}, 2, NULL, QUIRE_ERR_LIMIT},
        {{longer, body}, 2, NULL, QUIRE_ERR_LIMIT},
        {{key, body}, 2, "klingon", QUIRE_ERR_MISUSE},
        {{key, body}, 2, "a language whose name is longer than any", QUIRE_ERR_MISUSE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(qi_writer_add(writer, bad[i].values, bad[i].count, bad[i].language, &err) ==
                          bad[i].status,
                      "%zu: %s", i, err.message);
    ck_assert_uint_eq(qi_writer_stat(writer).added, 1);
    ck_assert_uint_eq(qi_writer_stat(writer).deleted, 0);
    ok(library_commit(writer, &lib, 2, &err));
    assert_generation(2);
    qi_writer_close(writer);
}
END_TEST

START_TEST(the_writer_counts_what_it_did)
{
    qi_writer *writer = open_writer(&plain);
    for (int round = 0; round < 3; round++)
        for (uint32_t key = 0; key < 10; key++)
            ok(library_add(writer, &lib, key, &err));
    ok(library_delete(writer, &lib, 3, &err));
    quire_writer_stat stat = qi_writer_stat(writer);
    ck_assert_uint_eq(stat.added, 30);
    ck_assert_uint_eq(stat.deleted, 21);
    ck_assert_uint_gt(stat.memory, 0);
    ok(library_commit(writer, &lib, 2, &err));
    ok(library_delete(writer, &lib, 4, &err));
    stat = qi_writer_stat(writer);
    ck_assert_uint_eq(stat.added, 0);
    ck_assert_uint_eq(stat.deleted, 1);
    ck_assert_uint_eq(stat.memory, 0);
    char id[] = "k", text[] = "ab\xFF\xFE cd";
    const qi_ingest_value values[] = {{0, {id, 1}, 0}, {1, {text, sizeof text - 1}, 0}};
    ok(qi_writer_add(writer, values, 2, NULL, &err));
    ck_assert_uint_eq(qi_writer_stat(writer).invalid_bytes, 2);
    qi_writer_close(writer);
}
END_TEST

/* ---- Readers ---- */

static void nothing(void *owner)
{
    (void)owner;
}

START_TEST(snapshots_stay_what_they_were_and_share_their_segments)
{
    enum { KEPT = 10 };
    quire_snapshot *kept[KEPT];
    qi_reader reader;
    roll_seed();
    ok(qi_reader_init(&reader, dir, &err));
    reader.pin = true;
    qi_writer *writer = open_writer(&plain);
    uint64_t generation = 1;
    for (int i = 0; i < KEPT; i++) {
        for (int n = 0; n < 30; n++)
            change(writer);
        ok(library_commit(writer, &lib, ++generation, &err));
        ok(qi_reader_snapshot(&reader, (qi_reader_owner){nothing, NULL}, &kept[i], &err));
        quire_snapshot *same;
        ok(qi_reader_snapshot(&reader, (qi_reader_owner){nothing, NULL}, &same, &err));
        for (size_t p = 0; p < same->count; p++)
            ck_assert_ptr_eq(same->parts[p].segment, kept[i]->parts[p].segment);
        qi_snapshot_release(same);
        for (int j = 0; j <= i; j++) {
            ck_assert_uint_eq(kept[j]->stat.generation, (uint64_t)j + 2);
            ck_assert_msg(library_verify_snapshot(kept[j], &lib, why), "%d of %d: %s", j, i, why);
        }
    }
    ok(qi_writer_merge(writer, 1, &err));
    for (int j = 0; j < KEPT; j++) {
        ck_assert_msg(library_verify_snapshot(kept[j], &lib, why), "%d: %s", j, why);
        qi_snapshot_release(kept[j]);
    }
    generation = generation_now();
    ok(library_commit(writer, &lib, generation + 1, &err));
    ok(library_commit(writer, &lib, generation + 2, &err));
    assert_generation(generation + 2);
    qi_writer_close(writer);
    qi_reader_free(&reader);
}
END_TEST

START_TEST(a_child_of_a_fork_goes_on_reading_and_lets_its_parent_go_on)
{
    qi_reader reader;
    quire_snapshot *snapshot;
    bool pinned;
    ok(qi_reader_init(&reader, dir, &err));
    reader.pin = true;
    qi_writer *writer = open_writer(&plain);
    for (uint32_t key = 0; key < 10; key++)
        ok(library_add(writer, &lib, key, &err));
    ok(library_commit(writer, &lib, 2, &err));
    ok(qi_reader_snapshot(&reader, (qi_reader_owner){nothing, NULL}, &snapshot, &err));
    ok(library_add(writer, &lib, 3, &err));
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        bool fine = library_verify_snapshot(snapshot, &lib, why);
        qi_snapshot_release(snapshot);
        fine = fine && qi_writer_commit(writer, (quire_str){0}, false, &err) == QUIRE_ERR_MISUSE;
        qi_writer_close(writer);
        _exit(fine ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ok(dir->ops->locked(dir, QI_LOCK_PIN + 2, 1, &pinned, &err));
    ck_assert(pinned);
    ok(library_commit(writer, &lib, 3, &err));
    assert_generation(3);
    qi_snapshot_release(snapshot);
    ok(dir->ops->locked(dir, QI_LOCK_PIN + 2, 1, &pinned, &err));
    ck_assert(!pinned);
    qi_writer_close(writer);
    qi_reader_free(&reader);
}
END_TEST

static bool stop;

typedef struct watcher {
    uint64_t snapshots;
    char why[512];
} watcher;

static void *watch(void *payload)
{
    watcher *w = payload;
    qi_reader reader;
    quire_error own = {0};
    if (qi_reader_init(&reader, dir, &own) != QUIRE_OK)
        return payload;
    reader.pin = true;
    uint64_t last = 0;
    while (w->why[0] == '\0' && !__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        quire_snapshot *snapshot;
        quire_status status =
            qi_reader_snapshot(&reader, (qi_reader_owner){nothing, NULL}, &snapshot, &own);
        if (status != QUIRE_OK) {
            snprintf(w->why, sizeof w->why, "status %d: %s", status, own.message);
        } else if (snapshot->stat.generation < last) {
            snprintf(w->why, sizeof w->why, "a generation went back");
        } else {
            /* Each commit of this test replaces one document: their number never changes. */
            last = snapshot->stat.generation;
            if (last > 2 && snapshot->stat.documents != 20)
                snprintf(w->why, sizeof w->why, "%u documents in generation %u",
                         (unsigned)snapshot->stat.documents, (unsigned)last);
            __atomic_add_fetch(&w->snapshots, 1, __ATOMIC_RELAXED);
        }
        qi_snapshot_release(snapshot);
    }
    qi_reader_free(&reader);
    return NULL;
}

START_TEST(readers_see_whole_commits_while_a_writer_goes_on)
{
    pthread_t threads[3];
    watcher watchers[3] = {0};
    roll_seed();
    qi_writer *writer = open_writer(&plain);
    for (uint32_t key = 0; key < 20; key++)
        ok(library_add(writer, &lib, key, &err));
    ok(library_commit(writer, &lib, 2, &err));
    stop = false;
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, watch, &watchers[i]), 0);
    uint64_t fewest = 0;
    for (uint64_t generation = 3; generation < 150 || (fewest < 30 && generation < 20000);
         generation++) {
        ok(library_add(writer, &lib, roll(20), &err));
        ok(library_commit(writer, &lib, generation, &err));
        fewest = UINT64_MAX;
        for (int i = 0; i < 3; i++) {
            uint64_t n = __atomic_load_n(&watchers[i].snapshots, __ATOMIC_RELAXED);
            fewest = n < fewest ? n : fewest;
        }
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
        ck_assert_msg(watchers[i].why[0] == '\0', "%s", watchers[i].why);
        ck_assert_uint_gt(watchers[i].snapshots, 0);
    }
    qi_writer_close(writer);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.writer");
    for (int posix = 0; posix < 2; posix++) {
        TCase *t = tcase_create(posix ? "posix" : "memory");
        tcase_add_checked_fixture(t, posix ? open_posix : open_ram, close_dir);
        tcase_set_timeout(t, 60);
        tcase_add_loop_test(t, an_index_holds_what_was_committed_whatever_the_order_of_changes, 0,
                            2);
        tcase_add_test(t, a_merge_leaves_as_many_segments_as_it_is_told_and_all_documents);
        tcase_add_test(t, segments_without_live_documents_disappear);
        tcase_add_test(t, what_is_prepared_can_be_published_or_forgotten_and_nothing_else);
        tcase_add_test(t, a_bad_document_changes_nothing);
        tcase_add_test(t, the_writer_counts_what_it_did);
        tcase_add_test(t, snapshots_stay_what_they_were_and_share_their_segments);
        tcase_add_test(t, readers_see_whole_commits_while_a_writer_goes_on);
        if (posix)
            tcase_add_test(t, a_child_of_a_fork_goes_on_reading_and_lets_its_parent_go_on);
        suite_add_tcase(s, t);
    }
    return s;
}
