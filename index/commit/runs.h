/* SPDX-License-Identifier: MIT
 * commit/runs.h - documents on their way through threads.
 *
 * Documents are handed over in batches. A run is a stretch of batches that one thread enters; the
 * list of runs is in the order of the documents, however they are cut. Exclusive. */
#ifndef QI_COMMIT_RUNS_H
#define QI_COMMIT_RUNS_H

#include "base/arena.h"
#include "commit/ingest.h"
#include "commit/parts.h"

typedef struct qi_batch_doc {
    size_t first, count; /* of the batch's values */
    const char *language;
    quire_str key;
} qi_batch_doc;

typedef struct qi_batch {
    struct qi_batch *next;
    qi_arena memory; /* of texts */
    QI_VEC(qi_ingest_value) values;
    QI_VEC(qi_batch_doc) docs;
    size_t bytes; /* that it takes, about */
} qi_batch;

/* NULL when out of memory. */
qi_batch *qi_batch_new(void);
void qi_batch_free(qi_batch *batch);

/* A document's share of qi_batch.bytes. */
size_t qi_batch_cost(const qi_ingest_value *values, size_t count);

/* Append a document; its texts are copied, unless they are `lent`. MEMORY: it is as before. */
quire_status qi_batch_add(qi_batch *batch, const qi_ingest_value *values, const qi_batch_doc *doc,
                          bool lent, quire_error *err);

typedef enum qi_run_state {
    QI_RUN_WAITING,  /* no thread has it */
    QI_RUN_ENTERING, /* a thread enters its documents */
    QI_RUN_ENTERED,  /* all are in memory */
    QI_RUN_FLUSHING,
    QI_RUN_DONE
} qi_run_state;

typedef struct qi_run {
    struct qi_run *next;
    qi_run_state state;
    bool open;              /* more documents may come; of the last run only */
    bool busy;              /* a batch is being entered */
    bool numbered;          /* its segment has its number */
    qi_batch *first, *last; /* yet to be entered */
    size_t queued;          /* their bytes */
    size_t taken;           /* bytes of all batches that came */
    size_t memory;          /* that `index` took when the last batch was in */
    qi_memindex *index;     /* NULL: none */
    qi_writer_part part;    /* DONE: as qi_parts_push takes it, but for the segment */
    qi_file_id id;          /* DONE: of the segment; seq 0: there is nothing in it */
    uint64_t replaced;      /* documents in it by later ones in it */
} qi_run;

typedef struct qi_runs {
    qi_run *first, *last;
} qi_runs;

/* Append an open run; the one before is open no longer. NULL when out of memory. */
qi_run *qi_runs_add(qi_runs *runs);

/* Append a batch to a run. */
void qi_run_push(qi_run *run, qi_batch *batch);

/* Take the first batch, or NULL. */
qi_batch *qi_run_pop(qi_run *run);

/* Cut a run: what is left after its first `keep` bytes of batches becomes a run of its own, next in
 * order, open if this one was. NULL when out of memory. */
qi_run *qi_runs_cut(qi_runs *runs, qi_run *run, size_t keep);

/* The first run whose segment has no number, or NULL. */
qi_run *qi_runs_unnumbered(const qi_runs *runs);

/* The first that is not DONE, or NULL. */
qi_run *qi_runs_undone(const qi_runs *runs);

/* That with the most yet to be entered, or NULL. */
qi_run *qi_runs_longest(const qi_runs *runs);

/* Has a thread any of them in hand? */
bool qi_runs_busy(const qi_runs *runs);

/* Has a run an index in memory, or a thread that makes one? */
static inline bool qi_run_held(const qi_run *run)
{
    return run->state == QI_RUN_ENTERING || run->state == QI_RUN_ENTERED ||
           run->state == QI_RUN_FLUSHING;
}

/* Has it something to be entered by a thread that has none? */
static inline bool qi_run_waiting(const qi_run *run)
{
    return run->state == QI_RUN_WAITING && (run->first != NULL || !run->open);
}

/* Take the first run out and free it. */
void qi_runs_drop(qi_runs *runs);

#endif
