/* SPDX-License-Identifier: MIT
 *
 * A small store is kept sorted, and an item inserted. A larger one has room for twice as many
 * items: they are appended, and when it is full, the best half is selected; the bar then rises to
 * the worst of them. So an offer costs one comparison when it is too bad, which nearly all are, and
 * a few steps otherwise. Invariant: no item that was left out comes before the bar. */
#include "search/topk.h"

#include "search/memory.h"

enum { SORTED = 24, SHORT = 12 }; /* stores kept sorted; stretches sorted by insertion */

quire_status qi_topk_init(qi_topk *top, qi_arena *memory, size_t limit, quire_error *err)
{
    *top = (qi_topk){.limit = limit, .bar = {INT64_MAX, 0}, .full = limit == 0};
    top->room = limit <= SORTED ? limit : 2 * limit;
    if (limit != 0)
        top->items = qi_arena_new(memory, top->room, sizeof *top->items);
    if (limit != 0 && top->items == NULL)
        return qi_memory_full(memory, err);
    return QUIRE_OK;
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

/* Bring the best `limit` items to the front, the worst of them last. */
static void settle(qi_topk *top)
{
    qi_top_item *items = top->items;
    size_t count = top->count, at = top->limit - 1;
    while (count > SHORT) {
        size_t place = part(items, count);
        if (place == at)
            break;
        if (place > at) {
            count = place;
        } else {
            items += place + 1;
            count -= place + 1;
            at -= place + 1;
        }
    }
    for (size_t i = 1; i < count && count <= SHORT; i++)
        insert(items, i, items[i]);
    top->count = top->limit;
    top->bar = top->items[top->limit - 1];
    top->full = true;
}

void qi_topk_put(qi_topk *top, qi_top_item item)
{
    if (top->limit > SORTED) {
        top->items[top->count++] = item;
        if (top->count == (top->full ? top->room : top->limit))
            settle(top);
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

void qi_topk_sort(qi_topk *top)
{
    if (top->count > top->limit)
        settle(top);
    sort(top->items, top->count);
}
