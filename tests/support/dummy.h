/* SPDX-License-Identifier: MIT
 * support/dummy.h - an index whose segments are blocks of bytes: what a catalog sees, without
 * documents. */
#ifndef SUPPORT_DUMMY_H
#define SUPPORT_DUMMY_H

#include "commit/catalog.h"

enum { DUMMY_GENERATIONS = 512 };

/* What the index should be. Plain data: copy it to branch off. */
typedef struct dummy_model {
    uint64_t random;                      /* state of the generator of changes */
    uint64_t expected[DUMMY_GENERATIONS]; /* digest of each generation */
} dummy_model;

/* Create an index; its digest is noted. */
quire_status dummy_create(qi_dir *dir, dummy_model *model, quire_error *err);

/* Write new segments and deletes, leave others out, and commit. The digest of the generation to be
 * is noted before the commit. After an error the commit is rolled back. */
quire_status dummy_commit(qi_catalog *catalog, qi_dir *dir, dummy_model *model, quire_error *err);

/* Read the index as any reader does, and compare the bytes of every file of the current (or the
 * previous) commit with what was written. False, and why, if they differ from what `model` expects.
 */
bool dummy_verify(qi_dir *dir, const dummy_model *model, bool previous, uint64_t *generation,
                  char why[512]);

/* Does the folder hold the manifest, the files of the last two commits, the lock, and nothing else?
 */
bool dummy_tidy(qi_dir *dir, char why[512]);

#endif
