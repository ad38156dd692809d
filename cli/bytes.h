/* SPDX-License-Identifier: MIT
 * bytes.h - a growing string of bytes, and the command line's memory.
 *
 * The command line has one answer to running out of memory: say so and exit with 2. Whatever was
 * not committed is then dropped by the library, so nothing is lost, and no caller has a failure to
 * handle. */
#ifndef QUIRE_CLI_BYTES_H
#define QUIRE_CLI_BYTES_H

#include "quire.h"

/* `ptr` is NULL or has a NUL after its `len` bytes. All zero is the empty one. */
typedef struct bytes {
    char *ptr;
    size_t len, cap;
} bytes;

/* Memory that is never NULL; `memory_resize` of NULL gets new memory. Release with free(). */
void *memory_get(size_t size);
void *memory_resize(void *old, size_t count, size_t size);
char *memory_copy(const char *text, size_t len);

/* Make room for `more` further bytes. */
void bytes_reserve(bytes *b, size_t more);
void bytes_add(bytes *b, const char *p, size_t n);
void bytes_put(bytes *b, char c);
void bytes_text(bytes *b, const char *s);
void bytes_view(bytes *b, quire_str s);
void bytes_printf(bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append code point `c` as UTF-8; what is no Unicode scalar value becomes U+FFFD. */
void bytes_utf8(bytes *b, uint32_t c);

/* Forget the content, keep the room. */
void bytes_clear(bytes *b);
void bytes_free(bytes *b);

/* The content; never NULL. Lent until `b` changes. */
const char *bytes_cstr(const bytes *b);
quire_str bytes_str(const bytes *b);

/* Views: part of one, without white space at its ends; equality, also without case in ASCII. */
quire_str str_slice(quire_str s, size_t from, size_t to);
quire_str str_trim(quire_str s);
bool str_equal(quire_str a, const char *b);
bool str_same(quire_str a, const char *b);
bool str_starts(quire_str s, const char *prefix);

#endif
