/* SPDX-License-Identifier: MIT
 * A damaged segment: every byte changed, every length cut. As it is, damage is an error or does no
 * harm to any answer. With checksums made right again, as somebody hostile would, it is an error or
 * an answer, of whatever kind. It is never a crash, a read past the file's end (the file is a block
 * of the heap), or a write.
 *
 * Built a second time with blocks of 64 bytes, it asks single questions: a reader that believes
 * bytes beside those it had verified is found there, where nearly all bytes are of another block.
 *
 * QUIRE_CORRUPT_STRIDE: of so many bytes one is changed with right checksums (default 1: all). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/envelope.h"
#include "segment/check.h"
#include "support/image.h"
#include "support/roll.h"
#include "support/sample.h"

static const uint8_t masks[] = {0xFF, 0x01};
enum { MASKS = sizeof masks };

typedef struct tally {
    unsigned long refused, harmless, answered;
} tally;

static quire_error err;

static size_t stride(void)
{
    const char *given = getenv("QUIRE_CORRUPT_STRIDE");
    size_t n = given != NULL ? (size_t)strtoul(given, NULL, 0) : 1;
    return n == 0 ? 1 : n;
}

/* ---- A segment, read whole ---- */

enum { DOCS = 300, ALL = SAMPLE_QUESTIONS };

static struct {
    quire_schema *schema;
    image clean;
    qi_file_id id;
    uint64_t digest;
} seg;

static void make_segment(void)
{
    qi_dir *dir;
    ck_assert_int_eq(qi_dir_open_ram(&dir, &err), QUIRE_OK);
    seg.schema = sample_schema();
    sample_segment(&seg.id, dir, seg.schema, 1, DOCS);
    image_take(&seg.clean, dir);
    qi_dir_free(dir);
}

static void drop_segment(void)
{
    image_free(&seg.clean);
    qi_schema_release(seg.schema);
}

/* Open and read all, or ask one question. */
static quire_status read_segment(const image *from, const qi_file_id *id, uint32_t question,
                                 uint64_t *digest)
{
    qi_segment *segment;
    qi_dir *dir = image_dir(from);
    uint64_t before = image_hash(from);
    *digest = 0;
    quire_status status = qi_segment_open(&segment, dir, id, seg.schema, &err);
    if (status == QUIRE_OK)
        status = question == ALL ? sample_read(segment, digest, &err)
                                 : sample_ask(segment, question, digest, &err);
    qi_segment_release(segment);
    ck_assert_uint_eq(image_dir_writes(dir), 0);
    ck_assert_uint_eq(image_hash(from), before);
    qi_dir_free(dir);
    return status;
}

static bool is_refusal(quire_status status)
{
    return status == QUIRE_ERR_CORRUPT || status == QUIRE_ERR_FORMAT;
}

START_TEST(a_changed_byte_of_a_segment_is_noticed_or_does_no_harm)
{
    uint64_t clean, digest;
    ck_assert_int_eq(read_segment(&seg.clean, &seg.id, ALL, &clean), QUIRE_OK);
    tally count = {0};
    image_file *file = &seg.clean.files[0];
    for (size_t at = 0; at < file->len; at++)
        for (size_t m = 0; m < MASKS; m++) {
            file->bytes[at] ^= masks[m];
            quire_status status = read_segment(&seg.clean, &seg.id, ALL, &digest);
            file->bytes[at] ^= masks[m];
            ck_assert_msg(status == QUIRE_OK || is_refusal(status), "byte %zu: %s", at,
                          err.message);
            ck_assert_msg(status != QUIRE_OK || digest == clean,
                          "byte %zu, mask %02x: other answers, and no error", at, masks[m]);
            *(status == QUIRE_OK ? &count.harmless : &count.refused) += 1;
        }
    printf("corrupt, segment of %zu bytes in blocks of %d: %lu changes refused, %lu harmless\n",
           file->len, QI_ENVELOPE_BLOCK, count.refused, count.harmless);
    ck_assert_uint_gt(count.refused, file->len);
}
END_TEST

/* Only a part of the file is read, and yet nothing that was not verified. */
START_TEST(a_changed_byte_under_one_question_is_noticed_or_does_no_harm)
{
    uint64_t clean[ALL], digest;
    for (uint32_t q = 0; q < ALL; q++)
        ck_assert_int_eq(read_segment(&seg.clean, &seg.id, q, &clean[q]), QUIRE_OK);
    image_file *file = &seg.clean.files[0];
    for (size_t at = 0; at < file->len; at++) {
        file->bytes[at] ^= masks[at % MASKS];
        for (uint32_t q = 0; q < ALL; q++) {
            quire_status status = read_segment(&seg.clean, &seg.id, q, &digest);
            ck_assert_msg(status == QUIRE_OK ? digest == clean[q] : is_refusal(status),
                          "byte %zu, question %u: %s", at, q,
                          status == QUIRE_OK ? "another answer, and no error" : err.message);
        }
        file->bytes[at] ^= masks[at % MASKS];
    }
}
END_TEST

START_TEST(a_changed_byte_of_a_segment_with_right_checksums_does_not_crash)
{
    tally count = {0};
    uint64_t digest;
    size_t step = stride();
    image damaged;
    for (size_t at = step > 1 ? roll((uint32_t)step) : 0; at < seg.clean.files[0].len; at += step) {
        image_copy(&damaged, &seg.clean);
        image_file *file = &damaged.files[0];
        file->bytes[at] ^= masks[at % MASKS];
        image_repair_file(file->bytes, file->len);
        qi_file_id id = seg.id;
        id.hash = qi_load64(file->bytes + file->len - 8);
        quire_status status = read_segment(&damaged, &id, ALL, &digest);
        ck_assert_msg(status == QUIRE_OK || is_refusal(status), "byte %zu: %s", at, err.message);
        *(status == QUIRE_OK ? &count.answered : &count.refused) += 1;
        image_free(&damaged);
    }
    printf("corrupt, segment with right checksums: %lu refused, %lu answered\n", count.refused,
           count.answered);
}
END_TEST

START_TEST(a_cut_segment_is_refused_and_with_right_checksums_does_not_crash)
{
    uint64_t digest;
    image damaged;
    size_t len = seg.clean.files[0].len;
    for (size_t cut = 0; cut < len; cut++) {
        image_copy(&damaged, &seg.clean);
        image_set(&damaged.files[0], seg.clean.files[0].bytes, cut);
        ck_assert(is_refusal(read_segment(&damaged, &seg.id, ALL, &digest)));
        image_free(&damaged);
        if (cut < QI_ENVELOPE_HEADER)
            continue;
        image_copy(&damaged, &seg.clean);
        if (image_cut(&damaged.files[0], cut)) {
            image_file *file = &damaged.files[0];
            qi_file_id id = seg.id;
            id.length = file->len;
            id.hash = qi_load64(file->bytes + file->len - 8);
            quire_status status = read_segment(&damaged, &id, ALL, &digest);
            ck_assert_msg(status == QUIRE_OK || is_refusal(status), "cut at %zu: %s", cut,
                          err.message);
        }
        image_free(&damaged);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    roll_seed();
    Suite *s = suite_create("cross.corrupt_segment");
    TCase *t = tcase_create("segment");
    tcase_set_timeout(t, 0);
    tcase_add_checked_fixture(t, make_segment, drop_segment);
    if (QI_ENVELOPE_BLOCK < 16384) {
        tcase_add_test(t, a_changed_byte_under_one_question_is_noticed_or_does_no_harm);
    } else {
        tcase_add_test(t, a_changed_byte_of_a_segment_is_noticed_or_does_no_harm);
        tcase_add_test(t, a_changed_byte_of_a_segment_with_right_checksums_does_not_crash);
        tcase_add_test(t, a_cut_segment_is_refused_and_with_right_checksums_does_not_crash);
    }
    suite_add_tcase(s, t);
    return s;
}
