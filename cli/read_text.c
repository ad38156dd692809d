/* SPDX-License-Identifier: MIT
 * Plain text: lines that follow one another are a paragraph, an empty line ends it. A short first
 * paragraph of one line is the title. Also which form a file is in, and whole documents by form. */
#include "article.h"
#include "read.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    read_form form;
} forms[] = {
    {"md", READ_MARKDOWN},  {"markdown", READ_MARKDOWN}, {"mdown", READ_MARKDOWN},
    {"mkd", READ_MARKDOWN}, {"html", READ_HTML},         {"htm", READ_HTML},
    {"xhtml", READ_HTML},   {"txt", READ_TEXT},          {"text", READ_TEXT},
    {"jsonl", READ_JSONL},  {"ndjson", READ_JSONL},      {"csv", READ_CSV},
    {"tsv", READ_TSV},      {"tab", READ_TSV},
};

read_form read_form_named(const char *name)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcasecmp(forms[i].name, name) == 0)
            return forms[i].form;
    return READ_NONE;
}

read_form read_form_of_path(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (dot == NULL || (slash != NULL && dot < slash))
        return READ_NONE;
    return read_form_named(dot + 1);
}

void read_text(quire_str text, record *out)
{
    article a = {0};
    bool fresh = true;
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        quire_str line = str_trim(str_slice(text, 0, len));
        text = str_slice(text, end == NULL ? len : len + 1, text.len);
        if (line.len == 0 || line.ptr[0] == '\f') {
            fresh = true;
            continue;
        }
        article_line(&a, fresh ? ARTICLE_NEW : ARTICLE_BREAK, false);
        bytes_view(&a.text, line);
        fresh = false;
    }
    article_finish(&a, true, out);
    article_free(&a);
}

bool read_whole(read_form form, quire_str text, record *out, char why[READ_WHY])
{
    switch (form) {
    case READ_TEXT:
        read_text(text, out);
        return true;
    case READ_MARKDOWN:
        return read_markdown(text, out, why);
    case READ_HTML:
        return read_html(text, out, why);
    default:
        snprintf(why, READ_WHY, "not a form that holds one document");
        return false;
    }
}
