/* SPDX-License-Identifier: MIT
 * text/analyzer.h - text to tokens, the same way for documents and queries.
 *
 * Steps, in order: UTF-8 (invalid bytes become U+FFFD and are counted), word boundaries of UAX #29
 * with every Han, kana and Hangul character a word of its own (segments without a letter or digit
 * are no words), NFKC case folding, the possessive 's, stop words (which keep their position),
 * stemming. Diacritics go before the possessive for English, Indonesian and no language; for the
 * others, whose stop words and stemmers tell é from e, they go from the stem. */
#ifndef QI_TEXT_ANALYZER_H
#define QI_TEXT_ANALYZER_H

#include "base/error.h"
#include "base/limits.h"

/* Exclusive: holds a stemmer and scratch memory. */
typedef struct qi_analyzer qi_analyzer;

/* Most bytes that the memory of names may grow to, if it is found wanting, and a quarter of them
 * that of what becomes of words; 2 MiB each if never said or less. */
void qi_analyzer_remember(qi_analyzer *analyzer, size_t bytes);

/* A token; its bytes are lent until the next call on the analyzer. */
typedef struct qi_token {
    quire_str term; /* folded and stemmed; empty if it is a stop word that is left out */
    quire_str
        exact; /* folded, without diacritics (unless they are kept) and possessive, not stemmed */
    uint32_t position; /* word number in the text, from 0, strictly increasing; stop words count */
    size_t start, end; /* bytes of the text */
    bool ideograph;    /* a single Han, kana or Hangul character, with its marks; not stemmed */
} qi_token;

/* Errors: MISUSE (a language that libstemmer does not have), MEMORY. */
quire_status qi_analyzer_new(qi_analyzer **out, const quire_analyzer *options, quire_error *err);
void qi_analyzer_free(qi_analyzer *analyzer);

/* Forget all that was read and counted, as if it were new. */
void qi_analyzer_rest(qi_analyzer *analyzer);

/* Begin a text, which must stay until it is read. Texts are at most 2 GiB - 1 bytes (LIMIT). */
quire_status qi_analyzer_start(qi_analyzer *analyzer, quire_str text, quire_error *err);

/* The next token, or DONE. With `keep_stops` stop words are given too, with an empty term;
 * otherwise they are passed over. Errors: MEMORY. */
quire_status qi_analyzer_next(qi_analyzer *analyzer, bool keep_stops, qi_token *out,
                              quire_error *err);

/* The only token of a text that is nothing but one word of ASCII letters and digits, which may be a
 * stop word. Errors: LIMIT, MEMORY. */
quire_status qi_analyzer_word(qi_analyzer *analyzer, quire_str word, qi_token *out,
                              quire_error *err);

/* A token as the caller knows it: what `name` said of its term and exact form. */
typedef struct qi_token_name {
    uint32_t name, position;
} qi_token_name;

/* Who names tokens. Each distinct word is asked for at least once; names are below QI_NAME_MAX and
 * are remembered for each space, of which there are 256, until qi_analyzer_forget. */
typedef struct qi_token_namer {
    /* Name `count` tokens, at most QI_NAMES. */
    quire_status (*name)(void *host, const qi_token *tokens, size_t count, uint32_t *out,
                         quire_error *err);
    void *host;
    uint8_t space;
} qi_token_namer;

enum { QI_NAME_MAX = INT32_MAX, QI_NAMES = 64 };

/* The next tokens, at most QI_NAMES, stop words included; none at the end: the fast way through a
 * text that is indexed. A text is read in one way or the other. Errors: MEMORY, those of `name`. */
quire_status qi_analyzer_names(qi_analyzer *analyzer, const qi_token_namer *namer,
                               qi_token_name *out, size_t *count, quire_error *err);
void qi_analyzer_forget(qi_analyzer *analyzer);

/* Since the analyzer was made: bytes that were not UTF-8, and tokens cut to QI_TERM_MAX. */
uint64_t qi_analyzer_invalid_bytes(const qi_analyzer *analyzer);
uint64_t qi_analyzer_long_tokens(const qi_analyzer *analyzer);

/* Append to `out` what each step did to the token that qi_analyzer_next gave last, one line,
 * NUL-terminated: "fold: Cafés -> cafés; diacritics: cafés -> cafes; stem: cafes -> cafe". Steps
 * that change nothing are left out. Sets out->failed when out of memory. */
struct qi_buf;
void qi_analyzer_steps(qi_analyzer *analyzer, struct qi_buf *out);

/* Fold a whole value as keyword fields and `whole` analysers do: NFKC case folding and diacritics,
 * no word boundaries. Used for prefixes of terms too. `out` is lent until the next call. */
quire_status qi_analyzer_fold(qi_analyzer *analyzer, quire_str text, quire_str *out,
                              quire_error *err);

#endif
