/* Four threads search one snapshot while a writer commits; what they see does not change. */
#include <pthread.h>
#include <quire.h>
#include <stdio.h>

enum { READERS = 4, ROUNDS = 200 };

typedef struct reader {
    quire_snapshot *snapshot; /* shared by all */
    const quire_query *query; /* shared by all */
    pthread_t thread;
    uint64_t found;
    quire_error err; /* each has its own */
} reader;

static void *search(void *payload)
{
    reader *r = payload;
    quire_search_options options = {.struct_size = sizeof options, .count_only = true};
    for (int i = 0; i < ROUNDS; i++) {
        const quire_hits *hits = NULL;
        if (quire_search(&hits, r->snapshot, r->query, &options, &r->err) < 0)
            break;
        r->found += hits->total;
        quire_hits_free(hits);
    }
    return NULL;
}

static quire_status add_pigeons(quire_writer *writer, const char *ids, quire_error *err)
{
    quire_value values[] = {{"id", {"?", 1}, 0}, {"body", quire_cstr("a pigeon"), 0}};
    for (; *ids != '\0'; ids++) {
        values[0].text.ptr = ids;
        if (quire_writer_add(writer, values, 2, NULL, err) < 0)
            return err->code;
    }
    return quire_writer_commit(writer, quire_cstr(""), false, err);
}

int main(void)
{
    quire_error err = {0};
    quire_schema *schema = NULL;
    quire_index *index = NULL;
    quire_writer *writer = NULL;
    quire_snapshot *before = NULL, *after = NULL;
    quire_query *query = NULL;
    reader readers[READERS] = {0};
    uint64_t started = 0, found = 0;
    bool fine = quire_schema_new(&schema, true, &err) == QUIRE_OK &&
                quire_index_create(&index, "pigeons.quire", schema, NULL, &err) == QUIRE_OK &&
                quire_writer_open(&writer, index, NULL, &err) == QUIRE_OK &&
                add_pigeons(writer, "abcdefgh", &err) == QUIRE_OK &&
                quire_snapshot_open(&before, index, &err) == QUIRE_OK &&
                quire_query_parse(&query, index, quire_cstr("pigeons"), NULL, &err) == QUIRE_OK;
    for (int i = 0; fine && i < READERS; i++) {
        readers[i] = (reader){.snapshot = before, .query = query};
        fine = pthread_create(&readers[i].thread, NULL, search, &readers[i]) == 0;
        started += fine;
    }
    fine = fine && add_pigeons(writer, "ijkl", &err) == QUIRE_OK &&
           quire_snapshot_open(&after, index, &err) == QUIRE_OK;
    for (size_t i = 0; i < started; i++) {
        fine &= pthread_join(readers[i].thread, NULL) == 0 && readers[i].err.code == QUIRE_OK;
        found += readers[i].found;
    }
    if (fine)
        printf("%d threads saw %d pigeons each time; %d were there in the end\n", READERS,
               (int)(found / (READERS * ROUNDS)), (int)quire_snapshot_stat(after)->documents);
    else
        fprintf(stderr, "readers: %s\n", err.message);
    quire_query_free(query);
    quire_snapshot_close(before);
    quire_snapshot_close(after);
    quire_writer_close(writer);
    quire_index_close(index);
    quire_schema_free(schema);
    return !fine;
}
