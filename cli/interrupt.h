/* SPDX-License-Identifier: MIT
 * interrupt.h - SIGINT and SIGTERM as a question that work asks now and then. */
#ifndef QUIRE_CLI_INTERRUPT_H
#define QUIRE_CLI_INTERRUPT_H

#include <stdbool.h>

/* From here on the two signals are noted instead of ending the process; a second one ends it.
 * SIGPIPE and SIGXFSZ get dispositions of our own: quiet end, and an error from write. */
void interrupt_watch(void);

bool interrupt_seen(void);

/* For quire_search_options.cancel. */
bool interrupt_cancel(void *payload);

/* 128 and the number of the signal seen. */
int interrupt_code(void);

#endif
