/* SPDX-License-Identifier: MIT
 * segment/lane_terms.h - the terms of a lane of several indexes in memory, as one sorted list. */
#ifndef QI_SEGMENT_LANE_TERMS_H
#define QI_SEGMENT_LANE_TERMS_H

#include "segment/join.h"
#include "segment/sort.h"

/* Equal terms of several parts are one. Terms are numbered through the parts; zero is empty. */
typedef struct qi_lane_terms {
    uint32_t lane;
    uint32_t *bases;   /* what is added to the numbers of each part's terms; one more */
    qi_sort_key *keys; /* sorted; those of a term are in the order of parts */
    uint32_t *starts;  /* of each term in `keys`; one more */
    size_t count;
} qi_lane_terms;

/* The terms of a lane of all parts, not sorted yet, in place of what `t` holds. Error: MEMORY; `t`
 * may be freed. */
quire_status qi_lane_terms_list(qi_lane_terms *t, const qi_mem_parts *parts, uint32_t lane,
                                quire_error *err);

/* Sort the keys, and find those that are one term. */
void qi_lane_terms_sort(qi_lane_terms *t, const qi_mem_parts *parts);

void qi_lane_terms_free(qi_lane_terms *t);

/* The part that a term is of. */
static inline uint32_t qi_lane_terms_part(const qi_lane_terms *t, uint32_t term)
{
    uint32_t part = 0;
    while (term >= t->bases[part + 1])
        part++;
    return part;
}

static inline const qi_mem_term *qi_lane_terms_at(const qi_mem_parts *parts, const qi_lane_terms *t,
                                                  uint32_t term)
{
    uint32_t part = qi_lane_terms_part(t, term);
    return &parts->items[part]->lanes[t->lane].terms.items[term - t->bases[part]];
}

/* The chain of entries of a key's term. */
static inline qi_join_chain qi_lane_terms_chain(const qi_mem_parts *parts, const qi_lane_terms *t,
                                                size_t k)
{
    uint32_t term = t->keys[k].term, part = qi_lane_terms_part(t, term);
    const qi_mem_lane *lane = &parts->items[part]->lanes[t->lane];
    return (qi_join_chain){part, lane->terms.items[term - t->bases[part]].entry};
}

#endif
