/* SPDX-License-Identifier: MIT
 * The oracle for folding is utf8proc's mapper of whole strings, and Unicode's own tables. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "support/corpus.h"
#include "support/roll.h"
#include "text/unicode.h"

/* Well-formed UTF-8, byte by byte as in table 3-7 of the Unicode standard. */
static unsigned well_formed(const uint8_t *p, size_t left)
{
    static const uint8_t rows[][5] = {
        {0x00, 0x7F, 1, 0, 0},       {0xC2, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF},
        {0xE1, 0xEC, 3, 0x80, 0xBF}, {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
        {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *row = rows[i];
        if (p[0] < row[0] || p[0] > row[1])
            continue;
        bool good = row[2] <= left && (row[2] == 1 || (p[1] >= row[3] && p[1] <= row[4]));
        for (unsigned j = 2; good && j < row[2]; j++)
            good = p[j] >= 0x80 && p[j] <= 0xBF;
        return good ? row[2] : 0;
    }
    return 0;
}

START_TEST(only_well_formed_bytes_are_characters_and_others_are_counted)
{
    static const uint8_t leads[] = {0x41, 0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xE2, 0xED,
                                    0xEF, 0xF0, 0xF3, 0xF4, 0xF5, 0xFF, 0x9F, 0xA0};
    roll_seed();
    for (int i = 0; i < 200000; i++) {
        uint8_t text[24];
        size_t len = roll(sizeof text + 1), invalid = 0;
        for (size_t j = 0; j < len; j++)
            text[j] = roll(3) == 0 ? (uint8_t)roll(256) : leads[roll(sizeof leads)];
        for (size_t at = 0; at < len;) {
            uint32_t c;
            unsigned got = qi_unicode_decode(text + at, text + len, &c);
            unsigned expected = well_formed(text + at, len - at);
            if (got != (expected == 0 ? 1 : expected) || (expected == 0 && c != QI_UNICODE_BAD))
                ck_abort_msg("%u bytes of %02X %02X, not %u", got, text[at], text[at + 1],
                             expected);
            invalid += expected == 0;
            at += got;
        }
        if (qi_unicode_invalid((quire_str){(const char *)text, len}) != invalid)
            ck_abort_msg("invalid bytes of text %d", i);
    }
}
END_TEST

START_TEST(every_character_is_read_as_it_was_written)
{
    for (utf8proc_int32_t c = 0; c < 0x110000; c++) {
        uint8_t bytes[4];
        uint32_t got;
        utf8proc_ssize_t len = utf8proc_encode_char(c, bytes);
        unsigned read = qi_unicode_decode(bytes, bytes + len, &got);
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (surrogate ? got != QI_UNICODE_BAD || read != 1 : got != (uint32_t)c || read != len)
            ck_abort_msg("U+%04X", (unsigned)c);
    }
}
END_TEST

static const char *fold(qi_buf *buf, quire_str text)
{
    buf->len = 0;
    bool all = qi_unicode_fold(buf, text, SIZE_MAX, false);
    qi_buf_u8(buf, 0);
    if (!all || buf->failed)
        ck_abort_msg("folding failed");
    return (const char *)buf->bytes;
}

/* Read "0041 0308 ..." as UTF-8, up to ';' or '#'. */
static size_t read_characters(const char **at, char *out)
{
    size_t len = 0;
    const char *p = *at;
    while (*p != ';' && *p != '#' && *p != '\n' && *p != '\0') {
        char *after;
        long c = strtol(p, &after, 16);
        if (after == p)
            break;
        len += (size_t)utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)out + len);
        p = after + strspn(after, " ");
    }
    out[len] = '\0';
    *at = *p == ';' ? p + 1 : p;
    return len;
}

/* Note what the characters of a line fold to. */
static void read_mapping(char **expected, const char *line)
{
    char *after;
    unsigned long first = strtoul(line, &after, 16), last = first;
    if (strncmp(after, "..", 2) == 0)
        last = strtoul(after + 2, &after, 16);
    const char *name = after + strspn(after, " ;");
    if (strncmp(name, "NFKC_CF;", 8) != 0)
        return;
    const char *at = name + 8 + strspn(name + 8, " ");
    char mapped[256];
    read_characters(&at, mapped);
    for (unsigned long c = first; c <= last; c++)
        expected[c] = strdup(mapped);
}

START_TEST(every_character_folds_as_the_unicode_table_says)
{
    FILE *file = corpus_open("/usr/share/unicode/DerivedNormalizationProps.txt");
    if (file == NULL)
        return;
    char **expected = calloc(0x110000, sizeof *expected), line[1024];
    qi_buf buf = {0};
    while (fgets(line, sizeof line, file) != NULL)
        read_mapping(expected, line);
    fclose(file);
    size_t mapped = 0;
    for (utf8proc_int32_t c = 0; c < 0x110000; c++) {
        char text[5] = "";
        size_t len = (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)text);
        bool unassigned = utf8proc_category(c) == UTF8PROC_CATEGORY_CN || c == 0;
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        const char *wanted = expected[c] != NULL ? expected[c] : text;
        const char *got = surrogate || unassigned ? wanted : fold(&buf, (quire_str){text, len});
        if (strcmp(got, wanted) != 0)
            ck_abort_msg("U+%04X folds to '%s', not '%s'", (unsigned)c, got, wanted);
        mapped += expected[c] != NULL;
        free(expected[c]);
    }
    ck_assert_uint_gt(mapped, 10000);
    free(expected);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(spellings_that_unicode_holds_equal_fold_alike)
{
    FILE *file = popen("bzip2 -dc /usr/share/unicode/NormalizationTest.txt.bz2 2>/dev/null", "r");
    char line[2048], column[5][256];
    size_t lines = 0;
    qi_buf a = {0}, b = {0};
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        /* U+0345 is a mark that folds to a letter, so its place among marks would have to be put in
         * order before folding; Unicode leaves that to the caller. */
        if (line[0] == '#' || line[0] == '@' || strstr(line, "0345") != NULL)
            continue;
        const char *at = line;
        for (int i = 0; i < 5; i++)
            read_characters(&at, column[i]);
        lines++;
        for (int i = 1; i < 5; i++)
            if (strcmp(fold(&a, quire_cstr(column[0])), fold(&b, quire_cstr(column[i]))) != 0)
                ck_abort_msg("column %d of %s", i + 1, line);
    }
    if (file != NULL)
        pclose(file);
    printf(lines != 0 ? "NormalizationTest: %zu lines\n" : "skipped: no NormalizationTest%.0zu\n",
           lines);
    ck_assert(lines == 0 || lines > 18000);
    qi_buf_free(&a);
    qi_buf_free(&b);
}
END_TEST

static size_t random_text(char *text, size_t max)
{
    static const uint32_t bases[] = {0x0,    0x300,   0x400,  0x600,  0x900,  0xAC00,
                                     0x1100, 0x1E00,  0x1F00, 0x3040, 0x30A0, 0xFF00,
                                     0xFB00, 0x1D400, 0x4E00, 0x3130};
    size_t len = 0, marks = 0;
    while (len + 4 < max && roll(2000) != 0) {
        utf8proc_int32_t c = (utf8proc_int32_t)(bases[roll(16)] + roll(256));
        utf8proc_category_t category = utf8proc_category(c);
        marks =
            category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME ? marks + 1 : 0;
        if (marks < 20 && c != 0 && utf8proc_codepoint_valid(c))
            len += (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)text + len);
    }
    return len;
}

START_TEST(folding_in_stretches_equals_folding_at_once)
{
    const utf8proc_option_t options =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
    static char text[8192];
    qi_buf buf = {0};
    roll_seed();
    for (int i = 0; i < 1500; i++) {
        size_t len = random_text(text, sizeof text);
        utf8proc_uint8_t *expected = NULL;
        ck_assert_int_ge(
            utf8proc_map((utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &expected, options), 0);
        const char *got = fold(&buf, (quire_str){text, len});
        if (strcmp(got, (char *)expected) != 0)
            ck_abort_msg("text %d: '%.*s'", i, (int)len, text);
        free(expected);
    }
    qi_buf_free(&buf);
}
END_TEST

START_TEST(folded_text_is_cut_on_a_character)
{
    static char text[4096];
    qi_buf whole = {0}, cut = {0};
    roll_seed();
    for (int i = 0; i < 2000; i++) {
        size_t len = random_text(text, sizeof text), max = roll(300);
        fold(&whole, (quire_str){text, len});
        cut.len = 0;
        bool all = qi_unicode_fold(&cut, (quire_str){text, len}, max, false);
        ck_assert_int_eq(all, whole.len - 1 <= max);
        ck_assert_uint_le(cut.len, max);
        ck_assert(all || max - cut.len < 4);
        ck_assert(cut.len == 0 || memcmp(cut.bytes, whole.bytes, cut.len) == 0);
        ck_assert_uint_eq(qi_unicode_invalid((quire_str){(char *)cut.bytes, cut.len}), 0);
        size_t place = qi_unicode_cut((quire_str){text, len}, max);
        ck_assert(place == len || (place <= max && max - place < 4));
        ck_assert_uint_eq(qi_unicode_invalid((quire_str){text, place}), 0);
    }
    qi_buf_free(&whole);
    qi_buf_free(&cut);
}
END_TEST

static const char *const plain[][2] = {
    {"café naïve façade über año", "cafe naive facade uber ano"},
    {"øre łódź đak straße ærø œuvre", "ore lodz dak strasse aero oeuvre"},
    {"ħal ŧiŋ ðanþ ırk ƒ ɓ ø̃", "hal tin danth irk f b o"},
    {"ǽ ǿ ệ ǚ ẫ", "ae o e u a"},
    {"Ἀθῆναι άέήίόύώ ΐ", "αθηναι αεηιουω ι"},
    {"ёлка йод їжак ўсе за́мок ѝ", "елка йод їжак ўсе замок и"},
    {"أَحْمَد إلى آخر ٱل كـتاب", "احمد الى اخر ال كتاب"},
    {"בְּרֵאשִׁית", "בראשית"},
    {"がぎぐ パン हिन्दी ไทย 한국", "がぎぐ パン हिन्दी ไทย 한국"},
};

START_TEST(diacritics_go_and_letters_stay)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        qi_buf folded = {0}, stripped = {0};
        fold(&folded, quire_cstr(plain[i][0]));
        qi_unicode_strip(&stripped, (quire_str){(char *)folded.bytes, folded.len});
        ck_assert_str_eq((char *)stripped.bytes, plain[i][1]);
        qi_buf_free(&folded);
        qi_buf_free(&stripped);
    }
}
END_TEST

START_TEST(stripping_never_lengthens_and_is_done_once)
{
    static char text[2048];
    qi_buf folded = {0}, once = {0}, twice = {0};
    roll_seed();
    for (int i = 0; i < 2000; i++) {
        fold(&folded, (quire_str){text, random_text(text, sizeof text)});
        once.len = twice.len = 0;
        qi_unicode_strip(&once, (quire_str){(char *)folded.bytes, folded.len});
        qi_unicode_strip(&twice, (quire_str){(char *)once.bytes, once.len});
        ck_assert_uint_le(once.len, folded.len);
        ck_assert_uint_eq(once.len, twice.len);
        ck_assert_mem_eq(once.bytes, twice.bytes, once.len);
    }
    qi_buf_free(&folded);
    qi_buf_free(&once);
    qi_buf_free(&twice);
}
END_TEST

START_TEST(no_character_is_longer_without_its_diacritics)
{
    qi_buf buf = {0};
    for (utf8proc_int32_t c = 0; c < 0x110000; c++) {
        utf8proc_uint8_t bytes[4];
        size_t len = (size_t)utf8proc_encode_char(c, bytes);
        buf.len = 0;
        qi_unicode_strip(&buf, (quire_str){(char *)bytes, len});
        if (buf.len > len || (c < 0xC0 && buf.len != len))
            ck_abort_msg("U+%04X", (unsigned)c);
    }
    qi_buf_free(&buf);
}
END_TEST

START_TEST(in_turkish_the_capital_of_dotless_i_is_i)
{
    qi_buf buf = {0};
    ck_assert(qi_unicode_fold(&buf, quire_cstr("IRMAK İZMİR"), SIZE_MAX, true));
    qi_buf_u8(&buf, 0);
    ck_assert_str_eq((char *)buf.bytes, "ırmak izmir");
    qi_buf_free(&buf);
}
END_TEST

START_TEST(out_of_memory_is_remembered_by_the_buffer)
{
    for (int i = 0; i < 2; i++) {
        qi_buf buf = {0};
        qi_mem_fail(1, true);
        if (i == 0)
            qi_unicode_fold(&buf, quire_cstr("É"), SIZE_MAX, false);
        else
            qi_unicode_strip(&buf, quire_cstr("é"));
        qi_mem_fail(0, false);
        ck_assert(buf.failed);
        qi_buf_free(&buf);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("text.unicode");
    TCase *t = tcase_create("unicode");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, only_well_formed_bytes_are_characters_and_others_are_counted);
    tcase_add_test(t, every_character_is_read_as_it_was_written);
    tcase_add_test(t, every_character_folds_as_the_unicode_table_says);
    tcase_add_test(t, spellings_that_unicode_holds_equal_fold_alike);
    tcase_add_test(t, folding_in_stretches_equals_folding_at_once);
    tcase_add_test(t, folded_text_is_cut_on_a_character);
    tcase_add_test(t, diacritics_go_and_letters_stay);
    tcase_add_test(t, stripping_never_lengthens_and_is_done_once);
    tcase_add_test(t, no_character_is_longer_without_its_diacritics);
    tcase_add_test(t, in_turkish_the_capital_of_dotless_i_is_i);
    tcase_add_test(t, out_of_memory_is_remembered_by_the_buffer);
    suite_add_tcase(s, t);
    return s;
}
