/* SPDX-License-Identifier: MIT
 * Streams are decoded whole and merged by a tree of matches between them: at its leaves the next
 * word of each, with the stream's number below it so that one comparison orders both, at each node
 * the one that lost there. Only matches of the stream that won are played again, and none of it is
 * a branch. Numbers are replaced by ordinals as they are taken. Documents are looked up in a table
 * of cells, most of which lie within one document. */
#include "segment/join.h"

#include <string.h>

#include "base/mem.h"

#define OVER UINT64_MAX /* above every key */

enum { CELLS_A_DOC = 8, CELLS = 1 << 18 };

void qi_join_free(qi_join *join)
{
    qi_mem_free(join->hints);
    QI_VEC_FREE(&join->words);
    QI_VEC_FREE(&join->docs);
    QI_VEC_FREE(&join->ordinals);
    QI_VEC_FREE(&join->runs);
    QI_VEC_FREE(&join->tree);
    *join = (qi_join){0};
}

/* As many cells as there may be. */
static size_t cells_for(const qi_join *join)
{
    size_t docs = join->index->doc_count, most = CELLS_A_DOC * docs;
    return most < CELLS ? most : docs < CELLS ? CELLS : docs;
}

quire_status qi_join_field(qi_join *join, const qi_memindex *index, uint32_t field,
                           quire_error *err)
{
    const qi_mem_field *part = &index->fields[field];
    uint32_t words = part->next_word, doc = 0;
    join->index = index;
    join->field = field;
    join->shift = 0;
    while (words >> join->shift > cells_for(join))
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
    const uint32_t *starts = join->index->fields[join->field].starts.items;
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

/* Play all matches below a node of the tree; the winner. Leaves are those from `leaves` on. */
static uint64_t play_all(qi_join *join, size_t leaves)
{
    uint64_t *tree = join->tree.items;
    for (size_t i = 0; i < leaves; i++)
        tree[leaves + i] = i < join->runs.count ? next_of(join, (uint32_t)i) : OVER;
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

/* Merge the runs. A word that is in two of them counts once. */
static void merge(qi_join *join, size_t leaves)
{
    size_t count = 0;
    uint32_t *words = join->words.items, *ordinals = join->ordinals.items;
    uint64_t before = OVER;
    for (uint64_t key = play_all(join, leaves); key != OVER;) {
        uint32_t number = (uint32_t)key;
        qi_join_run *run = &join->runs.items[number];
        words[count] = (uint32_t)(key >> 32);
        count += key >> 32 != before;
        before = key >> 32;
        ordinals[run->at++] = (uint32_t)count - 1;
        key = next_of(join, number);
        for (size_t node = (leaves + number) / 2; node > 0; node /= 2)
            key = play(&join->tree.items[node], key);
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
    size_t leaves = 1;
    while (leaves < join->runs.count)
        leaves *= 2;
    join->words.count = join->docs.count = join->ordinals.count = join->tree.count = 0;
    if (!QI_VEC_RESERVE(&join->words, total + 1) || !QI_VEC_RESERVE(&join->docs, total) ||
        (!alone &&
         (!QI_VEC_RESERVE(&join->ordinals, total + 1) || !QI_VEC_RESERVE(&join->tree, 2 * leaves))))
        return qi_no_memory(err);
    for (size_t r = 0; r < join->runs.count; r++)
        qi_stream_decode(&join->index->pool, &part->streams.items[join->runs.items[r].entry],
                         alone ? join->words.items
                               : join->ordinals.items + join->runs.items[r].start);
    if (alone) {
        join->words.count = total;
    } else {
        join->ordinals.items[total] = 0; /* is read, and of no matter */
        merge(join, leaves);
    }
    find_docs(join);
    join->docs.count = join->words.count;
    return QUIRE_OK;
}
