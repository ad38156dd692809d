/* SPDX-License-Identifier: MIT
 * Lists linked by hand: a run changes its end all the time, and is cut where it is. */
#include "commit/runs.h"

#include <string.h>

#include "base/mem.h"

qi_batch *qi_batch_new(void)
{
    qi_batch *batch = qi_mem_new(1, sizeof *batch);
    if (batch != NULL)
        qi_arena_init(&batch->memory, 0);
    return batch;
}

void qi_batch_free(qi_batch *batch)
{
    if (batch == NULL)
        return;
    qi_arena_free(&batch->memory);
    QI_VEC_FREE(&batch->values);
    QI_VEC_FREE(&batch->docs);
    qi_mem_free(batch);
}

size_t qi_batch_cost(const qi_ingest_value *values, size_t count)
{
    size_t bytes = sizeof(qi_batch_doc);
    if (!qi_mem_mul(count, sizeof *values, &bytes))
        return bytes;
    for (size_t i = 0; i < count; i++)
        (void)qi_mem_add(bytes, values[i].text.len, &bytes);
    return bytes;
}

static bool copy_text(qi_batch *batch, quire_str *text)
{
    if (text->len == 0)
        return true;
    char *copy = qi_arena_room(&batch->memory, text->len, 1);
    if (copy != NULL)
        text->ptr = memcpy(copy, text->ptr, text->len);
    return copy != NULL;
}

quire_status qi_batch_add(qi_batch *batch, const qi_ingest_value *values, const qi_batch_doc *doc,
                          bool lent, quire_error *err)
{
    qi_batch_doc own = *doc;
    own.first = batch->values.count;
    if (!QI_VEC_RESERVE(&batch->values, doc->count) || !QI_VEC_RESERVE(&batch->docs, 1))
        return qi_no_memory(err);
    bool copied = lent || copy_text(batch, &own.key);
    if (copied && !lent && doc->language != NULL)
        copied = (own.language =
                      qi_arena_copy(&batch->memory, doc->language, strlen(doc->language))) != NULL;
    for (size_t i = 0; i < doc->count && copied; i++) {
        qi_ingest_value *value = &batch->values.items[own.first + i];
        *value = values[i];
        copied = lent || copy_text(batch, &value->text);
    }
    if (!copied) {
        batch->memory.failed = false;
        return qi_no_memory(err);
    }
    batch->values.count += doc->count;
    batch->docs.items[batch->docs.count++] = own;
    batch->bytes += qi_batch_cost(values, doc->count);
    return QUIRE_OK;
}

static qi_run *insert(qi_runs *runs, qi_run *after)
{
    qi_run *run = qi_mem_new(1, sizeof *run);
    if (run == NULL)
        return NULL;
    if (after == NULL) {
        runs->first = run;
    } else {
        run->next = after->next;
        after->next = run;
    }
    if (runs->last == after)
        runs->last = run;
    return run;
}

qi_run *qi_runs_add(qi_runs *runs)
{
    qi_run *before = runs->last, *run = insert(runs, before);
    if (run == NULL)
        return NULL;
    if (before != NULL)
        before->open = false;
    run->open = true;
    return run;
}

void qi_run_push(qi_run *run, qi_batch *batch)
{
    batch->next = NULL;
    if (run->first == NULL)
        run->first = batch;
    else
        run->last->next = batch;
    run->last = batch;
    run->queued += batch->bytes;
    run->taken += batch->bytes;
}

qi_batch *qi_run_pop(qi_run *run)
{
    qi_batch *batch = run->first;
    if (batch == NULL)
        return NULL;
    run->first = batch->next;
    run->queued -= batch->bytes;
    return batch;
}

qi_run *qi_runs_cut(qi_runs *runs, qi_run *run, size_t keep)
{
    qi_run *rest = insert(runs, run);
    if (rest == NULL)
        return NULL;
    rest->open = run->open;
    run->open = false;
    qi_batch **link = &run->first, *last = NULL;
    for (size_t kept = 0; *link != NULL && kept < keep; link = &last->next) {
        last = *link;
        kept += last->bytes;
    }
    qi_batch *moved = *link;
    *link = NULL;
    run->last = last;
    for (qi_batch *next; moved != NULL; moved = next) {
        next = moved->next;
        run->queued -= moved->bytes;
        run->taken -= moved->bytes;
        qi_run_push(rest, moved);
    }
    return rest;
}

qi_run *qi_runs_unnumbered(const qi_runs *runs)
{
    qi_run *run = runs->first;
    while (run != NULL && run->numbered)
        run = run->next;
    return run;
}

qi_run *qi_runs_undone(const qi_runs *runs)
{
    qi_run *run = runs->first;
    while (run != NULL && run->state == QI_RUN_DONE)
        run = run->next;
    return run;
}

qi_run *qi_runs_longest(const qi_runs *runs)
{
    qi_run *longest = NULL;
    for (qi_run *run = runs->first; run != NULL; run = run->next)
        if (run->state <= QI_RUN_ENTERING && (longest == NULL || run->queued > longest->queued))
            longest = run;
    return longest;
}

bool qi_runs_busy(const qi_runs *runs)
{
    const qi_run *run = runs->first;
    while (run != NULL && !run->busy && run->state != QI_RUN_FLUSHING)
        run = run->next;
    return run != NULL;
}

void qi_runs_drop(qi_runs *runs)
{
    qi_run *run = runs->first;
    runs->first = run->next;
    if (runs->last == run)
        runs->last = NULL;
    for (qi_batch *batch; (batch = qi_run_pop(run)) != NULL;)
        qi_batch_free(batch);
    qi_memindex_free(run->index);
    qi_deletes_release(run->part.deletes);
    qi_mem_free(run);
}
