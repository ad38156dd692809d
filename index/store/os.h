/* SPDX-License-Identifier: MIT
 * store/os.h - what else is asked of the operating system: time, random bytes, threads and locks
 * between them. Any thread. */
#ifndef QI_STORE_OS_H
#define QI_STORE_OS_H

#include "base/error.h"

/* Milliseconds of a clock that never goes back. */
uint64_t qi_os_clock_ms(void);

/* Let other threads and processes run for about so long. */
void qi_os_sleep(uint32_t ms);

/* The number of this process: another one in the child of a fork. */
uint64_t qi_os_process(void);

/* Random bytes, to tell one index from any other. Errors: IO. */
quire_status qi_os_random(void *bytes, size_t len, quire_error *err);

/* A lock between threads. Shared; NULL when out of memory. */
typedef struct qi_os_mutex qi_os_mutex;
qi_os_mutex *qi_os_mutex_new(void);
void qi_os_mutex_lock(qi_os_mutex *mutex);
void qi_os_mutex_unlock(qi_os_mutex *mutex);
void qi_os_mutex_free(qi_os_mutex *mutex);

/* What threads that hold a mutex wait for: it is released meanwhile. One may wake for no reason.
 * Shared; NULL when out of memory. */
typedef struct qi_os_signal qi_os_signal;
qi_os_signal *qi_os_signal_new(void);
void qi_os_signal_wait(qi_os_signal *signal, qi_os_mutex *mutex);
void qi_os_signal_raise(qi_os_signal *signal); /* wakes all */
void qi_os_signal_free(qi_os_signal *signal);

/* A thread that runs body(payload) and takes no signals of the process. NULL when none is to be
 * had. To be joined, which waits for its end. */
typedef struct qi_os_thread qi_os_thread;
qi_os_thread *qi_os_thread_start(void (*body)(void *payload), void *payload);
void qi_os_thread_join(qi_os_thread *thread);

#endif
