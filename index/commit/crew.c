/* SPDX-License-Identifier: MIT
 * One lock guards everything but what a run's thread has in hand; it is taken once a batch. Each
 * thread, when it is free, does the first of these that there is:
 *
 *   flush the first runs without a number as one segment, if it is time
 *   enter the next batch of its run; a run that fills its part of memory is cut there
 *   begin the first run that no thread has
 *   at the end of all input, cut the longest queue in two and begin its second half
 *
 * Runs that are in memory wait for one another, so that they become one segment: until all input is
 * in memory, memory is short, or as many runs are there as may be. Each of these comes to pass with
 * the first of them entered, or being entered, so there is always one to go on with. If nothing
 * else is to be done a segment is coded by as many threads as there are. */
#include "commit/crew.h"

#include "base/mem.h"
#include "commit/group.h"
#include "commit/room.h"
#include "store/os.h"
#include "text/stem.h"

enum {
    BATCH = 1 << 16,       /* bytes of a batch, about */
    LEAST_SHARE = 8 << 20, /* bytes of memory that a thread is worth */
    LEAST_CUT = 1 << 20,   /* bytes of a queue that is worth dividing */
    CUTS = 8,              /* and parts of a share */
    RUNS = 2,              /* parts of a share that a run may take */
    HELD = 3,              /* runs in memory for each thread, at most */
    WORDS_SHARE = 16       /* of a share, for words already known */
};

typedef struct worker {
    qi_crew *crew;
    qi_os_thread *thread;
    qi_ingest *ingest;
    qi_run *run;                         /* that it enters; NULL: none */
    uint64_t invalid_bytes, long_tokens; /* as of its last batch */
} worker;

struct qi_crew {
    qi_crew_config config;
    const quire_schema *schema;
    size_t share; /* of memory, of each thread */
    qi_room room;
    uint64_t process;
    worker *workers;
    uint32_t running; /* threads that were started */
    qi_batch *filling;
    qi_os_mutex *mutex;
    qi_os_signal *work;                  /* there is some */
    qi_os_signal *change;                /* what the caller waits for has come about */
    bool (*wanted)(const qi_crew *crew); /* that; NULL: it does not wait */
    qi_runs runs;
    const qi_batch *awaited; /* that the caller waits for; NULL: it was entered */
    quire_status outcome;    /* of that */
    quire_error reason;
    quire_str dictionary;
    bool told;    /* the dictionary is known */
    bool closing; /* the caller waits until all runs are segments */
    bool over;    /* threads are to end */
    quire_status status;
    quire_error err;
};

uint32_t qi_crew_threads(uint32_t threads, size_t max_memory)
{
    size_t most = max_memory / LEAST_SHARE;
    if (threads < 2 || most < 2)
        return 1;
    return threads < most ? threads : (uint32_t)most;
}

static quire_status make(qi_crew *crew, quire_error *err)
{
    const qi_crew_config *config = &crew->config;
    crew->schema = qi_catalog_manifest(config->catalog)->schema;
    crew->share = config->max_memory / config->threads;
    size_t run_bytes = config->run_bytes != 0 ? config->run_bytes : crew->share / RUNS;
    crew->room = qi_room_of(config->max_memory, run_bytes, (size_t)config->threads * HELD);
    crew->process = qi_os_process();
    crew->mutex = qi_os_mutex_new();
    crew->work = qi_os_signal_new();
    crew->change = qi_os_signal_new();
    crew->workers = qi_mem_new(config->threads, sizeof *crew->workers);
    if (crew->mutex == NULL || crew->work == NULL || crew->change == NULL || crew->workers == NULL)
        return qi_no_memory(err);
    for (uint32_t i = 0; i < config->threads; i++) {
        worker *w = &crew->workers[i];
        w->crew = crew;
        QI_TRY(qi_ingest_new(&w->ingest, crew->schema, err));
        qi_ingest_remember(w->ingest, crew->share / WORDS_SHARE);
    }
    return QUIRE_OK;
}

quire_status qi_crew_new(qi_crew **out, const qi_crew_config *config, quire_error *err)
{
    *out = NULL;
    qi_crew *crew = qi_mem_new(1, sizeof *crew);
    if (crew == NULL)
        return qi_no_memory(err);
    crew->config = *config;
    quire_status status = make(crew, err);
    if (status == QUIRE_OK)
        *out = crew;
    else
        qi_crew_free(crew);
    return status;
}

/* ---- What a thread does; with the lock held, but where it says so ---- */

static void fail(qi_crew *crew, quire_status status, const quire_error *err)
{
    if (crew->status != QUIRE_OK || status == QUIRE_OK)
        return;
    crew->status = status;
    crew->err = *err;
}

/* Enter one document; without the lock. */
static quire_status enter(worker *w, qi_run *run, const qi_batch *batch, const qi_batch_doc *doc,
                          quire_error *err)
{
    const quire_schema *schema = w->crew->schema;
    if (run->index == NULL)
        QI_TRY(qi_memindex_new(&run->index, schema, err));
    QI_TRY(qi_ingest_add(w->ingest, run->index, batch->values.items + doc->first, doc->count,
                         doc->language, err));
    if (schema->key != QI_NO_FIELD)
        run->replaced +=
            qi_memindex_delete(run->index, schema->key, doc->key, run->index->doc_count - 1);
    return QUIRE_OK;
}

/* A batch was entered, or failed. */
static void settle_batch(worker *w, qi_batch *batch, quire_status status, const quire_error *err)
{
    qi_crew *crew = w->crew;
    if (batch == crew->awaited) {
        crew->awaited = NULL;
        crew->outcome = status;
        crew->reason = *err;
        return;
    }
    fail(crew, status, err);
    qi_batch_free(batch);
}

static void enter_batch(worker *w)
{
    qi_crew *crew = w->crew;
    qi_run *run = w->run;
    qi_batch *batch = qi_run_pop(run);
    quire_status status = QUIRE_OK;
    quire_error err = {0};
    run->busy = true;
    qi_os_mutex_unlock(crew->mutex);
    for (size_t i = 0; i < batch->docs.count && status == QUIRE_OK; i++)
        status = enter(w, run, batch, &batch->docs.items[i], &err);
    size_t memory = run->index == NULL ? 0 : qi_memindex_memory(run->index);
    bool full = memory >= crew->room.run_bytes + crew->room.run_bytes / CUTS ||
                (run->index != NULL && qi_memindex_full(run->index));
    qi_os_mutex_lock(crew->mutex);
    run->busy = false;
    run->memory = memory;
    qi_room_learn(&crew->room, run);
    w->invalid_bytes = qi_ingest_invalid_bytes(w->ingest);
    w->long_tokens = qi_ingest_long_tokens(w->ingest);
    settle_batch(w, batch, status, &err);
    /* Out of memory: it is tried again after the next batch. */
    if (full && (run->open || run->first != NULL) && qi_runs_cut(&crew->runs, run, 0) != NULL)
        qi_os_signal_raise(crew->work);
}

static void flush_group(qi_crew *crew, qi_group *g)
{
    qi_group_target target = {crew->config.dir, crew->config.catalog, crew->mutex,
                              crew->dictionary};
    quire_error err = {0};
    quire_status status = qi_group_begin(g, target.catalog, &err);
    qi_os_signal_raise(crew->work);
    qi_os_mutex_unlock(crew->mutex);
    if (status == QUIRE_OK)
        status = qi_group_write(g, &target, &err);
    qi_group_release(g);
    qi_os_mutex_lock(crew->mutex);
    qi_group_end(g);
    fail(crew, status, &err);
    qi_os_signal_raise(crew->work);
}

/* ---- What the caller waits for ---- */

static bool has_room(const qi_crew *crew)
{
    return !crew->told || qi_room_left(&crew->room, &crew->runs);
}

/* Nothing is on its way but the last run, all of which is in memory. */
static bool is_settled(const qi_crew *crew)
{
    const qi_run *run = qi_runs_undone(&crew->runs);
    return run == NULL || (run->next == NULL && run->open && run->first == NULL && !run->busy);
}

/* ---- What is to be done ---- */

/* Cut the longest queue in two, if it is worth it; the second half, or NULL. */
static qi_run *divide(qi_crew *crew)
{
    qi_run *longest = qi_runs_longest(&crew->runs);
    size_t least = crew->config.run_bytes != 0 ? crew->room.run_bytes / CUTS : LEAST_CUT;
    if (longest == NULL || longest->queued < least || longest->first == longest->last)
        return NULL;
    return qi_runs_cut(&crew->runs, longest, longest->queued / 2);
}

/* A run to begin, or NULL. */
static qi_run *find_run(qi_crew *crew)
{
    qi_run *run = crew->runs.first;
    if (qi_room_crowded(&crew->room, &crew->runs))
        return NULL;
    while (run != NULL && !qi_run_waiting(run))
        run = run->next;
    if (run == NULL && crew->closing)
        run = divide(crew);
    if (run != NULL)
        run->state = QI_RUN_ENTERING;
    return run;
}

/* What is still to be done to the runs without a number. */
typedef struct rest {
    bool entered; /* nothing: all are in memory */
    bool idle;    /* nothing now */
    bool waiting; /* one is to be begun */
} rest;

static rest rest_of(const qi_run *run)
{
    rest all = {true, true, false};
    for (; run != NULL; run = run->next) {
        all.entered = all.entered && run->state == QI_RUN_ENTERED;
        all.idle = all.idle && run->first == NULL && !run->busy;
        all.waiting = all.waiting || qi_run_waiting(run);
    }
    return all;
}

/* Must runs be written, with `all` still to be done? When nothing else is to be entered, or memory
 * is wanted. */
static bool is_time(const qi_crew *crew, const rest *all)
{
    return (crew->closing && all->entered) ||
           (all->waiting && qi_room_crowded(&crew->room, &crew->runs)) ||
           (crew->wanted == has_room && qi_room_short(&crew->room, &crew->runs)) ||
           crew->wanted == is_settled;
}

/* The runs that are to become the next segment; false: none yet. */
static bool find_group(const qi_crew *crew, qi_group *g)
{
    qi_run *first = qi_runs_unnumbered(&crew->runs);
    rest all = rest_of(first);
    *g = qi_group_from(first, crew->schema);
    g->threads = all.idle ? crew->config.threads : 1;
    return g->count != 0 && crew->told && is_time(crew, &all);
}

/* Do what there is to do; false if that is nothing. */
static bool work_once(worker *w)
{
    qi_crew *crew = w->crew;
    qi_group next;
    if (crew->status != QUIRE_OK)
        return false;
    if (find_group(crew, &next)) {
        flush_group(crew, &next);
        return true;
    }
    if (w->run == NULL)
        w->run = find_run(crew);
    if (w->run == NULL)
        return false;
    if (w->run->first != NULL) {
        enter_batch(w);
        return true;
    }
    if (w->run->open)
        return false;
    w->run->state = QI_RUN_ENTERED;
    w->run = NULL;
    qi_os_signal_raise(crew->work);
    return true;
}

static void work(void *payload)
{
    worker *w = payload;
    qi_crew *crew = w->crew;
    qi_os_mutex_lock(crew->mutex);
    while (!crew->over) {
        if (!work_once(w))
            qi_os_signal_wait(crew->work, crew->mutex);
        else if (crew->wanted != NULL && (crew->status != QUIRE_OK || crew->wanted(crew)))
            qi_os_signal_raise(crew->change);
    }
    qi_os_mutex_unlock(crew->mutex);
}

/* ---- What the caller does ---- */

/* In the child of a fork there are no threads, and the lock may be held for ever. */
static bool is_child(const qi_crew *crew)
{
    return crew->process != qi_os_process();
}

static quire_status check_process(const qi_crew *crew, quire_error *err)
{
    return is_child(crew) ? qi_fail(err, QUIRE_ERR_MISUSE, "a writer in the child of a fork")
                          : QUIRE_OK;
}

/* Start the threads, if they have not been; fewer than were asked for will do. */
static quire_status start(qi_crew *crew, quire_error *err)
{
    QI_TRY(check_process(crew, err));
    while (crew->running < crew->config.threads) {
        worker *w = &crew->workers[crew->running];
        w->thread = qi_os_thread_start(work, w);
        if (w->thread == NULL)
            break;
        crew->running++;
    }
    return crew->running != 0 ? QUIRE_OK
                              : qi_fail(err, QUIRE_ERR_MEMORY, "no thread can be started");
}

static quire_status failure(const qi_crew *crew, quire_error *err)
{
    if (crew->status != QUIRE_OK && err != NULL)
        *err = crew->err;
    return crew->status;
}

/* Queue a batch, which goes over to the crew unless it fails; with the lock held. */
static quire_status queue(qi_crew *crew, qi_batch *batch, quire_error *err)
{
    QI_TRY(failure(crew, err));
    qi_run *last = crew->runs.last;
    if (last == NULL || !last->open || qi_room_need(&crew->room, last) >= crew->room.run_bytes)
        last = qi_runs_add(&crew->runs);
    if (last == NULL)
        return qi_no_memory(err);
    if (last->first == NULL)
        qi_os_signal_raise(crew->work);
    qi_run_push(last, batch);
    return QUIRE_OK;
}

/* Wait until something may be as `wanted`, or has failed. */
static void wait_once(qi_crew *crew, bool wanted(const qi_crew *crew))
{
    crew->wanted = wanted;
    qi_os_signal_wait(crew->change, crew->mutex);
    crew->wanted = NULL;
}

/* Wait until it is as `wanted`. */
static quire_status wait_for(qi_crew *crew, bool wanted(const qi_crew *crew), quire_error *err)
{
    qi_os_signal_raise(crew->work);
    while (crew->status == QUIRE_OK && !wanted(crew))
        wait_once(crew, wanted);
    return failure(crew, err);
}

/* Queue the documents that were gathered, if any. */
static quire_status push(qi_crew *crew, quire_error *err)
{
    qi_batch *batch = crew->filling;
    if (batch == NULL || batch->docs.count == 0)
        return QUIRE_OK;
    QI_TRY(start(crew, err));
    qi_os_mutex_lock(crew->mutex);
    quire_status status = queue(crew, batch, err);
    if (status == QUIRE_OK)
        crew->filling = NULL;
    if (status == QUIRE_OK && crew->told &&
        qi_room_load(&crew->room, &crew->runs) >= crew->config.max_memory)
        status = wait_for(crew, has_room, err);
    qi_os_mutex_unlock(crew->mutex);
    return status;
}

/* Drop all that is queued. */
static void purge(qi_crew *crew)
{
    for (qi_run *run = crew->runs.first; run != NULL; run = run->next)
        for (qi_batch *batch; (batch = qi_run_pop(run)) != NULL;)
            if (batch == crew->awaited)
                crew->awaited = NULL;
            else
                qi_batch_free(batch);
}

static bool has_entered(const qi_crew *crew)
{
    return crew->awaited == NULL;
}

/* Queue a document without copying it, and wait until it is entered. */
static quire_status add_lent(qi_crew *crew, const qi_ingest_value *values, const qi_batch_doc *doc,
                             quire_error *err)
{
    QI_TRY(push(crew, err));
    QI_TRY(start(crew, err));
    qi_batch *batch = qi_batch_new();
    if (batch == NULL)
        return qi_no_memory(err);
    quire_status status = qi_batch_add(batch, values, doc, true, err);
    if (status == QUIRE_OK) {
        qi_os_mutex_lock(crew->mutex);
        status = queue(crew, batch, err);
        if (status == QUIRE_OK)
            crew->awaited = batch;
        while (crew->awaited != NULL) {
            if (crew->status != QUIRE_OK)
                purge(crew);
            if (crew->awaited != NULL)
                wait_once(crew, has_entered);
        }
        if (status == QUIRE_OK)
            status = failure(crew, err);
        if (status == QUIRE_OK && crew->outcome != QUIRE_OK) {
            status = crew->outcome;
            if (err != NULL)
                *err = crew->reason;
        }
        qi_os_mutex_unlock(crew->mutex);
    }
    qi_batch_free(batch);
    return status;
}

quire_status qi_crew_add(qi_crew *crew, const qi_ingest_value *values, const qi_batch_doc *doc,
                         quire_error *err)
{
    if (qi_batch_cost(values, doc->count) > crew->share / CUTS ||
        (doc->language != NULL && !qi_stem_known(doc->language)))
        return add_lent(crew, values, doc, err);
    if (crew->filling == NULL && (crew->filling = qi_batch_new()) == NULL)
        return qi_no_memory(err);
    if (crew->filling->bytes >= BATCH) {
        QI_TRY(push(crew, err));
        if ((crew->filling = qi_batch_new()) == NULL)
            return qi_no_memory(err);
    }
    return qi_batch_add(crew->filling, values, doc, false, err);
}

void qi_crew_dictionary(qi_crew *crew, const quire_str *dictionary)
{
    if (is_child(crew))
        return;
    qi_os_mutex_lock(crew->mutex);
    crew->told = dictionary != NULL;
    if (crew->told)
        crew->dictionary = *dictionary;
    qi_os_signal_raise(crew->work);
    qi_os_mutex_unlock(crew->mutex);
}

static bool is_finished(const qi_crew *crew)
{
    return qi_runs_undone(&crew->runs) == NULL;
}

quire_status qi_crew_finish(qi_crew *crew, quire_error *err)
{
    QI_TRY(check_process(crew, err));
    QI_TRY(push(crew, err));
    qi_os_mutex_lock(crew->mutex);
    qi_run *last = crew->runs.last;
    if (last != NULL)
        last->open = false;
    crew->closing = true;
    quire_status status = wait_for(crew, is_finished, err);
    crew->closing = false;
    qi_os_mutex_unlock(crew->mutex);
    return status;
}

quire_status qi_crew_settle(qi_crew *crew, qi_memindex **out, quire_error *err)
{
    *out = NULL;
    QI_TRY(check_process(crew, err));
    QI_TRY(push(crew, err));
    qi_os_mutex_lock(crew->mutex);
    quire_status status = wait_for(crew, is_settled, err);
    if (status == QUIRE_OK && crew->runs.last != NULL)
        *out = crew->runs.last->index;
    qi_os_mutex_unlock(crew->mutex);
    return status;
}

bool qi_crew_take(qi_crew *crew, qi_run *run)
{
    if (is_child(crew))
        return false;
    qi_os_mutex_lock(crew->mutex);
    qi_run *first = crew->runs.first;
    bool done = crew->status == QUIRE_OK && first != NULL && first->state == QI_RUN_DONE;
    if (done) {
        *run = *first;
        first->part.deletes = NULL;
        qi_runs_drop(&crew->runs);
    }
    qi_os_mutex_unlock(crew->mutex);
    return done;
}

quire_status qi_crew_fail(qi_crew *crew, quire_status status, const quire_error *err)
{
    qi_os_mutex_lock(crew->mutex);
    fail(crew, status, err);
    qi_os_mutex_unlock(crew->mutex);
    return status;
}

static bool is_idle(const qi_crew *crew)
{
    return !qi_runs_busy(&crew->runs);
}

void qi_crew_abandon(qi_crew *crew)
{
    qi_batch_free(crew->filling);
    crew->filling = NULL;
    if (is_child(crew))
        return;
    qi_os_mutex_lock(crew->mutex);
    if (crew->status == QUIRE_OK)
        crew->status = QUIRE_ERR_CANCELED; /* no thread begins anything */
    while (!is_idle(crew))
        wait_once(crew, is_idle);
    for (uint32_t i = 0; i < crew->config.threads; i++)
        crew->workers[i].run = NULL;
    while (crew->runs.first != NULL)
        qi_runs_drop(&crew->runs);
    crew->dictionary = (quire_str){NULL, 0};
    crew->told = false;
    crew->status = QUIRE_OK;
    qi_os_mutex_unlock(crew->mutex);
}

void qi_crew_stat(qi_crew *crew, quire_writer_stat *stat)
{
    if (is_child(crew))
        return;
    qi_os_mutex_lock(crew->mutex);
    for (const qi_run *run = crew->runs.first; run != NULL; run = run->next)
        stat->memory += run->queued + run->memory;
    stat->memory += crew->filling != NULL ? crew->filling->bytes : 0;
    for (uint32_t i = 0; i < crew->config.threads; i++) {
        stat->invalid_bytes += crew->workers[i].invalid_bytes;
        stat->long_tokens += crew->workers[i].long_tokens;
    }
    qi_os_mutex_unlock(crew->mutex);
}

static void end_threads(qi_crew *crew)
{
    qi_crew_abandon(crew);
    qi_os_mutex_lock(crew->mutex);
    crew->over = true;
    qi_os_signal_raise(crew->work);
    qi_os_mutex_unlock(crew->mutex);
    for (uint32_t i = 0; i < crew->running; i++)
        qi_os_thread_join(crew->workers[i].thread);
}

void qi_crew_free(qi_crew *crew)
{
    if (crew == NULL || (crew->running != 0 && is_child(crew)))
        return;
    if (crew->running != 0)
        end_threads(crew);
    qi_batch_free(crew->filling);
    for (uint32_t i = 0; crew->workers != NULL && i < crew->config.threads; i++)
        qi_ingest_free(crew->workers[i].ingest);
    qi_mem_free(crew->workers);
    qi_os_signal_free(crew->work);
    qi_os_signal_free(crew->change);
    qi_os_mutex_free(crew->mutex);
    qi_mem_free(crew);
}
