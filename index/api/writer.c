/* SPDX-License-Identifier: MIT
 * quire_writer_*: values are named and typed here; what becomes of them is commit/writer.c's. A
 * handle knows the index that it keeps alive. */
#include "commit/writer.h"

#include <string.h>

#include "api/index.h"
#include "api/options.h"
#include "base/mem.h"
#include "search/value.h"

/* quire_writer is the handle, qi_writer what it stands for. */
struct quire_writer {
    quire_index *index; /* a share */
    qi_writer *writer;
    QI_VEC(qi_ingest_value) values; /* of the document being added */
};

enum { DEFAULT_MEMORY = 256 << 20, LEAST_MEMORY = 1 << 20 };

void quire_writer_close(quire_writer *writer)
{
    if (writer == NULL)
        return;
    qi_writer_close(writer->writer);
    QI_VEC_FREE(&writer->values);
    qi_index_release(writer->index);
    qi_mem_free(writer);
}

quire_status quire_writer_open(quire_writer **out, quire_index *index,
                               const quire_writer_options *options, quire_error *err)
{
    quire_writer_options all = QUIRE_WRITER_OPTIONS_INIT;
    if (out == NULL || index == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_writer_open: out or index is NULL");
    *out = NULL;
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    if (index->read_only)
        return qi_fail(err, QUIRE_ERR_MISUSE, "the index was opened read-only");
    if (all.max_memory != 0 && all.max_memory < LEAST_MEMORY)
        return qi_fail(err, QUIRE_ERR_MISUSE, "max_memory must be at least 1 MiB");
    if ((unsigned)all.order > QUIRE_ORDER_BISECTION)
        return qi_fail(err, QUIRE_ERR_MISUSE, "there is no such order of documents");
    quire_writer *writer = qi_mem_new(1, sizeof *writer);
    if (writer == NULL)
        return qi_no_memory(err);
    writer->index = qi_index_retain(index);
    qi_writer_config config = {.max_memory = all.max_memory != 0 ? all.max_memory : DEFAULT_MEMORY,
                               .wait_ms = all.wait_ms,
                               .auto_merge = !all.no_auto_merge,
                               .order = all.order,
                               .max_merge = all.max_merge,
                               .threads = all.threads};
    quire_status status = qi_writer_open(&writer->writer, index->dir, &config, err);
    if (status == QUIRE_OK)
        *out = writer;
    else
        quire_writer_close(writer);
    return status;
}

/* Read the text of a number or date field. A date that names a day or year is its first second. */
static quire_status read_number(const quire_field *field, quire_str text, int64_t *out,
                                quire_error *err)
{
    qi_value_span span;
    bool date = field->type == QUIRE_DATE;
    if (date ? qi_value_date(text, &span) : qi_value_number(text, &span)) {
        *out = span.low;
        return QUIRE_OK;
    }
    return qi_fail(err, QUIRE_ERR_MISUSE, "field '%s': '%.*s' is not %s", field->name,
                   (int)(text.len < 60 ? text.len : 60), text.ptr,
                   date ? "a date like 2001-02-03 or 2001-02-03T04:05:06Z" : "a whole number");
}

static quire_status read_value(const quire_schema *schema, const quire_value *value,
                               qi_ingest_value *out, quire_error *err)
{
    const char *name = value->field == NULL ? "" : value->field;
    *out = (qi_ingest_value){.field = qi_schema_find(schema, name, strlen(name)),
                             .text = value->text,
                             .number = value->number};
    if (out->field == QI_NO_FIELD)
        return qi_schema_no_field(schema, quire_cstr(name), QUIRE_ERR_MISUSE, err);
    const quire_field *field = &schema->fields.items[out->field];
    bool column = field->type == QUIRE_NUMBER || field->type == QUIRE_DATE;
    if (value->text.ptr == NULL && value->text.len != 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "field '%s': the text is NULL but not empty", name);
    return column && value->text.ptr != NULL ? read_number(field, value->text, &out->number, err)
                                             : QUIRE_OK;
}

quire_status quire_writer_add(quire_writer *writer, const quire_value *values, size_t count,
                              const quire_add_options *options, quire_error *err)
{
    quire_add_options all = QUIRE_ADD_OPTIONS_INIT;
    if (writer == NULL || (values == NULL && count != 0))
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_writer_add: writer or values is NULL");
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    writer->values.count = 0;
    if (!QI_VEC_RESERVE(&writer->values, count))
        return qi_no_memory(err);
    const quire_schema *schema = qi_writer_schema(writer->writer);
    for (size_t i = 0; i < count; i++)
        QI_TRY(read_value(schema, &values[i], &writer->values.items[i], err));
    const char *language = all.language != NULL && all.language[0] != '\0' ? all.language : NULL;
    return qi_writer_add(writer->writer, writer->values.items, count, language, err);
}

static quire_status no_writer(quire_error *err)
{
    return qi_fail(err, QUIRE_ERR_MISUSE, "the writer is NULL");
}

quire_status quire_writer_delete(quire_writer *writer, quire_str key, quire_error *err)
{
    return writer == NULL ? no_writer(err) : qi_writer_delete(writer->writer, key, err);
}

quire_status quire_writer_commit(quire_writer *writer, quire_str payload, bool prepare_only,
                                 quire_error *err)
{
    return writer == NULL ? no_writer(err)
                          : qi_writer_commit(writer->writer, payload, prepare_only, err);
}

quire_status quire_writer_rollback(quire_writer *writer, quire_error *err)
{
    return writer == NULL ? no_writer(err) : qi_writer_rollback(writer->writer, err);
}

quire_status quire_writer_merge(quire_writer *writer, uint32_t max_segments, quire_error *err)
{
    return writer == NULL ? no_writer(err) : qi_writer_merge(writer->writer, max_segments, err);
}

quire_writer_stat quire_writer_stat_get(const quire_writer *writer)
{
    return writer == NULL ? (quire_writer_stat){0} : qi_writer_stat(writer->writer);
}
