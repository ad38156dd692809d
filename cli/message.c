/* SPDX-License-Identifier: MIT
 * Messages: one line each, "quire: what, where: what to do". The library says what happened; what
 * to do about it in the terms of this command is added here, by the status. */
#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void print(const char *format, va_list args)
{
    fflush(stdout);
    fputs("quire: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

int message_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(format, args);
    va_end(args);
    return EXIT_FAULT;
}

void message_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(format, args);
    va_end(args);
}

static const struct {
    quire_status status;
    int code;
    const char *advice;
} outcomes[] = {
    {QUIRE_ERR_MEMORY, EXIT_FAULT, "; free some memory or raise --max-memory"},
    {QUIRE_ERR_MISUSE, EXIT_FAULT, ""},
    {QUIRE_ERR_IO, EXIT_FAULT, ""},
    {QUIRE_ERR_CORRUPT, EXIT_DAMAGED, "; 'quire check' says more; index again, or restore a copy"},
    {QUIRE_ERR_FORMAT, EXIT_FAULT, ""},
    {QUIRE_ERR_NOT_FOUND, EXIT_FAULT, ""},
    {QUIRE_ERR_EXISTS, EXIT_FAULT, ""},
    {QUIRE_ERR_BUSY, EXIT_BUSY, "; try again when it is done, or use --wait 10s"},
    {QUIRE_ERR_SYNTAX, EXIT_FAULT, ""},
    {QUIRE_ERR_LIMIT, EXIT_FAULT, ""},
    {QUIRE_ERR_CANCELED, EXIT_INTERRUPTED, ""},
};

int message_status(const char *where, const quire_error *err)
{
    const char *advice = "";
    int code = EXIT_FAULT;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (outcomes[i].status == err->code) {
            code = outcomes[i].code;
            advice = outcomes[i].advice;
        }
    if (err->code == QUIRE_ERR_IO &&
        (err->os_error == ENOSPC || err->os_error == EDQUOT || err->os_error == EFBIG))
        advice = "; free some space and run it again: nothing that was committed is lost";
    bool named = where == NULL || strstr(err->message, where) != NULL;
    message_note("%s%s%s%s", named ? "" : where, named ? "" : ": ", err->message, advice);
    return code;
}

int message_finish(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    if (errno == EPIPE)
        return code;
    return message_usage("cannot write to standard output: %s", strerror(errno));
}
