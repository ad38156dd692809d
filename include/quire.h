/* SPDX-License-Identifier: MIT
 *
 * quire.h - Quire, an embeddable full-text search library: the whole public interface.
 *
 * Quire keeps an inverted index of documents in a folder (or in memory) and answers ranked word
 * and phrase queries over it. A program does four things with it:
 *
 *     describe   a schema: which fields documents have, and how their text is analysed;
 *     write      add, replace and delete documents, then commit;
 *     snapshot   freeze what is committed, and search it for as long as it is held;
 *     show       stored fields, matches, snippets, and how a score came about.
 *
 * READ THIS FIRST
 *
 *  - Errors. Functions that can fail return a quire_status and fill the caller's quire_error (NULL
 *    is allowed). Negative is failure. On failure every output is NULL or zero. Nothing is printed,
 *    no signal is raised, and nothing is kept behind your back in global or thread-local state.
 *  - Ownership. What an `_open`, `_new`, `_parse` or `quire_search` gives you, you release with the
 *    matching `_close` or `_free`; NULL is fine, and so is any order, for children hold references
 *    to what they need. What a pointer to const inside such an object shows is lent until then.
 *    Arguments are borrowed for the call only. The library never gives you memory to free().
 *  - Threads. Each type says one of three words: *shared* (any number of threads at once),
 *    *exclusive* (one thread at a time), *value* (plain data). Searching takes no lock. The library
 *    starts no thread but those that a writer's options ask for.
 *  - Options. Every options struct starts with `struct_size`; initialise it with its `_INIT` macro
 *    and set what you need. Zero means the default for every member, NULL means all defaults.
 *  - Document numbers (quire_doc) belong to one snapshot. Another snapshot numbers anew: keep the
 *    document's key, never its number.
 *  - Files. Segment files are written once, synced, and never changed: a mapping of one can fault
 *    only if something outside Quire truncates it. Damage by accident is detected by checksums and
 *    reported as QUIRE_ERR_CORRUPT; hostile content of index, document or query must never break
 *    memory safety. One host writes an index at a time; readers need no lock and write nothing.
 *  - fork. Handles do not cross fork(), but for snapshots, which a child may go on searching.
 *
 * Text is UTF-8. Invalid bytes are read as U+FFFD and counted. Sizes are in bytes.
 */
#ifndef QUIRE_H
#define QUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(QUIRE_SHARED) && defined(__GNUC__)
#define QUIRE_API __attribute__((visibility("default")))
#else
#define QUIRE_API
#endif
#if defined(__GNUC__)
#define QUIRE_CHECKED __attribute__((warn_unused_result))
#else
#define QUIRE_CHECKED
#endif

/* ---- Library ------------------------------------------------------------------------------- */

#define QUIRE_VERSION_MAJOR 0
#define QUIRE_VERSION_MINOR 1
#define QUIRE_VERSION_PATCH 0
#define QUIRE_FORMAT_VERSION 1 /* of what is written; this one and the one before are read */

/* What happened, by what a caller can do about it. */
typedef enum quire_status {
    QUIRE_OK = 0,
    QUIRE_DONE = 1,           /* a cursor has no more to give */
    QUIRE_ERR_MEMORY = -1,    /* out of memory, or over the memory limit given */
    QUIRE_ERR_MISUSE = -2,    /* the call itself is wrong: the program needs mending */
    QUIRE_ERR_IO = -3,        /* the operating system said no; see quire_error.os_error */
    QUIRE_ERR_CORRUPT = -4,   /* a file of the index is damaged */
    QUIRE_ERR_FORMAT = -5,    /* not an index, or one of a format that this library does not read */
    QUIRE_ERR_NOT_FOUND = -6, /* no such index, document, or field */
    QUIRE_ERR_EXISTS = -7,    /* an index is there already */
    QUIRE_ERR_BUSY = -8,      /* another writer holds the index */
    QUIRE_ERR_SYNTAX = -9,    /* the query does not parse; quire_error.offset says where */
    QUIRE_ERR_LIMIT = -10,    /* a limit was reached: of the format, or one that was asked for */
    QUIRE_ERR_CANCELED = -11  /* the caller's cancel test or deadline ended the call */
} quire_status;

/* Value. The caller's own; untouched on success. */
typedef struct quire_error {
    quire_status code;
    int32_t os_error;  /* errno, or 0 */
    uint64_t offset;   /* byte in the query or the file that the message names, or 0 */
    char message[240]; /* one line: what, where, and where possible what to do */
} quire_error;

/* Value. A view of bytes, never owned and not NUL-terminated. */
typedef struct quire_str {
    const char *ptr;
    size_t len;
} quire_str;

/* The view of a NUL-terminated string. */
static inline quire_str quire_cstr(const char *s)
{
    quire_str v = {s, 0};
    if (s != NULL)
        while (s[v.len] != '\0')
            v.len++;
    return v;
}

/* The library's version, "major.minor.patch". Any thread. */
QUIRE_API const char *quire_version(void);

/* The name of a status, "QUIRE_ERR_BUSY"; "unknown" for any other number. Any thread. */
QUIRE_API const char *quire_status_name(quire_status status);

/* ---- Schema -------------------------------------------------------------------------------- */

/* Exclusive while it is built. An index keeps a copy for ever: analysis is part of the data. */
typedef struct quire_schema quire_schema;

typedef enum quire_field_type {
    QUIRE_TEXT = 1,    /* analysed into terms at positions; may be given several times a document */
    QUIRE_KEYWORD = 2, /* the whole value is one term of at most 255 bytes; filter, sort, look up */
    QUIRE_NUMBER = 3,  /* a signed 64-bit integer; filter and sort */
    QUIRE_DATE = 4     /* seconds since 1970 UTC; given as a number or as ISO 8601 text */
} quire_field_type;

/* What a text field's analyser does, in this order: word boundaries of Unicode's UAX #29 (with Han,
 * kana and Hangul indexed so that words and substrings of them are found), NFKC case folding,
 * diacritics, the possessive 's, stop words, stemming (before diacritics go, in languages whose
 * stemmers tell letters by them). Zero is the default everywhere. */
typedef struct quire_analyzer {
    char language[24];        /* a Snowball stemmer: "english", "porter", "german"…; "" and
                                 "none": no stemming */
    bool keep_diacritics;     /* 'café' stays apart from 'cafe' */
    bool keep_possessive;     /* "Quire's" is not read as "Quire" */
    bool stop_words;          /* leave out the language's stop words; positions count them */
    bool whole;               /* no word boundaries: each value is one token, folded as above */
} quire_analyzer;

/* One field. For text: indexed with positions unless `not_indexed`; searched when a query names
 * no field if `searched`. Keyword, number and date fields are kept in columns and always
 * retrievable. */
typedef struct quire_field {
    size_t struct_size;
    const char *name;         /* a letter or '_', then letters, digits, '_-.'; 63 bytes at most */
    quire_field_type type;
    bool key;                 /* keyword: identifies the document; at most one field of a schema */
    bool stored;              /* text: kept, to be shown and highlighted */
    bool searched;            /* text: part of what a query without a field name searches */
    bool exact;               /* text: the unstemmed form as well: =word, prefixes, exact ranks */
    bool not_indexed;         /* text: stored only */
    float weight;             /* text: BM25F weight, 0 reads as 1; in (0, 1000] */
    quire_analyzer analyzer;  /* text */
} quire_field;
#define QUIRE_FIELD_INIT {sizeof(quire_field), 0, QUIRE_TEXT, 0, 0, 0, 0, 0, 0, {"", 0, 0, 0, 0}}

/* A new schema without fields, or with those of an article if `article`: id (key), title (weight 2)
 * and body (both English, searched, exact, stored), author, date, url. Errors: MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_schema_new(quire_schema **out, bool article,
                                                      quire_error *err);

/* Add a field; it is copied. The order of fields is that of stored values in results. Errors:
 * MISUSE (name, type, flags or language), EXISTS (name taken), LIMIT (255 fields), MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_schema_add(quire_schema *schema,
                                                      const quire_field *field, quire_error *err);

/* The i-th field, or NULL past the last. Lent until the schema is freed or the index closed. */
QUIRE_API const quire_field *quire_schema_field(const quire_schema *schema, size_t i);

QUIRE_API void quire_schema_free(quire_schema *schema);

/* ---- Index --------------------------------------------------------------------------------- */

/* Shared. An index in a folder, or in memory. */
typedef struct quire_index quire_index;

typedef struct quire_index_options {
    size_t struct_size;
    float k1, b;          /* create: BM25 parameters, in [0, 1000] and [0, 1]; NULL options: 1.2
                             and 0.75 */
    bool read_only;       /* open: never lock or write anything, not even a reader's pin */
    bool verify;          /* open: verify every checksum now rather than at first touch */
    bool previous;        /* open: the generation before the current one, for rescue; implies
                             read_only */
} quire_index_options;
#define QUIRE_INDEX_OPTIONS_INIT {sizeof(quire_index_options), 1.2f, 0.75f, 0, 0, 0}

/* Create an index with `schema` in folder `path` (made if missing, one level), or in memory if
 * `path` is NULL. Errors: EXISTS, IO, MISUSE, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_index_create(quire_index **out, const char *path,
                                                        const quire_schema *schema,
                                                        const quire_index_options *options,
                                                        quire_error *err);

/* Open the index in folder `path`. Errors: NOT_FOUND (no such folder), FORMAT (not an index, or too
 * new), CORRUPT, IO, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_index_open(quire_index **out, const char *path,
                                                      const quire_index_options *options,
                                                      quire_error *err);

/* The schema the index was created with; lent until the index is closed. Any thread. */
QUIRE_API const quire_schema *quire_index_schema(const quire_index *index);

/* Verify the committed index without writing anything. Level 1: every checksum. 2: every
 * structure too. 3: also that the structures agree with one another. Each fault is told to
 * `report` (may be NULL) as one line; checking goes on after a fault. Errors: CORRUPT if any was
 * found, IO, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_index_check(quire_index *index, int level,
                                                       void (*report)(const char *line,
                                                                      void *payload),
                                                       void *payload, quire_error *err);

QUIRE_API void quire_index_close(quire_index *index);

/* ---- Writer -------------------------------------------------------------------------------- */

/* Exclusive. At most one writer holds an index, in all processes. */
typedef struct quire_writer quire_writer;

/* The order of documents in a segment. Where those that are alike stand together, the index is
 * somewhat smaller. The same documents match in any order, with the same scores; but those that tie
 * come in the order they have in the index, and which of them a limit leaves out changes with it. */
typedef enum quire_order {
    QUIRE_ORDER_ADDED,
    QUIRE_ORDER_TOPICS,   /* by the words that weigh most in each: cheap */
    QUIRE_ORDER_BISECTION /* by halving again and again, so that few words stand in both halves:
                             thorough */
} quire_order;

typedef struct quire_writer_options {
    size_t struct_size;
    size_t max_memory;    /* bytes that pending documents may take before they go to a segment;
                             default 256 MiB, at least 1 MiB */
    uint32_t wait_ms;     /* how long to wait for another writer to finish; default not at all */
    bool no_auto_merge;   /* commits do not merge; quire_writer_merge does */
    quire_order order;    /* if not as added, quire_writer_merge to one segment writes that anew, with
                             its documents in this order; finding it takes max_memory, or 64
                             bytes a document if that is more; writing it 20 bytes an occurrence of
                             the most frequent word, besides what any merge takes */
    uint32_t threads;     /* that index beside the caller's, fewer where memory is small; 0 or 1:
                             none. A merged index does not depend on it. What a thread fails by
                             (IO, MEMORY) every later call fails by, until a rollback */
    uint64_t max_merge;   /* bytes of segments that one commit may merge, that is, read and write
                             again; also one add that finds max_memory full. Segments of more than
                             half of it wait for quire_writer_merge, or for a writer that may merge
                             more. Default no bound: then a byte is merged about once each time
                             that the index has grown sixfold */
} quire_writer_options;
#define QUIRE_WRITER_OPTIONS_INIT {sizeof(quire_writer_options), 0, 0, 0, QUIRE_ORDER_ADDED, 0, 0}

/* One field's value of a document. Text, keyword: `text`. Number, date: `text` if its ptr is not
 * NULL (decimal; ISO 8601), else `number`. Value. */
typedef struct quire_value {
    const char *field;
    quire_str text;
    int64_t number;
} quire_value;

typedef struct quire_add_options {
    size_t struct_size;
    const char *language; /* stem this document's text fields in this language instead of the
                             fields' own */
} quire_add_options;
#define QUIRE_ADD_OPTIONS_INIT {sizeof(quire_add_options), 0}

typedef struct quire_writer_stat {
    uint64_t added, deleted; /* documents since the last commit */
    uint64_t invalid_bytes;  /* bytes that were not UTF-8, since the writer was opened */
    uint64_t long_tokens;    /* tokens cut at 255 bytes, since the writer was opened */
    size_t memory;           /* bytes that pending documents take now */
} quire_writer_stat;

/* Become the writer of `index`. Errors: BUSY (another writer), MISUSE (read-only), IO, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_writer_open(quire_writer **out, quire_index *index,
                                                       const quire_writer_options *options,
                                                       quire_error *err);

/* Add a document. If the schema has a key, a document with the same key is replaced, in one
 * step. After an error the document is not in the index and the writer remains usable. Errors:
 * MISUSE (unknown field, bad value, missing key), LIMIT, MEMORY, IO. */
QUIRE_API QUIRE_CHECKED quire_status quire_writer_add(quire_writer *writer,
                                                      const quire_value *values, size_t count,
                                                      const quire_add_options *options,
                                                      quire_error *err);

/* Delete the document with this key. Returns NOT_FOUND if there is none. */
QUIRE_API QUIRE_CHECKED quire_status quire_writer_delete(quire_writer *writer, quire_str key,
                                                         quire_error *err);

/* Make everything since the last commit durable and visible, all or nothing. `payload` (at most
 * 64 KiB, may be empty) is kept with the commit for the host; see quire_stat. With
 * `prepare_only` all but the last step is done: the next commit publishes, and a rollback
 * forgets. After an IO error the old state stands; if the message says that the outcome is
 * unknown, close and open again to see. */
QUIRE_API QUIRE_CHECKED quire_status quire_writer_commit(quire_writer *writer, quire_str payload,
                                                         bool prepare_only, quire_error *err);

/* Forget everything since the last commit. */
QUIRE_API QUIRE_CHECKED quire_status quire_writer_rollback(quire_writer *writer, quire_error *err);

/* Commit, then merge until at most `max_segments` (at least 1) remain and, in those that were
 * merged, deleted documents are gone. The result is committed. */
QUIRE_API QUIRE_CHECKED quire_status quire_writer_merge(quire_writer *writer,
                                                        uint32_t max_segments, quire_error *err);

QUIRE_API quire_writer_stat quire_writer_stat_get(const quire_writer *writer);

/* Release the index. What was not committed is dropped. */
QUIRE_API void quire_writer_close(quire_writer *writer);

/* ---- Snapshot ------------------------------------------------------------------------------ */

/* Shared. The committed index at one moment, unchanged whatever a writer does. */
typedef struct quire_snapshot quire_snapshot;

/* A document's number, valid only within its snapshot. */
typedef uint64_t quire_doc;

/* Sizes in bytes of the parts of a segment; they add up to its file. */
typedef struct quire_segment_stat {
    uint64_t documents, deleted, terms, words; /* words: positions in use, all fields */
    uint64_t file_bytes;
    uint64_t term_bytes, doc_bytes, freq_bytes, position_bytes, skip_bytes, range_bytes,
        bitmap_bytes, norm_bytes, stored_bytes, column_bytes, other_bytes;
} quire_segment_stat;

/* Lent by its snapshot. */
typedef struct quire_stat {
    uint64_t generation;           /* of the commit; starts at 1 and grows by 1 */
    uint64_t documents;            /* live ones */
    quire_str payload;             /* that of the commit */
    float k1, b;
    size_t segment_count;
    const quire_segment_stat *segments;
    const char *unicode;      /* version of Unicode that the index was created with, "15.0.0" */
    const char *unicode_here; /* that by which this library reads text and queries. If another, all
                                 works; words with characters that the older of the two did not
                                 know may not be found until the documents are added again */
} quire_stat;

/* Freeze the newest commit. Errors: CORRUPT, FORMAT, IO, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_snapshot_open(quire_snapshot **out, quire_index *index,
                                                         quire_error *err);

QUIRE_API const quire_stat *quire_snapshot_stat(const quire_snapshot *snapshot);

/* The document with this key. Errors: NOT_FOUND, MISUSE (the schema has no key), CORRUPT, IO. */
QUIRE_API QUIRE_CHECKED quire_status quire_snapshot_find(quire_snapshot *snapshot, quire_str key,
                                                         quire_doc *out, quire_error *err);

QUIRE_API void quire_snapshot_close(quire_snapshot *snapshot);

/* Exclusive. The terms of a field in byte order. */
typedef struct quire_terms quire_terms;

typedef struct quire_term {
    quire_str text;                 /* lent until the next call */
    uint64_t documents, occurrences; /* deleted documents count until they are merged away */
} quire_term;

/* Terms of `field` that start with `prefix`; `exact` walks the unstemmed forms. Errors: NOT_FOUND
 * (field), MISUSE (not an indexed field), CORRUPT, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_terms_open(quire_terms **out, quire_snapshot *snapshot,
                                                      const char *field, quire_str prefix,
                                                      bool exact, quire_error *err);

/* The next term, or DONE. */
QUIRE_API QUIRE_CHECKED quire_status quire_terms_next(quire_terms *terms, quire_term *out,
                                                      quire_error *err);

QUIRE_API void quire_terms_close(quire_terms *terms);

/* ---- Document ------------------------------------------------------------------------------ */

/* Shared. A document's stored values in the schema's order; fields without a value are absent. */
typedef struct quire_document {
    size_t count;
    const quire_value *values; /* number and date fields: `number`; text.ptr is NULL */
    const char *language;      /* the language given when it was added, or "" */
} quire_document;

/* Load a document. Errors: NOT_FOUND (no such number, or deleted), CORRUPT, IO, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_document_open(const quire_document **out,
                                                         quire_snapshot *snapshot, quire_doc doc,
                                                         quire_error *err);

/* The first value of `field`, or NULL. */
QUIRE_API const quire_value *quire_document_value(const quire_document *document,
                                                  const char *field);

QUIRE_API void quire_document_free(const quire_document *document);

/* ---- Query --------------------------------------------------------------------------------- */

/* Shared. Immutable; for the index it was made for, and any snapshot of it. */
typedef struct quire_query quire_query;

typedef enum quire_operator {
    QUIRE_OR = 0,    /* any; more and rarer words first */
    QUIRE_AND = 1,   /* all */
    QUIRE_SMART = 2, /* documents with all words first, then, where those are too few, the others */
    QUIRE_NOT = 3,   /* combine only: the first child without any of the others */
    QUIRE_FILTER = 4 /* combine only: the first child where all others match too; only it scores */
} quire_operator;

typedef struct quire_parse_options {
    size_t struct_size;
    bool strict;             /* errors instead of notes; the default reading never fails */
    quire_operator operator_; /* between words that nothing joins: OR (default), AND, SMART */
    const char *fields;      /* comma-separated; default: the schema's searched fields */
    const char *language;    /* analyse the words in this language instead of each field's own */
} quire_parse_options;
#define QUIRE_PARSE_OPTIONS_INIT {sizeof(quire_parse_options), 0, QUIRE_OR, 0, 0}

/* Something the lenient reading noticed. Bytes [start, end) of the query text. */
typedef struct quire_note {
    const char *code; /* stable, e.g. "unmatched-quote"; quire-query(7) lists them */
    size_t start, end;
    const char *text; /* one line for a person */
} quire_note;

/* What a query is. Lent by it. */
typedef struct quire_query_info {
    quire_str canonical; /* parses, strictly, to the same query; empty if memory is short */
    size_t note_count;
    const quire_note *notes;
} quire_query_info;

/* Read `text` in the language of quire-query(7). Lenient by default: any bytes parse, with notes.
 * Errors: SYNTAX (strict; offset is the byte), LIMIT (strict), MISUSE (options), MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_query_parse(quire_query **out,
                                                       const quire_index *index, quire_str text,
                                                       const quire_parse_options *options,
                                                       quire_error *err);

/* Build without text syntax: `text` is analysed as it is, no character is an operator. Its words
 * in order, moved by at most `slop` in all (0: exactly adjacent); one word is a phrase of one.
 * `field` NULL: the searched fields. Keyword field: the whole value. */
QUIRE_API QUIRE_CHECKED quire_status quire_query_phrase(quire_query **out,
                                                        const quire_index *index,
                                                        const char *field, quire_str text,
                                                        uint32_t slop, quire_error *err);

/* Words that start with `text`: exact forms where the field keeps them. At most 1,024 count. */
QUIRE_API QUIRE_CHECKED quire_status quire_query_prefix(quire_query **out,
                                                        const quire_index *index,
                                                        const char *field, quire_str text,
                                                        quire_error *err);

/* Number or date in [low, high], or keyword in that byte order; a NULL ptr is open. Scores nothing.
 * Values are read as in quire_value.text. */
QUIRE_API QUIRE_CHECKED quire_status quire_query_range(quire_query **out, const quire_index *index,
                                                       const char *field, quire_str low,
                                                       quire_str high, quire_error *err);

/* Combine; `boost` (in (0, 1e6]; 0 reads as 1) multiplies scores. Children stay the caller's. */
QUIRE_API QUIRE_CHECKED quire_status quire_query_combine(quire_query **out,
                                                         const quire_index *index,
                                                         quire_operator operator_,
                                                         quire_query *const *children,
                                                         size_t count, float boost,
                                                         quire_error *err);

QUIRE_API const quire_query_info *quire_query_describe(const quire_query *query);

QUIRE_API void quire_query_free(quire_query *query);

/* ---- Search -------------------------------------------------------------------------------- */

typedef struct quire_search_options {
    size_t struct_size;
    uint32_t limit, offset;  /* default 10 and 0; together at most 100,000 */
    bool count;              /* the exact total, not only what ranking needed to see */
    bool count_only;         /* nothing but the exact total */
    const char *sort;        /* number, date or keyword field to order by instead of the score */
    bool descending;         /* of sort */
    bool tune;               /* use k1 and b below instead of the index's */
    float k1, b;
    uint32_t timeout_ms;     /* 0: none; what was found by then is returned as partial */
    bool (*cancel)(void *payload); /* asked now and then, in the calling thread; true: CANCELED */
    void *payload;
} quire_search_options;
#define QUIRE_SEARCH_OPTIONS_INIT {sizeof(quire_search_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

typedef struct quire_hit {
    quire_doc doc;
    float score; /* BM25F; 0 when sorted by a field */
} quire_hit;

/* Shared. By score descending, then document number; or by the sort field, then number. */
typedef struct quire_hits {
    size_t count;
    const quire_hit *items;
    uint64_t total;    /* matching documents; a lower bound unless `exact` */
    bool exact;
    bool partial;      /* the timeout cut the search short */
    bool relaxed;      /* QUIRE_SMART: too few documents had all the words */
    uint64_t expansions_dropped; /* terms of prefixes beyond the limit, which were not searched */
} quire_hits;

/* Search. Scores and order are exactly those of BM25F over every matching document, whatever was
 * skipped on the way. Errors: LIMIT, MISUSE, CANCELED, CORRUPT, IO, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_search(const quire_hits **out, quire_snapshot *snapshot,
                                                  const quire_query *query,
                                                  const quire_search_options *options,
                                                  quire_error *err);

QUIRE_API void quire_hits_free(const quire_hits *hits);

/* ---- Matches, snippets, explanations, analysis ----------------------------------------------- */

/* Bytes [start, end) of values[value].text of the document. */
typedef struct quire_match {
    uint32_t value;
    size_t start, end;
} quire_match;

/* Shared. Where a query matches a document's stored text, ordered by value, then start. */
typedef struct quire_matches {
    size_t count;
    const quire_match *items;
} quire_matches;

typedef struct quire_snippet_options {
    size_t struct_size;
    const char *field;        /* default: the searched stored field with the best passage */
    size_t max_bytes;         /* of text, markers not counted; default 240 */
    const char *open, *close; /* markers around matches; default "<b>" and "</b>" */
    const char *ellipsis;     /* where text was cut; default "…" */
    bool html;                /* escape the text (not the markers) for HTML */
} quire_snippet_options;
#define QUIRE_SNIPPET_OPTIONS_INIT {sizeof(quire_snippet_options), 0, 0, 0, 0, 0, 0}

/* Find every match, true to stemming, folding and phrases. `document` must outlive the result.
 * Errors: LIMIT, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_matches_open(const quire_matches **out,
                                                        const quire_index *index,
                                                        const quire_query *query,
                                                        const quire_document *document,
                                                        quire_error *err);

/* The passage that shows the query best, whole words, matches marked; the start of the text if
 * nothing matches. Lent by `matches` until it is freed. Exclusive. Errors: MISUSE, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_matches_snippet(const quire_matches *matches,
                                                           const quire_snippet_options *options,
                                                           quire_str *out, quire_error *err);

QUIRE_API void quire_matches_free(const quire_matches *matches);

/* A tree in preorder. A node's value is the sum of its children's, unless `text` says else. */
typedef struct quire_explanation_node {
    uint32_t depth;
    double value;
    const char *text;
} quire_explanation_node;

/* Shared. The root's value is the document's score. */
typedef struct quire_explanation {
    size_t count;
    const quire_explanation_node *nodes;
} quire_explanation;

/* How the score of `doc` comes about (options: only tune, k1 and b count). Errors: NOT_FOUND if
 * it does not match, and those of quire_search. */
QUIRE_API QUIRE_CHECKED quire_status quire_explain(const quire_explanation **out,
                                                   quire_snapshot *snapshot,
                                                   const quire_query *query, quire_doc doc,
                                                   const quire_search_options *options,
                                                   quire_error *err);

QUIRE_API void quire_explanation_free(const quire_explanation *explanation);

typedef struct quire_token {
    quire_str term;       /* what is indexed; empty if the token was left out */
    quire_str exact;      /* the folded, unstemmed form */
    uint32_t position;    /* word number within the value */
    size_t start, end;    /* bytes of the text */
    const char *steps;    /* what each step did: "fold: Cafés -> cafes; stem: cafes -> cafe" */
} quire_token;

/* Shared. */
typedef struct quire_analysis {
    size_t count;
    const quire_token *tokens;
    uint64_t invalid_bytes;
} quire_analysis;

/* Show how `analyzer` reads `text`. Any thread. Errors: MISUSE (language), LIMIT, MEMORY. */
QUIRE_API QUIRE_CHECKED quire_status quire_analyze(const quire_analysis **out,
                                                   const quire_analyzer *analyzer, quire_str text,
                                                   quire_error *err);

QUIRE_API void quire_analysis_free(const quire_analysis *analysis);

#ifdef __cplusplus
}
#endif
#endif
