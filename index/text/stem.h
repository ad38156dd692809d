/* SPDX-License-Identifier: MIT
 * text/stem.h - Snowball's stemmers. */
#ifndef QI_TEXT_STEM_H
#define QI_TEXT_STEM_H

#include "quire.h"

/* Exclusive. */
typedef struct sb_stemmer qi_stemmer;

/* The i-th language that has a stemmer, "arabic" first, or NULL past the last. Any thread. */
const char *qi_stem_language(size_t i);

/* Whether a language may be asked for: one that has a stemmer, "none" or "". Any thread. */
bool qi_stem_known(const char *language);

/* The stemmer of a language; NULL for "none" and "". Errors: MISUSE (unknown), MEMORY. */
quire_status qi_stem_new(qi_stemmer **out, const char *language, quire_error *err);

/* Stem a folded word, valid UTF-8 of at most a few hundred bytes; the result is lent until the next
 * call. A NULL stemmer gives the word back. Errors: MEMORY. */
quire_status qi_stem_word(qi_stemmer *stemmer, quire_str word, quire_str *out, quire_error *err);

/* Porter's program differs from his paper, which Snowball's "porter" follows, in three points:
 * words of one or two letters stay, -bli loses to -ble whatever is before it, and -logi to -log.
 * The word that Snowball's has to be given for the result of the program; in `room`, of word.len
 * bytes, if it is not `word`. Any thread. */
quire_str qi_stem_porter_word(quire_str word, char *room);

void qi_stem_free(qi_stemmer *stemmer);

#endif
