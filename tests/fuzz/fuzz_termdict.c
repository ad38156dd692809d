/* SPDX-License-Identifier: MIT
 * Any bytes as a dictionary: a walk over it either fails as damage or yields increasing terms, as
 * many as it says it has, and every one of them is found again or the look-up reports damage. */
#include <stdlib.h>
#include <string.h>

#include "codec/termdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fact)
{
    if (!fact)
        abort();
}

/* Both ways to the term that the walk found. */
static void find_again(const qi_termdict *dict, const qi_termdict_iter *iter)
{
    uint64_t ordinal;
    qi_term_info info;
    quire_status s = qi_termdict_find(dict, iter->term, iter->len, &ordinal, &info, NULL);
    check(s == QUIRE_OK && info.df == iter->info.df && ordinal == iter->ordinal);
    qi_termdict_iter again;
    check(qi_termdict_at(&again, dict, iter->ordinal, NULL) && again.len == iter->len);
}

static bool walk(const qi_termdict *dict)
{
    qi_termdict_iter iter;
    uint8_t last[QI_TERM_MAX];
    size_t last_len = 0;
    uint64_t count = 0;
    bool more = qi_termdict_seek(&iter, dict, NULL, 0, NULL);
    for (; more; more = qi_termdict_next(&iter), count++) {
        check(iter.ordinal == count && iter.len <= QI_TERM_MAX);
        int order = memcmp(last, iter.term, iter.len < last_len ? iter.len : last_len);
        check(count == 0 || order < 0 || (order == 0 && last_len < iter.len));
        memcpy(last, iter.term, iter.len);
        last_len = iter.len;
    }
    check(iter.status == QUIRE_ERR_CORRUPT || count == dict->term_count);
    return iter.status == QUIRE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    qi_termdict dict;
    if (qi_termdict_open(&dict, data, size, "f", NULL) != QUIRE_OK)
        return 0;
    bool sound = walk(&dict);
    qi_termdict_iter iter;
    for (bool more = qi_termdict_seek(&iter, &dict, NULL, 0, NULL); more;
         more = qi_termdict_next(&iter)) {
        uint64_t ordinal;
        qi_term_info info;
        if (sound && iter.ordinal < 300)
            find_again(&dict, &iter);
        else if (iter.ordinal < 300)
            (void)qi_termdict_find(&dict, iter.term, iter.len, &ordinal, &info, NULL);
    }
    return 0;
}
