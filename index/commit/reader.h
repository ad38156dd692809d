/* SPDX-License-Identifier: MIT
 * commit/reader.h - from a folder to snapshots of what is committed. */
#ifndef QI_COMMIT_READER_H
#define QI_COMMIT_READER_H

#include "codec/manifest.h"
#include "segment/snapshot.h"
#include "store/os.h"

typedef struct qi_reader_segment {
    uint64_t seq, hash;
    qi_segment *segment; /* a share */
} qi_reader_segment;

/* Opens snapshots of one index. Shared, once it is made. */
typedef struct qi_reader {
    qi_dir *dir;
    quire_schema *schema;             /* a share */
    uint8_t uuid[16];                 /* of the index */
    bool pin;                         /* keep the files of a snapshot from being removed */
    bool previous;                    /* the commit before the current one */
    bool verify;                      /* every checksum when a segment is opened */
    uint64_t process;                 /* that made it */
    qi_os_mutex *mutex;               /* guards what follows; may be stuck in the child of a fork */
    QI_VEC(qi_reader_segment) shared; /* of the newest snapshot, while there are any */
    size_t snapshots;                 /* that are open */
} qi_reader;

/* Read what the index in `dir`, which must outlive the reader, is; the options above are then the
 * caller's to set. Errors: those of qi_catalog_read. */
quire_status qi_reader_init(qi_reader *reader, qi_dir *dir, quire_error *err);

/* What keeps a snapshot's reader and folder alive: released with the snapshot. */
typedef struct qi_reader_owner {
    void (*release)(void *owner);
    void *owner;
} qi_reader_owner;

/* Open a snapshot of the newest commit. A segment that an open snapshot has is shared. After an
 * error the owner is not released. Errors: CORRUPT, FORMAT, NOT_FOUND (no previous commit), IO,
 * MEMORY, LIMIT. */
quire_status qi_reader_snapshot(qi_reader *reader, qi_reader_owner owner, quire_snapshot **out,
                                quire_error *err);

/* Every snapshot must have been released. */
void qi_reader_free(qi_reader *reader);

#endif
