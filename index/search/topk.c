/* SPDX-License-Identifier: MIT
 *
 * A small store is kept sorted, and an item inserted. A larger one has room for twice as many
 * items: they are appended, and counted by groups of ranks, so that the bar rises by a group as
 * soon as enough are above it. When the store is full, the items below the group of the bar go, and
 * of those in it the best are selected. So an offer costs one comparison when it is too bad, which
 * nearly all are, and a few steps otherwise; groups sort the items at the end, too. Invariant: no
 * item that was left out comes before the bar. */
#include "search/topk.h"

#include "search/memory.h"

enum {
    SORTED = 24, /* items of a store that is kept sorted */
    SHORT = 12,  /* of a stretch that is sorted by insertion */
    GROUPS = 512,
    GROUP_BITS = 9 /* of their numbers */
};

quire_status qi_topk_init(qi_topk *top, qi_arena *memory, size_t limit, quire_error *err)
{
    *top = (qi_topk){.limit = limit, .bar = {INT64_MAX, 0}, .full = limit == 0};
    top->room = limit <= SORTED ? limit : 2 * limit;
    if (limit != 0)
        top->items = qi_arena_room(memory, top->room, sizeof *top->items);
    if (limit > SORTED)
        top->groups = qi_arena_room(memory, GROUPS, sizeof *top->groups);
    return memory->failed ? qi_memory_full(memory, err) : QUIRE_OK;
}

/* 1 if `a` comes before `b`, without a branch: which it is cannot be foreseen. */
static inline size_t before(qi_top_item a, qi_top_item b)
{
    return (size_t)((a.rank > b.rank) | ((a.rank == b.rank) & (a.doc < b.doc)));
}

static void swap(qi_top_item *a, qi_top_item *b)
{
    qi_top_item item = *a;
    *a = *b;
    *b = item;
}

static void insert(qi_top_item *items, size_t at, qi_top_item item)
{
    for (; at > 0 && qi_topk_before(item, items[at - 1]); at--)
        items[at] = items[at - 1];
    items[at] = item;
}

/* Part items around one of them, of which the place is returned. There are at least three. */
static size_t part(qi_top_item *items, size_t count)
{
    size_t middle = count / 2, last = count - 1, place = 0;
    if (before(items[middle], items[0]))
        swap(&items[middle], &items[0]);
    if (before(items[last], items[0]))
        swap(&items[last], &items[0]);
    if (before(items[middle], items[last]))
        swap(&items[middle], &items[last]); /* now the median is the last */
    qi_top_item pivot = items[last];
    for (size_t i = 0; i < last; i++) {
        int64_t rank = items[i].rank;
        quire_doc doc = items[i].doc;
        items[i].rank = items[place].rank;
        items[i].doc = items[place].doc;
        items[place].rank = rank;
        items[place].doc = doc;
        place += before((qi_top_item){rank, doc}, pivot);
    }
    swap(&items[place], &items[last]);
    return place;
}

/* Bring the best `want` of `count` items to the front, the worst of them last. */
static void select(qi_top_item *items, size_t count, size_t want)
{
    size_t at = want - 1;
    while (count > SHORT) {
        size_t place = part(items, count);
        if (place == at)
            return;
        if (place > at) {
            count = place;
        } else {
            items += place + 1;
            count -= place + 1;
            at -= place + 1;
        }
    }
    for (size_t i = 1; i < count; i++)
        insert(items, i, items[i]);
}

static inline uint32_t group_of(const qi_topk *top, int64_t rank)
{
    uint64_t group = ((uint64_t)rank - (uint64_t)top->low) >> top->shift;
    return group < GROUPS - 1 ? (uint32_t)group : GROUPS - 1;
}

/* Count the items by groups from `low` on, below which there are none, so that the best one's has a
 * number of `bits` bits at most. */
static void count_groups(qi_topk *top, int64_t low, uint32_t bits)
{
    int64_t high = low;
    for (size_t i = 0; i < top->count; i++)
        high = top->items[i].rank > high ? top->items[i].rank : high;
    uint32_t width = qi_width((uint64_t)high - (uint64_t)low);
    top->low = low;
    top->shift = width > bits ? width - bits : 0;
    memset(top->groups, 0, GROUPS * sizeof *top->groups);
    for (size_t i = 0; i < top->count; i++)
        top->groups[group_of(top, top->items[i].rank)]++;
}

/* Exactly `limit` items are in the store, of which the bar is the worst. */
static void begin(qi_topk *top)
{
    count_groups(top, top->bar.rank, GROUP_BITS - 1); /* better ones are to come */
    top->full = true;
    top->group = 0;
    top->above = top->count - top->groups[0];
}

/* The first `limit` items. */
static void begin_first(qi_topk *top)
{
    top->bar = top->items[0];
    for (size_t i = 1; i < top->count; i++)
        top->bar = before(top->items[i], top->bar) ? top->bar : top->items[i];
    begin(top);
}

/* Leave the best `limit` items of a store that is full. */
static void settle(qi_topk *top)
{
    qi_top_item *items = top->items;
    size_t above = 0, kept;
    for (size_t i = 0; i < top->count; i++) {
        qi_top_item item = items[i];
        items[i] = items[above];
        items[above] = item;
        above += item.rank >= top->bar.rank && group_of(top, item.rank) > top->group;
    }
    kept = above;
    for (size_t i = above; i < top->count; i++) {
        items[kept] = items[i];
        kept += items[i].rank >= top->bar.rank;
    }
    select(items + above, kept - above, top->limit - above);
    top->count = top->limit;
    top->bar = items[top->limit - 1];
}

/* Count an item that was put in, and raise the bar. */
static void count_item(qi_topk *top, int64_t rank)
{
    uint32_t group = group_of(top, rank);
    top->groups[group]++;
    top->above += group > top->group;
    if (top->above < top->limit)
        return;
    while (top->above >= top->limit)
        top->above -= top->groups[++top->group];
    int64_t least = (int64_t)((uint64_t)top->low + ((uint64_t)top->group << top->shift));
    top->bar = (qi_top_item){least, UINT64_MAX};
}

static void append(qi_topk *top, qi_top_item item)
{
    top->items[top->count++] = item;
    if (top->full)
        count_item(top, item.rank);
    else if (top->count == top->limit)
        begin_first(top);
    if (top->count == top->room) {
        settle(top);
        begin(top);
    }
}

void qi_topk_put(qi_topk *top, qi_top_item item)
{
    if (top->limit > SORTED) {
        append(top, item);
        return;
    }
    if (!top->full)
        top->count++;
    insert(top->items, top->count - 1, item);
    top->full = top->count == top->limit;
    top->bar = top->items[top->count - 1];
}

/* Sort all: the shorter part by itself, so that calls do not nest deeply. */
static void sort(qi_top_item *items, size_t count)
{
    while (count > SHORT) {
        size_t place = part(items, count), after = count - place - 1;
        if (place < after) {
            sort(items, place);
            items += place + 1;
            count = after;
        } else {
            sort(items + place + 1, after);
            count = place;
        }
    }
    for (size_t i = 1; i < count; i++)
        insert(items, i, items[i]);
}

/* Sort the items of a large store into the second half of its room, by groups and within them. */
static void sort_groups(qi_topk *top)
{
    int64_t low = top->items[0].rank;
    uint32_t ends[GROUPS], end = 0;
    qi_top_item *to = top->items + top->limit;
    for (size_t i = 1; i < top->count; i++)
        low = top->items[i].rank < low ? top->items[i].rank : low;
    count_groups(top, low, GROUP_BITS);
    for (uint32_t group = GROUPS; group-- > 0; end += top->groups[group])
        ends[group] = end;
    for (size_t i = 0; i < top->count; i++)
        to[ends[group_of(top, top->items[i].rank)]++] = top->items[i];
    for (uint32_t group = 0; group < GROUPS; group++)
        if (top->groups[group] > 1)
            sort(to + (ends[group] - top->groups[group]), top->groups[group]);
    top->items = to;
}

void qi_topk_sort(qi_topk *top)
{
    if (top->count > top->limit)
        settle(top);
    if (top->limit > SORTED && top->count > SHORT)
        sort_groups(top);
    else
        sort(top->items, top->count);
}
