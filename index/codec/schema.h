/* SPDX-License-Identifier: MIT
 * codec/schema.h - the fields of an index, in memory and in bytes.
 *
 * struct quire_schema itself: immutable once an index holds it, and then shared and
 * reference-counted by its holders. */
#ifndef QI_CODEC_SCHEMA_H
#define QI_CODEC_SCHEMA_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/spare.h"
#include "base/vec.h"
#include "base/view.h"

#define QI_NO_FIELD UINT32_MAX

/* A lane is a term space. Field f has lane 2f: its terms; and if `exact`, lane 2f + 1: the folded,
 * unstemmed forms at the same word numbers. */
#define QI_LANE(field, exact) (2 * (uint32_t)(field) + ((exact) ? 1u : 0u))
#define QI_LANE_FIELD(lane) ((lane) / 2)

/* Room for a version of Unicode, "15.0.0". */
enum { QI_SCHEMA_UNICODE = 12 };

/* Word numbers left free between two values of a text field of one document, if the first has
 * words. */
enum { QI_VALUE_GAP = 1 };

struct quire_schema {
    uint32_t refs;                   /* see qi_schema_retain */
    qi_arena memory;                 /* names */
    QI_VEC(quire_field) fields;      /* names point into memory */
    uint32_t key;                    /* the key field, or QI_NO_FIELD */
    float k1, b;                     /* set when an index is created */
    char unicode[QI_SCHEMA_UNICODE]; /* of the text layer then; "": not known */
    qi_spares kits;                  /* of readings of queries: search/kit.h */
    qi_spares queries;               /* of their memory: search/query.h */
};

/* A schema without fields, with the default k1 and b and no version of Unicode: the caller's. */
quire_status qi_schema_new(quire_schema **out, quire_error *err);

/* Add a copy of `field`; all is checked but whether the language exists, which the text layer
 * knows. Errors: MISUSE, EXISTS, LIMIT, MEMORY; the schema is then as it was. Exclusive. */
quire_status qi_schema_add(quire_schema *schema, const quire_field *field, quire_error *err);

/* Share it. Any thread. */
quire_schema *qi_schema_retain(const quire_schema *schema);

/* Give up one's share; NULL is fine. Any thread. */
void qi_schema_release(quire_schema *schema);

/* A deep copy, owned by the caller. */
quire_status qi_schema_copy(quire_schema **out, const quire_schema *schema, quire_error *err);

/* Do the schemas have the same fields, analysed alike? Versions of Unicode do not count: all text
 * and all queries are read by that of the library. Any thread. */
bool qi_schema_same(const quire_schema *a, const quire_schema *b);

/* The number of the field of this name, or QI_NO_FIELD. */
uint32_t qi_schema_find(const quire_schema *schema, const char *name, size_t len);

/* Fail with `status`: there is no field of this name; the message says which there are. */
quire_status qi_schema_no_field(const quire_schema *schema, quire_str name, quire_status status,
                                quire_error *err);

/* Are these parameters of BM25 allowed? */
bool qi_schema_tuning_valid(float k1, float b);

/* Bytes that qi_schema_decode reads back to an equal schema. */
void qi_schema_encode(const quire_schema *schema, qi_buf *out);

/* Errors: CORRUPT (naming `file`), MEMORY. */
quire_status qi_schema_decode(quire_schema **out, qi_view *in, const char *file, quire_error *err);

/* Does the lane's lists hold positions (text), or documents only (keyword)? */
static inline bool qi_field_has_positions(const quire_field *field)
{
    return field->type == QUIRE_TEXT;
}

/* Does the field have terms at all? */
static inline bool qi_field_has_terms(const quire_field *field)
{
    return (field->type == QUIRE_TEXT && !field->not_indexed) || field->type == QUIRE_KEYWORD;
}

#endif
