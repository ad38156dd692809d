/* SPDX-License-Identifier: MIT
 * Copy on write: a set of deleted documents that has one holder may be changed. */
#include "commit/parts.h"

#include "base/mem.h"
#include "commit/files.h"
#include "segment/postings.h"

qi_deletes *qi_deletes_new(uint32_t docs)
{
    qi_deletes *deletes = qi_mem_new(1, sizeof *deletes);
    if (deletes == NULL)
        return NULL;
    deletes->refs = 1;
    if (qi_docset_init(&deletes->set, docs, NULL) == QUIRE_OK)
        return deletes;
    qi_mem_free(deletes);
    return NULL;
}

quire_status qi_deletes_of(qi_deletes **out, const qi_mem_parts *parts, quire_error *err)
{
    uint32_t docs = 0, deleted = 0, before = 0;
    *out = NULL;
    for (size_t p = 0; p < parts->count; p++) {
        docs += parts->items[p]->doc_count;
        deleted += parts->items[p]->deleted_count;
    }
    if (deleted == 0)
        return QUIRE_OK;
    *out = qi_deletes_new(docs);
    if (*out == NULL)
        return qi_no_memory(err);
    for (size_t p = 0; p < parts->count; before += parts->items[p++]->doc_count)
        for (uint32_t doc = 0; doc < parts->items[p]->doc_count; doc++)
            if (qi_memindex_deleted(parts->items[p], doc))
                qi_docset_add(&(*out)->set, before + doc);
    return QUIRE_OK;
}

void qi_deletes_release(qi_deletes *deletes)
{
    if (deletes == NULL || --deletes->refs > 0)
        return;
    qi_docset_free(&deletes->set);
    qi_mem_free(deletes);
}

static void release(qi_writer_part *part)
{
    qi_segment_release(part->segment);
    qi_deletes_release(part->deletes);
}

static void clear(qi_parts *parts)
{
    for (size_t i = 0; i < parts->list.count; i++)
        release(&parts->list.items[i]);
    parts->list.count = 0;
}

void qi_parts_free(qi_parts *parts)
{
    clear(parts);
    QI_VEC_FREE(&parts->list);
}

void qi_parts_push(qi_parts *parts, const qi_writer_part *part)
{
    parts->list.items[parts->list.count++] = *part;
}

void qi_parts_remove(qi_parts *parts, size_t i)
{
    release(&parts->list.items[i]);
    parts->list.count--;
    for (; i < parts->list.count; i++)
        parts->list.items[i] = parts->list.items[i + 1];
}

void qi_parts_assign(qi_parts *to, const qi_parts *from)
{
    clear(to);
    for (size_t i = 0; i < from->list.count; i++) {
        qi_writer_part part = from->list.items[i];
        qi_segment_retain(part.segment);
        if (part.deletes != NULL)
            part.deletes->refs++;
        qi_parts_push(to, &part);
    }
}

static quire_status open_part(qi_parts *parts, qi_dir *dir, const qi_manifest *manifest, size_t i,
                              quire_error *err)
{
    qi_writer_part part = {.entry = manifest->current.entries.items[i]};
    QI_TRY(qi_files_open_segment(&part.segment, dir, manifest->uuid, &part.entry, manifest->schema,
                                 err));
    qi_parts_push(parts, &part);
    if (part.entry.deletes == 0)
        return QUIRE_OK;
    qi_deletes *deletes = qi_mem_new(1, sizeof *deletes);
    if (deletes == NULL)
        return qi_no_memory(err);
    quire_status status =
        qi_files_open_deletes(&deletes->set, dir, manifest->uuid, &part.entry, err);
    if (status != QUIRE_OK) {
        qi_mem_free(deletes);
        return status;
    }
    deletes->refs = 1;
    parts->list.items[parts->list.count - 1].deletes = deletes;
    return QUIRE_OK;
}

quire_status qi_parts_open(qi_parts *parts, qi_dir *dir, const qi_manifest *manifest,
                           quire_error *err)
{
    *parts = (qi_parts){0};
    quire_status status = QI_VEC_RESERVE(&parts->list, manifest->current.entries.count)
                              ? QUIRE_OK
                              : qi_no_memory(err);
    for (size_t i = 0; status == QUIRE_OK && i < manifest->current.entries.count; i++) {
        quire_error reason = {0};
        status = open_part(parts, dir, manifest, i, &reason);
        if (status == QUIRE_ERR_NOT_FOUND)
            status = qi_corrupt(&reason, QI_MANIFEST_NAME, NULL, 0, "a file is missing: %.120s",
                                reason.message);
        if (status != QUIRE_OK && err != NULL)
            *err = reason;
    }
    if (status != QUIRE_OK)
        qi_parts_free(parts);
    return status;
}

/* Let the part have a set of its own to change. */
static bool make_writable(qi_writer_part *part)
{
    qi_deletes *old = part->deletes, *own;
    if (old != NULL && old->refs == 1)
        return true;
    if (old == NULL) {
        own = qi_deletes_new(part->segment->doc_count);
    } else {
        own = qi_mem_new(1, sizeof *own);
        if (own != NULL && qi_docset_copy(&own->set, &old->set, NULL) != QUIRE_OK) {
            qi_mem_free(own);
            own = NULL;
        }
    }
    if (own == NULL)
        return false;
    own->refs = 1;
    qi_deletes_release(old);
    part->deletes = own;
    return true;
}

/* Append the live documents of a list. */
static quire_status collect(qi_postings *list, const qi_writer_part *part, size_t number,
                            qi_victims *victims, quire_error *err)
{
    for (uint32_t from = 0; qi_postings_seek(list, from); from = qi_postings_block_last(list) + 1)
        for (uint32_t i = 0; i < list->count; i++) {
            if (part->deletes != NULL && qi_docset_has(&part->deletes->set, list->docs[i]))
                continue;
            if (!QI_VEC_PUSH(victims, (qi_victim){number, list->docs[i]}))
                return qi_no_memory(err);
        }
    return list->status;
}

static quire_status find_in_part(qi_parts *parts, size_t number, uint32_t lane, quire_str key,
                                 qi_victims *victims, quire_error *err)
{
    qi_writer_part *part = &parts->list.items[number];
    qi_term_info info;
    QI_TRY(qi_segment_find(part->segment, lane, key, &info, err));
    if (info.df == 0)
        return QUIRE_OK;
    size_t before = victims->count;
    qi_postings *list = qi_mem_new(1, sizeof *list);
    if (list == NULL)
        return qi_no_memory(err);
    quire_status status = qi_postings_open(list, part->segment, lane, &info, err);
    if (status == QUIRE_OK)
        status = collect(list, part, number, victims, err);
    qi_mem_free(list);
    if (status == QUIRE_OK && victims->count > before && !make_writable(part))
        status = qi_no_memory(err);
    return status;
}

quire_status qi_parts_find(qi_parts *parts, uint32_t field, quire_str key, qi_victims *victims,
                           quire_error *err)
{
    if (key.len > QI_TERM_MAX)
        return QUIRE_OK;
    for (size_t i = 0; i < parts->list.count; i++)
        QI_TRY(find_in_part(parts, i, QI_LANE(field, false), key, victims, err));
    return QUIRE_OK;
}

quire_status qi_parts_find_all(qi_parts *parts, uint32_t field, const qi_segment *segment,
                               qi_victims *victims, quire_error *err)
{
    qi_termdict_iter keys;
    const qi_termdict *dict = &segment->lanes[QI_LANE(field, false)];
    bool more = parts->list.count != 0 && qi_termdict_seek(&keys, dict, NULL, 0, err);
    while (more) {
        quire_str key = {(const char *)keys.term, keys.len};
        QI_TRY(qi_parts_find(parts, field, key, victims, err));
        more = qi_termdict_next(&keys);
    }
    return parts->list.count != 0 ? keys.status : QUIRE_OK;
}

void qi_parts_delete(qi_parts *parts, const qi_victims *victims)
{
    for (size_t i = 0; i < victims->count; i++) {
        qi_writer_part *part = &parts->list.items[victims->items[i].part];
        if (qi_docset_add(&part->deletes->set, victims->items[i].doc))
            part->changed = true;
    }
}
