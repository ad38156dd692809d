/* SPDX-License-Identifier: MIT
 * Streams are decoded whole and merged by a tree of matches between them: at its leaves the next
 * word of each, with the stream's number below it so that one comparison orders both, at each node
 * the one that lost there. Only matches of the stream that won are played again, and none of it is
 * a branch. Numbers are replaced by ordinals as they are taken; those of several parts follow one
 * another. Documents are looked up in a table of cells, most of which lie within one document. */
#include "segment/join.h"

#include <string.h>

#include "base/mem.h"

#define OVER UINT64_MAX /* above every key */

enum { CELLS_A_DOC = 8, CELLS = 1 << 18 };

void qi_join_free(qi_join *join)
{
    qi_mem_free(join->hints);
    QI_VEC_FREE(&join->bases);
    QI_VEC_FREE(&join->words);
    QI_VEC_FREE(&join->docs);
    QI_VEC_FREE(&join->ordinals);
    QI_VEC_FREE(&join->runs);
    QI_VEC_FREE(&join->tree);
    *join = (qi_join){0};
}

/* As many cells as there may be. */
static size_t cells_for(size_t docs)
{
    size_t most = CELLS_A_DOC * docs;
    return most < CELLS ? most : docs < CELLS ? CELLS : docs;
}

quire_status qi_join_field(qi_join *join, const qi_mem_parts *parts, uint32_t field,
                           const uint32_t *starts, quire_error *err)
{
    uint32_t words = 0, docs = 0, doc = 0;
    join->bases.count = 0;
    for (size_t p = 0; p < parts->count; p++) {
        if (!QI_VEC_PUSH(&join->bases, words))
            return qi_no_memory(err);
        words += parts->items[p]->fields[field].next_word;
        docs += parts->items[p]->doc_count;
    }
    join->parts = *parts;
    join->field = field;
    join->starts = starts;
    join->shift = 0;
    while (words >> join->shift > cells_for(docs))
        join->shift++;
    qi_mem_free(join->hints);
    size_t count = (words >> join->shift) + 2;
    join->hints = qi_mem_new(count, sizeof *join->hints);
    if (join->hints == NULL)
        return qi_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        uint64_t word = (uint64_t)i << join->shift;
        while (doc + 1 < docs && starts[doc + 1] <= word)
            doc++;
        join->hints[i] = doc;
    }
    return QUIRE_OK;
}

/* The document of a word among those from `low` to `high`: the last that starts at or before it. */
static uint32_t search(const uint32_t *starts, uint32_t low, uint32_t high, uint32_t word)
{
    while (low < high) {
        uint32_t middle = high - (high - low) / 2;
        bool below = starts[middle] <= word;
        low = below ? middle : low;
        high = below ? high : middle - 1;
    }
    return low;
}

/* The document of each word. Most cells touch two documents at most, and need no branch. */
static void find_docs(qi_join *join)
{
    const uint32_t *starts = join->starts;
    const uint32_t *words = join->words.items, *hints = join->hints;
    uint32_t *docs = join->docs.items;
    unsigned shift = join->shift;
    for (size_t i = 0, count = join->words.count; i < count; i++) {
        uint32_t word = words[i], low = hints[word >> shift];
        uint32_t more = hints[(word >> shift) + 1] - low;
        if (more > 1)
            docs[i] = search(starts, low, low + more, word);
        else
            docs[i] = low + (more & (uint32_t)(starts[low + more] <= word));
    }
}

/* The match at a node: what loses stays, what wins is returned. */
static inline uint64_t play(uint64_t *node, uint64_t key)
{
    uint64_t other = *node;
    *node = other < key ? key : other;
    return other < key ? other : key;
}

/* The next word of a run with the run's number below it; after its last: OVER. */
static inline uint64_t next_of(const qi_join *join, uint32_t number)
{
    const qi_join_run *run = &join->runs.items[number];
    uint64_t key = (uint64_t)join->ordinals.items[run->at] << 32 | number;
    return run->at < run->start + run->count ? key : OVER;
}

/* Play all matches between the runs from `first` to `end`; the winner. Leaves are the nodes from
 * `leaves` on. */
static uint64_t play_all(qi_join *join, size_t leaves, size_t first, size_t end)
{
    uint64_t *tree = join->tree.items;
    for (size_t i = 0; i < leaves; i++)
        tree[leaves + i] = first + i < end ? next_of(join, (uint32_t)(first + i)) : OVER;
    for (size_t i = leaves - 1; i > 0; i--) { /* winners move up, */
        uint64_t a = tree[2 * i], b = tree[2 * i + 1];
        tree[i] = a < b ? a : b;
    }
    uint64_t winner = tree[1];
    for (size_t i = 1; i < leaves; i++) { /* and losers take their places */
        uint64_t a = tree[2 * i], b = tree[2 * i + 1];
        tree[i] = a < b ? b : a;
    }
    return winner;
}

/* Merge the runs from `first` to `end`, which are of one part, behind the words that are there. A
 * word that is in two of them counts once. */
static void merge(qi_join *join, size_t first, size_t end)
{
    size_t count = join->words.count, leaves = 1;
    while (leaves < end - first)
        leaves *= 2;
    uint32_t *words = join->words.items, *ordinals = join->ordinals.items;
    uint64_t before = OVER;
    for (uint64_t key = play_all(join, leaves, first, end); key != OVER;) {
        uint32_t number = (uint32_t)key;
        qi_join_run *run = &join->runs.items[number];
        words[count] = (uint32_t)(key >> 32);
        count += key >> 32 != before;
        before = key >> 32;
        ordinals[run->at++] = (uint32_t)count - 1;
        key = next_of(join, number);
        for (size_t node = (leaves + number - first) / 2; node > 0; node /= 2)
            key = play(&join->tree.items[node], key);
    }
    join->words.count = count;
}

/* Add the entries of a chain that occur to the runs, and how often to *total. */
static bool list_runs(qi_join *join, const qi_join_chain *chain, bool exact, size_t *total)
{
    const qi_mem_field *field = &join->parts.items[chain->part]->fields[join->field];
    for (uint32_t at = chain->entry; at != 0;) {
        const qi_mem_entry *entry = &field->entries.items[at - 1];
        qi_join_run run = {chain->part, at - 1, field->streams.items[at - 1].count, *total, *total};
        if (run.count != 0 && !QI_VEC_PUSH(&join->runs, run))
            return false;
        *total += run.count;
        at = exact ? entry->same_form : entry->same_stem;
    }
    return true;
}

static void decode(const qi_join *join, const qi_join_run *run, uint32_t *out)
{
    const qi_memindex *part = join->parts.items[run->part];
    uint32_t base = join->bases.items[run->part];
    qi_stream_decode(&part->pool, &part->fields[join->field].streams.items[run->entry], out);
    for (uint32_t i = 0; base != 0 && i < run->count; i++)
        out[i] += base;
}

/* Add the words of the runs from `first` to `end`, which are of one part. */
static void add_words(qi_join *join, size_t first, size_t end)
{
    const qi_join_run *run = &join->runs.items[first];
    if (end - first == 1) {
        uint32_t before = (uint32_t)join->words.count;
        decode(join, run, join->words.items + before);
        for (uint32_t i = 0; join->runs.count != 1 && i < run->count; i++)
            join->ordinals.items[run->start + i] = before + i;
        join->words.count += run->count;
        return;
    }
    for (size_t r = first; r < end; r++)
        decode(join, &join->runs.items[r], join->ordinals.items + join->runs.items[r].start);
    merge(join, first, end);
}

/* Make room for `total` words of all runs. */
static bool reserve(qi_join *join, size_t total)
{
    size_t leaves = 1;
    while (leaves < join->runs.count)
        leaves *= 2;
    if (!QI_VEC_RESERVE(&join->words, total + 1) || !QI_VEC_RESERVE(&join->docs, total))
        return false;
    if (join->runs.count == 1)
        return true;
    if (!QI_VEC_RESERVE(&join->ordinals, total + 1) || !QI_VEC_RESERVE(&join->tree, 2 * leaves))
        return false;
    join->ordinals.items[total] = 0; /* is read, and of no matter */
    return true;
}

quire_status qi_join_term(qi_join *join, const qi_join_chain *chains, size_t count, bool exact,
                          quire_error *err)
{
    size_t total = 0;
    join->runs.count = join->words.count = join->docs.count = join->ordinals.count = 0;
    join->tree.count = 0;
    for (size_t c = 0; c < count; c++)
        if (!list_runs(join, &chains[c], exact, &total))
            return qi_no_memory(err);
    if (!reserve(join, total))
        return qi_no_memory(err);
    for (size_t first = 0, end = 0; first < join->runs.count; first = end) {
        while (end < join->runs.count && join->runs.items[end].part == join->runs.items[first].part)
            end++;
        add_words(join, first, end);
    }
    find_docs(join);
    join->docs.count = join->words.count;
    return QUIRE_OK;
}
