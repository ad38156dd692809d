/* SPDX-License-Identifier: MIT
 * decode.h - bytes of any encoding to valid UTF-8, in pieces. */
#ifndef QUIRE_CLI_DECODE_H
#define QUIRE_CLI_DECODE_H

#include "bytes.h"

/* Zero, but for `encoding`, before the first piece. */
typedef struct decoder {
    const char *encoding;   /* as iconv names it, or NULL: by byte order mark, else UTF-8 */
    uint64_t invalid_bytes; /* that became U+FFFD so far */
    void *iconv;            /* NULL: UTF-8 */
    size_t unit;            /* bytes to skip where iconv stumbles */
    bool started;
    bytes carry; /* the start of a character whose rest is in the next piece */
} decoder;

/* Can text in `encoding` be read? */
bool decode_known(const char *encoding);

/* Append the piece to `out` as valid UTF-8. `last`: no piece follows (it may be empty). */
void decode_piece(decoder *d, quire_str piece, bool last, bytes *out);

/* Bytes of the well-formed UTF-8 character at the start of `s`, or 0. */
size_t decode_utf8_length(quire_str s);

void decode_free(decoder *d);

#endif
