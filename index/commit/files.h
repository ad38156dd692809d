/* SPDX-License-Identifier: MIT
 * commit/files.h - the files of a commit, opened and written as the manifest says. Any thread. */
#ifndef QI_COMMIT_FILES_H
#define QI_COMMIT_FILES_H

#include "codec/manifest.h"
#include "segment/read.h"

/* Open the segment of an entry. Errors: CORRUPT (also if it is not the file that the entry means),
 * FORMAT, NOT_FOUND, IO, MEMORY. */
quire_status qi_files_open_segment(qi_segment **out, qi_dir *dir, const uint8_t uuid[16],
                                   const qi_manifest_entry *entry, const quire_schema *schema,
                                   quire_error *err);

/* Read the deleted documents of an entry that has some. Errors: the same. */
quire_status qi_files_open_deletes(qi_docset *out, qi_dir *dir, const uint8_t uuid[16],
                                   const qi_manifest_entry *entry, quire_error *err);

/* Write and sync a file of deletes, and complete `id`. Errors: EXISTS, IO, MEMORY; then no file is
 * left. */
quire_status qi_files_write_deletes(qi_dir *dir, qi_file_id *id, const qi_docset *deleted,
                                    quire_error *err);

/* Verify every checksum of a segment. Errors: CORRUPT. */
quire_status qi_files_verify(const qi_segment *segment, quire_error *err);

#endif
