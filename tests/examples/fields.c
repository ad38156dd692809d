/* Fields of every type, a filter on one, an order by another, and the values of what is found. */
#include <quire.h>
#include <stdio.h>

enum { FIELDS = 4, BOOKS = 3 };

static const quire_field fields[FIELDS] = {
    {.name = "isbn", .type = QUIRE_KEYWORD, .key = true},
    {.name = "title", .type = QUIRE_TEXT, .stored = true, .searched = true},
    {.name = "pages", .type = QUIRE_NUMBER},
    {.name = "bought", .type = QUIRE_DATE},
};

static const char *const books[BOOKS][FIELDS] = {{"b-1", "A Guide to Clouds", "310", "2021-03-04"},
                                                 {"b-2", "Clouds for Sailors", "96", "2019-11-30"},
                                                 {"b-3", "Rain and Clouds", "150", "2022-01-15"}};

static quire_status build(quire_index **index, quire_error *err)
{
    quire_schema *schema = NULL;
    quire_writer *writer = NULL;
    quire_status status = quire_schema_new(&schema, false, err);
    for (int f = 0; status == QUIRE_OK && f < FIELDS; f++) {
        quire_field field = fields[f];
        field.struct_size = sizeof field;
        status = quire_schema_add(schema, &field, err);
    }
    if (status == QUIRE_OK)
        status = quire_index_create(index, "books.quire", schema, NULL, err);
    if (status == QUIRE_OK)
        status = quire_writer_open(&writer, *index, NULL, err);
    for (int b = 0; status == QUIRE_OK && b < BOOKS; b++) {
        quire_value values[FIELDS];
        for (int f = 0; f < FIELDS; f++)
            values[f] = (quire_value){fields[f].name, quire_cstr(books[b][f]), 0};
        status = quire_writer_add(writer, values, FIELDS, NULL, err);
    }
    if (status == QUIRE_OK)
        status = quire_writer_commit(writer, quire_cstr(""), false, err);
    quire_writer_close(writer);
    quire_schema_free(schema);
    return status;
}

static quire_status show(quire_snapshot *snapshot, const quire_hits *hits, quire_error *err)
{
    for (size_t i = 0; i < hits->count; i++) {
        const quire_document *book = NULL;
        if (quire_document_open(&book, snapshot, hits->items[i].doc, err) < 0)
            return err->code;
        for (size_t v = 0; v < book->count; v++) {
            const quire_value *value = &book->values[v];
            if (value->text.ptr != NULL)
                printf("%s=%.*s\n", value->field, (int)value->text.len, value->text.ptr);
            else
                printf("%s=%lld\n", value->field, (long long)value->number);
        }
        quire_document_free(book);
    }
    return QUIRE_OK;
}

int main(void)
{
    quire_error err = {0};
    quire_index *index = NULL;
    quire_snapshot *snapshot = NULL;
    quire_query *query = NULL;
    const quire_hits *hits = NULL;
    quire_search_options newest = {sizeof newest, .sort = "bought", .descending = true};
    if (build(&index, &err) < 0 || quire_snapshot_open(&snapshot, index, &err) < 0 ||
        quire_query_parse(&query, index, quire_cstr("+clouds +pages:100..400"), NULL, &err) < 0 ||
        quire_search(&hits, snapshot, query, &newest, &err) < 0 || show(snapshot, hits, &err) < 0)
        fprintf(stderr, "fields: %s\n", err.message);
    quire_hits_free(hits);
    quire_query_free(query);
    quire_snapshot_close(snapshot);
    quire_index_close(index);
    return err.code != QUIRE_OK;
}
