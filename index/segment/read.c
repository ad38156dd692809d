/* SPDX-License-Identifier: MIT
 * Opening a segment. "meta" is read first; every other section's size follows from it and is
 * compared. */
#include "segment/read.h"

#include <stdio.h>

#include "base/mem.h"
#include "segment/build.h"
#include "segment/meta.h"

/* The termdict's way to have its blocks verified. */
static quire_status touch(const void *owner, const uint8_t *at, size_t len, quire_error *err)
{
    return qi_file_touch(owner, at, len, err);
}

static qi_view section(const qi_segment *segment, const char *kind, uint32_t number)
{
    char name[16];
    snprintf(name, sizeof name, "%s.%u", kind, number);
    return qi_file_section(&segment->file, name);
}

static quire_status bad_size(const qi_segment *segment, const char *what, quire_error *err)
{
    return qi_corrupt(err, segment->file.name, what, 0,
                      "M-3: the section is missing or of the wrong size");
}

/* Starts and norms of an indexed text field. */
static quire_status open_text(qi_segment *segment, uint32_t f, quire_error *err)
{
    qi_field_part *part = &segment->fields[f];
    size_t docs = segment->doc_count;
    qi_view starts = section(segment, "word", f), norms = section(segment, "norm", f);
    if (starts.at == NULL ||
        qi_view_left(&starts) != (docs + 63) / 64 * 4 + docs * (part->wide_starts ? 4 : 2))
        return bad_size(segment, "word", err);
    if (norms.at == NULL || qi_view_left(&norms) != docs)
        return bad_size(segment, "norm", err);
    part->starts = starts.at;
    part->norms = norms.at;
    return QUIRE_OK;
}

static quire_status open_column(qi_segment *segment, uint32_t f, quire_error *err)
{
    qi_field_part *part = &segment->fields[f];
    qi_view column = section(segment, "col", f);
    if (!part->has_column)
        return QUIRE_OK;
    if (column.at == NULL || qi_view_left(&column) < QI_COLUMN_HEADER)
        return bad_size(segment, "col", err);
    QI_TRY(qi_file_touch(&segment->file, column.at, QI_COLUMN_HEADER, err));
    return qi_column_open(&part->column, &column, segment->doc_count, segment->file.name, err);
}

static quire_status open_lane(qi_segment *segment, uint32_t lane, quire_error *err)
{
    qi_view dict = section(segment, "term", lane);
    if (dict.at == NULL)
        return QUIRE_OK;
    qi_termdict *to = &segment->lanes[lane];
    QI_TRY(qi_termdict_open(to, dict.at, qi_view_left(&dict), segment->file.name, err));
    to->touch = touch;
    to->owner = &segment->file;
    return qi_file_touch(&segment->file, to->prefixes, (size_t)(dict.end - to->prefixes), err);
}

static quire_status open_exact(qi_segment *segment, uint32_t lane, quire_error *err)
{
    QI_TRY(open_lane(segment, lane, err));
    if (segment->lanes[lane].term_count == 0)
        return QUIRE_OK;
    return qi_stems_open(&segment->stems[lane], &segment->file, section(segment, "stem", lane),
                         segment->lanes[lane].term_count, err);
}

static quire_status open_fields(qi_segment *segment, qi_view *meta, const qi_meta *head,
                                quire_error *err)
{
    for (uint32_t f = 0; f < segment->schema->fields.count; f++) {
        const quire_field *field = &segment->schema->fields.items[f];
        qi_field_part *part = &segment->fields[f];
        qi_meta_field from;
        QI_TRY(qi_meta_decode_field(meta, head, &from, segment->file.name, err));
        *part = (qi_field_part){.length_sum = from.length_sum,
                                .documents = from.documents,
                                .words = from.words,
                                .bound_average = from.average,
                                .wide_starts = from.wide_starts,
                                .has_column = from.has_column};
        if (field->type != QUIRE_TEXT)
            QI_TRY(open_column(segment, f, err));
        if (!qi_field_has_terms(field))
            continue;
        if (field->type == QUIRE_TEXT)
            QI_TRY(open_text(segment, f, err));
        QI_TRY(open_lane(segment, QI_LANE(f, false), err));
        if (field->exact)
            QI_TRY(open_exact(segment, QI_LANE(f, true), err));
    }
    return QUIRE_OK;
}

static quire_status open_all(qi_segment *segment, quire_error *err)
{
    qi_view meta = qi_file_section(&segment->file, "meta");
    qi_view lists = qi_file_section(&segment->file, "post");
    if (meta.at == NULL || lists.at == NULL)
        return bad_size(segment, meta.at == NULL ? "meta" : "post", err);
    QI_TRY(qi_file_touch(&segment->file, meta.at, qi_view_left(&meta), err));
    qi_meta head;
    QI_TRY(qi_meta_decode_head(&meta, &head, (uint32_t)segment->schema->fields.count,
                               segment->file.name, err));
    segment->doc_count = head.doc_count;
    segment->k1 = head.k1;
    segment->b = head.b;
    segment->stat = head.stat;
    segment->lists = lists.at;
    segment->lists_size = qi_view_left(&lists);
    QI_TRY(open_fields(segment, &meta, &head, err));
    if (qi_view_left(&meta) != 0)
        return bad_size(segment, "meta", err);
    return qi_records_open(&segment->records, &segment->file, segment->doc_count, err);
}

/* What of the file no part claims. */
static void complete_stat(qi_segment *segment)
{
    quire_segment_stat *stat = &segment->stat;
    uint64_t parts = stat->term_bytes + stat->doc_bytes + stat->freq_bytes + stat->position_bytes +
                     stat->skip_bytes + stat->range_bytes + stat->bitmap_bytes + stat->norm_bytes +
                     stat->stored_bytes + stat->column_bytes;
    stat->file_bytes = segment->file.bytes.len;
    stat->other_bytes = parts <= stat->file_bytes ? stat->file_bytes - parts : 0;
}

quire_status qi_segment_open(qi_segment **out, qi_dir *dir, const qi_file_id *id,
                             const quire_schema *schema, quire_error *err)
{
    *out = NULL;
    qi_segment *segment = qi_mem_new(1, sizeof *segment);
    if (segment == NULL)
        return qi_no_memory(err);
    segment->refs = 1;
    segment->schema = qi_schema_retain(schema);
    segment->fields = qi_mem_new(schema->fields.count, sizeof *segment->fields);
    segment->lanes = qi_mem_new(2 * schema->fields.count, sizeof *segment->lanes);
    segment->stems = qi_mem_new(2 * schema->fields.count, sizeof *segment->stems);
    bool room = segment->fields != NULL && segment->lanes != NULL && segment->stems != NULL;
    quire_status status =
        room ? qi_file_open(&segment->file, dir, id, QI_KIND_SEGMENT, err) : qi_no_memory(err);
    if (status == QUIRE_OK)
        status = open_all(segment, err);
    if (status != QUIRE_OK) {
        qi_segment_release(segment);
        return status;
    }
    complete_stat(segment);
    *out = segment;
    return QUIRE_OK;
}

qi_segment *qi_segment_retain(qi_segment *segment)
{
    __atomic_add_fetch(&segment->refs, 1, __ATOMIC_RELAXED);
    return segment;
}

void qi_segment_release(qi_segment *segment)
{
    if (segment == NULL || __atomic_sub_fetch(&segment->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    qi_records_close(&segment->records);
    qi_file_close(&segment->file);
    qi_schema_release(segment->schema);
    qi_mem_free(segment->fields);
    qi_mem_free(segment->lanes);
    qi_mem_free(segment->stems);
    qi_mem_free(segment);
}

quire_status qi_segment_find(const qi_segment *segment, uint32_t lane, quire_str term,
                             qi_term_info *info, quire_error *err)
{
    return qi_segment_find_at(segment, lane, term, qi_segment_aim(segment, lane, term), info, err);
}

uint64_t qi_segment_aim(const qi_segment *segment, uint32_t lane, quire_str term)
{
    return qi_termdict_aim(&segment->lanes[lane], term.ptr, term.len);
}

void qi_segment_fetch(const qi_segment *segment, uint32_t lane, uint64_t aim)
{
    qi_termdict_fetch(&segment->lanes[lane], aim);
}

quire_status qi_segment_find_at(const qi_segment *segment, uint32_t lane, quire_str term,
                                uint64_t aim, qi_term_info *info, quire_error *err)
{
    QI_TRY(qi_termdict_find_at(&segment->lanes[lane], aim, term.ptr, term.len, info, err));
    if (info->offset < segment->lists_size)
        __builtin_prefetch(segment->lists + info->offset);
    return QUIRE_OK;
}

quire_status qi_segment_norms(const qi_segment *segment, uint32_t field, const uint8_t **out,
                              quire_error *err)
{
    *out = segment->fields[field].norms;
    return *out == NULL ? QUIRE_OK : qi_file_touch(&segment->file, *out, segment->doc_count, err);
}

quire_status qi_segment_column(const qi_segment *segment, uint32_t field, uint32_t doc, bool *has,
                               int64_t *value, quire_error *err)
{
    const qi_field_part *part = &segment->fields[field];
    const qi_column *column = &part->column;
    *has = false;
    *value = 0;
    if (!part->has_column)
        return QUIRE_OK;
    if (column->present != NULL)
        QI_TRY(qi_file_touch(&segment->file, column->present + doc / 8, 1, err));
    *has = qi_column_has(column, doc);
    if (!*has)
        return QUIRE_OK;
    QI_TRY(
        qi_file_touch(&segment->file, column->packed + (uint64_t)doc * column->width / 8, 8, err));
    *value = qi_column_get(column, doc);
    bool keyword = segment->schema->fields.items[field].type == QUIRE_KEYWORD;
    if (keyword && (uint64_t)*value >= segment->lanes[QI_LANE(field, false)].term_count)
        return qi_corrupt(err, segment->file.name, "col", doc,
                          "C-5: a keyword's ordinal is not in its dictionary");
    return QUIRE_OK;
}

quire_status qi_segment_keyword(const qi_segment *segment, uint32_t field, uint64_t ordinal,
                                qi_buf *out, quire_error *err)
{
    qi_termdict_iter iter;
    if (!qi_termdict_at(&iter, &segment->lanes[QI_LANE(field, false)], ordinal, err))
        return iter.status != QUIRE_OK
                   ? iter.status
                   : qi_corrupt(err, segment->file.name, "col", ordinal,
                                "C-5: a keyword's ordinal is not in its dictionary");
    qi_buf_add(out, iter.term, iter.len);
    return out->failed ? qi_no_memory(err) : QUIRE_OK;
}
