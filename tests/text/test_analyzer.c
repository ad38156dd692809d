/* SPDX-License-Identifier: MIT */
#include "text/analyzer.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "support/corpus.h"
#include "support/roll.h"
#include "text/stem.h"
#include "text/stop.h"
#include "text/unicode.h"

static quire_error err;

static qi_analyzer *analyzer_of(const char *language)
{
    quire_analyzer options = {.stop_words = false};
    qi_analyzer *a;
    snprintf(options.language, sizeof options.language, "%s", language);
    ck_assert_int_eq(qi_analyzer_new(&a, &options, &err), QUIRE_OK);
    return a;
}

static qi_analyzer *analyzer_with(quire_analyzer options)
{
    qi_analyzer *a;
    ck_assert_int_eq(qi_analyzer_new(&a, &options, &err), QUIRE_OK);
    return a;
}

static void start(qi_analyzer *a, const char *text)
{
    ck_assert_int_eq(qi_analyzer_start(a, quire_cstr(text), &err), QUIRE_OK);
}

/* The terms of a text with a space between them; "-" for a stop word. */
static const char *terms(qi_analyzer *a, const char *text)
{
    static char line[4096];
    qi_token token;
    size_t len = 0;
    line[0] = '\0';
    start(a, text);
    while (qi_analyzer_next(a, true, &token, &err) == QUIRE_OK) {
        quire_str term = token.term.len != 0 ? token.term : quire_cstr("-");
        len += (size_t)snprintf(line + len, sizeof line - len, "%s%.*s", len != 0 ? " " : "",
                                (int)term.len, term.ptr);
    }
    return line;
}

START_TEST(words_are_folded_and_stemmed)
{
    static const char *const expected[][3] = {
        {"english", "The Cafés' running e-mails, 3.14 U.S.A. foo_bar ___ 🎉 --",
         "the cafe run e mail 3.14 u.s.a foo_bar"},
        {"none", "Ｆｕｌｌ Straße ﬁne co\u00ADop ΣΊΣΥΦΟΣ", "full strasse fine coop σισυφοσ"},
        {"", "Łódź Ærøskøbing þing Ħal", "lodz aeroskobing thing hal"},
        {"german", "Häuser Straßen größer Bücher", "haus strass gross buch"},
        {"french", "élèves chevaux généraux", "elev cheval general"},
        {"russian", "Ёлки майские йогурты", "елк майск йогурт"},
        {"finnish", "talossani pöydällä", "talo poyda"},
        {"turkish", "IRMAKLARIMIZDAN İstanbul", "irmak istanbul"},
        {"porter", "possibly technologies us as tv's", "possibl technolog us as tv"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        qi_analyzer *a = analyzer_of(expected[i][0]);
        ck_assert_str_eq(terms(a, expected[i][1]), expected[i][2]);
        qi_analyzer_free(a);
    }
}
END_TEST

START_TEST(a_token_knows_its_place)
{
    qi_analyzer *a = analyzer_of("english");
    qi_token token;
    start(a, "  Élan's, “dogs”");
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.start, 2);
    ck_assert_uint_eq(token.end, 9);
    ck_assert_uint_eq(token.position, 0);
    ck_assert_mem_eq(token.exact.ptr, "elan", token.exact.len);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.start, 14);
    ck_assert_uint_eq(token.end, 18);
    ck_assert_uint_eq(token.position, 1);
    ck_assert_uint_eq(token.exact.len, 4);
    ck_assert_uint_eq(token.term.len, 3);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_DONE);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_DONE);
    qi_analyzer_free(a);
}
END_TEST

START_TEST(the_possessive_goes_in_every_spelling_unless_kept)
{
    qi_analyzer *a = analyzer_of("");
    ck_assert_str_eq(terms(a, "Quire's Quire’s QUIRE＇S dogs' it's s x's's"),
                     "quire quire quire dogs it s x's");
    qi_analyzer_free(a);
    a = analyzer_with((quire_analyzer){.keep_possessive = true});
    ck_assert_str_eq(terms(a, "Quire's dogs'"), "quire's dogs");
    qi_analyzer_free(a);
}
END_TEST

START_TEST(diacritics_stay_where_they_are_kept)
{
    qi_analyzer *a = analyzer_with((quire_analyzer){.language = "french", .keep_diacritics = true});
    ck_assert_str_eq(terms(a, "Élèves où ø"), "élev où ø");
    qi_analyzer_free(a);
}
END_TEST

START_TEST(stop_words_of_english_are_lucenes_33)
{
    static const char classic[] =
        "a an and are as at be but by for if in into is it no not of on or such"
        " that the their then there these they this to was will with";
    qi_analyzer *a = analyzer_with((quire_analyzer){.language = "porter", .stop_words = true});
    size_t count = 0;
    for (const char *p = qi_stop_words("english") + 1; (p = strchr(p, ' ')) != NULL; p++)
        count++;
    ck_assert_uint_eq(count, 33);
    for (const char *p = terms(a, classic); *p != '\0'; p++)
        ck_assert(*p == '-' || *p == ' ');
    ck_assert_str_eq(terms(a, "The dog's THAT you own's"), "- dog - you own");
    ck_assert_str_eq(terms(a, "the's"), "-");
    qi_analyzer_free(a);
}
END_TEST

START_TEST(stop_words_keep_their_position)
{
    qi_analyzer *a = analyzer_with((quire_analyzer){.language = "english", .stop_words = true});
    qi_token token;
    start(a, "The ship of the line");
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.position, 1);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.position, 4);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_DONE);
    start(a, "The ship");
    ck_assert_int_eq(qi_analyzer_next(a, true, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.term.len, 0);
    ck_assert_uint_eq(token.exact.len, 3);
    ck_assert_uint_eq(token.position, 0);
    qi_analyzer_free(a);
}
END_TEST

START_TEST(every_stop_word_is_written_as_it_arrives)
{
    for (size_t i = 0; qi_stem_language(i) != NULL; i++) {
        const char *language = qi_stem_language(i);
        quire_analyzer options = {.stop_words = true};
        snprintf(options.language, sizeof options.language, "%s", language);
        qi_analyzer *a = analyzer_with(options);
        const char *left = terms(a, qi_stop_words(language));
        if (strspn(left, "- ") != strlen(left))
            ck_abort_msg("%s: %s", language, left);
        qi_analyzer_free(a);
    }
}
END_TEST

START_TEST(each_ideograph_is_a_token_and_positions_follow)
{
    qi_analyzer *a = analyzer_of("english");
    ck_assert_str_eq(terms(a, "東京タワーへ行く abc한국어2語 ﾊﾟﾝ カ_a 3国"),
                     "東 京 タ ワ ー へ 行 く abc 한 국 어 2 語 パ ン カ _a 3 国");
    qi_token token;
    start(a, "東a京");
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
        ck_assert_uint_eq(token.position, i);
        ck_assert_int_eq(token.ideograph, i != 1);
    }
    qi_analyzer_free(a);
}
END_TEST

START_TEST(decomposed_kana_and_hangul_equal_composed)
{
    qi_analyzer *a = analyzer_of("");
    ck_assert_str_eq(terms(a, "\u304B\u3099\u30CF\u309A"), "が パ");
    ck_assert_str_eq(terms(a, "\u1112\u1161\u11AB\u1100\u116E\u11A8"), "한 국");
    qi_analyzer_free(a);
}
END_TEST

START_TEST(long_words_are_cut_on_a_character_and_counted)
{
    qi_analyzer *a = analyzer_of("");
    char text[4001];
    qi_token token;
    for (size_t i = 0; i < 2000; i++)
        memcpy(text + 2 * i, "\xD0\xB6", 3);
    start(a, text);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.end, 4000);
    ck_assert_uint_eq(token.term.len, 254);
    ck_assert_uint_eq(qi_analyzer_long_tokens(a), 1);
    text[254] = '\0';
    start(a, text);
    ck_assert_int_eq(qi_analyzer_next(a, false, &token, &err), QUIRE_OK);
    ck_assert_uint_eq(token.term.len, 254);
    ck_assert_uint_eq(qi_analyzer_long_tokens(a), 1);
    qi_analyzer_free(a);
}
END_TEST

START_TEST(nul_and_invalid_bytes_part_words_and_are_counted)
{
    qi_analyzer *a = analyzer_of("");
    qi_token token;
    ck_assert_int_eq(qi_analyzer_start(a,
                                       (quire_str){"ab\0cd\xFF"
                                                   "ef\xC3 \xE2\x80",
                                                   12},
                                       &err),
                     QUIRE_OK);
    uint32_t count = 0;
    for (; qi_analyzer_next(a, false, &token, &err) == QUIRE_OK; count++)
        ck_assert_uint_eq(token.term.len, 2);
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(qi_analyzer_invalid_bytes(a), 4);
    qi_analyzer_free(a);
}
END_TEST

START_TEST(a_whole_value_is_one_folded_token)
{
    qi_analyzer *a = analyzer_with((quire_analyzer){.language = "english", .whole = true});
    ck_assert_str_eq(terms(a, "New  York's Cafés \xFF"), "new  york's cafes \uFFFD");
    ck_assert_uint_eq(qi_analyzer_invalid_bytes(a), 1);
    ck_assert_str_eq(terms(a, ""), "");
    qi_analyzer_free(a);
}
END_TEST

START_TEST(a_value_of_any_length_is_folded)
{
    qi_analyzer *a = analyzer_of("english");
    char *text = malloc(300001);
    for (size_t i = 0; i < 100000; i++)
        memcpy(text + 3 * i, "\xC3\x89X", 4);
    quire_str folded;
    ck_assert_int_eq(qi_analyzer_fold(a, (quire_str){text, 300000}, &folded, &err), QUIRE_OK);
    ck_assert_uint_eq(folded.len, 200000);
    ck_assert_mem_eq(folded.ptr + 199996, "exex", 4);
    ck_assert_int_eq(qi_analyzer_fold(a, quire_cstr("Pre-FIX"), &folded, &err), QUIRE_OK);
    ck_assert_mem_eq(folded.ptr, "pre-fix", 7);
    free(text);
    qi_analyzer_free(a);
}
END_TEST

START_TEST(steps_say_what_was_done_to_the_last_token)
{
    static const char *const expected[][3] = {
        {"english", "Cafés",
         "fold: Cafés -> cafés; diacritics: cafés -> cafes; stem: cafes -> cafe"},
        {"english", "Dog’s", "fold: Dog’s -> dog’s; possessive: dog’s -> dog"},
        {"german", "Häuser", "fold: Häuser -> häuser; stem: häuser -> haus"},
        {"french", "Élève", "fold: Élève -> élève; stem: élève -> élev; diacritics: élev -> elev"},
        {"english", "dog", ""},
        {"english", "THE", "fold: THE -> the; stop word: the -> "},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        quire_analyzer options = {.stop_words = true};
        snprintf(options.language, sizeof options.language, "%s", expected[i][0]);
        qi_analyzer *a = analyzer_with(options);
        qi_token token;
        qi_buf steps = {0};
        start(a, expected[i][1]);
        ck_assert_int_eq(qi_analyzer_next(a, true, &token, &err), QUIRE_OK);
        qi_analyzer_steps(a, &steps);
        ck_assert(!steps.failed);
        ck_assert_str_eq((char *)steps.bytes, expected[i][2]);
        qi_buf_free(&steps);
        qi_analyzer_free(a);
    }
}
END_TEST

START_TEST(bad_languages_and_lengths_are_refused)
{
    quire_analyzer options = {.language = "latin"};
    qi_analyzer *a;
    ck_assert_int_eq(qi_analyzer_new(&a, &options, &err), QUIRE_ERR_MISUSE);
    ck_assert_ptr_null(a);
    memset(options.language, 'x', sizeof options.language);
    ck_assert_int_eq(qi_analyzer_new(&a, &options, &err), QUIRE_ERR_MISUSE);
    a = analyzer_of("");
    ck_assert_int_eq(qi_analyzer_start(a, (quire_str){"", (size_t)INT32_MAX + 1}, &err),
                     QUIRE_ERR_LIMIT);
    qi_analyzer_free(a);
    qi_analyzer_free(NULL);
}
END_TEST

static void check_token(const qi_token *token, const qi_token *before, size_t len)
{
    bool first = before->end == 0;
    bool ordered = token->start >= before->end && token->end > token->start && token->end <= len;
    bool counted = first || token->position > before->position;
    bool sized =
        token->exact.len != 0 && token->exact.len <= QI_TERM_MAX && token->term.len <= QI_TERM_MAX;
    if (!ordered || !counted || !sized ||
        qi_unicode_invalid(token->term) + qi_unicode_invalid(token->exact))
        ck_abort_msg("token at %zu to %zu of %zu", token->start, token->end, len);
}

static size_t random_text(char *text, size_t len)
{
    static const char *const pieces[] = {" ",  "a",  "Zs",     "'s ",    "é",      "\u0301", "漢",
                                         "ァ", "각", "\u1161", "\xFF",   "\u200D", "Ω",      "ß",
                                         "İ",  "0.", "_",      "\u00AD", "ـ",      "ﷺ"};
    size_t at = 0;
    while (at + 8 < len) {
        const char *piece = pieces[roll(sizeof pieces / sizeof *pieces)];
        if (roll(4) == 0)
            text[at++] = (char)roll(256);
        else
            at += (size_t)snprintf(text + at, 8, "%s", piece);
    }
    return at;
}

START_TEST(tokens_of_random_bytes_are_in_order_and_well_formed)
{
    static char text[2000];
    roll_seed();
    for (size_t i = 0; qi_stem_language(i) != NULL; i++) {
        qi_analyzer *a = analyzer_of(qi_stem_language(i));
        for (int n = 0; n < 40; n++) {
            size_t len = random_text(text, sizeof text);
            qi_token token, before = {0};
            ck_assert_int_eq(qi_analyzer_start(a, (quire_str){text, len}, &err), QUIRE_OK);
            while (qi_analyzer_next(a, roll(2), &token, &err) == QUIRE_OK) {
                check_token(&token, &before, len);
                before = token;
            }
        }
        qi_analyzer_free(a);
    }
}
END_TEST

/* Names for tokens: numbers of the different pairs of term and exact form, per space. */
typedef struct naming {
    qi_map numbers;
    char keys[1 << 16][64];
    uint8_t space;
} naming;

static void key_of(const naming *n, const qi_token *token, char key[64])
{
    snprintf(key, 64, "%d:%.*s:%.*s", n->space, (int)(token->term.len < 24 ? token->term.len : 24),
             token->term.len == 0 ? "" : token->term.ptr,
             (int)(token->exact.len < 24 ? token->exact.len : 24), token->exact.ptr);
}

static uint32_t number_of(naming *n, const qi_token *token)
{
    char key[64];
    key_of(n, token, key);
    const uint32_t *known = qi_map_get(&n->numbers, key, strlen(key));
    uint32_t number = known != NULL ? *known : (uint32_t)n->numbers.count;
    if (known == NULL) {
        ck_assert_uint_lt(number, 1 << 16);
        memcpy(n->keys[number], key, sizeof key);
        ck_assert(qi_map_put(&n->numbers, key, strlen(key), number));
    }
    return number;
}

static quire_status give_names(void *host, const qi_token *tokens, size_t count, uint32_t *out,
                               quire_error *e)
{
    (void)e;
    ck_assert_uint_le(count, QI_NAMES);
    for (size_t i = 0; i < count; i++)
        out[i] = number_of(host, &tokens[i]);
    return QUIRE_OK;
}

/* Compare the names that an analyzer gives with what a new one makes of the text. */
static void check_names(qi_analyzer *seasoned, const char *language, quire_str text)
{
    static naming n;
    qi_analyzer *fresh = analyzer_of(language);
    qi_token_name names[QI_NAMES];
    qi_token token;
    if (roll(8) == 0 || n.numbers.count > 50000) { /* all at once, as for an index that is new */
        qi_analyzer_forget(seasoned);
        qi_map_free(&n.numbers);
        qi_map_init(&n.numbers);
    }
    n.space = (uint8_t)roll(3);
    qi_token_namer namer = {give_names, &n, n.space};
    ck_assert_int_eq(qi_analyzer_start(fresh, text, &err), QUIRE_OK);
    ck_assert_int_eq(qi_analyzer_start(seasoned, text, &err), QUIRE_OK);
    for (size_t count = 1; count != 0;) {
        ck_assert_int_eq(qi_analyzer_names(seasoned, &namer, names, &count, &err), QUIRE_OK);
        for (size_t i = 0; i < count; i++) {
            char key[64];
            ck_assert_int_eq(qi_analyzer_next(fresh, true, &token, &err), QUIRE_OK);
            key_of(&n, &token, key);
            ck_assert_str_eq(n.keys[names[i].name], key);
            ck_assert_uint_eq(names[i].position, token.position);
        }
    }
    ck_assert_int_eq(qi_analyzer_next(fresh, true, &token, &err), QUIRE_DONE);
    qi_analyzer_free(fresh);
}

/* Compare what an analyzer that has seen much text makes of it with what new ones do. */
static void check_cache(qi_analyzer *seasoned, const char *language, quire_str text)
{
    qi_analyzer *fresh = analyzer_of(language);
    ck_assert_int_eq(qi_analyzer_start(fresh, text, &err), QUIRE_OK);
    ck_assert_int_eq(qi_analyzer_start(seasoned, text, &err), QUIRE_OK);
    qi_token a, b;
    quire_status status;
    do {
        status = qi_analyzer_next(fresh, true, &a, &err);
        if (qi_analyzer_next(seasoned, true, &b, &err) != status)
            ck_abort_msg("they end apart");
        if (status != QUIRE_OK)
            break;
        bool same = a.term.len == b.term.len && a.exact.len == b.exact.len && a.start == b.start &&
                    a.end == b.end && a.position == b.position && a.ideograph == b.ideograph;
        if (!same || memcmp(a.term.ptr, b.term.ptr, a.term.len) != 0 ||
            memcmp(a.exact.ptr, b.exact.ptr, a.exact.len) != 0)
            ck_abort_msg("'%.*s' and '%.*s'", (int)a.term.len, a.term.ptr, (int)b.term.len,
                         b.term.ptr);
    } while (status == QUIRE_OK);
    qi_analyzer_free(fresh);
}

START_TEST(a_remembered_word_equals_one_made_anew)
{
    static char text[4000];
    roll_seed();
    for (size_t i = 0; qi_stem_language(i) != NULL; i += 3) {
        qi_analyzer *seasoned = analyzer_of(qi_stem_language(i));
        qi_analyzer_remember(seasoned, (size_t)8 << 20);
        for (int n = 0; n < 120; n++) {
            quire_str given = {text, random_text(text, sizeof text)};
            (n % 2 == 0 ? check_cache : check_names)(seasoned, qi_stem_language(i), given);
        }
        qi_analyzer_free(seasoned);
    }
}
END_TEST

START_TEST(an_analyzer_at_rest_is_as_new)
{
    static char text[40000];
    roll_seed();
    qi_analyzer *a = analyzer_of("english");
    for (int n = 0; n < 5; n++) {
        quire_str given = {text, random_text(text, sizeof text)};
        for (int again = 0; again < 3; again++)
            check_cache(a, "english", given);
        qi_analyzer_rest(a);
        ck_assert_uint_eq(qi_analyzer_invalid_bytes(a), 0);
        ck_assert_uint_eq(qi_analyzer_long_tokens(a), 0);
    }
    qi_analyzer_free(a);
}
END_TEST

START_TEST(hostile_texts_take_linear_time)
{
    static const char *const pieces[] = {"a",   "'",          "a'",       "\u0301", "\u200D",
                                         "漢",  "\U0001F1E6", "각\u0301", ".1",     "\xF4",
                                         "א\"", "_",          "ﷺ"};
    enum { LEN = 1 << 20 };
    char *text = malloc(LEN + 8);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t len = 0, piece = strlen(pieces[i]);
        for (; len < LEN; len += piece)
            memcpy(text + len, pieces[i], piece);
        qi_analyzer *a = analyzer_of("english");
        qi_token token, before = {0};
        ck_assert_int_eq(qi_analyzer_start(a, (quire_str){text, len}, &err), QUIRE_OK);
        while (qi_analyzer_next(a, true, &token, &err) == QUIRE_OK) {
            check_token(&token, &before, len);
            before = token;
        }
        qi_analyzer_free(a);
    }
    free(text);
}
END_TEST

static quire_status analyze_all(const char *text, size_t len)
{
    quire_analyzer options = {.language = "german", .stop_words = true};
    qi_analyzer *a;
    quire_status status = qi_analyzer_new(&a, &options, &err);
    if (status != QUIRE_OK)
        return status;
    qi_token token;
    quire_str folded;
    status = qi_analyzer_start(a, (quire_str){text, len}, &err);
    while (status == QUIRE_OK)
        status = qi_analyzer_next(a, false, &token, &err);
    if (status == QUIRE_DONE)
        status = qi_analyzer_fold(a, quire_cstr("Größe"), &folded, &err);
    qi_analyzer_free(a);
    return status;
}

START_TEST(every_failed_allocation_is_an_error_and_leaks_nothing)
{
    static char text[1 << 15];
    size_t failures = 0;
    roll_seed();
    size_t len = random_text(text, sizeof text);
    for (int sticky = 0; sticky < 2; sticky++) {
        quire_status status = QUIRE_ERR_MEMORY;
        for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
            qi_mem_fail(nth, sticky);
            status = analyze_all(text, len);
            qi_mem_fail(0, false);
            ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
            failures += status != QUIRE_OK;
        }
    }
    ck_assert_uint_gt(failures, 5);
}
END_TEST

START_TEST(sentences_of_ten_languages_hold_as_many_words_as_expected)
{
    FILE *file = corpus_open("ud-pud/docs.jsonl");
    static char line[1 << 16];
    qi_analyzer *a = analyzer_of("");
    size_t sentences = 0, words = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *text = strstr(line, "\"text\": \"");
        ck_assert_ptr_nonnull(text);
        qi_token token, before = {0};
        start(a, text + 9);
        while (qi_analyzer_next(a, false, &token, &err) == QUIRE_OK) {
            check_token(&token, &before, strlen(text + 9));
            before = token;
            words++;
        }
        sentences++;
    }
    ck_assert_uint_eq(qi_analyzer_invalid_bytes(a), 0);
    if (file != NULL)
        fclose(file);
    printf("ud-pud: %zu sentences, %zu words\n", sentences, words);
    ck_assert(sentences == 0 || (words / sentences > 15 && words / sentences < 30));
    qi_analyzer_free(a);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("text.analyzer");
    TCase *t = tcase_create("analyzer");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, words_are_folded_and_stemmed);
    tcase_add_test(t, a_token_knows_its_place);
    tcase_add_test(t, the_possessive_goes_in_every_spelling_unless_kept);
    tcase_add_test(t, diacritics_stay_where_they_are_kept);
    tcase_add_test(t, stop_words_of_english_are_lucenes_33);
    tcase_add_test(t, stop_words_keep_their_position);
    tcase_add_test(t, every_stop_word_is_written_as_it_arrives);
    tcase_add_test(t, each_ideograph_is_a_token_and_positions_follow);
    tcase_add_test(t, decomposed_kana_and_hangul_equal_composed);
    tcase_add_test(t, long_words_are_cut_on_a_character_and_counted);
    tcase_add_test(t, nul_and_invalid_bytes_part_words_and_are_counted);
    tcase_add_test(t, a_whole_value_is_one_folded_token);
    tcase_add_test(t, a_value_of_any_length_is_folded);
    tcase_add_test(t, steps_say_what_was_done_to_the_last_token);
    tcase_add_test(t, bad_languages_and_lengths_are_refused);
    tcase_add_test(t, tokens_of_random_bytes_are_in_order_and_well_formed);
    tcase_add_test(t, a_remembered_word_equals_one_made_anew);
    tcase_add_test(t, an_analyzer_at_rest_is_as_new);
    tcase_add_test(t, hostile_texts_take_linear_time);
    tcase_add_test(t, every_failed_allocation_is_an_error_and_leaks_nothing);
    tcase_add_test(t, sentences_of_ten_languages_hold_as_many_words_as_expected);
    suite_add_tcase(s, t);
    return s;
}
