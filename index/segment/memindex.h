/* SPDX-License-Identifier: MIT
 * segment/memindex.h - documents that wait in memory to become a segment.
 *
 * For each lane a table of terms, for each pair of a stem and an exact form a stream of word
 * numbers (documents, in keyword fields), and a few bytes for each document. A document is begun,
 * filled, and ended; after a failed call it must be dropped, which leaves it as a deleted document.
 * Exclusive. */
#ifndef QI_SEGMENT_MEMINDEX_H
#define QI_SEGMENT_MEMINDEX_H

#include "base/arena.h"
#include "codec/docset.h"
#include "codec/schema.h"
#include "codec/stored.h"
#include "segment/pool.h"

enum { QI_NO_ENTRY = INT32_MAX, QI_NO_PREFIX = 256 };

/* A term of a lane. Private to memindex.c and what flushes it, as is all below. */
typedef struct qi_mem_term {
    uint32_t bytes; /* address of the term in the pool */
    uint32_t entry; /* the first of its chain of entries, plus one; 0: none */
    uint8_t len;
} qi_mem_term;

typedef struct qi_mem_slot {
    uint32_t hash;
    uint32_t term; /* its number, plus one; 0: free */
} qi_mem_slot;

typedef struct qi_mem_lane {
    QI_VEC(qi_mem_term) terms;
    qi_mem_slot *slots;
    size_t room; /* of slots, a power of two */
} qi_mem_lane;

/* A stem in one of its exact forms: what occurs. The occurrences of a stem, or of a form, are those
 * of all its entries. Numbers that may be missing have one added. */
typedef struct qi_mem_entry {
    uint32_t stem;      /* in its lane */
    uint32_t form;      /* in its lane, plus one; 0: there are no exact forms, or it has none */
    uint32_t same_stem; /* the next entry of the stem, plus one */
    uint32_t same_form;
    uint32_t prefix; /* bytes of the form that are the stem; QI_NO_PREFIX: it is no beginning */
} qi_mem_entry;

typedef struct qi_mem_field {
    QI_VEC(qi_mem_entry) entries;
    QI_VEC(qi_stream) streams; /* of each entry: word numbers; keyword: documents */
    QI_VEC(uint32_t) starts;   /* text: word number of each document's first word */
    QI_VEC(uint8_t) norms;     /* text */
    uint64_t length_sum;
    uint32_t documents;
    uint32_t next_word;      /* of the document to come */
    uint32_t length, extent; /* of the document being added: terms, and word numbers in use */
    QI_VEC(int64_t) values;  /* column: number, or number of the term; INT64_MIN: none */
} qi_mem_field;

typedef struct qi_memindex {
    quire_schema *schema; /* retained */
    qi_pool pool;
    qi_mem_field *fields;
    qi_mem_lane *lanes;
    uint32_t doc_count;
    bool open;                /* a document is being added */
    QI_VEC(uint64_t) deleted; /* a bit a document */
    uint32_t deleted_count;
    QI_VEC(uint64_t) record_ends; /* of stored documents, in `records` */
    qi_buf records;
} qi_memindex;

/* Indexes in memory, the documents of each after those of the one before. Borrowed. */
typedef struct qi_mem_parts {
    const qi_memindex *const *items;
    size_t count;
} qi_mem_parts;

/* Errors: MEMORY. */
quire_status qi_memindex_new(qi_memindex **out, const quire_schema *schema, quire_error *err);
void qi_memindex_free(qi_memindex *index);

/* Bytes of the heap held, and those that a flush will take; and whether it must be flushed whatever
 * they are (room for numbers runs out). */
size_t qi_memindex_memory(const qi_memindex *index);
bool qi_memindex_full(const qi_memindex *index);

/* Begin the document numbered index->doc_count. Errors: MEMORY (nothing is begun). */
quire_status qi_memindex_begin(qi_memindex *index, quire_error *err);

/* A term and its exact form, empty where none is kept. */
typedef struct qi_mem_pair {
    quire_str term, exact;
} qi_mem_pair;

/* The numbers of the entries for some pairs, made if they are new; QI_NO_ENTRY for an empty term.
 * They hold as long as the index does. Errors: MEMORY, LIMIT. */
quire_status qi_memindex_entries(qi_memindex *index, uint32_t field, const qi_mem_pair *pairs,
                                 size_t count, uint32_t *out, quire_error *err);

/* An occurrence: an entry, or QI_NO_ENTRY for a stop word, at a position. */
typedef struct qi_mem_word {
    uint32_t entry, position;
} qi_mem_word;

/* Have the processor fetch what qi_memindex_words is to touch: first the entries, and, when they
 * have come, where their next words go. Changes nothing. */
void qi_memindex_fetch(const qi_memindex *index, uint32_t field, const qi_mem_word *words,
                       size_t count);
void qi_memindex_fetch_ends(const qi_memindex *index, uint32_t field, const qi_mem_word *words,
                            size_t count);

/* Tokens of a text field in order, at positions counted from 0 over all values of the field; never
 * less than that of the token before. Errors: MEMORY, LIMIT. */
quire_status qi_memindex_words(qi_memindex *index, uint32_t field, const qi_mem_word *words,
                               size_t count, quire_error *err);

/* One token, by its term; empty: a stop word. `exact` is for fields that keep exact forms. Errors:
 * MEMORY, LIMIT. */
quire_status qi_memindex_word(qi_memindex *index, uint32_t field, uint32_t position, quire_str term,
                              quire_str exact, quire_error *err);

/* A keyword's value; number or date's value. At most one a field. Errors: MEMORY, LIMIT. */
quire_status qi_memindex_keyword(qi_memindex *index, uint32_t field, quire_str value,
                                 quire_error *err);
void qi_memindex_number(qi_memindex *index, uint32_t field, int64_t value);

/* Where the document's stored record (codec/stored.h) is to be appended; nothing need be. */
static inline qi_buf *qi_memindex_record(qi_memindex *index)
{
    return &index->records;
}

/* End the document. Errors: MEMORY (the record did not fit). */
quire_status qi_memindex_end(qi_memindex *index, quire_error *err);

/* Give up the document that was begun: it becomes a deleted one. Never fails. */
void qi_memindex_drop(qi_memindex *index);

/* Delete the documents numbered below `before` whose keyword field `field` is `value`; how many
 * were live is returned. Never fails. */
uint32_t qi_memindex_delete(qi_memindex *index, uint32_t field, quire_str value, uint32_t before);

/* The same for all values of live documents of `newer`. */
uint32_t qi_memindex_replace(qi_memindex *index, uint32_t field, const qi_memindex *newer);

static inline bool qi_memindex_deleted(const qi_memindex *index, uint32_t doc)
{
    return (index->deleted.items[doc / 64] >> doc % 64 & 1) != 0;
}

#endif
