/* SPDX-License-Identifier: MIT
 * message.h - what goes to standard error, and the exit codes. */
#ifndef QUIRE_CLI_MESSAGE_H
#define QUIRE_CLI_MESSAGE_H

#include "quire.h"

enum {
    EXIT_FOUND = 0,
    EXIT_NONE = 1,
    EXIT_FAULT = 2,
    EXIT_PARTIAL = 3,
    EXIT_BUSY = 4,
    EXIT_DAMAGED = 5,
    EXIT_INTERRUPTED = 130
};

/* "quire: " and the line. Returns EXIT_FAULT. */
int message_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, returning nothing: notes and warnings. */
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A failure of the library on the index `where`: its message and what to do about it. Returns the
 * exit code for it. */
int message_status(const char *where, const quire_error *err);

/* Flush standard output; a reader that has gone is no fault, anything else is. Returns `code`, or
 * EXIT_FAULT after a message. */
int message_finish(int code);

#endif
