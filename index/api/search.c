/* SPDX-License-Identifier: MIT
 *
 * Searching, and explaining what was found. */
#include "base/mem.h"
#include "search/explain.h"
#include "search/run.h"

#include "api/options.h"

/* A query of another schema names fields that this one may not have. */
static quire_status expect_same(const quire_snapshot *snapshot, const quire_query *query,
                                quire_error *err)
{
    if (qi_schema_same(snapshot->schema, query->schema))
        return QUIRE_OK;
    return qi_fail(err, QUIRE_ERR_MISUSE, "the query was made for an index of another schema");
}

quire_status quire_search(const quire_hits **out, quire_snapshot *snapshot,
                          const quire_query *query, const quire_search_options *options,
                          quire_error *err)
{
    quire_search_options all = QUIRE_SEARCH_OPTIONS_INIT;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || snapshot == NULL || query == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_search: out, snapshot or query is NULL");
    QI_TRY(expect_same(snapshot, query, err));
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    return qi_run(out, snapshot, query->root, &all, err);
}

void quire_hits_free(const quire_hits *hits)
{
    qi_mem_free((void *)(uintptr_t)hits);
}

quire_status quire_explain(const quire_explanation **out, quire_snapshot *snapshot,
                           const quire_query *query, quire_doc doc,
                           const quire_search_options *options, quire_error *err)
{
    quire_search_options all = QUIRE_SEARCH_OPTIONS_INIT;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || snapshot == NULL || query == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_explain: out, snapshot or query is NULL");
    QI_TRY(expect_same(snapshot, query, err));
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    return qi_explain(out, snapshot, query->root, doc, &all, err);
}

void quire_explanation_free(const quire_explanation *explanation)
{
    qi_explain_free(explanation);
}
