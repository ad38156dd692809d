/* SPDX-License-Identifier: MIT
 * Decoding and lines: any cut into pieces gives the same, invalid bytes are replaced and counted.
 */
#include "source.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *suite(void);

#define BAD "\xEF\xBF\xBD"

static const struct {
    const char *encoding, *in;
    size_t in_len;
    const char *out;
    uint64_t invalid;
} cases[] = {
    {NULL, "caf\xC3\xA9", 5, "caf\xC3\xA9", 0},
    {NULL, "", 0, "", 0},
    {NULL, "\xEF\xBB\xBFhi", 5, "hi", 0},
    {NULL, "a\xFFz", 3, "a" BAD "z", 1},
    {NULL, "\xE2\x82", 2, BAD, 2},
    {NULL, "\xE2\x82z", 3, BAD "z", 2},
    {NULL, "\xC0\xAF", 2, BAD BAD, 2},
    {NULL, "\xED\xA0\x80", 3, BAD BAD BAD, 3},
    {NULL, "\xF4\x90\x80\x80", 4, BAD BAD BAD BAD, 4},
    {NULL, "\xF0\x9F\x98\x80!", 5, "\xF0\x9F\x98\x80!", 0},
    {NULL,
     "\xFF\xFE"
     "h\0\xE9\0",
     6, "h\xC3\xA9", 0},
    {NULL, "\xFE\xFF\0h\0i", 6, "hi", 0},
    {NULL, "\xFF\xFE\0\0h\0\0\0", 8, "h", 0},
    {NULL,
     "\xFF\xFE"
     "h\0\x00\xD8"
     "i\0",
     8, "h" BAD "i", 2},
    {"ISO-8859-1", "caf\xE9", 4, "caf\xC3\xA9", 0},
    {"windows-1251", "\xCC\xEE\xF1", 3, "\xD0\x9C\xD0\xBE\xD1\x81", 0},
    {"UTF-16LE", "\xFF\xFEh\0", 4, "h", 0},
};

START_TEST(text_in_any_encoding_becomes_utf8_however_it_is_cut)
{
    size_t len = cases[_i].in_len;
    for (size_t cut = 0; cut <= len; cut++) {
        decoder d = {.encoding = cases[_i].encoding};
        bytes out = {0};
        decode_piece(&d, (quire_str){cases[_i].in, cut}, false, &out);
        decode_piece(&d, (quire_str){cases[_i].in + cut, len - cut}, true, &out);
        ck_assert_str_eq(bytes_cstr(&out), cases[_i].out);
        ck_assert_uint_eq(d.invalid_bytes, cases[_i].invalid);
        bytes_free(&out);
        decode_free(&d);
    }
}
END_TEST

static int file_of(const char *text, size_t len)
{
    char name[] = "/tmp/quire-test-XXXXXX";
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    unlink(name);
    ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

START_TEST(lines_come_without_their_ends_and_with_their_numbers)
{
    static const char *const expected[] = {"one", "", "three", "last"};
    source s = {.fd = file_of("one\n\r\nthree\r\nlast", 17)};
    quire_str line;
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(source_line(&s, 100, &line), SOURCE_LINE);
        ck_assert(str_equal(line, expected[i]));
        ck_assert_uint_eq(s.line, i + 1);
    }
    ck_assert_int_eq(source_line(&s, 100, &line), SOURCE_END);
    close(s.fd);
    source_free(&s);
}
END_TEST

START_TEST(a_line_over_the_limit_is_skipped_in_bounded_memory)
{
    size_t len = 3 << 20;
    char *text = malloc(len);
    memset(text, 'x', len);
    memcpy(text, "a\n", 2);
    memcpy(text + len - 3, "\nz\n", 3);
    source s = {.fd = file_of(text, len)};
    quire_str line;
    ck_assert_int_eq(source_line(&s, 1000, &line), SOURCE_LINE);
    ck_assert_int_eq(source_line(&s, 1000, &line), SOURCE_LONG);
    ck_assert_uint_lt(s.text.cap, 1 << 20);
    ck_assert_int_eq(source_line(&s, 1000, &line), SOURCE_LINE);
    ck_assert(str_equal(line, "z"));
    ck_assert_uint_eq(s.line, 3);
    ck_assert_int_eq(source_line(&s, 1000, &line), SOURCE_END);
    close(s.fd);
    source_free(&s);
    free(text);
}
END_TEST

START_TEST(reading_a_folder_is_an_error_that_names_errno)
{
    source s = {.fd = open("/", O_RDONLY)};
    quire_str text;
    ck_assert_int_eq(source_rest(&s, 1000, &text), SOURCE_ERROR);
    ck_assert_int_ne(s.os_error, 0);
    close(s.fd);
    source_free(&s);
}
END_TEST

Suite *suite(void)
{
    Suite *s = suite_create("cli.decode");
    TCase *t = tcase_create("decode");
    tcase_add_loop_test(t, text_in_any_encoding_becomes_utf8_however_it_is_cut, 0,
                        sizeof cases / sizeof *cases);
    tcase_add_test(t, lines_come_without_their_ends_and_with_their_numbers);
    tcase_add_test(t, a_line_over_the_limit_is_skipped_in_bounded_memory);
    tcase_add_test(t, reading_a_folder_is_an_error_that_names_errno);
    suite_add_tcase(s, t);
    return s;
}
