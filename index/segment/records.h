/* SPDX-License-Identifier: MIT
 * segment/records.h - the stored documents of a segment: where each one's bytes are.
 *
 * Section "sdic" holds dictionaries, "stor" each document's dictionary number (a byte) and
 * compressed record, "stix" where they are. A document without stored values has no bytes. See
 * codec/stored.h for what a record says. */
#ifndef QI_SEGMENT_RECORDS_H
#define QI_SEGMENT_RECORDS_H

#include "base/buf.h"
#include "base/vec.h"
#include "codec/stored.h"
#include "segment/file.h"

enum { QI_RECORD_DICTIONARIES = 8 }; /* at most, in a segment; 255 stands for none */

/* Of an open segment. Shared. */
typedef struct qi_records {
    const qi_file *file;
    uint32_t doc_count;
    const uint8_t *index; /* a u64 for each 64 documents, then a u32 length for each document */
    const uint8_t *bytes;
    size_t size;
    uint32_t dictionary_count;
    quire_str dictionaries[QI_RECORD_DICTIONARIES];
    qi_stored_unpacker **unpackers; /* one a dictionary and one for none, made at first use */
} qi_records;

/* Find the sections. `file` must outlive it. Errors: CORRUPT, MEMORY. */
quire_status qi_records_open(qi_records *out, const qi_file *file, uint32_t doc_count,
                             quire_error *err);
void qi_records_close(qi_records *records);

/* The record of a document, decompressed into `out` (which is emptied first); nothing if it has
 * none. Errors: CORRUPT, MEMORY. */
quire_status qi_records_get(const qi_records *records, uint32_t doc, qi_buf *out, quire_error *err);

struct qi_writer_file;

/* Writes the sections. Exclusive. */
typedef struct qi_records_writer {
    struct qi_writer_file *file;
    qi_stored_packer *packer;
    uint8_t number;      /* of the packer's dictionary */
    qi_buf dictionaries; /* section "sdic" in the making */
    uint32_t dictionary_count;
    uint64_t hashes[QI_RECORD_DICTIONARIES];
    QI_VEC(uint32_t) lengths;
    uint64_t written;
    qi_buf scratch, packed;
} qi_records_writer;

/* Begin; the section "stor" is open in `file` until qi_records_end. Errors: IO, MEMORY. */
quire_status qi_records_begin(qi_records_writer *writer, struct qi_writer_file *file,
                              quire_error *err);

/* Compress the records that follow with this dictionary (len 0: none). Errors: MEMORY. */
quire_status qi_records_dictionary(qi_records_writer *writer, quire_str dictionary,
                                   quire_error *err);

/* The next document's record, to be compressed. Errors: IO, MEMORY. */
quire_status qi_records_add(qi_records_writer *writer, quire_str record, quire_error *err);

/* Take over the dictionaries of a segment that copies will come from; `numbers`: what each is
 * called here. Errors: MEMORY. */
quire_status qi_records_source(qi_records_writer *writer, const qi_records *from,
                               uint8_t numbers[QI_RECORD_DICTIONARIES], quire_error *err);

/* The next document's record, copied compressed. Errors: CORRUPT, IO, MEMORY. */
quire_status qi_records_copy(qi_records_writer *writer, const qi_records *from,
                             const uint8_t numbers[QI_RECORD_DICTIONARIES], uint32_t doc,
                             quire_error *err);

/* Write index and dictionaries; add to stat->stored_bytes. Errors: IO, MEMORY. */
quire_status qi_records_end(qi_records_writer *writer, quire_segment_stat *stat, quire_error *err);
void qi_records_free(qi_records_writer *writer);

#endif
