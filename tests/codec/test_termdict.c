/* SPDX-License-Identifier: MIT
 * Dictionaries against a sorted array of terms. */
#include <check.h>
#include <string.h>

#include "base/mem.h"
#include "codec/termdict.h"
#include "support/roll.h"

typedef struct {
    uint8_t term[QI_TERM_MAX];
    size_t len;
    qi_term_info info;
} entry;

static int order(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int o = memcmp(x->term, y->term, x->len < y->len ? x->len : y->len);
    return o != 0 ? o : (x->len > y->len) - (x->len < y->len);
}

/* Terms of several kinds: words of a small alphabet, NUL bytes, long ones with long common
 * beginnings. */
static void make_term(entry *e, unsigned kind)
{
    static const char *const starts[] = {"", "https://www.example.org/", "caf\xC3\xA9", "\0\0"};
    const char *begin = starts[kind % 4];
    size_t len = kind % 4 == 3 ? 2 : strlen(begin);
    memcpy(e->term, begin, len);
    size_t more = kind % 7 == 6 ? roll(230) : roll(9);
    for (size_t i = 0; i < more; i++)
        e->term[len++] = (uint8_t)(kind % 5 == 4 ? roll(3) : 'a' + roll(kind % 3 == 0 ? 26 : 4));
    e->len = len;
}

/* Sorted distinct terms with lists one after the other from `lists` on, a few apart. */
static entry *make(size_t want, size_t *count, uint64_t lists)
{
    entry *all = calloc(want + 1, sizeof *all);
    for (size_t i = 0; i < want; i++)
        make_term(&all[i], roll(28));
    qsort(all, want, sizeof *all, order);
    *count = 0;
    for (size_t i = 0; i < want; i++) {
        if (*count > 0 && order(&all[*count - 1], &all[i]) == 0)
            continue;
        entry *e = &all[(*count)++];
        *e = all[i];
        e->info.cf = roll(3) == 0 ? 1 : 1 + (roll64() >> (2 + roll(62)));
        e->info.df = roll(2) == 0 ? e->info.cf : 1 + roll64() % e->info.cf;
        if (e->info.cf == 1) {
            e->info.first = roll32();
            continue;
        }
        e->info.length = roll64() >> (30 + roll(34));
        e->info.offset = roll(9) == 0 ? roll64() >> (8 + roll(56)) : lists;
        lists += e->info.offset == lists ? e->info.length : 0;
    }
    return all;
}

/* Build, emptying the buffer every now and then; the bytes are the caller's. */
static uint8_t *build(const entry *all, size_t count, uint64_t lists, size_t *len)
{
    qi_buf out, whole;
    qi_buf_init(&out, 0);
    qi_buf_init(&whole, 0);
    qi_termdict_builder builder;
    qi_termdict_builder_init(&builder, &out, lists);
    for (size_t i = 0; i < count; i++) {
        quire_status s = qi_termdict_add(&builder, all[i].term, all[i].len, &all[i].info, NULL);
        if (s != QUIRE_OK)
            ck_abort_msg("add: %d", s);
        if (roll(5) != 0)
            continue;
        qi_buf_add(&whole, out.bytes, out.len);
        out.len = 0;
    }
    ck_assert_int_eq(qi_termdict_finish(&builder, NULL), QUIRE_OK);
    qi_buf_add(&whole, out.bytes, out.len);
    uint8_t *bytes = malloc(whole.len);
    memcpy(bytes, whole.bytes, whole.len);
    *len = whole.len;
    qi_termdict_builder_free(&builder);
    qi_buf_free(&out);
    qi_buf_free(&whole);
    return bytes;
}

static bool same_info(const qi_term_info *a, const qi_term_info *b)
{
    return a->df == b->df && a->cf == b->cf && a->offset == b->offset && a->length == b->length &&
           a->first == b->first;
}

static bool stands_on(const qi_termdict_iter *iter, const entry *all, size_t count, size_t i)
{
    if (i == count)
        return iter->ordinal == count && iter->status == QUIRE_OK;
    return iter->ordinal == i && iter->len == all[i].len &&
           memcmp(iter->term, all[i].term, iter->len) == 0 && same_info(&iter->info, &all[i].info);
}

static size_t lower_bound(const entry *all, size_t count, const entry *e)
{
    size_t i = 0;
    while (i < count && order(&all[i], e) < 0)
        i++;
    return i;
}

static void probe(const qi_termdict *dict, const entry *all, size_t count, const entry *e)
{
    size_t at = lower_bound(all, count, e);
    bool there = at < count && order(&all[at], e) == 0;
    uint64_t ordinal;
    qi_term_info info;
    quire_error err;
    ck_assert_int_eq(qi_termdict_find(dict, e->term, e->len, &ordinal, &info, &err), QUIRE_OK);
    ck_assert_uint_eq(ordinal, at);
    ck_assert(there ? same_info(&info, &all[at].info) : info.df == 0);
    qi_termdict_iter iter;
    ck_assert_int_eq(qi_termdict_seek(&iter, dict, e->term, e->len, &err), at < count);
    ck_assert(stands_on(&iter, all, count, at));
    for (size_t i = at; i < at + 40 && i < count; i++) {
        if (!stands_on(&iter, all, count, i))
            ck_abort_msg("term %zu", i);
        qi_termdict_next(&iter);
    }
}

START_TEST(every_term_is_found_and_no_other)
{
    roll_seed();
    static const size_t sizes[] = {0, 1, 2, 31, 32, 33, 64, 100, 1000, 5000};
    for (unsigned s = 0; s < 10; s++) {
        size_t count, len;
        uint64_t lists = roll(2) == 0 ? 0 : roll64() >> 20;
        entry *all = make(sizes[s], &count, lists);
        uint8_t *bytes = build(all, count, lists, &len);
        qi_termdict dict;
        ck_assert_int_eq(qi_termdict_open(&dict, bytes, len, "f", NULL), QUIRE_OK);
        ck_assert_uint_eq(dict.term_count, count);
        qi_termdict_iter iter;
        bool more = qi_termdict_seek(&iter, &dict, "", 0, NULL), same = true;
        for (size_t i = 0; i < count; i++, more = qi_termdict_next(&iter))
            same = same && more && stands_on(&iter, all, count, i);
        ck_assert(same && !more && !qi_termdict_next(&iter) && iter.status == QUIRE_OK);
        for (size_t i = 0; i < 600; i++) {
            entry e;
            make_term(&e, roll(28));
            probe(&dict, all, count, &e);
            if (count == 0)
                continue;
            size_t at = roll((uint32_t)count);
            probe(&dict, all, count, &all[at]);
            ck_assert(qi_termdict_at(&iter, &dict, at, NULL));
            ck_assert(stands_on(&iter, all, count, at));
        }
        ck_assert(!qi_termdict_at(&iter, &dict, count, NULL) && iter.status == QUIRE_OK);
        free(bytes);
        free(all);
    }
}
END_TEST

START_TEST(offsets_may_be_eight_bytes_wide)
{
    roll_seed();
    size_t count, len;
    entry *all = make(500, &count, 0);
    uint8_t *bytes = build(all, count, 0, &len);
    size_t blocks = (count + 31) / 32, offsets = len - 24 - 4 * blocks;
    qi_buf wide;
    qi_buf_init(&wide, 0);
    qi_buf_add(&wide, bytes, offsets);
    for (size_t i = 0; i < blocks; i++)
        qi_buf_u64(&wide, qi_load32(bytes + offsets + 4 * i));
    qi_buf_add(&wide, bytes + len - 24, 16);
    qi_buf_u64(&wide, 8);
    qi_termdict dict;
    ck_assert_int_eq(qi_termdict_open(&dict, wide.bytes, wide.len, "f", NULL), QUIRE_OK);
    for (size_t i = 0; i < count; i += 7)
        probe(&dict, all, count, &all[i]);
    qi_buf_free(&wide);
    free(bytes);
    free(all);
}
END_TEST

START_TEST(a_zeroed_dictionary_has_no_terms)
{
    qi_termdict dict = {0};
    qi_term_info info;
    qi_termdict_iter iter;
    uint64_t ordinal;
    ck_assert_int_eq(qi_termdict_find(&dict, "a", 1, &ordinal, &info, NULL), QUIRE_OK);
    ck_assert_uint_eq(info.df, 0);
    ck_assert(!qi_termdict_seek(&iter, &dict, "", 0, NULL));
}
END_TEST

/* Walk all of it; the status at the end. */
static quire_status walk(const uint8_t *bytes, size_t len, quire_error *err)
{
    qi_termdict dict;
    quire_status status = qi_termdict_open(&dict, bytes, len, "f", err);
    if (status != QUIRE_OK)
        return status;
    qi_termdict_iter iter;
    for (bool more = qi_termdict_seek(&iter, &dict, "", 0, err); more;
         more = qi_termdict_next(&iter))
        if (iter.len > QI_TERM_MAX)
            ck_abort_msg("a term of %zu bytes", iter.len);
    return iter.status;
}

START_TEST(bytes_cut_or_flipped_never_break_it)
{
    roll_seed();
    size_t count, len;
    entry *all = make(300, &count, 0);
    uint8_t *bytes = build(all, count, 0, &len);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1);
        memcpy(copy, bytes, cut);
        walk(copy, cut, NULL);
        free(copy);
    }
    for (size_t bit = 0; bit < len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        quire_error err;
        qi_termdict dict;
        walk(bytes, len, &err);
        if (qi_termdict_open(&dict, bytes, len, "f", &err) == QUIRE_OK) {
            uint64_t ordinal;
            qi_term_info info;
            const entry *e = &all[bit % count];
            quire_status s = qi_termdict_find(&dict, e->term, e->len, &ordinal, &info, &err);
            if (s != QUIRE_OK && s != QUIRE_ERR_CORRUPT)
                ck_abort_msg("status %d", s);
        }
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(bytes);
    free(all);
}
END_TEST

/* One block given as bytes, made into a dictionary of `terms` terms. */
static void expect_corrupt(const char *block, size_t size, uint64_t terms, const char *invariant)
{
    qi_buf out;
    qi_buf_init(&out, 0);
    qi_buf_add(&out, block, size);
    qi_buf_align(&out, 8);
    qi_buf_u64(&out, (uint64_t)'a' << 56);
    qi_buf_u32(&out, 0);
    qi_buf_u64(&out, terms);
    qi_buf_u64(&out, size);
    qi_buf_u64(&out, 4);
    quire_error err;
    ck_assert_int_eq(walk(out.bytes, out.len, &err), QUIRE_ERR_CORRUPT);
    ck_assert_msg(strstr(err.message, invariant) != NULL, "%s: %s", invariant, err.message);
    qi_buf_free(&out);
}

#define EXPECT(block, terms, invariant) expect_corrupt(block, sizeof(block) - 1, terms, invariant)

START_TEST(damage_names_the_invariant)
{
    EXPECT("\0\x10"
           "a\x04\x05"
           "\x10"
           "a\x04\x05",
           2, "T-1");
    EXPECT("\0\x10"
           "a\x04\x05"
           "\x01\x04\x05",
           2, "T-1");
    EXPECT("\0\x10"
           "a\x04\x05"
           "\x12"
           "b\x04\x05",
           2, "T-2");
    EXPECT("\0\x11"
           "a\x04\x05",
           1, "T-2");
    EXPECT("\0\x10"
           "a\x04\x05"
           "\0",
           1, "T-3");
    EXPECT("\0\x10"
           "a\x04",
           1, "T-3");
    EXPECT("\0\xF0\xF1\x01"
           "a",
           1, "T-4");
    EXPECT("\0\x10"
           "a\x00\x05",
           1, "T-5");
    EXPECT("\0\x10"
           "a\x05\x01\x05",
           1, "T-5");
    EXPECT("\0\x10"
           "b\x04\x05",
           1, "T-6");
}
END_TEST

static quire_status refuse(const void *owner, const uint8_t *at, size_t len, quire_error *err)
{
    *(size_t *)(uintptr_t)owner += len;
    return at[0] == 0 ? qi_fail(err, QUIRE_ERR_IO, "no") : QUIRE_OK;
}

START_TEST(blocks_are_touched_before_they_are_read)
{
    entry e = {.term = "a", .len = 1, .info = {.df = 1, .cf = 1}};
    size_t len, touched = 0;
    uint8_t *bytes = build(&e, 1, 0, &len);
    qi_termdict dict;
    ck_assert_int_eq(qi_termdict_open(&dict, bytes, len, "f", NULL), QUIRE_OK);
    dict.touch = refuse;
    dict.owner = &touched;
    uint64_t ordinal;
    qi_term_info info;
    ck_assert_int_eq(qi_termdict_find(&dict, "a", 1, &ordinal, &info, NULL), QUIRE_ERR_IO);
    ck_assert_uint_eq(touched, 5);
    free(bytes);
}
END_TEST

START_TEST(a_builder_without_memory_says_so)
{
    for (unsigned long nth = 1; nth < 5; nth++) {
        qi_buf out;
        qi_buf_init(&out, 0);
        qi_termdict_builder builder;
        qi_termdict_builder_init(&builder, &out, 0);
        qi_term_info info = {.df = 1, .cf = 1};
        qi_mem_fail(nth, true);
        quire_status status = qi_termdict_add(&builder, "a", 1, &info, NULL);
        if (status == QUIRE_OK)
            status = qi_termdict_finish(&builder, NULL);
        qi_mem_fail(0, false);
        ck_assert_int_eq(status, nth < 4 ? QUIRE_ERR_MEMORY : QUIRE_OK);
        qi_termdict_builder_free(&builder);
        qi_buf_free(&out);
    }
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.termdict");
    TCase *t = tcase_create("termdict");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_term_is_found_and_no_other);
    tcase_add_test(t, offsets_may_be_eight_bytes_wide);
    tcase_add_test(t, a_zeroed_dictionary_has_no_terms);
    tcase_add_test(t, bytes_cut_or_flipped_never_break_it);
    tcase_add_test(t, damage_names_the_invariant);
    tcase_add_test(t, blocks_are_touched_before_they_are_read);
    tcase_add_test(t, a_builder_without_memory_says_so);
    suite_add_tcase(s, t);
    return s;
}
