/* SPDX-License-Identifier: MIT
 * record.h - one document as a reader found it, before the schema has its say. */
#ifndef QUIRE_CLI_RECORD_H
#define QUIRE_CLI_RECORD_H

#include "bytes.h"

/* A value, UTF-8. `json`: the text is JSON that is not a string (a number, an object…). */
typedef struct record_value {
    char *name, *text;
    size_t len;
    bool json;
} record_value;

/* Values in the order in which they were found; a list is its name several times. Zero is empty. */
typedef struct record {
    record_value *values;
    size_t count, cap;
} record;

void record_add(record *rec, quire_str name, quire_str text);
void record_add_json(record *rec, quire_str name, quire_str json);

/* The same, with the text handed over instead of copied. */
void record_give(record *rec, const char *name, bytes *text);

/* The first value of `name`, or a NULL ptr. */
quire_str record_find(const record *rec, const char *name);

/* The name a well-known field goes by in Quire: "published" is "date", "text" is "body". */
quire_str record_field_name(quire_str name);

/* Drop all values but the first `count`. */
void record_cut(record *rec, size_t count);
void record_clear(record *rec);
void record_free(record *rec);

#endif
