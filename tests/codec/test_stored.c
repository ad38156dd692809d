/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "codec/stored.h"
#include "support/roll.h"

enum { SAMPLES = 400 };

/* Text of a small vocabulary, so that there is something to learn. */
static void make_text(qi_buf *out, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        uint32_t word = roll(1 + roll(3000));
        char text[32];
        int len = snprintf(text, sizeof text, "%x%s ", word * 2654435761u,
                           word % 3 == 0 ? "tion" : "ing");
        qi_buf_add(out, text, (size_t)len);
    }
}

typedef struct {
    qi_buf bytes;
    quire_str texts[SAMPLES];
    qi_buf dictionary;
} world;

static void make_world(world *w)
{
    size_t ends[SAMPLES];
    qi_buf_init(&w->bytes, 0);
    qi_buf_init(&w->dictionary, 0);
    for (unsigned i = 0; i < SAMPLES; i++) {
        make_text(&w->bytes, i == 0 ? 0 : roll(i % 50 == 0 ? 60000 : 300));
        ends[i] = w->bytes.len;
    }
    for (unsigned i = 0; i < SAMPLES; i++) {
        size_t start = i == 0 ? 0 : ends[i - 1];
        w->texts[i] = (quire_str){(const char *)w->bytes.bytes + start, ends[i] - start};
    }
    ck_assert_int_eq(qi_stored_train(w->texts, SAMPLES, &w->dictionary, NULL), QUIRE_OK);
}

static quire_str str_of(const qi_buf *buf)
{
    return (quire_str){(const char *)buf->bytes, buf->len};
}

static void free_world(world *w)
{
    qi_buf_free(&w->bytes);
    qi_buf_free(&w->dictionary);
}

static size_t pack_all(const world *w, quire_str dictionary)
{
    qi_stored_packer *packer;
    qi_stored_unpacker *unpacker;
    ck_assert_int_eq(qi_stored_packer_new(&packer, dictionary, "f", NULL), QUIRE_OK);
    ck_assert_int_eq(qi_stored_unpacker_new(&unpacker, dictionary, "f", NULL), QUIRE_OK);
    qi_buf frame, again;
    qi_buf_init(&frame, 0);
    qi_buf_init(&again, 0);
    size_t all = 0;
    for (unsigned i = 0; i < SAMPLES; i++) {
        frame.len = again.len = 0;
        ck_assert_int_eq(qi_stored_pack(packer, w->texts[i], &frame, NULL), QUIRE_OK);
        ck_assert_int_eq(qi_stored_unpack(unpacker, str_of(&frame), &again, NULL), QUIRE_OK);
        ck_assert_uint_eq(again.len, w->texts[i].len);
        ck_assert(again.len == 0 || memcmp(again.bytes, w->texts[i].ptr, again.len) == 0);
        all += frame.len;
    }
    qi_stored_packer_free(packer);
    qi_stored_unpacker_free(unpacker);
    qi_buf_free(&frame);
    qi_buf_free(&again);
    return all;
}

START_TEST(records_come_back_and_a_dictionary_makes_them_smaller)
{
    roll_seed();
    world w;
    make_world(&w);
    ck_assert_uint_gt(w.dictionary.len, 1000);
    size_t with = pack_all(&w, str_of(&w.dictionary)), without = pack_all(&w, (quire_str){NULL, 0});
    printf("%zu bytes: %zu with the dictionary, %zu without\n", w.bytes.len, with, without);
    ck_assert_uint_lt(with, without);
    free_world(&w);
}
END_TEST

START_TEST(few_samples_make_no_dictionary)
{
    quire_str same[20];
    for (unsigned i = 0; i < 20; i++)
        same[i] = quire_cstr("a");
    qi_buf out;
    qi_buf_init(&out, 0);
    ck_assert_int_eq(qi_stored_train(same, 0, &out, NULL), QUIRE_OK);
    ck_assert_int_eq(qi_stored_train(same, 20, &out, NULL), QUIRE_OK);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(damaged_frames_are_corrupt_or_decompress_to_something)
{
    roll_seed();
    world w;
    make_world(&w);
    qi_stored_packer *packer;
    qi_stored_unpacker *unpacker;
    quire_str dictionary = str_of(&w.dictionary);
    ck_assert_int_eq(qi_stored_packer_new(&packer, dictionary, "f", NULL), QUIRE_OK);
    ck_assert_int_eq(qi_stored_unpacker_new(&unpacker, dictionary, "f", NULL), QUIRE_OK);
    qi_buf frame, again;
    qi_buf_init(&frame, 0);
    qi_buf_init(&again, 0);
    ck_assert_int_eq(qi_stored_pack(packer, w.texts[1], &frame, NULL), QUIRE_OK);
    quire_error err;
    for (size_t cut = 0; cut < frame.len; cut++) {
        quire_str part = {(const char *)frame.bytes, cut};
        if (qi_stored_unpack(unpacker, part, &again, &err) != QUIRE_ERR_CORRUPT)
            ck_abort_msg("cut to %zu bytes", cut);
    }
    for (size_t bit = 0; bit < frame.len * 8; bit++) {
        frame.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        again.len = 0;
        quire_status s = qi_stored_unpack(unpacker, str_of(&frame), &again, &err);
        if (s != QUIRE_OK && (s != QUIRE_ERR_CORRUPT || strstr(err.message, "V-1") == NULL))
            ck_abort_msg("bit %zu: status %d", bit, s);
        frame.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    qi_stored_packer_free(packer);
    qi_stored_unpacker_free(unpacker);
    qi_buf_free(&frame);
    qi_buf_free(&again);
    free_world(&w);
}
END_TEST

START_TEST(a_frame_that_claims_more_than_it_can_hold_is_corrupt)
{
    /* Magic; single segment with 4 bytes of size: 2^31 - 1; one last raw block of no bytes. */
    static const char bomb[] = "\x28\xB5\x2F\xFD\xA0\xFF\xFF\xFF\x7F\x01\x00\x00";
    qi_stored_unpacker *unpacker;
    ck_assert_int_eq(qi_stored_unpacker_new(&unpacker, (quire_str){NULL, 0}, "f", NULL), QUIRE_OK);
    qi_buf out;
    qi_buf_init(&out, 0);
    quire_str frame = {bomb, sizeof bomb - 1};
    ck_assert_int_eq(qi_stored_unpack(unpacker, frame, &out, NULL), QUIRE_ERR_CORRUPT);
    ck_assert_uint_eq(out.room, 0);
    qi_stored_unpacker_free(unpacker);
}
END_TEST

START_TEST(a_damaged_dictionary_is_corrupt)
{
    static const char bytes[] = "\x37\xA4\x30\xEC junk junk junk junk junk";
    quire_str dictionary = {bytes, sizeof bytes - 1};
    qi_stored_packer *packer;
    qi_stored_unpacker *unpacker;
    ck_assert_int_eq(qi_stored_packer_new(&packer, dictionary, "f", NULL), QUIRE_ERR_CORRUPT);
    ck_assert_int_eq(qi_stored_unpacker_new(&unpacker, dictionary, "f", NULL), QUIRE_ERR_CORRUPT);
    ck_assert(packer == NULL && unpacker == NULL);
}
END_TEST

START_TEST(values_come_back_in_order)
{
    qi_stored_value values[3] = {{0, quire_cstr("title")}, {2, {NULL, 0}}, {2, {"\0x", 2}}};
    qi_stored_record record = {quire_cstr("german"), 3, values}, got;
    qi_buf out;
    qi_arena arena;
    qi_buf_init(&out, 0);
    qi_arena_init(&arena, 0);
    qi_stored_encode(&out, &record);
    ck_assert_int_eq(qi_stored_decode(&got, str_of(&out), 3, &arena, "f", NULL), QUIRE_OK);
    ck_assert_uint_eq(got.count, 3);
    ck_assert_mem_eq(got.language.ptr, "german", 6);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(got.values[i].field, values[i].field);
        ck_assert_uint_eq(got.values[i].text.len, values[i].text.len);
    }
    ck_assert_mem_eq(got.values[2].text.ptr, "\0x", 2);
    quire_error err;
    ck_assert_int_eq(qi_stored_decode(&got, str_of(&out), 2, &arena, "f", &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "V-3"));
    for (size_t cut = 0; cut < out.len; cut++) {
        quire_str part = {(const char *)out.bytes, cut};
        ck_assert_int_eq(qi_stored_decode(&got, part, 3, &arena, "f", &err), QUIRE_ERR_CORRUPT);
        ck_assert_ptr_null(got.values);
    }
    qi_buf_u8(&out, 0);
    ck_assert_int_eq(qi_stored_decode(&got, str_of(&out), 3, &arena, "f", &err), QUIRE_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "V-2"));
    qi_buf_free(&out);
    qi_arena_free(&arena);
}
END_TEST

typedef struct {
    qi_stored_unpacker *unpacker;
    quire_str frame, text;
    bool same;
} job;

static void *unpack_often(void *payload)
{
    job *j = payload;
    qi_buf out;
    qi_buf_init(&out, 0);
    j->same = true;
    for (unsigned i = 0; i < 2000; i++) {
        out.len = 0;
        j->same = j->same && qi_stored_unpack(j->unpacker, j->frame, &out, NULL) == QUIRE_OK &&
                  out.len == j->text.len && memcmp(out.bytes, j->text.ptr, out.len) == 0;
    }
    qi_buf_free(&out);
    return NULL;
}

START_TEST(threads_share_an_unpacker)
{
    roll_seed();
    world w;
    make_world(&w);
    quire_str dictionary = str_of(&w.dictionary);
    qi_stored_packer *packer;
    qi_stored_unpacker *unpacker;
    ck_assert_int_eq(qi_stored_packer_new(&packer, dictionary, "f", NULL), QUIRE_OK);
    ck_assert_int_eq(qi_stored_unpacker_new(&unpacker, dictionary, "f", NULL), QUIRE_OK);
    qi_buf frames[3];
    job jobs[3];
    pthread_t threads[3];
    for (unsigned i = 0; i < 3; i++) {
        qi_buf_init(&frames[i], 0);
        ck_assert_int_eq(qi_stored_pack(packer, w.texts[i + 1], &frames[i], NULL), QUIRE_OK);
        jobs[i] = (job){unpacker, str_of(&frames[i]), w.texts[i + 1], false};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, unpack_often, &jobs[i]), 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        ck_assert(jobs[i].same);
        qi_buf_free(&frames[i]);
    }
    qi_stored_packer_free(packer);
    qi_stored_unpacker_free(unpacker);
    free_world(&w);
}
END_TEST

/* One of everything; with the n-th allocation failing. */
static quire_status everything(const world *w, unsigned long nth)
{
    qi_stored_packer *packer = NULL;
    qi_stored_unpacker *unpacker = NULL;
    qi_buf out, again, trained;
    qi_buf_init(&out, 0);
    qi_buf_init(&again, 0);
    qi_buf_init(&trained, 0);
    qi_mem_fail(nth, true);
    quire_status s = qi_stored_train(w->texts, 20, &trained, NULL);
    if (s == QUIRE_OK)
        s = qi_stored_packer_new(&packer, str_of(&w->dictionary), "f", NULL);
    if (s == QUIRE_OK)
        s = qi_stored_unpacker_new(&unpacker, str_of(&w->dictionary), "f", NULL);
    if (s == QUIRE_OK)
        s = qi_stored_pack(packer, w->texts[50], &out, NULL);
    if (s == QUIRE_OK)
        s = qi_stored_unpack(unpacker, str_of(&out), &again, NULL);
    qi_mem_fail(0, false);
    qi_stored_packer_free(packer);
    qi_stored_unpacker_free(unpacker);
    qi_buf_free(&out);
    qi_buf_free(&again);
    qi_buf_free(&trained);
    return s;
}

START_TEST(without_memory_everything_says_so)
{
    roll_seed();
    world w;
    make_world(&w);
    unsigned long nth = 1;
    while (everything(&w, nth) == QUIRE_ERR_MEMORY)
        nth++;
    ck_assert_uint_gt(nth, 8);
    ck_assert_int_eq(everything(&w, 0), QUIRE_OK);
    ck_assert_int_eq(everything(&w, nth), QUIRE_OK);
    free_world(&w);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("codec.stored");
    TCase *t = tcase_create("stored");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, records_come_back_and_a_dictionary_makes_them_smaller);
    tcase_add_test(t, few_samples_make_no_dictionary);
    tcase_add_test(t, damaged_frames_are_corrupt_or_decompress_to_something);
    tcase_add_test(t, a_frame_that_claims_more_than_it_can_hold_is_corrupt);
    tcase_add_test(t, a_damaged_dictionary_is_corrupt);
    tcase_add_test(t, values_come_back_in_order);
    tcase_add_test(t, threads_share_an_unpacker);
    tcase_add_test(t, without_memory_everything_says_so);
    suite_add_tcase(s, t);
    return s;
}
