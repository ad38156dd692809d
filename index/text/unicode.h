/* SPDX-License-Identifier: MIT
 * text/unicode.h - characters of untrusted UTF-8, and what Unicode says about folding them. Any
 * thread. */
#ifndef QI_TEXT_UNICODE_H
#define QI_TEXT_UNICODE_H

#include "base/buf.h"
#include "quire.h"

enum { QI_UNICODE_BAD = 0xFFFD }; /* U+FFFD, which stands for a byte that is not UTF-8 */

/* The character of two bytes or more at `p`, or QI_UNICODE_BAD and 1. For qi_unicode_decode. */
unsigned qi_unicode_decode_long(const uint8_t *p, const uint8_t *end, uint32_t *out);

/* The character at `p` < `end`, and its length. A byte that is not part of a well-formed character
 * reads as QI_UNICODE_BAD with length 1 (a real U+FFFD has length 3). */
static inline unsigned qi_unicode_decode(const uint8_t *p, const uint8_t *end, uint32_t *out)
{
    if (*p < 0x80) {
        *out = *p;
        return 1;
    }
    if (*p < 0xC2 || *p > 0xDF || end - p < 2 || (p[1] & 0xC0) != 0x80)
        return qi_unicode_decode_long(p, end, out);
    *out = (uint32_t)(*p & 0x1F) << 6 | (p[1] & 0x3F);
    return 2;
}

/* The most bytes of `text`, at most `max`, that end with a whole character. */
size_t qi_unicode_cut(quire_str text, size_t max);

/* How many bytes of `text` are not UTF-8. */
uint64_t qi_unicode_invalid(quire_str text);

/* Append the NFKC case folding of `text` (Unicode's NFKC_Casefold: default ignorable characters
 * vanish), at most `max` bytes of it, on a character boundary. With `turkic`, I folds to dotless i.
 * Returns whether all of it found room; sets out->failed when out of memory. */
bool qi_unicode_fold(qi_buf *out, quire_str text, size_t max, bool turkic);

/* Append folded text without its diacritics; never longer. Goes: accents of Latin and Greek, also
 * those that Unicode does not decompose (o with stroke, ae, thorn...); stress and diaeresis of
 * Cyrillic, but й, ї, ў and their like are letters; points, harakat, tatweel and the hamza of alef.
 * Stays: what is a part of the word in other scripts, as the vowel signs of India and the voicing
 * of kana. Sets out->failed when out of memory. */
void qi_unicode_strip(qi_buf *out, quire_str folded);

/* Of the tables that fold: "15.0.0". */
const char *qi_unicode_version(void);

#endif
