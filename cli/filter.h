/* SPDX-License-Identifier: MIT
 * filter.h - a command that turns a file into a form that can be read. */
#ifndef QUIRE_CLI_FILTER_H
#define QUIRE_CLI_FILTER_H

#include "read.h"

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

/* Run the command by the shell with `input` as its standard input, and wait for its end. Returns a
 * descriptor of all that it wrote, at its start, or -1 and says why: it could not be started, or
 * failed. */
int filter_run(const filter *f, int input, char why[READ_WHY]);

#endif
