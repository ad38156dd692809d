/* SPDX-License-Identifier: MIT
 * codec/docset.h - a set of documents of one segment, as a bitmap: those that were deleted.
 *
 *   | u32 documents of the segment | u32 members | u64 words, bit d % 64 of word d / 64 is document
 * d |
 *
 * S-1: the count of documents is the segment's.  S-2: the count of members is the number of bits
 * set.  S-3: no bit at or past the count of documents is set. Exclusive while it changes; any
 * thread may read. */
#ifndef QI_CODEC_DOCSET_H
#define QI_CODEC_DOCSET_H

#include "base/buf.h"
#include "base/error.h"
#include "base/view.h"

typedef struct qi_docset {
    uint64_t *words; /* qi_docset_words of them; owned */
    uint32_t docs;   /* members are below it */
    uint32_t count;  /* members */
} qi_docset;

static inline size_t qi_docset_words(uint32_t docs)
{
    return (size_t)docs / 64 + (docs % 64 != 0);
}

/* An empty set; MEMORY. Release with qi_docset_free. */
quire_status qi_docset_init(qi_docset *set, uint32_t docs, quire_error *err);

quire_status qi_docset_copy(qi_docset *out, const qi_docset *set, quire_error *err);

/* Add a document below `docs`. False if it was a member already. */
bool qi_docset_add(qi_docset *set, uint32_t doc);

static inline bool qi_docset_has(const qi_docset *set, uint32_t doc)
{
    return (set->words[doc / 64] >> doc % 64 & 1) != 0;
}

void qi_docset_encode(const qi_docset *set, qi_buf *out);

/* Read a set of a segment of `docs` documents. CORRUPT, naming `file`; MEMORY. */
quire_status qi_docset_decode(qi_docset *out, qi_view *in, uint32_t docs, const char *file,
                              quire_error *err);

void qi_docset_free(qi_docset *set);

#endif
