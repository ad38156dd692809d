/* SPDX-License-Identifier: MIT
 * search/lex.h - query text to lexemes, and lexemes to a well-formed row of them.
 *
 * Everything that can be wrong with a query's form is found here. In the lenient reading it is
 * mended with a note, in the strict one it is an error; the parser behind it sees only balanced
 * groups, and operators that have their operands. Time and memory are linear in the text. */
#ifndef QI_SEARCH_LEX_H
#define QI_SEARCH_LEX_H

#include "base/vec.h"
#include "codec/schema.h"
#include "search/note.h"

typedef enum qi_lexeme_kind {
    QI_LEX_ATOM,  /* a word or phrase */
    QI_LEX_RANGE, /* [low TO high] */
    QI_LEX_OPEN,
    QI_LEX_CLOSE,
    QI_LEX_AND, /* NEAR and ADJ, too, in the lenient reading */
    QI_LEX_OR,
    QI_LEX_NOT, /* the word; gone after mending */
    QI_LEX_GONE /* dropped */
} qi_lexeme_kind;

/* Bytes [from, to) of the text, escapes and all. */
typedef struct qi_lex_span {
    uint32_t from, to;
    bool quoted;
} qi_lex_span;

typedef struct qi_lexeme {
    qi_lexeme_kind kind;
    uint32_t start, end;    /* bytes of the text, signs and suffixes included */
    uint32_t fields_at;     /* ATOM, RANGE, OPEN: where in the list of fields its own begin */
    uint32_t field_count;   /* and how many they are; 0: none are named */
    char sign;              /* the same: '+', '-' or 0 */
    qi_lex_span text, high; /* ATOM: its content in `text`; RANGE: its ends */
    bool exact, star;       /* ATOM: '=' before it, '*' behind it */
    bool plain;             /* ATOM: it is of ASCII letters and digits alone */
    bool low_out, high_out; /* RANGE: '{', '}': the end itself is excluded */
    bool near;              /* OPEN, AND: it was NEAR or ADJ */
    uint32_t slop;          /* ATOM: ~n */
    uint32_t least;         /* CLOSE: @n */
    float boost;            /* ATOM, RANGE, CLOSE: ^n; 1 without */
} qi_lexeme;

typedef struct qi_lex {
    quire_str text;
    const quire_schema *schema;
    bool strict;
    qi_notes *notes;
    qi_arena *memory; /* of lexemes and fields */
    QI_VEC(qi_lexeme) lexemes;
    QI_VEC(uint32_t) fields;  /* numbers of fields named, sorted and distinct per lexeme */
    uint64_t steps;           /* bytes and lexemes looked at: the measure of linear time */
    uint32_t at;              /* the rest is the lexer's own */
    uint32_t no_quote_after;  /* beyond this byte there is no closing quote */
    uint32_t no_slash_before; /* what begins before this byte is no regular expression */
    quire_status status;
    quire_error *err;
} qi_lex;

/* Read the text, at most QI_QUERY_BYTES long, of a lexer whose first five members are set and the
 * others zero. Errors: SYNTAX and LIMIT (strict only), MEMORY. */
quire_status qi_lex_read(qi_lex *lex, quire_error *err);

/* Make the lexemes well-formed: every OPEN has its CLOSE, no group is empty or deeper than
 * QI_QUERY_DEPTH, AND and OR stand between operands, NOT and signs are in `sign`, nothing is GONE.
 * Errors as above. */
quire_status qi_lex_mend(qi_lex *lex, quire_error *err);

/* Note `code` about bytes [start, end), or fail with it where the reading is strict; the first
 * failure stays. */
void qi_lex_complain(qi_lex *lex, qi_note_code code, uint32_t start, uint32_t end);

/* The length of the white space character at `at` (NUL counts as one), or 0. Any thread. */
size_t qi_lex_space(quire_str text, size_t at);

#endif
