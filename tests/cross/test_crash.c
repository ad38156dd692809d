/* SPDX-License-Identifier: MIT
 * Power cuts: whatever a weak file system loses of what was not synced, the index opens with the
 * last commit that was acknowledged, or the one being made, whole; and it can be written again,
 * even if the power fails during that. Leaving any one sync out is noticed.
 *
 * QUIRE_CRASH_STATES: states to visit at least (default 24000). */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "support/dir_crash.h"
#include "support/dummy.h"
#include "support/library.h"
#include "support/roll.h"

static quire_error err;

static uint64_t states_wanted(void)
{
    const char *given = getenv("QUIRE_CRASH_STATES");
    return given != NULL ? strtoull(given, NULL, 0) : 24000;
}

/* ---- Dummy segments: the protocol alone, in many states ---- */

enum { DUMMY_COMMITS = 24 };

/* Create, then commit so often; each acknowledged as it returns. Reopens now and then. */
static void dummy_work(qi_dir *dir, dummy_model *model)
{
    qi_catalog *catalog = NULL;
    ck_assert_int_eq(dummy_create(dir, model, &err), QUIRE_OK);
    crash_mark(dir, 1);
    for (uint64_t i = 0; i < DUMMY_COMMITS; i++) {
        if (i % 5 == 0) {
            qi_catalog_close(catalog);
            ck_assert_int_eq(qi_catalog_open(&catalog, dir, 0, &err), QUIRE_OK);
        }
        ck_assert_int_eq(dummy_commit(catalog, dir, model, &err), QUIRE_OK);
        crash_mark(dir, i + 2);
    }
    qi_catalog_close(catalog);
}

typedef struct dummy_crash {
    dummy_model model;
    uint64_t nested; /* states within states, at most so many each; 0: none */
    uint64_t nested_states, visits;
} dummy_crash;

static bool dummy_check(void *payload, qi_dir *state, uint64_t acked, char why[512]);

/* Recover and commit in a folder that records, and look at every crash during that. */
static bool check_nested(dummy_crash *crash, qi_dir *state, uint64_t generation, char why[512])
{
    dummy_crash inner = {.model = crash->model};
    qi_catalog *catalog;
    qi_dir *dir = crash_continue(state, generation);
    quire_status status = qi_catalog_open(&catalog, dir, 0, &err);
    if (status == QUIRE_OK)
        status = dummy_commit(catalog, dir, &inner.model, &err);
    if (status == QUIRE_OK)
        crash_mark(dir, generation + 1);
    qi_catalog_close(status == QUIRE_OK ? catalog : NULL);
    crash_result result = {0};
    if (status == QUIRE_OK)
        result = crash_explore(dir, 16, crash->nested, generation, dummy_check, &inner);
    else
        snprintf(why, 512, "during recovery: %s", err.message);
    crash->nested_states += result.states;
    if (result.broken != 0)
        snprintf(why, 512, "a crash during recovery: %.400s", result.first);
    qi_dir_free(dir);
    return status == QUIRE_OK && result.broken == 0;
}

/* A writer opens, cleans up and commits. */
static bool check_writing(const dummy_crash *crash, qi_dir *state, uint64_t generation,
                          char why[512])
{
    dummy_model model = crash->model;
    qi_catalog *catalog;
    uint64_t now;
    if (qi_catalog_open(&catalog, state, 0, &err) != QUIRE_OK) {
        snprintf(why, 512, "writer: %s", err.message);
        return false;
    }
    bool fine = dummy_verify(state, &model, false, &now, why) && dummy_tidy(state, why) &&
                now == generation;
    if (fine && dummy_commit(catalog, state, &model, &err) != QUIRE_OK) {
        snprintf(why, 512, "commit after recovery: %s", err.message);
        fine = false;
    }
    qi_catalog_close(catalog);
    return fine && dummy_verify(state, &model, false, &now, why) && now == generation + 1;
}

static bool dummy_check(void *payload, qi_dir *state, uint64_t acked, char why[512])
{
    dummy_crash *crash = payload;
    uint64_t generation, previous;
    qi_manifest manifest = {0};
    crash->visits++;
    if (acked == 0 && qi_catalog_read(&manifest, state, NULL) == QUIRE_ERR_FORMAT) {
        dummy_model model = {0};
        return dummy_create(state, &model, &err) == QUIRE_OK;
    }
    qi_manifest_free(&manifest);
    if (!dummy_verify(state, &crash->model, false, &generation, why) ||
        !dummy_verify(state, &crash->model, true, &previous, why))
        return false;
    if (generation < acked || generation > acked + 1) {
        snprintf(why, 512, "generation %" PRIu64 " after %" PRIu64 " was acknowledged", generation,
                 acked);
        return false;
    }
    if (crash->nested != 0 && crash->visits % 16 == 0 &&
        !check_nested(crash, state, generation, why))
        return false;
    return check_writing(crash, state, generation, why);
}

START_TEST(the_protocol_survives_a_crash_at_any_moment)
{
    uint64_t states = 0, nested = 0;
    roll_seed();
    while (states < states_wanted()) {
        dummy_crash crash = {.model = {.random = roll64()}, .nested = 40};
        qi_dir *dir = crash_new(CRASH_AS_IS);
        dummy_work(dir, &crash.model);
        crash_result result = crash_explore(dir, 512, 0, roll64(), dummy_check, &crash);
        states += result.states;
        nested += crash.nested_states;
        ck_assert_msg(result.broken == 0, "%" PRIu64 " of %" PRIu64 " states: %s", result.broken,
                      result.states, result.first);
        ck_assert_uint_gt(result.states, 0);
        qi_dir_free(dir);
    }
    printf("crash, dummy segments: %" PRIu64 " states and %" PRIu64
           " more during recovery from them, none broken\n",
           states, nested);
}
END_TEST

START_TEST(a_sync_left_out_is_noticed)
{
    static const char *const names[] = {"as it is",     "no barrier A",
                                        "no barrier B", "late barrier B",
                                        "no file sync", "no sync of MANIFEST.tmp"};
    dummy_crash crash = {.model = {.random = 11}};
    qi_dir *dir = crash_new((crash_mutation)_i);
    dummy_work(dir, &crash.model);
    crash_result result = crash_explore(dir, 64, 4000, 1, dummy_check, &crash);
    printf("crash, %s: %" PRIu64 " of %" PRIu64 " states broken; first: %s\n", names[_i],
           result.broken, result.states, result.first);
    ck_assert(_i == CRASH_AS_IS ? result.broken == 0 : result.broken > 0);
    qi_dir_free(dir);
}
END_TEST

/* ---- Real segments: a writer that adds, deletes, merges, rolls back and reopens ---- */

enum { LIBRARY_COMMITS = 14 };

static void change_library(qi_writer *writer, library *lib)
{
    for (uint32_t n = 1 + roll(6); n > 0; n--) {
        uint32_t key = roll(12);
        if (roll(3) != 0)
            ck_assert_int_eq(library_add(writer, lib, key, &err), QUIRE_OK);
        else if (lib->pending.versions[key] != 0)
            ck_assert_int_eq(library_delete(writer, lib, key, &err), QUIRE_OK);
    }
}

/* Merge to one segment; the generation that is then. */
static uint64_t library_optimize(qi_dir *dir, qi_writer *writer, library *lib, uint64_t generation)
{
    qi_manifest manifest;
    ck_assert_int_eq(library_merge(writer, lib, 1, generation, &err), QUIRE_OK);
    ck_assert_int_eq(qi_catalog_read(&manifest, dir, &err), QUIRE_OK);
    generation = manifest.current.generation;
    qi_manifest_free(&manifest);
    crash_mark(dir, generation);
    return generation;
}

static void library_work(qi_dir *dir, library *lib)
{
    qi_writer_config config = {.max_memory = 64 << 20, .auto_merge = true, .run_bytes = 10000};
    qi_writer *writer = NULL;
    config.order = (quire_order)roll(3);
    config.threads = roll(2) * 2;
    ck_assert_int_eq(library_create(dir, lib, &err), QUIRE_OK);
    crash_mark(dir, 1);
    for (uint64_t generation = 2; generation < 2 + LIBRARY_COMMITS; generation++) {
        if (writer == NULL)
            ck_assert_int_eq(qi_writer_open(&writer, dir, &config, &err), QUIRE_OK);
        if (roll(5) == 0) {
            change_library(writer, lib);
            ck_assert_int_eq(library_rollback(writer, lib, generation - 1, &err), QUIRE_OK);
        }
        change_library(writer, lib);
        ck_assert_int_eq(library_commit(writer, lib, generation, &err), QUIRE_OK);
        crash_mark(dir, generation);
        if (roll(6) == 0)
            generation = library_optimize(dir, writer, lib, generation);
        if (roll(6) == 0) { /* what is not committed is dropped */
            change_library(writer, lib);
            qi_writer_close(writer);
            lib->pending = lib->committed[generation];
            writer = NULL;
        }
    }
    qi_writer_close(writer);
}

static bool library_goes_on(library *lib, qi_dir *state, uint64_t generation, char why[512])
{
    static const qi_writer_config config = {.max_memory = 64 << 20, .auto_merge = true};
    qi_writer *writer;
    uint64_t now;
    if (qi_writer_open(&writer, state, &config, &err) != QUIRE_OK) {
        snprintf(why, 512, "writer: %s", err.message);
        return false;
    }
    lib->pending = lib->committed[generation];
    bool fine = dummy_tidy(state, why);
    if (fine && (library_add(writer, lib, 3, &err) != QUIRE_OK ||
                 library_commit(writer, lib, generation + 1, &err) != QUIRE_OK)) {
        snprintf(why, 512, "commit after recovery: %s", err.message);
        fine = false;
    }
    qi_writer_close(writer);
    return fine && library_verify(state, lib, false, &now, why) && now == generation + 1;
}

static bool library_check(void *payload, qi_dir *state, uint64_t acked, char why[512])
{
    const library *lib = payload;
    uint64_t generation, previous;
    qi_manifest manifest = {0};
    bool none = acked == 0 && qi_catalog_read(&manifest, state, NULL) == QUIRE_ERR_FORMAT;
    qi_manifest_free(&manifest);
    if (none)
        return true;
    if (!library_verify(state, lib, false, &generation, why) ||
        !library_verify(state, lib, true, &previous, why))
        return false;
    if (generation < acked || generation > acked + 2) {
        snprintf(why, 512, "generation %" PRIu64 " after %" PRIu64 " was acknowledged", generation,
                 acked);
        return false;
    }
    library branch = *lib;
    return library_goes_on(&branch, state, generation, why);
}

START_TEST(a_writer_survives_a_crash_at_any_moment)
{
    uint64_t states = 0;
    roll_seed();
    while (states < states_wanted() / 8) {
        static library lib;
        qi_dir *dir = crash_new(CRASH_AS_IS);
        library_work(dir, &lib);
        crash_result result = crash_explore(dir, 64, 0, roll64(), library_check, &lib);
        states += result.states;
        ck_assert_msg(result.broken == 0, "%" PRIu64 " of %" PRIu64 " states: %s", result.broken,
                      result.states, result.first);
        qi_dir_free(dir);
    }
    printf("crash, real segments: %" PRIu64 " states, none broken\n", states);
}
END_TEST

START_TEST(a_sync_left_out_by_the_writer_is_noticed)
{
    static library lib;
    qi_dir *dir = crash_new((crash_mutation)_i);
    roll_state = 7;
    library_work(dir, &lib);
    crash_result result = crash_explore(dir, 16, 600, 1, library_check, &lib);
    printf("crash, real segments, mutation %d: %" PRIu64 " of %" PRIu64 " states broken\n", _i,
           result.broken, result.states);
    ck_assert(_i == CRASH_AS_IS ? result.broken == 0 : result.broken > 0);
    qi_dir_free(dir);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.crash");
    TCase *t = tcase_create("dummy");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, the_protocol_survives_a_crash_at_any_moment);
    tcase_add_loop_test(t, a_sync_left_out_is_noticed, CRASH_AS_IS, CRASH_NO_TEMP_SYNC + 1);
    suite_add_tcase(s, t);
    t = tcase_create("writer");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, a_writer_survives_a_crash_at_any_moment);
    tcase_add_loop_test(t, a_sync_left_out_by_the_writer_is_noticed, CRASH_AS_IS,
                        CRASH_NO_TEMP_SYNC + 1);
    suite_add_tcase(s, t);
    return s;
}
