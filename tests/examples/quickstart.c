#include <quire.h>
#include <stdio.h>

int main(void)
{
    quire_error err = {0};
    quire_schema *schema = NULL;
    quire_index *index = NULL;
    quire_writer *writer = NULL;
    quire_snapshot *snapshot = NULL;
    quire_query *query = NULL;
    const quire_hits *hits = NULL;
    const quire_value tides[] = {{.field = "id", .text = quire_cstr("tides.md")},
                                 {.field = "body", .text = quire_cstr("The moon pulls the sea.")}};

    if (quire_schema_new(&schema, true, &err) < 0 ||
        quire_index_create(&index, "articles.quire", schema, NULL, &err) < 0 ||
        quire_writer_open(&writer, index, NULL, &err) < 0 ||
        quire_writer_add(writer, tides, 2, NULL, &err) < 0 ||
        quire_writer_commit(writer, quire_cstr(""), false, &err) < 0 ||
        quire_snapshot_open(&snapshot, index, &err) < 0 ||
        quire_query_parse(&query, index, quire_cstr("\"moon pulls\" sea"), NULL, &err) < 0 ||
        quire_search(&hits, snapshot, query, NULL, &err) < 0)
        fprintf(stderr, "quickstart: %s\n", err.message);
    for (size_t i = 0; hits != NULL && i < hits->count; i++)
        printf("%zu. scores %.3f\n", i + 1, hits->items[i].score);

    quire_hits_free(hits);
    quire_query_free(query);
    quire_snapshot_close(snapshot);
    quire_writer_close(writer);
    quire_index_close(index);
    quire_schema_free(schema);
    return err.code != QUIRE_OK;
}
