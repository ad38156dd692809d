/* SPDX-License-Identifier: MIT
 *
 * Walking the terms of a field. */
#include <string.h>

#include "base/mem.h"
#include "search/terms.h"

struct quire_terms {
    quire_snapshot *snapshot; /* retained */
    qi_arena memory;
    qi_terms terms;
    quire_error err; /* where the iterators tell a failure */
};

static quire_status find_lane(const quire_schema *schema, const char *name, bool exact,
                              uint32_t *lane, quire_error *err)
{
    uint32_t field = qi_schema_find(schema, name, strlen(name));
    if (field == QI_NO_FIELD)
        return qi_schema_no_field(schema, quire_cstr(name), QUIRE_ERR_NOT_FOUND, err);
    if (!qi_field_has_terms(&schema->fields.items[field]))
        return qi_fail(err, QUIRE_ERR_MISUSE, "field '%.64s' is not indexed: it has no terms",
                       name);
    if (exact && !schema->fields.items[field].exact)
        return qi_fail(err, QUIRE_ERR_MISUSE, "field '%.64s' keeps no exact forms", name);
    *lane = QI_LANE(field, exact);
    return QUIRE_OK;
}

quire_status quire_terms_open(quire_terms **out, quire_snapshot *snapshot, const char *field,
                              quire_str prefix, bool exact, quire_error *err)
{
    uint32_t lane = 0;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || snapshot == NULL || field == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_terms_open: out, snapshot or field is NULL");
    QI_TRY(find_lane(snapshot->schema, field, exact, &lane, err));
    quire_terms *terms = qi_mem_new(1, sizeof *terms);
    if (terms == NULL)
        return qi_no_memory(err);
    qi_arena_init(&terms->memory, 0);
    terms->snapshot = qi_snapshot_retain(snapshot);
    quire_str copy = {qi_arena_copy(&terms->memory, prefix.ptr, prefix.len), prefix.len};
    quire_status status = copy.ptr == NULL ? qi_no_memory(&terms->err)
                                           : qi_terms_init(&terms->terms, &terms->memory, snapshot,
                                                           lane, copy, &terms->err);
    if (status == QUIRE_OK) {
        *out = terms;
        return QUIRE_OK;
    }
    if (err != NULL)
        *err = terms->err;
    quire_terms_close(terms);
    return status;
}

quire_status quire_terms_next(quire_terms *terms, quire_term *out, quire_error *err)
{
    if (out != NULL)
        *out = (quire_term){{NULL, 0}, 0, 0};
    if (out == NULL || terms == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_terms_next: out or terms is NULL");
    quire_status status = qi_terms_step(&terms->terms);
    if (status == QUIRE_OK)
        *out = (quire_term){terms->terms.text, terms->terms.df, terms->terms.cf};
    else if (status < 0 && err != NULL)
        *err = terms->err;
    return status;
}

void quire_terms_close(quire_terms *terms)
{
    if (terms == NULL)
        return;
    qi_arena_free(&terms->memory);
    qi_snapshot_release(terms->snapshot);
    qi_mem_free(terms);
}
