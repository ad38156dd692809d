/* SPDX-License-Identifier: MIT
 * commit/writer.h - changing an index.
 *
 * Documents gather in memory; when there are too many, and at a commit, they become a segment.
 * Deleting marks documents in sets that a commit writes beside their segments. What is not
 * committed exists only in memory and in files that no manifest lists. Exclusive. */
#ifndef QI_COMMIT_WRITER_H
#define QI_COMMIT_WRITER_H

#include "commit/catalog.h"
#include "commit/ingest.h"

/* The writer of an index. Exclusive. */
typedef struct qi_writer qi_writer;

typedef struct qi_writer_config {
    size_t max_memory;  /* bytes that documents in memory may take */
    uint32_t wait_ms;   /* for another writer */
    bool auto_merge;    /* when documents become a segment, as the policy says */
    uint64_t max_merge; /* bytes of segments that are merged at such a time, at most; 0: no bound */
    quire_order order;  /* of documents, when qi_writer_merge leaves one segment */
    uint32_t threads;   /* that index, besides the caller's; below 2: none */
    size_t run_bytes;   /* of documents that become one segment at most, with threads; 0: memory */
} qi_writer_config;

/* Become the writer of the index in `dir`, which must outlive it. Errors: those of qi_catalog_open.
 */
quire_status qi_writer_open(qi_writer **out, qi_dir *dir, const qi_writer_config *config,
                            quire_error *err);

/* Roll back and let go. */
void qi_writer_close(qi_writer *writer);

/* The index's schema; lent. */
const quire_schema *qi_writer_schema(const qi_writer *writer);

/* See quire.h. With threads, what they fail by is what every call fails by until a rollback. All of
 * these are MISUSE between a prepared commit and its end. */
quire_status qi_writer_add(qi_writer *writer, const qi_ingest_value *values, size_t count,
                           const char *language, quire_error *err);
quire_status qi_writer_delete(qi_writer *writer, quire_str key, quire_error *err);
quire_status qi_writer_merge(qi_writer *writer, uint32_t max_segments, quire_error *err);

/* See quire.h. After an error other than MISUSE everything since the last commit is still there, to
 * be committed again or rolled back, unless the outcome is not known. */
quire_status qi_writer_commit(qi_writer *writer, quire_str payload, bool prepare_only,
                              quire_error *err);
quire_status qi_writer_rollback(qi_writer *writer, quire_error *err);

quire_writer_stat qi_writer_stat(const qi_writer *writer);

#endif
