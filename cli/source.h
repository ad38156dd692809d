/* SPDX-License-Identifier: MIT
 * source.h - a file, pipe or memory as decoded text, read by lines or whole. */
#ifndef QUIRE_CLI_SOURCE_H
#define QUIRE_CLI_SOURCE_H

#include "decode.h"

/* Set `fd` and `decode.encoding`; the rest is zero. */
typedef struct source {
    int fd;
    decoder decode;
    bytes text;         /* decoded and not yet given out from `at` on */
    size_t at, scanned; /* no line end before `scanned` */
    bool end;
    int os_error;       /* reading failed: errno */
    uint64_t raw_bytes; /* read so far */
    uint64_t line;      /* number of the line given last, from 1 */
} source;

typedef enum source_result { SOURCE_LINE, SOURCE_END, SOURCE_LONG, SOURCE_ERROR } source_result;

/* The next line without its end. SOURCE_LONG: it has more than `limit` bytes and was skipped. The
 * line is lent until the next call. */
source_result source_line(source *s, size_t limit, quire_str *line);

/* All that is left. SOURCE_END: `text` holds it, lent until the source is freed. */
source_result source_rest(source *s, size_t limit, quire_str *text);

/* Frees the memory; the descriptor stays the caller's. */
void source_free(source *s);

#endif
