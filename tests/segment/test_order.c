/* SPDX-License-Identifier: MIT
 * Documents of known topics, shuffled over several segments: an order is a permutation, the same
 * every time, and brings topics together.
 * Covers: order sources. */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "segment/flush.h"
#include "segment/order.h"
#include "support/roll.h"

enum { SOURCES = 3, EACH = 400, DOCS = SOURCES * EACH, TOPICS = 6, OWN = 12, COMMON = 40 };

static const quire_order orders[] = {QUIRE_ORDER_TOPICS, QUIRE_ORDER_BISECTION};

static quire_error err;
static qi_dir *dir;
static quire_schema *schema;
static qi_segment *segments[SOURCES];
static qi_docset deleted[SOURCES];
static qi_merge_source sources[SOURCES];
static qi_merge_plan plan;
static uint32_t live, topics[DOCS]; /* of each live document */

static void ok(quire_status status)
{
    ck_assert_msg(status == QUIRE_OK, "%s", err.message);
}

static void add_doc(qi_memindex *index, uint32_t topic)
{
    char term[16];
    ok(qi_memindex_begin(index, &err));
    for (uint32_t at = 0, words = 20 + roll(60); at < words; at++) {
        bool own = roll(3) == 0;
        size_t len =
            (size_t)sprintf(term, own ? "t%u-%u" : "c%u", own ? topic : roll(COMMON), roll(OWN));
        ok(qi_memindex_word(index, 0, at, (quire_str){term, len}, (quire_str){NULL, 0}, &err));
    }
    ok(qi_memindex_end(index, &err));
}

/* One segment, some of whose documents are deleted. */
static void make_source(uint32_t s, uint32_t count)
{
    qi_memindex *index;
    qi_file_id id = {.seq = s + 1};
    snprintf(id.name, sizeof id.name, "s-%u.seg", s + 1);
    ok(qi_memindex_new(&index, schema, &err));
    ok(qi_docset_init(&deleted[s], count, &err));
    for (uint32_t doc = 0; doc < count; doc++) {
        uint32_t topic = roll(TOPICS);
        add_doc(index, topic);
        if (roll(5) == 0)
            qi_docset_add(&deleted[s], doc);
        else
            topics[live++] = topic;
    }
    ok(qi_flush(index, dir, &id, (quire_str){NULL, 0}, &err));
    ok(qi_segment_open(&segments[s], dir, &id, schema, &err));
    sources[s] = (qi_merge_source){segments[s], &deleted[s]};
    qi_memindex_free(index);
}

static void make(uint32_t each)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = "body";
    field.searched = true;
    ok(qi_dir_open_ram(&dir, &err));
    ok(qi_schema_new(&schema, &err));
    ok(qi_schema_add(schema, &field, &err));
    live = 0;
    for (uint32_t s = 0; s < SOURCES; s++)
        make_source(s, each);
    plan = (qi_merge_plan){schema, sources, SOURCES, NULL, 0};
}

static void unmake(void)
{
    for (uint32_t s = 0; s < SOURCES; s++) {
        qi_segment_release(segments[s]);
        qi_docset_free(&deleted[s]);
    }
    qi_schema_release(schema);
    qi_dir_free(dir);
}

static uint32_t *find(quire_order how)
{
    uint32_t *order = calloc(live + 1, sizeof *order);
    ok(qi_order_find(order, &plan, how, 1 << 20, &err));
    return order;
}

/* Have the document of each place; NULL if a place is taken twice, or by none. */
static uint32_t *places_of(const uint32_t *order)
{
    uint32_t *places = malloc((live + 1) * sizeof *places);
    memset(places, 255, (live + 1) * sizeof *places);
    for (uint32_t doc = 0; doc < live; doc++) {
        ck_assert_uint_lt(order[doc], live);
        ck_assert_uint_eq(places[order[doc]], UINT32_MAX);
        places[order[doc]] = doc;
    }
    return places;
}

START_TEST(an_order_has_each_place_once_and_is_the_same_every_time)
{
    static const uint32_t sizes[] = {0, 1, 2, 7, 33, EACH};
    roll_seed();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        make(sizes[i]);
        uint32_t *order = find(orders[_i]), *again = find(orders[_i]);
        ck_assert_mem_eq(order, again, (live + 1) * sizeof *order);
        free(places_of(order));
        free(order);
        free(again);
        unmake();
    }
}
END_TEST

START_TEST(documents_of_a_topic_come_together)
{
    roll_seed();
    make(EACH);
    uint32_t *order = find(orders[_i]), *places = places_of(order), before = 0, after = 0;
    for (uint32_t i = 1; i < live; i++) {
        before += topics[i] != topics[i - 1];
        after += topics[places[i]] != topics[places[i - 1]];
    }
    printf("order %d: %u of %u neighbours are of two topics, %u before\n", _i, after, live, before);
    ck_assert_uint_lt(after * 8, before);
    free(order);
    free(places);
    unmake();
}
END_TEST

START_TEST(any_allocation_may_fail)
{
    roll_seed();
    make(33);
    uint32_t order[3 * 33];
    bool failed = true;
    for (unsigned long nth = 1; failed; nth++) {
        qi_mem_fail(nth, false);
        quire_status status = qi_order_find(order, &plan, orders[_i], 1 << 20, &err);
        qi_mem_fail(0, false);
        failed = status != QUIRE_OK;
        ck_assert(!failed || status == QUIRE_ERR_MEMORY);
    }
    unmake();
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("segment.order");
    TCase *t = tcase_create("order");
    tcase_add_loop_test(t, an_order_has_each_place_once_and_is_the_same_every_time, 0, 2);
    tcase_add_loop_test(t, documents_of_a_topic_come_together, 0, 2);
    tcase_add_loop_test(t, any_allocation_may_fail, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
