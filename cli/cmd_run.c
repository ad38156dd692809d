/* SPDX-License-Identifier: MIT
 * quire run: many queries, from a file of topics, to the lines of a TREC run. */
#include "ask.h"
#include "cmd.h"
#include "interrupt.h"
#include "locate.h"
#include "message.h"
#include "show.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_TOPIC = 1 << 20 };

typedef struct running {
    const settings *s;
    bytes where;
    quire_index *index;
    quire_snapshot *snapshot;
    quire_search_options options;
    const char *tag;
    uint64_t found;
    bool partial;
} running;

static quire_status print_hits(running *r, quire_str topic, const quire_hits *hits,
                               quire_error *err)
{
    quire_status status = QUIRE_OK;
    bytes line = {0};
    for (size_t i = 0; status == QUIRE_OK && i < hits->count; i++) {
        const quire_document *document = NULL;
        status = quire_document_open(&document, r->snapshot, hits->items[i].doc, err);
        const quire_value *id = status == QUIRE_OK ? quire_document_value(document, "id") : NULL;
        if (id != NULL) {
            show_trec_id(topic, &line);
            bytes_text(&line, " Q0 ");
            show_trec_id(id->text, &line);
            printf("%s %zu %.9g %s\n", bytes_cstr(&line), i + 1, (double)hits->items[i].score,
                   r->tag);
            bytes_clear(&line);
        }
        quire_document_free(document);
    }
    bytes_free(&line);
    r->found += hits->count;
    r->partial |= hits->partial;
    return status;
}

/* Returns 0, or prints a line and returns the exit code. */
static int run_topic(running *r, quire_str topic, quire_str text)
{
    quire_error err = {0};
    quire_query *query = NULL;
    const quire_hits *hits = NULL;
    int code = 0;
    quire_status status = QUIRE_OK;
    if (settings_has(r->s, OPT_SYNTAX))
        code = ask_parse(r->s, r->index, text, &query);
    else
        status = ask_words(r->index, settings_text(r->s, OPT_IN, NULL), text, &query, &err);
    if (code == 0 && status == QUIRE_OK && query != NULL)
        status = quire_search(&hits, r->snapshot, query, &r->options, &err);
    if (hits != NULL)
        status = print_hits(r, topic, hits, &err);
    if (code == 0 && status != QUIRE_OK)
        code = message_status(bytes_cstr(&r->where), &err);
    quire_hits_free(hits);
    quire_query_free(query);
    return code;
}

static int run_lines(running *r, source *topics, const char *path)
{
    quire_str line;
    source_result result;
    int code = 0;
    while (code == 0 && (result = source_line(topics, LONGEST_TOPIC, &line)) == SOURCE_LINE) {
        const char *tab = memchr(line.ptr, '\t', line.len);
        if (str_trim(line).len == 0)
            continue;
        if (tab == NULL)
            return message_usage("%s:%llu: a topic is its id, a tab, and its text", path,
                                 (unsigned long long)topics->line);
        size_t at = (size_t)(tab - line.ptr);
        code = run_topic(r, str_slice(line, 0, at), str_slice(line, at + 1, line.len));
    }
    if (code == 0 && result == SOURCE_ERROR)
        code = message_usage("%s: %s", path, strerror(topics->os_error));
    if (code == 0 && result == SOURCE_LONG)
        code =
            message_usage("%s:%llu: the topic is too long", path, (unsigned long long)topics->line);
    return code;
}

static int open_running(running *r)
{
    quire_error err = {0};
    const settings *s = r->s;
    const char *in = settings_text(s, OPT_IN, "");
    if (!settings_has(s, OPT_SYNTAX) &&
        (settings_has(s, OPT_LANGUAGE) || settings_has(s, OPT_ALL) || strchr(in, ',') != NULL))
        return message_usage("--language, --all and several fields in --in need --syntax");
    int failed = locate_open(s, &r->index, &r->where);
    if (failed != 0)
        return failed;
    if (quire_snapshot_open(&r->snapshot, r->index, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&r->where), &err);
    ask_options(s, r->snapshot, &r->options);
    r->options.limit = (uint32_t)settings_number(s, OPT_LIMIT, 1000);
    r->tag = settings_text(s, OPT_TREC, "quire");
    return 0;
}

int cmd_run(const settings *s)
{
    running r = {.s = s, .options = QUIRE_SEARCH_OPTIONS_INIT};
    const char *path = s->operands[0];
    source topics = {.fd =
                         strcmp(path, "-") == 0 ? 0 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    int code = 0;
    interrupt_watch();
    if (topics.fd < 0)
        code = message_usage("%s: %s; check the path", path, strerror(errno));
    if (code == 0)
        code = open_running(&r);
    if (code == 0)
        code = run_lines(&r, &topics, path);
    if (code == 0)
        code = r.partial ? EXIT_PARTIAL : r.found > 0 ? EXIT_FOUND : EXIT_NONE;
    if (topics.fd > 0)
        close(topics.fd);
    source_free(&topics);
    quire_snapshot_close(r.snapshot);
    quire_index_close(r.index);
    bytes_free(&r.where);
    return message_finish(code);
}
