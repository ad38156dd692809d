/* SPDX-License-Identifier: MIT
 * store/dir.h - the one door to the file system.
 *
 * A folder of files without subfolders. Names are plain ("MANIFEST", "s-12.seg"): no '/', not "."
 * or "..". Files are written once by appending and never changed afterwards. dir_posix.c is a real
 * folder, dir_ram.c one in memory; the fault and crash folders of the tests wrap either. A folder
 * is shared: any thread may call any operation; a file being written, a map and a lock are
 * exclusive. */
#ifndef QI_STORE_DIR_H
#define QI_STORE_DIR_H

#include "base/error.h"

typedef struct qi_dir qi_dir;

/* A whole file, mapped or read, immutable. */
typedef struct qi_bytes {
    const uint8_t *at;
    size_t len;
    void *owner; /* of the implementation */
} qi_bytes;

/* A file being written. */
typedef struct qi_out {
    qi_dir *dir;
    void *owner; /* of the implementation; NULL: not open */
    uint64_t written;
} qi_out;

/* A held lock. */
typedef struct qi_lock {
    qi_dir *dir;
    void *owner; /* NULL: not held */
} qi_lock;

/* Byte of the lock file that the writer holds; readers pin generation g by sharing byte QI_LOCK_PIN
 * + g. */
#define QI_LOCK_WRITER 0
#define QI_LOCK_PIN (UINT64_C(1) << 40)

typedef struct qi_dir_ops {
    /* Map a file read-only. NOT_FOUND if there is none; IO. An empty file gives len 0. */
    quire_status (*map)(qi_dir *dir, const char *name, qi_bytes *out, quire_error *err);
    void (*unmap)(qi_dir *dir, qi_bytes *bytes);
    /* Let go of the memory that a map's pages take; they are read again when they are touched, by
     * any thread at any time. NULL: there is none to let go. */
    void (*rest)(qi_dir *dir, const qi_bytes *bytes);
    /* Create a file for writing; EXISTS if the name is taken. */
    quire_status (*create)(qi_dir *dir, const char *name, qi_out *out, quire_error *err);
    /* Append all of the bytes or fail. After a failure the file can only be closed and removed. */
    quire_status (*append)(qi_out *out, const void *bytes, size_t len, quire_error *err);
    /* Read back `len` bytes at `offset` of what was appended (spooled data). */
    quire_status (*read_back)(qi_out *out, uint64_t offset, void *bytes, size_t len,
                              quire_error *err);
    /* Close; with `sync`, only after the contents are on the medium. A failed sync is final: never
     * retried. */
    quire_status (*close)(qi_out *out, bool sync, quire_error *err);
    /* Rename `from` over `to` (atomic). Durable only after sync_dir. After MEMORY nothing was
     * done. */
    quire_status (*publish)(qi_dir *dir, const char *from, const char *to, quire_error *err);
    /* Make creations, renames and removals durable. */
    quire_status (*sync_dir)(qi_dir *dir, quire_error *err);
    /* Remove a file; fine if there is none. */
    quire_status (*remove)(qi_dir *dir, const char *name, quire_error *err);
    /* Tell every name of the folder; `each` returns false to stop. Changes meanwhile may or may not
     * show. */
    quire_status (*list)(qi_dir *dir, bool (*each)(void *payload, const char *name), void *payload,
                         quire_error *err);
    /* Lock byte `at` of the lock file, shared or exclusive, without waiting: BUSY if it is held
     * otherwise, by this process or another. Shared locks write nothing; on a folder that cannot
     * hold them they succeed and hold nothing. */
    quire_status (*lock)(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out, quire_error *err);
    /* Does the lock still stand, on the file of that name? IO if that was deleted or made anew,
     * MISUSE in the child of a fork(), where the lock does not hold. */
    quire_status (*lock_check)(const qi_lock *lock, quire_error *err);
    void (*unlock)(qi_lock *lock);
    /* Is any of the `len` bytes from `at` locked by anybody, this process included? */
    quire_status (*locked)(qi_dir *dir, uint64_t at, uint64_t len, bool *out, quire_error *err);
    void (*free)(qi_dir *dir);
} qi_dir_ops;

struct qi_dir {
    const qi_dir_ops *ops;
    const char *name; /* for messages: the path, or "memory" */
};

/* Open the folder `path`; with `create`, make it first if it is missing (not its parents).
 * Errors: NOT_FOUND, IO, MEMORY. */
quire_status qi_dir_open_posix(qi_dir **out, const char *path, bool create, quire_error *err);

/* An empty folder in memory. */
quire_status qi_dir_open_ram(qi_dir **out, quire_error *err);

void qi_dir_free(qi_dir *dir);

#endif
