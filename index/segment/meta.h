/* SPDX-License-Identifier: MIT
 * segment/meta.h - section "meta" of a segment: counts and what bounds were made with. */
#ifndef QI_SEGMENT_META_H
#define QI_SEGMENT_META_H

#include "base/buf.h"
#include "base/error.h"
#include "base/view.h"

typedef struct qi_meta {
    uint32_t doc_count;
    float k1, b;
    quire_segment_stat stat; /* sizes by part; file_bytes and other_bytes are not kept */
} qi_meta;

typedef struct qi_meta_field {
    uint64_t length_sum;
    uint32_t documents, words;
    float average;
    bool wide_starts, has_column;
} qi_meta_field;

void qi_meta_encode_head(qi_buf *out, const qi_meta *meta, uint32_t field_count);
void qi_meta_encode_field(qi_buf *out, const qi_meta_field *field);

/* Read the head; CORRUPT, naming `file`, if it is damaged or not of a schema with `field_count`
 * fields. */
quire_status qi_meta_decode_head(qi_view *in, qi_meta *meta, uint32_t field_count, const char *file,
                                 quire_error *err);
quire_status qi_meta_decode_field(qi_view *in, const qi_meta *meta, qi_meta_field *field,
                                  const char *file, quire_error *err);

#endif
