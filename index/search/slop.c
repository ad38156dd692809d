/* SPDX-License-Identifier: MIT
 *
 * The narrowest match around one place of the first word. Every match has a smallest start, its
 * left end; for each possible left end the other words are put, in the order of the phrase, on
 * their first places that do not start before it. Equal words must not share a place: as they
 * accept places in windows of one length that lie one behind the other, taking the first place that
 * is free is best for each of them. */
#include "search/slop.h"

#include <assert.h>
#include <string.h>

void qi_slop_relate(qi_slop_word *out, const qi_word *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (qi_slop_word){.offset = words[i].position, .same = QI_SLOP_NONE};
        for (uint32_t j = 0; j < i; j++) {
            bool equal = words[i].term.len == words[j].term.len &&
                         memcmp(words[i].term.ptr, words[j].term.ptr, words[i].term.len) == 0;
            out[i].first = out[i].first || (equal && j == 0);
            out[i].same = equal && j != 0 ? j : out[i].same;
        }
    }
}

/* The first index of `word` whose place is >= least. */
static uint32_t find(const qi_slop_word *word, int64_t least)
{
    uint32_t low = 0, high = word->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if ((int64_t)word->at[middle] < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Put all words but the first on their places for the left end `left`, below `limit` from it. The
 * width, or QI_SLOP_NONE. */
static uint32_t place(const qi_slop_word *words, uint32_t count, int64_t left, uint32_t limit,
                      uint32_t *places)
{
    int64_t right = (int64_t)places[0] - words[0].offset;
    for (uint32_t i = 1; i < count; i++) {
        int64_t least = left + words[i].offset;
        if (words[i].same != QI_SLOP_NONE && (int64_t)places[words[i].same] >= least)
            least = (int64_t)places[words[i].same] + 1;
        uint32_t at = find(&words[i], least);
        if (at < words[i].count && words[i].first && words[i].at[at] == places[0])
            at++;
        if (at == words[i].count)
            return QI_SLOP_NONE;
        places[i] = words[i].at[at];
        int64_t start = (int64_t)places[i] - words[i].offset;
        right = start > right ? start : right;
        if (right - left > limit)
            return QI_SLOP_NONE;
    }
    return (uint32_t)(right - left);
}

/* Keep the better of two matches. */
static void keep(uint32_t width, const uint32_t *places, uint32_t count, uint32_t *best,
                 uint32_t *chosen)
{
    if (width >= *best)
        return;
    *best = width;
    for (uint32_t i = 0; chosen != NULL && i < count; i++)
        chosen[i] = places[i];
}

uint32_t qi_slop_width(const qi_slop_word *words, uint32_t count, uint32_t slop, uint32_t i,
                       uint32_t *chosen)
{
    assert(count >= 1 && count <= QI_PHRASE_WORDS && i < words[0].count);
    uint32_t places[QI_PHRASE_WORDS] = {words[0].at[i]};
    int64_t start = (int64_t)words[0].at[i] - words[0].offset;
    uint32_t best = QI_SLOP_NONE;
    uint32_t limit = slop < QI_SLOP_NONE - 1 ? slop : QI_SLOP_NONE - 1;
    keep(place(words, count, start, limit, places), places, count, &best, chosen);
    for (uint32_t w = 1; w < count; w++) {
        for (uint32_t at = find(&words[w], start - limit + words[w].offset);
             at < words[w].count && (int64_t)words[w].at[at] - words[w].offset < start; at++) {
            uint32_t most = best < limit ? best : limit;
            int64_t left = (int64_t)words[w].at[at] - words[w].offset;
            keep(place(words, count, left, most, places), places, count, &best, chosen);
        }
    }
    return best;
}
