/* SPDX-License-Identifier: MIT
 * A snapshot holds references to segments, owns the sets of deleted documents, and sums statistics
 * once. */
#include "segment/snapshot.h"

#include <string.h>

#include "base/mem.h"
#include "segment/postings.h"

/* Sum statistics and number documents through. False on overflow of what a score can be computed
 * with. */
static bool sum_up(quire_snapshot *snapshot, quire_segment_stat *stats)
{
    uint64_t live = 0;
    for (size_t p = 0; p < snapshot->count; p++) {
        qi_part *part = &snapshot->parts[p];
        uint32_t docs = part->segment->doc_count;
        part->base = snapshot->doc_count;
        snapshot->doc_count += docs;
        stats[p] = part->segment->stat;
        stats[p].deleted = part->deleted != NULL ? part->deleted->count : 0;
        live += docs - stats[p].deleted;
        for (size_t f = 0; f < snapshot->schema->fields.count; f++) {
            snapshot->fields[f].length_sum += part->segment->fields[f].length_sum;
            snapshot->fields[f].documents += part->segment->fields[f].documents;
        }
    }
    snapshot->stat.documents = live;
    return snapshot->doc_count < UINT64_C(1) << 48;
}

quire_status qi_snapshot_new(quire_snapshot **out, const qi_snapshot_source *source,
                             quire_error *err)
{
    *out = NULL;
    quire_snapshot *snapshot = qi_mem_new(1, sizeof *snapshot);
    if (snapshot == NULL)
        return qi_no_memory(err);
    qi_arena_init(&snapshot->memory, 0);
    snapshot->refs = 1;
    snapshot->count = source->count;
    qi_arena *memory = &snapshot->memory;
    snapshot->parts = qi_arena_new(memory, source->count, sizeof *snapshot->parts);
    snapshot->fields = qi_arena_new(memory, source->schema->fields.count, sizeof *snapshot->fields);
    quire_segment_stat *stats = qi_arena_new(memory, source->count, sizeof *stats);
    char *payload = qi_arena_copy(memory, source->payload.ptr, source->payload.len);
    if (memory->failed) {
        qi_arena_free(memory);
        qi_mem_free(snapshot);
        return qi_no_memory(err);
    }
    snapshot->schema = qi_schema_retain(source->schema);
    for (size_t p = 0; p < source->count; p++) {
        snapshot->parts[p].segment = qi_segment_retain(source->segments[p]);
        snapshot->parts[p].deleted = source->deleted[p];
    }
    snapshot->stat = (quire_stat){.generation = source->generation,
                                  .payload = {payload, source->payload.len},
                                  .k1 = source->schema->k1,
                                  .b = source->schema->b,
                                  .unicode = snapshot->schema->unicode,
                                  .segment_count = source->count,
                                  .segments = stats};
    if (!sum_up(snapshot, stats)) {
        for (size_t p = 0; p < source->count; p++)
            snapshot->parts[p].deleted = NULL; /* still the caller's */
        qi_snapshot_release(snapshot);
        return qi_fail(err, QUIRE_ERR_LIMIT, "the index holds more documents than can be ranked");
    }
    *out = snapshot;
    return QUIRE_OK;
}

quire_snapshot *qi_snapshot_retain(quire_snapshot *snapshot)
{
    __atomic_add_fetch(&snapshot->refs, 1, __ATOMIC_RELAXED);
    return snapshot;
}

void qi_snapshot_release(quire_snapshot *snapshot)
{
    if (snapshot == NULL || __atomic_sub_fetch(&snapshot->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    for (size_t p = 0; p < snapshot->count; p++) {
        if (snapshot->parts[p].deleted != NULL)
            qi_docset_free(snapshot->parts[p].deleted);
        qi_mem_free(snapshot->parts[p].deleted);
        qi_segment_release(snapshot->parts[p].segment);
    }
    if (snapshot->on_free != NULL)
        snapshot->on_free(snapshot->payload);
    qi_spares_free(&snapshot->desks);
    qi_schema_release(snapshot->schema);
    qi_arena_free(&snapshot->memory);
    qi_mem_free(snapshot);
}

quire_status qi_snapshot_locate(const quire_snapshot *snapshot, quire_doc doc, size_t *part,
                                uint32_t *local, quire_error *err)
{
    for (size_t p = 0; p < snapshot->count; p++) {
        const qi_part *there = &snapshot->parts[p];
        if (doc < there->base || doc - there->base >= there->segment->doc_count)
            continue;
        *part = p;
        *local = (uint32_t)(doc - there->base);
        if (there->deleted != NULL && qi_docset_has(there->deleted, *local))
            break;
        return QUIRE_OK;
    }
    return qi_fail(err, QUIRE_ERR_NOT_FOUND, "the snapshot has no document %llu",
                   (unsigned long long)doc);
}

/* The first document of a list that is not deleted. DONE if there is none. */
static quire_status first_live(const qi_part *part, qi_postings *list, quire_doc *out)
{
    uint32_t from = 0;
    while (qi_postings_seek(list, from)) {
        for (uint32_t i = 0; i < list->count; i++) {
            if (part->deleted != NULL && qi_docset_has(part->deleted, list->docs[i]))
                continue;
            *out = part->base + list->docs[i];
            return QUIRE_OK;
        }
        from = qi_postings_block_last(list) + 1;
    }
    return list->status != QUIRE_OK ? list->status : QUIRE_DONE;
}

/* The live document of a part with this key. DONE if there is none. */
static quire_status find_in_part(const quire_snapshot *snapshot, const qi_part *part, quire_str key,
                                 quire_doc *out, quire_error *err)
{
    qi_term_info info;
    uint32_t lane = QI_LANE(snapshot->schema->key, false);
    QI_TRY(qi_segment_find(part->segment, lane, key, &info, err));
    if (info.df == 0)
        return QUIRE_DONE;
    qi_postings *list = qi_mem_new(1, sizeof *list);
    if (list == NULL)
        return qi_no_memory(err);
    quire_status status = qi_postings_open(list, part->segment, lane, &info, err);
    if (status == QUIRE_OK)
        status = first_live(part, list, out);
    qi_mem_free(list);
    return status;
}

quire_status qi_snapshot_find(const quire_snapshot *snapshot, quire_str key, quire_doc *out,
                              quire_error *err)
{
    *out = 0;
    if (snapshot->schema->key == QI_NO_FIELD)
        return qi_fail(err, QUIRE_ERR_MISUSE, "the schema has no key field");
    for (size_t p = 0; p < snapshot->count; p++) {
        quire_status status = find_in_part(snapshot, &snapshot->parts[p], key, out, err);
        if (status != QUIRE_DONE)
            return status;
    }
    return qi_fail(err, QUIRE_ERR_NOT_FOUND, "no document has the key '%.*s'",
                   (int)(key.len < 100 ? key.len : 100), key.len != 0 ? key.ptr : "");
}
