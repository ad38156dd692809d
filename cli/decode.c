/* SPDX-License-Identifier: MIT
 * Any encoding to valid UTF-8, piece by piece. The encoding is the one asked for, else the byte
 * order mark's, else UTF-8, which is validated here; others go through iconv. What cannot be read
 * becomes U+FFFD and is counted. A character cut by the end of a piece waits in `carry` for the
 * next. */
#include "decode.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

static const char replacement[] = "\xEF\xBF\xBD";

bool decode_known(const char *encoding)
{
    iconv_t handle = iconv_open("UTF-8", encoding);
    if (handle == (iconv_t)-1)
        return false;
    iconv_close(handle);
    return true;
}

/* Bytes that a character starting with `c` has: 0 if none can. */
static size_t length_by_lead(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xC2 && c < 0xE0)
        return 2;
    if (c >= 0xE0 && c < 0xF0)
        return 3;
    return c >= 0xF0 && c < 0xF5 ? 4 : 0;
}

/* The range of the second byte of a character: narrower after some first bytes, so that no
 * character has a longer form than it needs, none is a surrogate, and none is past U+10FFFF. */
static void second_range(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
}

/* How many bytes at the start of `s` could begin or be a well-formed character of `need` bytes. */
static size_t fitting(quire_str s, size_t need)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned char low, high;
    second_range(p[0], &low, &high);
    size_t n = 1;
    while (n < need && n < s.len && p[n] >= low && p[n] <= high) {
        low = 0x80;
        high = 0xBF;
        n++;
    }
    return n;
}

size_t decode_utf8_length(quire_str s)
{
    size_t need = s.len == 0 ? 0 : length_by_lead((unsigned char)s.ptr[0]);
    return need > 0 && fitting(s, need) == need ? need : 0;
}

/* Steps past ASCII, eight bytes at a time. */
static void skip_ascii(quire_str *s)
{
    size_t done = 0;
    for (uint64_t eight; s->len - done >= sizeof eight; done += sizeof eight) {
        memcpy(&eight, s->ptr + done, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0)
            break;
    }
    *s = (quire_str){s->ptr + done, s->len - done};
}

/* Copies the valid, replaces the invalid, and leaves in `s` an unfinished character at the end. */
static void copy_utf8(decoder *d, quire_str *s, bool last, bytes *out)
{
    const char *run = s->ptr;
    while (s->len > 0) {
        size_t need = length_by_lead((unsigned char)s->ptr[0]);
        size_t have = need == 0 ? 1 : fitting(*s, need);
        if (have == need) {
            *s = (quire_str){s->ptr + have, s->len - have};
            if (need == 1)
                skip_ascii(s);
            continue;
        }
        bytes_add(out, run, (size_t)(s->ptr - run));
        if (need > 0 && have == s->len && !last)
            return;
        bytes_text(out, replacement);
        d->invalid_bytes += have;
        *s = (quire_str){s->ptr + have, s->len - have};
        run = s->ptr;
    }
    bytes_add(out, run, (size_t)(s->ptr - run));
}

static void convert(decoder *d, quire_str *s, bool last, bytes *out)
{
    char *in = (char *)(uintptr_t)s->ptr;
    size_t left = s->len;
    while (left > 0) {
        bytes_reserve(out, left * 2 + 16);
        char *to = out->ptr + out->len;
        size_t room = out->cap - out->len - 1;
        size_t result = iconv((iconv_t)d->iconv, &in, &left, &to, &room);
        out->len = (size_t)(to - out->ptr);
        out->ptr[out->len] = '\0';
        if (result != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && !last)
            break;
        size_t skip = d->unit < left ? d->unit : left;
        bytes_text(out, replacement);
        d->invalid_bytes += skip;
        in += skip;
        left -= skip;
    }
    *s = (quire_str){in, left};
}

/* The encoding that a byte order mark at the start of `s` announces, and the mark's length. */
static const char *marked(quire_str s, size_t *mark)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *encoding;
    } marks[] = {{"\xEF\xBB\xBF", 3, "UTF-8"},
                 {"\xFF\xFE\0\0", 4, "UTF-32LE"},
                 {"\0\0\xFE\xFF", 4, "UTF-32BE"},
                 {"\xFF\xFE", 2, "UTF-16LE"},
                 {"\xFE\xFF", 2, "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (s.len >= marks[i].len && memcmp(s.ptr, marks[i].bytes, marks[i].len) == 0) {
            *mark = marks[i].len;
            return marks[i].encoding;
        }
    *mark = 0;
    return NULL;
}

static bool is_utf8(const char *encoding)
{
    return strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0;
}

static size_t unit_of(const char *encoding)
{
    if (strncasecmp(encoding, "UTF-32", 6) == 0)
        return 4;
    return strncasecmp(encoding, "UTF-16", 6) == 0 || strncasecmp(encoding, "UCS-2", 5) == 0 ? 2
                                                                                             : 1;
}

/* Settles the encoding; returns the length of the mark to skip. */
static size_t start(decoder *d, quire_str s)
{
    size_t mark;
    const char *found = marked(s, &mark), *encoding = d->encoding;
    if (encoding == NULL)
        encoding = found == NULL ? "UTF-8" : found;
    d->started = true;
    d->unit = unit_of(encoding);
    if (is_utf8(encoding))
        return found != NULL && is_utf8(found) ? mark : 0;
    iconv_t handle = iconv_open("UTF-8", encoding);
    d->iconv = handle == (iconv_t)-1 ? NULL : handle;
    return found != NULL && strcasecmp(found, encoding) == 0 ? mark : 0;
}

void decode_piece(decoder *d, quire_str piece, bool last, bytes *out)
{
    bytes joined = {0};
    if (d->carry.len > 0) {
        bytes_view(&d->carry, piece);
        joined = d->carry;
        d->carry = (bytes){0};
        piece = bytes_str(&joined);
    }
    if (!d->started && (piece.len >= 4 || last)) {
        size_t mark = start(d, piece);
        piece = str_slice(piece, mark, piece.len);
    }
    if (d->started && d->iconv != NULL)
        convert(d, &piece, last, out);
    else if (d->started)
        copy_utf8(d, &piece, last, out);
    bytes_view(&d->carry, piece);
    bytes_free(&joined);
}

void decode_free(decoder *d)
{
    if (d->iconv != NULL)
        iconv_close((iconv_t)d->iconv);
    bytes_free(&d->carry);
    *d = (decoder){0};
}
