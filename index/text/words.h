/* SPDX-License-Identifier: MIT
 * text/words.h - the word boundaries of UAX #29. */
#ifndef QI_TEXT_WORDS_H
#define QI_TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quire.h"

/* Value. Where a walk through a text stands. */
typedef struct qi_words {
    const uint8_t *text;
    size_t len, at;
    uint64_t invalid; /* bytes passed that are not UTF-8 */
    /* The 64 bytes before `window`, if it is not 0: which are letters, digits or low lines, and
     * which are not ASCII. */
    size_t window;
    uint64_t runs, longs;
} qi_words;

/* What lies between two boundaries. */
typedef struct qi_word {
    size_t start, end;
    bool word;      /* holds a letter or digit */
    bool ideograph; /* holds a Han, kana or Hangul character */
} qi_word;

qi_words qi_words_of(quire_str text);

/* The next segment, whatever it holds; false at the end of the text. */
bool qi_words_segment(qi_words *words, qi_word *out);

/* The next segment that holds a letter or digit; false at the end of the text. */
bool qi_words_next(qi_words *words, qi_word *out);

/* The next segments that hold a letter or digit, up to `max` of them, as long as they are found
 * quickly: if there are fewer, qi_words_next knows whether more follow. */
size_t qi_words_some(qi_words *words, qi_word *out, size_t max);

/* Within a segment that holds ideographs, the next ideograph with the marks that belong to it (or
 * Hangul syllable in any spelling), or the next run of letters and digits between them. `at` is
 * where to go on; false at `end`. */
bool qi_words_split(const uint8_t *text, size_t *at, size_t end, qi_word *out);

/* Of the table of boundaries: "15.0.0". */
const char *qi_words_version(void);

#endif
