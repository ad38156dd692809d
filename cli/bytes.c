/* SPDX-License-Identifier: MIT
 * A growing string of bytes that always ends in a NUL of its own, doubled when full, and small
 * helpers on views. The only place of the command line where memory can run out, which ends the
 * program. */
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *demand(void *memory)
{
    if (memory == NULL) {
        fputs("quire: out of memory; nothing was changed\n", stderr);
        exit(2);
    }
    return memory;
}

void *memory_get(size_t size)
{
    return demand(calloc(1, size == 0 ? 1 : size));
}

void *memory_resize(void *old, size_t count, size_t size)
{
    return demand(reallocarray(old, count == 0 ? 1 : count, size));
}

char *memory_copy(const char *text, size_t len)
{
    char *copy = demand(len < SIZE_MAX ? malloc(len + 1) : NULL);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void bytes_reserve(bytes *b, size_t more)
{
    if (b->ptr != NULL && more < b->cap - b->len)
        return;
    if (more > SIZE_MAX / 4 - b->len)
        demand(NULL);
    size_t cap = b->cap < 32 ? 64 : b->cap * 2;
    if (cap < b->len + more + 1)
        cap = b->len + more + 1;
    b->ptr = memory_resize(b->ptr, cap, 1);
    b->cap = cap;
    b->ptr[b->len] = '\0';
}

void bytes_add(bytes *b, const char *p, size_t n)
{
    if (n == 0)
        return;
    bytes_reserve(b, n);
    memcpy(b->ptr + b->len, p, n);
    b->len += n;
    b->ptr[b->len] = '\0';
}

void bytes_put(bytes *b, char c)
{
    bytes_add(b, &c, 1);
}

void bytes_text(bytes *b, const char *s)
{
    bytes_add(b, s, strlen(s));
}

void bytes_view(bytes *b, quire_str s)
{
    bytes_add(b, s.ptr, s.len);
}

void bytes_printf(bytes *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n <= 0)
        return;
    bytes_reserve(b, (size_t)n);
    va_start(args, format);
    vsnprintf(b->ptr + b->len, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
}

void bytes_utf8(bytes *b, uint32_t c)
{
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = 0xFFFD;
    if (c < 0x80) {
        bytes_put(b, (char)c);
    } else if (c < 0x800) {
        bytes_put(b, (char)(0xC0 | c >> 6));
        bytes_put(b, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        bytes_put(b, (char)(0xE0 | c >> 12));
        bytes_put(b, (char)(0x80 | (c >> 6 & 63)));
        bytes_put(b, (char)(0x80 | (c & 63)));
    } else {
        bytes_put(b, (char)(0xF0 | c >> 18));
        bytes_put(b, (char)(0x80 | (c >> 12 & 63)));
        bytes_put(b, (char)(0x80 | (c >> 6 & 63)));
        bytes_put(b, (char)(0x80 | (c & 63)));
    }
}

void bytes_clear(bytes *b)
{
    b->len = 0;
    if (b->ptr != NULL)
        b->ptr[0] = '\0';
}

void bytes_free(bytes *b)
{
    free(b->ptr);
    *b = (bytes){0};
}

const char *bytes_cstr(const bytes *b)
{
    return b->ptr == NULL ? "" : b->ptr;
}

quire_str bytes_str(const bytes *b)
{
    return (quire_str){bytes_cstr(b), b->len};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

quire_str str_slice(quire_str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (quire_str){s.ptr + from, to - from};
}

quire_str str_trim(quire_str s)
{
    while (s.len > 0 && is_space(s.ptr[0]))
        s = (quire_str){s.ptr + 1, s.len - 1};
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_equal(quire_str a, const char *b)
{
    return strlen(b) == a.len && (a.len == 0 || memcmp(a.ptr, b, a.len) == 0);
}

bool str_same(quire_str a, const char *b)
{
    return strlen(b) == a.len && (a.len == 0 || strncasecmp(a.ptr, b, a.len) == 0);
}

bool str_starts(quire_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return n <= s.len && strncasecmp(s.ptr, prefix, n) == 0;
}
