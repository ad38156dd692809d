/* SPDX-License-Identifier: MIT
 *
 * A document's values come from two places: the stored record has the text, columns have everything
 * else. They are put in the order of the schema; the record's bytes live as long as the document.
 */
#include <string.h>

#include "base/mem.h"
#include "segment/snapshot.h"

typedef struct loaded {
    quire_document shown;
    qi_arena memory;
    qi_buf record;
    quire_schema *schema; /* retained, for the names of fields */
} loaded;

/* While a document is put together. */
typedef struct loading {
    loaded *to;
    const qi_segment *segment;
    uint32_t doc;
    qi_stored_record record;
    quire_value *values;
    size_t count;
} loading;

static quire_status load_keyword(loading *from, uint32_t field, int64_t ordinal, quire_str *out,
                                 quire_error *err)
{
    qi_buf text;
    qi_buf_init(&text, 0);
    quire_status status = qi_segment_keyword(from->segment, field, (uint64_t)ordinal, &text, err);
    if (status == QUIRE_OK && !text.failed)
        *out = (quire_str){qi_arena_copy(&from->to->memory, text.bytes, text.len), text.len};
    if (status == QUIRE_OK && (text.failed || out->ptr == NULL))
        status = qi_no_memory(err);
    qi_buf_free(&text);
    return status;
}

static quire_status load_column(loading *from, uint32_t field, quire_error *err)
{
    const quire_field *described = &from->to->schema->fields.items[field];
    quire_value value = {described->name, {NULL, 0}, 0};
    bool has = false;
    if (!from->segment->fields[field].has_column)
        return QUIRE_OK;
    QI_TRY(qi_segment_column(from->segment, field, from->doc, &has, &value.number, err));
    if (has && described->type == QUIRE_KEYWORD) {
        int64_t ordinal = value.number;
        value.number = 0;
        QI_TRY(load_keyword(from, field, ordinal, &value.text, err));
    }
    if (has)
        from->values[from->count++] = value;
    return QUIRE_OK;
}

static quire_status load_values(loading *from, quire_error *err)
{
    size_t next = 0;
    const quire_schema *schema = from->to->schema;
    from->values = qi_arena_new(&from->to->memory, from->record.count + schema->fields.count,
                                sizeof *from->values);
    if (from->values == NULL)
        return qi_no_memory(err);
    for (uint32_t f = 0; f < schema->fields.count; f++) {
        for (; next < from->record.count && from->record.values[next].field == f; next++)
            from->values[from->count++] =
                (quire_value){schema->fields.items[f].name, from->record.values[next].text, 0};
        if (schema->fields.items[f].type != QUIRE_TEXT)
            QI_TRY(load_column(from, f, err));
    }
    return QUIRE_OK;
}

static quire_status load(loaded *to, const qi_segment *segment, uint32_t doc, quire_error *err)
{
    loading from = {.to = to, .segment = segment, .doc = doc};
    QI_TRY(qi_records_get(&segment->records, doc, &to->record, err));
    if (to->record.len != 0)
        QI_TRY(qi_stored_decode(
            &from.record, (quire_str){(const char *)to->record.bytes, to->record.len},
            (uint32_t)to->schema->fields.count, &to->memory, segment->file.name, err));
    QI_TRY(load_values(&from, err));
    const char *language =
        qi_arena_copy(&to->memory, from.record.language.ptr, from.record.language.len);
    to->shown = (quire_document){from.count, from.values, language};
    return language == NULL ? qi_no_memory(err) : QUIRE_OK;
}

quire_status quire_document_open(const quire_document **out, quire_snapshot *snapshot,
                                 quire_doc doc, quire_error *err)
{
    size_t part;
    uint32_t local;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || snapshot == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_document_open: out or snapshot is NULL");
    QI_TRY(qi_snapshot_locate(snapshot, doc, &part, &local, err));
    loaded *to = qi_mem_new(1, sizeof *to);
    if (to == NULL)
        return qi_no_memory(err);
    qi_arena_init(&to->memory, 0);
    qi_buf_init(&to->record, 0);
    to->schema = qi_schema_retain(snapshot->schema);
    quire_status status = load(to, snapshot->parts[part].segment, local, err);
    if (status == QUIRE_OK)
        *out = &to->shown;
    else
        quire_document_free(&to->shown);
    return status;
}

const quire_value *quire_document_value(const quire_document *document, const char *field)
{
    if (document == NULL || field == NULL)
        return NULL;
    for (size_t i = 0; i < document->count; i++)
        if (strcmp(document->values[i].field, field) == 0)
            return &document->values[i];
    return NULL;
}

void quire_document_free(const quire_document *document)
{
    loaded *to = (loaded *)(uintptr_t)document;
    if (to == NULL)
        return;
    qi_arena_free(&to->memory);
    qi_buf_free(&to->record);
    quire_schema_free(to->schema);
    qi_mem_free(to);
}
