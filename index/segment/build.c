/* SPDX-License-Identifier: MIT
 * Sections stream to the file one after the other; only dictionaries wait, in memory and in a
 * spool, until the lists, which they point into, are complete. */
#include "segment/build.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codec/column.h"
#include "codec/norms.h"
#include "segment/meta.h"
#include "segment/stems.h"

static quire_status allocate(qi_build *build, quire_error *err)
{
    size_t fields = build->schema->fields.count;
    build->fields = qi_mem_new(fields, sizeof *build->fields);
    build->dicts = qi_mem_new(2 * fields, sizeof *build->dicts);
    build->links = qi_mem_new(2 * fields, sizeof *build->links);
    build->spooled = qi_mem_new(2 * fields, sizeof *build->spooled);
    if (build->fields == NULL || build->dicts == NULL || build->links == NULL ||
        build->spooled == NULL)
        return qi_no_memory(err);
    for (size_t f = 0; f < fields; f++) {
        if (build->schema->fields.items[f].type != QUIRE_TEXT)
            continue;
        build->fields[f].starts = qi_mem_new((size_t)build->doc_count + 1, sizeof(uint32_t));
        build->fields[f].norms = qi_mem_new(build->doc_count, 1);
        if (build->fields[f].starts == NULL || build->fields[f].norms == NULL)
            return qi_no_memory(err);
    }
    return qi_lists_new(&build->lists, build->doc_count, err);
}

quire_status qi_build_open(qi_build *build, qi_dir *dir, const qi_file_id *id,
                           const quire_schema *schema, uint32_t doc_count, quire_error *err)
{
    *build = (qi_build){.schema = schema, .doc_count = doc_count};
    qi_buf_init(&build->area, 0);
    quire_status status = allocate(build, err);
    if (status == QUIRE_OK)
        status = qi_out_create(&build->file, dir, id, QI_KIND_SEGMENT, err);
    if (status != QUIRE_OK)
        qi_build_close(build);
    return status;
}

/* 1 / (1 - b + b * length / average) by norm code: the factor that turns a frequency into x of x /
 * (k1 + x). */
static void fill_inverse(qi_build_field *field, float b)
{
    for (int code = 0; code < 256; code++)
        field->inverse[code] =
            1.0f / (1.0f - b + b * (float)qi_norms_length[code] / field->average);
}

/* The table of starts: a u32 for each 64 documents, then an offset for each document. */
static void encode_starts(const qi_build *build, qi_build_field *field, qi_buf *out)
{
    field->wide_starts = false;
    for (uint32_t doc = 0; doc < build->doc_count; doc++)
        if (field->starts[doc] - field->starts[doc / 64 * 64] > UINT16_MAX)
            field->wide_starts = true;
    for (uint32_t doc = 0; doc < build->doc_count; doc += 64)
        qi_buf_u32(out, field->starts[doc]);
    for (uint32_t doc = 0; doc < build->doc_count; doc++) {
        uint32_t offset = field->starts[doc] - field->starts[doc / 64 * 64];
        if (field->wide_starts)
            qi_buf_u32(out, offset);
        else
            qi_buf_u16(out, (uint16_t)offset);
    }
}

static quire_status write_field(qi_build *build, uint32_t f, quire_error *err)
{
    qi_build_field *field = &build->fields[f];
    char name[16];
    field->average = field->documents == 0
                         ? 1.0f
                         : (float)((double)field->length_sum / (double)field->documents);
    fill_inverse(field, build->schema->b);
    qi_buf starts;
    qi_buf_init(&starts, 0);
    encode_starts(build, field, &starts);
    snprintf(name, sizeof name, "word.%u", f);
    quire_status status = qi_out_section(&build->file, name, &starts, err);
    build->stat.norm_bytes += starts.len + build->doc_count;
    qi_buf_free(&starts);
    if (status != QUIRE_OK)
        return status;
    snprintf(name, sizeof name, "norm.%u", f);
    QI_TRY(qi_out_begin(&build->file, name, err));
    QI_TRY(qi_out_add(&build->file, field->norms, build->doc_count, err));
    return qi_out_end(&build->file, err);
}

quire_status qi_build_fields(qi_build *build, quire_error *err)
{
    for (uint32_t f = 0; f < build->schema->fields.count; f++) {
        const quire_field *field = &build->schema->fields.items[f];
        if (field->type == QUIRE_TEXT && qi_field_has_terms(field))
            QI_TRY(write_field(build, f, err));
    }
    return QUIRE_OK;
}

quire_status qi_build_lists(qi_build *build, quire_error *err)
{
    QI_TRY(qi_out_begin(&build->file, "post", err));
    build->lists_start = qi_out_offset(&build->file);
    return QUIRE_OK;
}

void qi_build_lane(qi_build *build, uint32_t lane)
{
    const qi_build_field *field = &build->fields[QI_LANE_FIELD(lane)];
    bool text = build->schema->fields.items[QI_LANE_FIELD(lane)].type == QUIRE_TEXT;
    qi_lane_context context = {.doc_count = build->doc_count,
                               .starts = text ? field->starts : NULL,
                               .norms = text ? field->norms : NULL,
                               .inverse = field->inverse,
                               .k1 = build->schema->k1};
    qi_lists_lane(&build->lists, &context);
    build->lane = lane;
    if (lane % 2 == 0)
        qi_forms_begin(&build->forms, build->doc_count, field->starts, &build->file,
                       build->lists_start);
    qi_termdict_builder_free(&build->dict);
    qi_termdict_builder_init(&build->dict, &build->dicts[lane],
                             qi_out_offset(&build->file) - build->lists_start);
}

void qi_build_account(qi_build *build, const quire_segment_stat *sizes)
{
    quire_segment_stat *sum = &build->stat;
    sum->doc_bytes += sizes->doc_bytes;
    sum->freq_bytes += sizes->freq_bytes;
    sum->position_bytes += sizes->position_bytes;
    sum->skip_bytes += sizes->skip_bytes;
    sum->range_bytes += sizes->range_bytes;
    sum->bitmap_bytes += sizes->bitmap_bytes;
}

void qi_build_word(qi_build *build, uint32_t word)
{
    if (build->lane % 2 == 0)
        qi_lists_word(&build->lists, word);
    else if (!QI_VEC_PUSH(&build->forms.words, word))
        build->failed = true;
}

void qi_build_words(qi_build *build, const uint32_t *words, const uint32_t *docs, size_t count)
{
    qi_lists_words(&build->lists, words, docs, count);
}

void qi_build_doc(qi_build *build, uint32_t doc)
{
    qi_lists_doc(&build->lists, doc);
}

bool qi_build_pending(const qi_build *build)
{
    return build->lists.cf != 0 || build->forms.words.count != 0 || build->failed;
}

/* End the list at hand: a form's against its stem, any other on its own. */
static quire_status end_list(qi_build *build, uint32_t link, qi_term_info *info, quire_error *err)
{
    qi_forms_writer *forms = &build->forms;
    if (build->failed)
        return qi_no_memory(err);
    if (build->lane % 2 == 0)
        return qi_lists_end(&build->lists, &build->area, info, err);
    if (!QI_VEC_PUSH(&forms->links, link))
        return qi_no_memory(err);
    if (link != 0) {
        QI_TRY(qi_forms_end(forms, link, &build->area, info, err));
        build->lists.sizes = (quire_segment_stat){.position_bytes = info->length};
        return QUIRE_OK;
    }
    for (size_t i = 0; i < forms->words.count; i++)
        qi_lists_word(&build->lists, forms->words.items[i]);
    forms->words.count = 0;
    return qi_lists_end(&build->lists, &build->area, info, err);
}

/* Write a term's list and enter it. */
static quire_status add_term(qi_build *build, quire_str term, qi_term_info *info, const void *list,
                             quire_error *err)
{
    info->offset = qi_out_offset(&build->file) - build->lists_start;
    QI_TRY(qi_out_add(&build->file, list, (size_t)info->length, err));
    qi_build_account(build, &build->lists.sizes);
    build->stat.terms++;
    QI_TRY(qi_termdict_add(&build->dict, term.ptr, term.len, info, err));
    qi_buf *dict = &build->dicts[build->lane];
    if (build->hold == 0 || dict->len < build->hold)
        return QUIRE_OK;
    build->spooled[build->lane] += dict->len;
    return qi_spool_add(&build->spool, &build->file, dict, err);
}

/* Note a stem for the forms of the lane to come, if a merge is to look there. */
static quire_status note_stem(qi_build *build, const qi_term_info *info, quire_error *err)
{
    bool exact = build->schema->fields.items[QI_LANE_FIELD(build->lane)].exact;
    bool noted = build->merging && exact && build->lane % 2 == 0;
    return !noted || qi_forms_stem(&build->forms, info) ? QUIRE_OK : qi_no_memory(err);
}

quire_status qi_build_term(qi_build *build, quire_str term, uint32_t link, quire_error *err)
{
    qi_term_info info;
    build->area.len = 0;
    build->area.failed = false;
    QI_TRY(end_list(build, link, &info, err));
    QI_TRY(add_term(build, term, &info, build->area.bytes, err));
    return note_stem(build, &info, err);
}

quire_status qi_build_made(qi_build *build, quire_str term, uint32_t link, const qi_term_info *info,
                           quire_str list, quire_error *err)
{
    qi_term_info own = *info;
    own.length = list.len;
    if (build->lane % 2 == 1 && !QI_VEC_PUSH(&build->forms.links, link))
        return qi_no_memory(err);
    build->lists.sizes = (quire_segment_stat){.position_bytes = list.len};
    QI_TRY(add_term(build, term, &own, list.ptr, err));
    return note_stem(build, &own, err);
}

quire_status qi_build_coded(qi_build *build, quire_str term, const qi_term_info *info,
                            const void *list, quire_error *err)
{
    qi_term_info own = *info;
    build->lists.sizes = (quire_segment_stat){0};
    return add_term(build, term, &own, list, err);
}

quire_status qi_build_lane_end(qi_build *build, quire_error *err)
{
    if (build->lane % 2 == 1)
        qi_stems_encode(&build->links[build->lane], build->forms.links.items,
                        build->forms.links.count);
    return qi_termdict_finish(&build->dict, err);
}

/* Write the dictionary of a lane, which begins at `offset` of the spool. */
static quire_status write_dictionary(qi_build *build, uint32_t lane, uint64_t offset,
                                     quire_error *err)
{
    char name[16];
    qi_buf *rest = &build->dicts[lane];
    build->area.len = 0;
    build->area.failed = false;
    snprintf(name, sizeof name, "term.%u", lane);
    build->stat.term_bytes += build->spooled[lane] + rest->len;
    QI_TRY(qi_out_begin(&build->file, name, err));
    QI_TRY(qi_spool_copy(&build->spool, offset, build->spooled[lane], &build->file, &build->area,
                         err));
    QI_TRY(qi_out_add(&build->file, rest->bytes, rest->len, err));
    QI_TRY(qi_out_end(&build->file, err));
    qi_buf_free(rest);
    if (lane % 2 == 0)
        return QUIRE_OK;
    snprintf(name, sizeof name, "stem.%u", lane);
    build->stat.term_bytes += build->links[lane].len;
    QI_TRY(qi_out_section(&build->file, name, &build->links[lane], err));
    qi_buf_free(&build->links[lane]);
    return QUIRE_OK;
}

quire_status qi_build_dictionaries(qi_build *build, quire_error *err)
{
    uint64_t offset = 0;
    QI_TRY(qi_out_end(&build->file, err));
    for (uint32_t lane = 0; lane < 2 * build->schema->fields.count; lane++) {
        if (build->dicts[lane].len != 0)
            QI_TRY(write_dictionary(build, lane, offset, err));
        offset += build->spooled[lane];
    }
    qi_spool_drop(&build->spool);
    return QUIRE_OK;
}

quire_status qi_build_column(qi_build *build, uint32_t field, const int64_t *values,
                             quire_error *err)
{
    size_t words = ((size_t)build->doc_count + 63) / 64;
    uint64_t *present = qi_mem_new(words, sizeof *present);
    if (present == NULL)
        return qi_no_memory(err);
    uint32_t count = 0;
    for (uint32_t doc = 0; doc < build->doc_count; doc++) {
        bool has = values[doc] != INT64_MIN;
        present[doc / 64] |= (uint64_t)has << doc % 64;
        count += has;
    }
    quire_status status = QUIRE_OK;
    if (count != 0) {
        qi_buf bytes;
        char name[16];
        qi_buf_init(&bytes, 0);
        qi_column_encode(&bytes, values, count == build->doc_count ? NULL : present,
                         build->doc_count);
        snprintf(name, sizeof name, "col.%u", field);
        build->fields[field].has_column = true;
        build->stat.column_bytes += bytes.len;
        status = qi_out_section(&build->file, name, &bytes, err);
        qi_buf_free(&bytes);
    }
    qi_mem_free(present);
    return status;
}

static quire_status write_meta(qi_build *build, quire_error *err)
{
    qi_meta meta = {.doc_count = build->doc_count,
                    .k1 = build->schema->k1,
                    .b = build->schema->b,
                    .stat = build->stat};
    qi_buf bytes;
    qi_buf_init(&bytes, 0);
    qi_meta_encode_head(&bytes, &meta, (uint32_t)build->schema->fields.count);
    for (size_t f = 0; f < build->schema->fields.count; f++) {
        const qi_build_field *field = &build->fields[f];
        qi_meta_field part = {.length_sum = field->length_sum,
                              .documents = field->documents,
                              .words = field->starts != NULL ? field->starts[build->doc_count] : 0,
                              .average = field->average,
                              .wide_starts = field->wide_starts,
                              .has_column = field->has_column};
        qi_meta_encode_field(&bytes, &part);
    }
    quire_status status = qi_out_section(&build->file, "meta", &bytes, err);
    qi_buf_free(&bytes);
    return status;
}

quire_status qi_build_finish(qi_build *build, qi_file_id *id, quire_error *err)
{
    build->stat.documents = build->doc_count;
    for (size_t f = 0; f < build->schema->fields.count; f++)
        if (build->fields[f].starts != NULL)
            build->stat.words += build->fields[f].starts[build->doc_count];
    QI_TRY(write_meta(build, err));
    return qi_out_finish(&build->file, id, err);
}

void qi_build_close(qi_build *build)
{
    for (size_t f = 0; build->fields != NULL && f < build->schema->fields.count; f++) {
        qi_mem_free(build->fields[f].starts);
        qi_mem_free(build->fields[f].norms);
    }
    for (size_t l = 0; build->dicts != NULL && l < 2 * build->schema->fields.count; l++)
        qi_buf_free(&build->dicts[l]);
    for (size_t l = 0; build->links != NULL && l < 2 * build->schema->fields.count; l++)
        qi_buf_free(&build->links[l]);
    qi_mem_free(build->links);
    qi_mem_free(build->spooled);
    qi_spool_drop(&build->spool);
    qi_mem_free(build->fields);
    qi_mem_free(build->dicts);
    qi_lists_free(&build->lists);
    qi_forms_free(&build->forms);
    qi_buf_free(&build->area);
    qi_termdict_builder_free(&build->dict);
    qi_out_drop(&build->file);
    *build = (qi_build){0};
}
