/* SPDX-License-Identifier: MIT
 * Quire in the public search benchmark game, as a program that uses the installed library would be
 * written: `quire_game index FOLDER` builds an index from JSON lines on standard input (id, text,
 * sort_field), and `quire_game serve FOLDER` answers lines of COMMAND, tab, query with a number
 * each. What the game asks for and Quire has not is answered with UNSUPPORTED. */
#define _POSIX_C_SOURCE 200809L
#include <jansson.h>
#include <quire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static quire_error err;

static void check(quire_status status)
{
    if (status < 0) {
        fprintf(stderr, "quire_game: %s\n", err.message);
        exit(1);
    }
}

/* The next line without its end, or NULL; lent until the next call with the same room. */
static char *next_line(char **room, size_t *size)
{
    ssize_t len = getline(room, size, stdin);
    if (len < 0)
        return NULL;
    while (len > 0 && ((*room)[len - 1] == '\n' || (*room)[len - 1] == '\r'))
        (*room)[--len] = '\0';
    return *room;
}

/* As the game has it of every engine: words as they are, no stemming; BM25 with k1 0.9 and b 0.4.
 */
static quire_index *create(const char *folder)
{
    quire_schema *schema;
    quire_index *index;
    quire_index_options options = QUIRE_INDEX_OPTIONS_INIT;
    quire_field id = QUIRE_FIELD_INIT, text = QUIRE_FIELD_INIT, sort = QUIRE_FIELD_INIT;
    id.name = "id";
    id.type = QUIRE_KEYWORD;
    text.name = "text";
    text.searched = true;
    sort.name = "sort_field";
    sort.type = QUIRE_NUMBER;
    check(quire_schema_new(&schema, false, &err));
    check(quire_schema_add(schema, &id, &err));
    check(quire_schema_add(schema, &text, &err));
    check(quire_schema_add(schema, &sort, &err));
    options.k1 = 0.9f;
    options.b = 0.4f;
    check(quire_index_create(&index, folder, schema, &options, &err));
    quire_schema_free(schema);
    return index;
}

static void add(quire_writer *writer, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    json_t *id = json_object_get(object, "id"), *text = json_object_get(object, "text");
    json_t *sort = json_object_get(object, "sort_field");
    if (!json_is_string(id) || !json_is_string(text)) {
        fputs("quire_game: a line of the corpus has no id or no text\n", stderr);
        exit(1);
    }
    const quire_value values[] = {
        {.field = "id", .text = {json_string_value(id), json_string_length(id)}},
        {.field = "text", .text = {json_string_value(text), json_string_length(text)}},
        {.field = "sort_field", .number = json_integer_value(sort)}};
    check(quire_writer_add(writer, values, 3, NULL, &err));
    json_decref(object);
}

static void build(const char *folder)
{
    quire_index *index = create(folder);
    quire_writer *writer;
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    char *room = NULL;
    size_t size = 0;
    options.max_memory = (size_t)1 << 30;
    check(quire_writer_open(&writer, index, &options, &err));
    for (char *line; (line = next_line(&room, &size)) != NULL;)
        if (*line != '\0')
            add(writer, line);
    check(quire_writer_merge(writer, 1, &err));
    quire_writer_close(writer);
    quire_index_close(index);
    free(room);
}

/* COUNT, or TOP_ and a number, alone or with _COUNT (the exact total too) or _FF (by sort_field).
 */
static bool read_command(const char *command, quire_search_options *options)
{
    if (strcmp(command, "COUNT") == 0) {
        options->count = options->count_only = true;
        return true;
    }
    if (strncmp(command, "TOP_", 4) != 0)
        return false;
    char *end;
    unsigned long limit = strtoul(command + 4, &end, 10);
    options->limit = (uint32_t)limit;
    options->count = strcmp(end, "_COUNT") == 0;
    if (strcmp(end, "_FF") == 0) {
        options->sort = "sort_field";
        options->descending = true;
    }
    return limit > 0 && limit <= 100000 &&
           (*end == '\0' || options->count || options->sort != NULL);
}

/* What the game wants to see: the number of matches where that was asked for, else 1. */
static uint64_t answer(quire_index *index, quire_snapshot *snapshot, const char *text,
                       const quire_search_options *options)
{
    quire_query *query;
    const quire_hits *hits;
    check(quire_query_parse(&query, index, quire_cstr(text), NULL, &err));
    check(quire_search(&hits, snapshot, query, options, &err));
    uint64_t number = options->count ? hits->total : 1;
    quire_hits_free(hits);
    quire_query_free(query);
    return number;
}

static void serve(const char *folder)
{
    quire_index *index;
    quire_snapshot *snapshot;
    char *room = NULL;
    size_t size = 0;
    check(quire_index_open(&index, folder, NULL, &err));
    check(quire_snapshot_open(&snapshot, index, &err));
    for (char *line; (line = next_line(&room, &size)) != NULL;) {
        quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
        char *tab = strchr(line, '\t');
        if (tab != NULL)
            *tab = '\0';
        if (tab != NULL && read_command(line, &options))
            printf("%llu\n", (unsigned long long)answer(index, snapshot, tab + 1, &options));
        else
            puts("UNSUPPORTED");
        fflush(stdout);
    }
    quire_snapshot_close(snapshot);
    quire_index_close(index);
    free(room);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "index") == 0)
        build(argv[2]);
    else if (argc == 3 && strcmp(argv[1], "serve") == 0)
        serve(argv[2]);
    else {
        fputs("usage: quire_game index|serve FOLDER\n", stderr);
        return 2;
    }
    return 0;
}
