/* SPDX-License-Identifier: MIT
 * A heap holds the next word of each stream with the stream's number below it, so that one
 * comparison orders both. Streams are decoded whole, and their numbers are replaced by ordinals as
 * they are taken. Documents are looked up in a table with about one entry a document. */
#include "segment/join.h"

#include <string.h>

#include "base/mem.h"

void qi_join_free(qi_join *join)
{
    qi_mem_free(join->hints);
    QI_VEC_FREE(&join->words);
    QI_VEC_FREE(&join->docs);
    QI_VEC_FREE(&join->ordinals);
    QI_VEC_FREE(&join->runs);
    QI_VEC_FREE(&join->heap);
    *join = (qi_join){0};
}

quire_status qi_join_field(qi_join *join, const qi_memindex *index, uint32_t field,
                           quire_error *err)
{
    const qi_mem_field *part = &index->fields[field];
    uint32_t words = part->next_word, doc = 0;
    join->index = index;
    join->field = field;
    join->shift = 0;
    while (words >> join->shift > index->doc_count)
        join->shift++;
    qi_mem_free(join->hints);
    size_t count = (words >> join->shift) + 2;
    join->hints = qi_mem_new(count, sizeof *join->hints);
    if (join->hints == NULL)
        return qi_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        uint64_t word = (uint64_t)i << join->shift;
        while (doc + 1 < index->doc_count && part->starts.items[doc + 1] <= word)
            doc++;
        join->hints[i] = doc;
    }
    return QUIRE_OK;
}

/* The document of each word: the last that starts at or before it. */
static void find_docs(qi_join *join)
{
    const uint32_t *starts = join->index->fields[join->field].starts.items;
    for (size_t i = 0; i < join->words.count; i++) {
        uint32_t word = join->words.items[i];
        uint32_t low = join->hints[word >> join->shift];
        uint32_t high = join->hints[(word >> join->shift) + 1] + 1;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            bool below = starts[middle] <= word;
            low = below ? middle : low;
            high = below ? high : middle;
        }
        join->docs.items[i] = low;
    }
}

/* Put the first of the heap where it belongs. */
static void sift(uint64_t *heap, size_t count)
{
    uint64_t moved = heap[0];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= moved)
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* Step the first run of the heap to its next word, or let it go. */
static void step(qi_join *join, qi_join_run *run)
{
    uint64_t number = join->heap.items[0] & UINT32_MAX;
    if (++run->at < run->start + run->count)
        join->heap.items[0] = (uint64_t)join->ordinals.items[run->at] << 32 | number;
    else
        join->heap.items[0] = join->heap.items[--join->heap.count];
    sift(join->heap.items, join->heap.count);
}

/* Merge the runs. A word that is in two of them counts once. */
static void merge(qi_join *join)
{
    size_t count = 0;
    uint32_t *words = join->words.items;
    join->heap.count = 0;
    for (size_t r = join->runs.count; r-- > 0;) {
        uint64_t first = join->ordinals.items[join->runs.items[r].start];
        size_t at = join->heap.count++; /* an insertion, kept sorted, is a heap */
        for (; at > 0 && join->heap.items[at - 1] > (first << 32 | r); at--)
            join->heap.items[at] = join->heap.items[at - 1];
        join->heap.items[at] = first << 32 | r;
    }
    while (join->heap.count != 0) {
        qi_join_run *run = &join->runs.items[join->heap.items[0] & UINT32_MAX];
        uint32_t word = (uint32_t)(join->heap.items[0] >> 32);
        if (count == 0 || words[count - 1] != word)
            words[count++] = word;
        join->ordinals.items[run->at] = (uint32_t)count - 1;
        step(join, run);
    }
    join->words.count = count;
}

/* List the entries of a term that occur; how often in all. */
static quire_status list_runs(qi_join *join, const qi_mem_term *term, bool exact, size_t *total,
                              quire_error *err)
{
    const qi_mem_field *part = &join->index->fields[join->field];
    *total = join->runs.count = 0;
    for (uint32_t at = term->entry; at != 0;) {
        const qi_mem_entry *entry = &part->entries.items[at - 1];
        uint32_t count = part->streams.items[at - 1].count;
        if (count != 0 && !QI_VEC_PUSH(&join->runs, (qi_join_run){at - 1, count, *total, *total}))
            return qi_no_memory(err);
        *total += count;
        at = exact ? entry->same_form : entry->same_stem;
    }
    return QUIRE_OK;
}

quire_status qi_join_term(qi_join *join, const qi_mem_term *term, bool exact, quire_error *err)
{
    size_t total;
    const qi_mem_field *part = &join->index->fields[join->field];
    QI_TRY(list_runs(join, term, exact, &total, err));
    bool alone = join->runs.count == 1;
    join->words.count = join->docs.count = join->ordinals.count = join->heap.count = 0;
    if (!QI_VEC_RESERVE(&join->words, total) || !QI_VEC_RESERVE(&join->docs, total) ||
        (!alone && (!QI_VEC_RESERVE(&join->ordinals, total) ||
                    !QI_VEC_RESERVE(&join->heap, join->runs.count))))
        return qi_no_memory(err);
    for (size_t r = 0; r < join->runs.count; r++)
        qi_stream_decode(&join->index->pool, &part->streams.items[join->runs.items[r].entry],
                         alone ? join->words.items
                               : join->ordinals.items + join->runs.items[r].start);
    if (alone)
        join->words.count = total;
    else
        merge(join);
    find_docs(join);
    join->docs.count = join->words.count;
    return QUIRE_OK;
}
