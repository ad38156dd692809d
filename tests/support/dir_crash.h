/* SPDX-License-Identifier: MIT
 * support/dir_crash.h - a folder in memory that records what is done to it, and every state in
 * which a power cut could leave a weak file system.
 *
 * After any prefix of the recorded operations: of the names created, renamed and removed since the
 * last sync of the folder any subset may have happened; of the bytes appended to a file since its
 * last sync there may be none, all, half, zeros or garbage. Nothing else: what was synced stays. */
#ifndef SUPPORT_DIR_CRASH_H
#define SUPPORT_DIR_CRASH_H

#include "store/dir.h"

/* Syncs that the recorder leaves out, to see that the loss is noticed. */
typedef enum crash_mutation {
    CRASH_AS_IS,
    CRASH_NO_BARRIER_A,   /* the folder is not synced before MANIFEST.tmp is written */
    CRASH_NO_BARRIER_B,   /* nor after it was renamed */
    CRASH_LATE_BARRIER_B, /* it is synced then, but after old files are removed */
    CRASH_NO_FILE_SYNC,   /* files but MANIFEST.tmp are not synced */
    CRASH_NO_TEMP_SYNC    /* MANIFEST.tmp is not synced */
} crash_mutation;

/* An empty folder that records. */
qi_dir *crash_new(crash_mutation mutation);

/* A folder that records, and begins with the files of `state`, all of it durable, and that mark. */
qi_dir *crash_continue(qi_dir *state, uint64_t acked);

/* Note that the program under test was told that commit `acked` is durable. */
void crash_mark(qi_dir *dir, uint64_t acked);

/* Look at a state, a folder in memory that may be changed; `acked` is the last mark before the
 * crash. False, and the reason in `why`, if a promise is broken. */
typedef bool crash_check(void *payload, qi_dir *state, uint64_t acked, char why[512]);

typedef struct crash_result {
    uint64_t states;   /* distinct ones, told to the check */
    uint64_t repeated; /* generated again */
    uint64_t broken;   /* those that the check refused */
    char first[512];   /* why the first was refused */
} crash_result;

/* Visit the states of the record: all of them after each prefix if those are at most `per_prefix`,
 * else a sample of so many; at most `states` distinct ones in all (0: no bound). Uses
 * support/roll.h's generator seeded with `seed`. */
crash_result crash_explore(qi_dir *dir, uint64_t per_prefix, uint64_t states, uint64_t seed,
                           crash_check *check, void *payload);

#endif
