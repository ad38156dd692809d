/* SPDX-License-Identifier: MIT
 *
 * Matches and snippets. */
#include "search/matches.h"

#include "api/options.h"

quire_status quire_matches_open(const quire_matches **out, const quire_index *index,
                                const quire_query *query, const quire_document *document,
                                quire_error *err)
{
    qi_matches *matches = NULL;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || index == NULL || query == NULL || document == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "quire_matches_open: out, index, query or document is NULL");
    if (!qi_schema_same(quire_index_schema(index), query->schema))
        return qi_fail(err, QUIRE_ERR_MISUSE, "the query was made for an index of another schema");
    quire_status status =
        qi_matches_open(&matches, quire_index_schema(index), query->root, document, err);
    if (status == QUIRE_OK)
        *out = &matches->shown;
    return status;
}

quire_status quire_matches_snippet(const quire_matches *matches,
                                   const quire_snippet_options *options, quire_str *out,
                                   quire_error *err)
{
    quire_snippet_options all = QUIRE_SNIPPET_OPTIONS_INIT;
    if (out != NULL)
        *out = (quire_str){NULL, 0};
    if (out == NULL || matches == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_matches_snippet: out or matches is NULL");
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    return qi_snippet_make((qi_matches *)(uintptr_t)matches, &all, out, err);
}

void quire_matches_free(const quire_matches *matches)
{
    qi_matches_free((qi_matches *)(uintptr_t)matches);
}
