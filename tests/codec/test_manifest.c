/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/manifest.h"

static quire_error err;

static const qi_manifest_entry current[] = {
    {2, 4096, 0x1111, 100, 0, 0, 0, 0},
    {5, 9000, 0x2222, 50, 7, 8, 300, 0x3333},
    {UINT64_C(1) << 40, UINT64_C(1) << 41, UINT64_MAX, INT32_MAX - 1, INT32_MAX - 1, 9, 1, 1},
};

static qi_manifest sample(void)
{
    qi_manifest manifest = {.next = (UINT64_C(1) << 40) + 1};
    for (uint8_t i = 0; i < 16; i++)
        manifest.uuid[i] = (uint8_t)(i * 17);
    ck_assert_int_eq(qi_schema_new(&manifest.schema, &err), QUIRE_OK);
    quire_field field = QUIRE_FIELD_INIT;
    field.name = "text";
    ck_assert_int_eq(qi_schema_add(manifest.schema, &field, &err), QUIRE_OK);
    ck_assert_int_eq(qi_manifest_commit_make(&manifest.current, 12, current, 3,
                                             (quire_str){"pay\0load", 8}, &err),
                     QUIRE_OK);
    ck_assert_int_eq(
        qi_manifest_commit_make(&manifest.previous, 11, current, 1, (quire_str){NULL, 0}, &err),
        QUIRE_OK);
    return manifest;
}

static qi_buf encoded(const qi_manifest *manifest)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_manifest_encode(manifest, &buf);
    ck_assert(!buf.failed);
    return buf;
}

static void repair(qi_buf *buf)
{
    qi_store64(buf->bytes + buf->len - 8, qi_hash(buf->bytes, buf->len - 8));
}

static quire_status decode(qi_manifest *out, const qi_buf *buf)
{
    return qi_manifest_decode(out, buf->bytes, buf->len, "/some/folder", &err);
}

/* Encode, decode, expect a fault whose message has `text`. */
static void assert_refused(const qi_manifest *manifest, const char *text)
{
    qi_manifest back;
    qi_buf buf = encoded(manifest);
    ck_assert_int_eq(decode(&back, &buf), QUIRE_ERR_CORRUPT);
    ck_assert_msg(strstr(err.message, text) != NULL, "%s", err.message);
    ck_assert_ptr_null(back.schema);
    qi_buf_free(&buf);
}

START_TEST(a_manifest_survives_its_bytes)
{
    qi_manifest manifest = sample(), back;
    qi_buf buf = encoded(&manifest);
    ck_assert_int_eq(decode(&back, &buf), QUIRE_OK);
    ck_assert_mem_eq(back.uuid, manifest.uuid, 16);
    ck_assert_uint_eq(back.next, manifest.next);
    ck_assert_uint_eq(back.current.generation, 12);
    ck_assert_uint_eq(back.current.payload.len, 8);
    ck_assert_mem_eq(back.current.payload.ptr, "pay\0load", 8);
    ck_assert_uint_eq(back.current.entries.count, 3);
    ck_assert_mem_eq(back.current.entries.items, current, sizeof current);
    ck_assert_uint_eq(back.previous.generation, 11);
    ck_assert_uint_eq(back.previous.entries.count, 1);
    ck_assert_str_eq(back.schema->fields.items[0].name, "text");
    qi_manifest_free(&back);
    qi_manifest_free(&manifest);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(every_changed_bit_is_noticed)
{
    qi_manifest manifest = sample(), back;
    qi_buf buf = encoded(&manifest);
    for (size_t bit = 0; bit < buf.len * 8; bit++) {
        buf.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        quire_status status = decode(&back, &buf);
        ck_assert_int_eq(status, bit < 16 * 8 ? QUIRE_ERR_FORMAT : QUIRE_ERR_CORRUPT);
        buf.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    qi_manifest_free(&manifest);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(every_cut_and_extension_is_noticed)
{
    qi_manifest manifest = sample(), back;
    qi_buf buf = encoded(&manifest);
    for (size_t len = 0; len < buf.len; len++) {
        quire_status status = qi_manifest_decode(&back, buf.bytes, len, "f", &err);
        ck_assert_int_eq(status, len < 8 ? QUIRE_ERR_FORMAT : QUIRE_ERR_CORRUPT);
    }
    size_t len = buf.len;
    qi_buf_u64(&buf, 0);
    for (size_t more = 1; more <= 8; more++)
        ck_assert_int_eq(qi_manifest_decode(&back, buf.bytes, len + more, "f", &err),
                         QUIRE_ERR_CORRUPT);
    repair(&buf);
    ck_assert_int_eq(decode(&back, &buf), QUIRE_ERR_CORRUPT);
    qi_manifest_free(&manifest);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(damage_under_a_matching_checksum_does_no_harm)
{
    qi_manifest manifest = sample(), back;
    qi_buf buf = encoded(&manifest);
    size_t accepted = 0;
    for (size_t at = 0; at < buf.len - 8; at++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t was = buf.bytes[at];
            buf.bytes[at] = (uint8_t)value;
            repair(&buf);
            quire_status status = decode(&back, &buf);
            ck_assert(status == QUIRE_OK || status == QUIRE_ERR_CORRUPT ||
                      (status == QUIRE_ERR_FORMAT && at < 16));
            accepted += status == QUIRE_OK;
            if (status == QUIRE_OK) {
                qi_buf again = encoded(&back);
                ck_assert_uint_eq(again.len, buf.len);
                qi_buf_free(&again);
                qi_manifest_free(&back);
            }
            buf.bytes[at] = was;
        }
    ck_assert_uint_gt(accepted, 0);
    qi_manifest_free(&manifest);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(a_newer_format_is_told_apart_from_damage)
{
    qi_manifest manifest = sample(), back;
    qi_buf buf = encoded(&manifest);
    for (int field = 0; field < 2; field++) {
        size_t at = field == 0 ? 8 : 12;
        uint32_t was = qi_load32(buf.bytes + at);
        qi_store32(buf.bytes + at, was + 1);
        for (int checksum = 0; checksum < 2; checksum++) {
            ck_assert_int_eq(decode(&back, &buf), QUIRE_ERR_FORMAT);
            ck_assert_ptr_nonnull(strstr(err.message, "newer Quire"));
            ck_assert_ptr_nonnull(strstr(err.message, "/some/folder"));
            repair(&buf);
        }
        qi_store32(buf.bytes + at, was);
        repair(&buf);
    }
    qi_store32(buf.bytes + 8, 0);
    repair(&buf);
    ck_assert_int_eq(decode(&back, &buf), QUIRE_ERR_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "no longer reads"));
    qi_manifest_free(&manifest);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(entries_that_contradict_themselves_are_corrupt)
{
    static const struct {
        qi_manifest_entry entry;
        const char *text;
    } bad[] = {
        {{0, 1, 1, 1, 0, 0, 0, 0}, "G-4"}, {{10, 1, 1, 1, 0, 0, 0, 0}, "G-4"},
        {{3, 1, 1, 1, 0, 0, 0, 0}, "G-4"}, /* not above the one before */
        {{4, 1, 1, 0, 0, 0, 0, 0}, "G-5"}, {{4, 1, 1, INT32_MAX, 0, 0, 0, 0}, "G-5"},
        {{4, 1, 1, 5, 6, 5, 1, 1}, "G-5"}, {{4, 1, 1, 5, 1, 0, 0, 0}, "G-6"},
        {{4, 1, 1, 5, 0, 5, 1, 1}, "G-6"}, {{4, 1, 1, 5, 1, 10, 1, 1}, "G-6"},
        {{4, 1, 1, 5, 0, 0, 1, 0}, "G-6"}, {{4, 1, 1, 5, 0, 0, 0, 1}, "G-6"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        qi_manifest manifest = sample();
        qi_manifest_entry entries[] = {{3, 1, 1, 1, 0, 0, 0, 0}, bad[i].entry};
        manifest.next = 10;
        manifest.previous.entries.items[0].seq = 2;
        qi_manifest_commit_free(&manifest.current);
        ck_assert_int_eq(
            qi_manifest_commit_make(&manifest.current, 12, entries, 2, (quire_str){NULL, 0}, &err),
            QUIRE_OK);
        assert_refused(&manifest, bad[i].text);
        qi_manifest_free(&manifest);
    }
}
END_TEST

START_TEST(generations_follow_one_another)
{
    qi_manifest manifest = sample();
    manifest.previous.generation = 10;
    assert_refused(&manifest, "G-3");
    manifest.previous.generation = 12;
    assert_refused(&manifest, "G-3");
    manifest.current.generation = 0;
    manifest.previous.generation = UINT64_MAX;
    assert_refused(&manifest, "G-3");
    manifest.current.generation = 1;
    manifest.previous.generation = 0;
    assert_refused(&manifest, "G-3");
    manifest.current.generation = UINT64_C(1) << 62;
    manifest.previous.generation = manifest.current.generation - 1;
    assert_refused(&manifest, "G-3");
    qi_manifest_free(&manifest);
}
END_TEST

START_TEST(an_entry_is_found_by_its_number)
{
    qi_manifest manifest = sample();
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(qi_manifest_commit_find(&manifest.current, current[i].seq)->hash,
                          current[i].hash);
    ck_assert_ptr_null(qi_manifest_commit_find(&manifest.current, 0));
    ck_assert_ptr_null(qi_manifest_commit_find(&manifest.current, 4));
    ck_assert_ptr_null(qi_manifest_commit_find(&manifest.current, UINT64_MAX));
    qi_manifest_free(&manifest);
}
END_TEST

START_TEST(names_of_files_are_parsed_strictly)
{
    static const uint64_t numbers[] = {1, 9, 10, 4294967296, UINT64_MAX};
    char name[QI_MANIFEST_NAME_ROOM];
    uint64_t seq, deletes;
    for (size_t i = 0; i < 5; i++) {
        qi_manifest_segment_name(name, numbers[i]);
        ck_assert(qi_manifest_parse_name(name, &seq, &deletes));
        ck_assert(seq == numbers[i] && deletes == 0);
        qi_manifest_deletes_name(name, numbers[i], numbers[4 - i]);
        ck_assert(qi_manifest_parse_name(name, &seq, &deletes));
        ck_assert(seq == numbers[i] && deletes == numbers[4 - i]);
    }
    static const char *const bad[] = {"",
                                      "s",
                                      "s-",
                                      "s-.seg",
                                      "s-0.seg",
                                      "s-01.seg",
                                      "s-1.segx",
                                      "s-1.se",
                                      "s-+1.seg",
                                      "s-18446744073709551616.seg",
                                      "s-99999999999999999999999999999999999999999999999999.seg",
                                      "d-1.del",
                                      "d-1-.del",
                                      "d--1.del",
                                      "d-1-0.del",
                                      "d-0-1.del",
                                      "d-1-2.seg",
                                      "s-1-2.del",
                                      "S-1.seg",
                                      "MANIFEST",
                                      "q.lock",
                                      "s-1.seg~",
                                      "../s-1.seg",
                                      "d-1-2-3.del"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!qi_manifest_parse_name(bad[i], &seq, &deletes), "%s", bad[i]);
}
END_TEST

START_TEST(running_out_of_memory_is_reported_and_leaks_nothing)
{
    qi_manifest manifest = sample(), back;
    qi_buf buf = encoded(&manifest);
    quire_status status = QUIRE_ERR_MEMORY;
    for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
        qi_mem_fail(nth, false);
        status = decode(&back, &buf);
        qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
        ck_assert_uint_lt(nth, 100);
    }
    qi_manifest_free(&back);
    qi_manifest_free(&manifest);
    qi_buf_free(&buf);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.manifest");
    TCase *t = tcase_create("manifest");
    tcase_add_test(t, a_manifest_survives_its_bytes);
    tcase_add_test(t, every_changed_bit_is_noticed);
    tcase_add_test(t, every_cut_and_extension_is_noticed);
    tcase_add_test(t, damage_under_a_matching_checksum_does_no_harm);
    tcase_add_test(t, a_newer_format_is_told_apart_from_damage);
    tcase_add_test(t, entries_that_contradict_themselves_are_corrupt);
    tcase_add_test(t, generations_follow_one_another);
    tcase_add_test(t, an_entry_is_found_by_its_number);
    tcase_add_test(t, names_of_files_are_parsed_strictly);
    tcase_add_test(t, running_out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return s;
}
