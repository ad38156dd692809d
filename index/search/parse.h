/* SPDX-License-Identifier: MIT
 * search/parse.h - query text to a query, leniently or strictly; quire-query(7) is the language.
 *
 * The lenient reading is a total function of the bytes, in linear time. */
#ifndef QI_SEARCH_PARSE_H
#define QI_SEARCH_PARSE_H

#include "search/query.h"

typedef struct qi_parse_options {
    bool strict;
    quire_operator operator_; /* QUIRE_OR, QUIRE_AND or QUIRE_SMART */
    const char *fields;       /* comma-separated; NULL: the schema's searched ones */
    const char *language;     /* NULL: each field's own */
    uint64_t *steps;          /* if not NULL: bytes and lexemes looked at are added to it */
} qi_parse_options;

/* Errors: SYNTAX, LIMIT (strict only; the offset says where), MISUSE (options), MEMORY. */
quire_status qi_parse(quire_query **out, const quire_schema *schema, quire_str text,
                      const qi_parse_options *options, quire_error *err);

#endif
