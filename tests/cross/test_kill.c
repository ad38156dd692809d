/* SPDX-License-Identifier: MIT
 * A writer is killed at a random moment, again and again: what it acknowledged is there, whole, and
 * the next writer goes on from it.
 *
 * QUIRE_KILLS: how often (default 60). */
#include <check.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/dummy.h"
#include "support/library.h"
#include "support/roll.h"
#include "support/temp.h"

/* Seen by the writer and by the one who kills it. */
typedef struct shared_state {
    library lib;
    uint64_t acked;
} shared_state;

static quire_error err;
static char path[256];

/* Change, commit, merge and roll back for ever; exits with a status only if something fails. */
static int write_for_ever(shared_state *shared, uint64_t seed)
{
    qi_dir *dir;
    qi_writer *writer;
    const qi_writer_config config = {.max_memory = 1 << 17, .auto_merge = true};
    roll_state = seed;
    if (qi_dir_open_posix(&dir, path, false, &err) != QUIRE_OK ||
        qi_writer_open(&writer, dir, &config, &err) != QUIRE_OK)
        return 1;
    library *lib = &shared->lib;
    for (uint64_t generation = shared->acked;;) {
        for (uint32_t n = roll(30); n > 0; n--)
            if (library_add(writer, lib, roll(LIBRARY_KEYS), &err) != QUIRE_OK)
                return 2;
        if (roll(6) == 0 && library_rollback(writer, lib, generation, &err) != QUIRE_OK)
            return 3;
        if (library_commit(writer, lib, ++generation, &err) != QUIRE_OK)
            return 4;
        __atomic_store_n(&shared->acked, generation, __ATOMIC_RELEASE);
    }
}

/* Let a writer run for a while, every other time counted from its first commit, and kill it. */
static void run_and_kill(shared_state *shared, uint64_t seed, bool first_commit)
{
    const uint64_t start = shared->acked;
    fflush(NULL);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int status = write_for_ever(shared, seed);
        fprintf(stderr, "%d: %s\n", status, err.message);
        _exit(status);
    }
    for (int ms = 0; first_commit && ms < 5000; ms++) {
        usleep(1000);
        if (__atomic_load_n(&shared->acked, __ATOMIC_ACQUIRE) > start)
            break;
    }
    usleep(roll(30000));
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFSIGNALED(status), "the writer failed with %d", WEXITSTATUS(status));
}

START_TEST(a_killed_writer_loses_nothing_that_it_acknowledged)
{
    const char *given = getenv("QUIRE_KILLS");
    long kills = given != NULL ? atol(given) : 60;
    char why[512];
    qi_dir *dir;
    uint64_t generation = 1, before = 0;
    roll_seed();
    temp_folder(path, sizeof path);
    shared_state *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(shared, MAP_FAILED);
    ck_assert_int_eq(qi_dir_open_posix(&dir, path, false, &err), QUIRE_OK);
    ck_assert_int_eq(library_create(dir, &shared->lib, &err), QUIRE_OK);
    for (long i = 0; i < kills; i++) {
        shared->acked = generation;
        run_and_kill(shared, roll64(), i % 2 == 0);
        ck_assert_msg(library_verify(dir, &shared->lib, false, &generation, why), "%s", why);
        ck_assert_uint_ge(generation, shared->acked);
        ck_assert_uint_le(generation, shared->acked + 1);
        before += generation - shared->acked;
        shared->lib.pending = shared->lib.committed[generation % LIBRARY_GENERATIONS];
    }
    qi_catalog *catalog;
    ck_assert_int_eq(qi_catalog_open(&catalog, dir, 0, &err), QUIRE_OK);
    qi_catalog_close(catalog);
    ck_assert_msg(dummy_tidy(dir, why), "%s", why);
    printf("kill: %ld writers killed, %" PRIu64 " commits kept, %" PRIu64
           " of them before they were acknowledged\n",
           kills, generation, before);
    qi_dir_free(dir);
    munmap(shared, sizeof *shared);
    temp_remove(path);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.kill");
    TCase *t = tcase_create("kill");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, a_killed_writer_loses_nothing_that_it_acknowledged);
    suite_add_tcase(s, t);
    return s;
}
