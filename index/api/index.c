/* SPDX-License-Identifier: MIT
 * Indexes and their snapshots. A handle lives until it is closed and everything opened from it too.
 */
#include "api/index.h"

#include "api/options.h"
#include "base/mem.h"
#include "commit/catalog.h"
#include "commit/check.h"
#include "text/unicode.h"

#include <stdio.h>

quire_index *qi_index_retain(quire_index *index)
{
    __atomic_add_fetch(&index->refs, 1, __ATOMIC_RELAXED);
    return index;
}

void qi_index_release(quire_index *index)
{
    if (index == NULL || __atomic_sub_fetch(&index->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    qi_reader_free(&index->reader);
    qi_dir_free(index->dir);
    qi_mem_free(index);
}

/* A handle on the index in `dir`, which it takes over, also after an error. */
static quire_status open_handle(quire_index **out, qi_dir *dir, const quire_index_options *options,
                                quire_error *err)
{
    quire_index *index = qi_mem_new(1, sizeof *index);
    if (index == NULL) {
        qi_dir_free(dir);
        return qi_no_memory(err);
    }
    index->refs = 1;
    index->dir = dir;
    index->read_only = options->read_only || options->previous;
    quire_status status = qi_reader_init(&index->reader, dir, err);
    if (status != QUIRE_OK) {
        qi_dir_free(dir);
        qi_mem_free(index);
        return status;
    }
    index->reader.pin = !index->read_only;
    index->reader.previous = options->previous;
    index->reader.verify = options->verify;
    *out = index;
    return QUIRE_OK;
}

/* A copy of the schema, with the parameters that the index is to have, and the Unicode that its
 * text will be read by. */
static quire_status complete_schema(quire_schema **out, const quire_schema *schema,
                                    const quire_index_options *options, quire_error *err)
{
    if (schema->fields.count == 0)
        return qi_fail(err, QUIRE_ERR_MISUSE, "the schema has no fields");
    if (!qi_schema_tuning_valid(options->k1, options->b))
        return qi_fail(err, QUIRE_ERR_MISUSE, "k1 must be in [0, 1000] and b in [0, 1]");
    if (options->read_only || options->previous)
        return qi_fail(err, QUIRE_ERR_MISUSE, "an index cannot be created read-only");
    QI_TRY(qi_schema_copy(out, schema, err));
    (*out)->k1 = options->k1;
    (*out)->b = options->b;
    snprintf((*out)->unicode, sizeof(*out)->unicode, "%s", qi_unicode_version());
    return QUIRE_OK;
}

quire_status quire_index_create(quire_index **out, const char *path, const quire_schema *schema,
                                const quire_index_options *options, quire_error *err)
{
    quire_index_options all = QUIRE_INDEX_OPTIONS_INIT;
    quire_schema *copy;
    qi_dir *dir;
    if (out == NULL || schema == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_index_create: out or schema is NULL");
    *out = NULL;
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    QI_TRY(complete_schema(&copy, schema, &all, err));
    quire_status status =
        path == NULL ? qi_dir_open_ram(&dir, err) : qi_dir_open_posix(&dir, path, true, err);
    if (status == QUIRE_OK) {
        status = qi_catalog_create(dir, copy, err);
        if (status == QUIRE_OK)
            status = open_handle(out, dir, &all, err);
        else
            qi_dir_free(dir);
    }
    qi_schema_release(copy);
    return status;
}

quire_status quire_index_open(quire_index **out, const char *path,
                              const quire_index_options *options, quire_error *err)
{
    quire_index_options all = QUIRE_INDEX_OPTIONS_INIT;
    qi_dir *dir;
    if (out == NULL || path == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_index_open: out or path is NULL");
    *out = NULL;
    QI_TRY(qi_options_copy(&all, sizeof all, options, err));
    QI_TRY(qi_dir_open_posix(&dir, path, false, err));
    QI_TRY(open_handle(out, dir, &all, err));
    if (!all.verify && !all.previous)
        return QUIRE_OK;
    /* Verify now, and say now if there is no previous commit. */
    quire_snapshot *snapshot;
    quire_status status = quire_snapshot_open(&snapshot, *out, err);
    quire_snapshot_close(snapshot);
    if (status != QUIRE_OK) {
        quire_index_close(*out);
        *out = NULL;
    }
    return status;
}

const quire_schema *quire_index_schema(const quire_index *index)
{
    return index == NULL ? NULL : index->reader.schema;
}

void quire_index_close(quire_index *index)
{
    qi_index_release(index);
}

quire_status quire_index_check(quire_index *index, int level,
                               void (*report)(const char *line, void *payload), void *payload,
                               quire_error *err)
{
    if (index == NULL || level < 1 || level > 3)
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "quire_index_check: index is NULL, or no level 1 to 3");
    qi_check check = {.level = level, .report = report, .payload = payload};
    QI_TRY(qi_check_commit(&check, &index->reader, err));
    if (check.faults == 0)
        return QUIRE_OK;
    return qi_fail(err, QUIRE_ERR_CORRUPT, "the index in '%.120s' is damaged: %llu fault%s found",
                   index->dir->name, (unsigned long long)check.faults,
                   check.faults == 1 ? "" : "s");
}

static void release_owner(void *owner)
{
    qi_index_release(owner);
}

quire_status quire_snapshot_open(quire_snapshot **out, quire_index *index, quire_error *err)
{
    if (out == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_snapshot_open: out is NULL");
    *out = NULL;
    if (index == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_snapshot_open: index is NULL");
    qi_reader_owner owner = {release_owner, qi_index_retain(index)};
    quire_status status = qi_reader_snapshot(&index->reader, owner, out, err);
    if (status == QUIRE_OK)
        (*out)->stat.unicode_here = qi_unicode_version();
    else
        qi_index_release(index);
    return status;
}

const quire_stat *quire_snapshot_stat(const quire_snapshot *snapshot)
{
    return snapshot == NULL ? NULL : &snapshot->stat;
}

quire_status quire_snapshot_find(quire_snapshot *snapshot, quire_str key, quire_doc *out,
                                 quire_error *err)
{
    if (snapshot == NULL || out == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_snapshot_find: snapshot or out is NULL");
    return qi_snapshot_find(snapshot, key, out, err);
}

void quire_snapshot_close(quire_snapshot *snapshot)
{
    qi_snapshot_release(snapshot);
}
