/* SPDX-License-Identifier: MIT
 * support/library.h - an index of small documents, and what it should hold: a writer against a
 * model. */
#ifndef SUPPORT_LIBRARY_H
#define SUPPORT_LIBRARY_H

#include "commit/reader.h"
#include "commit/writer.h"

enum { LIBRARY_KEYS = 64, LIBRARY_GENERATIONS = 256 };

/* Version of the document of each key; 0: there is none. */
typedef struct library_state {
    uint32_t versions[LIBRARY_KEYS];
} library_state;

typedef struct library {
    library_state pending; /* with what is not committed */
    library_state
        committed[LIBRARY_GENERATIONS];     /* of each generation; that to be is noted before */
    uint64_t payloads[LIBRARY_GENERATIONS]; /* the generation that the payload names */
    uint32_t next_version;
} library;

/* Create the index: fields id (key), body, note (stored only) and n. */
quire_status library_create(qi_dir *dir, library *lib, quire_error *err);

/* Add the next version of the document with key number `key`; or delete it (NOT_FOUND if there is
 * none). The model follows if the writer did. */
quire_status library_add(qi_writer *writer, library *lib, uint32_t key, quire_error *err);
quire_status library_delete(qi_writer *writer, library *lib, uint32_t key, quire_error *err);

/* Commit, as generation `generation`, noting first what that will be. */
quire_status library_commit(qi_writer *writer, library *lib, uint64_t generation, quire_error *err);

/* Merge, after generation `generation`, which makes one or two more. */
quire_status library_merge(qi_writer *writer, library *lib, uint32_t most, uint64_t generation,
                           quire_error *err);

/* Forget what is pending. */
quire_status library_rollback(qi_writer *writer, library *lib, uint64_t generation,
                              quire_error *err);

/* Open the index as a reader does, and compare every document, its stored text, number and words,
 * with what the model says of its generation. False, and why, if something differs. */
bool library_verify(qi_dir *dir, const library *lib, bool previous, uint64_t *generation,
                    char why[512]);

/* The same for an open snapshot. */
bool library_verify_snapshot(const quire_snapshot *snapshot, const library *lib, char why[512]);

#endif
