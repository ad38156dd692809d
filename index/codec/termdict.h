/* SPDX-License-Identifier: MIT
 * codec/termdict.h - the terms of one lane, sorted, each with where its list is.
 *
 *   | blocks of 32 terms | zeros to a multiple of 8 | u64 head prefixes | block offsets | trailer |
 *
 * Terms of a block are coded against the one before. A block is found by a search in the sorted
 * array of the first 8 bytes of each block's first term; ordinals, order and prefixes come for
 * free. Invariants: T-1: terms strictly increase.  T-2: a term shares no more bytes with the one
 * before than that has.  T-3: the parts of a dictionary fill its bytes, and blocks follow one
 * another inside them.  T-4: a term has at most QI_TERM_MAX bytes.  T-5: 1 <= df <= cf, and a list
 * ends below 2^64.  T-6: the prefix of a block is its first term's. */
#ifndef QI_CODEC_TERMDICT_H
#define QI_CODEC_TERMDICT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/vec.h"
#include "base/view.h"

enum { QI_TERM_BLOCK = 32 };

/* What a dictionary says of a term. With cf == 1 the one occurrence is `first` (a word number, or a
 * document where the lane has no positions), and there is no list. */
typedef struct qi_term_info {
    uint64_t df, cf;         /* documents, occurrences; df 0: no such term */
    uint64_t offset, length; /* of the list, in the section of lists */
    uint32_t first;
    uint64_t ordinal; /* of the term in its dictionary; set by reading */
} qi_term_info;

/* ---- Writing ---- */

/* Builds one dictionary. Exclusive. */
typedef struct qi_termdict_builder {
    qi_buf *out;
    QI_VEC(uint64_t) prefixes, offsets;
    uint64_t count, written; /* terms; bytes appended */
    uint64_t next;           /* where the next list is expected */
    uint8_t last[QI_TERM_MAX];
    size_t last_len;
} qi_termdict_builder;

/* Terms go to `out`, which the caller may empty between any two calls: a dictionary need not fit
 * memory. Their lists start at offset `lists`. Release with qi_termdict_builder_free. */
void qi_termdict_builder_init(qi_termdict_builder *builder, qi_buf *out, uint64_t lists);

/* Append a term greater than the one before. A list that starts where the one before ended costs
 * least; others may stand anywhere. Errors: MEMORY. */
quire_status qi_termdict_add(qi_termdict_builder *builder, const void *term, size_t len,
                             const qi_term_info *info, quire_error *err);

/* Append what closes the dictionary. Errors: MEMORY. */
quire_status qi_termdict_finish(qi_termdict_builder *builder, quire_error *err);

void qi_termdict_builder_free(qi_termdict_builder *builder);

/* ---- Reading ---- */

/* An open dictionary: points into the bytes it was opened on. Zeroed: no terms. Immutable. */
typedef struct qi_termdict {
    const uint8_t *blocks, *prefixes, *offsets;
    uint64_t blocks_size, block_count, term_count;
    unsigned offset_width; /* 4 or 8 */
    const char *file;      /* for messages */
    /* Called before the bytes of a block are read, for the owner to verify them; may be NULL. The
     * arrays of prefixes and offsets, from `prefixes` to the end, are read without asking. */
    quire_status (*touch)(const void *owner, const uint8_t *at, size_t len, quire_error *err);
    const void *owner;
} qi_termdict;

/* Open the dictionary that takes up all of the bytes. CORRUPT, naming `file`, which must outlive
 * it. */
quire_status qi_termdict_open(qi_termdict *out, const uint8_t *bytes, size_t len, const char *file,
                              quire_error *err);

/* Look up a term. Not there: OK with info->df 0, and the ordinal is of the next greater one.
 * Errors: CORRUPT, and those of `touch`. */
quire_status qi_termdict_find(const qi_termdict *dict, const void *term, size_t len,
                              uint64_t *ordinal, qi_term_info *info, quire_error *err);

/* The same in three steps, so that of many look-ups each waits for memory while others do: where
 * the term must be; have the memory fetch that; find it. */
uint64_t qi_termdict_aim(const qi_termdict *dict, const void *term, size_t len);
void qi_termdict_fetch(const qi_termdict *dict, uint64_t aim);
quire_status qi_termdict_find_at(const qi_termdict *dict, uint64_t aim, const void *term,
                                 size_t len, qi_term_info *info, quire_error *err);

/* A place in a dictionary. Exclusive. */
typedef struct qi_termdict_iter {
    const qi_termdict *dict;
    uint64_t ordinal; /* of the current term; dict->term_count at the end */
    qi_view block;    /* what follows the current term in its block */
    uint64_t next;    /* where the next list of the block is expected */
    quire_status status;
    quire_error *err;
    size_t len;
    uint8_t term[QI_TERM_MAX];
    qi_term_info info;
} qi_termdict_iter;

/* Stand on the first term that is not less than `term` (len 0: the first of all). False at the end
 * or after an error, which `status` tells and `err`, if not NULL, describes; it is kept for later
 * steps. */
bool qi_termdict_seek(qi_termdict_iter *iter, const qi_termdict *dict, const void *term, size_t len,
                      quire_error *err);

/* Stand on the term of this ordinal. */
bool qi_termdict_at(qi_termdict_iter *iter, const qi_termdict *dict, uint64_t ordinal,
                    quire_error *err);

/* Step to the next term. Ends and errors stay. */
bool qi_termdict_next(qi_termdict_iter *iter);

#endif
