/* SPDX-License-Identifier: MIT
 * For tests of the query language: reading a text one way or another over the schema of trees.h,
 * and looking at what came out. A test case uses the fixture begin_reading, end_reading. */
#ifndef QI_TESTS_SUPPORT_READING_H
#define QI_TESTS_SUPPORT_READING_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "search/parse.h"
#include "search/print.h"
#include "support/trees.h"

static quire_schema *schema;
static quire_query *query;
static quire_error err;

static inline void begin_reading(void)
{
    schema = tree_schema();
    query = NULL;
}

static inline void end_reading(void)
{
    qi_query_release(query);
    qi_schema_release(schema);
}

static inline quire_status read_with(const char *text, qi_parse_options options)
{
    qi_query_release(query);
    return qi_parse(&query, schema, quire_cstr(text), &options, &err);
}

/* The canonical form of a lenient reading. */
static inline const char *lenient(const char *text)
{
    ck_assert_int_eq(read_with(text, (qi_parse_options){.strict = false}), QUIRE_OK);
    return qi_print_describe(query)->canonical.ptr;
}

static inline const char *smart(const char *text)
{
    ck_assert_int_eq(read_with(text, (qi_parse_options){.operator_ = QUIRE_SMART}), QUIRE_OK);
    return qi_print_describe(query)->canonical.ptr;
}

static inline const char *all(const char *text)
{
    ck_assert_int_eq(read_with(text, (qi_parse_options){.operator_ = QUIRE_AND}), QUIRE_OK);
    return qi_print_describe(query)->canonical.ptr;
}

static inline const char *strict(const char *text)
{
    quire_status status = read_with(text, (qi_parse_options){.strict = true});
    ck_assert_msg(status == QUIRE_OK, "%s: %s", text, status == QUIRE_OK ? "" : err.message);
    return qi_print_describe(query)->canonical.ptr;
}

static inline bool noted(const char *code)
{
    for (size_t i = 0; i < query->info.note_count; i++)
        if (strcmp(query->info.notes[i].code, code) == 0)
            return true;
    return false;
}

#define NO_NOTES() ck_assert_uint_eq(query->info.note_count, 0)

/* The strict reading fails at this byte with this text in its message. */
static inline void refused(const char *text, uint64_t offset, const char *message)
{
    quire_status status = read_with(text, (qi_parse_options){.strict = true});
    ck_assert_msg(status == QUIRE_ERR_SYNTAX, "'%s' reads strictly", text);
    ck_assert_ptr_null(query);
    ck_assert_msg(err.offset == offset, "'%s': byte %d: %s", text, (int)err.offset, err.message);
    ck_assert_msg(strstr(err.message, message) != NULL, "'%s': %s", text, err.message);
}

/* The canonical form of `q` reads strictly as an equal tree and has itself as its canonical form.
 */
static inline void check_canonical(const quire_query *q, quire_operator operator_,
                                   const char *language)
{
    quire_query *again = NULL;
    qi_parse_options options = {.strict = true, .operator_ = operator_, .language = language};
    quire_str text = qi_print_describe(q)->canonical;
    if (text.len > QI_QUERY_BYTES)
        return;
    quire_status status = qi_parse(&again, schema, text, &options, &err);
    ck_assert_msg(status == QUIRE_OK, "canonical '%s': %s", text.ptr, err.message);
    ck_assert_msg(same_tree(q->root, again->root), "'%s' became '%s'", text.ptr,
                  qi_print_describe(again)->canonical.ptr);
    ck_assert_str_eq(qi_print_describe(again)->canonical.ptr, text.ptr);
    qi_query_release(again);
}

#endif
