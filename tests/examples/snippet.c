/* A phrase, where it stands in the stored text, and the passage that shows it best, ready for a
 * page of HTML. */
#include <quire.h>
#include <stdio.h>

static const char article[] =
    "Twice a day the tide covers the plants of the shore, and twice a day it leaves them in the "
    "air. Few can live with so much salt & water. Where they do, a salt marsh takes the strength "
    "out of a storm long before the waves reach the land behind it.";

static quire_status add(quire_index *index, quire_error *err)
{
    quire_writer *writer = NULL;
    const quire_value values[] = {{.field = "id", .text = quire_cstr("marsh")},
                                  {.field = "title", .text = quire_cstr("Where land begins")},
                                  {.field = "body", .text = quire_cstr(article)}};
    quire_status status = quire_writer_open(&writer, index, NULL, err);
    if (status == QUIRE_OK)
        status = quire_writer_add(writer, values, 3, NULL, err);
    if (status == QUIRE_OK)
        status = quire_writer_commit(writer, quire_cstr(""), false, err);
    quire_writer_close(writer);
    return status;
}

static quire_status show(const quire_index *index, quire_snapshot *snapshot,
                         const quire_query *query, quire_doc doc, quire_error *err)
{
    const quire_document *document = NULL;
    const quire_matches *matches = NULL;
    quire_str passage;
    quire_snippet_options options = {.struct_size = sizeof options,
                                     .field = "body",
                                     .max_bytes = 100,
                                     .open = "<mark>",
                                     .close = "</mark>",
                                     .html = true};
    quire_status status = quire_document_open(&document, snapshot, doc, err);
    if (status == QUIRE_OK)
        status = quire_matches_open(&matches, index, query, document, err);
    for (size_t i = 0; status == QUIRE_OK && i < matches->count; i++) {
        const quire_match *match = &matches->items[i];
        const quire_value *value = &document->values[match->value];
        printf("%s, bytes %zu to %zu: %.*s\n", value->field, match->start, match->end,
               (int)(match->end - match->start), value->text.ptr + match->start);
    }
    if (status == QUIRE_OK)
        status = quire_matches_snippet(matches, &options, &passage, err);
    if (status == QUIRE_OK)
        printf("%.*s\n", (int)passage.len, passage.ptr);
    quire_matches_free(matches);
    quire_document_free(document);
    return status;
}

int main(void)
{
    quire_error err = {0};
    quire_schema *schema = NULL;
    quire_index *index = NULL;
    quire_snapshot *snapshot = NULL;
    quire_query *query = NULL;
    const quire_hits *hits = NULL;
    if (quire_schema_new(&schema, true, &err) < 0 ||
        quire_index_create(&index, NULL, schema, NULL, &err) < 0 || add(index, &err) < 0 ||
        quire_snapshot_open(&snapshot, index, &err) < 0 ||
        quire_query_phrase(&query, index, "body", quire_cstr("salt marshes"), 0, &err) < 0 ||
        quire_search(&hits, snapshot, query, NULL, &err) < 0 || hits->count != 1 ||
        show(index, snapshot, query, hits->items[0].doc, &err) < 0)
        fprintf(stderr, "snippet: %s\n", err.message);
    quire_hits_free(hits);
    quire_query_free(query);
    quire_snapshot_close(snapshot);
    quire_index_close(index);
    quire_schema_free(schema);
    return err.code != QUIRE_OK;
}
