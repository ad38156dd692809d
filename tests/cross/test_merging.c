/* SPDX-License-Identifier: MIT
 * What merges do to those around them: readers go on, commits cost what the host allows, and what
 * was replaced is given back. The folder tells of every append. */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "api/index.h"
#include "support/roll.h"
#include "support/temp.h"

enum { READERS = 2, KEYS = 600, WORDS = 60, VOCABULARY = 4000 };

static quire_error err;
static quire_index *index_;
static char path[256];

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%d: %s", status, err.message);
}

/* ---- A folder that is watched ---- */

static const qi_dir_ops *real;
static qi_dir_ops watched;
static uint64_t appended;
static bool waits;                 /* appends wait for the readers */
static uint64_t searches[READERS]; /* atomic */
static bool late;                  /* a reader made no progress */

static bool have_searched(const uint64_t *before)
{
    for (int i = 0; i < READERS; i++)
        if (__atomic_load_n(&searches[i], __ATOMIC_RELAXED) < before[i] + 2)
            return false;
    return true;
}

/* Until each reader has opened a snapshot and searched it from then on. */
static void wait_for_readers(void)
{
    uint64_t before[READERS];
    struct timespec step = {0, 1000000};
    for (int i = 0; i < READERS; i++)
        before[i] = __atomic_load_n(&searches[i], __ATOMIC_RELAXED);
    for (int ms = 0; !have_searched(before); ms++) {
        late = late || ms > 30000;
        if (late)
            return;
        nanosleep(&step, NULL);
    }
}

static quire_status append(qi_out *out, const void *bytes, size_t len, quire_error *e)
{
    appended += len;
    if (waits)
        wait_for_readers();
    return real->append(out, bytes, len, e);
}

static void open_index(bool memory)
{
    quire_schema *schema;
    quire_field key = QUIRE_FIELD_INIT, body = QUIRE_FIELD_INIT;
    key.name = "id";
    key.type = QUIRE_KEYWORD;
    key.key = true;
    body.name = "body";
    body.searched = true;
    path[0] = '\0';
    if (!memory)
        temp_folder(path, sizeof path);
    ok(quire_schema_new(&schema, false, &err));
    ok(quire_schema_add(schema, &key, &err));
    ok(quire_schema_add(schema, &body, &err));
    ok(quire_index_create(&index_, memory ? NULL : path, schema, NULL, &err));
    quire_schema_free(schema);
    real = index_->dir->ops;
    watched = *real;
    watched.append = append;
    index_->dir->ops = &watched;
    waits = late = false;
    appended = 0;
}

static void close_index(void)
{
    index_->dir->ops = real;
    quire_index_close(index_);
    if (path[0] != '\0')
        temp_remove(path);
}

static quire_writer *open_writer(uint64_t max_merge, bool no_auto_merge)
{
    quire_writer *writer;
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    options.max_merge = max_merge;
    options.no_auto_merge = no_auto_merge;
    ok(quire_writer_open(&writer, index_, &options, &err));
    return writer;
}

/* A document of random words, small numbers more often than large ones; all have the word "all". */
static void put(quire_writer *writer, uint32_t key)
{
    char id[16], text[WORDS * 8 + 8];
    snprintf(id, sizeof id, "%u", key);
    size_t len = (size_t)snprintf(text, sizeof text, "all");
    for (int i = 0; i < WORDS; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, " w%u", roll(roll(VOCABULARY) + 1));
    quire_value values[] = {{"id", quire_cstr(id), 0}, {"body", {text, len}, 0}};
    ok(quire_writer_add(writer, values, 2, NULL, &err));
}

static void commit(quire_writer *writer)
{
    ok(quire_writer_commit(writer, (quire_str){NULL, 0}, false, &err));
}

/* Bytes of the segments that are current; their number. */
static uint64_t size_now(size_t *count)
{
    quire_snapshot *snapshot;
    uint64_t bytes = 0;
    ok(quire_snapshot_open(&snapshot, index_, &err));
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    for (size_t i = 0; i < stat->segment_count; i++)
        bytes += stat->segments[i].file_bytes;
    *count = stat->segment_count;
    quire_snapshot_close(snapshot);
    return bytes;
}

/* ---- Readers ---- */

static bool stop; /* atomic */

typedef struct reader {
    uint64_t *searches;
    char fault[300];
} reader;

static bool search_once(reader *r, const quire_query *query)
{
    quire_error e;
    quire_snapshot *snapshot;
    const quire_hits *hits = NULL;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.count = true;
    if (quire_snapshot_open(&snapshot, index_, &e) != QUIRE_OK) {
        snprintf(r->fault, sizeof r->fault, "open: %.200s", e.message);
        return false;
    }
    if (quire_search(&hits, snapshot, query, &options, &e) != QUIRE_OK)
        snprintf(r->fault, sizeof r->fault, "search: %.200s", e.message);
    else if (hits->total != KEYS)
        snprintf(r->fault, sizeof r->fault, "%llu hits", (unsigned long long)hits->total);
    quire_hits_free(hits);
    quire_snapshot_close(snapshot);
    return r->fault[0] == '\0';
}

static void *read_on(void *payload)
{
    reader *r = payload;
    quire_query *query;
    quire_error e;
    if (quire_query_parse(&query, index_, quire_cstr("all"), NULL, &e) != QUIRE_OK)
        return payload;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED) && search_once(r, query))
        __atomic_add_fetch(r->searches, 1, __ATOMIC_RELAXED);
    quire_query_free(query);
    return NULL;
}

START_TEST(searches_begin_and_end_while_a_merge_is_under_way)
{
    pthread_t threads[READERS];
    reader readers[READERS] = {0};
    size_t count;
    roll_seed();
    open_index(_i == 0);
    quire_writer *writer = open_writer(0, true);
    for (uint32_t key = 0; key < KEYS; key++) {
        put(writer, key);
        if (key % 100 == 99)
            commit(writer);
    }
    stop = false;
    for (int i = 0; i < READERS; i++) {
        readers[i].searches = &searches[i];
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    uint64_t before = appended;
    waits = true;
    ok(quire_writer_merge(writer, 1, &err));
    waits = false;
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < READERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
        ck_assert_msg(readers[i].fault[0] == '\0', "%s", readers[i].fault);
    }
    ck_assert_msg(!late, "a merge waited for a search, and the search for the merge");
    ck_assert_uint_gt(appended, before + 10000);
    size_now(&count);
    ck_assert_uint_eq(count, 1);
    quire_writer_close(writer);
    close_index();
}
END_TEST

START_TEST(a_commit_merges_no_more_than_the_host_allows)
{
    enum { MOST = 100000, OWN = 20000 };
    size_t count, most = 0;
    roll_seed();
    open_index(true);
    quire_writer *writer = open_writer(MOST, false);
    for (uint32_t commits = 0; commits < 300; commits++) {
        uint64_t before = appended;
        for (uint32_t n = 0; n < 5; n++)
            put(writer, commits * 5 + n);
        commit(writer);
        ck_assert_uint_le(appended, before + MOST + OWN);
        uint64_t bytes = size_now(&count);
        most = count > most ? count : most;
        ck_assert_uint_le(count, 2 * bytes / MOST + 20);
    }
    ck_assert_uint_gt(count, 2); /* the bound was reached */
    printf("merging: 300 commits within a bound made %zu segments, %zu at most\n", count, most);
    quire_writer_close(writer);
    close_index();
}
END_TEST

START_TEST(an_index_overwritten_twenty_times_is_little_larger_than_a_fresh_one)
{
    size_t count;
    uint64_t most = 0, bytes;
    roll_seed();
    open_index(true);
    quire_writer *writer = open_writer(0, false);
    for (uint32_t key = 0; key < 4 * KEYS; key++)
        put(writer, key);
    commit(writer);
    uint64_t fresh = size_now(&count), before = appended;
    for (int commits = 0; commits < 20 * 50; commits++) {
        for (int n = 0; n < 4 * KEYS / 50; n++)
            put(writer, roll(4 * KEYS));
        commit(writer);
        bytes = size_now(&count);
        most = bytes > most ? bytes : most;
    }
    printf("merging: overwritten 20 times: %.2f of the fresh size, %.2f at most, in %zu segments; "
           "%.1f of it written\n",
           (double)bytes / (double)fresh, (double)most / (double)fresh, count,
           (double)(appended - before) / (double)fresh);
    ck_assert_uint_le(most * 2, fresh * 3);
    quire_writer_close(writer);
    close_index();
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.merging");
    TCase *t = tcase_create("merging");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, searches_begin_and_end_while_a_merge_is_under_way, 0, 2);
    tcase_add_test(t, a_commit_merges_no_more_than_the_host_allows);
    tcase_add_test(t, an_index_overwritten_twenty_times_is_little_larger_than_a_fresh_one);
    suite_add_tcase(s, t);
    return s;
}
