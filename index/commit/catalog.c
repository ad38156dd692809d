/* SPDX-License-Identifier: MIT
 * The commit protocol.
 *
 *     prepare:  the files of the commit are written and synced
 *               sync the folder                         barrier A: their names are durable
 *               write and sync MANIFEST.tmp
 *     publish:  rename MANIFEST.tmp to MANIFEST         a process that dies leaves old or new
 *               sync the folder                         barrier B: so does a power cut
 *               remove what neither this commit nor the one before uses
 *
 * Invariant: every file that the durable MANIFEST lists, as current or previous, is durable and has
 * its name. Hence nothing is removed between A and B, and a writer that opens syncs the folder
 * before it removes what a dead one left: the MANIFEST that it reads may not be durable yet. A
 * failed sync is never tried again. */
#include "commit/catalog.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "store/os.h"

/* A file, and the generations that may need it: those below `pins`. */
typedef struct file_ref {
    uint64_t seq, deletes;
    uint64_t pins;
} file_ref;

typedef QI_VEC(file_ref) file_refs;

struct qi_catalog {
    qi_dir *dir;
    qi_lock lock;
    qi_manifest manifest; /* as of the last commit */
    uint64_t next;        /* the next number of a file */
    file_refs fresh;      /* made since the last commit */
    file_ref chosen;      /* about to be made; `fresh` has room for it */
    file_refs old;        /* to be removed when nobody pins them */
    qi_manifest_commit prepared;
    bool is_prepared;
    bool unknown; /* what the last commit came to */
};

enum { READ_ATTEMPTS = 1000, WAIT_STEP_MS = 5 };

/* ---- Reading ---- */

static bool note_segment(void *payload, const char *name)
{
    uint64_t seq, deletes;
    bool *found = payload;
    *found = qi_manifest_parse_name(name, &seq, &deletes) && deletes == 0;
    return !*found;
}

/* There is no MANIFEST, or a file of something else: was there an index? Then `what` happened to
 * it, else it is as `err` tells. */
static quire_status explain_absence(qi_dir *dir, const char *what, quire_error *err)
{
    bool segments = false;
    quire_status status = dir->ops->list(dir, note_segment, &segments, err);
    if (status == QUIRE_OK && segments)
        return qi_corrupt(err, QI_MANIFEST_NAME, NULL, 0, "%s, though there are segments", what);
    return status == QUIRE_OK ? QUIRE_ERR_FORMAT : status;
}

quire_status qi_catalog_read(qi_manifest *out, qi_dir *dir, quire_error *err)
{
    qi_bytes bytes;
    *out = (qi_manifest){0};
    quire_status status = dir->ops->map(dir, QI_MANIFEST_NAME, &bytes, err);
    if (status == QUIRE_ERR_NOT_FOUND) {
        qi_fail(err, QUIRE_ERR_FORMAT, "'%.150s' is not a Quire index: it has no file %s",
                dir->name, QI_MANIFEST_NAME);
        return explain_absence(dir, "the file is missing", err);
    }
    if (status != QUIRE_OK)
        return status;
    bool known = qi_manifest_known(bytes.at, bytes.len);
    status = qi_manifest_decode(out, bytes.at, bytes.len, dir->name, err);
    dir->ops->unmap(dir, &bytes);
    return known ? status : explain_absence(dir, "the file is overwritten", err);
}

quire_status qi_catalog_pin(qi_manifest *out, qi_lock *pin, qi_dir *dir, quire_error *err)
{
    *pin = (qi_lock){0};
    QI_TRY(qi_catalog_read(out, dir, err));
    for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        qi_manifest again = {0};
        quire_status status =
            dir->ops->lock(dir, QI_LOCK_PIN + out->current.generation, false, pin, err);
        if (status == QUIRE_OK && pin->owner == NULL)
            return QUIRE_OK;
        if (status == QUIRE_OK)
            status = qi_catalog_read(&again, dir, err);
        bool same = again.current.generation == out->current.generation;
        if (status == QUIRE_OK && same) {
            qi_manifest_free(&again);
            return QUIRE_OK;
        }
        /* A commit came in between, and its writer may not have seen the pin. */
        if (pin->owner != NULL)
            dir->ops->unlock(pin);
        qi_manifest_free(out);
        if (status != QUIRE_OK)
            return status;
        *out = again;
    }
    qi_manifest_free(out);
    return qi_fail(err, QUIRE_ERR_BUSY, "'%.120s' changes faster than it can be read", dir->name);
}

void qi_catalog_segment_id(qi_file_id *out, const uint8_t uuid[16], const qi_manifest_entry *entry)
{
    *out = (qi_file_id){.seq = entry->seq, .length = entry->length, .hash = entry->hash};
    memcpy(out->uuid, uuid, sizeof out->uuid);
    qi_manifest_segment_name(out->name, entry->seq);
}

void qi_catalog_deletes_id(qi_file_id *out, const uint8_t uuid[16], const qi_manifest_entry *entry)
{
    *out = (qi_file_id){
        .seq = entry->deletes, .length = entry->deletes_length, .hash = entry->deletes_hash};
    memcpy(out->uuid, uuid, sizeof out->uuid);
    qi_manifest_deletes_name(out->name, entry->seq, entry->deletes);
}

/* ---- Removing ---- */

static bool lists(const qi_manifest_commit *commit, const file_ref *file)
{
    const qi_manifest_entry *entry = qi_manifest_commit_find(commit, file->seq);
    return entry != NULL && (file->deletes == 0 || entry->deletes == file->deletes);
}

static bool remove_file(const qi_catalog *catalog, const file_ref *file)
{
    char name[QI_MANIFEST_NAME_ROOM];
    if (file->deletes == 0)
        qi_manifest_segment_name(name, file->seq);
    else
        qi_manifest_deletes_name(name, file->seq, file->deletes);
    return catalog->dir->ops->remove(catalog->dir, name, NULL) == QUIRE_OK;
}

static void erase(file_refs *files, size_t i)
{
    files->items[i] = files->items[--files->count];
}

/* Remove the old files that nobody pins. What cannot be removed now is tried again after the next
 * commit. */
static void collect(qi_catalog *catalog)
{
    qi_dir *dir = catalog->dir;
    for (size_t i = catalog->old.count; i-- > 0;) {
        const file_ref *file = &catalog->old.items[i];
        bool pinned;
        if (dir->ops->locked(dir, QI_LOCK_PIN, file->pins, &pinned, NULL) == QUIRE_OK && !pinned &&
            remove_file(catalog, file))
            erase(&catalog->old, i);
    }
}

/* Remove the files made since the last commit that the current one does not list; nobody ever saw
 * them. */
static void collect_fresh(qi_catalog *catalog, bool all)
{
    for (size_t i = catalog->fresh.count; i-- > 0;)
        if (!all && lists(&catalog->manifest.current, &catalog->fresh.items[i]))
            erase(&catalog->fresh, i);
        else if (remove_file(catalog, &catalog->fresh.items[i]))
            erase(&catalog->fresh, i);
}

/* Note the files of `gone` that the current and the previous commit do without. There is room. */
static void retire(qi_catalog *catalog, const qi_manifest_commit *gone)
{
    const qi_manifest *manifest = &catalog->manifest;
    for (size_t i = 0; i < gone->entries.count; i++) {
        const qi_manifest_entry *entry = &gone->entries.items[i];
        file_ref files[] = {{entry->seq, 0, gone->generation + 1},
                            {entry->seq, entry->deletes, gone->generation + 1}};
        for (int j = 0; j < (entry->deletes == 0 ? 1 : 2); j++)
            if (!lists(&manifest->current, &files[j]) && !lists(&manifest->previous, &files[j]))
                catalog->old.items[catalog->old.count++] = files[j];
    }
}

/* ---- Opening ---- */

static quire_status take_lock(qi_catalog *catalog, uint32_t wait_ms, quire_error *err)
{
    qi_dir *dir = catalog->dir;
    uint64_t until = qi_os_clock_ms() + wait_ms;
    for (;;) {
        quire_status status = dir->ops->lock(dir, QI_LOCK_WRITER, true, &catalog->lock, err);
        if (status != QUIRE_ERR_BUSY || qi_os_clock_ms() >= until)
            return status;
        qi_os_sleep(WAIT_STEP_MS);
    }
}

typedef struct leftovers {
    qi_catalog *catalog;
    bool failed; /* out of memory */
} leftovers;

/* Note a file that belongs to neither commit. Nothing but names that a catalog gives is ever
 * touched. */
static bool note_leftover(void *payload, const char *name)
{
    leftovers *found = payload;
    qi_catalog *catalog = found->catalog;
    const qi_manifest *manifest = &catalog->manifest;
    file_ref file = {.pins = manifest->previous.generation};
    if (!qi_manifest_parse_name(name, &file.seq, &file.deletes))
        return true;
    uint64_t number = file.deletes > file.seq ? file.deletes : file.seq;
    if (number >= catalog->next && number < UINT64_MAX)
        catalog->next = number + 1;
    if (!lists(&manifest->current, &file) && !lists(&manifest->previous, &file))
        found->failed = !QI_VEC_PUSH(&catalog->old, file);
    return !found->failed;
}

static quire_status recover(qi_catalog *catalog, quire_error *err)
{
    qi_dir *dir = catalog->dir;
    leftovers found = {catalog, false};
    QI_TRY(qi_catalog_read(&catalog->manifest, dir, err));
    catalog->next = catalog->manifest.next;
    QI_TRY(dir->ops->sync_dir(dir, err));
    QI_TRY(dir->ops->list(dir, note_leftover, &found, err));
    if (found.failed)
        return qi_no_memory(err);
    QI_TRY(dir->ops->remove(dir, QI_MANIFEST_TEMP, err));
    collect(catalog);
    return QUIRE_OK;
}

static void free_catalog(qi_catalog *catalog)
{
    if (catalog->lock.owner != NULL)
        catalog->dir->ops->unlock(&catalog->lock);
    qi_manifest_free(&catalog->manifest);
    qi_manifest_commit_free(&catalog->prepared);
    QI_VEC_FREE(&catalog->fresh);
    QI_VEC_FREE(&catalog->old);
    qi_mem_free(catalog);
}

quire_status qi_catalog_open(qi_catalog **out, qi_dir *dir, uint32_t wait_ms, quire_error *err)
{
    *out = NULL;
    /* Said before the lock, lest a folder that is no index gets a lock file. */
    qi_manifest manifest;
    QI_TRY(qi_catalog_read(&manifest, dir, err));
    qi_manifest_free(&manifest);
    qi_catalog *catalog = qi_mem_new(1, sizeof *catalog);
    if (catalog == NULL)
        return qi_no_memory(err);
    catalog->dir = dir;
    quire_status status = take_lock(catalog, wait_ms, err);
    if (status == QUIRE_OK)
        status = recover(catalog, err);
    if (status == QUIRE_OK)
        *out = catalog;
    else
        free_catalog(catalog);
    return status;
}

static bool note_index(void *payload, const char *name)
{
    bool *found = payload;
    *found = *found || strcmp(name, QI_MANIFEST_NAME) == 0;
    return *found || note_segment(payload, name);
}

static quire_status create_first(qi_catalog *catalog, const quire_schema *schema, quire_error *err)
{
    qi_dir *dir = catalog->dir;
    bool found = false;
    QI_TRY(take_lock(catalog, 0, err));
    QI_TRY(dir->ops->list(dir, note_index, &found, err));
    if (found)
        return qi_fail(err, QUIRE_ERR_EXISTS, "there is an index in '%.150s' already", dir->name);
    QI_TRY(qi_os_random(catalog->manifest.uuid, sizeof catalog->manifest.uuid, err));
    catalog->manifest.schema = qi_schema_retain(schema);
    catalog->next = 1;
    QI_TRY(qi_catalog_prepare(catalog, NULL, 0, (quire_str){NULL, 0}, err));
    return qi_catalog_publish(catalog, err);
}

quire_status qi_catalog_create(qi_dir *dir, const quire_schema *schema, quire_error *err)
{
    qi_catalog *catalog = qi_mem_new(1, sizeof *catalog);
    if (catalog == NULL)
        return qi_no_memory(err);
    catalog->dir = dir;
    quire_status status = create_first(catalog, schema, err);
    free_catalog(catalog);
    return status;
}

void qi_catalog_close(qi_catalog *catalog)
{
    if (catalog == NULL)
        return;
    /* The child of a fork leaves the files to its parent. */
    (void)qi_catalog_rollback(catalog, NULL);
    free_catalog(catalog);
}

const qi_manifest *qi_catalog_manifest(const qi_catalog *catalog)
{
    return &catalog->manifest;
}

/* ---- New files ---- */

static quire_status check_usable(const qi_catalog *catalog, quire_error *err)
{
    if (catalog->unknown)
        return qi_fail(err, QUIRE_ERR_IO,
                       "the outcome of the last commit is not known: close the writer of '%.100s' "
                       "and open it again to see",
                       catalog->dir->name);
    return catalog->dir->ops->lock_check(&catalog->lock, err);
}

/* Number a file; `seq` 0: a segment, else deletes of it. */
static quire_status next_file(qi_catalog *catalog, uint64_t seq, qi_file_id *id, quire_error *err)
{
    *id = (qi_file_id){0};
    QI_TRY(check_usable(catalog, err));
    if (!QI_VEC_RESERVE(&catalog->fresh, 1))
        return qi_no_memory(err);
    id->seq = catalog->next++;
    memcpy(id->uuid, catalog->manifest.uuid, sizeof id->uuid);
    if (seq == 0)
        qi_manifest_segment_name(id->name, id->seq);
    else
        qi_manifest_deletes_name(id->name, seq, id->seq);
    catalog->chosen = seq == 0 ? (file_ref){id->seq, 0, 0} : (file_ref){seq, id->seq, 0};
    return QUIRE_OK;
}

quire_status qi_catalog_next_segment(qi_catalog *catalog, qi_file_id *id, quire_error *err)
{
    return next_file(catalog, 0, id, err);
}

quire_status qi_catalog_next_deletes(qi_catalog *catalog, uint64_t seq, qi_file_id *id,
                                     quire_error *err)
{
    return next_file(catalog, seq, id, err);
}

void qi_catalog_made(qi_catalog *catalog)
{
    catalog->fresh.items[catalog->fresh.count++] = catalog->chosen;
}

quire_status qi_catalog_adopt(qi_catalog *catalog, uint64_t seq, quire_error *err)
{
    file_ref file = {seq, 0, 0};
    if (QI_VEC_PUSH(&catalog->fresh, file))
        return QUIRE_OK;
    (void)remove_file(catalog, &file);
    return qi_no_memory(err);
}

void qi_catalog_drop(qi_catalog *catalog, uint64_t seq, uint64_t deletes)
{
    if (check_usable(catalog, NULL) != QUIRE_OK)
        return;
    for (size_t i = catalog->fresh.count; i-- > 0;) {
        const file_ref *file = &catalog->fresh.items[i];
        if (file->seq == seq && file->deletes == deletes && remove_file(catalog, file))
            erase(&catalog->fresh, i);
    }
}

/* ---- Commit ---- */

/* Write MANIFEST.tmp. The current commit becomes its previous one. */
static quire_status write_temp(qi_catalog *catalog, quire_error *err)
{
    qi_dir *dir = catalog->dir;
    qi_manifest next = catalog->manifest; /* borrows its parts */
    next.next = catalog->next;
    next.previous = catalog->manifest.current;
    next.current = catalog->prepared;
    qi_buf bytes;
    qi_out out = {0};
    qi_buf_init(&bytes, 0);
    qi_manifest_encode(&next, &bytes);
    quire_status status = QUIRE_OK;
    if (bytes.failed)
        status = qi_no_memory(err);
    else if (bytes.len > QI_MANIFEST_MAX)
        status = qi_fail(err, QUIRE_ERR_LIMIT, "a commit lists more files than fit in 16 MiB");
    if (status == QUIRE_OK)
        status = dir->ops->remove(dir, QI_MANIFEST_TEMP, err);
    if (status == QUIRE_OK)
        status = dir->ops->create(dir, QI_MANIFEST_TEMP, &out, err);
    if (status == QUIRE_OK)
        status = dir->ops->append(&out, bytes.bytes, bytes.len, err);
    if (out.owner != NULL) {
        quire_status closed = dir->ops->close(&out, status == QUIRE_OK, err);
        status = status == QUIRE_OK ? closed : status;
    }
    qi_buf_free(&bytes);
    return status;
}

static void forget_prepared(qi_catalog *catalog)
{
    if (!catalog->is_prepared)
        return;
    (void)catalog->dir->ops->remove(catalog->dir, QI_MANIFEST_TEMP, NULL);
    qi_manifest_commit_free(&catalog->prepared);
    catalog->is_prepared = false;
}

quire_status qi_catalog_prepare(qi_catalog *catalog, const qi_manifest_entry *entries, size_t count,
                                quire_str payload, quire_error *err)
{
    const qi_manifest *manifest = &catalog->manifest;
    QI_TRY(check_usable(catalog, err));
    if (catalog->is_prepared)
        return qi_fail(err, QUIRE_ERR_MISUSE, "a commit is prepared already");
    if (payload.len > QI_MANIFEST_PAYLOAD_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "the payload of a commit is at most 64 KiB");
    /* Nothing may fail for want of memory once the commit is published. */
    if (!QI_VEC_RESERVE(&catalog->old, 2 * manifest->previous.entries.count))
        return qi_no_memory(err);
    QI_TRY(qi_manifest_commit_make(&catalog->prepared, manifest->current.generation + 1, entries,
                                   count, payload, err));
    catalog->is_prepared = true;
    quire_status status = catalog->dir->ops->sync_dir(catalog->dir, err);
    if (status == QUIRE_OK)
        status = write_temp(catalog, err);
    if (status != QUIRE_OK)
        forget_prepared(catalog);
    return status;
}

static quire_status outcome_unknown(qi_catalog *catalog, const quire_error *reason,
                                    quire_error *err)
{
    catalog->unknown = true;
    qi_fail(err, QUIRE_ERR_IO,
            "%.120s; the outcome of the commit is not known: close and open again to see",
            reason->message);
    if (err != NULL)
        err->os_error = reason->os_error;
    return QUIRE_ERR_IO;
}

/* The rename failed; but some network file systems say so when it was done. */
static quire_status rename_failed(qi_catalog *catalog, const quire_error *reason, quire_error *err)
{
    qi_manifest now;
    quire_status status = qi_catalog_read(&now, catalog->dir, NULL);
    bool first = catalog->manifest.current.generation == 0;
    bool stands = first ? status == QUIRE_ERR_FORMAT
                        : status == QUIRE_OK &&
                              now.current.generation == catalog->manifest.current.generation;
    /* Without memory nothing was renamed, and the manifest perhaps not read for the same reason. */
    stands = stands || reason->code == QUIRE_ERR_MEMORY;
    qi_manifest_free(&now);
    if (!stands)
        return outcome_unknown(catalog, reason, err);
    forget_prepared(catalog);
    if (err != NULL)
        *err = *reason;
    return reason->code;
}

quire_status qi_catalog_publish(qi_catalog *catalog, quire_error *err)
{
    qi_dir *dir = catalog->dir;
    qi_manifest *manifest = &catalog->manifest;
    quire_error reason = {0};
    QI_TRY(check_usable(catalog, err));
    if (!catalog->is_prepared)
        return qi_fail(err, QUIRE_ERR_MISUSE, "no commit is prepared");
    if (dir->ops->publish(dir, QI_MANIFEST_TEMP, QI_MANIFEST_NAME, &reason) != QUIRE_OK)
        return rename_failed(catalog, &reason, err);
    if (dir->ops->sync_dir(dir, &reason) != QUIRE_OK)
        return outcome_unknown(catalog, &reason, err);
    qi_manifest_commit gone = manifest->previous;
    manifest->previous = manifest->current;
    manifest->current = catalog->prepared;
    manifest->next = catalog->next;
    catalog->prepared = (qi_manifest_commit){0};
    catalog->is_prepared = false;
    retire(catalog, &gone);
    qi_manifest_commit_free(&gone);
    collect_fresh(catalog, false);
    collect(catalog);
    return QUIRE_OK;
}

bool qi_catalog_is_prepared(const qi_catalog *catalog)
{
    return catalog->is_prepared;
}

quire_status qi_catalog_rollback(qi_catalog *catalog, quire_error *err)
{
    QI_TRY(check_usable(catalog, err));
    forget_prepared(catalog);
    collect_fresh(catalog, true);
    return QUIRE_OK;
}
