/* SPDX-License-Identifier: MIT
 * The caller's lock is taken only to number the segment and to enter it in the catalog; runs of the
 * group are nobody else's while they are FLUSHING. */
#include "commit/group.h"

#include "base/limits.h"
#include "base/mem.h"
#include "segment/flush.h"

/* Does a segment hold the documents of the runs from `first` to `last`? */
static bool fits(const quire_schema *schema, const qi_run *first, const qi_run *last)
{
    uint64_t docs = 0;
    for (const qi_run *run = first; run != last->next; run = run->next)
        docs += run->index != NULL ? run->index->doc_count : 0;
    for (size_t f = 0; f < schema->fields.count; f++) {
        uint64_t words = 0;
        for (const qi_run *run = first; run != last->next; run = run->next)
            words += run->index != NULL ? run->index->fields[f].next_word : 0;
        if (words > QI_SEGMENT_WORDS)
            return false;
    }
    return docs <= QI_SEGMENT_DOCUMENTS;
}

qi_group qi_group_from(qi_run *first, const quire_schema *schema)
{
    qi_group group = {.first = first};
    for (qi_run *run = first; run != NULL && run->state == QI_RUN_ENTERED; run = run->next) {
        if (run != first && !fits(schema, first, run))
            break;
        group.count++;
    }
    return group;
}

static bool has_live(const qi_run *run)
{
    return run->index != NULL && run->index->doc_count > run->index->deleted_count;
}

static size_t count_live(const qi_group *group)
{
    size_t count = 0;
    const qi_run *run = group->first;
    for (size_t i = 0; i < group->count; i++, run = run->next)
        count += has_live(run);
    return count;
}

quire_status qi_group_begin(qi_group *group, qi_catalog *catalog, quire_error *err)
{
    qi_run *run = group->first;
    for (size_t i = 0; i < group->count; i++, run = run->next) {
        run->state = QI_RUN_FLUSHING;
        run->numbered = true;
    }
    return count_live(group) == 0 ? QUIRE_OK
                                  : qi_catalog_next_segment(catalog, &group->first->id, err);
}

/* Let the documents of each run replace those of the runs before it. */
static void replace_older(const qi_group *group)
{
    qi_run *run = group->first;
    for (size_t i = 0; i < group->count; i++, run = run->next) {
        uint32_t key = has_live(run) ? run->index->schema->key : QI_NO_FIELD;
        for (qi_run *older = group->first; key != QI_NO_FIELD && older != run; older = older->next)
            if (older->index != NULL)
                group->first->replaced += qi_memindex_replace(older->index, key, run->index);
    }
}

static quire_status write_parts(qi_run *run, const qi_flush_plan *plan,
                                const qi_group_target *target, quire_error *err)
{
    quire_status status = QUIRE_ERR_EXISTS;
    QI_TRY(qi_deletes_of(&run->part.deletes, &plan->parts, err));
    while (status == QUIRE_ERR_EXISTS) {
        status = qi_flush_parts(plan, target->dir, &run->id, err);
        qi_os_mutex_lock(target->mutex);
        if (status == QUIRE_ERR_EXISTS) {
            quire_status named = qi_catalog_next_segment(target->catalog, &run->id, err);
            status = named == QUIRE_OK ? status : named;
        } else if (status == QUIRE_OK) {
            status = qi_catalog_adopt(target->catalog, run->id.seq, err);
        }
        qi_os_mutex_unlock(target->mutex);
    }
    return status;
}

quire_status qi_group_write(const qi_group *group, const qi_group_target *target, quire_error *err)
{
    size_t live = count_live(group);
    if (live == 0)
        return QUIRE_OK;
    const qi_memindex **parts = qi_mem_new(live, sizeof *parts);
    if (parts == NULL)
        return qi_no_memory(err);
    replace_older(group);
    qi_flush_plan plan = {{parts, 0}, target->dictionary, group->threads};
    qi_run *run = group->first;
    for (size_t i = 0; i < group->count; i++, run = run->next)
        if (has_live(run))
            parts[plan.parts.count++] = run->index;
    quire_status status = write_parts(group->first, &plan, target, err);
    qi_mem_free(parts);
    return status;
}

void qi_group_release(const qi_group *group)
{
    qi_run *run = group->first;
    for (size_t i = 0; i < group->count; i++, run = run->next)
        qi_memindex_free(run->index);
}

void qi_group_end(const qi_group *group)
{
    qi_run *run = group->first;
    for (size_t i = 0; i < group->count; i++, run = run->next) {
        run->index = NULL;
        run->memory = 0;
        run->state = QI_RUN_DONE;
    }
}
