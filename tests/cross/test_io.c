/* SPDX-License-Identifier: MIT
 * Every operation of the folder fails, once and for good, with each of several errors, in the
 * middle of a writer's life; so does every allocation. The call says so, the old commit stands, and
 * once the fault is gone the same writer does what it could not. */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "support/dir_fault.h"
#include "support/dummy.h"
#include "support/library.h"

enum { ORDERS = QUIRE_ORDER_BISECTION + 1 };

static quire_error err;
static qi_dir *dir;
static library lib;
static qi_writer *writer;
static uint64_t generation;
static char why[512];

/* So little memory that each document becomes a segment before the next. */
static qi_writer_config config = {.max_memory = 1, .auto_merge = true};

static unsigned long allocations; /* of a life without faults */

static void disarm(void)
{
    fault_arm(dir, 0, 0, false);
    allocations += qi_mem_fail(0, false);
}

typedef quire_status step(void);

static quire_status create(void)
{
    quire_status status = library_create(dir, &lib, &err);
    /* It was made, though the call could not say so. */
    return status == QUIRE_ERR_EXISTS ? QUIRE_OK : status;
}

static quire_status open_writer(void)
{
    return qi_writer_open(&writer, dir, &config, &err);
}

static quire_status close_writer(void)
{
    qi_writer_close(writer);
    writer = NULL;
    lib.pending = lib.committed[generation];
    return QUIRE_OK;
}

static quire_status add(uint32_t key)
{
    return library_add(writer, &lib, key, &err);
}

static quire_status add_1(void)
{
    return add(1);
}

static quire_status add_2(void)
{
    return add(2);
}

static quire_status add_3(void)
{
    return add(3);
}

static quire_status delete_2(void)
{
    return library_delete(writer, &lib, 2, &err);
}

static quire_status commit(void)
{
    quire_status status = library_commit(writer, &lib, generation + 1, &err);
    generation += status == QUIRE_OK;
    return status;
}

static quire_status rollback(void)
{
    return library_rollback(writer, &lib, generation, &err);
}

/* The first of its two commits may have succeeded when it fails. */
static quire_status merge(void)
{
    quire_status status = library_merge(writer, &lib, 1, generation, &err);
    qi_manifest manifest;
    if (status != QUIRE_OK || qi_catalog_read(&manifest, dir, NULL) != QUIRE_OK) {
        disarm();
        ck_assert_int_eq(qi_catalog_read(&manifest, dir, NULL), QUIRE_OK);
    }
    generation = manifest.current.generation;
    qi_manifest_free(&manifest);
    return status;
}

static quire_status read(void)
{
    uint64_t now;
    if (library_verify(dir, &lib, false, &now, why))
        return QUIRE_OK;
    disarm();
    ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
    return QUIRE_OK;
}

static step *const life[] = {
    create,      open_writer, add_1,  add_2,    commit,   add_1, add_3,  commit, add_2,
    commit,      delete_2,    commit, add_1,    rollback, add_3, commit, read,   close_writer,
    open_writer, add_2,       add_1,  delete_2, commit,   merge, add_1,  commit, close_writer,
};

static bool outcome_unknown(quire_status status)
{
    return status == QUIRE_ERR_IO && strstr(err.message, "not known") != NULL;
}

/* Open again, and find the old commit or the new one. */
static void find_out(void)
{
    uint64_t now;
    qi_writer_close(writer);
    ck_assert_int_eq(open_writer(), QUIRE_OK);
    ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
    ck_assert(now == generation || now == generation + 1);
    generation = now;
    lib.pending = lib.committed[now];
}

/* Do a step; if it fails, the fault goes away and it is done again. */
static void attempt(step *what, quire_status expected)
{
    uint64_t now;
    quire_status status = what();
    if (status == QUIRE_OK)
        return;
    disarm();
    ck_assert_msg(status == expected || outcome_unknown(status), "%d: %s", status, err.message);
    if (outcome_unknown(status) && what != create) {
        find_out();
        return;
    }
    if (what != create) {
        ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
        ck_assert_uint_eq(now, generation);
    }
    status = what();
    ck_assert_msg(status == QUIRE_OK || (what == delete_2 && status == QUIRE_ERR_NOT_FOUND),
                  "again: %d: %s", status, err.message);
}

static void start(void)
{
    qi_dir *ram;
    ck_assert_int_eq(qi_dir_open_ram(&ram, &err), QUIRE_OK);
    dir = fault_new(ram);
    generation = 1;
    writer = NULL;
    lib = (library){0};
}

/* A whole life; at its end all is as the model says. */
static void live(quire_status expected)
{
    for (size_t i = 0; i < sizeof life / sizeof *life; i++)
        attempt(life[i], expected);
}

static void finish(void)
{
    uint64_t now;
    disarm();
    ck_assert_msg(library_verify(dir, &lib, false, &now, why), "%s", why);
    ck_assert_uint_eq(now, generation);
    ck_assert_int_eq(open_writer(), QUIRE_OK);
    qi_writer_close(writer);
    ck_assert_msg(dummy_tidy(dir, why), "%s", why);
    ck_assert(!fault_retried(dir));
    qi_dir_free(dir);
}

static const int errors[] = {EIO, ENOSPC, EDQUOT, EMFILE, EROFS, ESTALE};

START_TEST(any_operation_of_the_folder_may_fail)
{
    const int error = errors[_i / 2];
    const bool sticky = _i % 2 == 1;
    config.order = (quire_order)(_i % ORDERS);
    unsigned long failures = 1, lives = 0;
    for (unsigned long nth = 1; failures > 0; nth++, lives++) {
        start();
        fault_arm(dir, nth, error, sticky);
        live(QUIRE_ERR_IO);
        failures = fault_failures(dir);
        finish();
    }
    if (_i == 0)
        printf("io: each of %lu operations failed, %d errors, once and for good\n", lives - 1,
               (int)(sizeof errors / sizeof *errors));
    ck_assert_uint_gt(lives, 100);
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    const bool sticky = _i % 2 == 1;
    config.order = (quire_order)(_i / 2);
    start();
    qi_mem_fail(0, false);
    allocations = 0;
    live(QUIRE_OK);
    disarm();
    const unsigned long total = allocations;
    finish();
    unsigned long lives = 0;
    for (unsigned long nth = 1; nth <= total; nth++, lives++) {
        start();
        qi_mem_fail(nth, sticky);
        live(QUIRE_ERR_MEMORY);
        finish();
    }
    if (_i == 0)
        printf("io: %lu of %lu allocations failed, once and for good\n", lives, total);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.io");
    TCase *t = tcase_create("io");
    tcase_set_timeout(t, 0);
    tcase_add_loop_test(t, any_operation_of_the_folder_may_fail, 0,
                        2 * (int)(sizeof errors / sizeof *errors));
    tcase_add_loop_test(t, any_allocation_may_fail, 0, 2 * ORDERS);
    suite_add_tcase(s, t);
    return s;
}
