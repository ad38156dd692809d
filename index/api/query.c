/* SPDX-License-Identifier: MIT
 * quire_query_*: checks of the arguments around search/parse and search/make. */
#include "api/options.h"
#include "search/make.h"
#include "search/parse.h"
#include "search/print.h"

static quire_status check_call(quire_query **out, const quire_index *index, quire_error *err)
{
    if (out != NULL)
        *out = NULL;
    if (out == NULL || index == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_query: out or index is NULL");
    return QUIRE_OK;
}

static quire_status check_text(quire_str text, quire_error *err)
{
    if (text.ptr == NULL && text.len > 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_query: the text is NULL");
    return QUIRE_OK;
}

quire_status quire_query_parse(quire_query **out, const quire_index *index, quire_str text,
                               const quire_parse_options *options, quire_error *err)
{
    quire_parse_options all = QUIRE_PARSE_OPTIONS_INIT;
    QI_TRY(check_call(out, index, err));
    QI_TRY(check_text(text, err));
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    if (all.operator_ < QUIRE_OR || all.operator_ > QUIRE_SMART)
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "quire_query_parse: operator must be OR, AND or SMART");
    qi_parse_options how = {.strict = all.strict,
                            .operator_ = all.operator_,
                            .fields = all.fields,
                            .language = all.language};
    return qi_parse(out, quire_index_schema(index), text, &how, err);
}

quire_status quire_query_phrase(quire_query **out, const quire_index *index, const char *field,
                                quire_str text, uint32_t slop, quire_error *err)
{
    QI_TRY(check_call(out, index, err));
    QI_TRY(check_text(text, err));
    return qi_make_phrase(out, quire_index_schema(index), field, text, slop, err);
}

quire_status quire_query_prefix(quire_query **out, const quire_index *index, const char *field,
                                quire_str text, quire_error *err)
{
    QI_TRY(check_call(out, index, err));
    QI_TRY(check_text(text, err));
    return qi_make_prefix(out, quire_index_schema(index), field, text, err);
}

quire_status quire_query_range(quire_query **out, const quire_index *index, const char *field,
                               quire_str low, quire_str high, quire_error *err)
{
    QI_TRY(check_call(out, index, err));
    return qi_make_range(out, quire_index_schema(index), field, low, high, err);
}

quire_status quire_query_combine(quire_query **out, const quire_index *index,
                                 quire_operator operator_, quire_query *const *children,
                                 size_t count, float boost, quire_error *err)
{
    QI_TRY(check_call(out, index, err));
    if (children == NULL && count > 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_query_combine: children is NULL");
    qi_make_parts parts = {operator_, children, count, boost};
    return qi_make_combination(out, quire_index_schema(index), &parts, err);
}

const quire_query_info *quire_query_describe(const quire_query *query)
{
    return query == NULL ? NULL : qi_print_describe(query);
}

void quire_query_free(quire_query *query)
{
    qi_query_release(query);
}
