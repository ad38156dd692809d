/* SPDX-License-Identifier: MIT
 * codec/stored.h - the stored values of a document: one record, compressed by itself.
 *
 *   record: | language: length, bytes | count | field, length, bytes | ... |     all numbers
 * varints
 *
 * A record is one frame of zstd, coded against a dictionary that many documents share, so that any
 * document is reached at the price of its own bytes. V-1: a frame is whole, says how long its
 * record is, and decompresses to that.  V-2: a record is filled exactly by its values.  V-3: fields
 * are of the schema and do not decrease. */
#ifndef QI_CODEC_STORED_H
#define QI_CODEC_STORED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum {
    QI_STORED_DICTIONARY = 112640, /* bytes of a dictionary at most */
    QI_STORED_SAMPLES = 1 << 22    /* bytes of samples that training looks at, at most */
};

typedef struct qi_stored_value {
    uint32_t field;
    quire_str text;
} qi_stored_value;

/* A record taken apart: its strings point into the record's bytes. */
typedef struct qi_stored_record {
    quire_str language;
    size_t count;
    const qi_stored_value *values;
} qi_stored_record;

/* Append a record. Values are ordered by field. */
void qi_stored_encode(qi_buf *out, const qi_stored_record *record);

/* Take a record of a schema of `fields` fields apart; values are made in `memory`. Errors: CORRUPT
 * naming `file`, MEMORY. */
quire_status qi_stored_decode(qi_stored_record *out, quire_str record, uint32_t fields,
                              qi_arena *memory, const char *file, quire_error *err);

/* Append a dictionary made from sample records, the first QI_STORED_SAMPLES bytes of them; nothing
 * if they are too few to learn from. Errors: MEMORY. */
quire_status qi_stored_train(const quire_str *samples, size_t count, qi_buf *out, quire_error *err);

/* Compresses records with one dictionary. Exclusive. */
typedef struct qi_stored_packer qi_stored_packer;

/* `dictionary` may be empty, and must outlive the packer. Errors: CORRUPT naming `file`, MEMORY. */
quire_status qi_stored_packer_new(qi_stored_packer **out, quire_str dictionary, const char *file,
                                  quire_error *err);

/* Append the frame of a record. Errors: LIMIT (a record of 2^31 bytes or more), MEMORY. */
quire_status qi_stored_pack(qi_stored_packer *packer, quire_str record, qi_buf *out,
                            quire_error *err);

void qi_stored_packer_free(qi_stored_packer *packer);

/* Decompresses the records of one dictionary. Shared. */
typedef struct qi_stored_unpacker qi_stored_unpacker;

/* `dictionary` may be empty; it and `file` must outlive the unpacker. Errors: CORRUPT, MEMORY. */
quire_status qi_stored_unpacker_new(qi_stored_unpacker **out, quire_str dictionary,
                                    const char *file, quire_error *err);

/* Append the record that a frame holds. It takes memory in proportion to the frame, and no more
 * than `out` may hold. Errors: CORRUPT, MEMORY. */
quire_status qi_stored_unpack(qi_stored_unpacker *unpacker, quire_str frame, qi_buf *out,
                              quire_error *err);

void qi_stored_unpacker_free(qi_stored_unpacker *unpacker);

#endif
