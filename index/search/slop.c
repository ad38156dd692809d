/* SPDX-License-Identifier: MIT
 *
 * The narrowest match around one place of the first word. Every match has a smallest start, its
 * left end; for a left end the other words are put, in the order of the phrase, on their first
 * places that do not start before it. Equal words must not share a place: as they accept places in
 * windows of one length that lie one behind the other, taking the first place that is free is best
 * for each of them. Going left from the first word, only ends that move the word which stands
 * furthest right can make the match narrower, so all others are leapt over. */
#include "search/slop.h"

#include <assert.h>
#include <string.h>

void qi_slop_relate(qi_slop_word *out, const qi_word *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (qi_slop_word){.offset = words[i].position, .same = QI_SLOP_NONE, .term = i};
        for (uint32_t j = 0; j < i; j++) {
            bool equal = words[i].term.len == words[j].term.len &&
                         memcmp(words[i].term.ptr, words[j].term.ptr, words[i].term.len) == 0;
            out[i].term = equal && j < out[i].term ? j : out[i].term;
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

/* Put all words but the first on their places for the left end `left`. The right end; or INT64_MAX
 * if it is over left + limit. Then, and else if it is not the first word, *binding is a word that
 * would have to stand before its place for the right end to be smaller. */
static int64_t place(const qi_slop_word *words, uint32_t count, int64_t left, uint32_t limit,
                     uint32_t *places, uint32_t *binding)
{
    int64_t right = (int64_t)places[0] - words[0].offset;
    *binding = 0;
    for (uint32_t i = 1; i < count; i++) {
        int64_t least = left + words[i].offset;
        if (words[i].same != QI_SLOP_NONE && (int64_t)places[words[i].same] >= least)
            least = (int64_t)places[words[i].same] + 1;
        uint32_t at = find(&words[i], least);
        at += at < words[i].count && words[i].term == 0 && words[i].at[at] == places[0];
        int64_t start =
            at < words[i].count ? (int64_t)words[i].at[at] - words[i].offset : INT64_MAX;
        if (start > right)
            *binding = i;
        if (start == INT64_MAX || start - left > limit)
            return INT64_MAX;
        places[i] = words[i].at[at];
        right = start > right ? start : right;
    }
    return right;
}

/* The next left end to try: the last start before `left` of any word that is the same as `binding`;
 * between the two, the right end stays. INT64_MIN: there is none. */
static int64_t step(const qi_slop_word *words, uint32_t count, int64_t left, uint32_t binding)
{
    int64_t next = INT64_MIN;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t at =
            words[i].term == words[binding].term ? find(&words[i], left + words[i].offset) : 0;
        int64_t start = at == 0 ? INT64_MIN : (int64_t)words[i].at[at - 1] - words[i].offset;
        next = start > next ? start : next;
    }
    return next;
}

uint32_t qi_slop_width(const qi_slop_word *words, uint32_t count, uint32_t slop, uint32_t i,
                       uint32_t *chosen)
{
    assert(count >= 1 && count <= QI_PHRASE_WORDS && i < words[0].count);
    uint32_t places[QI_PHRASE_WORDS] = {words[0].at[i]};
    int64_t start = (int64_t)words[0].at[i] - words[0].offset;
    uint32_t best = QI_SLOP_NONE, binding;
    uint32_t limit = slop < QI_SLOP_NONE - 1 ? slop : QI_SLOP_NONE - 1;
    for (int64_t left = start; left >= start - limit && start - left < best;) {
        int64_t right = place(words, count, left, limit, places, &binding);
        if (right != INT64_MAX && right - left < best) {
            best = (uint32_t)(right - left);
            for (uint32_t w = 0; chosen != NULL && w < count; w++)
                chosen[w] = places[w];
        }
        if (binding == 0)
            break;
        left = step(words, count, left, binding);
    }
    return best;
}
