/* SPDX-License-Identifier: MIT
 * The examples of FORMAT.md mean what it says: their hexadecimal is read from the text itself,
 * decoded, and where a value has one code only, encoded again. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/column.h"
#include "codec/docset.h"
#include "codec/envelope.h"
#include "codec/norms.h"
#include "codec/rice.h"
#include "codec/schema.h"
#include "codec/stored.h"
#include "codec/termdict.h"

enum { LONGEST_LINE = 1024, LONGEST_PATH = 4096 };

static FILE *open_format(void)
{
    char path[LONGEST_PATH];
    const char *here = strstr(__FILE__, "tests/cross/");
    ck_assert_ptr_nonnull(here);
    snprintf(path, sizeof path, "%.*sindex/FORMAT.md", (int)(here - __FILE__), __FILE__);
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "cannot open %s", path);
    return in;
}

static void add_line(qi_buf *out, const char *line)
{
    while (*line != '\0' && *line != '#') {
        unsigned byte;
        if (isspace((unsigned char)*line)) {
            line++;
            continue;
        }
        ck_assert_msg(sscanf(line, "%2x", &byte) == 1, "not hexadecimal: %s", line);
        qi_buf_u8(out, (uint8_t)byte);
        line += 2;
    }
}

/* The bytes of the example of this name. */
static qi_buf example(const char *name)
{
    char line[LONGEST_LINE], start[64];
    snprintf(start, sizeof start, "```hex %s\n", name);
    FILE *in = open_format();
    qi_buf out;
    qi_buf_init(&out, 0);
    bool inside = false;
    while (fgets(line, sizeof line, in) != NULL) {
        if (inside && strcmp(line, "```\n") == 0)
            break;
        if (inside)
            add_line(&out, line);
        else
            inside = strcmp(line, start) == 0;
    }
    fclose(in);
    ck_assert_msg(out.len > 0, "no example %s", name);
    return out;
}

static void expect_block(const char *name, const uint32_t *values, unsigned n)
{
    qi_buf bytes = example(name), again;
    uint32_t got[QI_BLOCK];
    qi_buf_init(&again, 0);
    ck_assert_uint_eq(qi_rice_decode(bytes.bytes, bytes.len, n, got), bytes.len);
    ck_assert_mem_eq(got, values, n * sizeof *values);
    qi_rice_encode(&again, values, n); /* an encoder may choose another k */
    ck_assert_uint_eq(qi_rice_decode(again.bytes, again.len, n, got), again.len);
    ck_assert_mem_eq(got, values, n * sizeof *values);
    qi_buf_free(&bytes);
    qi_buf_free(&again);
}

START_TEST(blocks_of_numbers)
{
    static const uint32_t few[6] = {3, 10, 6, 1, 700, 5};
    uint32_t values[QI_BLOCK];
    expect_block("rice.short", few, 6);
    for (unsigned i = 0; i < QI_BLOCK; i++)
        values[i] = 300;
    expect_block("rice.equal", values, QI_BLOCK);
    for (unsigned i = 0; i < QI_BLOCK; i++)
        values[i] = i % 4;
    expect_block("rice.full", values, QI_BLOCK);
}
END_TEST

START_TEST(norms)
{
    static const uint32_t lengths[5] = {0, 40, 61, 1000, 12345}, read[5] = {0, 40, 60, 974, 10188};
    qi_buf bytes = example("norms");
    ck_assert_uint_eq(bytes.len, 5);
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_uint_eq(qi_norms_code(lengths[i]), bytes.bytes[i]);
        ck_assert_uint_eq(qi_norms_length[bytes.bytes[i]], read[i]);
    }
    qi_buf_free(&bytes);
}
END_TEST

START_TEST(sets_of_documents)
{
    qi_buf bytes = example("docset"), again;
    qi_buf_init(&again, 0);
    qi_view in = qi_view_of(bytes.bytes, bytes.len);
    qi_docset set;
    ck_assert_int_eq(qi_docset_decode(&set, &in, 70, "f", NULL), QUIRE_OK);
    for (uint32_t d = 0; d < 70; d++)
        ck_assert_int_eq(qi_docset_has(&set, d), d == 1 || d == 9 || d == 69);
    qi_docset_encode(&set, &again);
    ck_assert_mem_eq(again.bytes, bytes.bytes, bytes.len);
    qi_docset_free(&set);
    qi_buf_free(&bytes);
    qi_buf_free(&again);
}
END_TEST

START_TEST(columns)
{
    static const int64_t values[5] = {259200, 0, 604800, 172800, 432000};
    qi_buf bytes = example("column"), again;
    qi_buf_init(&again, 0);
    qi_view in = qi_view_of(bytes.bytes, bytes.len);
    qi_column column;
    ck_assert_int_eq(qi_column_open(&column, &in, 5, "f", NULL), QUIRE_OK);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_int_eq(qi_column_has(&column, i), i != 1);
        ck_assert(i == 1 || qi_column_get(&column, i) == values[i]);
    }
    uint64_t present = 0x1D;
    qi_column_encode(&again, values, &present, 5);
    ck_assert_uint_eq(again.len, bytes.len);
    ck_assert_mem_eq(again.bytes, bytes.bytes, bytes.len);
    qi_buf_free(&bytes);
    qi_buf_free(&again);
}
END_TEST

START_TEST(dictionaries_of_terms)
{
    static const char *const terms[4] = {"index", "indexing", "internationalisation", "quire"};
    static const qi_term_info infos[4] = {
        {2, 3, 100, 9, 0, 0}, {1, 1, 0, 0, 300, 1}, {4, 4, 109, 12, 0, 2}, {2, 2, 50, 5, 0, 3}};
    qi_buf bytes = example("termdict");
    qi_termdict dict;
    qi_termdict_iter iter;
    ck_assert_int_eq(qi_termdict_open(&dict, bytes.bytes, bytes.len, "f", NULL), QUIRE_OK);
    bool more = qi_termdict_seek(&iter, &dict, NULL, 0, NULL);
    for (unsigned i = 0; i < 4; i++, more = qi_termdict_next(&iter)) {
        ck_assert(more && iter.len == strlen(terms[i]));
        ck_assert_mem_eq(iter.term, terms[i], iter.len);
        ck_assert_uint_eq(iter.info.df, infos[i].df);
        ck_assert_uint_eq(iter.info.cf, infos[i].cf);
        ck_assert_uint_eq(iter.info.offset, infos[i].offset);
        ck_assert_uint_eq(iter.info.length, infos[i].length);
        ck_assert_uint_eq(iter.info.first, infos[i].first);
    }
    ck_assert(!more && iter.status == QUIRE_OK);
    qi_buf_free(&bytes);
}
END_TEST

START_TEST(stored_documents)
{
    static const qi_stored_value values[3] = {{0, {"Ein Titel", 9}}, {2, {"a", 1}}, {2, {"bc", 2}}};
    qi_buf bytes = example("stored");
    qi_arena arena;
    qi_arena_init(&arena, 0);
    qi_stored_record record;
    quire_str text = {(const char *)bytes.bytes, bytes.len};
    ck_assert_int_eq(qi_stored_decode(&record, text, 3, &arena, "f", NULL), QUIRE_OK);
    ck_assert_uint_eq(record.language.len, 6);
    ck_assert_mem_eq(record.language.ptr, "german", 6);
    ck_assert_uint_eq(record.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(record.values[i].field, values[i].field);
        ck_assert_uint_eq(record.values[i].text.len, values[i].text.len);
        ck_assert_mem_eq(record.values[i].text.ptr, values[i].text.ptr, values[i].text.len);
    }
    qi_arena_free(&arena);
    qi_buf_free(&bytes);
}
END_TEST

START_TEST(a_schema)
{
    qi_buf bytes = example("schema"), again;
    qi_buf_init(&again, 0);
    qi_view in = qi_view_of(bytes.bytes, bytes.len);
    quire_schema *schema;
    ck_assert_int_eq(qi_schema_decode(&schema, &in, "f", NULL), QUIRE_OK);
    ck_assert_uint_eq(qi_view_left(&in), 0);
    ck_assert(schema->k1 == 1.2f && schema->b == 0.75f);
    ck_assert_str_eq(schema->unicode, "15.0.0");
    ck_assert_uint_eq(schema->fields.count, 2);
    const quire_field *id = &schema->fields.items[0], *body = &schema->fields.items[1];
    ck_assert(strcmp(id->name, "id") == 0 && id->type == QUIRE_KEYWORD && id->key);
    ck_assert(strcmp(body->name, "body") == 0 && body->type == QUIRE_TEXT && !body->key);
    ck_assert(body->stored && body->searched && body->exact && !body->not_indexed);
    ck_assert(body->weight == 1 && strcmp(body->analyzer.language, "english") == 0);
    qi_schema_encode(schema, &again);
    ck_assert_uint_eq(again.len, bytes.len);
    ck_assert_mem_eq(again.bytes, bytes.bytes, bytes.len);
    qi_schema_release(schema);
    qi_buf_free(&bytes);
    qi_buf_free(&again);
}
END_TEST

START_TEST(the_envelope)
{
    qi_envelope_id id = {.kind = 0x54534554, .seq = 7};
    for (unsigned i = 0; i < 16; i++)
        id.uuid[i] = (uint8_t)i;
    qi_buf bytes = example("envelope");
    qi_envelope envelope;
    ck_assert_int_eq(qi_envelope_open(&envelope, bytes.bytes, bytes.len, &id, "f", NULL), QUIRE_OK);
    ck_assert_uint_eq(envelope.section_count, 1);
    qi_view section = qi_envelope_find(&envelope, "abc");
    ck_assert_uint_eq(qi_view_left(&section), 3);
    ck_assert_mem_eq(section.at, "xyz", 3);
    ck_assert_uint_eq(qi_envelope_blocks(&envelope), 1);
    ck_assert_int_eq(qi_envelope_verify(&envelope, 0, "f", NULL), QUIRE_OK);
    qi_buf_free(&bytes);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("cross.format");
    TCase *t = tcase_create("examples");
    tcase_add_test(t, blocks_of_numbers);
    tcase_add_test(t, norms);
    tcase_add_test(t, sets_of_documents);
    tcase_add_test(t, columns);
    tcase_add_test(t, dictionaries_of_terms);
    tcase_add_test(t, stored_documents);
    tcase_add_test(t, a_schema);
    tcase_add_test(t, the_envelope);
    suite_add_tcase(s, t);
    return s;
}
