/* SPDX-License-Identifier: MIT
 * ingest.h - records into the index. */
#ifndef QUIRE_CLI_INGEST_H
#define QUIRE_CLI_INGEST_H

#include "idset.h"
#include "record.h"

typedef struct ingest {
    quire_writer *writer;
    const quire_schema *schema;
    bool flat;           /* the title is part of the body */
    const char *name;    /* of the file at hand; NULL: standard input */
    int64_t mtime, size; /* of the file at hand */
    bool track;          /* keep the ids of this run in `added` */
    idset added;
    uint64_t dates_unread; /* dates that could not be read and went to meta */
} ingest;

/* Add the record that starts on `line` of the file (0: it is the file). MISUSE and LIMIT: the
 * record cannot be indexed, the rest can. Other errors are the writer's. */
quire_status ingest_record(ingest *in, const record *rec, uint64_t line, quire_error *err);

void ingest_free(ingest *in);

#endif
