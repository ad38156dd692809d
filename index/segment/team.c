/* SPDX-License-Identifier: MIT
 * Each thread, over and over, takes the piece that is next in order if it is made and nobody else
 * takes one, or else makes the next. Whoever made a piece comes back to take it, so that a thread
 * that finds nothing to do only waits where all slots are in use. */
#include "segment/team.h"

#include "base/mem.h"
#include "store/os.h"

typedef struct team {
    const qi_team_job *job;
    qi_os_mutex *mutex;
    qi_os_signal *room; /* a slot is free, or there was a failure */
    size_t next, done;  /* piece to be made; and to be taken */
    bool taking;
    bool ready[QI_TEAM_SLOTS];
    quire_status status;
    quire_error err;
} team;

typedef struct member {
    team *team;
    unsigned number;
    qi_os_thread *thread;
} member;

static void settle(team *t, quire_status status, const quire_error *err)
{
    if (status == QUIRE_OK || t->status != QUIRE_OK)
        return;
    t->status = status;
    t->err = *err;
}

/* Take the next piece; with the lock, but while it is taken. */
static void take(team *t)
{
    size_t piece = t->done;
    quire_error err = {0};
    t->taking = true;
    qi_os_mutex_unlock(t->mutex);
    quire_status status = t->job->take(t->job->host, piece, piece % QI_TEAM_SLOTS, &err);
    qi_os_mutex_lock(t->mutex);
    t->taking = false;
    t->ready[piece % QI_TEAM_SLOTS] = false;
    t->done++;
    settle(t, status, &err);
    qi_os_signal_raise(t->room);
}

static void make(team *t, unsigned worker)
{
    size_t piece = t->next++;
    quire_error err = {0};
    qi_os_mutex_unlock(t->mutex);
    quire_status status = t->job->make(t->job->host, worker, piece, piece % QI_TEAM_SLOTS, &err);
    qi_os_mutex_lock(t->mutex);
    t->ready[piece % QI_TEAM_SLOTS] = true;
    settle(t, status, &err);
}

static void work(void *payload)
{
    const member *m = payload;
    team *t = m->team;
    qi_os_mutex_lock(t->mutex);
    while (t->status == QUIRE_OK) {
        if (!t->taking && t->ready[t->done % QI_TEAM_SLOTS])
            take(t);
        else if (t->next - t->done == QI_TEAM_SLOTS)
            qi_os_signal_wait(t->room, t->mutex);
        else if (t->next < t->job->count)
            make(t, m->number);
        else
            break;
    }
    qi_os_signal_raise(t->room);
    qi_os_mutex_unlock(t->mutex);
}

static quire_status run_alone(const qi_team_job *job, quire_error *err)
{
    for (size_t piece = 0; piece < job->count; piece++) {
        QI_TRY(job->make(job->host, 0, piece, 0, err));
        QI_TRY(job->take(job->host, piece, 0, err));
    }
    return QUIRE_OK;
}

quire_status qi_team_run(const qi_team_job *job, quire_error *err)
{
    if (job->threads < 2 || job->count < 2)
        return run_alone(job, err);
    team t = {.job = job, .mutex = qi_os_mutex_new(), .room = qi_os_signal_new()};
    member *members = qi_mem_new(job->threads, sizeof *members);
    quire_status status = QUIRE_OK;
    if (t.mutex == NULL || t.room == NULL || members == NULL) {
        status = qi_no_memory(err);
    } else {
        for (unsigned i = 0; i < job->threads; i++)
            members[i] = (member){&t, i, NULL};
        for (unsigned i = 1; i < job->threads; i++)
            members[i].thread = qi_os_thread_start(work, &members[i]);
        work(&members[0]);
        for (unsigned i = 1; i < job->threads; i++)
            if (members[i].thread != NULL)
                qi_os_thread_join(members[i].thread);
        status = t.status;
        if (status != QUIRE_OK && err != NULL)
            *err = t.err;
    }
    qi_mem_free(members);
    qi_os_signal_free(t.room);
    qi_os_mutex_free(t.mutex);
    return status;
}
