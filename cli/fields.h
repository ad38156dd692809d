/* SPDX-License-Identifier: MIT
 * fields.h - the schema that the command line gives a new index. */
#ifndef QUIRE_CLI_FIELDS_H
#define QUIRE_CLI_FIELDS_H

#include "options.h"

/* Fields that the command line fills in itself. */
#define FIELD_PATH "path"   /* keyword: the file, as locate.h names it */
#define FIELD_MTIME "mtime" /* number: when it was changed, nanoseconds since 1970 */
#define FIELD_SIZE "size"   /* number: its bytes */
#define FIELD_META "meta"   /* text, stored only: JSON of values that have no field */

/* The schema that the options ask for: id, title, body, author, date, url, path, mtime, size, meta,
 * and those of --field. Returns 0, or prints a line and returns the exit code. */
int fields_schema(const settings *s, quire_schema **out);

/* Is an option given that only a new index heeds? Returns its name, or NULL. */
const char *fields_creation_option(const settings *s);

/* Do the two have the same fields? Then NULL, else the name of one that differs. */
const char *fields_difference(const quire_schema *a, const quire_schema *b);

/* The analyser that --language, --stop-words, --keep-diacritics and --keep-possessive describe.
 * False after a message if the language's name is too long. */
bool fields_analyzer(const settings *s, quire_analyzer *out);

/* The field of that name, or NULL. */
const quire_field *fields_named(const quire_schema *schema, const char *name);

/* Say that the index at `where` has no field of that name, and which it has. Returns the exit
 * code. */
int fields_none(const quire_schema *schema, const char *where, const char *name);

#endif
