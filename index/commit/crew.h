/* SPDX-License-Identifier: MIT
 * commit/crew.h - threads that turn documents into segments.
 *
 * The caller queues documents; each thread enters a run of them (commit/runs.h) into an index in
 * memory of its own; runs that follow one another become one segment. Segments are numbered in the
 * order of their documents, whichever is done first. A failure is remembered: it is what every call
 * says from then on, until qi_crew_abandon. Exclusive. */
#ifndef QI_COMMIT_CREW_H
#define QI_COMMIT_CREW_H

#include "commit/catalog.h"
#include "commit/runs.h"

typedef struct qi_crew qi_crew;

/* All is lent, and must outlive the crew. While documents are queued the catalog is the crew's. */
typedef struct qi_crew_config {
    qi_dir *dir;
    qi_catalog *catalog;
    size_t max_memory; /* bytes that documents may take, queued ones and those in memory */
    size_t run_bytes;  /* that a run may have at most; 0: what memory allows */
    uint32_t threads;
} qi_crew_config;

/* How many of `threads` have enough to do with in `max_memory`; 1: a crew is no use. */
uint32_t qi_crew_threads(uint32_t threads, size_t max_memory);

/* Threads start with the first documents. Errors: MEMORY. */
quire_status qi_crew_new(qi_crew **out, const qi_crew_config *config, quire_error *err);

/* Abandon everything and end the threads. In the child of a fork, where they are not, nothing. */
void qi_crew_free(qi_crew *crew);

/* Queue a document that was checked, waiting for memory if it must. One that is large, or in a
 * language that is not known, is waited for: what it fails by (MISUSE, LIMIT, MEMORY) is said at
 * once, and not remembered. Errors: IO, MEMORY; MISUSE in the child of a fork. */
quire_status qi_crew_add(qi_crew *crew, const qi_ingest_value *values, const qi_batch_doc *doc,
                         quire_error *err);

/* The dictionary for stored records, whose bytes are lent; NULL: it is not known, and no segment is
 * begun until it is. */
void qi_crew_dictionary(qi_crew *crew, const quire_str *dictionary);

/* Wait until all that was queued is in segments. */
quire_status qi_crew_finish(qi_crew *crew, quire_error *err);

/* Wait until all that was queued is in segments or in *out, one index in memory (or NULL), which
 * may be changed until the next call. */
quire_status qi_crew_settle(qi_crew *crew, qi_memindex **out, quire_error *err);

/* The next segment that is done, in order: false, if there is none yet. `run` is the caller's, but
 * for part.deletes nothing in it need be released. */
bool qi_crew_take(qi_crew *crew, qi_run *run);

/* Remember a failure of the caller's as one of the threads'. Returns its status. */
quire_status qi_crew_fail(qi_crew *crew, quire_status status, const quire_error *err);

/* Give up all that was queued or done and not taken, and forget failures. Files are left to
 * qi_catalog_rollback. */
void qi_crew_abandon(qi_crew *crew);

/* Add what all threads found so far to memory, invalid_bytes and long_tokens. */
void qi_crew_stat(qi_crew *crew, quire_writer_stat *stat);

#endif
