/* SPDX-License-Identifier: MIT
 * support/temp.h - a folder for one test, below $TMPDIR or /tmp. */
#ifndef SUPPORT_TEMP_H
#define SUPPORT_TEMP_H

#include <stddef.h>

/* Make a new folder and give its path. */
void temp_folder(char *path, size_t room);

/* Remove the folder and everything in it. */
void temp_remove(const char *path);

#endif
