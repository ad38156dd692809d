/* SPDX-License-Identifier: MIT
 * segment/lists.h - writing the list of one term: what segment/postings.h reads.
 *
 * Word numbers (or, in keyword lanes, documents) are pushed in increasing order; documents,
 * frequencies, bounds and the choice of layout follow. FORMAT.md, "Lists", has the layouts.
 * Exclusive. */
#ifndef QI_SEGMENT_LISTS_H
#define QI_SEGMENT_LISTS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "base/view.h"
#include "codec/rice.h"
#include "codec/termdict.h"

enum {
    QI_LIST_BLOCKED = QI_BLOCK, /* occurrences from which on a list is in blocks */
    QI_LIST_HEADER = 20,        /* bytes before the arrays of a blocked list */
    QI_LIST_RECORD = 12         /* bytes of a document block's record */
};

/* Does a blocked list have a bitmap in place of document blocks; does it have ranges? */
static inline bool qi_list_has_bitmap(uint64_t df, uint32_t doc_count)
{
    return df * 8 >= doc_count;
}
static inline bool qi_list_has_ranges(uint64_t df, uint32_t doc_count)
{
    return df * 64 >= doc_count;
}

/* A list in blocks, cut into its arrays. */
typedef struct qi_list_parts {
    float max_part;
    uint16_t kth[3];
    uint32_t block_count, word_block_count;
    const uint8_t *last_docs, *records, *bitmap, *doc_data, *freq_data, *ranges;
    const uint8_t *last_words, *word_offsets, *word_data;
    size_t doc_size, freq_size, word_size;
} qi_list_parts;

/* Cut the area of a list of `cf` >= QI_LIST_BLOCKED occurrences in `df` documents. False if the
 * parts do not fit its length. */
bool qi_list_cut(qi_list_parts *parts, qi_view area, uint32_t df, uint64_t cf, uint32_t doc_count,
                 bool text);

/* A list of a form in blocks: its occurrences among those of its stem. */
typedef struct qi_form_parts {
    uint32_t block_count;
    const uint8_t *heads; /* for each block: u32 last word number, u32 last ordinal, u32 offset */
    const uint8_t *data;
    size_t size;
} qi_form_parts;

enum { QI_FORM_HEAD = 12 };

bool qi_form_cut(qi_form_parts *parts, qi_view area, uint64_t cf);

/* What the lists of one lane have in common. */
typedef struct qi_lane_context {
    uint32_t doc_count;
    const uint32_t
        *starts; /* text: doc_count + 1 word numbers, the last one past all; keyword: NULL */
    const uint8_t *norms; /* text */
    const float *inverse; /* text: by norm code, 1 / (1 - b + b * length / average) */
    float k1;
} qi_lane_context;

/* One block of documents: where its data is, and the largest tf-part in it. */
typedef struct qi_list_record {
    uint32_t docs, freqs;
    float max_part;
} qi_list_record;

typedef struct qi_list_writer {
    qi_lane_context lane;
    uint64_t cf;
    uint32_t df, first;
    uint32_t doc, tf; /* the document being counted; df == 0: none */
    float max_part;
    uint32_t words[QI_BLOCK], word_count, last_word; /* last_word: of the block before */
    uint32_t docs[QI_BLOCK], freqs[QI_BLOCK], doc_count, last_doc;
    qi_buf doc_data, freq_data, word_data;
    QI_VEC(uint32_t) last_docs, last_words, word_offsets;
    QI_VEC(qi_list_record) records;
    uint8_t *ranges;
    uint32_t *histogram;      /* of tf-parts, for K-th values */
    quire_segment_stat sizes; /* bytes by part of the list that was ended last */
    bool failed;
} qi_list_writer;

/* A writer for segments of at most `doc_count` documents. Errors: MEMORY. */
quire_status qi_lists_new(qi_list_writer *lists, uint32_t doc_count, quire_error *err);
void qi_lists_free(qi_list_writer *lists);

/* Begin a lane; `lane` is copied, what it points to stays the caller's. */
void qi_lists_lane(qi_list_writer *lists, const qi_lane_context *lane);

/* The last document from `from` on that starts at or before `word`. */
uint32_t qi_lists_doc_of(const uint32_t *starts, uint32_t doc_count, uint32_t from, uint32_t word);

/* Encode `count` (at most QI_BLOCK) increasing numbers after `before` (UINT32_MAX: none) as gaps.
 */
void qi_lists_encode_gaps(qi_buf *out, const uint32_t *numbers, uint32_t count, uint32_t before);

/* Text lanes: the next word number of the term. */
void qi_lists_word(qi_list_writer *lists, uint32_t word);

/* The same for the next `count` word numbers, whose documents are known. */
void qi_lists_words(qi_list_writer *lists, const uint32_t *words, const uint32_t *docs,
                    size_t count);

/* The same in two parts, in any order: word numbers, and the documents that they are in. A list
 * that stays short needs no documents, only `df`. All numbers are moved by `shift`. */
void qi_lists_add_words(qi_list_writer *lists, const uint32_t *words, size_t count, uint32_t shift);
void qi_lists_add_docs(qi_list_writer *lists, const uint32_t *docs, const uint32_t *freqs,
                       size_t count, uint32_t shift);

/* Keyword lanes: the next document. */
void qi_lists_doc(qi_list_writer *lists, uint32_t doc);

/* End the term: its area is appended to `area` (nothing for a single occurrence), and described in
 * `info` but for the offset. Ready for the next term. Errors: MEMORY. */
quire_status qi_lists_end(qi_list_writer *lists, qi_buf *area, qi_term_info *info,
                          quire_error *err);

#endif
