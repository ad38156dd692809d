/* SPDX-License-Identifier: MIT
 * Thin calls of the system. */
#include "store/os.h"

#include <errno.h>
#include <pthread.h>
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
