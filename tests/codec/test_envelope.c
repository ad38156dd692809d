/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "codec/envelope.h"
#include "support/roll.h"

static const qi_envelope_id ID = {0x54534554, "sixteen bytes of", 7};

enum { MOST_SECTIONS = 5 };

typedef struct {
    char name[9];
    size_t offset, length;
} part;

/* Write bytes that are fed in pieces of any size. */
static void feed(qi_envelope_builder *builder, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t n = 1 + roll((uint32_t)len);
        qi_envelope_feed(builder, bytes, n);
        bytes += n;
        len -= n;
    }
}

/* A file of `count` sections of random lengths below `below`. */
static uint64_t make_file(qi_buf *out, part *parts, unsigned count, uint32_t below)
{
    qi_envelope_builder builder;
    ck_assert_int_eq(qi_envelope_builder_init(&builder, NULL), QUIRE_OK);
    qi_envelope_header(out, &ID);
    for (unsigned i = 0; i < count; i++) {
        snprintf(parts[i].name, sizeof parts[i].name, i == 0 ? "eight-88" : "s%u", i);
        parts[i].offset = out->len;
        parts[i].length = roll(below);
        for (size_t j = 0; j < parts[i].length; j++)
            qi_buf_u8(out, (uint8_t)roll(256));
        qi_envelope_section(&builder, parts[i].name, parts[i].offset, parts[i].length);
        memset(qi_buf_grow(out, QI_ENVELOPE_ALIGN), 0, QI_ENVELOPE_ALIGN);
        qi_buf_align(out, QI_ENVELOPE_ALIGN);
    }
    feed(&builder, out->bytes, out->len);
    uint64_t hash;
    ck_assert_int_eq(qi_envelope_trailer(&builder, out, &hash, NULL), QUIRE_OK);
    qi_envelope_builder_free(&builder);
    return hash;
}

/* Open and verify everything. */
static quire_status prove(const uint8_t *bytes, size_t len, quire_error *err)
{
    qi_envelope envelope;
    QI_TRY(qi_envelope_open(&envelope, bytes, len, &ID, "f", err));
    for (size_t i = 0; i < qi_envelope_blocks(&envelope); i++)
        QI_TRY(qi_envelope_verify(&envelope, i, "f", err));
    return QUIRE_OK;
}

START_TEST(sections_come_back_and_every_block_is_proven)
{
    roll_seed();
    for (unsigned turn = 0; turn < 60; turn++) {
        qi_buf out;
        qi_buf_init(&out, 0);
        part parts[MOST_SECTIONS];
        unsigned count = roll(MOST_SECTIONS + 1);
        uint64_t hash = make_file(&out, parts, count, turn % 2 == 0 ? 100 : 40000);
        qi_envelope envelope;
        ck_assert_int_eq(qi_envelope_open(&envelope, out.bytes, out.len, &ID, "f", NULL), QUIRE_OK);
        ck_assert(envelope.hash == hash);
        for (unsigned i = 0; i < count; i++) {
            qi_view view = qi_envelope_find(&envelope, parts[i].name);
            ck_assert_ptr_eq(view.at, out.bytes + parts[i].offset);
            ck_assert_uint_eq(qi_view_left(&view), parts[i].length);
        }
        ck_assert_ptr_null(qi_envelope_find(&envelope, "absent").at);
        ck_assert_ptr_null(qi_envelope_find(&envelope, "eight").at);
        ck_assert_int_eq(prove(out.bytes, out.len, NULL), QUIRE_OK);
        qi_buf_free(&out);
    }
}
END_TEST

START_TEST(no_flipped_bit_goes_unseen)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    part parts[3];
    make_file(&out, parts, 3, 300);
    for (size_t bit = 0; bit < out.len * 8; bit++) {
        out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        quire_status status = prove(out.bytes, out.len, NULL);
        if (status != QUIRE_ERR_CORRUPT && (status != QUIRE_ERR_FORMAT || bit >= 24 * 8))
            ck_abort_msg("bit %zu: status %d", bit, status);
        out.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    qi_buf_free(&out);
}
END_TEST

START_TEST(a_file_cut_or_lengthened_is_corrupt)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    part parts[2];
    make_file(&out, parts, 2, 300);
    for (size_t len = 0; len < out.len; len++) {
        uint8_t *copy = malloc(len + 1);
        memcpy(copy, out.bytes, len);
        quire_status expected = len < 8 ? QUIRE_ERR_FORMAT : QUIRE_ERR_CORRUPT;
        if (prove(copy, len, NULL) != expected)
            ck_abort_msg("cut to %zu bytes", len);
        free(copy);
    }
    qi_buf_u8(&out, 0);
    ck_assert_int_eq(prove(out.bytes, out.len, NULL), QUIRE_ERR_CORRUPT);
    qi_buf_free(&out);
}
END_TEST

START_TEST(a_newer_file_is_told_from_a_damaged_one)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    make_file(&out, NULL, 0, 1);
    quire_error err;
    out.bytes[out.len - 1] ^= 1;
    ck_assert_int_eq(prove(out.bytes, out.len, &err), QUIRE_ERR_CORRUPT);
    out.bytes[12] = QUIRE_FORMAT_VERSION + 1;
    ck_assert_int_eq(prove(out.bytes, out.len, &err), QUIRE_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "newer"));
    out.bytes[12] = QUIRE_FORMAT_VERSION;
    out.bytes[17] = 1;
    ck_assert_int_eq(prove(out.bytes, out.len, &err), QUIRE_ERR_FORMAT);
    out.bytes[0] = 'q';
    ck_assert_int_eq(prove(out.bytes, out.len, &err), QUIRE_ERR_FORMAT);
    qi_buf_free(&out);
}
END_TEST

START_TEST(another_file_is_not_taken_for_this_one)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    make_file(&out, NULL, 0, 1);
    for (unsigned what = 0; what < 3; what++) {
        qi_envelope_id id = ID;
        id.kind += what == 0;
        id.seq += what == 1;
        id.uuid[15] ^= what == 2;
        qi_envelope envelope;
        quire_error err;
        ck_assert_int_eq(qi_envelope_open(&envelope, out.bytes, out.len, &id, "f", &err),
                         QUIRE_ERR_CORRUPT);
        ck_assert_ptr_nonnull(strstr(err.message, "E-1"));
    }
    qi_buf_free(&out);
}
END_TEST

/* A sound trailer about sections that are not where sections may be. */
static void expect_misplaced(uint64_t first, uint64_t first_len, uint64_t second,
                             uint64_t second_len)
{
    qi_envelope_builder builder;
    qi_buf out;
    uint64_t hash;
    qi_buf_init(&out, 0);
    ck_assert_int_eq(qi_envelope_builder_init(&builder, NULL), QUIRE_OK);
    qi_envelope_header(&out, &ID);
    memset(qi_buf_grow(&out, 448), 0, 448);
    qi_envelope_feed(&builder, out.bytes, out.len);
    qi_envelope_section(&builder, "a", first, first_len);
    qi_envelope_section(&builder, "b", second, second_len);
    ck_assert_int_eq(qi_envelope_trailer(&builder, &out, &hash, NULL), QUIRE_OK);
    quire_error err;
    ck_assert_int_eq(prove(out.bytes, out.len, &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "E-3"));
    qi_envelope_builder_free(&builder);
    qi_buf_free(&out);
}

START_TEST(misplaced_sections_are_corrupt)
{
    expect_misplaced(0, 10, 192, 10);              /* over the header */
    expect_misplaced(64, 10, 65, 10);              /* not aligned */
    expect_misplaced(64, 10, 128, 10);             /* no padding between */
    expect_misplaced(192, 10, 64, 10);             /* out of order */
    expect_misplaced(64, 10, 192, 257);            /* no padding at the end */
    expect_misplaced(64, 10, 192, UINT64_MAX - 8); /* wraps around */
    expect_misplaced(64, 10, 1024, 0);             /* past the end */
}
END_TEST

START_TEST(a_file_has_a_limited_number_of_sections)
{
    qi_envelope_builder builder;
    qi_buf out;
    uint64_t hash;
    qi_buf_init(&out, 0);
    ck_assert_int_eq(qi_envelope_builder_init(&builder, NULL), QUIRE_OK);
    for (unsigned i = 0; i <= QI_ENVELOPE_SECTIONS; i++)
        qi_envelope_section(&builder, "s", 64, 0);
    ck_assert_int_eq(qi_envelope_trailer(&builder, &out, &hash, NULL), QUIRE_ERR_LIMIT);
    qi_envelope_builder_free(&builder);
    qi_buf_free(&out);
}
END_TEST

/* The footer is sound, but counts a section that there is no room for. */
START_TEST(a_table_must_fit_the_file)
{
    roll_seed();
    qi_buf out;
    qi_buf_init(&out, 0);
    make_file(&out, NULL, 0, 1);
    uint8_t *footer = out.bytes + out.len - QI_ENVELOPE_FOOTER;
    footer[0] = 1;
    qi_store64(footer + 32, qi_hash(footer, 32));
    quire_error err;
    ck_assert_int_eq(prove(out.bytes, out.len, &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "E-2"));
    qi_buf_free(&out);
}
END_TEST

START_TEST(without_memory_there_is_no_trailer)
{
    quire_status status = QUIRE_ERR_MEMORY;
    unsigned long nth = 1;
    for (; status != QUIRE_OK; nth++) {
        qi_envelope_builder builder = {0};
        qi_buf out;
        uint64_t hash;
        qi_buf_init(&out, 0);
        qi_mem_fail(nth, true);
        status = qi_envelope_builder_init(&builder, NULL);
        if (status == QUIRE_OK) {
            qi_envelope_feed(&builder, "abc", 3);
            qi_envelope_section(&builder, "a", 64, 1);
            status = qi_envelope_trailer(&builder, &out, &hash, NULL);
        }
        qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
        qi_envelope_builder_free(&builder);
        qi_buf_free(&out);
    }
    ck_assert_uint_gt(nth, 6);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.envelope");
    TCase *t = tcase_create("envelope");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, sections_come_back_and_every_block_is_proven);
    tcase_add_test(t, no_flipped_bit_goes_unseen);
    tcase_add_test(t, a_file_cut_or_lengthened_is_corrupt);
    tcase_add_test(t, a_newer_file_is_told_from_a_damaged_one);
    tcase_add_test(t, another_file_is_not_taken_for_this_one);
    tcase_add_test(t, misplaced_sections_are_corrupt);
    tcase_add_test(t, a_file_has_a_limited_number_of_sections);
    tcase_add_test(t, a_table_must_fit_the_file);
    tcase_add_test(t, without_memory_there_is_no_trailer);
    suite_add_tcase(s, t);
    return s;
}
