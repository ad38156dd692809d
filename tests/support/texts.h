/* SPDX-License-Identifier: MIT
 * support/texts.h - the words of real texts, as numbers for a naive index.
 *
 * Words are runs of letters and digits without regard to case; the bytes of other alphabets are
 * letters. A word that comes first has the smaller number. */
#ifndef SUPPORT_TEXTS_H
#define SUPPORT_TEXTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/map.h"
#include "base/vec.h"

/* Words [from, from + count) of a text. */
typedef struct texts_slice {
    uint32_t from, count;
} texts_slice;

/* A document of two texts. */
typedef struct texts_doc {
    texts_slice title, body;
} texts_doc;

/* Exclusive. Zero is empty, but for the map; see texts_init. */
typedef struct texts {
    QI_VEC(uint32_t) words;
    QI_VEC(texts_doc) docs; /* of texts_read_lines */
    qi_map numbers;         /* of words */
} texts;

void texts_init(texts *to);

/* Forget everything read, numbers of words as well. */
void texts_clear(texts *to);

/* Add the words of a whole file. Aborts if memory runs out, as does the next one. */
void texts_read_file(texts *to, FILE *in);

/* Add documents from `count` lines of a file of JSON objects with "title" and "text", from its
 * present place on, and from its start again when it ends; an object that has no text is left out.
 * The line that the place is in the middle of is passed over. */
void texts_read_lines(texts *to, FILE *in, uint32_t count);

void texts_free(texts *to);

#endif
