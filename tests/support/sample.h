/* SPDX-License-Identifier: MIT
 * support/sample.h - small segments that have lists of every layout, and a reader of everything in
 * a segment. */
#ifndef SUPPORT_SAMPLE_H
#define SUPPORT_SAMPLE_H

#include "segment/read.h"

/* Fields id (key), title, body (exact), n and when. */
quire_schema *sample_schema(void);

/* Write a segment of `docs` documents to the file numbered `seq`, and describe it. The same
 * arguments give the same bytes. From 300 documents on there are lists with and without bitmap and
 * ranges, of one block and of several; from 2800 on also of several blocks without a bitmap.
 * Aborts on failure. */
void sample_segment(qi_file_id *id, qi_dir *dir, const quire_schema *schema, uint64_t seq,
                    uint32_t docs);

/* Read all that a segment holds: terms, lists, jumps in them, columns, norms, stored documents. One
 * hash of it; or the first failure. */
quire_status sample_read(const qi_segment *segment, uint64_t *digest, quire_error *err);

enum { SAMPLE_QUESTIONS = 12 };

/* Ask one thing only of a segment of sample_segment: a value of a column, a stored document, a
 * place in a list… A hash of the answer; or the failure. */
quire_status sample_ask(const qi_segment *segment, uint32_t question, uint64_t *digest,
                        quire_error *err);

#endif
