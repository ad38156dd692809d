/* SPDX-License-Identifier: MIT
 *
 * Searching: the options are checked, and the call goes down. */
#include "base/mem.h"
#include "search/run.h"

#include "api/options.h"

quire_status quire_search(const quire_hits **out, quire_snapshot *snapshot,
                          const quire_query *query, const quire_search_options *options,
                          quire_error *err)
{
    quire_search_options all = QUIRE_SEARCH_OPTIONS_INIT;
    *out = NULL;
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    return qi_run(out, snapshot, query->root, &all, err);
}

void quire_hits_free(const quire_hits *hits)
{
    qi_mem_free((void *)(uintptr_t)hits);
}
