/* SPDX-License-Identifier: MIT
 * From options and text to queries, through the parser or word by word. */
#include "ask.h"

#include "date.h"
#include "fields.h"
#include "interrupt.h"
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATE_TEXT = 48 };

static void print_notes(const quire_query *query)
{
    const quire_query_info *info = quire_query_describe(query);
    for (size_t i = 0; i < info->note_count; i++)
        message_note("note: %s (%s, byte %zu of the query)", info->notes[i].text,
                     info->notes[i].code, info->notes[i].start);
}

/* "2019" or "2019-03"? */
static bool is_year_or_month(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits != 4 || text[4] == '\0')
        return digits == 4;
    int month = atoi(text + 5);
    return text[4] == '-' && strspn(text + 5, "0123456789") == 2 && text[7] == '\0' && month >= 1 &&
           month <= 12;
}

/* The date of an option as the library reads it: whole years, months and days with all their
 * seconds. */
static int date_of(const settings *s, option_id id, char out[DATE_TEXT])
{
    const char *text = settings_text(s, id, NULL);
    char iso[DATE_LEN];
    out[0] = '\0';
    if (text == NULL)
        return 0;
    bool part = is_year_or_month(text);
    if (!part && !date_iso(quire_cstr(text), iso))
        return message_usage("'%.40s' is not a date; write it as 2015-11-19", text);
    snprintf(out, DATE_TEXT, "%s", part ? text : iso);
    return 0;
}

static quire_str optional(const char *text)
{
    return text[0] == '\0' ? (quire_str){NULL, 0} : quire_cstr(text);
}

/* Narrows *query to the dates asked for. */
static int within_dates(const settings *s, const quire_index *index, quire_query **query)
{
    char after[DATE_TEXT], before[DATE_TEXT];
    quire_error err = {0};
    if (date_of(s, OPT_AFTER, after) != 0 || date_of(s, OPT_BEFORE, before) != 0)
        return EXIT_FAULT;
    if (after[0] == '\0' && before[0] == '\0')
        return 0;
    quire_query *parts[2] = {*query, NULL}, *both = NULL;
    quire_status status =
        quire_query_range(&parts[1], index, "date", optional(after), optional(before), &err);
    if (status == QUIRE_OK)
        status = quire_query_combine(&both, index, QUIRE_FILTER, parts, 2, 0, &err);
    quire_query_free(parts[1]);
    if (status != QUIRE_OK)
        return message_status("--after and --before", &err);
    quire_query_free(*query);
    *query = both;
    return 0;
}

static int query_fault(const quire_error *err)
{
    if (err->code == QUIRE_ERR_SYNTAX)
        return message_usage("%s; without --strict it is read as well as can be", err->message);
    return message_status("query", err);
}

/* What joins words. Verbs that take every match, good or bad, want all words by default. */
static quire_operator operator_of(const settings *s)
{
    bool every = strcmp(s->verb->name, "count") == 0 || strcmp(s->verb->name, "delete") == 0;
    if (settings_has(s, OPT_ANY))
        return QUIRE_OR;
    return every || settings_has(s, OPT_ALL) ? QUIRE_AND : QUIRE_SMART;
}

int ask_parse(const settings *s, const quire_index *index, quire_str text, quire_query **out)
{
    quire_error err = {0};
    quire_parse_options options = QUIRE_PARSE_OPTIONS_INIT;
    options.strict = settings_has(s, OPT_STRICT);
    options.operator_ = operator_of(s);
    options.fields = settings_text(s, OPT_IN, NULL);
    options.language = settings_text(s, OPT_LANGUAGE, NULL);
    *out = NULL;
    if (quire_query_parse(out, index, text, &options, &err) != QUIRE_OK)
        return query_fault(&err);
    if (!settings_has(s, OPT_QUIET) && !settings_has(s, OPT_JSON))
        print_notes(*out);
    int failed = within_dates(s, index, out);
    if (failed != 0) {
        quire_query_free(*out);
        *out = NULL;
    }
    return failed;
}

/* The analyser of `field`, or of the first field that is searched. */
static const quire_analyzer *analyzer_of(const quire_index *index, const char *field)
{
    const quire_schema *schema = quire_index_schema(index);
    const quire_field *f;
    for (size_t i = 0; (f = quire_schema_field(schema, i)) != NULL; i++)
        if (field == NULL ? f->searched : strcmp(f->name, field) == 0)
            return &f->analyzer;
    return NULL;
}

/* Queries of single words. */
typedef struct words {
    quire_query **items;
    size_t count;
} words;

static quire_status add_words(const quire_index *index, const char *field, quire_str text,
                              const quire_analysis *analysis, words *out, quire_error *err)
{
    quire_status status = QUIRE_OK;
    for (size_t i = 0; status == QUIRE_OK && i < analysis->count; i++) {
        const quire_token *token = &analysis->tokens[i];
        if (token->term.len == 0)
            continue;
        status = quire_query_phrase(&out->items[out->count], index, field,
                                    str_slice(text, token->start, token->end), 0, err);
        out->count += status == QUIRE_OK;
    }
    return status;
}

quire_status ask_words(const quire_index *index, const char *field, quire_str text,
                       quire_query **out, quire_error *err)
{
    static const quire_analyzer plain = {.language = ""};
    const quire_analysis *analysis = NULL;
    const quire_analyzer *analyzer = analyzer_of(index, field);
    words all = {0};
    *out = NULL;
    quire_status status = quire_analyze(&analysis, analyzer == NULL ? &plain : analyzer, text, err);
    if (status != QUIRE_OK)
        return status;
    all.items = memory_get(analysis->count * sizeof *all.items);
    status = add_words(index, field, text, analysis, &all, err);
    if (status == QUIRE_OK && all.count > 0)
        status = quire_query_combine(out, index, QUIRE_OR, all.items, all.count, 0, err);
    for (size_t i = 0; i < all.count; i++)
        quire_query_free(all.items[i]);
    free(all.items);
    quire_analysis_free(analysis);
    return status;
}

void ask_options(const settings *s, const quire_snapshot *snapshot, quire_search_options *out)
{
    const quire_stat *stat = quire_snapshot_stat(snapshot);
    out->timeout_ms = (uint32_t)settings_number(s, OPT_TIMEOUT, 0);
    out->cancel = interrupt_cancel;
    out->tune = settings_has(s, OPT_K1) || settings_has(s, OPT_B);
    out->k1 = (float)settings_number(s, OPT_K1, stat->k1);
    out->b = (float)settings_number(s, OPT_B, stat->b);
}
