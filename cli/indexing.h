/* SPDX-License-Identifier: MIT
 * indexing.h - files and folders into an open index: the work of `quire index`. */
#ifndef QUIRE_CLI_INDEXING_H
#define QUIRE_CLI_INDEXING_H

#include "feed.h"
#include "filter.h"
#include "ingest.h"
#include "progress.h"
#include "refresh.h"

#include <sys/stat.h>

/* Set by the caller down to `bar`; the rest are results. Zero where nothing is said. */
typedef struct indexing {
    const char *base; /* of locate_base */
    ingest in;        /* writer NULL: a dry run */
    refresh known;    /* index NULL: the index is new */
    feed reader;      /* encoding, limit, text_form */
    const filter *filters;
    size_t filter_count;
    read_form as; /* the form of every file, or READ_NONE */
    bool strict, full, hidden, no_ignore;
    uint64_t commit_every; /* 0: never */
    dev_t index_device;
    ino_t index_inode;
    progress bar;

    uint64_t files, same, docs, deleted, bad, other; /* other: files of no known form */
    bool fault;                                      /* a file could not be read: exit with 2 */
    bool stopped;                                    /* interrupted, strict, or failed: roll back */
    quire_error err;                                 /* code is not OK: what failed */
    bytes name;                                      /* of the file at hand */
    bool file_failed;                                /* the file at hand was not read through */
    uint64_t file_start;                             /* bar.bytes when the file at hand began */
    idset seen;                                      /* names of files that are there */
    bytes unsure; /* names under which not everything was seen, each ended by a NUL */
} indexing;

/* Count the bytes under `root` into bar.total_bytes. */
void indexing_measure(indexing *x, const char *root);

/* Index `root`, a file or folder by its absolute path without links, and delete what the index
 * holds of files that are no longer in that folder. */
void indexing_root(indexing *x, const char *root);

/* Index records from standard input. */
void indexing_input(indexing *x);

void indexing_free(indexing *x);

#endif
