/* SPDX-License-Identifier: MIT
 * search/phrase.h - what the files of the phrase iterator share. Exclusive.
 *
 * A field of a phrase is searched one span of documents after another, in order. Exact phrases
 * collect places of the rarest word, 256 at a time, and keep those that all other words confirm;
 * what is left over is confirmed by qi_phrase_flush. Where few documents are candidates, they are
 * asked instead, by qi_phrase_among. */
#ifndef QI_SEARCH_PHRASE_H
#define QI_SEARCH_PHRASE_H

#include "search/cursor.h"
#include "search/iter.h"
#include "search/slop.h"

/* A document where the phrase was found. */
typedef struct qi_phrase_hit {
    uint32_t slot; /* of the window */
    float tf;
} qi_phrase_hit;

/* Where a word stands in one document. */
typedef struct qi_phrase_places {
    uint32_t *at;
    uint32_t count, room;
} qi_phrase_places;

/* Word numbers at which the phrase would start. */
typedef struct qi_phrase_starts {
    uint32_t at, count;
    uint32_t items[QI_BLOCK];
} qi_phrase_starts;

typedef struct qi_phrase_state {
    qi_field_source source;
    uint32_t count;
    const qi_word *words;
    qi_cursor *cursors; /* one a word */
    uint32_t *ordered;  /* words, rarest first */
    uint32_t last_offset;
    qi_phrase_hit *hits; /* of the window at hit_base; NULL: never scores */
    uint32_t hit_count, hit_base;

    qi_phrase_starts *ahead; /* where it stands, found before its window came; from `at` on */
    uint32_t done;           /* nothing more is to be found where the lead stands before this */
    qi_phrase_starts *open;  /* of the span, not confirmed yet */
    uint32_t *filled;        /* one a word: one more than the block last brought to full length */

    qi_phrase_places *places; /* slop: of each word, in the current document */
    qi_slop_word *slop_words;
    uint32_t judged; /* slop: words placed since the poll was asked */
} qi_phrase_state;

/* Where hits of a window go. */
typedef struct qi_phrase_sink {
    qi_phrase_state *field;
    const qi_window *window;
    uint64_t *found;
    uint32_t doc; /* no hit to come lies before it */
    const qi_phrase *spec;
    qi_arena *memory;
} qi_phrase_sink;

/* Has the search ended, by a failure, the deadline or the caller? Asks, and notes the answer. */
bool qi_phrase_stopped(const qi_phrase *spec);

void qi_phrase_record(const qi_phrase_sink *to, uint32_t doc, float tf);

/* Exact phrases: the first document >= target that may match, all before it are known not to. */
uint32_t qi_phrase_next(qi_phrase_state *field, uint32_t target);

/* Search the documents [doc, end) of the window. */
void qi_phrase_exact(qi_phrase_sink *to, uint32_t doc, uint32_t end);
void qi_phrase_near(qi_phrase_sink *to, uint32_t doc, uint32_t end);

/* freqs[i] = how often an exact phrase stands in docs[i]; documents increase, and come in order. */
void qi_phrase_among(qi_phrase_state *field, const uint32_t *docs, uint32_t count, uint32_t *freqs);

/* Append starts from the current place of the lead on, where it stands before `end`, as far as
 * there is room. */
void qi_phrase_append(qi_phrase_starts *starts, qi_cursor *lead, uint32_t offset, uint32_t end);

/* Keep the starts at which all other words stand in their places. */
void qi_phrase_confirm(qi_phrase_state *field, qi_phrase_starts *starts);

/* Before the first span of a window: take what was found ahead. After the last one: confirm what
 * is open. Exact phrases only. */
void qi_phrase_begin(qi_phrase_sink *to);
void qi_phrase_flush(qi_phrase_sink *to);

#endif
