/* SPDX-License-Identifier: MIT
 * search/cursor.h - a place in a list: is this document, or word number, in it? Exclusive.
 *
 * Targets never decrease. A list serves either documents or word numbers through one cursor. */
#ifndef QI_SEARCH_CURSOR_H
#define QI_SEARCH_CURSOR_H

#include "segment/postings.h"

typedef struct qi_cursor {
    qi_postings *list;
    uint32_t at; /* in the current block; what lies before it is smaller than all targets to come */
} qi_cursor;

/* The first index >= at of `values` whose value is >= target; there is one. */
static inline uint32_t qi_cursor_gallop(const uint32_t *values, uint32_t at, uint32_t count,
                                        uint32_t target)
{
    uint32_t step = 1;
    while (at + step < count && values[at + step] < target) {
        at += step;
        step *= 2;
    }
    uint32_t end = at + step < count ? at + step : count - 1;
    while (at < end) {
        uint32_t middle = at + (end - at) / 2;
        if (values[middle] < target)
            at = middle + 1;
        else
            end = middle;
    }
    return at;
}

/* Stand at the first document >= target. False at the end of the list. */
static inline bool qi_cursor_seek(qi_cursor *cursor, uint32_t target)
{
    qi_postings *list = cursor->list;
    if (list->count == 0 || list->docs[list->count - 1] < target) {
        if (!qi_postings_seek(list, target))
            return false;
        cursor->at = 0;
    }
    cursor->at = qi_cursor_gallop(list->docs, cursor->at, list->count, target);
    return true;
}

/* Items of the current block before `at` are done with. True if the list goes on at `at`; else the
 * block is used up, and the next target is set. */
static inline bool qi_cursor_pass(qi_cursor *cursor, uint32_t at, uint32_t *target)
{
    const qi_postings *list = cursor->list;
    cursor->at = at < list->count ? at : list->count - 1;
    *target = list->docs[list->count - 1] + 1;
    return at < list->count;
}

static inline bool qi_cursor_find(qi_cursor *cursor, uint32_t doc)
{
    return qi_cursor_seek(cursor, doc) && cursor->list->docs[cursor->at] == doc;
}

/* Frequency of the document that was found; 0 after an error. */
static inline uint32_t qi_cursor_freq(qi_cursor *cursor)
{
    const uint32_t *freqs = qi_postings_freqs(cursor->list);
    return freqs == NULL ? 0 : freqs[cursor->at];
}

/* The same for word numbers. */
static inline bool qi_cursor_seek_word(qi_cursor *cursor, uint32_t target)
{
    qi_postings *list = cursor->list;
    if (list->word_count == 0 || list->words[list->word_count - 1] < target) {
        if (!qi_postings_seek_word(list, target))
            return false;
        cursor->at = 0;
    }
    cursor->at = qi_cursor_gallop(list->words, cursor->at, list->word_count, target);
    return true;
}

static inline uint32_t qi_cursor_word(const qi_cursor *cursor)
{
    return cursor->list->words[cursor->at];
}

/* Is it cheaper to look `wanted` documents of a window up than to go through its share of the
 * `total` items that a segment of `docs` documents has? */
static inline bool qi_cursor_prefers_look_up(uint32_t wanted, uint64_t total, uint32_t docs)
{
    return (uint64_t)wanted * 8 * docs < total * 4096;
}

#endif
