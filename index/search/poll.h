/* SPDX-License-Identifier: MIT
 * search/poll.h - when a search has to stop: the caller's cancel test and deadline. Exclusive. */
#ifndef QI_SEARCH_POLL_H
#define QI_SEARCH_POLL_H

#include <time.h>

#include "base/error.h"

typedef struct qi_poll {
    bool (*cancel)(void *payload);
    void *payload;
    bool timed;
    struct timespec deadline;
} qi_poll;

static inline qi_poll qi_poll_start(const quire_search_options *options)
{
    qi_poll poll = {options->cancel, options->payload, options->timeout_ms != 0, {0, 0}};
    if (poll.timed && timespec_get(&poll.deadline, TIME_UTC) != 0) {
        long ns = poll.deadline.tv_nsec + (long)(options->timeout_ms % 1000) * 1000000;
        poll.deadline.tv_sec += (time_t)(options->timeout_ms / 1000 + (ns >= 1000000000));
        poll.deadline.tv_nsec = ns % 1000000000;
    }
    return poll;
}

/* OK to go on; DONE past the deadline; CANCELED if the caller says so. */
static inline quire_status qi_poll_ask(const qi_poll *poll, quire_error *err)
{
    if (poll->cancel != NULL && poll->cancel(poll->payload))
        return qi_fail(err, QUIRE_ERR_CANCELED, "the search was canceled");
    struct timespec now;
    if (!poll->timed || timespec_get(&now, TIME_UTC) == 0)
        return QUIRE_OK;
    bool past = now.tv_sec != poll->deadline.tv_sec ? now.tv_sec > poll->deadline.tv_sec
                                                    : now.tv_nsec >= poll->deadline.tv_nsec;
    return past ? QUIRE_DONE : QUIRE_OK;
}

#endif
