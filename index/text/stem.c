/* SPDX-License-Identifier: MIT
 * The door to libstemmer, which takes memory of its own and carries no version for its algorithms:
 * terms of an index are those of the library that wrote it. */
#include "text/stem.h"

#include <libstemmer.h>
#include <limits.h>
#include <string.h>

#include "base/error.h"

const char *qi_stem_language(size_t i)
{
    const char **list = sb_stemmer_list();
    while (*list != NULL && i > 0) {
        list++;
        i--;
    }
    return *list;
}

static bool is_none(const char *language)
{
    return language[0] == '\0' || strcmp(language, "none") == 0;
}

bool qi_stem_known(const char *language)
{
    bool known = is_none(language);
    for (const char **list = sb_stemmer_list(); *list != NULL && !known; list++)
        known = strcmp(*list, language) == 0;
    return known;
}

quire_status qi_stem_new(qi_stemmer **out, const char *language, quire_error *err)
{
    *out = NULL;
    if (!qi_stem_known(language))
        return qi_fail(
            err, QUIRE_ERR_MISUSE,
            "there is no stemmer for '%.64s'; Snowball's are, with names like english, german "
            "or porter, and none is no stemming",
            language);
    if (is_none(language))
        return QUIRE_OK;
    *out = sb_stemmer_new(language, NULL);
    return *out == NULL ? qi_no_memory(err) : QUIRE_OK;
}

quire_status qi_stem_word(qi_stemmer *stemmer, quire_str word, quire_str *out, quire_error *err)
{
    *out = word;
    if (stemmer == NULL || word.len > INT_MAX)
        return QUIRE_OK;
    const sb_symbol *stem = sb_stemmer_stem(stemmer, (const sb_symbol *)word.ptr, (int)word.len);
    if (stem == NULL)
        return qi_no_memory(err);
    *out = (quire_str){(const char *)stem, (size_t)sb_stemmer_length(stemmer)};
    return QUIRE_OK;
}

static bool ends_with(quire_str word, const char *suffix)
{
    size_t len = strlen(suffix);
    return word.len >= len && memcmp(word.ptr + word.len - len, suffix, len) == 0;
}

/* Whether a consonant follows a vowel: what the paper calls a measure above 0. */
static bool is_measured(const char *stem, size_t len)
{
    bool consonant = false, vowel_seen = false;
    for (size_t i = 0; i < len; i++) {
        bool vowel = stem[i] == 'y' ? i > 0 && consonant : memchr("aeiou", stem[i], 5) != NULL;
        if (vowel_seen && !vowel)
            return true;
        vowel_seen = vowel_seen || vowel;
        consonant = !vowel;
    }
    return false;
}

quire_str qi_stem_porter_word(quire_str word, char *room)
{
    static const char rules[][2][7] = {
        {"bly", "ble"},  {"blies", "ble"},  {"bli", "ble"},
        {"logy", "log"}, {"logies", "log"}, {"logi", "log"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        size_t stem = word.len - strlen(rules[i][0]), len = strlen(rules[i][1]);
        if (!ends_with(word, rules[i][0]) || !is_measured(word.ptr, stem))
            continue;
        memcpy(room, word.ptr, stem);
        memcpy(room + stem, rules[i][1], len);
        return (quire_str){room, stem + len};
    }
    return word;
}

void qi_stem_free(qi_stemmer *stemmer)
{
    sb_stemmer_delete(stemmer);
}
