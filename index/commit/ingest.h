/* SPDX-License-Identifier: MIT
 * commit/ingest.h - from a document's values to terms in memory.
 *
 * Exclusive, and for one index in memory after the other: entries of the one at hand are
 * remembered. Analyzers are made once for each way of analysing and kept, so that what they learn
 * of a language serves all fields and documents. */
#ifndef QI_COMMIT_INGEST_H
#define QI_COMMIT_INGEST_H

#include "segment/memindex.h"

/* A value of a document. Text and keyword fields: `text`; number and date fields: `number`, not
 * INT64_MIN. */
typedef struct qi_ingest_value {
    uint32_t field;
    quire_str text;
    int64_t number;
} qi_ingest_value;

typedef struct qi_ingest qi_ingest;

/* Errors: MEMORY. */
quire_status qi_ingest_new(qi_ingest **out, const quire_schema *schema, quire_error *err);

/* Most bytes for remembering words, for each way of analysing; see qi_analyzer_remember. */
void qi_ingest_remember(qi_ingest *ingest, size_t bytes);
void qi_ingest_free(qi_ingest *ingest);

/* Are the values a document of the schema? `language` is NULL or what its text is stemmed in. *key
 * is its key, lent from the values, if the schema has one. Errors: MISUSE, LIMIT. */
quire_status qi_ingest_check(const qi_ingest *ingest, const qi_ingest_value *values, size_t count,
                             quire_str *key, quire_error *err);

/* Add a document that was checked. After an error it is in `index` as a deleted one, or not at all.
 * Errors: MISUSE (language), LIMIT, MEMORY. */
quire_status qi_ingest_add(qi_ingest *ingest, qi_memindex *index, const qi_ingest_value *values,
                           size_t count, const char *language, quire_error *err);

/* Append the document's stored record (codec/stored.h), or nothing if it has none. out->failed as
 * ever. Errors: MEMORY. */
quire_status qi_ingest_record(qi_ingest *ingest, qi_buf *out, const qi_ingest_value *values,
                              size_t count, const char *language, quire_error *err);

/* Bytes that were not UTF-8, and tokens cut to 255 bytes, so far. */
uint64_t qi_ingest_invalid_bytes(const qi_ingest *ingest);
uint64_t qi_ingest_long_tokens(const qi_ingest *ingest);

#endif
