/* SPDX-License-Identifier: MIT
 * Field definitions: one set of rules (check_field) for those of a caller and those of a file.
 *
 *     | k1 f32 | b f32 | unicode u8+bytes | fields u8 | field | field | ...
 *     field: | name u8+bytes | type u8 | flags u8 | weight f32 | analyzer u8 | language u8+bytes |
 *
 * Invariant: every schema in memory has passed the rules, whose names in FORMAT.md are H-1 to H-5.
 */
#include "codec/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

enum { NAME_MAX_LEN = 63, FIELDS_MAX = 255 };

enum { FLAG_KEY = 1, FLAG_STORED = 2, FLAG_SEARCHED = 4, FLAG_EXACT = 8, FLAG_NOT_INDEXED = 16 };
enum { KEEP_DIACRITICS = 1, KEEP_POSSESSIVE = 2, STOP_WORDS = 4, WHOLE = 8 };

quire_status qi_schema_new(quire_schema **out, quire_error *err)
{
    *out = NULL;
    quire_schema *schema = qi_mem_new(1, sizeof *schema);
    if (schema == NULL)
        return qi_no_memory(err);
    schema->refs = 1;
    schema->key = QI_NO_FIELD;
    schema->k1 = 1.2f;
    schema->b = 0.75f;
    qi_arena_init(&schema->memory, 0);
    *out = schema;
    return QUIRE_OK;
}

quire_schema *qi_schema_retain(const quire_schema *schema)
{
    quire_schema *shared = (quire_schema *)(uintptr_t)schema;
    __atomic_add_fetch(&shared->refs, 1, __ATOMIC_RELAXED);
    return shared;
}

void qi_schema_release(quire_schema *schema)
{
    if (schema == NULL || __atomic_sub_fetch(&schema->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    QI_VEC_FREE(&schema->fields);
    qi_spares_free(&schema->kits);
    qi_spares_free(&schema->queries);
    qi_arena_free(&schema->memory);
    qi_mem_free(schema);
}

uint32_t qi_schema_find(const quire_schema *schema, const char *name, size_t len)
{
    for (size_t i = 0; i < schema->fields.count; i++) {
        const char *other = schema->fields.items[i].name;
        if (strlen(other) == len && memcmp(other, name, len) == 0)
            return (uint32_t)i;
    }
    return QI_NO_FIELD;
}

quire_status qi_schema_no_field(const quire_schema *schema, quire_str name, quire_status status,
                                quire_error *err)
{
    enum { NAME = 64 };
    char list[120] = "";
    size_t at = 0;
    for (size_t i = 0; i < schema->fields.count; i++) {
        const char *other = schema->fields.items[i].name;
        if (at + strlen(other) + 2 + sizeof ", \xE2\x80\xA6" > sizeof list) {
            snprintf(list + at, sizeof list - at, ", \xE2\x80\xA6");
            break;
        }
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", i > 0 ? ", " : "", other);
    }
    return qi_fail(err, status, "there is no field '%.*s'; the fields are: %s",
                   (int)(name.len < NAME ? name.len : NAME), name.ptr, list);
}

bool qi_schema_tuning_valid(float k1, float b)
{
    return isfinite(k1) && k1 >= 0 && k1 <= 1000 && isfinite(b) && b >= 0 && b <= 1;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(const char *name)
{
    if (name == NULL || (!is_letter(name[0]) && name[0] != '_'))
        return false;
    size_t len = 1;
    for (; name[len] != '\0'; len++) {
        char c = name[len];
        bool fine = is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        if (!fine || len == NAME_MAX_LEN)
            return false;
    }
    return true;
}

/* Only letters, digits, '_' and '-', and an end within the array. */
static bool is_language(const char language[24])
{
    for (size_t i = 0; i < 24; i++) {
        char c = language[i];
        if (c == '\0')
            return true;
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return false;
}

/* What is wrong with a text field's options, or NULL. */
static const char *text_fault(const quire_field *field)
{
    if (field->key)
        return "only a keyword field can be the key";
    if (field->not_indexed && (field->searched || field->exact))
        return "a field that is not indexed can be neither 'searched' nor 'exact'";
    if (field->not_indexed && !field->stored)
        return "a field that is neither indexed nor stored is of no use";
    if (!(field->weight == 0) && !(field->weight > 0 && field->weight <= 1000))
        return "the weight must be in (0, 1000]";
    if (!is_language(field->analyzer.language))
        return "the language is not a name";
    return NULL;
}

static bool is_default(const quire_analyzer *analyzer)
{
    return analyzer->language[0] == '\0' && !analyzer->keep_diacritics &&
           !analyzer->keep_possessive && !analyzer->stop_words && !analyzer->whole;
}

/* What is wrong with the options of a keyword, number or date field, or NULL. */
static const char *column_fault(const quire_field *field)
{
    if (field->key && field->type != QUIRE_KEYWORD)
        return "only a keyword field can be the key";
    if (field->stored || field->searched || field->exact || field->not_indexed)
        return "'stored', 'searched', 'exact' and 'not_indexed' are for text fields";
    if (!(field->weight == 0) && !(field->weight == 1))
        return "a weight is for text fields";
    if (!is_default(&field->analyzer))
        return "an analyzer is for text fields";
    return NULL;
}

/* What is wrong with the field, or NULL. */
static const char *field_fault(const quire_field *field)
{
    switch (field->type) {
    case QUIRE_TEXT:
        return text_fault(field);
    case QUIRE_KEYWORD:
    case QUIRE_NUMBER:
    case QUIRE_DATE:
        return column_fault(field);
    default:
        return "there is no such type";
    }
}

static quire_status check_field(const quire_schema *schema, const quire_field *field,
                                quire_error *err)
{
    if (!is_name(field->name))
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "'%.80s' is no field name: a letter or '_', then letters, digits, '_', '-' "
                       "and '.', at most 63 in all",
                       field->name == NULL ? "" : field->name);
    const char *fault = field_fault(field);
    if (fault != NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "field '%s': %s", field->name, fault);
    if (field->key && schema->key != QI_NO_FIELD)
        return qi_fail(err, QUIRE_ERR_MISUSE, "field '%s': '%s' is the key already", field->name,
                       schema->fields.items[schema->key].name);
    if (qi_schema_find(schema, field->name, strlen(field->name)) != QI_NO_FIELD)
        return qi_fail(err, QUIRE_ERR_EXISTS, "there is a field '%s' already", field->name);
    if (schema->fields.count >= FIELDS_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a schema has at most %d fields", FIELDS_MAX);
    return QUIRE_OK;
}

quire_status qi_schema_add(quire_schema *schema, const quire_field *field, quire_error *err)
{
    if (field->struct_size < sizeof *field)
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "struct_size of a field is not set: start from QUIRE_FIELD_INIT");
    QI_TRY(check_field(schema, field, err));
    quire_field copy = *field;
    copy.struct_size = sizeof copy;
    copy.name = qi_arena_copy(&schema->memory, field->name, strlen(field->name));
    if (field->weight == 0 && field->type == QUIRE_TEXT)
        copy.weight = 1;
    /* Bytes behind the end of the name say nothing: equal fields have equal bytes. */
    size_t language = strlen(field->analyzer.language);
    memset(copy.analyzer.language + language, 0, sizeof copy.analyzer.language - language);
    if (copy.name == NULL || !QI_VEC_PUSH(&schema->fields, copy)) {
        schema->memory.failed = false;
        return qi_no_memory(err);
    }
    if (field->key)
        schema->key = (uint32_t)schema->fields.count - 1;
    return QUIRE_OK;
}

static bool same_analyzer(const quire_analyzer *a, const quire_analyzer *b)
{
    return strcmp(a->language, b->language) == 0 && a->keep_diacritics == b->keep_diacritics &&
           a->keep_possessive == b->keep_possessive && a->stop_words == b->stop_words &&
           a->whole == b->whole;
}

static bool same_field(const quire_field *a, const quire_field *b)
{
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->key == b->key &&
           a->exact == b->exact && a->not_indexed == b->not_indexed &&
           same_analyzer(&a->analyzer, &b->analyzer);
}

bool qi_schema_same(const quire_schema *a, const quire_schema *b)
{
    if (a == b)
        return true;
    if (a->fields.count != b->fields.count)
        return false;
    for (size_t i = 0; i < a->fields.count; i++)
        if (!same_field(&a->fields.items[i], &b->fields.items[i]))
            return false;
    return true;
}

quire_status qi_schema_copy(quire_schema **out, const quire_schema *schema, quire_error *err)
{
    QI_TRY(qi_schema_new(out, err));
    (*out)->k1 = schema->k1;
    (*out)->b = schema->b;
    memcpy((*out)->unicode, schema->unicode, sizeof schema->unicode);
    for (size_t i = 0; i < schema->fields.count; i++) {
        quire_status status = qi_schema_add(*out, &schema->fields.items[i], err);
        if (status != QUIRE_OK) {
            qi_schema_release(*out);
            *out = NULL;
            return status;
        }
    }
    return QUIRE_OK;
}

static void encode_field(const quire_field *field, qi_buf *out)
{
    const quire_analyzer *analyzer = &field->analyzer;
    size_t name = strlen(field->name), language = strlen(analyzer->language);
    qi_buf_u8(out, (uint8_t)name);
    qi_buf_add(out, field->name, name);
    qi_buf_u8(out, (uint8_t)field->type);
    qi_buf_u8(out,
              (uint8_t)((field->key ? FLAG_KEY : 0) | (field->stored ? FLAG_STORED : 0) |
                        (field->searched ? FLAG_SEARCHED : 0) | (field->exact ? FLAG_EXACT : 0) |
                        (field->not_indexed ? FLAG_NOT_INDEXED : 0)));
    qi_buf_u32(out, qi_float_bits(field->weight));
    qi_buf_u8(out,
              (uint8_t)((analyzer->keep_diacritics ? KEEP_DIACRITICS : 0) |
                        (analyzer->keep_possessive ? KEEP_POSSESSIVE : 0) |
                        (analyzer->stop_words ? STOP_WORDS : 0) | (analyzer->whole ? WHOLE : 0)));
    qi_buf_u8(out, (uint8_t)language);
    qi_buf_add(out, analyzer->language, language);
}

void qi_schema_encode(const quire_schema *schema, qi_buf *out)
{
    qi_buf_u32(out, qi_float_bits(schema->k1));
    qi_buf_u32(out, qi_float_bits(schema->b));
    size_t unicode = strlen(schema->unicode);
    qi_buf_u8(out, (uint8_t)unicode);
    qi_buf_add(out, schema->unicode, unicode);
    qi_buf_u8(out, (uint8_t)schema->fields.count);
    for (size_t i = 0; i < schema->fields.count; i++)
        encode_field(&schema->fields.items[i], out);
}

/* A counted string of less than `room` bytes, without a NUL. */
static bool decode_string(qi_view *in, char *out, size_t room)
{
    size_t len = qi_view_u8(in);
    const uint8_t *bytes = qi_view_take(in, len);
    if (bytes == NULL || len >= room || memchr(bytes, '\0', len) != NULL)
        return false;
    memcpy(out, bytes, len);
    out[len] = '\0';
    return true;
}

/* Read a field; `name` gets the name. What is wrong with it, or NULL. */
static const char *decode_field(qi_view *in, quire_field *field, char name[NAME_MAX_LEN + 1])
{
    *field = (quire_field)QUIRE_FIELD_INIT;
    field->name = name;
    if (!decode_string(in, name, NAME_MAX_LEN + 1))
        return "H-2: a field has no valid name";
    field->type = (quire_field_type)qi_view_u8(in);
    unsigned flags = qi_view_u8(in);
    field->key = flags & FLAG_KEY;
    field->stored = flags & FLAG_STORED;
    field->searched = flags & FLAG_SEARCHED;
    field->exact = flags & FLAG_EXACT;
    field->not_indexed = flags & FLAG_NOT_INDEXED;
    field->weight = qi_float_of_bits(qi_view_u32(in));
    unsigned steps = qi_view_u8(in);
    field->analyzer.keep_diacritics = steps & KEEP_DIACRITICS;
    field->analyzer.keep_possessive = steps & KEEP_POSSESSIVE;
    field->analyzer.stop_words = steps & STOP_WORDS;
    field->analyzer.whole = steps & WHOLE;
    if (!decode_string(in, field->analyzer.language, sizeof field->analyzer.language) ||
        in->overrun)
        return "H-2: a field is cut short or has no valid language";
    if (flags > 31 || steps > 15)
        return "H-3: a field has unknown flags";
    return NULL;
}

static bool is_version(const char *text)
{
    return text[strspn(text, "0123456789.")] == '\0';
}

static quire_status decode(quire_schema *schema, qi_view *in, const char *file, quire_error *err)
{
    const uint8_t *start = in->at;
    schema->k1 = qi_float_of_bits(qi_view_u32(in));
    schema->b = qi_float_of_bits(qi_view_u32(in));
    if (in->overrun || !qi_schema_tuning_valid(schema->k1, schema->b))
        return qi_corrupt(err, file, "schema", 0, "H-1: k1 and b are not valid");
    uint64_t version = (uint64_t)(in->at - start);
    if (!decode_string(in, schema->unicode, sizeof schema->unicode) || !is_version(schema->unicode))
        return qi_corrupt(err, file, "schema", version, "H-5: this is no version of Unicode");
    size_t count = qi_view_u8(in);
    if (in->overrun)
        return qi_corrupt(err, file, "schema", version, "H-2: the fields are missing");
    for (size_t i = 0; i < count; i++) {
        quire_field field;
        char name[NAME_MAX_LEN + 1];
        uint64_t at = (uint64_t)(in->at - start);
        const char *fault = decode_field(in, &field, name);
        if (fault != NULL)
            return qi_corrupt(err, file, "schema", at, "%s", fault);
        quire_error reason = {0};
        quire_status status = qi_schema_add(schema, &field, &reason);
        if (status == QUIRE_ERR_MEMORY)
            return qi_no_memory(err);
        if (status != QUIRE_OK)
            return qi_corrupt(err, file, "schema", at, "H-4: %s", reason.message);
    }
    return QUIRE_OK;
}

quire_status qi_schema_decode(quire_schema **out, qi_view *in, const char *file, quire_error *err)
{
    quire_schema *schema;
    *out = NULL;
    QI_TRY(qi_schema_new(&schema, err));
    quire_status status = decode(schema, in, file, err);
    if (status == QUIRE_OK)
        *out = schema;
    else
        qi_schema_release(schema);
    return status;
}
