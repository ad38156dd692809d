/* SPDX-License-Identifier: MIT
 * segment/out.h - writing one file of the index: sections in an envelope, through a buffer.
 * Exclusive. */
#ifndef QI_SEGMENT_OUT_H
#define QI_SEGMENT_OUT_H

#include "base/buf.h"
#include "segment/file.h"

typedef struct qi_writer_file {
    qi_dir *dir;
    qi_file_id id;
    qi_out out;
    qi_envelope_builder envelope;
    qi_buf pending; /* appended, not yet given to the folder */
    bool created;
} qi_writer_file;

/* Create the file that `id` names (its name, uuid and seq) and write its header. Errors: EXISTS,
 * IO, MEMORY. */
quire_status qi_out_create(qi_writer_file *file, qi_dir *dir, const qi_file_id *id, uint32_t kind,
                           quire_error *err);

/* Bytes written so far: the offset of the next. */
uint64_t qi_out_offset(const qi_writer_file *file);

/* Begin a section of this name (at most 8 bytes), append to it, end it. Errors: IO, MEMORY, LIMIT.
 */
quire_status qi_out_begin(qi_writer_file *file, const char *name, quire_error *err);
quire_status qi_out_add(qi_writer_file *file, const void *bytes, size_t len, quire_error *err);
quire_status qi_out_end(qi_writer_file *file, quire_error *err);

/* A whole section. `bytes->failed` is an error of memory. */
quire_status qi_out_section(qi_writer_file *file, const char *name, const qi_buf *bytes,
                            quire_error *err);

/* Read back bytes that were added. Errors: IO. */
quire_status qi_out_read(qi_writer_file *file, uint64_t offset, void *bytes, size_t len,
                         quire_error *err);

/* Write the trailer, sync, close, and complete `id` with length and hash. */
quire_status qi_out_finish(qi_writer_file *file, qi_file_id *id, quire_error *err);

/* Give the file up: close and remove it if it was created and not finished. NULL-safe, idempotent.
 */
void qi_out_drop(qi_writer_file *file);

#endif
