/* SPDX-License-Identifier: MIT
 * feed.h - a file of any form to its records, one after the other. */
#ifndef QUIRE_CLI_FEED_H
#define QUIRE_CLI_FEED_H

#include "read.h"
#include "source.h"

typedef struct feed {
    const char *encoding; /* NULL: by byte order mark, else UTF-8 */
    size_t limit;         /* bytes of one record at most; half of it for HTML */
    read_form text_form;  /* JSONL, CSV and TSV: the form of the text in "body"; READ_NONE: plain */
    /* A record and the line it starts on (0: the file is the record); it may be changed. False
     * ends. */
    bool (*take)(void *payload, record *rec, uint64_t line);
    /* A record that cannot be read. False ends. */
    bool (*bad)(void *payload, uint64_t line, const char *why);
    void (*progress)(void *payload, uint64_t raw_bytes); /* told now and then; may be NULL */
    void *payload;
    uint64_t invalid_bytes, raw_bytes; /* results, summed over calls */
    int os_error;                      /* of the last call: reading failed */
} feed;

/* Read all records of `fd`. False if a callback ended it or reading failed. */
bool feed_file(feed *f, int fd, read_form form);

#endif
