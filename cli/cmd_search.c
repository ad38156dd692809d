/* SPDX-License-Identifier: MIT
 * quire search and quire count. */
#include "ask.h"
#include "cmd.h"
#include "interrupt.h"
#include "json.h"
#include "locate.h"
#include "message.h"
#include "show.h"

#include <stdio.h>

/* A query at an index, ready to be run. */
typedef struct asking {
    bytes where;
    quire_index *index;
    quire_snapshot *snapshot;
    quire_query *query;
    quire_search_options options;
} asking;

static int open_asking(const settings *s, asking *a)
{
    quire_error err = {0};
    *a = (asking){.options = QUIRE_SEARCH_OPTIONS_INIT};
    interrupt_watch();
    int failed = locate_open(s, &a->index, &a->where);
    if (failed != 0)
        return failed;
    if (quire_snapshot_open(&a->snapshot, a->index, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&a->where), &err);
    ask_options(s, a->snapshot, &a->options);
    bytes text = {0};
    for (size_t i = 0; i < s->operand_count; i++)
        bytes_printf(&text, "%s%s", i > 0 ? " " : "", s->operands[i]);
    failed = ask_parse(s, a->index, bytes_str(&text), &a->query);
    bytes_free(&text);
    return failed;
}

static void close_asking(asking *a)
{
    quire_query_free(a->query);
    quire_snapshot_close(a->snapshot);
    quire_index_close(a->index);
    bytes_free(&a->where);
}

static int code_of(const settings *s, const quire_hits *hits, uint64_t found)
{
    if (hits->partial && !settings_has(s, OPT_QUIET))
        message_note("note: stopped by --timeout before all was searched");
    if (hits->partial)
        return EXIT_PARTIAL;
    return found > 0 ? EXIT_FOUND : EXIT_NONE;
}

static int count(const settings *s, asking *a)
{
    quire_error err = {0};
    const quire_hits *hits = NULL;
    a->options.count_only = true;
    if (quire_search(&hits, a->snapshot, a->query, &a->options, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&a->where), &err);
    if (settings_has(s, OPT_JSON))
        printf("{\"form\":%d,\"type\":\"count\",\"total\":%llu,\"partial\":%s}\n", JSON_FORM,
               (unsigned long long)hits->total, hits->partial ? "true" : "false");
    else
        printf("%llu\n", (unsigned long long)hits->total);
    int code = code_of(s, hits, hits->total);
    quire_hits_free(hits);
    return code;
}

static int search(const settings *s, asking *a)
{
    quire_error err = {0};
    const quire_hits *hits = NULL;
    show w = {.s = s, .index = a->index, .snapshot = a->snapshot, .query = a->query};
    show_choose(&w);
    a->options.limit = (uint32_t)settings_number(s, OPT_LIMIT, 10);
    a->options.offset = (uint32_t)settings_number(s, OPT_OFFSET, 0);
    a->options.sort = settings_text(s, OPT_SORT, NULL);
    a->options.descending = settings_has(s, OPT_REVERSE);
    a->options.count = w.form == SHOW_PRETTY || w.form == SHOW_JSON;
    quire_status status = quire_search(&hits, a->snapshot, a->query, &a->options, &err);
    for (size_t i = 0; status == QUIRE_OK && i < hits->count; i++)
        status = show_hit(&w, a->options.offset + i + 1, &hits->items[i], &err);
    int code = status == QUIRE_OK ? code_of(s, hits, hits->count) : 0;
    if (status == QUIRE_OK)
        show_summary(&w, hits);
    else
        code = message_status(bytes_cstr(&a->where), &err);
    quire_hits_free(hits);
    show_free(&w);
    return code;
}

int cmd_search(const settings *s)
{
    asking a;
    int code = open_asking(s, &a);
    if (code == 0)
        code = settings_has(s, OPT_COUNT) ? count(s, &a) : search(s, &a);
    close_asking(&a);
    return message_finish(code);
}

int cmd_count(const settings *s)
{
    asking a;
    int code = open_asking(s, &a);
    if (code == 0)
        code = count(s, &a);
    close_asking(&a);
    return message_finish(code);
}
