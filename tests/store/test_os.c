/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/mem.h"
#include "store/os.h"

START_TEST(the_clock_never_goes_back_and_sleep_moves_it)
{
    uint64_t before = qi_os_clock_ms();
    qi_os_sleep(20);
    uint64_t after = qi_os_clock_ms();
    ck_assert_uint_ge(after, before + 15);
    for (int i = 0; i < 1000; i++) {
        uint64_t now = qi_os_clock_ms();
        ck_assert_uint_ge(now, after);
        after = now;
    }
}
END_TEST

START_TEST(random_bytes_differ_each_time)
{
    uint8_t bytes[64][16];
    quire_error err;
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(qi_os_random(bytes[i], sizeof bytes[i], &err), QUIRE_OK);
    for (int i = 0; i < 64; i++)
        for (int j = 0; j < i; j++)
            ck_assert_int_ne(memcmp(bytes[i], bytes[j], sizeof bytes[i]), 0);
}
END_TEST

typedef struct shared {
    qi_os_mutex *mutex;
    long count;
} shared;

enum { STEPS = 20000 };

static void *count_up(void *payload)
{
    shared *s = payload;
    for (int i = 0; i < STEPS; i++) {
        qi_os_mutex_lock(s->mutex);
        s->count++;
        qi_os_mutex_unlock(s->mutex);
    }
    return NULL;
}

START_TEST(one_thread_at_a_time_holds_a_mutex)
{
    shared s = {.mutex = qi_os_mutex_new()};
    pthread_t threads[4];
    ck_assert_ptr_nonnull(s.mutex);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count_up, &s), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(s.count, 4 * STEPS);
    qi_os_mutex_free(s.mutex);
    qi_os_mutex_free(NULL);
}
END_TEST

typedef struct relay {
    qi_os_mutex *mutex;
    qi_os_signal *passed;
    int holder, rounds;
    sigset_t blocked; /* in the thread */
} relay;

/* Wait for the baton and pass it on, again and again. */
static void run_relay(relay *r, int own)
{
    qi_os_mutex_lock(r->mutex);
    for (int i = 0; i < 1000; i++) {
        while (r->holder != own)
            qi_os_signal_wait(r->passed, r->mutex);
        r->holder = !own;
        r->rounds++;
        qi_os_signal_raise(r->passed);
    }
    qi_os_mutex_unlock(r->mutex);
}

static void run_other(void *payload)
{
    relay *r = payload;
    pthread_sigmask(SIG_SETMASK, NULL, &r->blocked);
    run_relay(r, 1);
}

START_TEST(threads_wait_for_each_other_and_take_no_signals)
{
    sigset_t own;
    relay r = {.mutex = qi_os_mutex_new(), .passed = qi_os_signal_new()};
    qi_os_thread *thread = qi_os_thread_start(run_other, &r);
    ck_assert_ptr_nonnull(thread);
    run_relay(&r, 0);
    qi_os_thread_join(thread);
    ck_assert_int_eq(r.rounds, 2000);
    ck_assert_int_eq(sigismember(&r.blocked, SIGINT), 1);
    pthread_sigmask(SIG_SETMASK, NULL, &own);
    ck_assert_int_eq(sigismember(&own, SIGINT), 0);
    qi_os_signal_free(r.passed);
    qi_os_signal_free(NULL);
    qi_os_mutex_free(r.mutex);
}
END_TEST

START_TEST(no_memory_is_no_mutex_signal_or_thread)
{
    qi_mem_fail(1, true);
    ck_assert_ptr_null(qi_os_mutex_new());
    ck_assert_ptr_null(qi_os_signal_new());
    ck_assert_ptr_null(qi_os_thread_start(run_other, NULL));
    qi_mem_fail(0, false);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
    Suite *s = suite_create("store.os");
    TCase *t = tcase_create("os");
    tcase_add_test(t, the_clock_never_goes_back_and_sleep_moves_it);
    tcase_add_test(t, random_bytes_differ_each_time);
    tcase_add_test(t, one_thread_at_a_time_holds_a_mutex);
    tcase_add_test(t, threads_wait_for_each_other_and_take_no_signals);
    tcase_add_test(t, no_memory_is_no_mutex_signal_or_thread);
    suite_add_tcase(s, t);
    return s;
}
