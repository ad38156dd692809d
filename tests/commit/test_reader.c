/* SPDX-License-Identifier: MIT
 * Readers of folders that change under them or are damaged, and the check of such an index. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "commit/check.h"
#include "commit/files.h"
#include "support/dummy.h"
#include "support/library.h"
#include "support/roll.h"

static quire_error err;
static qi_dir *dir;
static library lib;
static char why[512];

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

/* Two segments, the first with deleted documents: generation 3. */
static void setup(void)
{
    const qi_writer_config config = {.max_memory = 64 << 20};
    qi_writer *writer;
    ok(qi_dir_open_ram(&dir, &err));
    ok(library_create(dir, &lib, &err));
    ok(qi_writer_open(&writer, dir, &config, &err));
    for (uint32_t key = 0; key < 10; key++)
        ok(library_add(writer, &lib, key, &err));
    ok(library_commit(writer, &lib, 2, &err));
    for (uint32_t key = 5; key < 12; key++)
        ok(library_add(writer, &lib, key, &err));
    ok(library_delete(writer, &lib, 1, &err));
    ok(library_commit(writer, &lib, 3, &err));
    qi_writer_close(writer);
}

static void teardown(void)
{
    qi_dir_free(dir);
}

static void nothing(void *owner)
{
    (void)owner;
}

static quire_status open_snapshot(qi_reader *reader, quire_snapshot **out)
{
    return qi_reader_snapshot(reader, (qi_reader_owner){nothing, NULL}, out, &err);
}

static void count(const char *line, void *payload)
{
    (void)line;
    ++*(int *)payload;
}

static int faults_of(qi_reader *reader, int level)
{
    int told = 0;
    qi_check check = {.level = level, .report = count, .payload = &told};
    ok(qi_check_commit(&check, reader, &err));
    ck_assert_uint_eq(check.faults, (unsigned)told);
    return told;
}

/* Replace a file by other bytes. */
static void put(const char *name, const void *bytes, size_t len)
{
    qi_out out;
    ok(dir->ops->remove(dir, name, &err));
    ok(dir->ops->create(dir, name, &out, &err));
    ok(dir->ops->append(&out, bytes, len, &err));
    ok(dir->ops->close(&out, true, &err));
}

typedef struct file_copy {
    char name[64];
    uint8_t *bytes;
    size_t len;
} file_copy;

typedef struct copies {
    file_copy items[16];
    size_t count;
} copies;

static bool copy_file(void *payload, const char *name)
{
    copies *all = payload;
    qi_bytes map;
    if (dir->ops->map(dir, name, &map, &err) != QUIRE_OK)
        return false;
    file_copy *copy = &all->items[all->count++];
    snprintf(copy->name, sizeof copy->name, "%s", name);
    copy->len = map.len;
    copy->bytes = malloc(map.len + 1);
    memcpy(copy->bytes, map.at, map.len);
    dir->ops->unmap(dir, &map);
    return true;
}

static copies copy_all(void)
{
    copies all = {0};
    ok(dir->ops->list(dir, copy_file, &all, &err));
    return all;
}

static void free_copies(copies *all)
{
    for (size_t i = 0; i < all->count; i++)
        free(all->items[i].bytes);
}

START_TEST(a_sound_index_has_no_faults)
{
    qi_reader reader;
    uint64_t generation;
    ok(qi_reader_init(&reader, dir, &err));
    for (int level = 1; level <= 3; level++) {
        reader.previous = level == 3;
        reader.pin = level == 2;
        ck_assert_int_eq(faults_of(&reader, level), 0);
    }
    ck_assert(library_verify(dir, &lib, false, &generation, why));
    ck_assert_uint_eq(generation, 3);
    qi_reader_free(&reader);
}
END_TEST

START_TEST(a_missing_file_is_corrupt_for_readers_writers_and_checks)
{
    copies all = copy_all();
    for (size_t i = 0; i < all.count; i++) {
        qi_reader reader;
        quire_snapshot *snapshot;
        qi_writer *writer;
        const qi_writer_config config = {.max_memory = 64 << 20};
        if (strcmp(all.items[i].name, "MANIFEST") == 0)
            continue;
        ok(qi_reader_init(&reader, dir, &err));
        ok(dir->ops->remove(dir, all.items[i].name, &err));
        ck_assert_int_eq(open_snapshot(&reader, &snapshot), QUIRE_ERR_CORRUPT);
        ck_assert_ptr_nonnull(strstr(err.message, all.items[i].name));
        ck_assert_ptr_null(snapshot);
        ck_assert_int_eq(faults_of(&reader, 1), 1);
        ck_assert_int_eq(qi_writer_open(&writer, dir, &config, &err), QUIRE_ERR_CORRUPT);
        ck_assert_ptr_nonnull(strstr(err.message, all.items[i].name));
        put(all.items[i].name, all.items[i].bytes, all.items[i].len);
        ok(open_snapshot(&reader, &snapshot));
        qi_snapshot_release(snapshot);
        qi_reader_free(&reader);
    }
    free_copies(&all);
}
END_TEST

/* Change one entry of the manifest, and write it again with its checksum. */
static void change_manifest(void (*change)(qi_manifest_entry *entry))
{
    qi_manifest manifest;
    qi_buf bytes;
    ok(qi_catalog_read(&manifest, dir, &err));
    change(&manifest.current.entries.items[0]);
    qi_buf_init(&bytes, 0);
    qi_manifest_encode(&manifest, &bytes);
    put("MANIFEST", bytes.bytes, bytes.len);
    qi_buf_free(&bytes);
    qi_manifest_free(&manifest);
}

/* As if nothing had ever been deleted: replaced documents are back. */
static void nothing_deleted(qi_manifest_entry *entry)
{
    entry->deleted = 0;
    entry->deletes = entry->deletes_length = entry->deletes_hash = 0;
}

START_TEST(two_documents_of_one_key_are_a_fault_of_level_3)
{
    qi_reader reader;
    change_manifest(nothing_deleted);
    ok(qi_reader_init(&reader, dir, &err));
    ck_assert_int_eq(faults_of(&reader, 2), 0);
    ck_assert_int_eq(faults_of(&reader, 3), 5); /* keys 5 to 9; key 1 is only back */
    qi_reader_free(&reader);
}
END_TEST

START_TEST(a_missing_manifest_is_a_fault)
{
    qi_reader reader;
    ok(qi_reader_init(&reader, dir, &err));
    ok(dir->ops->remove(dir, "MANIFEST", &err));
    ck_assert_int_eq(faults_of(&reader, 1), 1);
    qi_reader_free(&reader);
}
END_TEST

START_TEST(every_damaged_byte_is_found_when_all_is_verified)
{
    copies all = copy_all();
    uint64_t generation;
    size_t seen = 0, images = 0;
    for (size_t i = 0; i < all.count; i++)
        for (size_t at = 0; at < all.items[i].len; at++) {
            file_copy *file = &all.items[i];
            file->bytes[at] ^= 0x20;
            put(file->name, file->bytes, file->len);
            file->bytes[at] ^= 0x20;
            qi_reader reader;
            quire_snapshot *snapshot = NULL;
            images++;
            quire_status status = qi_reader_init(&reader, dir, &err);
            if (status == QUIRE_OK) {
                reader.verify = true;
                status = open_snapshot(&reader, &snapshot);
            }
            seen += status != QUIRE_OK;
            ck_assert(status == QUIRE_OK || status == QUIRE_ERR_CORRUPT ||
                      status == QUIRE_ERR_FORMAT);
            /* What is not noticed must not matter. */
            if (status == QUIRE_OK)
                ck_assert_msg(library_verify(dir, &lib, false, &generation, why), "%s at %zu: %s",
                              file->name, at, why);
            qi_snapshot_release(snapshot);
            qi_reader_free(&reader);
            put(file->name, file->bytes, file->len);
        }
    printf("reader: %zu of %zu damaged bytes were noticed\n", seen, images);
    ck_assert_uint_gt(seen * 100, images * 95);
    free_copies(&all);
}
END_TEST

START_TEST(files_that_change_places_are_noticed)
{
    copies all = copy_all();
    for (size_t i = 0; i < all.count; i++)
        for (size_t j = 0; j < all.count; j++) {
            qi_reader reader;
            quire_snapshot *snapshot = NULL;
            if (i == j || strcmp(all.items[i].name, "MANIFEST") == 0)
                continue;
            put(all.items[i].name, all.items[j].bytes, all.items[j].len);
            ok(qi_reader_init(&reader, dir, &err));
            quire_status status = open_snapshot(&reader, &snapshot);
            ck_assert(status == QUIRE_ERR_CORRUPT || status == QUIRE_ERR_FORMAT);
            qi_reader_free(&reader);
            put(all.items[i].name, all.items[i].bytes, all.items[i].len);
        }
    free_copies(&all);
}
END_TEST

static void one_more_document(qi_manifest_entry *entry)
{
    entry->documents++;
}

static void one_more_deleted(qi_manifest_entry *entry)
{
    entry->deleted++;
}

static void another_length(qi_manifest_entry *entry)
{
    entry->deletes_length++;
}

static void another_hash(qi_manifest_entry *entry)
{
    entry->hash++;
}

START_TEST(a_manifest_that_its_files_contradict_is_corrupt)
{
    static void (*const changes[])(qi_manifest_entry *) = {one_more_document, one_more_deleted,
                                                           another_length, another_hash};
    qi_reader reader;
    quire_snapshot *snapshot;
    change_manifest(changes[_i]);
    ok(qi_reader_init(&reader, dir, &err));
    ck_assert_int_eq(open_snapshot(&reader, &snapshot), QUIRE_ERR_CORRUPT);
    ck_assert_int_ge(faults_of(&reader, 1), 1);
    qi_reader_free(&reader);
}
END_TEST

START_TEST(a_reader_of_an_index_that_was_replaced_says_so)
{
    qi_reader reader;
    quire_snapshot *snapshot;
    library other;
    ok(qi_reader_init(&reader, dir, &err));
    copies all = copy_all();
    for (size_t i = 0; i < all.count; i++)
        ok(dir->ops->remove(dir, all.items[i].name, &err));
    free_copies(&all);
    ok(library_create(dir, &other, &err));
    for (int pin = 0; pin < 2; pin++) {
        reader.pin = pin == 1;
        ck_assert_int_eq(open_snapshot(&reader, &snapshot), QUIRE_ERR_IO);
        ck_assert_ptr_nonnull(strstr(err.message, "open it anew"));
    }
    qi_reader_free(&reader);
}
END_TEST

/* A folder in which a commit happens whenever a segment is about to be mapped, so often. */
static struct {
    qi_dir_ops ops;
    qi_dir_ops inner;
    qi_writer *writer;
    int commits;
    uint64_t generation;
} racing;

static quire_status map_late(qi_dir *where, const char *name, qi_bytes *out, quire_error *e)
{
    if (strcmp(name, "MANIFEST") != 0 && racing.commits > 0) {
        racing.commits--;
        where->ops = &racing.inner;
        ok(library_add(racing.writer, &lib, 3, &err));
        ok(qi_writer_merge(racing.writer, 1, &err));
        ok(library_commit(racing.writer, &lib, ++racing.generation, &err));
        where->ops = &racing.ops;
    }
    return racing.inner.map(where, name, out, e);
}

START_TEST(a_reader_without_a_pin_starts_over_when_commits_overtake_it)
{
    const qi_writer_config config = {.max_memory = 64 << 20};
    qi_reader reader;
    quire_snapshot *snapshot;
    const qi_dir_ops *ops = dir->ops;
    ok(qi_writer_open(&racing.writer, dir, &config, &err));
    ok(qi_reader_init(&reader, dir, &err));
    lib.pending = lib.committed[3];
    racing.inner = racing.ops = *ops;
    racing.ops.map = map_late;
    racing.commits = 3;
    racing.generation = 100;
    dir->ops = &racing.ops;
    ok(open_snapshot(&reader, &snapshot));
    ck_assert_int_eq(racing.commits, 0);
    ck_assert_uint_gt(snapshot->stat.generation, 3);
    ck_assert_uint_eq(snapshot->stat.documents, 11);
    dir->ops = ops;
    qi_snapshot_release(snapshot);
    qi_writer_close(racing.writer);
    qi_reader_free(&reader);
}
END_TEST

START_TEST(running_out_of_memory_is_reported_and_leaks_nothing)
{
    quire_status status = QUIRE_ERR_MEMORY;
    for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
        qi_reader reader;
        quire_snapshot *snapshot = NULL;
        qi_check check = {.level = 3};
        ck_assert_uint_lt(nth, 10000);
        qi_mem_fail(nth, false);
        status = qi_reader_init(&reader, dir, &err);
        if (status == QUIRE_OK) {
            reader.pin = true;
            status = open_snapshot(&reader, &snapshot);
        }
        if (status == QUIRE_OK)
            status = qi_check_commit(&check, &reader, &err);
        qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
        ck_assert_uint_eq(check.faults, 0);
        qi_snapshot_release(snapshot);
        qi_reader_free(&reader);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("commit.reader");
    TCase *t = tcase_create("reader");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, a_sound_index_has_no_faults);
    tcase_add_test(t, a_missing_file_is_corrupt_for_readers_writers_and_checks);
    tcase_add_test(t, two_documents_of_one_key_are_a_fault_of_level_3);
    tcase_add_test(t, a_missing_manifest_is_a_fault);
    tcase_add_test(t, every_damaged_byte_is_found_when_all_is_verified);
    tcase_add_test(t, files_that_change_places_are_noticed);
    tcase_add_loop_test(t, a_manifest_that_its_files_contradict_is_corrupt, 0, 4);
    tcase_add_test(t, a_reader_of_an_index_that_was_replaced_says_so);
    tcase_add_test(t, a_reader_without_a_pin_starts_over_when_commits_overtake_it);
    tcase_add_test(t, running_out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return s;
}
