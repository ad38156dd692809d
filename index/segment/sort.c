/* SPDX-License-Identifier: MIT
 * A radix sort from the first byte on, in place. Eight bytes of each term stand in its key, so that
 * memory far away is read once for as many; where they are all the same the next eight are loaded.
 * Few keys are inserted one by one. The largest part is sorted in a loop and only the others by
 * recursion, which therefore is as deep as a logarithm. */
#include "segment/sort.h"

#include <stdbool.h>
#include <string.h>

#include "base/bits.h"
#include "base/limits.h"

enum { FEW = 24, VALUES = 256, PART = 8, AHEAD = 16 };

/* Keys whose terms share the bytes before `at`, and of those at `at` the ones above `shift`. */
typedef struct span {
    qi_sort_key *keys;
    size_t count, at;
    int shift;
} span;

/* Eight bytes as a number that orders as they do, with zeros behind the term's end. */
static uint64_t part_of(const qi_sort_key *key, size_t at)
{
    uint64_t part = 0;
    if (key->len >= at + PART) {
        for (size_t i = 0; i < PART; i++)
            part = part << 8 | key->bytes[at + i];
        return part;
    }
    for (size_t i = at; i < at + PART; i++)
        part = part << 8 | (i < key->len ? key->bytes[i] : 0);
    return part;
}

static void load(const span *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (i + AHEAD < s->count)
            __builtin_prefetch(s->keys[i + AHEAD].bytes + s->at);
        s->keys[i].part = part_of(&s->keys[i], s->at);
    }
}

static bool is_before(const qi_sort_key *a, const qi_sort_key *b, size_t at)
{
    if (a->part != b->part)
        return a->part < b->part;
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common > at + PART
                    ? memcmp(a->bytes + at + PART, b->bytes + at + PART, common - at - PART)
                    : 0;
    return order != 0 ? order < 0 : a->len < b->len;
}

static void insert_each(const span *s)
{
    for (size_t i = 1; i < s->count; i++) {
        qi_sort_key key = s->keys[i];
        size_t to = i;
        for (; to > 0 && is_before(&key, &s->keys[to - 1], s->at); to--)
            s->keys[to] = s->keys[to - 1];
        s->keys[to] = key;
    }
}

static unsigned value_of(const qi_sort_key *key, int shift)
{
    return key->part >> shift & (VALUES - 1);
}

/* Put the keys into the order of one byte; where those of each value end is in `ends`. */
static void distribute(const span *s, uint32_t ends[VALUES])
{
    uint32_t next[VALUES], sum = 0;
    for (unsigned v = 0; v < VALUES; v++) {
        next[v] = sum;
        sum += ends[v];
        ends[v] = sum;
    }
    for (unsigned v = 0; v < VALUES; v++) {
        while (next[v] < ends[v]) {
            qi_sort_key key = s->keys[next[v]];
            for (unsigned to; (to = value_of(&key, s->shift)) != v;) {
                qi_sort_key other = s->keys[next[to]];
                s->keys[next[to]++] = key;
                key = other;
            }
            s->keys[next[v]++] = key;
        }
    }
}

static void sort(span s);

/* Sort the parts that have one value each, but for the largest, which is returned. */
static span sort_others(const span *s, const uint32_t ends[VALUES])
{
    span largest = {.count = 0};
    for (unsigned v = 0; v < VALUES; v++) {
        uint32_t start = v == 0 ? 0 : ends[v - 1];
        span part = {s->keys + start, ends[v] - start, s->at, s->shift - 8};
        if (part.count > largest.count) {
            span smaller = largest;
            largest = part;
            part = smaller;
        }
        if (part.count > 1)
            sort(part);
    }
    return largest;
}

static void sort(span s)
{
    while (s.count >= FEW) {
        if (s.shift < 0) {
            if (s.at + PART > QI_TERM_MAX)
                break; /* what is left differs in length alone */
            s.at += PART;
            s.shift = 56;
            load(&s);
        }
        uint32_t ends[VALUES] = {0};
        for (size_t i = 0; i < s.count; i++)
            ends[value_of(&s.keys[i], s.shift)]++;
        if (ends[value_of(&s.keys[0], s.shift)] == s.count) {
            s.shift -= 8;
            continue;
        }
        distribute(&s, ends);
        s = sort_others(&s, ends);
    }
    insert_each(&s);
}

void qi_sort_terms(qi_sort_key *keys, size_t count)
{
    span all = {keys, count, 0, 56};
    load(&all);
    sort(all);
}
