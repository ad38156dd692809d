/* SPDX-License-Identifier: MIT
 * One line of JSONL through jansson, the only file that includes it. */
#include "read.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static quire_str string_of(const json_t *value)
{
    return (quire_str){json_string_value(value), json_string_length(value)};
}

static void add_dumped(record *out, quire_str name, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text != NULL)
        record_add_json(out, name, quire_cstr(text));
    free(text);
}

static bool all_strings(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!json_is_string(json_array_get(list, i)))
            return false;
    return true;
}

static void add(record *out, quire_str name, const json_t *value)
{
    if (json_is_null(value))
        return;
    if (json_is_string(value)) {
        record_add(out, name, string_of(value));
    } else if (json_is_array(value) && all_strings(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            record_add(out, name, string_of(json_array_get(value, i)));
    } else {
        add_dumped(out, name, value);
    }
}

bool read_json(quire_str line, record *out, char why[READ_WHY])
{
    json_error_t error;
    json_t *object = json_loadb(line.ptr, line.len, JSON_ALLOW_NUL, &error);
    if (object == NULL) {
        snprintf(why, READ_WHY, "not JSON: column %d: %.100s", error.column, error.text);
        return false;
    }
    bool ok = json_is_object(object);
    if (!ok)
        snprintf(why, READ_WHY, "not a JSON object");
    void *at = ok ? json_object_iter(object) : NULL;
    for (; at != NULL; at = json_object_iter_next(object, at))
        add(out, record_field_name(quire_cstr(json_object_iter_key(at))),
            json_object_iter_value(at));
    json_decref(object);
    return ok;
}
