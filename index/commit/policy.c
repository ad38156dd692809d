/* SPDX-License-Identifier: MIT
 * Sizes are those of live documents, so that a segment sinks as its documents are deleted. */
#include "commit/policy.h"

enum { LEVELS = 32, DELETED_PERCENT = 30 };

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

/* Too large to be merged with others. */
static bool is_settled(const qi_policy_segment *segment)
{
    return live_bytes(segment) > QI_POLICY_LARGEST / 2;
}

/* The lowest level that is full, or LEVELS. */
static unsigned full_level(const qi_policy_segment *segments, size_t count)
{
    size_t members[LEVELS] = {0};
    for (size_t i = 0; i < count; i++)
        if (!is_settled(&segments[i]))
            members[level(&segments[i])]++;
    unsigned full = 0;
    while (full < LEVELS && members[full] < QI_POLICY_WIDTH)
        full++;
    return full;
}

/* Pick segments up to a level, the smallest levels first, while their sum stays within the largest
 * size. */
static size_t pick_levels(const qi_policy_segment *segments, size_t count, unsigned top,
                          bool *picks)
{
    uint64_t sum = 0;
    size_t picked = 0;
    for (unsigned now = 0; now <= top; now++)
        for (size_t i = 0; i < count; i++) {
            uint64_t bytes = live_bytes(&segments[i]);
            if (is_settled(&segments[i]) || level(&segments[i]) != now ||
                sum + bytes > QI_POLICY_LARGEST)
                continue;
            sum += bytes;
            picks[i] = true;
            picked++;
        }
    return picked;
}

size_t qi_policy_choose(const qi_policy_segment *segments, size_t count, bool *picks)
{
    for (size_t i = 0; i < count; i++)
        picks[i] = false;
    unsigned full = full_level(segments, count);
    if (full < LEVELS)
        return pick_levels(segments, count, full, picks);
    for (size_t i = 0; i < count; i++)
        if ((uint64_t)segments[i].deleted * 100 >
            (uint64_t)segments[i].documents * DELETED_PERCENT) {
            picks[i] = true;
            return 1;
        }
    return 0;
}

size_t qi_policy_reduce(const qi_policy_segment *segments, size_t count, size_t most, bool *picks)
{
    for (size_t i = 0; i < count; i++)
        picks[i] = false;
    if (count == 1 && most <= 1 && segments[0].deleted != 0) {
        picks[0] = true;
        return 1;
    }
    size_t wanted = count > most ? count - (most == 0 ? 1 : most) + 1 : 0;
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
