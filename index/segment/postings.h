/* SPDX-License-Identifier: MIT
 * segment/postings.h - the list of one term in one segment: its documents, frequencies and word
 * numbers.
 *
 * Documents and word numbers come in blocks of at most 256, found by their last value and decoded
 * whole. Three layouts hide behind the same calls (see FORMAT.md): a number in the term's record
 * (one occurrence), word numbers alone (fewer than 256 occurrences), and blocks, with a bitmap for
 * the documents of the most frequent terms. Exclusive. An error is sticky: after it the list is at
 * its end, and `status` says so. */
#ifndef QI_SEGMENT_POSTINGS_H
#define QI_SEGMENT_POSTINGS_H

#include "codec/rice_pick.h"
#include "segment/lists.h"
#include "segment/words.h"

/* Units of the bounds that a list carries, made with the segment's k1, b and average length. */
enum {
    QI_PART = 255,      /* ranges: rounded up; 0: the term does not occur in the range */
    QI_KTH_PART = 4096, /* K-th values: rounded down */
    QI_KTHS = 3         /* K = 10, 100, 1000 */
};

typedef struct qi_postings {
    const qi_segment *segment;
    const qi_field_part *field;
    uint32_t lane;
    uint32_t df;
    uint64_t cf;
    quire_status status;
    quire_error *err; /* where a failure is told; may be NULL */

    /* Bounds. */
    float max_part;        /* no tf-part of the list is larger */
    const uint8_t *ranges; /* a byte per 64 documents, or NULL */
    uint16_t kth[QI_KTHS]; /* 0: not known */
    const uint8_t *bitmap; /* a bit a document, in little-endian 64-bit words, or NULL */

    /* The current block of documents: docs and freqs. */
    uint32_t block, block_count;
    uint32_t count; /* of docs; 0 before the first seek and at the end */
    bool freqs_loaded;

    /* The current block of word numbers: words. */
    uint32_t word_block, word_block_count;
    uint32_t word_count;

    /* Where things are; private to postings.c and postings_form.c. */
    qi_list_parts parts; /* of a list in blocks; of a form, its stem's */
    bool is_form;        /* in blocks of ordinals */
    qi_form_parts form;
    uint64_t stem_cf;    /* 0: not a part of a stem */
    uint32_t stem_block; /* which block of the stem stem_words holds; UINT32_MAX: none */
    uint32_t picked;     /* the block that `pick` stands in, counted from 1; 0: none */
    uint32_t picks;      /* from it, so far */

    /* From here on nothing is set by opening. */
    uint32_t docs[QI_BLOCK];
    uint32_t freqs[QI_BLOCK]; /* valid after qi_postings_freqs */
    qi_rice_pick pick;        /* of frequencies */
    uint32_t words[QI_BLOCK];
    uint32_t stem_words[QI_BLOCK];
} qi_postings;

/* Open the list that `info` describes, in a lane of the segment. It starts before its first block.
 * `err` is kept for later failures. What relates the list's word numbers to documents verifies the
 * table of starts first (qi_words_verify). Errors: CORRUPT. */
quire_status qi_postings_open(qi_postings *out, const qi_segment *segment, uint32_t lane,
                              const qi_term_info *info, quire_error *err);

/* A list of its own that stands where `from`, just opened, does. */
void qi_postings_copy(qi_postings *out, const qi_postings *from);

/* Make the block current that holds the first document >= target, never stepping back. False at the
 * end, or after an error; then `count` is 0. */
bool qi_postings_seek(qi_postings *list, uint32_t target);

/* Is it in blocks of its own, neither short nor a form's? */
static inline bool qi_postings_is_blocked(const qi_postings *list)
{
    return list->parts.last_docs != NULL && !list->is_form;
}

/* Is it a short list of which only word numbers are known, all of them in `words`? Documents are
 * derived from them by the first seek, which may be spared: the table of starts is verified. */
bool qi_postings_is_underived(const qi_postings *list);

/* The last document of the current block. There must be one. */
static inline uint32_t qi_postings_block_last(const qi_postings *list)
{
    return list->docs[list->count - 1];
}

/* A lower bound of the first document >= target of the list, from skip data alone: neither decodes
 * nor moves. QI_END past the last document. */
uint32_t qi_postings_peek(const qi_postings *list, uint32_t target);

/* No tf-part of the current block is larger than this. */
float qi_postings_block_max(const qi_postings *list);

/* The first document >= target that may have a tf-part of `part` or more, from skip data alone as
 * above. */
uint32_t qi_postings_peek_part(const qi_postings *list, uint32_t target, float part);

/* Frequencies of the current block's documents, or NULL after an error. 1 for keyword lanes. */
const uint32_t *qi_postings_freqs(qi_postings *list);

/* The frequency of document `at` of the list, in the current block (after qi_postings_seek or
 * qi_postings_seek_span) or one before it, where few are wanted: it alone is decoded, and the block
 * once many were asked for. 0 after an error. Not for a form before the current block, of which
 * `at` is QI_BLOCK times its number and the place in it. */
uint32_t qi_postings_pick(qi_postings *list, uint32_t at);
static inline uint32_t qi_postings_freq(qi_postings *list, uint32_t at)
{
    return list->freqs_loaded && at / QI_BLOCK == list->block ? list->freqs[at % QI_BLOCK]
                                                              : qi_postings_pick(list, at);
}

/* freqs[i] = that of document at[i], of `count` increasing ones of a list with blocks that is no
 * form. For a list with a bitmap the block moves with them. 0 after an error. */
void qi_postings_freqs_at(qi_postings *list, const uint32_t *at, uint32_t count, uint32_t *freqs);

/* `wanted` frequencies of the current block will be asked for: decode it now if they are many. */
void qi_postings_prepare(qi_postings *list, uint32_t wanted);

/* Go back before the first block. */
void qi_postings_rewind(qi_postings *list);

/* For a list with a bitmap, instead of qi_postings_seek: make the block current that holds the
 * first document >= target, without its documents, which are the `count` of the bitmap in [first,
 * last]. False at the end, or after an error. */
typedef struct qi_postings_span {
    uint32_t first, last, count;
} qi_postings_span;
bool qi_postings_seek_span(qi_postings *list, uint32_t target, qi_postings_span *span);

/* The list is damaged: end it with a message that names the place `at`, NULL if unknown. */
void qi_postings_fail(qi_postings *list, const uint8_t *at, const char *what);

/* Make the block of word numbers current that holds the first one >= target, never stepping back.
 * False at the end, or after an error, or if the lane has no positions. */
bool qi_postings_seek_word(qi_postings *list, uint32_t target);

#endif
