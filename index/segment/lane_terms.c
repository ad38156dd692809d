/* SPDX-License-Identifier: MIT
 * The terms of all parts are sorted together by their bytes; then equal ones lie side by side and
 * are put in the order of their parts, which is that of their documents. */
#include "segment/lane_terms.h"

#include <string.h>

#include "base/mem.h"

void qi_lane_terms_free(qi_lane_terms *t)
{
    qi_mem_free(t->bases);
    qi_mem_free(t->keys);
    qi_mem_free(t->starts);
    *t = (qi_lane_terms){0};
}

quire_status qi_lane_terms_list(qi_lane_terms *t, const qi_mem_parts *parts, uint32_t lane,
                                quire_error *err)
{
    qi_lane_terms_free(t);
    t->lane = lane;
    t->bases = qi_mem_new(parts->count + 1, sizeof *t->bases);
    if (t->bases == NULL)
        return qi_no_memory(err);
    for (size_t p = 0; p < parts->count; p++)
        t->bases[p + 1] = t->bases[p] + (uint32_t)parts->items[p]->lanes[lane].terms.count;
    size_t all = t->bases[parts->count];
    t->keys = qi_mem_new(all, sizeof *t->keys);
    t->starts = qi_mem_new(all + 1, sizeof *t->starts);
    if (t->keys == NULL || t->starts == NULL)
        return qi_no_memory(err);
    for (size_t p = 0; p < parts->count; p++) {
        const qi_mem_lane *from = &parts->items[p]->lanes[lane];
        for (size_t i = 0; i < from->terms.count; i++) {
            const qi_mem_term *term = &from->terms.items[i];
            t->keys[t->bases[p] + i] =
                (qi_sort_key){.bytes = qi_pool_at(&parts->items[p]->pool, term->bytes),
                              .term = t->bases[p] + (uint32_t)i,
                              .len = term->len};
        }
    }
    return QUIRE_OK;
}

/* Are two terms, which lie next to each other when sorted, the same? */
static bool is_same(const qi_sort_key *a, const qi_sort_key *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

void qi_lane_terms_sort(qi_lane_terms *t, const qi_mem_parts *parts)
{
    size_t all = t->bases[parts->count];
    bool several = parts->count > 1;
    qi_sort_terms(t->keys, all);
    t->count = 0;
    for (size_t k = 0; k < all; k++) {
        if (!several || k == 0 || !is_same(&t->keys[k - 1], &t->keys[k])) {
            t->starts[t->count++] = (uint32_t)k;
            continue;
        }
        qi_sort_key key = t->keys[k];
        size_t to = k;
        for (; to > t->starts[t->count - 1] && t->keys[to - 1].term > key.term; to--)
            t->keys[to] = t->keys[to - 1];
        t->keys[to] = key;
    }
    t->starts[t->count] = (uint32_t)all;
}
