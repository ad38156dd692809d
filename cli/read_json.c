/* SPDX-License-Identifier: MIT
 * One line of JSONL through yajl, the only file that includes it. Values come as events. Those of
 * the top-level object go to the record; any other value but a list of strings is written again,
 * numbers as they stand. */
#include "read.h"

#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "json.h"

enum { DEEPEST = 1000 };

/* Where the reader stands. A list is kept as JSON and as strings until it is known what it is. */
typedef struct reading {
    record *out;
    bytes name, json; /* of the value of the object that is being read */
    size_t depth;     /* of objects and lists, the object itself included */
    size_t before;    /* values of the record that came before the list */
    bool object;      /* the line is one */
    bool strings;     /* all of the list so far */
    bool separate;    /* a comma goes before the next member */
} reading;

static quire_str name_of(const reading *r)
{
    return record_field_name(bytes_str(&r->name));
}

/* Half a pair of surrogates, which only an escape can make, becomes U+FFFD. */
static void mend(char *text, size_t len)
{
    for (char *at = text, *end = text + len; (at = memchr(at, '\xED', (size_t)(end - at))) != NULL;
         at++)
        if (end - at >= 3 && (unsigned char)at[1] >= 0xA0)
            memcpy(at, "\xEF\xBF\xBD", 3);
}

static void separate(reading *r)
{
    if (r->separate)
        bytes_put(&r->json, ',');
    r->separate = true;
}

/* A value that is no string, object or list. */
static int take_plain(reading *r, const char *text, size_t len)
{
    quire_str json = {text, len};
    if (r->depth == 1 && r->object) {
        record_add_json(r->out, name_of(r), json);
    } else if (r->depth > 1) {
        separate(r);
        bytes_view(&r->json, json);
        r->strings = false;
    }
    return 1;
}

static int take_null(void *host)
{
    reading *r = host;
    return r->depth == 1 ? 1 : take_plain(r, "null", 4);
}

static int take_bool(void *host, int value)
{
    return take_plain(host, value ? "true" : "false", value ? 4 : 5);
}

static int take_number(void *host, const char *text, size_t len)
{
    return take_plain(host, text, len);
}

static int take_string(void *host, const unsigned char *text, size_t len)
{
    reading *r = host;
    quire_str string = {(const char *)text, len};
    if (r->depth > 1) {
        separate(r);
        json_string(&r->json, string);
    }
    if (r->object && (r->depth == 1 || (r->depth == 2 && r->strings))) {
        record_add(r->out, name_of(r), string);
        mend(r->out->values[r->out->count - 1].text, len);
    }
    return 1;
}

static int open_value(reading *r, char sign)
{
    if (++r->depth == 1)
        return 1;
    if (r->depth == 2) {
        bytes_clear(&r->json);
        r->before = r->out->count;
        r->separate = false;
        r->strings = sign == '[';
    } else {
        separate(r);
        r->strings = false;
    }
    bytes_put(&r->json, sign);
    r->separate = false;
    return r->depth <= DEEPEST;
}

static int close_value(reading *r, char sign)
{
    r->depth--;
    if (r->depth == 0)
        return 1;
    bytes_put(&r->json, sign);
    r->separate = true;
    if (r->depth != 1 || !r->object || r->strings)
        return 1;
    record_cut(r->out, r->before);
    mend(r->json.ptr, r->json.len);
    record_add_json(r->out, name_of(r), bytes_str(&r->json));
    return 1;
}

static int open_object(void *host)
{
    reading *r = host;
    r->object = r->object || r->depth == 0;
    return open_value(r, '{');
}

static int take_key(void *host, const unsigned char *text, size_t len)
{
    reading *r = host;
    quire_str key = {(const char *)text, len};
    if (r->depth == 1) {
        bytes_clear(&r->name);
        bytes_view(&r->name, key);
        if (len > 0)
            mend(r->name.ptr, len);
        return 1;
    }
    separate(r);
    json_string(&r->json, key);
    bytes_put(&r->json, ':');
    r->separate = false;
    return 1;
}

static int close_object(void *host)
{
    return close_value(host, '}');
}

static int open_list(void *host)
{
    return open_value(host, '[');
}

static int close_list(void *host)
{
    return close_value(host, ']');
}

/* What is wrong with the line, and where. */
static void explain(yajl_handle parser, const reading *r, char why[READ_WHY])
{
    unsigned char *error = yajl_get_error(parser, 0, NULL, 0);
    size_t column = yajl_get_bytes_consumed(parser);
    const char *text = error == NULL ? "" : (const char *)error;
    if (r->depth > DEEPEST)
        text = "nested too deeply";
    snprintf(why, READ_WHY, "not JSON: column %zu: %.*s", column, (int)strcspn(text, "\n"), text);
    if (error != NULL)
        yajl_free_error(parser, error);
}

bool read_json(quire_str line, record *out, char why[READ_WHY])
{
    static const yajl_callbacks events = {take_null,    take_bool,   NULL,        NULL,
                                          take_number,  take_string, open_object, take_key,
                                          close_object, open_list,   close_list};
    reading r = {.out = out};
    size_t before = out->count;
    yajl_handle parser = yajl_alloc(&events, NULL, &r);
    if (parser == NULL) {
        snprintf(why, READ_WHY, "out of memory");
        return false;
    }
    yajl_config(parser, yajl_dont_validate_strings, 1); /* decode.h has seen to that */
    yajl_status status = yajl_parse(parser, (const unsigned char *)line.ptr, line.len);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(parser);
    if (status != yajl_status_ok)
        explain(parser, &r, why);
    else if (!r.object)
        snprintf(why, READ_WHY, "not a JSON object");
    yajl_free(parser);
    bytes_free(&r.name);
    bytes_free(&r.json);
    bool read = status == yajl_status_ok && r.object;
    if (!read)
        record_cut(out, before);
    return read;
}
