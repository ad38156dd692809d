/* SPDX-License-Identifier: MIT
 * Documents are numbered as they come. What each needs of the arrays that have an entry a document
 * is reserved when it is begun, so that dropping it cannot fail. Word numbers of a dropped document
 * stay in the streams: they belong to a deleted document like any other.
 *
 * A word is entered once, under its form and stem together; the lists of stems are merged from
 * those of their forms when the index is flushed. */
#include "segment/memindex.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codec/norms.h"

enum {
    FLUSH_TERM = 16, /* bytes that a flush takes for a term, the least */
    BATCH = 32,      /* pairs that are looked for at a time */
};

/* As many word numbers in use leave too little room for the longest document. */
#define WORDS_BEFORE (QI_SEGMENT_WORDS - QI_DOCUMENT_WORDS)

quire_status qi_memindex_new(qi_memindex **out, const quire_schema *schema, quire_error *err)
{
    *out = NULL;
    qi_memindex *index = qi_mem_new(1, sizeof *index);
    if (index == NULL)
        return qi_no_memory(err);
    size_t fields = schema->fields.count;
    qi_pool_init(&index->pool);
    qi_buf_init(&index->records, 0);
    index->schema = qi_schema_retain(schema);
    index->fields = qi_mem_new(fields, sizeof *index->fields);
    index->lanes = qi_mem_new(2 * fields, sizeof *index->lanes);
    if (index->fields == NULL || index->lanes == NULL) {
        qi_memindex_free(index);
        return qi_no_memory(err);
    }
    *out = index;
    return QUIRE_OK;
}

void qi_memindex_free(qi_memindex *index)
{
    if (index == NULL)
        return;
    size_t fields = index->schema->fields.count;
    for (size_t f = 0; index->fields != NULL && f < fields; f++) {
        QI_VEC_FREE(&index->fields[f].starts);
        QI_VEC_FREE(&index->fields[f].norms);
        QI_VEC_FREE(&index->fields[f].values);
        QI_VEC_FREE(&index->fields[f].entries);
        QI_VEC_FREE(&index->fields[f].streams);
    }
    for (size_t l = 0; index->lanes != NULL && l < 2 * fields; l++) {
        QI_VEC_FREE(&index->lanes[l].terms);
        qi_mem_free(index->lanes[l].slots);
    }
    qi_mem_free(index->fields);
    qi_mem_free(index->lanes);
    QI_VEC_FREE(&index->deleted);
    QI_VEC_FREE(&index->record_ends);
    qi_buf_free(&index->records);
    qi_pool_free(&index->pool);
    qi_schema_release(index->schema);
    qi_mem_free(index);
}

size_t qi_memindex_memory(const qi_memindex *index)
{
    size_t sum = qi_pool_memory(&index->pool) + index->records.room +
                 8 * (index->deleted.room + index->record_ends.room);
    for (size_t f = 0; f < index->schema->fields.count; f++) {
        const qi_mem_field *field = &index->fields[f];
        sum += 4 * field->starts.room + field->norms.room + 8 * field->values.room;
        sum += field->entries.room * sizeof(qi_mem_entry) + field->streams.room * sizeof(qi_stream);
        for (size_t l = 2 * f; l < 2 * f + 2; l++)
            sum += index->lanes[l].terms.room * sizeof(qi_mem_term) +
                   index->lanes[l].terms.count * FLUSH_TERM +
                   index->lanes[l].room * sizeof(qi_mem_slot);
    }
    return sum;
}

bool qi_memindex_full(const qi_memindex *index)
{
    if (qi_pool_full(&index->pool) || index->doc_count >= QI_SEGMENT_DOCUMENTS)
        return true;
    for (size_t f = 0; f < index->schema->fields.count; f++)
        if (index->fields[f].next_word >= WORDS_BEFORE)
            return true;
    return false;
}

/* Room for one more entry in every array that has one a document. */
static bool reserve_doc(qi_memindex *index)
{
    if (!QI_VEC_RESERVE(&index->record_ends, 1) || !QI_VEC_RESERVE(&index->deleted, 1))
        return false;
    for (size_t f = 0; f < index->schema->fields.count; f++) {
        qi_mem_field *field = &index->fields[f];
        bool text = index->schema->fields.items[f].type == QUIRE_TEXT;
        if (text && (!QI_VEC_RESERVE(&field->starts, 1) || !QI_VEC_RESERVE(&field->norms, 1)))
            return false;
        if (!text && !QI_VEC_RESERVE(&field->values, 1))
            return false;
    }
    return true;
}

quire_status qi_memindex_begin(qi_memindex *index, quire_error *err)
{
    if (index->doc_count >= QI_SEGMENT_DOCUMENTS)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a segment holds at most %u documents",
                       QI_SEGMENT_DOCUMENTS);
    if (!reserve_doc(index))
        return qi_no_memory(err);
    if (index->doc_count % 64 == 0)
        index->deleted.items[index->deleted.count++] = 0;
    for (size_t f = 0; f < index->schema->fields.count; f++) {
        qi_mem_field *field = &index->fields[f];
        field->length = field->extent = 0;
        if (index->schema->fields.items[f].type == QUIRE_TEXT)
            field->starts.items[field->starts.count++] = field->next_word;
        else
            field->values.items[field->values.count++] = INT64_MIN;
    }
    index->open = true;
    return QUIRE_OK;
}

static bool enlarge(qi_mem_lane *lane)
{
    size_t room = lane->room == 0 ? 64 : lane->room * 2;
    qi_mem_slot *slots = qi_mem_table(room, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < lane->room; i++) {
        size_t at = lane->slots[i].hash & (room - 1);
        while (lane->slots[i].term != 0 && slots[at].term != 0)
            at = (at + 1) & (room - 1);
        if (lane->slots[i].term != 0)
            slots[at] = lane->slots[i];
    }
    qi_mem_free(lane->slots);
    lane->slots = slots;
    lane->room = room;
    return true;
}

/* The slot of a term, or the free one where it would be. The lane must have slots. */
static qi_mem_slot *find(const qi_memindex *index, const qi_mem_lane *lane, quire_str term,
                         uint32_t hash)
{
    for (size_t at = hash & (lane->room - 1);; at = (at + 1) & (lane->room - 1)) {
        qi_mem_slot *slot = &lane->slots[at];
        if (slot->term == 0)
            return slot;
        if (slot->hash != hash)
            continue;
        const qi_mem_term *there = &lane->terms.items[slot->term - 1];
        if (there->len == term.len &&
            memcmp(qi_pool_at(&index->pool, there->bytes), term.ptr, term.len) == 0)
            return slot;
    }
}

static uint32_t hash_of(quire_str term)
{
    return (uint32_t)qi_hash(term.ptr, term.len);
}

/* The number of a term in a lane, made if it is new; false when out of memory. */
static bool enter(qi_memindex *index, qi_mem_lane *lane, quire_str term, uint32_t hash,
                  uint32_t *out)
{
    if (lane->terms.count * 2 >= lane->room && !enlarge(lane))
        return false;
    qi_mem_slot *slot = find(index, lane, term, hash);
    if (slot->term == 0) {
        uint32_t bytes = qi_pool_copy(&index->pool, term.ptr, term.len);
        if (bytes == UINT32_MAX ||
            !QI_VEC_PUSH(&lane->terms, (qi_mem_term){.bytes = bytes, .len = (uint8_t)term.len}))
            return false;
        *slot = (qi_mem_slot){hash, (uint32_t)lane->terms.count};
    }
    *out = slot->term - 1;
    return true;
}

/* The bytes of `form` that are `stem`, or QI_NO_PREFIX. */
static uint32_t prefix_of(quire_str form, quire_str stem)
{
    bool begins = stem.len <= form.len && memcmp(form.ptr, stem.ptr, stem.len) == 0;
    return begins ? (uint32_t)stem.len : QI_NO_PREFIX;
}

/* The entry of a form that has this stem, plus one; 0: none. */
static uint32_t find_pair(const qi_memindex *index, uint32_t field, const qi_mem_term *of,
                          quire_str stem, uint32_t prefix)
{
    const qi_mem_entry *entries = index->fields[field].entries.items;
    const qi_mem_term *stems = index->lanes[QI_LANE(field, false)].terms.items;
    for (uint32_t at = of->entry; at != 0; at = entries[at - 1].same_form) {
        if (entries[at - 1].prefix != prefix)
            continue;
        const qi_mem_term *its = &stems[entries[at - 1].stem];
        if (prefix != QI_NO_PREFIX ||
            (its->len == stem.len &&
             memcmp(qi_pool_at(&index->pool, its->bytes), stem.ptr, stem.len) == 0))
            return at;
    }
    return 0;
}

/* The entry of a stem that has no form, plus one; 0: none. */
static uint32_t find_bare(const qi_memindex *index, uint32_t field, const qi_mem_term *of)
{
    const qi_mem_entry *entries = index->fields[field].entries.items;
    uint32_t at = of->entry;
    while (at != 0 && entries[at - 1].form != 0)
        at = entries[at - 1].same_stem;
    return at;
}

/* Make an entry, first in the chains of its terms. */
static bool add_entry(qi_memindex *index, uint32_t field, uint32_t stem, uint32_t form,
                      uint32_t prefix)
{
    qi_mem_field *part = &index->fields[field];
    if (!QI_VEC_RESERVE(&part->entries, 1) || !QI_VEC_RESERVE(&part->streams, 1))
        return false;
    qi_mem_term *of_stem = &index->lanes[QI_LANE(field, false)].terms.items[stem];
    qi_mem_entry entry = {
        .stem = stem, .form = form, .same_stem = of_stem->entry, .prefix = prefix};
    uint32_t number = (uint32_t)part->entries.count + 1;
    of_stem->entry = number;
    if (form != 0) {
        qi_mem_term *of_form = &index->lanes[QI_LANE(field, true)].terms.items[form - 1];
        entry.same_form = of_form->entry;
        of_form->entry = number;
    }
    part->entries.items[part->entries.count++] = entry;
    part->streams.items[part->streams.count++] = (qi_stream){0};
    return true;
}

/* The hashes of a pair. */
typedef struct pair_hash {
    uint32_t term, exact;
} pair_hash;

/* The entry of a stem in a form, made if it is new, plus one; 0 when out of memory. */
static uint32_t enter_pair(qi_memindex *index, uint32_t field, const qi_mem_pair *pair,
                           pair_hash hash)
{
    qi_mem_lane *stems = &index->lanes[QI_LANE(field, false)], *forms = stems + 1;
    uint32_t stem = 0, form = 0, found = 0, prefix = 0;
    if (pair->exact.len != 0) {
        prefix = prefix_of(pair->exact, pair->term);
        if (!enter(index, forms, pair->exact, hash.exact, &form))
            return 0;
        found = find_pair(index, field, &forms->terms.items[form++], pair->term, prefix);
    }
    if (found != 0)
        return found;
    if (!enter(index, stems, pair->term, hash.term, &stem))
        return 0;
    if (pair->exact.len == 0)
        found = find_bare(index, field, &stems->terms.items[stem]);
    if (found != 0)
        return found;
    return add_entry(index, field, stem, form, prefix)
               ? (uint32_t)index->fields[field].entries.count
               : 0;
}

static quire_status make_entry(qi_memindex *index, uint32_t field, const qi_mem_pair *pair,
                               pair_hash hash, uint32_t *out, quire_error *err)
{
    if (pair->term.len > QI_TERM_MAX || pair->exact.len > QI_TERM_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a term of %zu bytes; the longest is %d",
                       pair->term.len > QI_TERM_MAX ? pair->term.len : pair->exact.len,
                       QI_TERM_MAX);
    uint32_t entry = enter_pair(index, field, pair, hash);
    if (entry == 0)
        return qi_no_memory(err);
    *out = entry - 1;
    return QUIRE_OK;
}

/* The term that is, as far as its hash tells, in the first slot where it may be; NULL: none. */
static inline const qi_mem_term *glance(const qi_mem_lane *lane, uint32_t hash)
{
    const qi_mem_slot *slot = lane->room == 0 ? NULL : &lane->slots[hash & (lane->room - 1)];
    return slot != NULL && slot->term != 0 && slot->hash == hash
               ? &lane->terms.items[slot->term - 1]
               : NULL;
}

/* Of what only fetches, gcc leaves out calls as having no effect, unless it is inlined first. */
#define FETCHES static inline __attribute__((always_inline)) void

FETCHES fetch_slot(const qi_mem_lane *lane, uint32_t hash)
{
    if (lane->room != 0)
        __builtin_prefetch(&lane->slots[hash & (lane->room - 1)], 1);
}

FETCHES fetch_term(const qi_mem_lane *lane, uint32_t hash)
{
    const qi_mem_term *term = glance(lane, hash);
    if (term != NULL)
        __builtin_prefetch(term, 1);
}

FETCHES fetch_bytes(const qi_memindex *index, const qi_mem_lane *lane, uint32_t hash)
{
    const qi_mem_term *term = glance(lane, hash);
    if (term != NULL)
        __builtin_prefetch(qi_pool_at(&index->pool, term->bytes));
}

/* Hash some pairs and have the processor fetch what looking for them will touch, in the order in
 * which one thing leads to the next. */
static void fetch_pairs(const qi_memindex *index, uint32_t field, const qi_mem_pair *pairs,
                        size_t count, pair_hash *hashes)
{
    const qi_mem_lane *stems = &index->lanes[QI_LANE(field, false)], *forms = stems + 1;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = (pair_hash){hash_of(pairs[i].term), hash_of(pairs[i].exact)};
        fetch_slot(stems, hashes[i].term);
        fetch_slot(forms, hashes[i].exact);
    }
    for (size_t i = 0; i < count; i++) {
        fetch_term(stems, hashes[i].term);
        fetch_term(forms, hashes[i].exact);
    }
    for (size_t i = 0; i < count; i++) {
        fetch_bytes(index, stems, hashes[i].term);
        fetch_bytes(index, forms, hashes[i].exact);
    }
}

quire_status qi_memindex_entries(qi_memindex *index, uint32_t field, const qi_mem_pair *pairs,
                                 size_t count, uint32_t *out, quire_error *err)
{
    pair_hash hashes[BATCH];
    bool exact = index->schema->fields.items[field].exact;
    for (size_t done = 0, n; done < count; done += n) {
        n = count - done < BATCH ? count - done : BATCH;
        fetch_pairs(index, field, pairs + done, n, hashes);
        for (size_t i = 0; i < n; i++) {
            qi_mem_pair pair = pairs[done + i];
            out[done + i] = QI_NO_ENTRY;
            if (!exact)
                pair.exact.len = 0;
            if (pair.term.len != 0)
                QI_TRY(make_entry(index, field, &pair, hashes[i], &out[done + i], err));
        }
    }
    return QUIRE_OK;
}

/* Append a number to an entry's stream. A term that comes twice at one place counts once. */
static bool occur(qi_memindex *index, qi_mem_field *part, uint32_t entry, uint32_t number)
{
    qi_stream *stream = &part->streams.items[entry];
    return (stream->count != 0 && stream->last == number) ||
           qi_stream_add(&index->pool, stream, number);
}

void qi_memindex_fetch(const qi_memindex *index, uint32_t field, const qi_mem_word *words,
                       size_t count)
{
    const qi_stream *streams = index->fields[field].streams.items;
    for (size_t i = 0; i < count; i++)
        if (words[i].entry != QI_NO_ENTRY)
            __builtin_prefetch(&streams[words[i].entry], 1);
}

void qi_memindex_fetch_ends(const qi_memindex *index, uint32_t field, const qi_mem_word *words,
                            size_t count)
{
    const qi_stream *streams = index->fields[field].streams.items;
    for (size_t i = 0; i < count; i++)
        if (words[i].entry != QI_NO_ENTRY &&
            streams[words[i].entry].at != streams[words[i].entry].limit)
            __builtin_prefetch(qi_pool_at(&index->pool, streams[words[i].entry].at), 1);
}

quire_status qi_memindex_words(qi_memindex *index, uint32_t field, const qi_mem_word *words,
                               size_t count, quire_error *err)
{
    qi_mem_field *part = &index->fields[field];
    if (count == 0)
        return QUIRE_OK;
    uint32_t last = words[count - 1].position;
    if (last >= QI_DOCUMENT_WORDS)
        return qi_fail(err, QUIRE_ERR_LIMIT, "field '%s' has more than %u words in one document",
                       index->schema->fields.items[field].name, QI_DOCUMENT_WORDS);
    if (last + 1 > part->extent)
        part->extent = last + 1;
    for (size_t i = 0; i < count; i++) {
        if (words[i].entry == QI_NO_ENTRY)
            continue;
        if (!occur(index, part, words[i].entry, part->next_word + words[i].position))
            return qi_no_memory(err);
        part->length++;
    }
    return QUIRE_OK;
}

quire_status qi_memindex_word(qi_memindex *index, uint32_t field, uint32_t position, quire_str term,
                              quire_str exact, quire_error *err)
{
    qi_mem_word word = {.position = position};
    QI_TRY(qi_memindex_entries(index, field, &(qi_mem_pair){term, exact}, 1, &word.entry, err));
    return qi_memindex_words(index, field, &word, 1, err);
}

quire_status qi_memindex_keyword(qi_memindex *index, uint32_t field, quire_str value,
                                 quire_error *err)
{
    qi_mem_field *part = &index->fields[field];
    uint32_t entry = 0;
    qi_mem_pair pair = {value, {NULL, 0}};
    QI_TRY(qi_memindex_entries(index, field, &pair, 1, &entry, err));
    if (!occur(index, part, entry, index->doc_count))
        return qi_no_memory(err);
    part->values.items[part->values.count - 1] = part->entries.items[entry].stem;
    return QUIRE_OK;
}

void qi_memindex_number(qi_memindex *index, uint32_t field, int64_t value)
{
    qi_mem_field *part = &index->fields[field];
    part->values.items[part->values.count - 1] = value;
}

/* Close the document: its words are in use, whether it is kept or dropped. */
static void close_doc(qi_memindex *index)
{
    for (size_t f = 0; f < index->schema->fields.count; f++) {
        qi_mem_field *field = &index->fields[f];
        if (index->schema->fields.items[f].type != QUIRE_TEXT)
            continue;
        uint8_t norm = qi_norms_code(field->length);
        field->norms.items[field->norms.count++] = norm;
        field->length_sum +=
            qi_norms_length[norm]; /* so that a merge can subtract a document again */
        field->documents += norm != 0;
        if (field->extent != 0)
            field->next_word += field->extent + 1;
    }
    index->record_ends.items[index->record_ends.count++] = index->records.len;
    index->doc_count++;
    index->open = false;
}

quire_status qi_memindex_end(qi_memindex *index, quire_error *err)
{
    if (index->records.failed)
        return qi_no_memory(err);
    close_doc(index);
    return QUIRE_OK;
}

void qi_memindex_drop(qi_memindex *index)
{
    if (!index->open)
        return;
    index->records.failed = false;
    index->records.len =
        index->doc_count == 0 ? 0 : (size_t)index->record_ends.items[index->doc_count - 1];
    index->deleted.items[index->doc_count / 64] |= UINT64_C(1) << index->doc_count % 64;
    index->deleted_count++;
    close_doc(index);
}

uint32_t qi_memindex_delete(qi_memindex *index, uint32_t field, quire_str value, uint32_t before)
{
    const qi_mem_lane *lane = &index->lanes[QI_LANE(field, false)];
    if (lane->room == 0 || value.len > UINT8_MAX)
        return 0;
    uint32_t term = find(index, lane, value, hash_of(value))->term;
    if (term == 0 || lane->terms.items[term - 1].entry == 0)
        return 0;
    uint32_t entry = lane->terms.items[term - 1].entry - 1;
    qi_stream_reader reader;
    qi_stream_open(&reader, &index->pool, &index->fields[field].streams.items[entry]);
    uint32_t count = 0, doc;
    while (qi_stream_next(&reader, &doc) && doc < before) {
        if (qi_memindex_deleted(index, doc))
            continue;
        index->deleted.items[doc / 64] |= UINT64_C(1) << doc % 64;
        count++;
    }
    index->deleted_count += count;
    return count;
}

uint32_t qi_memindex_replace(qi_memindex *index, uint32_t field, const qi_memindex *newer)
{
    const int64_t *values = newer->fields[field].values.items;
    const qi_mem_term *terms = newer->lanes[QI_LANE(field, false)].terms.items;
    uint32_t count = 0;
    for (uint32_t doc = 0; doc < newer->doc_count; doc++) {
        if (values[doc] == INT64_MIN || qi_memindex_deleted(newer, doc))
            continue;
        const qi_mem_term *term = &terms[values[doc]];
        quire_str value = {(const char *)qi_pool_at(&newer->pool, term->bytes), term->len};
        count += qi_memindex_delete(index, field, value, UINT32_MAX);
    }
    return count;
}
