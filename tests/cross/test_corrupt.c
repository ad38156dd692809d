/* SPDX-License-Identifier: MIT
 * A damaged index: every byte of every file changed, every length cut, files longer, swapped, stale
 * or gone. As it is, damage is an error or does no harm to any answer, and the check finds it. With
 * checksums made right again, as somebody hostile would, it is an error or an answer, of whatever
 * kind. It is never a crash, a read past a file's end (each file is a block of the heap), or a
 * write, and a merge never carries it into a new file.
 *
 * QUIRE_CORRUPT_STRIDE: of so many bytes one is changed, with right checksums and for the writer
 * (default 1 and 16: by every byte, and by one in 16). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/index.h"
#include "codec/envelope.h"
#include "codec/manifest.h"
#include "support/image.h"
#include "support/probe.h"
#include "support/roll.h"

static const uint8_t masks[] = {0xFF, 0x01};
enum { MASKS = sizeof masks, PARTS = 3, ALL = PARTS };

enum { ORDERS = QUIRE_ORDER_BISECTION + 1 };

static quire_error err;
static image clean;
static uint64_t answers[PARTS + 1];

static size_t stride(size_t usual)
{
    const char *given = getenv("QUIRE_CORRUPT_STRIDE");
    size_t n = given != NULL ? (size_t)strtoul(given, NULL, 0) : usual;
    return n == 0 ? 1 : n;
}

/* All questions, or a part of them, of the newest snapshot. */
static quire_status ask(quire_index *index, uint32_t part, uint64_t *digest)
{
    quire_snapshot *snapshot;
    uint64_t one;
    *digest = 0;
    QI_TRY(quire_snapshot_open(&snapshot, index, &err));
    quire_status status = QUIRE_OK;
    for (uint32_t q = 0; q < PROBE_QUESTIONS && status == QUIRE_OK; q++) {
        if (part != ALL && q % PARTS != part)
            continue;
        status = probe_ask(index, snapshot, q, &one, &err);
        *digest = *digest * 31 + one;
    }
    quire_snapshot_close(snapshot);
    return status;
}

/* Open the image, ask, and see that nothing was written. */
static quire_status read_index(const image *from, uint32_t part, uint64_t *digest)
{
    quire_index *index;
    qi_dir *dir = image_dir(from);
    uint64_t before = image_hash(from);
    *digest = 0;
    quire_status status = probe_open(&index, dir, true, &err);
    if (status != QUIRE_OK)
        return status;
    status = ask(index, part, digest);
    ck_assert_uint_eq(image_dir_writes(dir), 0);
    ck_assert_uint_eq(image_hash(from), before);
    quire_index_close(index);
    return status;
}

/* The check, which must not write either. */
static quire_status check_index(const image *from, int level)
{
    quire_index *index;
    qi_dir *dir = image_dir(from);
    quire_status status = probe_open(&index, dir, true, &err);
    if (status != QUIRE_OK)
        return status;
    status = quire_index_check(index, level, NULL, NULL, &err);
    ck_assert_uint_eq(image_dir_writes(dir), 0);
    quire_index_close(index);
    return status;
}

static bool is_refusal(quire_status status)
{
    return status == QUIRE_ERR_CORRUPT || status == QUIRE_ERR_FORMAT ||
           status == QUIRE_ERR_NOT_FOUND;
}

static void make_index(void)
{
    quire_index *index;
    quire_schema *schema = probe_schema();
    ck_assert_int_eq(quire_index_create(&index, NULL, schema, NULL, &err), QUIRE_OK);
    ck_assert_msg(probe_fill(index, &err) == QUIRE_OK, "%s", err.message);
    image_take(&clean, index->dir);
    quire_index_close(index);
    quire_schema_free(schema);
    for (uint32_t part = 0; part <= PARTS; part++)
        ck_assert_msg(read_index(&clean, part, &answers[part]) == QUIRE_OK, "%s", err.message);
    ck_assert_int_eq(check_index(&clean, 3), QUIRE_OK);
}

static void drop_index(void)
{
    image_free(&clean);
}

/* Is the file of the commit before the current one only? */
static bool only_previous(const char *name)
{
    image_file *file = image_find(&clean, QI_MANIFEST_NAME);
    qi_manifest manifest;
    uint64_t seq, deletes;
    if (!qi_manifest_parse_name(name, &seq, &deletes))
        return false;
    ck_assert_int_eq(qi_manifest_decode(&manifest, file->bytes, file->len, "", &err), QUIRE_OK);
    const qi_manifest_entry *entry = qi_manifest_commit_find(&manifest.current, seq);
    bool current = entry != NULL && (deletes == 0 || entry->deletes == deletes);
    qi_manifest_free(&manifest);
    return !current;
}

/* ---- As it is ---- */

START_TEST(a_changed_byte_is_noticed_or_does_no_harm_and_the_check_finds_it)
{
    unsigned long refused = 0, harmless = 0;
    uint64_t digest;
    for (size_t f = 0; f < clean.count; f++) {
        image_file *file = &clean.files[f];
        bool unused = only_previous(file->name);
        for (size_t i = 0; i < MASKS * file->len; i++) {
            uint8_t mask = masks[i % MASKS];
            uint8_t *byte = &file->bytes[i / MASKS];
            *byte ^= mask;
            quire_status status = read_index(&clean, ALL, &digest);
            quire_status checked = unused ? QUIRE_ERR_CORRUPT : check_index(&clean, 1);
            *byte ^= mask;
            ck_assert_msg(status == QUIRE_OK || is_refusal(status), "%s, byte %zu: %s", file->name,
                          i / MASKS, err.message);
            ck_assert_msg(status != QUIRE_OK || digest == answers[ALL],
                          "%s, byte %zu: other answers, and no error", file->name, i / MASKS);
            ck_assert_msg(is_refusal(checked), "%s, byte %zu: the check finds nothing", file->name,
                          i / MASKS);
            *(status == QUIRE_OK ? &harmless : &refused) += 1;
        }
    }
    printf("corrupt, index: %lu changes refused, %lu harmless, none unnoticed\n", refused,
           harmless);
    ck_assert_uint_gt(refused, 10 * harmless);
}
END_TEST

START_TEST(a_file_cut_or_longer_is_refused)
{
    uint64_t digest;
    image damaged;
    image_copy(&damaged, &clean);
    for (size_t f = 0; f < clean.count; f++) {
        const image_file *whole = &clean.files[f];
        uint8_t *longer = calloc(whole->len + 100, 1);
        ck_assert_ptr_nonnull(longer);
        memcpy(longer, whole->bytes, whole->len);
        bool unused = only_previous(whole->name);
        for (size_t len = 0; len < whole->len + 100; len++) {
            if (len == whole->len)
                continue;
            image_set(&damaged.files[f], longer, len);
            quire_status status = read_index(&damaged, 0, &digest);
            ck_assert_msg(unused ? status == QUIRE_OK && digest == answers[0] : is_refusal(status),
                          "%s of %zu bytes, not %zu", whole->name, len, whole->len);
        }
        free(longer);
        image_set(&damaged.files[f], whole->bytes, whole->len);
    }
    image_free(&damaged);
}
END_TEST

START_TEST(a_file_in_place_of_another_is_refused)
{
    uint64_t digest;
    image damaged;
    for (size_t f = 0; f < clean.count; f++)
        for (size_t g = 0; g < clean.count; g++) {
            if (f == g || only_previous(clean.files[f].name))
                continue;
            image_copy(&damaged, &clean);
            image_set(&damaged.files[f], clean.files[g].bytes, clean.files[g].len);
            ck_assert_msg(is_refusal(read_index(&damaged, 0, &digest)), "%s as %s",
                          clean.files[g].name, clean.files[f].name);
            image_repair(&damaged);
            ck_assert_msg(is_refusal(read_index(&damaged, 0, &digest)), "%s as %s, repaired",
                          clean.files[g].name, clean.files[f].name);
            image_free(&damaged);
        }
}
END_TEST

START_TEST(a_file_that_is_gone_is_an_error)
{
    uint64_t digest;
    for (size_t f = 0; f < clean.count; f++) {
        if (only_previous(clean.files[f].name))
            continue;
        char name[IMAGE_NAME_ROOM];
        memcpy(name, clean.files[f].name, sizeof name);
        strcpy(clean.files[f].name, "elsewhere");
        ck_assert_msg(is_refusal(read_index(&clean, 0, &digest)), "without %s", name);
        memcpy(clean.files[f].name, name, sizeof name);
    }
}
END_TEST

/* The same documents make another index, whose files have other names for themselves. */
START_TEST(a_file_of_another_index_is_refused)
{
    image mine, damaged;
    uint64_t digest;
    image_copy(&mine, &clean);
    image_free(&clean);
    make_index();
    for (size_t f = 0; f < clean.count; f++) {
        if (only_previous(clean.files[f].name))
            continue;
        image_copy(&damaged, &clean);
        image_set(&damaged.files[f], mine.files[f].bytes, mine.files[f].len);
        bool manifest = strcmp(clean.files[f].name, QI_MANIFEST_NAME) == 0;
        ck_assert(is_refusal(read_index(&damaged, 0, &digest)));
        image_repair(&damaged);
        ck_assert_msg(is_refusal(read_index(&damaged, 0, &digest)), "%s, repaired",
                      manifest ? "MANIFEST" : clean.files[f].name);
        image_free(&damaged);
    }
    image_free(&mine);
}
END_TEST

START_TEST(pieces_of_a_file_moved_or_zeroed_are_noticed_or_do_no_harm)
{
    uint64_t digest;
    image damaged;
    for (int round = 0; round < 2000; round++) {
        image_copy(&damaged, &clean);
        image_file *file = &damaged.files[roll((uint32_t)damaged.count)];
        size_t len = 1 + roll((uint32_t)(file->len < 512 ? file->len : 512));
        size_t to = roll((uint32_t)(file->len - len + 1)),
               from = roll((uint32_t)(file->len - len + 1));
        if (round % 2 == 0)
            memset(file->bytes + to, 0, len);
        else
            memmove(file->bytes + to, file->bytes + from, len);
        quire_status status = read_index(&damaged, ALL, &digest);
        ck_assert_msg(status == QUIRE_OK ? digest == answers[ALL] : is_refusal(status),
                      "%s, %zu bytes from %zu to %zu", file->name, len, from, to);
        image_free(&damaged);
    }
}
END_TEST

/* ---- With right checksums ---- */

START_TEST(a_changed_byte_with_right_checksums_is_an_error_or_an_answer)
{
    unsigned long refused = 0, answered = 0;
    size_t step = stride(1);
    uint64_t digest;
    image damaged;
    for (size_t f = 0; f < clean.count; f++)
        for (size_t at = roll((uint32_t)step); at < clean.files[f].len; at += step) {
            image_copy(&damaged, &clean);
            damaged.files[f].bytes[at] ^= masks[at / 7 % MASKS];
            image_repair(&damaged);
            quire_status status = read_index(&damaged, (uint32_t)at % PARTS, &digest);
            ck_assert_msg(status == QUIRE_OK || is_refusal(status) || status == QUIRE_ERR_LIMIT ||
                              status == QUIRE_ERR_MISUSE,
                          "%s, byte %zu: %s", clean.files[f].name, at, err.message);
            if (at % 8 == 0)
                (void)check_index(&damaged, 3);
            *(status == QUIRE_OK ? &answered : &refused) += 1;
            image_free(&damaged);
        }
    printf("corrupt, index with right checksums: %lu refused, %lu answered\n", refused, answered);
}
END_TEST

START_TEST(a_cut_with_right_checksums_is_an_error_or_an_answer)
{
    uint64_t digest;
    image damaged;
    for (size_t f = 0; f < clean.count; f++)
        for (size_t cut = QI_ENVELOPE_HEADER; cut < clean.files[f].len; cut++) {
            image_copy(&damaged, &clean);
            image_file *file = &damaged.files[f];
            if (strcmp(file->name, QI_MANIFEST_NAME) == 0)
                image_set(file, clean.files[f].bytes, cut);
            else if (!image_cut(file, cut))
                ck_abort_msg("%s cannot be cut", file->name);
            image_repair(&damaged);
            quire_status status = read_index(&damaged, (uint32_t)cut % PARTS, &digest);
            ck_assert_msg(status == QUIRE_OK || is_refusal(status), "%s, cut at %zu: %s",
                          file->name, cut, err.message);
            image_free(&damaged);
        }
}
END_TEST

/* ---- Writing to a damaged index ---- */

static void load(qi_dir *dir, const image *from)
{
    for (size_t i = 0; i < from->count; i++) {
        qi_out out;
        ck_assert_int_eq(dir->ops->create(dir, from->files[i].name, &out, &err), QUIRE_OK);
        ck_assert_int_eq(dir->ops->append(&out, from->files[i].bytes, from->files[i].len, &err),
                         QUIRE_OK);
        ck_assert_int_eq(dir->ops->close(&out, true, &err), QUIRE_OK);
    }
}

/* Add, delete, merge to one segment with documents in this order, commit. */
static quire_status rewrite(quire_index *index, quire_order order)
{
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    quire_writer *writer;
    options.order = order;
    QI_TRY(quire_writer_open(&writer, index, &options, &err));
    quire_status status = probe_add(writer, 5, 9, &err);
    if (status == QUIRE_OK)
        status = probe_delete(writer, 11, &err);
    if (status == QUIRE_OK)
        status = quire_writer_merge(writer, 1, &err);
    quire_writer_close(writer);
    return status;
}

/* Load an image, write to it, and ask. */
static quire_status write_index(const image *from, quire_order order, uint64_t *digest)
{
    quire_index *index;
    qi_dir *dir;
    *digest = 0;
    ck_assert_int_eq(qi_dir_open_ram(&dir, &err), QUIRE_OK);
    load(dir, from);
    quire_status status = probe_open(&index, dir, false, &err);
    if (status != QUIRE_OK)
        return status;
    status = rewrite(index, order);
    if (status == QUIRE_OK)
        status = ask(index, ALL, digest);
    quire_index_close(index);
    return status;
}

START_TEST(a_merge_refuses_damage_and_does_not_carry_it_on)
{
    uint64_t expected[ORDERS], digest;
    size_t step = stride(16);
    unsigned long refused = 0, harmless = 0;
    for (int i = 0; i < ORDERS; i++)
        ck_assert_int_eq(write_index(&clean, (quire_order)i, &expected[i]), QUIRE_OK);
    for (size_t f = 0; f < clean.count; f++)
        for (size_t at = roll((uint32_t)step); at < clean.files[f].len; at += step) {
            uint8_t mask = masks[at % MASKS];
            uint32_t order = roll(ORDERS);
            clean.files[f].bytes[at] ^= mask;
            quire_status status = write_index(&clean, (quire_order)order, &digest);
            clean.files[f].bytes[at] ^= mask;
            ck_assert_msg(status == QUIRE_OK ? digest == expected[order] : is_refusal(status),
                          "%s, byte %zu: %s", clean.files[f].name, at,
                          status == QUIRE_OK ? "damage went on" : err.message);
            *(status == QUIRE_OK ? &harmless : &refused) += 1;
        }
    printf("corrupt, merges: %lu refused, %lu harmless\n", refused, harmless);
}
END_TEST

START_TEST(a_writer_survives_damage_with_right_checksums)
{
    uint64_t digest;
    size_t step = stride(16);
    image damaged;
    for (size_t f = 0; f < clean.count; f++)
        for (size_t at = roll((uint32_t)step); at < clean.files[f].len; at += step) {
            image_copy(&damaged, &clean);
            damaged.files[f].bytes[at] ^= masks[at % MASKS];
            image_repair(&damaged);
            (void)write_index(&damaged, (quire_order)roll(ORDERS), &digest);
            image_free(&damaged);
        }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.corrupt");
    TCase *t = tcase_create("index");
    roll_seed();
    tcase_set_timeout(t, 0);
    tcase_add_checked_fixture(t, make_index, drop_index);
    tcase_add_test(t, a_changed_byte_is_noticed_or_does_no_harm_and_the_check_finds_it);
    tcase_add_test(t, a_file_cut_or_longer_is_refused);
    tcase_add_test(t, a_file_in_place_of_another_is_refused);
    tcase_add_test(t, a_file_that_is_gone_is_an_error);
    tcase_add_test(t, a_file_of_another_index_is_refused);
    tcase_add_test(t, pieces_of_a_file_moved_or_zeroed_are_noticed_or_do_no_harm);
    tcase_add_test(t, a_changed_byte_with_right_checksums_is_an_error_or_an_answer);
    tcase_add_test(t, a_cut_with_right_checksums_is_an_error_or_an_answer);
    tcase_add_test(t, a_merge_refuses_damage_and_does_not_carry_it_on);
    tcase_add_test(t, a_writer_survives_damage_with_right_checksums);
    suite_add_tcase(s, t);
    return s;
}
