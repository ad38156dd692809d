/* SPDX-License-Identifier: MIT
 * A bank: each commit moves money between some of its accounts, so every snapshot must hold all
 * accounts and the same sum, whatever a writer replaces, deletes, merges or rolls back meanwhile.
 * Readers are threads, with snapshots of their own and with one they share, and other processes:
 * this program, started again with QUIRE_BANK naming the folder. In a forked child a snapshot goes
 * on and a writer does not.
 *
 * QUIRE_CONCURRENCY_SECONDS: how long (default 3, for each kind of folder). */
#include <check.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "quire.h"
#include "support/roll.h"
#include "support/temp.h"

extern char **environ;

enum { ACCOUNTS = 40, TOTAL = ACCOUNTS * 100, READERS = 3, PROCESSES = 2, HELD = 4 };

/* What all readers look at. */
typedef struct bank {
    quire_index *index;
    quire_query *query;
    int stop; /* atomic */
} bank;

typedef struct reader {
    bank *bank;
    quire_snapshot *shared; /* NULL: opens its own */
    pthread_t thread;
    uint64_t seed, verified, generation;
    char fault[300]; /* "": none */
} reader;

static quire_error err;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%d: %s", status, err.message);
}

static double seconds(void)
{
    const char *given = getenv("QUIRE_CONCURRENCY_SECONDS");
    return given != NULL ? strtod(given, NULL) : 3;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- Reading ---- */

static bool fault(reader *r, const char *what, const char *detail)
{
    snprintf(r->fault, sizeof r->fault, "%s: %.200s", what, detail);
    return false;
}

/* Sums over all accounts; the second one tells which commit it was. */
typedef struct sums {
    int64_t plain, weighted;
} sums;

static void add_up(sums *to, uint32_t account, int64_t balance)
{
    to->plain += balance;
    to->weighted += balance * (account + 1);
}

/* The balance of one account; its text says it too. */
static bool add_balance(reader *r, quire_snapshot *snapshot, quire_doc doc, sums *sum)
{
    quire_error e;
    const quire_document *document;
    char text[64];
    if (quire_document_open(&document, snapshot, doc, &e) != QUIRE_OK)
        return fault(r, "document", e.message);
    const quire_value *n = quire_document_value(document, "n");
    const quire_value *body = quire_document_value(document, "body");
    const quire_value *id = quire_document_value(document, "id");
    bool fine = n != NULL && body != NULL && id != NULL && id->text.len > 4;
    if (fine) {
        add_up(sum, (uint32_t)strtoul(id->text.ptr + 4, NULL, 10), n->number);
        int len = snprintf(text, sizeof text, "account holds %lld", (long long)n->number);
        fine = body->text.len == (size_t)len && memcmp(body->text.ptr, text, (size_t)len) == 0;
    }
    quire_document_free(document);
    return fine || fault(r, "document", "text and number differ");
}

/* Does the snapshot carry the payload of the commit that these balances are of? */
static bool is_of_commit(const quire_stat *stat, const sums *sum)
{
    char payload[32];
    int len = snprintf(payload, sizeof payload, "%lld", (long long)sum->weighted);
    return stat->payload.len == (size_t)len && memcmp(stat->payload.ptr, payload, (size_t)len) == 0;
}

/* All accounts, the same sum, and the payload of the very commit. */
static bool verify(reader *r, quire_snapshot *snapshot, bool ranked)
{
    quire_error e;
    const quire_hits *hits;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.limit = 2 * ACCOUNTS;
    options.count = true;
    options.sort = ranked ? NULL : "n";
    if (quire_snapshot_stat(snapshot)->documents != ACCOUNTS)
        return fault(r, "statistics", "accounts are missing, or doubled");
    if (quire_search(&hits, snapshot, r->bank->query, &options, &e) != QUIRE_OK)
        return fault(r, "search", e.message);
    sums sum = {0};
    bool fine = hits->count == ACCOUNTS && hits->total == ACCOUNTS;
    if (!fine)
        fault(r, "search", "accounts are missing, or doubled");
    for (size_t i = 0; fine && i < hits->count; i++)
        fine = add_balance(r, snapshot, hits->items[i].doc, &sum);
    quire_hits_free(hits);
    if (fine && sum.plain != TOTAL)
        fine = fault(r, "sum", "money was lost, or made");
    if (fine && !is_of_commit(quire_snapshot_stat(snapshot), &sum))
        fine = fault(r, "payload", "of another commit");
    r->verified += fine;
    return fine;
}

static uint32_t step(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* A newer snapshot in the place of the old one. */
static bool renew(reader *r, quire_snapshot **slot)
{
    quire_error e;
    quire_snapshot_close(*slot);
    if (quire_snapshot_open(slot, r->bank->index, &e) != QUIRE_OK)
        return fault(r, "snapshot", e.message);
    uint64_t generation = quire_snapshot_stat(*slot)->generation;
    if (generation < r->generation)
        return fault(r, "snapshot", "older than one before");
    r->generation = generation;
    return true;
}

/* Open snapshots, hold some, and verify new and old ones; or verify the shared one. */
static void *read_bank(void *payload)
{
    reader *r = payload;
    quire_snapshot *held[HELD] = {NULL};
    bool fine = true;
    while (fine && !__atomic_load_n(&r->bank->stop, __ATOMIC_RELAXED)) {
        uint32_t which = step(&r->seed) % HELD;
        bool ranked = step(&r->seed) % 2 == 0;
        if (r->shared == NULL && (held[which] == NULL || step(&r->seed) % 3 == 0))
            fine = renew(r, &held[which]);
        fine = fine && verify(r, r->shared != NULL ? r->shared : held[which], ranked);
    }
    for (int i = 0; i < HELD; i++)
        quire_snapshot_close(held[i]);
    return NULL;
}

/* ---- Writing ---- */

static quire_status put(quire_writer *writer, uint32_t account, int64_t balance)
{
    char id[16], body[64];
    quire_value values[] = {
        {.field = "id", .text = {id, (size_t)snprintf(id, sizeof id, "acc-%u", account)}},
        {.field = "body",
         .text = {body,
                  (size_t)snprintf(body, sizeof body, "account holds %lld", (long long)balance)}},
        {.field = "n", .number = balance}};
    return quire_writer_add(writer, values, 3, NULL, &err);
}

static void drop(quire_writer *writer, uint32_t account)
{
    char id[16];
    ok(quire_writer_delete(
        writer, (quire_str){id, (size_t)snprintf(id, sizeof id, "acc-%u", account)}, &err));
}

/* Move money between some accounts, by replacing, or by deleting and adding. */
static void transfer(quire_writer *writer, int64_t *balances)
{
    for (uint32_t n = 1 + roll(4); n > 0; n--) {
        uint32_t from = roll(ACCOUNTS), to = roll(ACCOUNTS);
        int64_t amount = roll(50);
        if (from == to)
            continue;
        if (roll(4) == 0)
            drop(writer, from);
        ok(put(writer, from, balances[from] -= amount));
        ok(put(writer, to, balances[to] += amount));
    }
}

static void commit(quire_writer *writer, const int64_t *balances, bool prepare_only)
{
    char payload[32];
    sums sum = {0};
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        add_up(&sum, i, balances[i]);
    int len = snprintf(payload, sizeof payload, "%lld", (long long)sum.weighted);
    ok(quire_writer_commit(writer, (quire_str){payload, (size_t)len}, prepare_only, &err));
}

/* One transaction: committed, in one step or two, or thought better of. */
static void transact(quire_writer *writer, int64_t *balances)
{
    int64_t before[ACCOUNTS];
    memcpy(before, balances, sizeof before);
    transfer(writer, balances);
    uint32_t end = roll(10);
    if (end < 2)
        commit(writer, balances, true);
    if (end % 2 == 1) {
        ok(quire_writer_rollback(writer, &err));
        memcpy(balances, before, sizeof before);
    } else if (end == 0) {
        ok(quire_writer_commit(writer, quire_cstr(""), false, &err));
    } else {
        commit(writer, balances, false);
    }
    if (roll(5) == 0)
        ok(quire_writer_merge(writer, 1 + roll(3), &err));
}

static void work(bank *to, double until, int64_t *balances, unsigned long *commits)
{
    quire_writer *writer;
    ok(quire_writer_open(&writer, to->index, NULL, &err));
    for (; now() < until; ++*commits) {
        transact(writer, balances);
        if (roll(30) == 0) {
            quire_writer_close(writer);
            ok(quire_writer_open(&writer, to->index, NULL, &err));
        }
    }
    quire_writer_close(writer);
}

/* ---- The bank ---- */

static void open_bank(bank *to, const char *path)
{
    quire_schema *schema;
    quire_writer *writer;
    quire_field fields[] = {QUIRE_FIELD_INIT, QUIRE_FIELD_INIT, QUIRE_FIELD_INIT};
    *to = (bank){0};
    fields[0].name = "id";
    fields[0].type = QUIRE_KEYWORD;
    fields[0].key = true;
    fields[1].name = "body";
    fields[1].stored = fields[1].searched = true;
    fields[2].name = "n";
    fields[2].type = QUIRE_NUMBER;
    ok(quire_schema_new(&schema, false, &err));
    for (int i = 0; i < 3; i++)
        ok(quire_schema_add(schema, &fields[i], &err));
    ok(quire_index_create(&to->index, path, schema, NULL, &err));
    quire_schema_free(schema);
    int64_t balances[ACCOUNTS];
    ok(quire_writer_open(&writer, to->index, NULL, &err));
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        ok(put(writer, i, balances[i] = TOTAL / ACCOUNTS));
    commit(writer, balances, false);
    quire_writer_close(writer);
    ok(quire_query_parse(&to->query, to->index, quire_cstr("account"), NULL, &err));
}

static void close_bank(bank *to)
{
    quire_query_free(to->query);
    quire_index_close(to->index);
}

/* Start this program again as a reader of the folder. */
static pid_t start_process(const char *path)
{
    pid_t pid;
    char *argv[] = {"bank", NULL};
    ck_assert_int_eq(setenv("QUIRE_BANK", path, 1), 0);
    ck_assert_int_eq(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    ck_assert_int_eq(unsetenv("QUIRE_BANK"), 0);
    return pid;
}

static volatile sig_atomic_t asked_to_end;

static void end_process(int signal)
{
    (void)signal;
    asked_to_end = 1;
}

/* What such a process does, until it is told to end: open, read, close, again and again. */
static int read_in_process(const char *path)
{
    bank of = {0};
    reader r = {.bank = &of, .seed = (uint64_t)getpid()};
    signal(SIGTERM, end_process);
    while (!asked_to_end) {
        quire_snapshot *snapshot = NULL;
        if (quire_index_open(&of.index, path, NULL, &err) != QUIRE_OK ||
            quire_query_parse(&of.query, of.index, quire_cstr("account"), NULL, &err) != QUIRE_OK) {
            fprintf(stderr, "a reading process: %s\n", err.message);
            return 1;
        }
        for (int i = 0; i < 20 && r.fault[0] == '\0'; i++) {
            if (i % 3 == 0 && !renew(&r, &snapshot))
                break;
            verify(&r, snapshot, i % 2 == 0);
        }
        quire_snapshot_close(snapshot);
        close_bank(&of);
        if (r.fault[0] != '\0') {
            fprintf(stderr, "a reading process: %s\n", r.fault);
            return 1;
        }
    }
    return r.verified == 0;
}

static void await_process(pid_t pid)
{
    int status;
    ck_assert_int_eq(kill(pid, SIGTERM), 0);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a reading process failed");
}

static int count_entries(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    while (dir != NULL && readdir(dir) != NULL)
        count++;
    if (dir != NULL)
        closedir(dir);
    return count;
}

/* Readers and a writer at work for some seconds. */
static void run_bank(bank *of)
{
    reader readers[READERS + 2];
    quire_snapshot *shared;
    unsigned long commits = 0;
    uint64_t verified = 0;
    int64_t balances[ACCOUNTS];
    for (int i = 0; i < ACCOUNTS; i++)
        balances[i] = TOTAL / ACCOUNTS;
    ok(quire_snapshot_open(&shared, of->index, &err));
    for (int i = 0; i < READERS + 2; i++) {
        readers[i] = (reader){.bank = of, .seed = roll64()};
        readers[i].shared = i < READERS ? NULL : shared;
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read_bank, &readers[i]), 0);
    }
    work(of, now() + seconds(), balances, &commits);
    __atomic_store_n(&of->stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < READERS + 2; i++) {
        pthread_join(readers[i].thread, NULL);
        ck_assert_msg(readers[i].fault[0] == '\0', "%s", readers[i].fault);
        ck_assert_uint_gt(readers[i].verified, 0);
        verified += readers[i].verified;
    }
    quire_snapshot_close(shared);
    ok(quire_index_check(of->index, 3, NULL, NULL, &err));
    printf("concurrency: %lu transactions, %llu snapshots verified by threads\n", commits,
           (unsigned long long)verified);
    ck_assert_uint_gt(commits, 10);
}

START_TEST(every_snapshot_holds_one_commit_whole_in_threads_and_processes)
{
    char folder[256], path[300];
    pid_t processes[PROCESSES];
    bank of;
    temp_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/bank", folder);
    int files = count_entries("/proc/self/fd");
    open_bank(&of, path);
    for (int i = 0; i < PROCESSES; i++)
        processes[i] = start_process(path);
    run_bank(&of);
    for (int i = 0; i < PROCESSES; i++)
        await_process(processes[i]);
    /* The next writer removes what only readers held. */
    quire_writer *writer;
    ok(quire_writer_open(&writer, of.index, NULL, &err));
    quire_writer_close(writer);
    close_bank(&of);
    ck_assert_int_eq(count_entries("/proc/self/fd"), files);
    ck_assert_int_lt(count_entries(path), 40);
    temp_remove(folder);
}
END_TEST

START_TEST(every_snapshot_in_memory_holds_one_commit_whole)
{
    bank of;
    open_bank(&of, NULL);
    run_bank(&of);
    close_bank(&of);
}
END_TEST

/* In the child a snapshot goes on; the writer and its lock stay with the parent. */
static int look_in_child(bank *of, quire_snapshot *snapshot, quire_writer *writer)
{
    reader r = {.bank = of};
    if (!verify(&r, snapshot, true) || !verify(&r, snapshot, false))
        return 2;
    if (quire_writer_commit(writer, quire_cstr("child"), false, &err) != QUIRE_ERR_MISUSE)
        return 3;
    quire_writer_close(writer);
    quire_snapshot_close(snapshot);
    return 0;
}

START_TEST(a_forked_child_reads_on_and_the_parent_writes_on)
{
    char folder[256], path[300];
    quire_snapshot *snapshot;
    quire_writer *writer, *second;
    int64_t balances[ACCOUNTS];
    bank of;
    int status;
    temp_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/bank", folder);
    open_bank(&of, path);
    for (int i = 0; i < ACCOUNTS; i++)
        balances[i] = TOTAL / ACCOUNTS;
    ok(quire_writer_open(&writer, of.index, NULL, &err));
    ok(quire_snapshot_open(&snapshot, of.index, &err));
    transfer(writer, balances);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(look_in_child(&of, snapshot, writer));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "child: %d", status);
    ck_assert_int_eq(quire_writer_open(&second, of.index, NULL, &err), QUIRE_ERR_BUSY);
    commit(writer, balances, false);
    quire_writer_close(writer);
    reader r = {.bank = &of};
    ck_assert_msg(verify(&r, snapshot, true), "%s", r.fault);
    ck_assert_msg(renew(&r, &snapshot) && verify(&r, snapshot, true), "%s", r.fault);
    quire_snapshot_close(snapshot);
    close_bank(&of);
    temp_remove(folder);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    const char *path = getenv("QUIRE_BANK");
    if (path != NULL)
        exit(read_in_process(path));
    roll_seed();
    Suite *s = suite_create("cross.concurrency");
    TCase *t = tcase_create("bank");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, every_snapshot_holds_one_commit_whole_in_threads_and_processes);
    tcase_add_test(t, every_snapshot_in_memory_holds_one_commit_whole);
    tcase_add_test(t, a_forked_child_reads_on_and_the_parent_writes_on);
    suite_add_tcase(s, t);
    return s;
}
