/* SPDX-License-Identifier: MIT
 * segment/merge.h - several segments to one, without their deleted documents. */
#ifndef QI_SEGMENT_MERGE_H
#define QI_SEGMENT_MERGE_H

#include "segment/read.h"

typedef struct qi_merge_source {
    const qi_segment *segment;
    const qi_docset *deleted; /* NULL: none */
} qi_merge_source;

/* Write the live documents of the sources, one source after the other, to a new segment in the file
 * that `id` names, and complete `id`. The result depends on nothing but the documents and their
 * order. All sources have the schema given. Every byte read is verified first, and the file is
 * synced. Errors: CORRUPT, LIMIT (too many documents or words for one segment), EXISTS, IO, MEMORY;
 * then no file is left. */
quire_status qi_merge(qi_dir *dir, qi_file_id *id, const quire_schema *schema,
                      const qi_merge_source *sources, size_t count, quire_error *err);

/* Live documents of the sources. */
uint64_t qi_merge_documents(const qi_merge_source *sources, size_t count);

/* Would the live documents fit one segment? */
bool qi_merge_fits(const qi_merge_source *sources, size_t count);

#endif
