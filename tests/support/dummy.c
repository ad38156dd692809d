/* SPDX-License-Identifier: MIT
 * The bytes of a file follow from its numbers, so that any other bytes are recognised. */
#include "support/dummy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { LONGEST = 400, ENTRIES = 64 };

static uint64_t step(uint64_t *state)
{
    uint64_t v = *state += 0x9E3779B97F4A7C15u;
    v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9u;
    v = (v ^ v >> 27) * 0x94D049BB133111EBu;
    return v ^ v >> 31;
}

/* The bytes of segment `seq` or of deletes `deletes`; their count. */
static size_t content(uint64_t seq, uint64_t deletes, uint8_t bytes[LONGEST])
{
    uint64_t state = seq * 1000003 + deletes;
    size_t len = 20 + step(&state) % (LONGEST - 20);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)step(&state);
    return len;
}

static uint64_t digest(const qi_manifest_commit *commit)
{
    uint64_t hash = qi_hash(commit->payload.ptr, commit->payload.len) ^ commit->generation;
    for (size_t i = 0; i < commit->entries.count; i++) {
        qi_manifest_entry entry = commit->entries.items[i];
        hash = hash * 31 + qi_hash(&entry, sizeof entry);
    }
    return hash;
}

quire_status dummy_create(qi_dir *dir, dummy_model *model, quire_error *err)
{
    quire_schema *schema;
    quire_field field = QUIRE_FIELD_INIT;
    field.name = "text";
    QI_TRY(qi_schema_new(&schema, err));
    quire_status status = qi_schema_add(schema, &field, err);
    qi_manifest_commit first = {.generation = 1};
    model->expected[1] = digest(&first);
    if (status == QUIRE_OK)
        status = qi_catalog_create(dir, schema, err);
    qi_schema_release(schema);
    return status;
}

/* Write and sync a file in two appends; what was begun is removed if it fails. */
static quire_status write(qi_dir *dir, const qi_file_id *id, const uint8_t *bytes, size_t len,
                          quire_error *err)
{
    qi_out out;
    QI_TRY(dir->ops->create(dir, id->name, &out, err));
    quire_status status = dir->ops->append(&out, bytes, len / 3, err);
    if (status == QUIRE_OK)
        status = dir->ops->append(&out, bytes + len / 3, len - len / 3, err);
    quire_status closed = dir->ops->close(&out, status == QUIRE_OK, err);
    status = status == QUIRE_OK ? closed : status;
    if (status != QUIRE_OK)
        (void)dir->ops->remove(dir, id->name, NULL);
    return status;
}

static quire_status add_segment(qi_catalog *catalog, qi_dir *dir, qi_manifest_entry *entry,
                                quire_error *err)
{
    qi_file_id id;
    uint8_t bytes[LONGEST];
    *entry = (qi_manifest_entry){.documents = 10};
    quire_status status;
    do {
        QI_TRY(qi_catalog_next_segment(catalog, &id, err));
        entry->length = content(id.seq, 0, bytes);
        status = write(dir, &id, bytes, entry->length, err);
    } while (status == QUIRE_ERR_EXISTS);
    if (status == QUIRE_OK)
        qi_catalog_made(catalog);
    entry->seq = id.seq;
    entry->hash = qi_hash(bytes, entry->length);
    return status;
}

static quire_status add_deletes(qi_catalog *catalog, qi_dir *dir, qi_manifest_entry *entry,
                                quire_error *err)
{
    qi_file_id id;
    uint8_t bytes[LONGEST];
    QI_TRY(qi_catalog_next_deletes(catalog, entry->seq, &id, err));
    entry->deletes = id.seq;
    entry->deletes_length = content(entry->seq, entry->deletes, bytes);
    entry->deletes_hash = qi_hash(bytes, entry->deletes_length);
    entry->deleted++;
    QI_TRY(write(dir, &id, bytes, entry->deletes_length, err));
    qi_catalog_made(catalog);
    return QUIRE_OK;
}

/* The entries of the next commit, with their files. */
static quire_status change(qi_catalog *catalog, qi_dir *dir, dummy_model *model,
                           qi_manifest_entry entries[ENTRIES], size_t *count, quire_error *err)
{
    const qi_manifest_commit *now = &qi_catalog_manifest(catalog)->current;
    *count = 0;
    for (size_t i = 0; i < now->entries.count; i++) {
        qi_manifest_entry entry = now->entries.items[i];
        if (step(&model->random) % (now->entries.count > 4 ? 2 : 5) == 0)
            continue; /* merged away */
        if (step(&model->random) % 3 == 0 && entry.deleted < entry.documents)
            QI_TRY(add_deletes(catalog, dir, &entry, err));
        entries[(*count)++] = entry;
    }
    for (uint64_t more = step(&model->random) % 3; more > 0 && *count < ENTRIES; more--)
        QI_TRY(add_segment(catalog, dir, &entries[(*count)++], err));
    if (step(&model->random) % 4 == 0) { /* a file that is given up again */
        qi_manifest_entry wasted;
        QI_TRY(add_segment(catalog, dir, &wasted, err));
        if (step(&model->random) % 2 == 0)
            qi_catalog_drop(catalog, wasted.seq, 0);
    }
    return QUIRE_OK;
}

quire_status dummy_commit(qi_catalog *catalog, qi_dir *dir, dummy_model *model, quire_error *err)
{
    qi_manifest_entry entries[ENTRIES];
    qi_manifest_commit next;
    size_t count;
    char payload[32];
    uint64_t generation = qi_catalog_manifest(catalog)->current.generation + 1;
    snprintf(payload, sizeof payload, "commit %" PRIu64, generation);
    quire_status status = change(catalog, dir, model, entries, &count, err);
    if (status == QUIRE_OK)
        status =
            qi_manifest_commit_make(&next, generation, entries, count, quire_cstr(payload), err);
    if (status == QUIRE_OK) {
        model->expected[generation % DUMMY_GENERATIONS] = digest(&next);
        qi_manifest_commit_free(&next);
        status = qi_catalog_prepare(catalog, entries, count, quire_cstr(payload), err);
    }
    if (status == QUIRE_OK)
        status = qi_catalog_publish(catalog, err);
    if (status != QUIRE_OK)
        (void)qi_catalog_rollback(catalog, NULL);
    return status;
}

static bool holds(qi_dir *dir, const char *name, const uint8_t *bytes, size_t len, char why[512])
{
    qi_bytes map;
    quire_error err;
    if (dir->ops->map(dir, name, &map, &err) != QUIRE_OK) {
        snprintf(why, 512, "%s", err.message);
        return false;
    }
    bool same = map.len == len && memcmp(map.at, bytes, len) == 0;
    dir->ops->unmap(dir, &map);
    if (!same)
        snprintf(why, 512, "%s is not what was written", name);
    return same;
}

static bool entry_holds(qi_dir *dir, const qi_manifest_entry *entry, char why[512])
{
    uint8_t bytes[LONGEST];
    char name[QI_MANIFEST_NAME_ROOM];
    size_t len = content(entry->seq, 0, bytes);
    qi_manifest_segment_name(name, entry->seq);
    if (!holds(dir, name, bytes, len, why) || entry->deletes == 0)
        return entry->deletes == 0 && why[0] == '\0';
    len = content(entry->seq, entry->deletes, bytes);
    qi_manifest_deletes_name(name, entry->seq, entry->deletes);
    return holds(dir, name, bytes, len, why);
}

bool dummy_verify(qi_dir *dir, const dummy_model *model, bool previous, uint64_t *generation,
                  char why[512])
{
    qi_manifest manifest;
    quire_error err;
    *generation = 0;
    why[0] = '\0';
    quire_status status = qi_catalog_read(&manifest, dir, &err);
    if (status != QUIRE_OK) {
        snprintf(why, 512, "status %d: %s", status, err.message);
        return false;
    }
    const qi_manifest_commit *commit = previous ? &manifest.previous : &manifest.current;
    *generation = commit->generation;
    if (*generation != 0 && digest(commit) != model->expected[*generation % DUMMY_GENERATIONS])
        snprintf(why, 512, "generation %" PRIu64 " is not what was committed", *generation);
    for (size_t i = 0; why[0] == '\0' && i < commit->entries.count; i++)
        entry_holds(dir, &commit->entries.items[i], why);
    qi_manifest_free(&manifest);
    return why[0] == '\0';
}

typedef struct tidiness {
    const qi_manifest *manifest;
    char *why;
} tidiness;

static bool listed(const qi_manifest_commit *commit, uint64_t seq, uint64_t deletes)
{
    const qi_manifest_entry *entry = qi_manifest_commit_find(commit, seq);
    return entry != NULL && (deletes == 0 || entry->deletes == deletes);
}

static bool judge_name(void *payload, const char *name)
{
    tidiness *t = payload;
    uint64_t seq, deletes;
    bool fine = strcmp(name, "q.lock") == 0 || strcmp(name, QI_MANIFEST_NAME) == 0 ||
                (qi_manifest_parse_name(name, &seq, &deletes) &&
                 (listed(&t->manifest->current, seq, deletes) ||
                  listed(&t->manifest->previous, seq, deletes)));
    if (!fine)
        snprintf(t->why, 512, "%s is left over", name);
    return fine;
}

bool dummy_tidy(qi_dir *dir, char why[512])
{
    qi_manifest manifest;
    tidiness t = {&manifest, why};
    why[0] = '\0';
    if (qi_catalog_read(&manifest, dir, NULL) != QUIRE_OK ||
        dir->ops->list(dir, judge_name, &t, NULL) != QUIRE_OK)
        snprintf(why, 512, "cannot be read");
    qi_manifest_free(&manifest);
    return why[0] == '\0';
}
