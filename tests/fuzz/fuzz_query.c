/* SPDX-License-Identifier: MIT
 * Any bytes read leniently, and the canonical form of that reading strictly, as an equal tree. The
 * first byte picks the default operator. */
#include "search/parse.h"
#include "search/print.h"
#include "support/trees.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        __builtin_trap();
}

static void check_canonical(const quire_schema *schema, const quire_query *query,
                            qi_parse_options options)
{
    quire_query *again;
    quire_str text = qi_print_describe(query)->canonical;
    options.strict = true;
    if (text.len > QI_QUERY_BYTES)
        return;
    require(qi_parse(&again, schema, text, &options, NULL) == QUIRE_OK);
    require(same_tree(query->root, again->root));
    require(same_str(text, qi_print_describe(again)->canonical));
    qi_query_release(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    quire_schema *schema = tree_schema();
    qi_parse_options options = {.operator_ = (quire_operator)(size > 0 ? data[0] % 3 : 0)};
    quire_str text = {(const char *)data + (size > 0), size - (size > 0)};
    quire_query *query;
    require(schema != NULL);
    require(qi_parse(&query, schema, text, &options, NULL) == QUIRE_OK);
    check_canonical(schema, query, options);
    qi_query_release(query);
    options.strict = true;
    quire_status status = qi_parse(&query, schema, text, &options, NULL);
    require(status == QUIRE_OK || status == QUIRE_ERR_SYNTAX || status == QUIRE_ERR_LIMIT);
    if (status == QUIRE_OK)
        check_canonical(schema, query, options);
    qi_query_release(query);
    qi_schema_release(schema);
    return 0;
}
