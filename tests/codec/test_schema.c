/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/schema.h"

static quire_error err;

static quire_field named(const char *name, quire_field_type type)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.type = type;
    return field;
}

/* One field of every kind. */
static quire_schema *sample(void)
{
    quire_schema *schema;
    ck_assert_int_eq(qi_schema_new(&schema, &err), QUIRE_OK);
    quire_field id = named("id", QUIRE_KEYWORD), text = named("_text-1.x", QUIRE_TEXT);
    quire_field kept = named("kept", QUIRE_TEXT);
    quire_field number = named("number", QUIRE_NUMBER), date = named("date", QUIRE_DATE);
    id.key = true;
    text.searched = text.exact = text.stored = true;
    text.weight = 2.5f;
    text.analyzer = (quire_analyzer){"german", true, true, true, true};
    kept.not_indexed = kept.stored = true;
    const quire_field *fields[] = {&number, &id, &text, &kept, &date};
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(qi_schema_add(schema, fields[i], &err), QUIRE_OK);
    schema->k1 = 0.9f;
    schema->b = 0.4f;
    strcpy(schema->unicode, "12.1.0");
    return schema;
}

static void assert_equal(const quire_schema *a, const quire_schema *b)
{
    ck_assert_uint_eq(a->fields.count, b->fields.count);
    ck_assert_uint_eq(a->key, b->key);
    ck_assert(a->k1 == b->k1 && a->b == b->b);
    ck_assert_str_eq(a->unicode, b->unicode);
    for (size_t i = 0; i < a->fields.count; i++) {
        quire_field x = a->fields.items[i], y = b->fields.items[i];
        ck_assert_str_eq(x.name, y.name);
        ck_assert_ptr_ne(x.name, y.name);
        ck_assert_int_eq(x.type, y.type);
        ck_assert(x.key == y.key && x.stored == y.stored && x.searched == y.searched);
        ck_assert(x.exact == y.exact && x.not_indexed == y.not_indexed && x.weight == y.weight);
        ck_assert_mem_eq(&x.analyzer, &y.analyzer, sizeof x.analyzer);
    }
}

static qi_buf encoded(const quire_schema *schema)
{
    qi_buf buf;
    qi_buf_init(&buf, 0);
    qi_schema_encode(schema, &buf);
    ck_assert(!buf.failed);
    return buf;
}

START_TEST(a_schema_survives_its_bytes)
{
    quire_schema *schema = sample(), *back;
    qi_buf buf = encoded(schema);
    qi_buf_u8(&buf, 0xAB);
    qi_view view = qi_view_of(buf.bytes, buf.len);
    ck_assert_int_eq(qi_schema_decode(&back, &view, "MANIFEST", &err), QUIRE_OK);
    ck_assert_uint_eq(qi_view_left(&view), 1);
    assert_equal(schema, back);
    qi_schema_release(back);
    qi_schema_release(schema);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(a_copy_is_equal_and_apart)
{
    quire_schema *schema = sample(), *copy;
    ck_assert_int_eq(qi_schema_copy(&copy, schema, &err), QUIRE_OK);
    assert_equal(schema, copy);
    quire_field more = named("more", QUIRE_TEXT);
    ck_assert_int_eq(qi_schema_add(copy, &more, &err), QUIRE_OK);
    ck_assert_uint_eq(schema->fields.count, 5);
    qi_schema_release(schema);
    ck_assert_str_eq(copy->fields.items[1].name, "id");
    qi_schema_release(copy);
}
END_TEST

START_TEST(a_schema_lives_until_its_last_holder_lets_go)
{
    quire_schema *schema = sample();
    ck_assert_ptr_eq(qi_schema_retain(schema), schema);
    qi_schema_release(schema);
    ck_assert_uint_eq(qi_schema_find(schema, "kept", 4), 3);
    ck_assert_uint_eq(qi_schema_find(schema, "kep", 3), QI_NO_FIELD);
    qi_schema_release(schema);
    qi_schema_release(NULL);
}
END_TEST

static quire_status try(quire_field field)
{
    quire_schema *schema = sample();
    quire_status status = qi_schema_add(schema, &field, &err);
    ck_assert_uint_eq(schema->fields.count, status == QUIRE_OK ? 6 : 5);
    qi_schema_release(schema);
    return status;
}

START_TEST(bad_names_are_refused)
{
    char longest[65];
    memset(longest, 'a', 64);
    longest[64] = '\0';
    const char *bad[] = {NULL, "", "1a", "-a", ".a", "a b", "a:b", "\xC3\xA9", "a\n", longest};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(try(named(bad[i], QUIRE_TEXT)), QUIRE_ERR_MISUSE);
    longest[63] = '\0';
    ck_assert_int_eq(try(named(longest, QUIRE_TEXT)), QUIRE_OK);
    ck_assert_int_eq(try(named("Z9_-.", QUIRE_TEXT)), QUIRE_OK);
    ck_assert_int_eq(try(named("kept", QUIRE_TEXT)), QUIRE_ERR_EXISTS);
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
    quire_field f;
#define REFUSE(kind, change)                                                                       \
    do {                                                                                           \
        f = named("new", kind);                                                                    \
        change;                                                                                    \
        ck_assert_msg(try(f) == QUIRE_ERR_MISUSE, #kind " " #change);                              \
    } while (0)
    REFUSE(QUIRE_TEXT, f.key = true);
    REFUSE(QUIRE_NUMBER, f.key = true);
    REFUSE(QUIRE_KEYWORD, f.key = true); /* a second one */
    REFUSE(QUIRE_TEXT, f.not_indexed = true);
    REFUSE(QUIRE_TEXT, f.not_indexed = f.stored = f.searched = true);
    REFUSE(QUIRE_TEXT, f.not_indexed = f.stored = f.exact = true);
    REFUSE(QUIRE_TEXT, f.weight = -1);
    REFUSE(QUIRE_TEXT, f.weight = 1000.5f);
    REFUSE(QUIRE_TEXT, f.weight = NAN);
    REFUSE(QUIRE_TEXT, f.weight = INFINITY);
    REFUSE(QUIRE_TEXT, memset(f.analyzer.language, 'a', 24));
    REFUSE(QUIRE_TEXT, strcpy(f.analyzer.language, "a/b"));
    REFUSE(QUIRE_KEYWORD, f.stored = true);
    REFUSE(QUIRE_DATE, f.searched = true);
    REFUSE(QUIRE_NUMBER, f.exact = true);
    REFUSE(QUIRE_NUMBER, f.weight = 2);
    REFUSE(QUIRE_NUMBER, f.analyzer.whole = true);
    REFUSE(QUIRE_KEYWORD, strcpy(f.analyzer.language, "english"));
    REFUSE(0, (void)0);
    REFUSE(5, (void)0);
    REFUSE(QUIRE_TEXT, f.struct_size = 0);
#undef REFUSE
}
END_TEST

START_TEST(a_weight_of_zero_reads_as_one)
{
    quire_schema *schema = sample();
    quire_field field = named("new", QUIRE_TEXT);
    ck_assert_int_eq(qi_schema_add(schema, &field, &err), QUIRE_OK);
    ck_assert(schema->fields.items[5].weight == 1);
    qi_schema_release(schema);
}
END_TEST

START_TEST(a_schema_has_at_most_255_fields)
{
    quire_schema *schema, *back;
    ck_assert_int_eq(qi_schema_new(&schema, &err), QUIRE_OK);
    for (int i = 0; i < 256; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        quire_field field = named(name, QUIRE_NUMBER);
        ck_assert_int_eq(qi_schema_add(schema, &field, &err), i < 255 ? QUIRE_OK : QUIRE_ERR_LIMIT);
    }
    qi_buf buf = encoded(schema);
    qi_view view = qi_view_of(buf.bytes, buf.len);
    ck_assert_int_eq(qi_schema_decode(&back, &view, "MANIFEST", &err), QUIRE_OK);
    assert_equal(schema, back);
    qi_schema_release(back);
    qi_schema_release(schema);
    qi_buf_free(&buf);
}
END_TEST

START_TEST(who_asks_for_no_field_is_told_which_there_are)
{
    quire_schema *schema = sample();
    quire_str name = quire_cstr("nosuch");
    ck_assert_int_eq(qi_schema_no_field(schema, name, QUIRE_ERR_MISUSE, &err), QUIRE_ERR_MISUSE);
    ck_assert_str_eq(err.message, "there is no field 'nosuch'; the fields are: number, id, "
                                  "_text-1.x, kept, date");
    for (int i = 0; i < 40; i++) {
        char text[16];
        snprintf(text, sizeof text, "field%d", i);
        quire_field field = named(text, QUIRE_NUMBER);
        ck_assert_int_eq(qi_schema_add(schema, &field, &err), QUIRE_OK);
        qi_schema_no_field(schema, name, QUIRE_ERR_NOT_FOUND, &err);
        size_t len = strlen(err.message);
        ck_assert(len < 200 && (i < 10 || strcmp(err.message + len - 5, ", \xE2\x80\xA6") == 0));
    }
    qi_schema_release(schema);
}
END_TEST

START_TEST(any_damage_is_corrupt_or_another_valid_schema)
{
    quire_schema *schema = sample(), *back;
    qi_buf buf = encoded(schema);
    for (size_t at = 0; at < buf.len; at++)
        for (unsigned value = 0; value < 256; value++) {
            uint8_t was = buf.bytes[at];
            buf.bytes[at] = (uint8_t)value;
            qi_view view = qi_view_of(buf.bytes, buf.len);
            quire_status status = qi_schema_decode(&back, &view, "MANIFEST", &err);
            ck_assert(status == QUIRE_OK || status == QUIRE_ERR_CORRUPT);
            ck_assert((status == QUIRE_OK) == (back != NULL));
            if (status == QUIRE_OK) {
                qi_buf again = encoded(back);
                ck_assert_uint_eq(again.len, (size_t)(view.at - buf.bytes));
                /* A text weight of 0 reads as 1, so the bytes need not be the same. */
                qi_view second = qi_view_of(again.bytes, again.len);
                quire_schema *twice;
                ck_assert_int_eq(qi_schema_decode(&twice, &second, "MANIFEST", &err), QUIRE_OK);
                assert_equal(back, twice);
                qi_schema_release(twice);
                qi_buf_free(&again);
            } else {
                ck_assert_ptr_nonnull(strstr(err.message, "MANIFEST, section 'schema'"));
            }
            qi_schema_release(back);
            buf.bytes[at] = was;
        }
    for (size_t len = 0; len < buf.len; len++) {
        qi_view view = qi_view_of(buf.bytes, len);
        ck_assert_int_eq(qi_schema_decode(&back, &view, "MANIFEST", &err), QUIRE_ERR_CORRUPT);
        ck_assert_ptr_null(back);
    }
    qi_buf_free(&buf);
    qi_schema_release(schema);
}
END_TEST

START_TEST(a_version_of_unicode_is_digits_and_dots)
{
    static const struct {
        const char *text;
        quire_status status;
    } cases[] = {{"", QUIRE_OK},
                 {"15.0.0", QUIRE_OK},
                 {"100.100.100", QUIRE_OK},
                 {"100.100.1000", QUIRE_ERR_CORRUPT},
                 {"15,0", QUIRE_ERR_CORRUPT},
                 {"15.0b", QUIRE_ERR_CORRUPT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qi_buf buf;
        qi_buf_init(&buf, 0);
        for (int n = 0; n < 8; n++)
            qi_buf_u8(&buf, 0); /* k1 and b */
        qi_buf_u8(&buf, (uint8_t)strlen(cases[i].text));
        qi_buf_add(&buf, cases[i].text, strlen(cases[i].text));
        qi_buf_u8(&buf, 0);
        qi_view view = qi_view_of(buf.bytes, buf.len);
        quire_schema *back;
        quire_status status = qi_schema_decode(&back, &view, "MANIFEST", &err);
        ck_assert_msg(status == cases[i].status, "'%s': %d", cases[i].text, status);
        if (status == QUIRE_OK)
            ck_assert_str_eq(back->unicode, cases[i].text);
        else
            ck_assert_ptr_nonnull(strstr(err.message, "H-5"));
        qi_schema_release(back);
        qi_buf_free(&buf);
    }
}
END_TEST

START_TEST(running_out_of_memory_is_reported_and_leaks_nothing)
{
    quire_schema *schema = sample(), *copy = NULL, *back = NULL;
    qi_buf buf = encoded(schema);
    quire_status status = QUIRE_ERR_MEMORY;
    for (unsigned long nth = 1; status != QUIRE_OK; nth++) {
        qi_mem_fail(nth, false);
        qi_view view = qi_view_of(buf.bytes, buf.len);
        status = qi_schema_copy(&copy, schema, &err);
        if (status == QUIRE_OK)
            status = qi_schema_decode(&back, &view, "MANIFEST", &err);
        qi_mem_fail(0, false);
        ck_assert(status == QUIRE_OK || status == QUIRE_ERR_MEMORY);
        qi_schema_release(copy);
        qi_schema_release(back);
        copy = back = NULL;
        ck_assert_uint_lt(nth, 1000);
    }
    qi_buf_free(&buf);
    qi_schema_release(schema);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.schema");
    TCase *t = tcase_create("schema");
    tcase_add_test(t, a_schema_survives_its_bytes);
    tcase_add_test(t, a_copy_is_equal_and_apart);
    tcase_add_test(t, a_schema_lives_until_its_last_holder_lets_go);
    tcase_add_test(t, bad_names_are_refused);
    tcase_add_test(t, options_that_make_no_sense_are_refused);
    tcase_add_test(t, a_weight_of_zero_reads_as_one);
    tcase_add_test(t, a_schema_has_at_most_255_fields);
    tcase_add_test(t, who_asks_for_no_field_is_told_which_there_are);
    tcase_add_test(t, any_damage_is_corrupt_or_another_valid_schema);
    tcase_add_test(t, a_version_of_unicode_is_digits_and_dots);
    tcase_add_test(t, running_out_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return s;
}
