/* SPDX-License-Identifier: MIT
 * commit/catalog.h - which files make up the index: read by anybody, changed by one writer.
 *
 * A commit becomes visible at one moment, the rename of MANIFEST.tmp to MANIFEST, and is durable
 * when qi_catalog_publish returns. Files of the commit before last are removed then, unless a
 * reader pins them; those of the last but one stay until the next commit. */
#ifndef QI_COMMIT_CATALOG_H
#define QI_COMMIT_CATALOG_H

#include "codec/manifest.h"
#include "segment/file.h"
#include "store/dir.h"

/* ---- Reading: any thread, any process. Nothing is written. */

/* Read the record of the index. Errors: FORMAT (not an index, or a newer one), CORRUPT, IO, MEMORY.
 */
quire_status qi_catalog_read(qi_manifest *out, qi_dir *dir, quire_error *err);

/* The same, and hold `pin` on the current generation: no writer removes its files until it is
 * unlocked. Where a folder holds no locks there is none, and a file may turn out to be gone: read
 * again then. */
quire_status qi_catalog_pin(qi_manifest *out, qi_lock *pin, qi_dir *dir, quire_error *err);

/* What the manifest says of a segment, and of its file of deletes, which it must have. */
void qi_catalog_segment_id(qi_file_id *out, const uint8_t uuid[16], const qi_manifest_entry *entry);
void qi_catalog_deletes_id(qi_file_id *out, const uint8_t uuid[16], const qi_manifest_entry *entry);

/* ---- Writing. */

/* The right to change the index in a folder. Exclusive. */
typedef struct qi_catalog qi_catalog;

/* Make an index without segments, generation 1. Errors: EXISTS, BUSY, IO, MEMORY. */
quire_status qi_catalog_create(qi_dir *dir, const quire_schema *schema, quire_error *err);

/* Take the writer's lock, waiting up to `wait_ms` for it, and remove what dead writers left behind.
 * Errors: BUSY, and those of qi_catalog_read. */
quire_status qi_catalog_open(qi_catalog **out, qi_dir *dir, uint32_t wait_ms, quire_error *err);

/* Roll back and let go of the lock. */
void qi_catalog_close(qi_catalog *catalog);

/* The record as of the last commit; lent until the next. */
const qi_manifest *qi_catalog_manifest(const qi_catalog *catalog);

/* Choose the name and number of a new segment, or of a new file of deletes of segment `seq`: `id`
 * is filled, with length and hash 0. The caller creates, writes and syncs the file, and tells
 * qi_catalog_made; if the name turns out to be taken (EXISTS), it asks again. Errors: MISUSE (in
 * the child of a fork), IO, MEMORY. */
quire_status qi_catalog_next_segment(qi_catalog *catalog, qi_file_id *id, quire_error *err);
quire_status qi_catalog_next_deletes(qi_catalog *catalog, uint64_t seq, qi_file_id *id,
                                     quire_error *err);

/* The file last chosen is there. Never fails. */
void qi_catalog_made(qi_catalog *catalog);

/* A segment chosen before is there, while others were chosen after it. Errors: MEMORY; then it is
 * removed. */
quire_status qi_catalog_adopt(qi_catalog *catalog, uint64_t seq, quire_error *err);

/* Remove a file that was made since the last commit; `deletes` is 0 for a segment. It must be
 * closed. */
void qi_catalog_drop(qi_catalog *catalog, uint64_t seq, uint64_t deletes);

/* Write the record of the next commit, without making it the current one. `entries` are by
 * increasing seq and their files synced. After an error all is as before. Errors: LIMIT (16 MiB of
 * record), IO, MEMORY, MISUSE (in the child of a fork). */
quire_status qi_catalog_prepare(qi_catalog *catalog, const qi_manifest_entry *entries, size_t count,
                                quire_str payload, quire_error *err);

/* Make what was prepared the current commit. Files made since the last commit that it does not list
 * are removed. After an IO error nothing is prepared any more and the old commit stands, unless the
 * message says that the outcome is not known: then every later call fails, and only opening again
 * tells. */
quire_status qi_catalog_publish(qi_catalog *catalog, quire_error *err);

bool qi_catalog_is_prepared(const qi_catalog *catalog);

/* Forget what is prepared, and remove all files made since the last commit. */
quire_status qi_catalog_rollback(qi_catalog *catalog, quire_error *err);

#endif
