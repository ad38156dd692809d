/* SPDX-License-Identifier: MIT
 * Reads a descriptor in pieces, decodes them, and gives out lines from a buffer that holds no more
 * than the longest line asked for and one piece, so that a file of any size is read in bounded
 * memory. */
#include "source.h"

#include "interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 16 };

/* Reads and decodes one more piece; false at the end or on an error. */
static bool more(source *s)
{
    if (s->end)
        return false;
    char piece[PIECE];
    ssize_t n;
    do {
        n = read(s->fd, piece, sizeof piece);
    } while (n < 0 && errno == EINTR && !interrupt_seen());
    if (n < 0)
        s->os_error = errno;
    s->end = n <= 0;
    s->raw_bytes += n > 0 ? (uint64_t)n : 0;
    if (s->at > 0 && s->at >= s->text.len / 2) {
        memmove(s->text.ptr, s->text.ptr + s->at, s->text.len - s->at);
        s->text.len -= s->at;
        s->scanned -= s->at;
        s->at = 0;
    }
    decode_piece(&s->decode, (quire_str){piece, n > 0 ? (size_t)n : 0}, s->end, &s->text);
    return s->os_error == 0;
}

/* Gives out [at, end), steps past `next`. */
static source_result give(source *s, size_t end, size_t next, size_t limit, quire_str *line)
{
    *line = (quire_str){bytes_cstr(&s->text) + s->at, end - s->at};
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    s->at = s->scanned = next;
    s->line++;
    return line->len > limit ? SOURCE_LONG : SOURCE_LINE;
}

source_result source_line(source *s, size_t limit, quire_str *line)
{
    bool dropped = false;
    for (;;) {
        size_t left = s->text.len - s->scanned;
        char *end = left == 0 ? NULL : memchr(s->text.ptr + s->scanned, '\n', left);
        if (end != NULL) {
            size_t at = (size_t)(end - s->text.ptr);
            source_result result = give(s, at, at + 1, limit, line);
            return dropped ? SOURCE_LONG : result;
        }
        s->scanned = s->text.len;
        if (s->text.len - s->at > limit) {
            dropped = true;
            s->at = s->text.len;
        }
        if (!more(s) && s->scanned == s->text.len) {
            if (s->os_error != 0)
                return SOURCE_ERROR;
            if (s->at == s->text.len && !dropped)
                return SOURCE_END;
            source_result result = give(s, s->text.len, s->text.len, limit, line);
            return dropped ? SOURCE_LONG : result;
        }
    }
}

source_result source_rest(source *s, size_t limit, quire_str *text)
{
    while (s->text.len - s->at <= limit && more(s))
        continue;
    *text = (quire_str){bytes_cstr(&s->text) + s->at, s->text.len - s->at};
    if (s->os_error != 0)
        return SOURCE_ERROR;
    return text->len > limit ? SOURCE_LONG : SOURCE_END;
}

void source_free(source *s)
{
    bytes_free(&s->text);
    decode_free(&s->decode);
}
