/* SPDX-License-Identifier: MIT
 * text/stop.h - words so common that a field may leave them out. Any thread. */
#ifndef QI_TEXT_STOP_H
#define QI_TEXT_STOP_H

#include "quire.h"

/* The stop words of a language, folded, each between two spaces: " a an and "; "" where there is no
 * list. "porter" has those of English. */
const char *qi_stop_words(const char *language);

/* Whether a list holds a folded word. */
bool qi_stop_has(const char *words, quire_str word);

#endif
