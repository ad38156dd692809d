/* SPDX-License-Identifier: MIT
 *
 * A binary heap with the worst item at its root: an offer costs one comparison when it is too bad,
 * which nearly all are, and log K otherwise, in whatever order they come. Sorting takes one root
 * after another off, in place, from the back. Invariant until then: no item comes after its parent
 * in the order. */
#include "search/topk.h"

#include "search/memory.h"

quire_status qi_topk_init(qi_topk *top, qi_arena *memory, size_t limit, quire_error *err)
{
    *top = (qi_topk){NULL, 0, limit};
    if (limit != 0)
        top->items = qi_arena_new(memory, limit, sizeof *top->items);
    if (limit != 0 && top->items == NULL)
        return qi_memory_full(memory, err);
    return QUIRE_OK;
}

static void sift_up(qi_top_item *items, size_t at)
{
    while (at != 0) {
        size_t parent = (at - 1) / 2;
        if (!qi_topk_before(items[parent], items[at]))
            return;
        qi_top_item item = items[at];
        items[at] = items[parent];
        items[parent] = item;
        at = parent;
    }
}

/* Put `item` in the place of the root of a heap of `count` items. */
static void replace_root(qi_top_item *items, size_t count, qi_top_item item)
{
    size_t at = 0;
    for (size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && qi_topk_before(items[child], items[child + 1]))
            child++;
        if (!qi_topk_before(item, items[child]))
            break;
        items[at] = items[child];
        at = child;
    }
    items[at] = item;
}

void qi_topk_put(qi_topk *top, qi_top_item item)
{
    if (top->count == top->limit) {
        replace_root(top->items, top->count, item);
        return;
    }
    top->items[top->count++] = item;
    sift_up(top->items, top->count - 1);
}

void qi_topk_sort(qi_topk *top)
{
    for (size_t count = top->count; count > 1; count--) {
        qi_top_item worst = top->items[0];
        replace_root(top->items, count - 1, top->items[count - 1]);
        top->items[count - 1] = worst;
    }
}
