/* SPDX-License-Identifier: MIT
 * quire check, quire merge and quire delete: looking after an index. */
#include "ask.h"
#include "cmd.h"
#include "interrupt.h"
#include "locate.h"
#include "message.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_fault(const char *line, void *payload)
{
    (void)payload;
    printf("%s\n", line);
}

static int check(const settings *s, quire_index *index, const char *where)
{
    quire_error err = {0};
    quire_snapshot *snapshot = NULL;
    int level = (int)settings_number(s, OPT_LEVEL, 2);
    quire_status status = quire_index_check(index, level, print_fault, NULL, &err);
    if (status == QUIRE_ERR_CORRUPT) {
        message_note("%s; index again, or restore a copy", err.message);
        return EXIT_DAMAGED;
    }
    if (status != QUIRE_OK)
        return message_status(where, &err);
    if (quire_snapshot_open(&snapshot, index, &err) != QUIRE_OK)
        return message_status(where, &err);
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    if (!settings_has(s, OPT_QUIET))
        printf("%s: sound at level %d: generation %llu, %llu document%s, %zu segment%s\n", where,
               level, (unsigned long long)stat->generation, (unsigned long long)stat->documents,
               stat->documents == 1 ? "" : "s", stat->segment_count,
               stat->segment_count == 1 ? "" : "s");
    quire_snapshot_close(snapshot);
    return EXIT_FOUND;
}

int cmd_check(const settings *s)
{
    bytes where = {0};
    quire_index *index;
    int code = locate_open(s, &index, &where);
    if (code == 0)
        code = check(s, index, bytes_cstr(&where));
    quire_index_close(index);
    bytes_free(&where);
    return message_finish(code);
}

/* An index open for changing. */
typedef struct changing {
    const settings *s;
    bytes where;
    quire_index *index;
    quire_writer *writer;
    quire_snapshot *snapshot; /* delete: as it was before */
    uint64_t deleted;
} changing;

static int open_changing(const settings *s, changing *c)
{
    quire_error err = {0};
    quire_writer_options options = QUIRE_WRITER_OPTIONS_INIT;
    *c = (changing){.s = s};
    interrupt_watch();
    int failed = locate_open(s, &c->index, &c->where);
    options.wait_ms = (uint32_t)settings_number(s, OPT_WAIT, 0);
    options.max_memory = (size_t)settings_number(s, OPT_MAX_MEMORY, 0);
    if (settings_has(s, OPT_OPTIMIZE))
        options.order = settings_has(s, OPT_THOROUGH) ? QUIRE_ORDER_BISECTION : QUIRE_ORDER_TOPICS;
    if (failed == 0 && !settings_has(s, OPT_DRY_RUN) &&
        quire_writer_open(&c->writer, c->index, &options, &err) != QUIRE_OK)
        failed = message_status(bytes_cstr(&c->where), &err);
    return failed;
}

static void close_changing(changing *c)
{
    quire_snapshot_close(c->snapshot);
    quire_writer_close(c->writer);
    quire_index_close(c->index);
    bytes_free(&c->where);
}

int cmd_merge(const settings *s)
{
    changing c;
    quire_error err = {0};
    if (settings_has(s, OPT_OPTIMIZE) && settings_has(s, OPT_SEGMENTS))
        return message_usage("--optimize leaves one segment: it goes without --segments");
    if (settings_has(s, OPT_THOROUGH) && !settings_has(s, OPT_OPTIMIZE))
        return message_usage("--thorough goes with --optimize");
    int code = open_changing(s, &c);
    uint32_t segments = (uint32_t)settings_number(s, OPT_SEGMENTS, 1);
    if (code == 0 && quire_writer_merge(c.writer, segments, &err) != QUIRE_OK)
        code = message_status(bytes_cstr(&c.where), &err);
    close_changing(&c);
    return message_finish(code);
}

/* Say which document would be deleted, if it is there. */
static quire_status pretend(changing *c, quire_str id, quire_error *err)
{
    quire_doc doc;
    quire_status status = quire_snapshot_find(c->snapshot, id, &doc, err);
    if (status != QUIRE_OK)
        return status;
    bytes line = {0};
    show_clean(id, &line);
    printf("delete %s\n", bytes_cstr(&line));
    bytes_free(&line);
    return QUIRE_OK;
}

/* Deletes one document, or only says so. */
static int delete_id(changing *c, quire_str id)
{
    quire_error err = {0};
    quire_status status =
        c->writer == NULL ? pretend(c, id, &err) : quire_writer_delete(c->writer, id, &err);
    if (status == QUIRE_ERR_NOT_FOUND) {
        if (!settings_has(c->s, OPT_QUIET))
            message_note("%s: no document '%.*s'", bytes_cstr(&c->where), (int)id.len, id.ptr);
        return 0;
    }
    if (status != QUIRE_OK)
        return message_status(bytes_cstr(&c->where), &err);
    c->deleted++;
    return 0;
}

/* Up to `limit` documents from `offset` on that match; their number in *count. */
static int delete_page(changing *c, const quire_query *query, uint32_t offset, size_t *count)
{
    quire_error err = {0};
    const quire_hits *hits = NULL;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    options.limit = 1000;
    options.offset = offset;
    options.sort = "id";
    options.cancel = interrupt_cancel;
    int code = 0;
    if (quire_search(&hits, c->snapshot, query, &options, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&c->where), &err);
    for (size_t i = 0; code == 0 && i < hits->count; i++) {
        const quire_document *document = NULL;
        if (quire_document_open(&document, c->snapshot, hits->items[i].doc, &err) != QUIRE_OK)
            code = message_status(bytes_cstr(&c->where), &err);
        const quire_value *id = code == 0 ? quire_document_value(document, "id") : NULL;
        if (id != NULL)
            code = delete_id(c, id->text);
        quire_document_free(document);
    }
    *count = hits->count;
    quire_hits_free(hits);
    return code;
}

static int delete_matching(changing *c, const char *text)
{
    quire_query *query = NULL;
    size_t count = 0;
    int code = ask_parse(c->s, c->index, quire_cstr(text), &query);
    uint32_t offset = 0;
    do {
        if (code == 0)
            code = delete_page(c, query, offset, &count);
        offset += 1000;
    } while (code == 0 && count == 1000 && offset < 100000);
    if (code == 0 && count == 1000)
        message_note("only the first 100,000 documents were taken; run it again for the rest");
    quire_query_free(query);
    return code;
}

static int commit(changing *c)
{
    quire_error err = {0};
    if (c->writer != NULL && c->deleted > 0 &&
        quire_writer_commit(c->writer, (quire_str){NULL, 0}, false, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&c->where), &err);
    if (!settings_has(c->s, OPT_QUIET))
        message_note("%s: %llu document%s %s", bytes_cstr(&c->where),
                     (unsigned long long)c->deleted, c->deleted == 1 ? "" : "s",
                     c->writer == NULL ? "would be deleted" : "deleted");
    return c->deleted > 0 ? EXIT_FOUND : EXIT_NONE;
}

int cmd_delete(const settings *s)
{
    changing c;
    quire_error err = {0};
    const char *query = settings_text(s, OPT_QUERY, NULL);
    if (query == NULL && s->operand_count == 0)
        return message_usage("delete needs the ids of documents, or --query");
    int code = open_changing(s, &c);
    if (code == 0 && quire_snapshot_open(&c.snapshot, c.index, &err) != QUIRE_OK)
        code = message_status(bytes_cstr(&c.where), &err);
    if (code == 0 && query != NULL)
        code = delete_matching(&c, query);
    for (size_t i = 0; code == 0 && i < s->operand_count; i++)
        code = delete_id(&c, quire_cstr(s->operands[i]));
    if (code == 0)
        code = commit(&c);
    close_changing(&c);
    return message_finish(code);
}
