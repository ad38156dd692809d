/* SPDX-License-Identifier: MIT
 * The commit protocol over dummy segments: what a writer may and may not do, pins, recovery, and
 * every failure of memory and of the folder. Crashes are in tests/cross/test_crash.c. */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "commit/catalog.h"
#include "support/dir_fault.h"
#include "support/dummy.h"
#include "support/roll.h"
#include "support/temp.h"

static quire_error err;
static qi_dir *dir;
static char path[256];
static dummy_model model;
static char why[512];

static void open_ram(void)
{
    path[0] = '\0';
    model = (dummy_model){.random = 7};
    ck_assert_int_eq(qi_dir_open_ram(&dir, &err), QUIRE_OK);
}

static void open_posix(void)
{
    temp_folder(path, sizeof path);
    model = (dummy_model){.random = 7};
    ck_assert_int_eq(qi_dir_open_posix(&dir, path, false, &err), QUIRE_OK);
}

static void close_dir(void)
{
    qi_dir_free(dir);
    if (path[0] != '\0')
        temp_remove(path);
}

static void assert_generation(uint64_t expected)
{
    uint64_t generation;
    ck_assert_msg(dummy_verify(dir, &model, false, &generation, why), "%s", why);
    ck_assert_uint_eq(generation, expected);
    ck_assert_msg(dummy_verify(dir, &model, true, &generation, why), "previous: %s", why);
    ck_assert_uint_eq(generation, expected - 1);
}

static void assert_tidy(void)
{
    ck_assert_msg(dummy_tidy(dir, why), "%s", why);
}

static qi_catalog *open_catalog(void)
{
    qi_catalog *catalog;
    quire_status status = qi_catalog_open(&catalog, dir, 0, &err);
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
    return catalog;
}

static void create_file(const char *name)
{
    qi_out out;
    ck_assert_int_eq(dir->ops->create(dir, name, &out, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->append(&out, "junk", 4, &err), QUIRE_OK);
    ck_assert_int_eq(dir->ops->close(&out, false, &err), QUIRE_OK);
}

static bool exists(const char *name)
{
    qi_bytes map;
    quire_status status = dir->ops->map(dir, name, &map, &err);
    if (status == QUIRE_OK)
        dir->ops->unmap(dir, &map);
    return status == QUIRE_OK;
}

START_TEST(commits_follow_one_another_and_leave_no_litter)
{
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    assert_generation(1);
    qi_catalog *catalog = open_catalog();
    for (uint64_t generation = 2; generation < 60; generation++) {
        ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
        assert_generation(generation);
        assert_tidy();
        if (generation % 7 == 0) {
            qi_catalog_close(catalog);
            catalog = open_catalog();
            assert_generation(generation);
        }
    }
    qi_catalog_close(catalog);
}
END_TEST

START_TEST(an_index_is_created_once)
{
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_ERR_EXISTS);
    assert_generation(1);
    ck_assert_int_eq(dir->ops->remove(dir, "MANIFEST", &err), QUIRE_OK);
    create_file("s-3.seg");
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_ERR_EXISTS);
}
END_TEST

START_TEST(a_folder_that_is_no_index_says_so_and_gets_no_lock_file)
{
    qi_manifest manifest;
    qi_catalog *catalog;
    create_file("letter.txt");
    ck_assert_int_eq(qi_catalog_read(&manifest, dir, &err), QUIRE_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "not a Quire index"));
    ck_assert_int_eq(qi_catalog_open(&catalog, dir, 0, &err), QUIRE_ERR_FORMAT);
    ck_assert_ptr_null(catalog);
    ck_assert(!exists("q.lock"));
    create_file("s-12.seg");
    ck_assert_int_eq(qi_catalog_read(&manifest, dir, &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "MANIFEST"));
    ck_assert_int_eq(qi_catalog_open(&catalog, dir, 0, &err), QUIRE_ERR_CORRUPT);
    create_file("MANIFEST");
    ck_assert_int_eq(qi_catalog_read(&manifest, dir, &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "overwritten"));
    ck_assert_int_eq(dir->ops->remove(dir, "s-12.seg", &err), QUIRE_OK);
    ck_assert_int_eq(qi_catalog_read(&manifest, dir, &err), QUIRE_ERR_FORMAT);
}
END_TEST

START_TEST(there_is_one_writer_at_a_time)
{
    qi_catalog *second;
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(qi_catalog_open(&second, dir, 0, &err), QUIRE_ERR_BUSY);
    ck_assert_int_eq(qi_catalog_open(&second, dir, 30, &err), QUIRE_ERR_BUSY);
    ck_assert_ptr_null(second);
    qi_catalog_close(catalog);
    catalog = open_catalog();
    qi_catalog_close(catalog);
}
END_TEST

static void *close_soon(void *payload)
{
    usleep(20000);
    qi_catalog_close(payload);
    return NULL;
}

START_TEST(a_writer_waits_for_another_as_long_as_it_is_told)
{
    pthread_t thread;
    qi_catalog *second;
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, close_soon, open_catalog()), 0);
    ck_assert_int_eq(qi_catalog_open(&second, dir, 20000, &err), QUIRE_OK);
    pthread_join(thread, NULL);
    qi_catalog_close(second);
}
END_TEST

START_TEST(recovery_removes_what_a_dead_writer_left_and_nothing_else)
{
    static const char *const foreign[] = {"s-01.seg", "letter.txt", "s-9.seg~", "d-9.del"};
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
    qi_catalog_close(catalog);
    for (size_t i = 0; i < 4; i++)
        create_file(foreign[i]);
    create_file("MANIFEST.tmp");
    create_file("s-1000.seg");
    create_file("d-1-2000.del");
    catalog = open_catalog();
    for (size_t i = 0; i < 4; i++) {
        ck_assert(exists(foreign[i]));
        dir->ops->remove(dir, foreign[i], &err);
    }
    assert_tidy();
    assert_generation(6);
    /* Numbers that were seen are not given again. */
    qi_file_id id;
    ck_assert_int_eq(qi_catalog_next_segment(catalog, &id, &err), QUIRE_OK);
    ck_assert_uint_eq(id.seq, 2001);
    ck_assert_str_eq(id.name, "s-2001.seg");
    create_file(id.name);
    qi_catalog_made(catalog);
    qi_catalog_close(catalog);
    assert_tidy();
}
END_TEST

START_TEST(a_file_that_was_chosen_but_not_made_is_never_removed)
{
    qi_file_id id;
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    create_file("s-1.seg"); /* somebody else's */
    ck_assert_int_eq(qi_catalog_next_segment(catalog, &id, &err), QUIRE_OK);
    ck_assert_str_eq(id.name, "s-1.seg");
    ck_assert_int_eq(qi_catalog_next_deletes(catalog, 7, &id, &err), QUIRE_OK);
    ck_assert_str_eq(id.name, "d-7-2.del");
    ck_assert_uint_eq(id.seq, 2);
    ck_assert_mem_eq(id.uuid, qi_catalog_manifest(catalog)->uuid, 16);
    qi_catalog_close(catalog);
    ck_assert(exists("s-1.seg"));
}
END_TEST

/* Which segments and deletes of the manifest exist? */
static bool all_exist(const qi_manifest_commit *commit)
{
    char name[QI_MANIFEST_NAME_ROOM];
    for (size_t i = 0; i < commit->entries.count; i++) {
        const qi_manifest_entry *entry = &commit->entries.items[i];
        qi_manifest_segment_name(name, entry->seq);
        if (!exists(name))
            return false;
        qi_manifest_deletes_name(name, entry->seq, entry->deletes);
        if (entry->deletes != 0 && !exists(name))
            return false;
    }
    return true;
}

START_TEST(pinned_files_stay_until_they_are_unpinned)
{
    enum { PINS = 12 };
    qi_manifest manifests[PINS];
    qi_lock pins[PINS];
    roll_seed();
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    for (int i = 0; i < PINS; i++) {
        ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
        ck_assert_int_eq(qi_catalog_pin(&manifests[i], &pins[i], dir, &err), QUIRE_OK);
        ck_assert_ptr_nonnull(pins[i].owner);
        if (roll(3) == 0) { /* a new writer knows of the pins too */
            qi_catalog_close(catalog);
            catalog = open_catalog();
        }
        for (int j = 0; j <= i; j++)
            if (pins[j].owner != NULL)
                ck_assert_msg(all_exist(&manifests[j].current), "pin %d of %d", j, i);
        int some = (int)roll((uint32_t)i + 1);
        dir->ops->unlock(&pins[some]);
    }
    for (int i = 0; i < PINS; i++) {
        dir->ops->unlock(&pins[i]);
        qi_manifest_free(&manifests[i]);
    }
    ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
    assert_tidy();
    qi_catalog_close(catalog);
}
END_TEST

START_TEST(what_is_prepared_is_invisible_until_it_is_published)
{
    qi_manifest_entry none = {0};
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(qi_catalog_publish(catalog, &err), QUIRE_ERR_MISUSE);
    ck_assert_int_eq(qi_catalog_prepare(catalog, &none, 0, quire_cstr("x"), &err), QUIRE_OK);
    ck_assert(qi_catalog_is_prepared(catalog));
    ck_assert_int_eq(qi_catalog_prepare(catalog, &none, 0, quire_cstr("x"), &err),
                     QUIRE_ERR_MISUSE);
    assert_generation(1);
    ck_assert_int_eq(qi_catalog_rollback(catalog, &err), QUIRE_OK);
    ck_assert(!qi_catalog_is_prepared(catalog));
    assert_tidy();
    ck_assert_int_eq(qi_catalog_prepare(catalog, &none, 0, quire_cstr("z"), &err), QUIRE_OK);
    qi_catalog_close(catalog);
    assert_tidy();
    assert_generation(1);
    catalog = open_catalog();
    ck_assert_int_eq(qi_catalog_prepare(catalog, &none, 0, quire_cstr("z"), &err), QUIRE_OK);
    ck_assert_int_eq(qi_catalog_publish(catalog, &err), QUIRE_OK);
    ck_assert_uint_eq(qi_catalog_manifest(catalog)->current.generation, 2);
    ck_assert_mem_eq(qi_catalog_manifest(catalog)->current.payload.ptr, "z", 1);
    qi_catalog_close(catalog);
}
END_TEST

START_TEST(a_payload_has_a_limit)
{
    static char big[QI_MANIFEST_PAYLOAD_MAX + 1];
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(qi_catalog_prepare(catalog, NULL, 0, (quire_str){big, sizeof big}, &err),
                     QUIRE_ERR_LIMIT);
    ck_assert_int_eq(qi_catalog_prepare(catalog, NULL, 0, (quire_str){big, sizeof big - 1}, &err),
                     QUIRE_OK);
    ck_assert_int_eq(qi_catalog_publish(catalog, &err), QUIRE_OK);
    qi_catalog_close(catalog);
    qi_manifest manifest;
    ck_assert_int_eq(qi_catalog_read(&manifest, dir, &err), QUIRE_OK);
    ck_assert_uint_eq(manifest.current.payload.len, QI_MANIFEST_PAYLOAD_MAX);
    qi_manifest_free(&manifest);
}
END_TEST

START_TEST(a_child_of_a_fork_cannot_write_nor_remove_the_files_of_its_parent)
{
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
    qi_file_id id;
    ck_assert_int_eq(qi_catalog_next_segment(catalog, &id, &err), QUIRE_OK);
    create_file(id.name);
    qi_catalog_made(catalog);
    uint64_t seq = id.seq;
    ck_assert_int_eq(qi_catalog_prepare(catalog, NULL, 0, quire_cstr("p"), &err), QUIRE_OK);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        bool refused = qi_catalog_publish(catalog, &err) == QUIRE_ERR_MISUSE &&
                       qi_catalog_rollback(catalog, &err) == QUIRE_ERR_MISUSE &&
                       qi_catalog_next_segment(catalog, &id, &err) == QUIRE_ERR_MISUSE;
        qi_catalog_drop(catalog, seq, 0);
        qi_catalog_close(catalog);
        _exit(refused ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    ck_assert(exists("MANIFEST.tmp"));
    ck_assert(exists(id.name));
    qi_catalog *second;
    ck_assert_int_eq(qi_catalog_open(&second, dir, 0, &err), QUIRE_ERR_BUSY);
    ck_assert_int_eq(qi_catalog_publish(catalog, &err), QUIRE_OK);
    qi_catalog_close(catalog);
}
END_TEST

START_TEST(a_lost_lock_stops_the_writer)
{
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(dir->ops->remove(dir, "q.lock", &err), QUIRE_OK);
    ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_ERR_IO);
    qi_catalog *second = open_catalog(); /* on a new lock file */
    ck_assert_int_eq(dummy_commit(second, dir, &model, &err), QUIRE_OK);
    ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_ERR_IO);
    qi_catalog_close(catalog);
    assert_generation(2);
    qi_catalog_close(second);
}
END_TEST

/* ---- A reader while a writer commits ---- */

static bool stop;

static void *read_all_the_time(void *payload)
{
    uint64_t *reads = payload;
    char own_why[512];
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        qi_manifest manifest;
        qi_lock pin;
        quire_error own;
        if (qi_catalog_pin(&manifest, &pin, dir, &own) != QUIRE_OK)
            return strdup(own.message);
        /* The pinned files stay, whatever is committed meanwhile. */
        for (int round = 0; round < 3; round++)
            if (!all_exist(&manifest.current)) {
                snprintf(own_why, sizeof own_why, "a pinned file of generation %" PRIu64 " is gone",
                         manifest.current.generation);
                return strdup(own_why);
            }
        dir->ops->unlock(&pin);
        qi_manifest_free(&manifest);
        __atomic_add_fetch(reads, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

START_TEST(readers_pin_whole_commits_while_a_writer_goes_on)
{
    pthread_t threads[2];
    uint64_t reads[2] = {0};
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    stop = false;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_all_the_time, &reads[i]), 0);
    qi_catalog *catalog = open_catalog();
    quire_error own;
    for (int i = 0; i < 300 || __atomic_load_n(&reads[0], __ATOMIC_RELAXED) < 20 ||
                    __atomic_load_n(&reads[1], __ATOMIC_RELAXED) < 20;
         i++)
        ck_assert_int_eq(dummy_commit(catalog, dir, &model, &own), QUIRE_OK);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        ck_assert_msg(fault == NULL, "%s", (char *)fault);
    }
    qi_catalog_close(catalog);
}
END_TEST

/* ---- Failures ---- */

START_TEST(a_failed_second_barrier_leaves_the_outcome_open)
{
    dir = fault_new(dir);
    ck_assert_int_eq(dummy_create(dir, &model, &err), QUIRE_OK);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
    ck_assert_int_eq(qi_catalog_prepare(catalog, NULL, 0, (quire_str){0}, &err), QUIRE_OK);
    fault_arm(dir, 2, EIO, false); /* rename, sync */
    ck_assert_int_eq(qi_catalog_publish(catalog, &err), QUIRE_ERR_IO);
    ck_assert_int_eq(err.os_error, EIO);
    ck_assert_ptr_nonnull(strstr(err.message, "outcome of the commit is not known"));
    ck_assert_int_eq(qi_catalog_prepare(catalog, NULL, 0, (quire_str){0}, &err), QUIRE_ERR_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "not known"));
    ck_assert_int_eq(qi_catalog_rollback(catalog, &err), QUIRE_ERR_IO);
    qi_catalog_close(catalog);
    catalog = open_catalog();
    uint64_t generation = qi_catalog_manifest(catalog)->current.generation;
    ck_assert_uint_eq(generation, 3);
    qi_catalog_close(catalog);
}
END_TEST

/* Create, open, commit three times, reopen, and commit again; how far it came. */
static quire_status life(uint64_t *acked)
{
    qi_catalog *catalog = NULL;
    *acked = 0;
    QI_TRY(dummy_create(dir, &model, &err));
    *acked = 1;
    for (int round = 0; round < 2; round++) {
        QI_TRY(qi_catalog_open(&catalog, dir, 0, &err));
        quire_status status = QUIRE_OK;
        for (int i = 0; status == QUIRE_OK && i < 3; i++) {
            status = dummy_commit(catalog, dir, &model, &err);
            *acked += status == QUIRE_OK;
        }
        qi_catalog_close(catalog);
        QI_TRY(status);
    }
    return QUIRE_OK;
}

/* After a failure: old or new, nothing in between; and the index can be written again. */
static void assert_sound(uint64_t acked)
{
    uint64_t generation;
    if (acked == 0) {
        quire_status status = dummy_create(dir, &model, &err);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_EXISTS);
        acked = 1;
    }
    ck_assert_msg(dummy_verify(dir, &model, false, &generation, why), "%s", why);
    ck_assert_uint_ge(generation, acked);
    ck_assert_uint_le(generation, acked + 1);
    qi_catalog *catalog = open_catalog();
    ck_assert_int_eq(dummy_commit(catalog, dir, &model, &err), QUIRE_OK);
    qi_catalog_close(catalog);
    assert_generation(generation + 1);
    assert_tidy();
}

static void restart(void)
{
    qi_dir *ram;
    qi_dir_free(dir);
    ck_assert_int_eq(qi_dir_open_ram(&ram, &err), QUIRE_OK);
    dir = fault_new(ram);
    model = (dummy_model){.random = 7};
}

START_TEST(any_operation_of_the_folder_may_fail)
{
    static const int errors[] = {EIO, ENOSPC, EDQUOT, EMFILE, EROFS, EACCES, ESTALE, EEXIST};
    const int error = errors[_i / 2];
    const bool sticky = _i % 2 == 1;
    unsigned long failures = 1;
    for (unsigned long nth = 1; failures > 0; nth++) {
        uint64_t acked;
        restart();
        fault_arm(dir, nth, error, sticky);
        quire_status status = life(&acked);
        failures = fault_failures(dir);
        fault_arm(dir, 0, 0, false);
        ck_assert(failures > 0 || status == QUIRE_OK);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_IO);
        ck_assert(!fault_retried(dir));
        assert_sound(acked);
    }
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    unsigned long made = 1;
    quire_status status = QUIRE_ERR_MEMORY;
    for (unsigned long nth = 1; status != QUIRE_OK || nth <= made; nth++) {
        uint64_t acked;
        restart();
        qi_mem_fail(nth, _i == 1);
        status = life(&acked);
        made = qi_mem_fail(0, false);
        /* Without memory to read the manifest, a failed rename may or may not have happened. */
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY ||
                  strstr(err.message, "not known") != NULL);
        assert_sound(acked);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.catalog");
    for (int posix = 0; posix < 2; posix++) {
        TCase *t = tcase_create(posix ? "posix" : "memory");
        tcase_add_checked_fixture(t, posix ? open_posix : open_ram, close_dir);
        tcase_set_timeout(t, 60);
        tcase_add_test(t, commits_follow_one_another_and_leave_no_litter);
        tcase_add_test(t, an_index_is_created_once);
        tcase_add_test(t, a_folder_that_is_no_index_says_so_and_gets_no_lock_file);
        tcase_add_test(t, there_is_one_writer_at_a_time);
        tcase_add_test(t, a_writer_waits_for_another_as_long_as_it_is_told);
        tcase_add_test(t, recovery_removes_what_a_dead_writer_left_and_nothing_else);
        tcase_add_test(t, a_file_that_was_chosen_but_not_made_is_never_removed);
        tcase_add_test(t, pinned_files_stay_until_they_are_unpinned);
        tcase_add_test(t, what_is_prepared_is_invisible_until_it_is_published);
        tcase_add_test(t, a_payload_has_a_limit);
        tcase_add_test(t, readers_pin_whole_commits_while_a_writer_goes_on);
        if (posix) {
            tcase_add_test(t, a_child_of_a_fork_cannot_write_nor_remove_the_files_of_its_parent);
            tcase_add_test(t, a_lost_lock_stops_the_writer);
        }
        suite_add_tcase(s, t);
    }
    TCase *t = tcase_create("failures");
    tcase_add_checked_fixture(t, open_ram, close_dir);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_failed_second_barrier_leaves_the_outcome_open);
    tcase_add_loop_test(t, any_operation_of_the_folder_may_fail, 0, 16);
    tcase_add_loop_test(t, any_allocation_may_fail, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
