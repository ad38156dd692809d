/* SPDX-License-Identifier: MIT
 * Fixed-size records, little-endian; FORMAT.md, "Meta". */
#include "segment/meta.h"

#include "base/limits.h"

/* The sizes by part in the order of the file. */
static void encode_stat(qi_buf *out, const quire_segment_stat *stat)
{
    const uint64_t numbers[] = {stat->terms,      stat->words,        stat->term_bytes,
                                stat->doc_bytes,  stat->freq_bytes,   stat->position_bytes,
                                stat->skip_bytes, stat->range_bytes,  stat->bitmap_bytes,
                                stat->norm_bytes, stat->stored_bytes, stat->column_bytes};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        qi_buf_u64(out, numbers[i]);
}

static void decode_stat(qi_view *in, quire_segment_stat *stat)
{
    uint64_t *const numbers[] = {&stat->terms,      &stat->words,        &stat->term_bytes,
                                 &stat->doc_bytes,  &stat->freq_bytes,   &stat->position_bytes,
                                 &stat->skip_bytes, &stat->range_bytes,  &stat->bitmap_bytes,
                                 &stat->norm_bytes, &stat->stored_bytes, &stat->column_bytes};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = qi_view_u64(in);
}

void qi_meta_encode_head(qi_buf *out, const qi_meta *meta, uint32_t field_count)
{
    qi_buf_u32(out, meta->doc_count);
    qi_buf_u32(out, field_count);
    qi_buf_u32(out, qi_float_bits(meta->k1));
    qi_buf_u32(out, qi_float_bits(meta->b));
    encode_stat(out, &meta->stat);
}

void qi_meta_encode_field(qi_buf *out, const qi_meta_field *field)
{
    qi_buf_u64(out, field->length_sum);
    qi_buf_u32(out, field->documents);
    qi_buf_u32(out, field->words);
    qi_buf_u32(out, qi_float_bits(field->average));
    qi_buf_u32(out, (field->wide_starts ? 1u : 0u) | (field->has_column ? 2u : 0u));
}

quire_status qi_meta_decode_head(qi_view *in, qi_meta *meta, uint32_t field_count, const char *file,
                                 quire_error *err)
{
    *meta = (qi_meta){.doc_count = qi_view_u32(in)};
    uint32_t fields = qi_view_u32(in);
    meta->k1 = qi_float_of_bits(qi_view_u32(in));
    meta->b = qi_float_of_bits(qi_view_u32(in));
    decode_stat(in, &meta->stat);
    meta->stat.documents = meta->doc_count;
    if (in->overrun || meta->doc_count > QI_SEGMENT_DOCUMENTS || fields != field_count)
        return qi_corrupt(err, file, "meta", 0, "M-1: counts are not those of the schema");
    return QUIRE_OK;
}

quire_status qi_meta_decode_field(qi_view *in, const qi_meta *meta, qi_meta_field *field,
                                  const char *file, quire_error *err)
{
    *field = (qi_meta_field){.length_sum = qi_view_u64(in)};
    field->documents = qi_view_u32(in);
    field->words = qi_view_u32(in);
    field->average = qi_float_of_bits(qi_view_u32(in));
    uint32_t flags = qi_view_u32(in);
    field->wide_starts = (flags & 1) != 0;
    field->has_column = (flags & 2) != 0;
    if (in->overrun || flags > 3 || field->documents > meta->doc_count)
        return qi_corrupt(err, file, "meta", 0, "M-2: a field counts more than there is");
    return QUIRE_OK;
}
