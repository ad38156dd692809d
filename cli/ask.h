/* SPDX-License-Identifier: MIT
 * ask.h - queries as the options say. */
#ifndef QUIRE_CLI_ASK_H
#define QUIRE_CLI_ASK_H

#include "options.h"

/* Parse `text` as --strict, --any, --all, --in and --language say, within --after and --before.
 * Notes are printed unless --quiet or --json. Returns 0, or prints a line and returns the exit
 * code. */
int ask_parse(const settings *s, const quire_index *index, quire_str text, quire_query **out);

/* The words of `text`, any of which may match, without any syntax: each a word of `field` (NULL:
 * the searched fields). *out is NULL if there are none. Errors: those of the library. */
quire_status ask_words(const quire_index *index, const char *field, quire_str text,
                       quire_query **out, quire_error *err);

/* Options of a search: --timeout, --k1, --b, and SIGINT. */
void ask_options(const settings *s, const quire_snapshot *snapshot, quire_search_options *out);

#endif
