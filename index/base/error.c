/* SPDX-License-Identifier: MIT
 * Filling the caller's quire_error. Nothing here allocates. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Drop the bytes of a UTF-8 character that the end of the buffer cut in two. */
static void trim_partial_character(char *message, size_t size)
{
    size_t len = strlen(message);
    if (len + 1 < size)
        return;
    size_t start = len - 1;
    while (start > 0 && len - start < 4 && ((unsigned char)message[start] & 0xC0) == 0x80)
        start--;
    unsigned char lead = (unsigned char)message[start];
    size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (len - start < whole)
        message[start] = '\0';
}

static void fill(quire_error *err, quire_status code, int os_error, uint64_t offset,
                 const char *format, va_list args)
{
    if (err == NULL)
        return;
    err->code = code;
    err->os_error = os_error;
    err->offset = offset;
    vsnprintf(err->message, sizeof err->message, format, args);
    trim_partial_character(err->message, sizeof err->message);
}

quire_status qi_fail(quire_error *err, quire_status code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, code, 0, 0, format, args);
    va_end(args);
    return code;
}

quire_status qi_fail_at(quire_error *err, quire_status code, uint64_t offset, const char *format,
                        ...)
{
    va_list args;
    va_start(args, format);
    fill(err, code, 0, offset, format, args);
    va_end(args);
    return code;
}

quire_status qi_fail_os(quire_error *err, int os_error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, QUIRE_ERR_IO, os_error, 0, format, args);
    va_end(args);
    if (err != NULL) {
        char text[96] = "";
        const char *reason = text;
#ifdef __GLIBC__
        reason = strerror_r(os_error, text, sizeof text);
#else
        if (strerror_r(os_error, text, sizeof text) != 0)
            snprintf(text, sizeof text, "error %d", os_error);
#endif
        size_t len = strlen(err->message);
        snprintf(err->message + len, sizeof err->message - len, ": %s", reason);
    }
    return QUIRE_ERR_IO;
}

quire_status qi_no_memory(quire_error *err)
{
    return qi_fail(err, QUIRE_ERR_MEMORY, "out of memory");
}

quire_status qi_corrupt(quire_error *err, const char *file, const char *section, uint64_t offset,
                        const char *format, ...)
{
    char what[160];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (section == NULL)
        return qi_fail_at(err, QUIRE_ERR_CORRUPT, offset, "%s, byte %llu: %s", file,
                          (unsigned long long)offset, what);
    return qi_fail_at(err, QUIRE_ERR_CORRUPT, offset, "%s, section '%s', byte %llu: %s", file,
                      section, (unsigned long long)offset, what);
}
