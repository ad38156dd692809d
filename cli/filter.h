/* SPDX-License-Identifier: MIT
 * filter.h - a command that turns a file into a form that can be read. */
#ifndef QUIRE_CLI_FILTER_H
#define QUIRE_CLI_FILTER_H

#include "read.h"

#include <sys/types.h>

/* A --filter: "EXT=COMMAND", or "EXT:FORM=COMMAND" where FORM says what the command writes (text).
 */
typedef struct filter {
    char ending[32];
    read_form form;
    const char *command; /* part of the option's text */
} filter;

bool filter_parse(const char *text, filter *out);

/* The filter whose ending `path` has, or NULL. */
const filter *filter_for(const filter *filters, size_t count, const char *path);

/* Run the command by the shell with `input` as its standard input. Returns the descriptor of its
 * output, or -1 with errno set. End it with filter_end, which returns false if the command failed.
 */
int filter_start(const filter *f, int input, pid_t *child);
bool filter_end(int output, pid_t child, char why[READ_WHY]);

#endif
