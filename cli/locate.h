/* SPDX-License-Identifier: MIT
 * locate.h - which index a command means, and the names that files have in it. */
#ifndef QUIRE_CLI_LOCATE_H
#define QUIRE_CLI_LOCATE_H

#include "options.h"

/* The folder of the index: --index, else $QUIRE_INDEX, else .quire here or in the nearest folder
 * above. If there is none and `create`, ".quire"; else one line is printed and false returned. */
bool locate_index(const settings *s, bool create, bytes *out);

/* Open the index the command means. Returns 0, or prints a line and returns the exit code. */
int locate_open(const settings *s, quire_index **out, bytes *where);

/* The folder that holds the index in folder `index`, which need not exist yet, absolute, with '/'
 * at its end. Empty if there is no such folder. */
void locate_base(const char *index, bytes *out);

/* The name that a file has in an index held by the folder `base`: relative to it if the file is
 * below it, else absolute. `path` is an absolute path without links. Bytes that are not UTF-8
 * become %XX, and a name of more than 255 bytes is cut and ended by a hash of the whole. */
void locate_name(const char *base, const char *path, bytes *out);

#endif
