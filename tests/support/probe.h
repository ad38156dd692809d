/* SPDX-License-Identifier: MIT
 * support/probe.h - a small index with everything in it, and questions through quire.h whose
 * answers are kept as one hash: what a fault or damage must not change unnoticed. */
#ifndef SUPPORT_PROBE_H
#define SUPPORT_PROBE_H

#include "quire.h"
#include "store/dir.h"

enum { PROBE_QUESTIONS = 26 };

/* Fields id (key), title and body (both exact and stored), tag, n, day. NULL when out of memory. */
quire_schema *probe_schema(void);

/* Add or replace the document with this number. Its text follows from both numbers. */
quire_status probe_add(quire_writer *writer, uint32_t doc, uint32_t version, quire_error *err);
quire_status probe_delete(quire_writer *writer, uint32_t doc, quire_error *err);

/* Fill an empty index by three commits: some segments, deleted documents, a payload. */
quire_status probe_fill(quire_index *index, quire_error *err);

/* A handle on the index in `dir`, which it takes over, also after an error. */
quire_status probe_open(quire_index **out, qi_dir *dir, bool read_only, quire_error *err);

/* Ask one question of a snapshot: searches of every kind, documents, matches, snippets,
 * explanations, terms. After an error nothing is left open. */
quire_status probe_ask(quire_index *index, quire_snapshot *snapshot, uint32_t question,
                       uint64_t *digest, quire_error *err);

/* Ask all of a new snapshot. */
quire_status probe_ask_all(quire_index *index, uint64_t *digest, quire_error *err);

/* What a new snapshot holds: all documents and their values, what words find, the payload; but not
 * what deleted documents change, which are scores and the order they give. */
quire_status probe_contents(quire_index *index, uint64_t *digest, quire_error *err);

#endif
