/* SPDX-License-Identifier: MIT
 * segment/words.h - word numbers: one running number for all words of a field of a segment.
 *
 *     document 0        document 1
 *     0 1 2 3 4 5  (6)  7 8 9  (10)  ...      () a hole between documents, so that no phrase
 * crosses them
 *
 * A phrase is an AND over word numbers; documents and frequencies follow from the table of starts:
 * a u32 for each 64 documents and an offset for each document, 16 bits wide where the field allows
 * it. */
#ifndef QI_SEGMENT_WORDS_H
#define QI_SEGMENT_WORDS_H

#include "codec/rice.h"
#include "segment/read.h"

/* Word number of a document's first word; of doc_count: one past the last hole. The table must have
 * been verified (qi_words_verify). */
static inline uint32_t qi_words_start(const qi_segment *segment, const qi_field_part *field,
                                      uint32_t doc)
{
    if (doc >= segment->doc_count)
        return field->words;
    const uint8_t *offsets = field->starts + 4 * (((size_t)segment->doc_count + 63) / 64);
    uint32_t offset = field->wide_starts ? qi_load32(offsets + 4 * (size_t)doc)
                                         : qi_load16(offsets + 2 * (size_t)doc);
    return qi_load32(field->starts + 4 * (size_t)(doc / 64)) + offset;
}

/* Verify the table of starts of a text field. Errors: CORRUPT. */
quire_status qi_words_verify(const qi_segment *segment, uint32_t field, quire_error *err);

/* The document that word number `word` lies in, searched from document `from` on, near it first;
 * doc_count if there is none, or if `word` lies before `from`. */
uint32_t qi_words_doc(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                      uint32_t word);

/* The same for `n` >= 1 word numbers that increase, none before document `from` or past the field's
 * end: documents that do not decrease. Returns the last. */
uint32_t qi_words_docs(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                       const uint32_t *words, uint32_t n, uint32_t *docs);

/* The range of 64 documents that word number `word` lies in, or the last one, from `from` on. */
uint32_t qi_words_range(const qi_segment *segment, const qi_field_part *field, uint32_t from,
                        uint32_t word);

#endif
