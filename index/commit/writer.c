/* SPDX-License-Identifier: MIT
 * A writer has two lists of segments: as of the last commit, and with all that was done since. A
 * commit makes the first a copy of the second, a rollback the reverse; neither needs memory by
 * then.
 *
 * Each step first does what can fail, then changes what is there: a document is added before the
 * one with its key is deleted, which was found before. Merging on the side is never a reason for a
 * commit to fail. */
#include "commit/writer.h"

#include "base/mem.h"
#include "commit/crew.h"
#include "commit/files.h"
#include "commit/policy.h"
#include "commit/sample.h"
#include "segment/flush.h"
#include "segment/order.h"

struct qi_writer {
    qi_dir *dir;
    qi_writer_config config;
    qi_catalog *catalog;
    qi_ingest *ingest;
    qi_memindex *pending; /* documents in memory; NULL: none */
    qi_crew *crew;        /* NULL: the caller's thread does it all */
    qi_sample sample;
    qi_parts committed, parts;
    qi_victims victims;
    quire_writer_stat stat;
};

enum {
    NAME_ATTEMPTS = 1000,
    WORDS_SHARE = 8, /* of memory, for words already known */
    HOLD_SHARE = 32, /* of memory, for each dictionary of a merge */
    MANY = 64        /* segments, too many to leave */
};

static const qi_manifest *manifest_of(const qi_writer *writer)
{
    return qi_catalog_manifest(writer->catalog);
}

const quire_schema *qi_writer_schema(const qi_writer *writer)
{
    return manifest_of(writer)->schema;
}

void qi_writer_close(qi_writer *writer)
{
    if (writer == NULL)
        return;
    qi_crew_free(writer->crew);
    qi_memindex_free(writer->pending);
    qi_sample_free(&writer->sample);
    qi_parts_free(&writer->parts);
    qi_parts_free(&writer->committed);
    QI_VEC_FREE(&writer->victims);
    qi_ingest_free(writer->ingest);
    qi_catalog_close(writer->catalog);
    qi_mem_free(writer);
}

static quire_status open_crew(qi_writer *writer, quire_error *err)
{
    const qi_writer_config *config = &writer->config;
    qi_crew_config crew = {.dir = writer->dir,
                           .catalog = writer->catalog,
                           .max_memory = config->max_memory,
                           .run_bytes = config->run_bytes,
                           .threads = qi_crew_threads(config->threads, config->max_memory)};
    if (crew.threads < 2)
        return QUIRE_OK;
    QI_TRY(qi_crew_new(&writer->crew, &crew, err));
    quire_str dictionary = qi_sample_dictionary(&writer->sample);
    if (writer->sample.settled)
        qi_crew_dictionary(writer->crew, &dictionary);
    return QUIRE_OK;
}

static quire_status open_all(qi_writer *writer, quire_error *err)
{
    QI_TRY(qi_catalog_open(&writer->catalog, writer->dir, writer->config.wait_ms, err));
    QI_TRY(qi_ingest_new(&writer->ingest, manifest_of(writer)->schema, err));
    qi_ingest_remember(writer->ingest, writer->config.max_memory / WORDS_SHARE);
    QI_TRY(qi_parts_open(&writer->committed, writer->dir, manifest_of(writer), err));
    if (!QI_VEC_RESERVE(&writer->parts.list, writer->committed.list.count))
        return qi_no_memory(err);
    qi_parts_assign(&writer->parts, &writer->committed);
    QI_TRY(qi_sample_init(&writer->sample, &writer->parts, err));
    return open_crew(writer, err);
}

quire_status qi_writer_open(qi_writer **out, qi_dir *dir, const qi_writer_config *config,
                            quire_error *err)
{
    *out = NULL;
    qi_writer *writer = qi_mem_new(1, sizeof *writer);
    if (writer == NULL)
        return qi_no_memory(err);
    writer->dir = dir;
    writer->config = *config;
    quire_status status = open_all(writer, err);
    if (status == QUIRE_OK)
        *out = writer;
    else
        qi_writer_close(writer);
    return status;
}

static quire_status check_open(const qi_writer *writer, quire_error *err)
{
    if (qi_catalog_is_prepared(writer->catalog))
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "a commit is prepared: commit or roll back before anything else");
    return QUIRE_OK;
}

/* ---- From memory to a segment ---- */

/* Open a segment that was made and give it its place in the list, which has room. */
static quire_status open_segment(qi_writer *writer, const qi_file_id *id, qi_writer_part *part,
                                 quire_error *err)
{
    part->entry = (qi_manifest_entry){.seq = id->seq, .length = id->length, .hash = id->hash};
    QI_TRY(qi_segment_open(&part->segment, writer->dir, id, qi_writer_schema(writer), err));
    part->entry.documents = part->segment->doc_count;
    part->changed = qi_parts_deleted(part) != 0;
    qi_parts_push(&writer->parts, part);
    return QUIRE_OK;
}

/* Let go of what was read of segments, in looking for keys above all. */
static void rest(const qi_writer *writer)
{
    for (size_t i = 0; i < writer->parts.list.count; i++)
        qi_file_rest(&writer->parts.list.items[i].segment->file);
}

/* Open the segment that was numbered last; it goes if it cannot be opened. */
static quire_status enter_segment(qi_writer *writer, const qi_file_id *id, qi_writer_part *part,
                                  quire_error *err)
{
    qi_catalog_made(writer->catalog);
    quire_status status = open_segment(writer, id, part, err);
    if (status != QUIRE_OK)
        qi_catalog_drop(writer->catalog, id->seq, 0);
    rest(writer);
    return status;
}

static quire_status flush_pending(qi_writer *writer, qi_writer_part *part, quire_error *err)
{
    qi_file_id id;
    quire_status status = QUIRE_ERR_EXISTS;
    QI_TRY(qi_sample_settle(&writer->sample, err));
    for (int i = 0; status == QUIRE_ERR_EXISTS && i < NAME_ATTEMPTS; i++) {
        QI_TRY(qi_catalog_next_segment(writer->catalog, &id, err));
        status =
            qi_flush(writer->pending, writer->dir, &id, qi_sample_dictionary(&writer->sample), err);
    }
    if (status != QUIRE_OK)
        return status;
    return enter_segment(writer, &id, part, err);
}

/* Make the documents in memory of this thread a segment. */
static quire_status flush_own(qi_writer *writer, quire_error *err)
{
    qi_memindex *pending = writer->pending;
    if (pending != NULL && pending->doc_count > pending->deleted_count) {
        qi_writer_part part = {0};
        if (!QI_VEC_RESERVE(&writer->parts.list, 1))
            return qi_no_memory(err);
        const qi_memindex *only = pending;
        QI_TRY(qi_deletes_of(&part.deletes, &(qi_mem_parts){&only, 1}, err));
        quire_status status = flush_pending(writer, &part, err);
        if (status != QUIRE_OK) {
            qi_deletes_release(part.deletes);
            return status;
        }
    }
    qi_memindex_free(pending);
    writer->pending = NULL;
    return QUIRE_OK;
}

/* Take over a segment from the threads: its documents replace older ones. */
static quire_status take_segment(qi_writer *writer, qi_run *run, quire_error *err)
{
    uint32_t key = qi_writer_schema(writer)->key;
    if (!QI_VEC_RESERVE(&writer->parts.list, 1))
        return qi_no_memory(err);
    QI_TRY(open_segment(writer, &run->id, &run->part, err));
    run->part.deletes = NULL; /* gone over */
    if (key == QI_NO_FIELD)
        return QUIRE_OK;
    qi_writer_part *part = &writer->parts.list.items[--writer->parts.list.count];
    writer->victims.count = 0;
    quire_status status =
        qi_parts_find_all(&writer->parts, key, part->segment, &writer->victims, err);
    writer->parts.list.count++;
    if (status != QUIRE_OK)
        return status;
    qi_parts_delete(&writer->parts, &writer->victims);
    writer->stat.deleted += writer->victims.count;
    rest(writer);
    return QUIRE_OK;
}

/* Take over all segments that threads have done. */
static quire_status take_segments(qi_writer *writer, quire_error *err)
{
    qi_run run;
    while (qi_crew_take(writer->crew, &run)) {
        quire_error reason = {0};
        writer->stat.deleted += run.replaced;
        quire_status status = run.id.seq == 0 ? QUIRE_OK : take_segment(writer, &run, &reason);
        qi_deletes_release(run.part.deletes);
        if (status == QUIRE_OK)
            continue;
        if (err != NULL)
            *err = reason;
        return qi_crew_fail(writer->crew, status, &reason);
    }
    return QUIRE_OK;
}

/* Let threads write segments: for good if the dictionary is what it will be, or for `now`. */
static void tell_dictionary(qi_writer *writer, bool now)
{
    quire_str dictionary = qi_sample_dictionary(&writer->sample);
    if (writer->crew != NULL)
        qi_crew_dictionary(writer->crew, writer->sample.settled || now ? &dictionary : NULL);
}

/* Have documents where those with a key can be deleted: in segments, or in *memory. */
static quire_status settle(qi_writer *writer, qi_memindex **memory, quire_error *err)
{
    *memory = writer->pending;
    QI_TRY(qi_sample_settle(&writer->sample, err));
    if (writer->crew == NULL)
        return QUIRE_OK;
    tell_dictionary(writer, true);
    quire_status status = qi_crew_settle(writer->crew, memory, err);
    tell_dictionary(writer, false);
    return status == QUIRE_OK ? take_segments(writer, err) : status;
}

/* Make all documents in memory segments. */
static quire_status flush(qi_writer *writer, quire_error *err)
{
    if (writer->crew == NULL)
        return flush_own(writer, err);
    QI_TRY(qi_sample_settle(&writer->sample, err));
    tell_dictionary(writer, true);
    quire_status status = qi_crew_finish(writer->crew, err);
    tell_dictionary(writer, false);
    return status == QUIRE_OK ? take_segments(writer, err) : status;
}

/* ---- Merging ---- */

/* Leave a segment out of the next commit; its file goes now if no commit has it. */
static void leave_out(qi_writer *writer, size_t i)
{
    qi_manifest_entry entry = writer->parts.list.items[i].entry;
    qi_parts_remove(&writer->parts, i);
    if (entry.deletes != 0)
        qi_catalog_drop(writer->catalog, entry.seq, entry.deletes);
    qi_catalog_drop(writer->catalog, entry.seq, 0);
}

static void leave_out_dead(qi_writer *writer)
{
    for (size_t i = writer->parts.list.count; i-- > 0;) {
        const qi_writer_part *part = &writer->parts.list.items[i];
        if (qi_parts_deleted(part) == part->segment->doc_count)
            leave_out(writer, i);
    }
}

static size_t list_sources(const qi_writer *writer, const bool *picks, qi_merge_source *sources)
{
    size_t count = 0;
    for (size_t i = 0; i < writer->parts.list.count; i++) {
        const qi_writer_part *part = &writer->parts.list.items[i];
        if (picks[i])
            sources[count++] = (qi_merge_source){
                part->segment, part->deletes == NULL ? NULL : &part->deletes->set};
    }
    return count;
}

/* Merge to a file of a new name. */
static quire_status merge_to(qi_writer *writer, qi_file_id *id, const qi_merge_plan *plan,
                             quire_error *err)
{
    quire_status status = QUIRE_ERR_EXISTS;
    for (int i = 0; status == QUIRE_ERR_EXISTS && i < NAME_ATTEMPTS; i++) {
        QI_TRY(qi_catalog_next_segment(writer->catalog, id, err));
        status = qi_merge(writer->dir, id, plan, err);
    }
    return status;
}

/* The same with the documents in the order that the writer is to give them. */
static quire_status merge_ordered(qi_writer *writer, qi_file_id *id, const qi_merge_plan *plan,
                                  quire_error *err)
{
    qi_merge_plan ordered = *plan;
    size_t live = (size_t)qi_sources_live(plan->sources, plan->count);
    uint32_t *order = qi_mem_new(live, sizeof *order);
    if (order == NULL)
        return qi_no_memory(err);
    ordered.order = order;
    quire_status status =
        qi_order_find(order, plan, writer->config.order, writer->config.max_memory, err);
    if (status == QUIRE_OK)
        status = merge_to(writer, id, &ordered, err);
    qi_mem_free(order);
    return status;
}

/* Merge the segments picked into one. */
static quire_status merge_picked(qi_writer *writer, const bool *picks, bool ordered,
                                 quire_error *err)
{
    size_t all = writer->parts.list.count;
    qi_merge_source *sources = qi_mem_new(all, sizeof *sources);
    if (sources == NULL || !QI_VEC_RESERVE(&writer->parts.list, 1)) {
        qi_mem_free(sources);
        return qi_no_memory(err);
    }
    qi_merge_plan plan = {.schema = qi_writer_schema(writer),
                          .sources = sources,
                          .hold = writer->config.max_memory / HOLD_SHARE + 1};
    plan.count = list_sources(writer, picks, sources);
    qi_file_id id;
    quire_status status =
        ordered ? merge_ordered(writer, &id, &plan, err) : merge_to(writer, &id, &plan, err);
    qi_mem_free(sources);
    qi_writer_part merged = {0};
    if (status == QUIRE_OK)
        status = enter_segment(writer, &id, &merged, err);
    for (size_t i = all; status == QUIRE_OK && i-- > 0;)
        if (picks[i])
            leave_out(writer, i);
    return status;
}

/* One of the policy's; `most` bytes to merge, or segments to leave. */
typedef size_t choose(const qi_policy_segment *segments, size_t count, uint64_t most, bool *picks);

/* What a merge holds in memory for a segment: ordinals and links of terms, and a little for each
 * document. */
static uint64_t merge_memory(const qi_segment *segment)
{
    enum { TERM = 10, DOCUMENT = 32 };
    return TERM * segment->stat.terms + (uint64_t)DOCUMENT * segment->doc_count;
}

static qi_policy_segment describe(const qi_writer *writer, const qi_writer_part *part)
{
    uint64_t memory = merge_memory(part->segment) / (writer->config.max_memory / 1000 + 1);
    qi_policy_segment about = {.bytes = part->entry.length,
                               .documents = part->entry.documents,
                               .deleted = qi_parts_deleted(part),
                               .memory = memory < UINT32_MAX ? (uint32_t)memory : UINT32_MAX};
    for (size_t f = 0; f < part->segment->schema->fields.count; f++)
        if (part->segment->fields[f].words > about.words)
            about.words = part->segment->fields[f].words;
    return about;
}

static size_t choose_all(const qi_policy_segment *segments, size_t count, uint64_t most,
                         bool *picks)
{
    (void)segments;
    (void)most;
    for (size_t i = 0; i < count; i++)
        picks[i] = true;
    return count;
}

/* Merge once what `how` chooses, of which *bytes tells the bytes; all of them with their documents
 * in order. DONE if that is nothing. */
static quire_status merge_once(qi_writer *writer, choose *how, uint64_t most, uint64_t *bytes,
                               quire_error *err)
{
    leave_out_dead(writer);
    size_t count = writer->parts.list.count;
    qi_policy_segment *segments = qi_mem_new(count, sizeof *segments);
    bool *picks = qi_mem_new(count, sizeof *picks);
    quire_status status = segments != NULL && picks != NULL ? QUIRE_OK : qi_no_memory(err);
    *bytes = 0;
    for (size_t i = 0; status == QUIRE_OK && i < count; i++)
        segments[i] = describe(writer, &writer->parts.list.items[i]);
    if (status == QUIRE_OK && how(segments, count, most, picks) == 0)
        status = QUIRE_DONE;
    for (size_t i = 0; status == QUIRE_OK && i < count; i++)
        *bytes += picks[i] ? segments[i].bytes : 0;
    if (status == QUIRE_OK)
        status = merge_picked(writer, picks, how == choose_all, err);
    qi_mem_free(segments);
    qi_mem_free(picks);
    return status;
}

/* Merge as the policy says, within the bound that the host may have set. A failure leaves the
 * segments as they are: the next time it is tried again. */
static void merge_auto(qi_writer *writer)
{
    uint64_t left = writer->config.max_merge != 0 ? writer->config.max_merge : UINT64_MAX, bytes;
    while (writer->config.auto_merge &&
           merge_once(writer, qi_policy_choose, left, &bytes, NULL) == QUIRE_OK)
        left -= bytes;
}

/* ---- Adding and deleting ---- */

static bool is_full(const qi_writer *writer)
{
    return writer->pending != NULL &&
           (qi_memindex_memory(writer->pending) >= writer->config.max_memory ||
            qi_memindex_full(writer->pending));
}

/* Have room in memory for a document. */
static quire_status make_room(qi_writer *writer, quire_error *err)
{
    if (is_full(writer)) {
        QI_TRY(flush(writer, err));
        merge_auto(writer);
    }
    if (writer->pending != NULL)
        return QUIRE_OK;
    return qi_memindex_new(&writer->pending, qi_writer_schema(writer), err);
}

/* Add a document in this thread. */
static quire_status add_own(qi_writer *writer, const qi_ingest_value *values,
                            const qi_batch_doc *doc, quire_error *err)
{
    uint32_t key_field = qi_writer_schema(writer)->key;
    QI_TRY(make_room(writer, err));
    writer->victims.count = 0;
    if (key_field != QI_NO_FIELD)
        QI_TRY(qi_parts_find(&writer->parts, key_field, doc->key, &writer->victims, err));
    QI_TRY(qi_ingest_add(writer->ingest, writer->pending, values, doc->count, doc->language, err));
    if (key_field == QI_NO_FIELD)
        return QUIRE_OK;
    qi_parts_delete(&writer->parts, &writer->victims);
    uint32_t replaced =
        qi_memindex_delete(writer->pending, key_field, doc->key, writer->pending->doc_count - 1);
    writer->stat.deleted += writer->victims.count + replaced;
    return QUIRE_OK;
}

quire_status qi_writer_add(qi_writer *writer, const qi_ingest_value *values, size_t count,
                           const char *language, quire_error *err)
{
    qi_batch_doc doc = {.count = count, .language = language};
    bool settled = writer->sample.settled;
    QI_TRY(check_open(writer, err));
    QI_TRY(qi_ingest_check(writer->ingest, values, count, &doc.key, err));
    QI_TRY(qi_sample_add(&writer->sample, writer->ingest, values, count, language, err));
    if (writer->sample.settled != settled)
        tell_dictionary(writer, false);
    if (writer->crew == NULL) {
        QI_TRY(add_own(writer, values, &doc, err));
    } else {
        QI_TRY(qi_crew_add(writer->crew, values, &doc, err));
        QI_TRY(take_segments(writer, err));
    }
    writer->stat.added++;
    return QUIRE_OK;
}

quire_status qi_writer_delete(qi_writer *writer, quire_str key, quire_error *err)
{
    uint32_t field = qi_writer_schema(writer)->key;
    QI_TRY(check_open(writer, err));
    if (field == QI_NO_FIELD)
        return qi_fail(err, QUIRE_ERR_MISUSE, "the schema has no key field");
    qi_memindex *memory;
    QI_TRY(settle(writer, &memory, err));
    writer->victims.count = 0;
    QI_TRY(qi_parts_find(&writer->parts, field, key, &writer->victims, err));
    qi_parts_delete(&writer->parts, &writer->victims);
    size_t count = writer->victims.count;
    if (memory != NULL)
        count += qi_memindex_delete(memory, field, key, UINT32_MAX);
    writer->stat.deleted += count;
    if (count != 0)
        return QUIRE_OK;
    return qi_fail(err, QUIRE_ERR_NOT_FOUND, "no document has the key '%.*s'",
                   (int)(key.len < 100 ? key.len : 100), key.len != 0 ? key.ptr : "");
}

/* ---- Commit ---- */

/* Write the deleted documents of a part, if there are more than its file says. */
static quire_status write_deletes(qi_writer *writer, qi_writer_part *part, quire_error *err)
{
    if (!part->changed)
        return QUIRE_OK;
    qi_file_id id;
    quire_status status = QUIRE_ERR_EXISTS;
    for (int i = 0; status == QUIRE_ERR_EXISTS && i < NAME_ATTEMPTS; i++) {
        QI_TRY(qi_catalog_next_deletes(writer->catalog, part->entry.seq, &id, err));
        status = qi_files_write_deletes(writer->dir, &id, &part->deletes->set, err);
    }
    if (status != QUIRE_OK)
        return status;
    qi_catalog_made(writer->catalog);
    if (part->entry.deletes != 0) /* written for a commit that failed */
        qi_catalog_drop(writer->catalog, part->entry.seq, part->entry.deletes);
    part->entry.deletes = id.seq;
    part->entry.deletes_length = id.length;
    part->entry.deletes_hash = id.hash;
    part->entry.deleted = part->deletes->set.count;
    part->changed = false;
    return QUIRE_OK;
}

static quire_status prepare(qi_writer *writer, quire_str payload, quire_error *err)
{
    size_t count = writer->parts.list.count;
    /* What follows a published commit must not fail. */
    if (!QI_VEC_RESERVE(&writer->committed.list, count))
        return qi_no_memory(err);
    qi_manifest_entry *entries = qi_mem_new(count, sizeof *entries);
    quire_status status = entries != NULL ? QUIRE_OK : qi_no_memory(err);
    for (size_t i = 0; status == QUIRE_OK && i < count; i++) {
        status = write_deletes(writer, &writer->parts.list.items[i], err);
        entries[i] = writer->parts.list.items[i].entry;
    }
    if (status == QUIRE_OK)
        status = qi_catalog_prepare(writer->catalog, entries, count, payload, err);
    qi_mem_free(entries);
    return status;
}

static quire_status publish(qi_writer *writer, quire_error *err)
{
    QI_TRY(qi_catalog_publish(writer->catalog, err));
    qi_parts_assign(&writer->committed, &writer->parts);
    qi_sample_forget(&writer->sample);
    writer->stat.added = writer->stat.deleted = 0;
    return QUIRE_OK;
}

quire_status qi_writer_commit(qi_writer *writer, quire_str payload, bool prepare_only,
                              quire_error *err)
{
    if (qi_catalog_is_prepared(writer->catalog)) {
        if (prepare_only || payload.len != 0)
            return qi_fail(err, QUIRE_ERR_MISUSE,
                           "a commit is prepared, with its payload: publish or roll it back");
        return publish(writer, err);
    }
    if (payload.len > QI_MANIFEST_PAYLOAD_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "the payload of a commit is at most 64 KiB");
    size_t before = writer->parts.list.count;
    QI_TRY(flush(writer, err));
    leave_out_dead(writer);
    size_t count = writer->parts.list.count;
    if (writer->crew == NULL || count <= before + 1 || count > MANY)
        merge_auto(writer); /* up to MANY at once are for a later commit to merge */
    QI_TRY(prepare(writer, payload, err));
    return prepare_only ? QUIRE_OK : publish(writer, err);
}

quire_status qi_writer_rollback(qi_writer *writer, quire_error *err)
{
    if (writer->crew != NULL)
        qi_crew_abandon(writer->crew);
    QI_TRY(qi_catalog_rollback(writer->catalog, err));
    qi_memindex_free(writer->pending);
    writer->pending = NULL;
    qi_sample_forget(&writer->sample);
    tell_dictionary(writer, false);
    qi_parts_assign(&writer->parts, &writer->committed);
    writer->stat.added = writer->stat.deleted = 0;
    return QUIRE_OK;
}

quire_status qi_writer_merge(qi_writer *writer, uint32_t max_segments, quire_error *err)
{
    QI_TRY(check_open(writer, err));
    if (max_segments == 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "a merge leaves at least one segment");
    QI_TRY(qi_writer_commit(writer, manifest_of(writer)->current.payload, false, err));
    bool ordered = max_segments == 1 && writer->config.order != QUIRE_ORDER_ADDED;
    uint64_t bytes;
    quire_status status =
        merge_once(writer, ordered ? choose_all : qi_policy_reduce, max_segments, &bytes, err);
    if (status == QUIRE_DONE)
        return QUIRE_OK;
    QI_TRY(status);
    QI_TRY(prepare(writer, manifest_of(writer)->current.payload, err));
    return publish(writer, err);
}

quire_writer_stat qi_writer_stat(const qi_writer *writer)
{
    quire_writer_stat stat = writer->stat;
    stat.invalid_bytes = qi_ingest_invalid_bytes(writer->ingest);
    stat.long_tokens = qi_ingest_long_tokens(writer->ingest);
    stat.memory = writer->pending != NULL ? qi_memindex_memory(writer->pending) : 0;
    if (writer->crew != NULL)
        qi_crew_stat(writer->crew, &stat);
    return stat;
}
