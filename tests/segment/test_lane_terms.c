/* SPDX-License-Identifier: MIT
 * Random words in one to four indexes in memory: their terms as one list, against what each has. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segment/lane_terms.h"
#include "support/roll.h"

enum { PARTS = 4, NAMES = 400, WORDS = 300 };

static quire_error err;
static bool has[PARTS][NAMES];

/* A part, whose terms are in the order in which they came. */
static qi_memindex *fill(bool *names)
{
    quire_schema *schema;
    qi_memindex *index;
    quire_field field = QUIRE_FIELD_INIT;
    field.name = "body";
    field.searched = true;
    ck_assert_int_eq(quire_schema_new(&schema, false, &err), QUIRE_OK);
    ck_assert_int_eq(quire_schema_add(schema, &field, &err), QUIRE_OK);
    ck_assert_int_eq(qi_memindex_new(&index, schema, &err), QUIRE_OK);
    quire_schema_free(schema);
    memset(names, 0, NAMES * sizeof *names);
    ck_assert_int_eq(qi_memindex_begin(index, &err), QUIRE_OK);
    for (uint32_t i = 0, count = roll(WORDS); i < count; i++) {
        char text[16];
        uint32_t name = roll(1 + roll(NAMES));
        quire_str word = {text, (size_t)sprintf(text, "%u", name)};
        names[name] = true;
        ck_assert_int_eq(qi_memindex_word(index, 0, i, word, (quire_str){NULL, 0}, &err), QUIRE_OK);
    }
    ck_assert_int_eq(qi_memindex_end(index, &err), QUIRE_OK);
    return index;
}

static int compare(const qi_sort_key *a, const qi_sort_key *b)
{
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : a->len - b->len;
}

/* The keys of a term: one for each part that has it, in their order. */
static void check_term(const qi_lane_terms *t, const qi_mem_parts *parts, size_t number)
{
    uint32_t at = t->starts[number];
    char text[16] = {0};
    memcpy(text, t->keys[at].bytes, t->keys[at].len);
    for (size_t p = 0; p < parts->count; p++) {
        if (!has[p][atoi(text)])
            continue;
        ck_assert_uint_lt(at, t->starts[number + 1]);
        const qi_sort_key *key = &t->keys[at++];
        const qi_mem_term *term = qi_lane_terms_at(parts, t, key->term);
        ck_assert_uint_eq(qi_lane_terms_part(t, key->term), p);
        ck_assert_uint_eq(term->len, strlen(text));
        ck_assert_mem_eq(qi_pool_at(&parts->items[p]->pool, term->bytes), text, term->len);
    }
    ck_assert_uint_eq(at, t->starts[number + 1]);
}

START_TEST(equal_terms_of_all_parts_are_one_in_the_order_of_bytes)
{
    roll_seed();
    for (int round = 0; round < 200; round++) {
        qi_memindex *made[PARTS];
        const qi_memindex *items[PARTS];
        qi_mem_parts parts = {items, 1 + roll(PARTS)};
        size_t different = 0;
        for (size_t p = 0; p < parts.count; p++)
            items[p] = made[p] = fill(has[p]);
        for (size_t name = 0, in = 0; name < NAMES; name++, different += in, in = 0)
            for (size_t p = 0; p < parts.count; p++)
                in |= has[p][name];
        qi_lane_terms t = {0};
        ck_assert_int_eq(qi_lane_terms_list(&t, &parts, 0, &err), QUIRE_OK);
        qi_lane_terms_sort(&t, &parts);
        ck_assert_uint_eq(t.count, different);
        for (size_t i = 0; i < t.count; i++) {
            ck_assert(i == 0 || compare(&t.keys[t.starts[i - 1]], &t.keys[t.starts[i]]) < 0);
            check_term(&t, &parts, i);
        }
        qi_lane_terms_free(&t);
        for (size_t p = 0; p < parts.count; p++)
            qi_memindex_free(made[p]);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.lane_terms");
    TCase *t = tcase_create("terms");
    tcase_add_test(t, equal_terms_of_all_parts_are_one_in_the_order_of_bytes);
    suite_add_tcase(s, t);
    return s;
}
