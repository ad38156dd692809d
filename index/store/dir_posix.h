/* SPDX-License-Identifier: MIT
 * store/dir_posix.h - what dir_posix.c and dir_posix_lock.c share. */
#ifndef QI_STORE_DIR_POSIX_H
#define QI_STORE_DIR_POSIX_H

#include "store/dir.h"

typedef struct qi_dir_posix {
    qi_dir base;
    int fd; /* of the folder */
    char path[];
} qi_dir_posix;

/* openat that restarts when interrupted and gives a descriptor above 2, closed on exec; else -1,
 * errno. */
int qi_dir_posix_openat(int dir, const char *name, int flags);

/* The operations of qi_dir_ops of the same names. */
quire_status qi_dir_posix_lock(qi_dir *dir, uint64_t at, bool exclusive, qi_lock *out,
                               quire_error *err);
quire_status qi_dir_posix_lock_check(const qi_lock *lock, quire_error *err);
void qi_dir_posix_unlock(qi_lock *lock);
quire_status qi_dir_posix_locked(qi_dir *dir, uint64_t at, uint64_t len, bool *out,
                                 quire_error *err);

#endif
