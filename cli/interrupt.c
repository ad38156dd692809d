/* SPDX-License-Identifier: MIT
 * The handler only notes which signal came; whoever works asks, rolls back, and exits in order.
 * Handlers are reset by the first signal, so that a second ends a process that does not ask. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t seen;

static void note(int signal_number)
{
    seen = signal_number;
}

void interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = note};
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN);
}

bool interrupt_seen(void)
{
    return seen != 0;
}

bool interrupt_cancel(void *payload)
{
    (void)payload;
    return seen != 0;
}

int interrupt_code(void)
{
    return 128 + (int)seen;
}
