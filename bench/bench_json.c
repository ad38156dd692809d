/* SPDX-License-Identifier: MIT
 *
 * Lines of JSON through yajl, string by string as they come, so that reading takes little of the
 * time that indexing is measured by. */
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "quire_bench.h"

static void append(bench_text *text, const void *bytes, size_t len)
{
    if (text->room - text->len < len + 1) {
        text->room = text->room * 2 + len + 1;
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL)
            bench_fail("no memory", "JSON");
    }
    if (len != 0)
        memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
}

static int on_key(void *payload, const unsigned char *name, size_t len)
{
    bench_json *json = payload;
    json->at = -1;
    for (int i = 0; i < BENCH_STRINGS && json->depth == 1; i++)
        if (json->names[i] != NULL && strlen(json->names[i]) == len &&
            memcmp(json->names[i], name, len) == 0)
            json->at = i;
    return 1;
}

static int on_string(void *payload, const unsigned char *bytes, size_t len)
{
    bench_json *json = payload;
    if (json->at >= 0 && !json->there[json->at]) {
        append(&json->strings[json->at], bytes, len);
        json->there[json->at] = true;
    }
    return 1;
}

static int on_open(void *payload)
{
    ((bench_json *)payload)->depth++;
    return 1;
}

static int on_close(void *payload)
{
    ((bench_json *)payload)->depth--;
    return 1;
}

static yajl_handle start(bench_json *json)
{
    static const yajl_callbacks callbacks = {.yajl_string = on_string,
                                             .yajl_start_map = on_open,
                                             .yajl_map_key = on_key,
                                             .yajl_end_map = on_close,
                                             .yajl_start_array = on_open,
                                             .yajl_end_array = on_close};
    yajl_handle parser = yajl_alloc(&callbacks, NULL, json);
    if (parser == NULL || !yajl_config(parser, yajl_allow_multiple_values, 1))
        bench_fail("no memory", "JSON");
    return parser;
}

bool bench_json_read(bench_json *json, const bench_lines *lines)
{
    if (json->parser == NULL)
        json->parser = start(json);
    json->depth = 0;
    json->at = -1;
    for (int i = 0; i < BENCH_STRINGS; i++) {
        json->strings[i].len = 0;
        append(&json->strings[i], "", 0);
        json->there[i] = false;
    }
    return yajl_parse(json->parser, (const unsigned char *)lines->line, lines->len) ==
               yajl_status_ok &&
           json->depth == 0;
}

void bench_json_close(bench_json *json)
{
    if (json->parser != NULL)
        yajl_free(json->parser);
    for (int i = 0; i < BENCH_STRINGS; i++)
        free(json->strings[i].bytes);
}

bench_doc bench_doc_read(bench_json *json, const bench_lines *lines, const bench_options *options)
{
    bench_text *id = &json->strings[0], *text = &json->strings[1], *title = &json->strings[2];
    if (!bench_json_read(json, lines) || !json->there[0] || !json->there[1])
        bench_fail("a line without id or text", "corpus");
    if (!options->english)
        return (bench_doc){{id->bytes, id->len}, {text->bytes, text->len}};
    append(title, "\n", 1);
    append(title, text->bytes, text->len);
    return (bench_doc){{id->bytes, id->len}, {title->bytes, title->len}};
}
