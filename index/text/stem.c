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
        return qi_fail(err, QUIRE_ERR_MISUSE, "there is no stemmer for '%s'", language);
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

void qi_stem_free(qi_stemmer *stemmer)
{
    sb_stemmer_delete(stemmer);
}
