/* SPDX-License-Identifier: MIT
 * store/os.h - what else is asked of the operating system: time and random bytes. Any thread. */
#ifndef QI_STORE_OS_H
#define QI_STORE_OS_H

#include "base/error.h"

/* Milliseconds of a clock that never goes back. */
uint64_t qi_os_clock_ms(void);

/* Let other threads and processes run for about so long. */
void qi_os_sleep(uint32_t ms);

/* Random bytes, to tell one index from any other. Errors: IO. */
quire_status qi_os_random(void *bytes, size_t len, quire_error *err);

#endif
