/* SPDX-License-Identifier: MIT
 * search/note.h - what a reading of a query has to say, and how it says no.
 *
 * The lenient reading tells a note; the strict one fails with the same text. Codes are stable:
 * programs compare them, and quire-query(7) lists them. */
#ifndef QI_SEARCH_NOTE_H
#define QI_SEARCH_NOTE_H

#include "base/arena.h"
#include "base/error.h"

enum { QI_NOTES_MAX = 64 }; /* of one query; the last is then "more-notes" */

typedef enum qi_note_code {
    QI_NOTE_QUERY_CUT,
    QI_NOTE_TOO_DEEP,
    QI_NOTE_TOO_MANY_CLAUSES,
    QI_NOTE_PHRASE_CUT,
    QI_NOTE_TOO_MANY_ALTERNATIVES,
    QI_NOTE_UNMATCHED_QUOTE,
    QI_NOTE_UNMATCHED_PAREN,
    QI_NOTE_UNMATCHED_BRACKET,
    QI_NOTE_EMPTY_GROUP,
    QI_NOTE_EMPTY_PHRASE,
    QI_NOTE_EMPTY_FIELD,
    QI_NOTE_DANGLING_OPERATOR,
    QI_NOTE_UNKNOWN_FIELD,
    QI_NOTE_NOT_INDEXED,
    QI_NOTE_NO_FIELDS,
    QI_NOTE_BAD_NUMBER,
    QI_NOTE_LARGE_NUMBER,
    QI_NOTE_BAD_VALUE,
    QI_NOTE_EMPTY_RANGE,
    QI_NOTE_NO_RANGE,
    QI_NOTE_NO_EXACT,
    QI_NOTE_PREFIX_OF_STEMS,
    QI_NOTE_WHOLE_VALUE,
    QI_NOTE_WORD_LEFT_OUT,
    QI_NOTE_ONLY_NEGATIVES,
    QI_NOTE_CHARACTERS_SPLIT,
    QI_NOTE_AT_LEAST,
    QI_NOTE_NO_NEAR,
    QI_NOTE_NO_WILDCARD,
    QI_NOTE_NO_FUZZY,
    QI_NOTE_NO_REGEX,
    QI_NOTE_NO_PHRASE_PREFIX,
    QI_NOTE_MORE,
    QI_NOTE_COUNT
} qi_note_code;

/* The stable name of a code and its one line for a person. Any thread. */
const char *qi_note_name(qi_note_code code);
const char *qi_note_text(qi_note_code code);

/* Is the fact an error in the strict reading? */
bool qi_note_is_error(qi_note_code code);

/* A growing list in an arena. Exclusive. */
typedef struct qi_notes {
    qi_arena *memory;
    quire_note *items; /* room for QI_NOTES_MAX, made at the first note */
    size_t count;
} qi_notes;

/* Add a note about bytes [start, end) unless the list is full. A failed allocation shows in the
 * arena. */
void qi_notes_add(qi_notes *notes, qi_note_code code, size_t start, size_t end);

/* Fail with SYNTAX or LIMIT at byte `offset` of the query, in the words of `code`. */
quire_status qi_note_fail(qi_note_code code, size_t offset, quire_error *err);

#endif
