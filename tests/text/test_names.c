/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "support/roll.h"
#include "text/names.h"

enum { WORDS = 3000 };

/* A word as the analyzer would look for it. */
typedef struct word {
    char bytes[QI_NAMES_BYTES], key[QI_NAMES_KEY];
    uint8_t len, space;
} word;

static word words[WORDS];

static uint32_t hash_of(const char *key, quire_str raw, uint8_t space)
{
    ck_assert_mem_eq(key, raw.ptr, raw.len < QI_NAMES_KEY ? raw.len : QI_NAMES_KEY);
    return (uint32_t)qi_hash(raw.ptr, raw.len) + space;
}

static qi_names_word view(const word *w)
{
    quire_str raw = {w->bytes, w->len};
    return (qi_names_word){w->key, raw, hash_of(w->key, raw, w->space), w->space};
}

/* Words that differ early, late, or only in length or space. */
static void make_words(void)
{
    for (int i = 0; i < WORDS; i++) {
        word *w = &words[i];
        char text[QI_NAMES_BYTES + 8];
        int zeros = i % 3 == 0 ? 0 : i % 3 == 1 ? 13 : 19;
        snprintf(text, sizeof text, "%.*s%04x", zeros, "0000000000000000000", i / 2);
        *w = (word){.len = (uint8_t)strlen(text), .space = (uint8_t)(i % 2)};
        memcpy(w->bytes, text, w->len);
        memcpy(w->key, text, w->len < QI_NAMES_KEY ? w->len : QI_NAMES_KEY);
    }
}

static uint32_t find(qi_names *names, int i)
{
    qi_names_word w = view(&words[i]);
    return qi_names_find(names, &w);
}

static void add(qi_names *names, int i)
{
    qi_names_word w = view(&words[i]);
    qi_names_add(names, &w, (uint32_t)i);
}

START_TEST(a_word_has_its_own_name_or_none)
{
    qi_names names = {0};
    uint32_t found = 0;
    roll_seed();
    make_words();
    qi_names_enlarge(&names, 256, hash_of);
    for (int round = 0; round < 100000; round++) {
        int i = (int)roll(roll(2) == 0 ? 200 : WORDS);
        uint32_t name = find(&names, i);
        ck_assert(name == 0 || name == (uint32_t)i + 1);
        found += name != 0;
        if (name == 0)
            add(&names, i);
        ck_assert_uint_eq(find(&names, i), (uint32_t)i + 1);
    }
    ck_assert_uint_gt(found, 30000);
    qi_names_free(&names);
}
END_TEST

START_TEST(what_is_known_stays_known_in_more_room)
{
    qi_names names = {0};
    static bool known[WORDS];
    make_words();
    qi_names_enlarge(&names, 1, hash_of);
    for (size_t pairs = 2; pairs <= 1024; pairs *= 2) {
        for (int i = 0; i < WORDS; i++)
            if (find(&names, i) == 0)
                add(&names, i);
        for (int i = 0; i < WORDS; i++)
            known[i] = find(&names, i) != 0;
        qi_names_enlarge(&names, pairs, hash_of);
        for (int i = 0; i < WORDS; i++)
            ck_assert(known[i] == (find(&names, i) != 0));
    }
    qi_names_forget(&names);
    for (int i = 0; i < WORDS; i++)
        ck_assert_uint_eq(find(&names, i), 0);
    qi_names_free(&names);
}
END_TEST

START_TEST(words_that_come_once_drive_out_each_other_only)
{
    qi_names names = {0};
    make_words();
    qi_names_enlarge(&names, 1, hash_of);
    add(&names, 0);
    add(&names, 1);
    ck_assert_uint_eq(find(&names, 1), 2); /* met again */
    for (int i = 2; i < WORDS; i++) {
        add(&names, i);
        ck_assert_uint_eq(names.slots[0].name, 2);
        ck_assert_uint_eq(names.slots[1].name, (uint32_t)i + 1);
    }
    qi_names_free(&names);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("text.names");
    TCase *t = tcase_create("names");
    tcase_add_test(t, a_word_has_its_own_name_or_none);
    tcase_add_test(t, what_is_known_stays_known_in_more_room);
    tcase_add_test(t, words_that_come_once_drive_out_each_other_only);
    suite_add_tcase(s, t);
    return s;
}
