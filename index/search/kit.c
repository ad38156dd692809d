/* SPDX-License-Identifier: MIT
 * Kits are kept by the schema that their analyzers follow from. Analyzers are made when a word
 * first needs one, and making one, its stemmer above all, takes longer than reading a query. */
#include "search/kit.h"

#include "base/mem.h"

enum { KEPT_WORK = 64 * 1024, KEPT_TEXT = 16 * 1024 };

/* The analyzer of a field, unless a later field shares it. */
static qi_analyzer *last_of(qi_analyzer *const *analyzers, size_t fields, size_t field)
{
    for (size_t i = field + 1; i < fields; i++)
        if (analyzers[i] == analyzers[field])
            return NULL;
    return analyzers[field];
}

void qi_kit_free_analyzers(qi_analyzer **analyzers, size_t fields)
{
    for (size_t i = 0; i < fields; i++)
        qi_analyzer_free(last_of(analyzers, fields, i));
}

static void free_kit(qi_spare *spare)
{
    qi_kit *kit = (qi_kit *)spare;
    qi_kit_free_analyzers(kit->analyzers, kit->fields);
    qi_mem_free(kit->analyzers);
    qi_mem_free(kit->defaults);
    qi_buf_free(&kit->text);
    qi_arena_free(&kit->work);
    qi_mem_free(kit);
}

static qi_spares *spares_of(const quire_schema *schema)
{
    return &((quire_schema *)(uintptr_t)schema)->kits;
}

static bool is_searchable(const quire_field *field)
{
    return field->type == QUIRE_TEXT && !field->not_indexed;
}

/* The schema's searched fields; if it has none, all of its indexed text fields. */
static void find_default_fields(qi_kit *kit, const quire_schema *schema)
{
    const quire_field *fields = schema->fields.items;
    bool some = false;
    for (size_t i = 0; i < schema->fields.count; i++)
        some = some || (is_searchable(&fields[i]) && fields[i].searched);
    for (size_t i = 0; i < schema->fields.count; i++)
        if (is_searchable(&fields[i]) && (fields[i].searched || !some))
            kit->defaults[kit->default_count++] = (uint32_t)i;
}

qi_kit *qi_kit_take(const quire_schema *schema)
{
    qi_kit *kit = (qi_kit *)qi_spares_take(spares_of(schema));
    if (kit != NULL && kit->fields == schema->fields.count)
        return kit;
    if (kit != NULL)
        free_kit(&kit->spare);
    kit = qi_mem_new(1, sizeof *kit);
    if (kit == NULL)
        return NULL;
    kit->spare.free = free_kit;
    qi_arena_init(&kit->work, 0);
    qi_buf_init(&kit->text, 0);
    kit->analyzers = qi_mem_new(schema->fields.count, sizeof(qi_analyzer *));
    kit->defaults = qi_mem_new(schema->fields.count, sizeof *kit->defaults);
    if (kit->analyzers != NULL && kit->defaults != NULL) {
        kit->fields = schema->fields.count;
        find_default_fields(kit, schema);
        return kit;
    }
    free_kit(&kit->spare);
    return NULL;
}

void qi_kit_leave(const quire_schema *schema, qi_kit *kit)
{
    if (kit == NULL)
        return;
    qi_arena_reset(&kit->work, KEPT_WORK);
    if (kit->text.room > KEPT_TEXT || kit->text.failed)
        qi_buf_free(&kit->text);
    for (size_t i = 0; i < kit->fields; i++)
        if (kit->analyzers[i] != NULL)
            qi_analyzer_rest(kit->analyzers[i]);
    qi_spares_give(spares_of(schema), &kit->spare);
}
