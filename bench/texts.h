/* SPDX-License-Identifier: MIT
 * texts.h - the words of real texts in memory, for programs that measure codes.
 *
 * Words are runs of ASCII letters and digits and of longer characters, ASCII in lower case, stemmed
 * by Porter. Title and text of a document are one field; a hole follows each document. What goes
 * wrong ends the program. */
#ifndef QUIRE_BENCH_TEXTS_H
#define QUIRE_BENCH_TEXTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/vec.h"

#define TEXTS_HOLE UINT32_MAX

/* Exclusive. */
typedef struct texts {
    QI_VEC(uint32_t) terms;  /* the term of each word number, or TEXTS_HOLE */
    QI_VEC(uint32_t) starts; /* each document's first word number */
    qi_map forms, stems;     /* to terms */
    struct sb_stemmer *stemmer;
    uint64_t bytes; /* of text */
} texts;

/* Read JSON lines with "title" and "text". */
void texts_read(texts *to, const char *path);

/* The terms of at most `room` words of `text`, in order; how many words it has. A word that no
 * document has becomes TEXTS_HOLE. */
unsigned texts_find(const texts *from, const char *text, uint32_t *terms, unsigned room);

void texts_free(texts *to);

/* Zeroed room on the heap, the caller's to free(). */
void *texts_room(size_t count, size_t size);

/* Say on one line of the standard error what is wrong, and end the program. */
_Noreturn void texts_stop(const char *program, const char *what);

#endif
