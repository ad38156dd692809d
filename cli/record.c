/* SPDX-License-Identifier: MIT
 * A document between its reader and the index: an array of named values that own their bytes. */
#include "record.h"

#include <stdlib.h>
#include <string.h>

static record_value *add(record *rec, quire_str name)
{
    if (rec->count == rec->cap) {
        rec->cap = rec->cap == 0 ? 8 : rec->cap * 2;
        rec->values = memory_resize(rec->values, rec->cap, sizeof *rec->values);
    }
    record_value *v = &rec->values[rec->count++];
    *v = (record_value){.name = memory_copy(name.ptr, name.len)};
    return v;
}

void record_add(record *rec, quire_str name, quire_str text)
{
    record_value *v = add(rec, name);
    v->text = memory_copy(text.ptr, text.len);
    v->len = text.len;
}

void record_add_json(record *rec, quire_str name, quire_str json)
{
    record_add(rec, name, json);
    rec->values[rec->count - 1].json = true;
}

void record_give(record *rec, const char *name, bytes *text)
{
    record_value *v = add(rec, quire_cstr(name));
    bytes_reserve(text, 0);
    v->text = text->ptr;
    v->len = text->len;
    *text = (bytes){0};
}

quire_str record_find(const record *rec, const char *name)
{
    for (size_t i = 0; i < rec->count; i++)
        if (strcmp(rec->values[i].name, name) == 0)
            return (quire_str){rec->values[i].text, rec->values[i].len};
    return (quire_str){NULL, 0};
}

quire_str record_field_name(quire_str name)
{
    static const char *const same[][2] = {
        {"text", "body"},         {"content", "body"},
        {"contents", "body"},     {"_id", "id"},
        {"docid", "id"},          {"headline", "title"},
        {"authors", "author"},    {"byline", "author"},
        {"creator", "author"},    {"published", "date"},
        {"publishdate", "date"},  {"pubdate", "date"},
        {"published_at", "date"}, {"source", "url"},
        {"source_url", "url"},    {"original_url", "url"},
        {"canonical", "url"},     {"canonical_url", "url"},
        {"permalink", "url"},     {"link", "url"},
    };
    static const char *const plain[] = {"id", "title", "body", "author", "date", "url"};
    char first = name.len == 0 ? '\0' : name.ptr[0];
    if (first >= 'A' && first <= 'Z')
        first = (char)(first | 0x20);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (same[i][0][0] == first && str_same(name, same[i][0]))
            return quire_cstr(same[i][1]);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i][0] == first && str_same(name, plain[i]))
            return quire_cstr(plain[i]);
    return name;
}

void record_cut(record *rec, size_t count)
{
    while (rec->count > count) {
        record_value *last = &rec->values[--rec->count];
        free(last->name);
        free(last->text);
    }
}

void record_clear(record *rec)
{
    record_cut(rec, 0);
}

void record_free(record *rec)
{
    record_clear(rec);
    free(rec->values);
    *rec = (record){0};
}
