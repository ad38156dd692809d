/* SPDX-License-Identifier: MIT
 * Sizes are those of live documents, so that a segment sinks as its documents are deleted. */
#include "commit/policy.h"

#include "base/limits.h"

enum { LEVELS = 32, ALL_MEMORY = 1000 };

static uint64_t live_bytes(const qi_policy_segment *segment)
{
    if (segment->documents == 0)
        return 0;
    double share = 1.0 - (double)segment->deleted / segment->documents;
    return (uint64_t)((double)segment->bytes * share);
}

static unsigned level(const qi_policy_segment *segment)
{
    uint64_t bytes = live_bytes(segment);
    unsigned n = 0;
    for (uint64_t limit = QI_POLICY_SMALLEST; bytes >= limit && n < LEVELS - 1;
         limit *= QI_POLICY_WIDTH)
        n++;
    return n;
}

/* What a merge takes. */
typedef struct load {
    uint64_t live, bytes, words, documents, memory;
} load;

static void add(load *sum, const qi_policy_segment *segment)
{
    sum->live += live_bytes(segment);
    sum->bytes += segment->bytes;
    sum->words += segment->words;
    sum->memory += segment->memory;
    sum->documents += segment->documents - segment->deleted;
}

/* Is it at most this part of what a merge may take? */
static bool fits(const load *sum, uint64_t budget, unsigned part)
{
    return sum->live <= QI_POLICY_LARGEST / part && sum->bytes <= budget / part &&
           sum->words <= QI_SEGMENT_WORDS / part && sum->documents <= QI_SEGMENT_DOCUMENTS / part &&
           sum->memory <= ALL_MEMORY / part;
}

/* Too large to be merged with others: any two segments that are not can be merged. */
static bool is_settled(const qi_policy_segment *segment, uint64_t budget)
{
    load alone = {0};
    add(&alone, segment);
    return !fits(&alone, budget, 2);
}

/* The lowest level that is full, or LEVELS. */
static unsigned full_level(const qi_policy_segment *segments, size_t count, uint64_t budget)
{
    size_t members[LEVELS] = {0};
    for (size_t i = 0; i < count; i++)
        if (!is_settled(&segments[i], budget))
            members[level(&segments[i])]++;
    unsigned full = 0;
    while (full < LEVELS && members[full] < QI_POLICY_WIDTH)
        full++;
    return full;
}

/* Pick segments up to a level, the smallest levels first, while one merge may take them beside
 * `sum`. How many. */
static size_t pick_levels(const qi_policy_segment *segments, size_t count, unsigned top, load sum,
                          uint64_t budget, bool *picks)
{
    size_t picked = 0;
    for (unsigned now = 0; now <= top; now++)
        for (size_t i = 0; i < count; i++) {
            load with = sum;
            add(&with, &segments[i]);
            if (picks[i] || is_settled(&segments[i], budget) || level(&segments[i]) != now ||
                !fits(&with, budget, 1))
                continue;
            sum = with;
            picks[i] = true;
            picked++;
        }
    return picked;
}

size_t qi_policy_choose(const qi_policy_segment *segments, size_t count, uint64_t budget,
                        bool *picks)
{
    for (size_t i = 0; i < count; i++)
        picks[i] = false;
    load sum = {0};
    unsigned full = full_level(segments, count, budget);
    if (full < LEVELS)
        return pick_levels(segments, count, full, sum, budget, picks);
    for (size_t i = 0; i < count; i++)
        if (segments[i].bytes <= budget &&
            (uint64_t)segments[i].deleted * 100 >
                (uint64_t)segments[i].documents * QI_POLICY_DELETED) {
            picks[i] = true;
            add(&sum, &segments[i]);
            return 1 + pick_levels(segments, count, level(&segments[i]), sum, budget, picks);
        }
    return 0;
}

size_t qi_policy_reduce(const qi_policy_segment *segments, size_t count, uint64_t most, bool *picks)
{
    for (size_t i = 0; i < count; i++)
        picks[i] = false;
    if (count == 1 && most <= 1 && segments[0].deleted != 0) {
        picks[0] = true;
        return 1;
    }
    size_t wanted = count > most ? count - (most == 0 ? 1 : (size_t)most) + 1 : 0;
    for (size_t picked = 0; picked < wanted; picked++) {
        size_t smallest = count;
        for (size_t i = 0; i < count; i++)
            if (!picks[i] &&
                (smallest == count || live_bytes(&segments[i]) < live_bytes(&segments[smallest])))
                smallest = i;
        picks[smallest] = true;
    }
    return wanted;
}
