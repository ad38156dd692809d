/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "base/error.h"
#include "support/corpus.h"
#include "text/stem.h"

static quire_error err;

static qi_stemmer *stemmer_of(const char *language)
{
    qi_stemmer *stemmer;
    ck_assert_int_eq(qi_stem_new(&stemmer, language, &err), QUIRE_OK);
    return stemmer;
}

/* Stem each line of a vocabulary; how many differ from the expected output. */
static size_t count_differing(qi_stemmer *stemmer, FILE *words, FILE *stems, size_t *lines)
{
    char word[1024], expected[1024];
    size_t differing = 0;
    while (fgets(word, sizeof word, words) != NULL &&
           fgets(expected, sizeof expected, stems) != NULL) {
        quire_str stem;
        size_t len = strcspn(expected, "\n");
        if (qi_stem_word(stemmer, (quire_str){word, strcspn(word, "\n")}, &stem, &err) != QUIRE_OK)
            ck_abort_msg("%s", err.message);
        differing += stem.len != len || memcmp(stem.ptr, expected, len) != 0;
        ++*lines;
    }
    return differing;
}

/* The vocabularies are of May 2026, between releases 3.0.1 and 3.1.0, so that the algorithms of
 * each release differ from them in some lines: these, and no other number of lines. */
enum { RELEASES = 3 };

static const struct {
    const char *language;
    size_t lines[RELEASES]; /* in 2.2, in 3.0, from 3.1 on */
} differences[] = {
    {"dutch", {20897, 0, 0}},    {"english", {57, 18, 0}},      {"finnish", {0, 0, 103}},
    {"french", {840, 0, 0}},     {"german", {1247, 0, 0}},      {"greek", {1, 0, 0}},
    {"italian", {1, 0, 0}},      {"lithuanian", {160, 160, 0}}, {"norwegian", {136, 0, 0}},
    {"romanian", {13304, 0, 0}}, {"spanish", {9, 0, 0}},        {"swedish", {553, 0, 0}},
    {"turkish", {9204, 0, 0}},   {"yiddish", {1, 0, 0}},
};

/* libstemmer does not tell its version: its languages do. */
static unsigned release(void)
{
    return qi_stem_known("sesotho") ? 2 : qi_stem_known("dutch_porter") ? 1 : 0;
}

static size_t expected_difference(const char *language)
{
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (strcmp(differences[i].language, language) == 0)
            return differences[i].lines[release()];
    return 0;
}

static void check_vocabulary(const char *language, const char *folder, size_t expected)
{
    char path[256];
    size_t lines = 0;
    snprintf(path, sizeof path, "snowball-data/%s/voc.txt", folder);
    FILE *words = corpus_open(path);
    if (words == NULL)
        return;
    snprintf(path, sizeof path, "snowball-data/%s/output.txt", folder);
    FILE *stems = corpus_open(path);
    ck_assert_ptr_nonnull(stems);
    qi_stemmer *stemmer = stemmer_of(language);
    size_t differing = count_differing(stemmer, words, stems, &lines);
    printf("%s: %zu lines of %s, %zu differ%s\n", language, lines, folder, differing,
           differing != 0 ? ": another release of the algorithm" : "");
    ck_assert_uint_gt(lines, 1000);
    ck_assert_msg(differing == 0 || differing == expected, "%s: %zu lines differ, not %zu",
                  language, differing, expected);
    qi_stem_free(stemmer);
    fclose(words);
    fclose(stems);
}

START_TEST(every_word_of_the_vocabularies_is_stemmed_as_snowball_says)
{
    const char *language;
    for (size_t i = 0; (language = qi_stem_language(i)) != NULL; i++)
        check_vocabulary(language, language, expected_difference(language));
    if (release() == 0)
        check_vocabulary("dutch", "dutch_porter", 0);
}
END_TEST

START_TEST(every_listed_language_has_a_stemmer)
{
    size_t count = 0;
    for (; qi_stem_language(count) != NULL; count++) {
        ck_assert(qi_stem_known(qi_stem_language(count)));
        qi_stem_free(stemmer_of(qi_stem_language(count)));
    }
    ck_assert_uint_gt(count, 25);
}
END_TEST

START_TEST(no_language_leaves_words_alone)
{
    ck_assert_ptr_null(stemmer_of(""));
    ck_assert_ptr_null(stemmer_of("none"));
    quire_str stem;
    ck_assert_int_eq(qi_stem_word(NULL, quire_cstr("words"), &stem, &err), QUIRE_OK);
    ck_assert_mem_eq(stem.ptr, "words", stem.len);
}
END_TEST

START_TEST(an_unknown_language_is_misuse_and_named)
{
    qi_stemmer *stemmer;
    ck_assert_int_eq(qi_stem_new(&stemmer, "klingon", &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(stemmer);
    ck_assert_ptr_nonnull(strstr(err.message, "'klingon'"));
    ck_assert(!qi_stem_known("English"));
}
END_TEST

START_TEST(the_three_departures_of_porters_program_are_kept)
{
    static const char *const expected[][2] = {
        {"possibly", "possible"},
        {"assemblies", "assemble"},
        {"technology", "technolog"},
        {"technologies", "technolog"},
        {"geology", "geology"},
        {"fly", "fly"},
        {"bly", "bly"},
        {"apology", "apolog"},
        {"wobbly", "wobble"},
        {"relational", "relational"},
        {"ably", "ably"},
        {"syzygybly", "syzygyble"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        char room[32];
        quire_str word = qi_stem_porter_word(quire_cstr(expected[i][0]), room);
        ck_assert_uint_eq(word.len, strlen(expected[i][1]));
        ck_assert_mem_eq(word.ptr, expected[i][1], word.len);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("text.stem");
    TCase *t = tcase_create("stem");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, every_word_of_the_vocabularies_is_stemmed_as_snowball_says);
    tcase_add_test(t, every_listed_language_has_a_stemmer);
    tcase_add_test(t, no_language_leaves_words_alone);
    tcase_add_test(t, an_unknown_language_is_misuse_and_named);
    tcase_add_test(t, the_three_departures_of_porters_program_are_kept);
    suite_add_tcase(s, t);
    return s;
}
