/* SPDX-License-Identifier: MIT
 * search/make.h - queries built by calls, without text syntax: what quire_query_phrase and its kin
 * do.
 *
 * `field` NULL: the schema's searched fields. Errors everywhere: NOT_FOUND (no such field), LIMIT,
 * MEMORY. Any thread. */
#ifndef QI_SEARCH_MAKE_H
#define QI_SEARCH_MAKE_H

#include "search/query.h"

/* The words of `text` in order; a keyword field's whole value. Errors: MISUSE (the field has no
 * terms). */
quire_status qi_make_phrase(quire_query **out, const quire_schema *schema, const char *field,
                            quire_str text, uint32_t slop, quire_error *err);

/* Words or keywords that start with `text`. Errors: MISUSE (as above), SYNTAX (more than one word).
 */
quire_status qi_make_prefix(quire_query **out, const quire_schema *schema, const char *field,
                            quire_str text, quire_error *err);

/* Values of a column from `low` to `high`, both included; ptr NULL is open. Errors: MISUSE (no
 * column), SYNTAX (no value of the field). */
quire_status qi_make_range(quire_query **out, const quire_schema *schema, const char *field,
                           quire_str low, quire_str high, quire_error *err);

/* What quire_query_combine takes. */
typedef struct qi_make_parts {
    quire_operator operator_;
    quire_query *const *children;
    size_t count;
    float boost;
} qi_make_parts;

/* Errors: MISUSE (operator, boost, children of another schema). */
quire_status qi_make_combination(quire_query **out, const quire_schema *schema,
                                 const qi_make_parts *parts, quire_error *err);

#endif
