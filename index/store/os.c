/* SPDX-License-Identifier: MIT
 * Thin calls of the system. */
#include "store/os.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

uint64_t qi_os_clock_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void qi_os_sleep(uint32_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&left, NULL);
}

uint64_t qi_os_process(void)
{
    return (uint64_t)getpid();
}

quire_status qi_os_random(void *bytes, size_t len, quire_error *err)
{
    uint8_t *at = bytes;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return qi_fail_os(err, errno, "cannot get random bytes");
        at += n;
        len -= (size_t)n;
    }
    return QUIRE_OK;
}

struct qi_os_mutex {
    pthread_mutex_t mutex;
};

qi_os_mutex *qi_os_mutex_new(void)
{
    qi_os_mutex *mutex = qi_mem_new(1, sizeof *mutex);
    if (mutex == NULL || pthread_mutex_init(&mutex->mutex, NULL) == 0)
        return mutex;
    qi_mem_free(mutex);
    return NULL;
}

void qi_os_mutex_lock(qi_os_mutex *mutex)
{
    pthread_mutex_lock(&mutex->mutex);
}

void qi_os_mutex_unlock(qi_os_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->mutex);
}

void qi_os_mutex_free(qi_os_mutex *mutex)
{
    if (mutex != NULL)
        pthread_mutex_destroy(&mutex->mutex);
    qi_mem_free(mutex);
}

struct qi_os_signal {
    pthread_cond_t cond;
};

qi_os_signal *qi_os_signal_new(void)
{
    qi_os_signal *signal = qi_mem_new(1, sizeof *signal);
    if (signal == NULL || pthread_cond_init(&signal->cond, NULL) == 0)
        return signal;
    qi_mem_free(signal);
    return NULL;
}

void qi_os_signal_wait(qi_os_signal *signal, qi_os_mutex *mutex)
{
    pthread_cond_wait(&signal->cond, &mutex->mutex);
}

void qi_os_signal_raise(qi_os_signal *signal)
{
    pthread_cond_broadcast(&signal->cond);
}

void qi_os_signal_free(qi_os_signal *signal)
{
    if (signal != NULL)
        pthread_cond_destroy(&signal->cond);
    qi_mem_free(signal);
}

struct qi_os_thread {
    pthread_t thread;
    void (*body)(void *payload);
    void *payload;
};

static void *run_thread(void *payload)
{
    qi_os_thread *thread = payload;
    thread->body(thread->payload);
    return NULL;
}

qi_os_thread *qi_os_thread_start(void (*body)(void *payload), void *payload)
{
    sigset_t all, before;
    qi_os_thread *thread = qi_mem_new(1, sizeof *thread);
    if (thread == NULL)
        return NULL;
    thread->body = body;
    thread->payload = payload;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* a thread begins with those of its maker */
    int failed = pthread_create(&thread->thread, NULL, run_thread, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        return thread;
    qi_mem_free(thread);
    return NULL;
}

void qi_os_thread_join(qi_os_thread *thread)
{
    pthread_join(thread->thread, NULL);
    qi_mem_free(thread);
}
