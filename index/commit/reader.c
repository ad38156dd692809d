/* SPDX-License-Identifier: MIT
 * A reader locks nothing but the generation that it pins, and where it cannot, a writer may remove
 * a file before it is mapped: then the reader starts over, as long as newer commits explain the
 * loss. Once mapped, the files are no longer needed by name.
 *
 * The segments of the newest snapshot are kept in a list, so that the next one maps only what is
 * new. */
#include "commit/reader.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "commit/catalog.h"
#include "commit/files.h"

/* What an open snapshot holds besides segments. */
typedef struct holding {
    qi_reader *reader;
    qi_lock pin;
    qi_reader_owner owner;
} holding;

/* A snapshot in the making. */
typedef struct opening {
    const qi_manifest_commit *commit;
    size_t count; /* segments opened */
    qi_segment **segments;
    qi_docset **deleted;
} opening;

quire_status qi_reader_init(qi_reader *reader, qi_dir *dir, quire_error *err)
{
    qi_manifest manifest;
    *reader = (qi_reader){.dir = dir, .process = qi_os_process()};
    QI_TRY(qi_catalog_read(&manifest, dir, err));
    reader->schema = qi_schema_retain(manifest.schema);
    memcpy(reader->uuid, manifest.uuid, sizeof reader->uuid);
    qi_manifest_free(&manifest);
    reader->mutex = qi_os_mutex_new();
    if (reader->mutex != NULL)
        return QUIRE_OK;
    qi_reader_free(reader);
    return qi_no_memory(err);
}

static void forget_shared(qi_reader *reader)
{
    for (size_t i = 0; i < reader->shared.count; i++)
        qi_segment_release(reader->shared.items[i].segment);
    reader->shared.count = 0;
}

void qi_reader_free(qi_reader *reader)
{
    forget_shared(reader);
    QI_VEC_FREE(&reader->shared);
    qi_schema_release(reader->schema);
    qi_os_mutex_free(reader->mutex);
    *reader = (qi_reader){0};
}

/* A share of the segment if an open snapshot has it, else NULL. */
static qi_segment *find_shared(qi_reader *reader, const qi_manifest_entry *entry)
{
    qi_segment *segment = NULL;
    qi_os_mutex_lock(reader->mutex);
    for (size_t i = 0; segment == NULL && i < reader->shared.count; i++) {
        const qi_reader_segment *there = &reader->shared.items[i];
        if (there->seq == entry->seq && there->hash == entry->hash)
            segment = qi_segment_retain(there->segment);
    }
    qi_os_mutex_unlock(reader->mutex);
    return segment;
}

/* A new snapshot is open: its segments are the ones to share. Without memory they are just not
 * shared. */
static void share(qi_reader *reader, const opening *o)
{
    qi_os_mutex_lock(reader->mutex);
    reader->snapshots++;
    bool room = QI_VEC_RESERVE(&reader->shared, o->count);
    forget_shared(reader);
    for (size_t i = 0; room && i < o->count; i++) {
        const qi_manifest_entry *entry = &o->commit->entries.items[i];
        reader->shared.items[reader->shared.count++] =
            (qi_reader_segment){entry->seq, entry->hash, qi_segment_retain(o->segments[i])};
    }
    qi_os_mutex_unlock(reader->mutex);
}

static void release_holding(void *payload)
{
    holding *held = payload;
    qi_reader *reader = held->reader;
    if (held->pin.owner != NULL)
        reader->dir->ops->unlock(&held->pin);
    if (reader->process == qi_os_process()) {
        qi_os_mutex_lock(reader->mutex);
        if (--reader->snapshots == 0)
            forget_shared(reader);
        qi_os_mutex_unlock(reader->mutex);
    }
    held->owner.release(held->owner.owner);
    qi_mem_free(held);
}

static quire_status open_entry(qi_reader *reader, opening *o, quire_error *err)
{
    const qi_manifest_entry *entry = &o->commit->entries.items[o->count];
    qi_segment *segment = find_shared(reader, entry);
    if (segment == NULL)
        QI_TRY(
            qi_files_open_segment(&segment, reader->dir, reader->uuid, entry, reader->schema, err));
    o->segments[o->count++] = segment;
    if (reader->verify)
        QI_TRY(qi_files_verify(segment, err));
    if (entry->deletes == 0)
        return QUIRE_OK;
    qi_docset *set = o->deleted[o->count - 1] = qi_mem_new(1, sizeof *set);
    return set == NULL ? qi_no_memory(err)
                       : qi_files_open_deletes(set, reader->dir, reader->uuid, entry, err);
}

/* Let go of the segments, and of the sets too unless a snapshot took them. */
static void close_opening(opening *o, bool taken)
{
    for (size_t i = 0; i < o->count; i++) {
        qi_segment_release(o->segments[i]);
        if (taken || o->deleted[i] == NULL)
            continue;
        qi_docset_free(o->deleted[i]);
        qi_mem_free(o->deleted[i]);
    }
    qi_mem_free(o->segments);
    qi_mem_free(o->deleted);
}

static quire_status open_commit(qi_reader *reader, const qi_manifest_commit *commit,
                                quire_snapshot **out, quire_error *err)
{
    size_t count = commit->entries.count;
    opening o = {.commit = commit,
                 .segments = qi_mem_new(count, sizeof(qi_segment *)),
                 .deleted = qi_mem_new(count, sizeof(qi_docset *))};
    quire_status status = o.segments != NULL && o.deleted != NULL ? QUIRE_OK : qi_no_memory(err);
    while (status == QUIRE_OK && o.count < count)
        status = open_entry(reader, &o, err);
    if (status == QUIRE_OK) {
        qi_snapshot_source source = {.schema = reader->schema,
                                     .count = count,
                                     .segments = o.segments,
                                     .deleted = o.deleted,
                                     .generation = commit->generation,
                                     .payload = commit->payload};
        status = qi_snapshot_new(out, &source, err);
    }
    if (status == QUIRE_OK)
        share(reader, &o);
    close_opening(&o, status == QUIRE_OK);
    return status;
}

static quire_status read_manifest(const qi_reader *reader, qi_manifest *out, qi_lock *pin,
                                  quire_error *err)
{
    if (reader->pin)
        QI_TRY(qi_catalog_pin(out, pin, reader->dir, err));
    else
        QI_TRY(qi_catalog_read(out, reader->dir, err));
    quire_status status = QUIRE_OK;
    if (memcmp(out->uuid, reader->uuid, sizeof out->uuid) != 0)
        status = qi_fail(err, QUIRE_ERR_IO,
                         "another index has taken the place of the one in '%.120s': open it anew",
                         reader->dir->name);
    else if (reader->previous && out->previous.generation == 0)
        status = qi_fail(err, QUIRE_ERR_NOT_FOUND, "'%.150s' has no commit before its first",
                         reader->dir->name);
    if (status == QUIRE_OK)
        return QUIRE_OK;
    if (pin->owner != NULL)
        reader->dir->ops->unlock(pin);
    qi_manifest_free(out);
    return status;
}

/* Open the newest commit once. DONE: a file was missing, and `reason` says which. */
static quire_status try_open(qi_reader *reader, holding *held, quire_snapshot **out,
                             uint64_t *generation, quire_error *reason)
{
    qi_manifest manifest;
    QI_TRY(read_manifest(reader, &manifest, &held->pin, reason));
    *generation = manifest.current.generation;
    quire_status status =
        open_commit(reader, reader->previous ? &manifest.previous : &manifest.current, out, reason);
    qi_manifest_free(&manifest);
    if (status != QUIRE_OK && held->pin.owner != NULL)
        reader->dir->ops->unlock(&held->pin);
    return status == QUIRE_ERR_NOT_FOUND ? QUIRE_DONE : status;
}

/* Start over while newer commits explain that a file is missing. */
static quire_status open_newest(qi_reader *reader, holding *held, quire_snapshot **out,
                                quire_error *err)
{
    uint64_t last = 0, generation = 0;
    for (;;) {
        quire_error reason = {0};
        quire_status status = try_open(reader, held, out, &generation, &reason);
        if (status == QUIRE_OK)
            return QUIRE_OK;
        if (status == QUIRE_DONE && generation > last) {
            last = generation;
            continue;
        }
        if (status == QUIRE_DONE)
            return qi_corrupt(err, QI_MANIFEST_NAME, NULL, 0, "a file is missing: %.120s",
                              reason.message);
        if (err != NULL)
            *err = reason;
        return status;
    }
}

quire_status qi_reader_snapshot(qi_reader *reader, qi_reader_owner owner, quire_snapshot **out,
                                quire_error *err)
{
    *out = NULL;
    holding *held = qi_mem_new(1, sizeof *held);
    if (held == NULL)
        return qi_no_memory(err);
    *held = (holding){.reader = reader, .owner = owner};
    quire_status status = open_newest(reader, held, out, err);
    if (status != QUIRE_OK) {
        qi_mem_free(held);
        return status;
    }
    (*out)->on_free = release_holding;
    (*out)->payload = held;
    return QUIRE_OK;
}
