/* SPDX-License-Identifier: MIT
 * segment/spool.h - bytes that wait in the folder until a segment that is being written comes to
 * them. Exclusive. */
#ifndef QI_SEGMENT_SPOOL_H
#define QI_SEGMENT_SPOOL_H

#include "base/buf.h"
#include "segment/out.h"

/* Zero is a spool of no bytes, which has no file. */
typedef struct qi_spool {
    char name[48];
    qi_out out;
    bool created;
} qi_spool;

/* Append all of `bytes`, which are empty then, for the segment that `file` is to become. Errors:
 * EXISTS, IO, MEMORY. */
quire_status qi_spool_add(qi_spool *spool, const qi_writer_file *file, qi_buf *bytes,
                          quire_error *err);

/* Copy `len` bytes from `offset` on to the section at hand. `scratch` is used. Errors: IO, MEMORY.
 */
quire_status qi_spool_copy(qi_spool *spool, uint64_t offset, uint64_t len, qi_writer_file *file,
                           qi_buf *scratch, quire_error *err);

/* Remove the file. Idempotent. */
void qi_spool_drop(qi_spool *spool);

#endif
