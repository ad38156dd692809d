/* SPDX-License-Identifier: MIT
 * Files are opened one by one, so that one that is damaged does not hide the others. */
#include "commit/check.h"

#include <string.h>

#include "commit/catalog.h"
#include "commit/files.h"

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
