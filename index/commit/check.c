/* SPDX-License-Identifier: MIT
 * Files are opened one by one, so that one that is damaged does not hide the others; then, at level
 * 3, all together, for what must hold between them. */
#include "commit/check.h"

#include <string.h>

#include "commit/catalog.h"
#include "commit/files.h"
#include "commit/parts.h"

/* Is it the index that is at fault, rather than the machine? Then note it. */
static bool note(qi_check *check, quire_status status, const quire_error *reason)
{
    if (status != QUIRE_ERR_CORRUPT && status != QUIRE_ERR_FORMAT && status != QUIRE_ERR_NOT_FOUND)
        return false;
    qi_check_fault(check, reason);
    return true;
}

static quire_status check_entry(qi_check *check, const qi_reader *reader,
                                const qi_manifest_entry *entry, quire_error *err)
{
    qi_segment *segment;
    quire_status status =
        qi_files_open_segment(&segment, reader->dir, reader->uuid, entry, reader->schema, err);
    if (status == QUIRE_OK) {
        status = qi_check_segment(check, segment, err);
        qi_segment_release(segment);
    }
    return status;
}

static quire_status check_deletes(const qi_reader *reader, const qi_manifest_entry *entry,
                                  quire_error *err)
{
    qi_docset deleted;
    if (entry->deletes == 0)
        return QUIRE_OK;
    QI_TRY(qi_files_open_deletes(&deleted, reader->dir, reader->uuid, entry, err));
    qi_docset_free(&deleted);
    return QUIRE_OK;
}

static quire_status check_entries(qi_check *check, const qi_reader *reader,
                                  const qi_manifest_commit *commit, quire_error *err)
{
    for (size_t i = 0; i < commit->entries.count; i++) {
        const qi_manifest_entry *entry = &commit->entries.items[i];
        quire_error reason = {0};
        quire_status status = check_entry(check, reader, entry, &reason);
        if (status == QUIRE_OK || note(check, status, &reason))
            status = check_deletes(reader, entry, &reason);
        if (status == QUIRE_OK || note(check, status, &reason))
            continue;
        if (err != NULL)
            *err = reason;
        return status;
    }
    return QUIRE_OK;
}

/* ---- Keys: one live document each ---- */

/* Look the key of a document up, as one who replaces it would. */
static quire_status check_key(qi_check *check, qi_parts *parts, qi_victim of, qi_victims *found,
                              quire_error *err)
{
    const qi_segment *segment = parts->list.items[of.part].segment;
    uint32_t field = segment->schema->key;
    quire_error fault;
    bool has;
    int64_t ordinal;
    qi_buf key;
    found->count = 0;
    QI_TRY(qi_segment_column(segment, field, of.doc, &has, &ordinal, err));
    qi_buf_init(&key, 0);
    quire_status status = QUIRE_OK;
    if (has)
        status = qi_segment_keyword(segment, field, (uint64_t)ordinal, &key, err);
    if (has && status == QUIRE_OK)
        status =
            qi_parts_find(parts, field, (quire_str){(const char *)key.bytes, key.len}, found, err);
    qi_buf_free(&key);
    /* Two documents of one key are told once, at the first. */
    bool first =
        found->count > 0 && found->items[0].part == of.part && found->items[0].doc == of.doc;
    if (status == QUIRE_OK && (found->count == 0 || (found->count > 1 && first))) {
        qi_corrupt(&fault, segment->file.name, NULL, 0, "G-8: document %u %s", of.doc,
                   found->count == 0 ? "is not found by its key" : "has the key of another one");
        qi_check_fault(check, &fault);
    }
    return status;
}

static quire_status check_keys(qi_check *check, qi_parts *parts, quire_error *err)
{
    qi_victims found = {0};
    quire_status status = QUIRE_OK;
    for (size_t p = 0; p < parts->list.count; p++) {
        const qi_writer_part *part = &parts->list.items[p];
        for (uint32_t doc = 0; status == QUIRE_OK && doc < part->segment->doc_count; doc++)
            if (part->deletes == NULL || !qi_docset_has(&part->deletes->set, doc))
                status = check_key(check, parts, (qi_victim){p, doc}, &found, err);
    }
    QI_VEC_FREE(&found);
    return status;
}

/* All segments together. What is damaged was told of before, and ends this. */
static quire_status check_together(qi_check *check, const qi_reader *reader,
                                   const qi_manifest *manifest, quire_error *err)
{
    qi_parts parts;
    qi_manifest chosen = *manifest; /* borrows its parts */
    if (check->level < 3 || reader->schema->key == QI_NO_FIELD)
        return QUIRE_OK;
    if (reader->previous)
        chosen.current = manifest->previous;
    quire_status status = qi_parts_open(&parts, reader->dir, &chosen, err);
    if (status == QUIRE_OK)
        status = check_keys(check, &parts, err);
    qi_parts_free(&parts);
    return status == QUIRE_ERR_CORRUPT || status == QUIRE_ERR_FORMAT ? QUIRE_OK : status;
}

quire_status qi_check_commit(qi_check *check, const qi_reader *reader, quire_error *err)
{
    qi_manifest manifest;
    qi_lock pin = {0};
    quire_error reason = {0};
    quire_status status = reader->pin ? qi_catalog_pin(&manifest, &pin, reader->dir, &reason)
                                      : qi_catalog_read(&manifest, reader->dir, &reason);
    if (status == QUIRE_OK) {
        status = check_entries(check, reader,
                               reader->previous ? &manifest.previous : &manifest.current, &reason);
        if (status == QUIRE_OK)
            status = check_together(check, reader, &manifest, &reason);
        qi_manifest_free(&manifest);
    } else if (note(check, status, &reason)) {
        status = QUIRE_OK;
    }
    if (pin.owner != NULL)
        reader->dir->ops->unlock(&pin);
    if (status != QUIRE_OK && err != NULL)
        *err = reason;
    return status;
}
