/* SPDX-License-Identifier: MIT
 * search/slop.h - what it is for words to stand near each other as in a phrase. Pure; any thread.
 *
 * Word i of a phrase is wanted `offset` words behind the phrase's start; where it stands at `at`,
 * it was moved so that the phrase would start at at - offset. A match chooses one place for each
 * word, no place twice; its width is the largest start minus the smallest: 0 if the words stand
 * exactly as in the phrase, 1 if another word is in between, 2 if two neighbours are swapped. A
 * phrase with slop n matches where there is a match of width <= n. Each place of the phrase's first
 * word that takes part in one counts 1 / (1 + width of its narrowest match): these are added up, in
 * their order, as the phrase's frequency. */
#ifndef QI_SEARCH_SLOP_H
#define QI_SEARCH_SLOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/query.h"

#define QI_SLOP_NONE UINT32_MAX

typedef struct qi_slop_word {
    const uint32_t *at; /* where it stands, increasing */
    uint32_t count;
    uint32_t offset; /* increasing from word to word */
    uint32_t same;   /* the last word before it, but for the first one, that is the same; or
                        QI_SLOP_NONE */
    uint32_t term;   /* the first word of the phrase that is the same, perhaps itself */
} qi_slop_word;

/* Set offset, same and term of each word of a phrase. */
void qi_slop_relate(qi_slop_word *out, const qi_word *words, uint32_t count);

/* The width of the narrowest match in which the first word stands at words[0].at[i]; QI_SLOP_NONE
 * if it is over `slop`. `chosen` (NULL: not wanted) gets the place of each word of that match. */
uint32_t qi_slop_width(const qi_slop_word *words, uint32_t count, uint32_t slop, uint32_t i,
                       uint32_t *chosen);

#endif
