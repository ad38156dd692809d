/* SPDX-License-Identifier: MIT
 * The command line's schema: that of an article, and what is known about files. */
#include "fields.h"

#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fields_analyzer(const settings *s, quire_analyzer *out)
{
    const char *language = settings_text(s, OPT_LANGUAGE, "english");
    *out = (quire_analyzer){.stop_words = settings_has(s, OPT_STOP_WORDS),
                            .keep_diacritics = settings_has(s, OPT_KEEP_DIACRITICS),
                            .keep_possessive = settings_has(s, OPT_KEEP_POSSESSIVE)};
    if (strlen(language) >= sizeof out->language) {
        message_usage("--language '%.40s': there is no such language", language);
        return false;
    }
    memcpy(out->language, language, strlen(language) + 1);
    return true;
}

const char *fields_creation_option(const settings *s)
{
    static const option_id ids[] = {OPT_LANGUAGE,
                                    OPT_STOP_WORDS,
                                    OPT_KEEP_DIACRITICS,
                                    OPT_KEEP_POSSESSIVE,
                                    OPT_NO_EXACT,
                                    OPT_NO_STORE,
                                    OPT_FLAT,
                                    OPT_FIELD,
                                    OPT_K1,
                                    OPT_B};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const setting *found = settings_next(s, ids[i], NULL);
        if (found != NULL)
            return found->option->name;
    }
    return NULL;
}

const quire_field *fields_named(const quire_schema *schema, const char *name)
{
    const quire_field *field;
    for (size_t i = 0; (field = quire_schema_field(schema, i)) != NULL; i++)
        if (strcmp(field->name, name) == 0)
            return field;
    return NULL;
}

int fields_none(const quire_schema *schema, const char *where, const char *name)
{
    bytes list = {0};
    const quire_field *field;
    for (size_t i = 0; (field = quire_schema_field(schema, i)) != NULL; i++)
        bytes_printf(&list, "%s%s", i > 0 ? ", " : "", field->name);
    int code = message_usage("%s: there is no field '%.60s'; the fields are: %s", where, name,
                             bytes_cstr(&list));
    bytes_free(&list);
    return code;
}

static bool same_analyzer(const quire_analyzer *a, const quire_analyzer *b)
{
    return strcmp(a->language, b->language) == 0 && a->keep_diacritics == b->keep_diacritics &&
           a->keep_possessive == b->keep_possessive && a->stop_words == b->stop_words &&
           a->whole == b->whole;
}

static float weight_of(const quire_field *field)
{
    return field->weight == 0 ? 1 : field->weight;
}

static bool same_field(const quire_field *a, const quire_field *b)
{
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->key == b->key &&
           a->stored == b->stored && a->searched == b->searched && a->exact == b->exact &&
           a->not_indexed == b->not_indexed && weight_of(a) == weight_of(b) &&
           same_analyzer(&a->analyzer, &b->analyzer);
}

const char *fields_difference(const quire_schema *a, const quire_schema *b)
{
    for (size_t i = 0;; i++) {
        const quire_field *x = quire_schema_field(a, i), *y = quire_schema_field(b, i);
        if (x == NULL && y == NULL)
            return NULL;
        if (x == NULL || y == NULL || !same_field(x, y))
            return x != NULL ? x->name : y->name;
    }
}

/* Fields are added until one fails; what failed is kept. */
typedef struct making {
    quire_schema *schema;
    quire_error err;
    bool failed;
} making;

static void add(making *m, const quire_field *field)
{
    if (!m->failed)
        m->failed = quire_schema_add(m->schema, field, &m->err) != QUIRE_OK;
}

static void add_column(making *m, const char *name, quire_field_type type, bool key)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.type = type;
    field.key = key;
    add(m, &field);
}

static void add_text(making *m, const char *name, bool indexed)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.stored = true;
    field.not_indexed = !indexed;
    add(m, &field);
}

static void add_articles(making *m, const settings *s, const quire_analyzer *analyzer)
{
    quire_field title = QUIRE_FIELD_INIT, body = QUIRE_FIELD_INIT;
    bool flat = settings_has(s, OPT_FLAT), exact = !settings_has(s, OPT_NO_EXACT);
    title.name = "title";
    title.stored = true;
    title.searched = title.exact = !flat;
    title.exact = !flat && exact;
    title.not_indexed = flat;
    title.weight = flat ? 0 : 2;
    body.name = "body";
    body.stored = !settings_has(s, OPT_NO_STORE);
    body.searched = true;
    body.exact = exact;
    body.weight = 1;
    body.analyzer = *analyzer;
    if (!flat)
        title.analyzer = *analyzer;
    add_column(m, "id", QUIRE_KEYWORD, true);
    add(m, &title);
    add(m, &body);
    add_text(m, "author", true);
    add_column(m, "date", QUIRE_DATE, false);
    add_column(m, "url", QUIRE_KEYWORD, false);
    add_column(m, FIELD_PATH, QUIRE_KEYWORD, false);
    add_column(m, FIELD_MTIME, QUIRE_NUMBER, false);
    add_column(m, FIELD_SIZE, QUIRE_NUMBER, false);
    add_text(m, FIELD_META, false);
}

static bool type_named(quire_str name, quire_field_type *out)
{
    static const struct {
        const char *name;
        quire_field_type type;
    } types[] = {{"text", QUIRE_TEXT},
                 {"keyword", QUIRE_KEYWORD},
                 {"number", QUIRE_NUMBER},
                 {"date", QUIRE_DATE}};
    for (size_t i = 0; i < 4; i++)
        if (str_equal(name, types[i].name)) {
            *out = types[i].type;
            return true;
        }
    return false;
}

static bool set_flag(quire_field *field, quire_str flag)
{
    char value[sizeof field->analyzer.language] = "";
    const char *colon = memchr(flag.ptr, ':', flag.len);
    if (colon != NULL) {
        quire_str text = str_slice(flag, (size_t)(colon - flag.ptr) + 1, flag.len);
        if (text.len >= sizeof value)
            return false;
        memcpy(value, text.ptr, text.len);
    }
    if (str_equal(flag, "searched"))
        return field->searched = true;
    if (str_equal(flag, "stored"))
        return field->stored = true;
    if (str_equal(flag, "exact"))
        return field->exact = true;
    if (str_equal(flag, "whole"))
        return field->analyzer.whole = true;
    if (str_starts(flag, "weight:"))
        return (field->weight = strtof(value, NULL)) > 0;
    if (str_starts(flag, "language:"))
        memcpy(field->analyzer.language, value, sizeof value);
    return str_starts(flag, "language:");
}

/* "NAME=TYPE[,FLAG…]". The flags say all there is about a text field; it is stored in any case. */
static bool add_option(making *m, const char *text)
{
    quire_field field = QUIRE_FIELD_INIT;
    const char *equals = strchr(text, '=');
    if (equals == NULL)
        return false;
    quire_str rest = quire_cstr(equals + 1);
    char *name = memory_copy(text, (size_t)(equals - text));
    bool ok = true, is_type = true;
    while (ok && rest.len > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        quire_str part = str_slice(rest, 0, comma == NULL ? rest.len : (size_t)(comma - rest.ptr));
        ok = is_type ? type_named(part, &field.type) : set_flag(&field, part);
        is_type = false;
        rest = str_slice(rest, part.len + 1, rest.len);
    }
    field.name = name;
    field.stored = field.type == QUIRE_TEXT;
    if (ok && !is_type)
        add(m, &field);
    free(name);
    return ok && !is_type;
}

int fields_schema(const settings *s, quire_schema **out)
{
    making m = {0};
    quire_analyzer analyzer;
    *out = NULL;
    if (!fields_analyzer(s, &analyzer))
        return EXIT_FAULT;
    m.failed = quire_schema_new(&m.schema, false, &m.err) != QUIRE_OK;
    add_articles(&m, s, &analyzer);
    const setting *field = NULL;
    while (!m.failed && (field = settings_next(s, OPT_FIELD, field)) != NULL)
        if (!add_option(&m, field->text)) {
            quire_schema_free(m.schema);
            return message_usage(
                "--field takes NAME=TYPE[,FLAG…], for example year=number; not '%.60s'",
                field->text);
        }
    if (m.failed) {
        quire_schema_free(m.schema);
        return message_status(NULL, &m.err);
    }
    *out = m.schema;
    return 0;
}
