/* SPDX-License-Identifier: MIT
 * segment/merge.h - several segments to one, without their deleted documents. */
#ifndef QI_SEGMENT_MERGE_H
#define QI_SEGMENT_MERGE_H

#include "segment/sources.h"

typedef struct qi_merge_plan {
    const quire_schema *schema;     /* which all sources have */
    const qi_merge_source *sources; /* at least one */
    size_t count;
    const uint32_t *order; /* the new number of each live document; NULL: as they come */
    size_t hold; /* bytes of a dictionary to have in memory; the rest waits in a file of the folder
                    until the lists are written; 0: no limit */
} qi_merge_plan;

/* Write the live documents of the sources to a new segment in the file that `id` names, and
 * complete `id`: one source after the other, or in the order of the plan, which has each number
 * below their count once. The result depends on nothing but the documents and their order. Every
 * byte read is verified first, and the file is synced. Documents that are ordered take eight bytes
 * of memory for each occurrence of the most frequent term. Errors: CORRUPT, LIMIT (too many
 * documents or words for one segment), EXISTS, IO, MEMORY; then no file is left. */
quire_status qi_merge(qi_dir *dir, qi_file_id *id, const qi_merge_plan *plan, quire_error *err);

#endif
