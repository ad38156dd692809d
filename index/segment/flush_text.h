/* SPDX-License-Identifier: MIT
 * segment/flush_text.h - the lanes of text fields, from memory to a segment. Exclusive. */
#ifndef QI_SEGMENT_FLUSH_TEXT_H
#define QI_SEGMENT_FLUSH_TEXT_H

#include "segment/build.h"
#include "segment/memindex.h"

typedef struct qi_flush_text qi_flush_text;

/* For the documents of `parts`, in the segment that `build` writes; both are lent. As many as
 * `threads` code lists; 0 is 1. Errors: MEMORY. */
quire_status qi_flush_text_new(qi_flush_text **out, const qi_mem_parts *parts, unsigned threads,
                               qi_build *build, quire_error *err);
void qi_flush_text_free(qi_flush_text *text);

/* Write the lanes of a field, whose starts and norms are filled. Errors: IO, MEMORY. */
quire_status qi_flush_text_field(qi_flush_text *text, uint32_t field, quire_error *err);

#endif
