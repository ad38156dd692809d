/* An index in memory: replace and delete by key, keep an old snapshot, and roll back. */
#include <quire.h>
#include <stdio.h>

static quire_status put(quire_writer *writer, const char *id, const char *body, quire_error *err)
{
    const quire_value values[] = {{.field = "id", .text = quire_cstr(id)},
                                  {.field = "body", .text = quire_cstr(body)}};
    return quire_writer_add(writer, values, 2, NULL, err);
}

/* Prints the keys of the documents that hold `word`, in the order found. */
static quire_status list(const quire_index *index, quire_snapshot *snapshot, const char *word,
                         quire_error *err)
{
    quire_query *query = NULL;
    const quire_hits *hits = NULL;
    quire_status status = quire_query_phrase(&query, index, "body", quire_cstr(word), 0, err);
    if (status == QUIRE_OK)
        status = quire_search(&hits, snapshot, query, NULL, err);
    printf("generation %llu, %s:", (unsigned long long)quire_snapshot_stat(snapshot)->generation,
           word);
    for (size_t i = 0; status == QUIRE_OK && i < hits->count; i++) {
        const quire_document *document = NULL;
        status = quire_document_open(&document, snapshot, hits->items[i].doc, err);
        const quire_value *id = quire_document_value(document, "id");
        if (id != NULL)
            printf(" %.*s", (int)id->text.len, id->text.ptr);
        quire_document_free(document);
    }
    printf("\n");
    quire_hits_free(hits);
    quire_query_free(query);
    return status;
}

int main(void)
{
    quire_error err = {0};
    quire_schema *schema = NULL;
    quire_index *index = NULL;
    quire_writer *writer = NULL;
    quire_snapshot *old = NULL, *now = NULL;
    quire_str payload = quire_cstr("row 17 of the host's own journal");

    if (quire_schema_new(&schema, true, &err) < 0 ||
        quire_index_create(&index, NULL, schema, NULL, &err) < 0 ||
        quire_writer_open(&writer, index, NULL, &err) < 0 ||
        put(writer, "ant", "an ant carries a leaf", &err) < 0 ||
        put(writer, "bee", "a bee leaves its hive", &err) < 0 ||
        quire_writer_commit(writer, payload, false, &err) < 0 ||
        quire_snapshot_open(&old, index, &err) < 0 ||
        put(writer, "ant", "an ant carries a crumb", &err) < 0 || /* replaces */
        put(writer, "cat", "a cat sleeps on a leaf", &err) < 0 ||
        quire_writer_delete(writer, quire_cstr("bee"), &err) < 0 ||
        quire_writer_commit(writer, payload, false, &err) < 0 ||
        put(writer, "dog", "a dog eats the leaf", &err) < 0 ||
        quire_writer_rollback(writer, &err) < 0 || /* no dog */
        quire_snapshot_open(&now, index, &err) < 0 || list(index, old, "leaf", &err) < 0 ||
        list(index, now, "leaf", &err) < 0 || list(index, now, "carry", &err) < 0)
        fprintf(stderr, "memory: %s\n", err.message);

    quire_snapshot_close(old);
    quire_snapshot_close(now);
    quire_writer_close(writer);
    quire_index_close(index);
    quire_schema_free(schema);
    return err.code != QUIRE_OK;
}
