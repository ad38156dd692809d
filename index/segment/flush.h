/* SPDX-License-Identifier: MIT
 * segment/flush.h - the documents in memory to a segment. */
#ifndef QI_SEGMENT_FLUSH_H
#define QI_SEGMENT_FLUSH_H

#include "segment/memindex.h"
#include "segment/read.h"

/* Write all documents of `index`, deleted ones included, to a new segment in the file that `id`
 * names, and complete `id`. Stored records are coded against `dictionary`, which may be empty. The
 * index in memory is as before. Errors: EXISTS, IO, MEMORY; then no file is
 * left. */
quire_status qi_flush(const qi_memindex *index, qi_dir *dir, qi_file_id *id, quire_str dictionary,
                      quire_error *err);

/* Documents in memory that become one segment, the same as if one index had them. */
typedef struct qi_flush_plan {
    qi_mem_parts parts; /* one at least */
    quire_str dictionary;
    unsigned threads; /* that may code lists; 0 is 1 */
} qi_flush_plan;

/* The same for the documents of several indexes. They must fit a segment. */
quire_status qi_flush_parts(const qi_flush_plan *plan, qi_dir *dir, qi_file_id *id,
                            quire_error *err);

#endif
