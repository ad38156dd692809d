/* SPDX-License-Identifier: MIT
 * phrases.h - phrases that are asked for, and the lists of their terms in two ways: as word
 * numbers, and as documents, frequencies and positions per document. What goes wrong ends the
 * program. */
#ifndef QUIRE_BENCH_PHRASES_H
#define QUIRE_BENCH_PHRASES_H

#include "rows.h"
#include "texts.h"

enum { WORDS = 16 }; /* of the longest phrase */

typedef struct list {
    uint32_t df, cf;
    row words;
    row docs, ends;   /* ends: for each document, occurrences up to its end, less one */
    row positions;    /* for each occurrence, words between it and the one before in the document */
    uint64_t *bitmap; /* in place of docs: a bit a document; NULL: none */
    uint32_t *ranks;  /* documents before each word of the bitmap */
} list;

/* All lists of a text that phrases need. */
typedef struct bank {
    uint32_t *starts; /* of documents; one more, past all */
    uint32_t docs, terms;
    list *lists;             /* by term; cf 0: not asked for */
    uint32_t *begins, *ones; /* room for starts of the phrase, and positions, in one document */
} bank;

typedef struct phrase {
    unsigned count;
    const list *lists[WORDS];
    unsigned by_cf[WORDS], by_df[WORDS]; /* words, rarest first */
} phrase;

typedef QI_VEC(phrase) phrases;

/* Read the queries of the tag "phrase" whose words all occur in `from`, and make their lists. The
 * phrases point into the bank. */
void bank_open(bank *out, phrases *asked, const texts *from, const char *queries);

void bank_close(bank *of);

#endif
