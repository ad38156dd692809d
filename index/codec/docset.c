/* SPDX-License-Identifier: MIT
 * The words are decoded to the machine's order, so that a set can be combined word by word; the
 * members are counted as they change, so that the count is free. */
#include "codec/docset.h"

#include <assert.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

static const char SECTION[] = "deleted";

quire_status qi_docset_init(qi_docset *set, uint32_t docs, quire_error *err)
{
    *set = (qi_docset){.docs = docs};
    size_t words = qi_docset_words(docs);
    set->words = qi_mem_new(words == 0 ? 1 : words, sizeof *set->words);
    return set->words == NULL ? qi_no_memory(err) : QUIRE_OK;
}

quire_status qi_docset_copy(qi_docset *out, const qi_docset *set, quire_error *err)
{
    QI_TRY(qi_docset_init(out, set->docs, err));
    memcpy(out->words, set->words, qi_docset_words(set->docs) * sizeof *set->words);
    out->count = set->count;
    return QUIRE_OK;
}

bool qi_docset_add(qi_docset *set, uint32_t doc)
{
    assert(doc < set->docs);
    if (qi_docset_has(set, doc))
        return false;
    set->words[doc / 64] |= UINT64_C(1) << doc % 64;
    set->count++;
    return true;
}

void qi_docset_encode(const qi_docset *set, qi_buf *out)
{
    qi_buf_u32(out, set->docs);
    qi_buf_u32(out, set->count);
    for (size_t i = 0; i < qi_docset_words(set->docs); i++)
        qi_buf_u64(out, set->words[i]);
}

static quire_status read_words(qi_docset *set, qi_view *in, uint32_t count, const char *file,
                               quire_error *err)
{
    size_t words = qi_docset_words(set->docs);
    for (size_t i = 0; i < words; i++) {
        set->words[i] = qi_view_u64(in);
        set->count += qi_popcount(set->words[i]);
    }
    if (set->count != count)
        return qi_corrupt(err, file, SECTION, 4, "S-2: %u members, but %u bits are set", count,
                          set->count);
    if (set->docs % 64 != 0 && set->words[words - 1] >> set->docs % 64 != 0)
        return qi_corrupt(err, file, SECTION, 8 * words, "S-3: a member is not a document");
    return QUIRE_OK;
}

quire_status qi_docset_decode(qi_docset *out, qi_view *in, uint32_t docs, const char *file,
                              quire_error *err)
{
    *out = (qi_docset){0};
    uint32_t told = qi_view_u32(in), count = qi_view_u32(in);
    if (in->overrun || told != docs)
        return qi_corrupt(err, file, SECTION, 0, "S-1: %u documents, where the segment has %u",
                          told, docs);
    if (qi_view_left(in) / 8 < qi_docset_words(docs))
        return qi_corrupt(err, file, SECTION, 8, "S-1: the bitmap of %u documents is cut short",
                          docs);
    QI_TRY(qi_docset_init(out, docs, err));
    quire_status status = read_words(out, in, count, file, err);
    if (status != QUIRE_OK)
        qi_docset_free(out);
    return status;
}

void qi_docset_free(qi_docset *set)
{
    qi_mem_free(set->words);
    *set = (qi_docset){0};
}
