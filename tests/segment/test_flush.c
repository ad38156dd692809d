/* SPDX-License-Identifier: MIT
 * Documents of several indexes in memory make the segment that one index makes, byte for byte, with
 * any number of threads; what is in it is the concern of test_segment.c.
 * Covers: flush flush_text. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "segment/flush.h"
#include "support/roll.h"

enum { PARTS = 4, DOCS = 300, WORDS = 60, FORMS = 3000, FIELDS = 5 };

static quire_error err;
static quire_schema *schema;

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

static void add_field(const char *name, quire_field_type type, bool exact)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.type = type;
    field.exact = exact;
    field.searched = type == QUIRE_TEXT;
    field.stored = type == QUIRE_TEXT;
    ok(qi_schema_add(schema, &field, &err));
}

static void setup(void)
{
    ok(qi_schema_new(&schema, &err));
    add_field("a", QUIRE_TEXT, true);
    add_field("b", QUIRE_KEYWORD, false);
    add_field("c", QUIRE_TEXT, false);
    add_field("d", QUIRE_NUMBER, false);
    add_field("e", QUIRE_TEXT, true);
    schema->k1 = 1.2f;
    schema->b = 0.75f;
}

static void teardown(void)
{
    qi_schema_release(schema);
}

/* Some forms have several stems, some words no form. */
static void add_word(qi_memindex *const *to, size_t count, uint32_t field, uint32_t position)
{
    char stem[16], form[16];
    uint32_t word = roll(1 + roll(FORMS));
    quire_str s = {stem, (size_t)sprintf(stem, "s%u", word % 16 == 0 ? roll(40) : word / 3)};
    quire_str f = {form, (size_t)sprintf(form, "f%u", word)};
    if (roll(30) == 0)
        s.len = f.len = 0; /* a stop word */
    if (!schema->fields.items[field].exact)
        f.len = 0;
    for (size_t i = 0; i < count; i++)
        ok(qi_memindex_word(to[i], field, position, s, f, &err));
}

/* Add one and the same document to all. */
static void add_doc(qi_memindex *const *to, size_t count)
{
    char value[16];
    quire_str keyword = {value, (size_t)sprintf(value, "k%u", roll(1 + roll(500)))};
    int64_t number = (int64_t)roll64() >> 20;
    bool has = roll(4) != 0;
    for (size_t i = 0; i < count; i++) {
        ok(qi_memindex_begin(to[i], &err));
        if (has)
            ok(qi_memindex_keyword(to[i], 1, keyword, &err));
        if (has)
            qi_memindex_number(to[i], 3, number);
    }
    for (uint32_t f = 0; f < FIELDS; f += 2)
        for (uint32_t n = roll(WORDS), at = 0; n > 0; n--, at += roll(3))
            add_word(to, count, f, at);
    for (size_t i = 0; i < count; i++) {
        qi_stored_value stored = {0, keyword};
        qi_stored_record record = {.language = {"", 0}, .count = 1, .values = &stored};
        qi_stored_encode(qi_memindex_record(to[i]), &record);
        ok(qi_memindex_end(to[i], &err));
    }
}

/* The segment of some parts, in a folder of its own. */
static qi_dir *write_parts(const qi_memindex *const *parts, size_t count, unsigned threads)
{
    qi_dir *dir;
    qi_segment *segment;
    qi_file_id id = {.name = "s-1.seg", .seq = 1};
    qi_flush_plan plan = {{parts, count}, {NULL, 0}, threads};
    ok(qi_dir_open_ram(&dir, &err));
    ok(qi_flush_parts(&plan, dir, &id, &err));
    ok(qi_segment_open(&segment, dir, &id, schema, &err));
    qi_segment_release(segment);
    return dir;
}

static void assert_same(qi_dir *a, qi_dir *b)
{
    qi_bytes x, y;
    ok(a->ops->map(a, "s-1.seg", &x, &err));
    ok(b->ops->map(b, "s-1.seg", &y, &err));
    ck_assert_uint_eq(x.len, y.len);
    ck_assert_mem_eq(x.at, y.at, x.len);
    a->ops->unmap(a, &x);
    b->ops->unmap(b, &y);
}

START_TEST(several_indexes_make_the_segment_that_one_makes)
{
    qi_memindex *whole, *made[PARTS];
    const qi_memindex *parts[PARTS];
    roll_seed();
    roll_state += (uint64_t)_i;
    size_t count = 1 + roll(PARTS);
    ok(qi_memindex_new(&whole, schema, &err));
    for (size_t p = 0; p < count; p++) {
        ok(qi_memindex_new(&made[p], schema, &err));
        for (uint32_t n = 1 + roll(DOCS); n > 0; n--)
            add_doc((qi_memindex *[]){whole, made[p]}, 2);
        parts[p] = made[p];
    }
    const qi_memindex *alone = whole;
    qi_dir *expected = write_parts(&alone, 1, 0);
    for (unsigned threads = 1; threads <= 4; threads++) {
        qi_dir *dir = write_parts(parts, count, threads);
        assert_same(expected, dir);
        qi_dir_free(dir);
        dir = write_parts(&alone, 1, threads);
        assert_same(expected, dir);
        qi_dir_free(dir);
    }
    qi_dir_free(expected);
    for (size_t p = 0; p < count; p++)
        qi_memindex_free(made[p]);
    qi_memindex_free(whole);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.flush");
    TCase *t = tcase_create("flush");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, several_indexes_make_the_segment_that_one_makes, 0, 12);
    suite_add_tcase(s, t);
    return s;
}
