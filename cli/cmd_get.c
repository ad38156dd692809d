/* SPDX-License-Identifier: MIT
 * quire get and quire explain: one document. */
#include "ask.h"
#include "cmd.h"
#include "interrupt.h"
#include "json.h"
#include "locate.h"
#include "message.h"
#include "show.h"

#include <stdio.h>
#include <unistd.h>

/* A document of an index. */
typedef struct found {
    bytes where;
    quire_index *index;
    quire_snapshot *snapshot;
    quire_doc doc;
} found;

/* Returns 0, EXIT_NONE after a line if there is no such document, or another exit code. */
static int find(const settings *s, const char *id, found *f)
{
    quire_error err = {0};
    *f = (found){0};
    int failed = locate_open(s, &f->index, &f->where);
    if (failed != 0)
        return failed;
    quire_status status = quire_snapshot_open(&f->snapshot, f->index, &err);
    if (status == QUIRE_OK)
        status = quire_snapshot_find(f->snapshot, quire_cstr(id), &f->doc, &err);
    if (status == QUIRE_OK)
        return 0;
    if (status != QUIRE_ERR_NOT_FOUND)
        return message_status(bytes_cstr(&f->where), &err);
    message_note("%s: no document '%.80s'; 'quire search' shows the ids there are",
                 bytes_cstr(&f->where), id);
    return EXIT_NONE;
}

static void close_found(found *f)
{
    quire_snapshot_close(f->snapshot);
    quire_index_close(f->index);
    bytes_free(&f->where);
}

/* Keeps lines and tabs, but nothing else that could steer a terminal. */
static void print_text(quire_str text)
{
    bytes out = {0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n' || c == '\t' || !isatty(1))
            bytes_put(&out, c);
        else
            show_clean(str_slice(text, i, i + 1), &out);
    }
    fwrite(bytes_cstr(&out), 1, out.len, stdout);
    bytes_free(&out);
}

static void print_document(const quire_schema *schema, const quire_document *document)
{
    for (size_t i = 0; i < document->count; i++) {
        const quire_value *v = &document->values[i];
        bytes text = {0};
        show_value(schema, v, &text);
        printf("%s: ", v->field);
        print_text(bytes_str(&text));
        putchar('\n');
        bytes_free(&text);
    }
}

static int print(const settings *s, const found *f)
{
    quire_error err = {0};
    const quire_document *document = NULL;
    const quire_schema *schema = quire_index_schema(f->index);
    if (quire_document_open(&document, f->snapshot, f->doc, &err) != QUIRE_OK)
        return message_status(bytes_cstr(&f->where), &err);
    if (settings_has(s, OPT_JSON)) {
        bytes line = {0};
        json_open(&line);
        json_whole(&line, "form", JSON_FORM);
        json_text(&line, "type", quire_cstr("document"));
        json_name(&line, "fields");
        json_open(&line);
        show_json_values(schema, document, true, &line);
        json_close(&line);
        json_close(&line);
        printf("%s\n", bytes_cstr(&line));
        bytes_free(&line);
    } else {
        print_document(schema, document);
    }
    quire_document_free(document);
    return EXIT_FOUND;
}

int cmd_get(const settings *s)
{
    found f;
    int code = find(s, s->operands[0], &f);
    if (code == 0)
        code = print(s, &f);
    close_found(&f);
    return message_finish(code);
}

static void print_explanation(const settings *s, const quire_explanation *e)
{
    for (size_t i = 0; i < e->count; i++) {
        const quire_explanation_node *node = &e->nodes[i];
        if (!settings_has(s, OPT_JSON)) {
            printf("%*s%.6f  %s\n", (int)(node->depth < 40 ? node->depth * 2 : 80), "", node->value,
                   node->text);
            continue;
        }
        bytes line = {0};
        json_open(&line);
        json_whole(&line, "form", JSON_FORM);
        json_text(&line, "type", quire_cstr("explanation"));
        json_whole(&line, "depth", node->depth);
        json_real(&line, "value", node->value);
        json_text(&line, "text", quire_cstr(node->text));
        json_close(&line);
        printf("%s\n", bytes_cstr(&line));
        bytes_free(&line);
    }
}

static int explain(const settings *s, const found *f)
{
    quire_error err = {0};
    quire_query *query = NULL;
    const quire_explanation *explanation = NULL;
    quire_search_options options = QUIRE_SEARCH_OPTIONS_INIT;
    ask_options(s, f->snapshot, &options);
    int code = ask_parse(s, f->index, quire_cstr(s->operands[0]), &query);
    if (code != 0)
        return code;
    quire_status status = quire_explain(&explanation, f->snapshot, query, f->doc, &options, &err);
    if (status == QUIRE_OK)
        print_explanation(s, explanation);
    else if (status == QUIRE_ERR_NOT_FOUND)
        message_note("document '%.80s' does not match the query", s->operands[1]);
    code = status == QUIRE_OK              ? EXIT_FOUND
           : status == QUIRE_ERR_NOT_FOUND ? EXIT_NONE
                                           : message_status(bytes_cstr(&f->where), &err);
    quire_explanation_free(explanation);
    quire_query_free(query);
    return code;
}

int cmd_explain(const settings *s)
{
    found f;
    interrupt_watch();
    int code = find(s, s->operands[1], &f);
    if (code == 0)
        code = explain(s, &f);
    close_found(&f);
    return message_finish(code);
}
