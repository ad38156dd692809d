/* SPDX-License-Identifier: MIT
 * Random pairs of stems and forms at random places, against lists kept beside them. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "segment/join.h"
#include "support/roll.h"

enum { STEMS = 12, FORMS = 30, DOCS = 300, LONGEST = 400, WORDS = DOCS * LONGEST };

static quire_error err;
static uint32_t words[WORDS], docs[WORDS];
static int stem_at[WORDS], form_at[WORDS];
static size_t count;

static quire_str name_of(char kind, int number, char *out)
{
    return (quire_str){out, (size_t)sprintf(out, "%c%d", kind, number)};
}

/* Most forms have one stem, as most words have; form 0 has many, and stem 0 some words without a
 * form. */
static qi_memindex *fill(void)
{
    quire_schema *schema;
    qi_memindex *index;
    quire_field field = QUIRE_FIELD_INIT;
    uint32_t next = 0;
    field.name = "body";
    field.searched = field.exact = true;
    ck_assert_int_eq(quire_schema_new(&schema, false, &err), QUIRE_OK);
    ck_assert_int_eq(quire_schema_add(schema, &field, &err), QUIRE_OK);
    ck_assert_int_eq(qi_memindex_new(&index, schema, &err), QUIRE_OK);
    quire_schema_free(schema);
    count = 0;
    for (uint32_t doc = 0; doc < DOCS; doc++) {
        uint32_t length = roll(8) == 0 ? 0 : roll(LONGEST), at = 0;
        ck_assert_int_eq(qi_memindex_begin(index, &err), QUIRE_OK);
        for (uint32_t i = 0; i < length; i++, at += roll(20) != 0) {
            char s[16], f[16];
            int form = (int)roll(1 + roll(FORMS)),
                stem = form == 0 ? (int)roll(STEMS) : form % STEMS;
            bool bare = stem == 0 && roll(4) == 0;
            words[count] = next + at;
            docs[count] = doc;
            stem_at[count] = stem;
            form_at[count++] = bare ? -1 : form;
            ck_assert_int_eq(qi_memindex_word(index, 0, at, name_of('s', stem, s),
                                              bare ? (quire_str){NULL, 0} : name_of('f', form, f),
                                              &err),
                             QUIRE_OK);
        }
        ck_assert_int_eq(qi_memindex_end(index, &err), QUIRE_OK);
        next = index->fields[0].next_word;
    }
    return index;
}

/* The term's number, from its name "s12" or "f12". */
static int number_of(const qi_memindex *index, const qi_mem_term *term)
{
    char text[16] = {0};
    memcpy(text, qi_pool_at(&index->pool, term->bytes), term->len);
    return atoi(text + 1);
}

static void check_term(const qi_join *join, int number, const int *at)
{
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] != number || (next > 0 && join->words.items[next - 1] == words[i]))
            continue;
        ck_assert_uint_lt(next, join->words.count);
        ck_assert_uint_eq(join->words.items[next], words[i]);
        ck_assert_uint_eq(join->docs.items[next++], docs[i]);
    }
    ck_assert_uint_eq(next, join->words.count);
}

/* The ordinals of each run name the places of its form. */
static void check_runs(const qi_join *join)
{
    for (size_t r = 0; join->runs.count > 1 && r < join->runs.count; r++) {
        const qi_join_run *run = &join->runs.items[r];
        const qi_stream *stream =
            &join->parts.items[run->part]->fields[0].streams.items[run->entry];
        qi_stream_reader reader;
        ck_assert_uint_eq(run->count, stream->count);
        qi_stream_open(&reader, &join->parts.items[run->part]->pool, stream);
        for (uint32_t i = 0, word; qi_stream_next(&reader, &word); i++)
            ck_assert_uint_eq(join->words.items[join->ordinals.items[run->start + i]], word);
    }
}

START_TEST(the_streams_of_a_term_become_its_list)
{
    roll_seed();
    qi_memindex *index = fill();
    const qi_memindex *only = index;
    qi_join join = {0};
    ck_assert_int_eq(
        qi_join_field(&join, &(qi_mem_parts){&only, 1}, 0, index->fields[0].starts.items, &err),
        QUIRE_OK);
    for (uint32_t lane = 0; lane < 2; lane++)
        for (size_t t = 0; t < index->lanes[lane].terms.count; t++) {
            const qi_mem_term *term = &index->lanes[lane].terms.items[t];
            qi_join_chain chain = {0, term->entry};
            ck_assert_int_eq(qi_join_term(&join, &chain, 1, lane == 1, &err), QUIRE_OK);
            check_term(&join, number_of(index, term), lane == 1 ? form_at : stem_at);
            check_runs(&join);
        }
    qi_join_free(&join);
    qi_memindex_free(index);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.join");
    TCase *t = tcase_create("join");
    tcase_add_test(t, the_streams_of_a_term_become_its_list);
    suite_add_tcase(s, t);
    return s;
}
