/* SPDX-License-Identifier: MIT
 * base/error.h - one shape of error, filled once, where the fact is known.
 *
 * A fallible function takes `quire_error *err` last (NULL is allowed) and returns a status; callers
 * pass it up unchanged. Damage on disk always goes through qi_corrupt: one wording, one line for a
 * debugger. */
#ifndef QI_BASE_ERROR_H
#define QI_BASE_ERROR_H

#include "quire.h"

/* Return the status of a call that failed. For use where nothing is held. */
#define QI_TRY(call)                                                                               \
    do {                                                                                           \
        quire_status qi_try_status_ = (call);                                                      \
        if (qi_try_status_ != QUIRE_OK)                                                            \
            return qi_try_status_;                                                                 \
    } while (0)

/* A defensive branch that no test can reach: asserts in debug builds, a real branch in release
 * builds. */
#ifdef NDEBUG
#define QI_NEVER(x) (x)
#else
#include <assert.h>
#define QI_NEVER(x) ((x) ? (assert(!"reached a branch held to be unreachable"), 1) : 0)
#endif

/* Fill `err` and return `code`. The message is cut at 239 bytes, on a UTF-8 boundary. */
quire_status qi_fail(quire_error *err, quire_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: adds ": " and the system's text of `os_error`. */
quire_status qi_fail_os(quire_error *err, int os_error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a place in a query or file. */
quire_status qi_fail_at(quire_error *err, quire_status code, uint64_t offset, const char *format,
                        ...) __attribute__((format(printf, 4, 5)));

quire_status qi_no_memory(quire_error *err);

/* Damage in section `section` of file `file` (or in the whole file: NULL), at byte `offset` of the
 * section. The text quotes the invariant of FORMAT.md that is broken: "D-3: document ids do not
 * increase". */
quire_status qi_corrupt(quire_error *err, const char *file, const char *section, uint64_t offset,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
