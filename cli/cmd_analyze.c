/* SPDX-License-Identifier: MIT
 * quire analyze: how a text is read, token by token. */
#include "cmd.h"
#include "fields.h"
#include "json.h"
#include "locate.h"
#include "message.h"
#include "show.h"
#include "source.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_INPUT = 64 << 20 };

/* The analyser of the field of --in, or that of the options. */
static int choose(const settings *s, quire_analyzer *out)
{
    const char *name = settings_text(s, OPT_IN, NULL);
    if (name == NULL)
        return fields_analyzer(s, out) ? 0 : EXIT_FAULT;
    bytes where = {0};
    quire_index *index;
    int failed = locate_open(s, &index, &where);
    const quire_field *field = failed == 0 ? fields_named(quire_index_schema(index), name) : NULL;
    if (failed == 0 && field == NULL)
        failed = fields_none(quire_index_schema(index), bytes_cstr(&where), name);
    if (field != NULL)
        *out = field->analyzer;
    quire_index_close(index);
    bytes_free(&where);
    return failed;
}

static void print_json(const quire_token *token)
{
    bytes line = {0};
    json_open(&line);
    json_whole(&line, "form", JSON_FORM);
    json_text(&line, "type", quire_cstr("token"));
    json_text(&line, "term", token->term);
    json_text(&line, "exact", token->exact);
    json_whole(&line, "position", token->position);
    json_whole(&line, "start", (int64_t)token->start);
    json_whole(&line, "end", (int64_t)token->end);
    json_text(&line, "steps", quire_cstr(token->steps == NULL ? "" : token->steps));
    json_close(&line);
    printf("%s\n", bytes_cstr(&line));
    bytes_free(&line);
}

static void print_line(const quire_token *token)
{
    bytes line = {0};
    bytes_printf(&line, "%u\t%zu-%zu\t", token->position, token->start, token->end);
    show_clean(token->term.len > 0 ? token->term : quire_cstr("(left out)"), &line);
    bytes_put(&line, '\t');
    show_clean(quire_cstr(token->steps == NULL ? "" : token->steps), &line);
    printf("%s\n", bytes_cstr(&line));
    bytes_free(&line);
}

static int analyze(const settings *s, quire_str text)
{
    quire_error err = {0};
    quire_analyzer analyzer;
    const quire_analysis *result = NULL;
    int failed = choose(s, &analyzer);
    if (failed != 0)
        return failed;
    if (quire_analyze(&result, &analyzer, text, &err) != QUIRE_OK)
        return message_status(NULL, &err);
    for (size_t i = 0; i < result->count; i++)
        if (settings_has(s, OPT_JSON))
            print_json(&result->tokens[i]);
        else
            print_line(&result->tokens[i]);
    if (result->invalid_bytes > 0)
        message_note("%llu bytes are not UTF-8 and were read as U+FFFD",
                     (unsigned long long)result->invalid_bytes);
    int code = result->count > 0 ? EXIT_FOUND : EXIT_NONE;
    quire_analysis_free(result);
    return code;
}

int cmd_analyze(const settings *s)
{
    quire_str text = quire_cstr(s->operands[0]);
    source input = {.fd = 0};
    int code = 0;
    if (strcmp(s->operands[0], "-") == 0 && source_rest(&input, LONGEST_INPUT, &text) != SOURCE_END)
        code = message_usage("standard input cannot be read, or is too long");
    if (code == 0)
        code = analyze(s, text);
    source_free(&input);
    return message_finish(code);
}
