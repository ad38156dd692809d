/* SPDX-License-Identifier: MIT
 * A document's topics are the two of its terms that weigh most: frequency here by rarity in all.
 * Terms of few documents would bring few together, those of most documents say nothing. Documents
 * are sorted by the heavier topic, those that share it by the other, the rest as they were. */
#include "segment/order.h"

#include <math.h>

#include "base/mem.h"
#include "base/radix.h"
#include "segment/postings.h"

/* A topic stands in one document of FEWEST, or more, and at most in one of MOST. */
enum { TOPICS = 2, FEWEST = 256, MOST = 2 };

/* The terms of a document that weigh most, the heaviest first; a term 0 with no weight is none. */
typedef struct topic {
    float weights[TOPICS];
    uint32_t terms[TOPICS];
} topic;

typedef struct ordering {
    const qi_merge_plan *plan;
    qi_sources sources;
    qi_postings *list;
    topic *topics;  /* by document */
    uint32_t terms; /* looked at so far */
} ordering;

/* Let a document have this topic, if it weighs enough. */
static void weigh(topic *of, uint32_t term, float weight)
{
    if (weight <= of->weights[1])
        return;
    int at = weight > of->weights[0] ? 0 : 1;
    if (at == 0) {
        of->weights[1] = of->weights[0];
        of->terms[1] = of->terms[0];
    }
    of->weights[at] = weight;
    of->terms[at] = term;
}

/* Weigh the term at hand in the documents of one source. */
static quire_status weigh_list(ordering *o, const qi_source *from, float rarity)
{
    for (uint32_t next = 0; qi_postings_seek(o->list, next);
         next = qi_postings_block_last(o->list) + 1) {
        const uint32_t *freqs = qi_postings_freqs(o->list);
        if (freqs == NULL)
            break;
        for (uint32_t i = 0; i < o->list->count; i++) {
            uint32_t doc = from->docs[o->list->docs[i]];
            if (doc != QI_SOURCE_GONE)
                weigh(&o->topics[doc], o->terms, (float)freqs[i] * rarity);
        }
    }
    return o->list->status;
}

static quire_status weigh_term(ordering *o, uint32_t lane, quire_error *err)
{
    uint64_t df = 0;
    for (size_t s = 0; s < o->sources.count; s++)
        df += o->sources.items[s].has ? o->sources.items[s].terms.info.df : 0;
    if (df < 2 || df < o->sources.live / FEWEST || df > o->sources.live / MOST)
        return QUIRE_OK;
    o->terms++;
    float rarity = logf((float)o->sources.live / (float)df);
    for (size_t s = 0; s < o->sources.count; s++) {
        const qi_source *from = &o->sources.items[s];
        if (!from->has)
            continue;
        QI_TRY(qi_postings_open(o->list, from->segment, lane, &from->terms.info, err));
        QI_TRY(weigh_list(o, from, rarity));
    }
    return QUIRE_OK;
}

static quire_status weigh_all(ordering *o, quire_error *err)
{
    const quire_schema *schema = o->plan->schema;
    for (uint32_t f = 0; f < schema->fields.count; f++) {
        if (!qi_field_has_terms(&schema->fields.items[f]))
            continue;
        QI_TRY(qi_sources_lane(&o->sources, QI_LANE(f, false), err));
        while (qi_sources_next(&o->sources))
            QI_TRY(weigh_term(o, QI_LANE(f, false), err));
        QI_TRY(o->sources.status);
    }
    return QUIRE_OK;
}

/* The new number of each document, from `row`, the documents in their new order. */
static void invert(uint32_t *out, const uint32_t *row, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[row[i]] = i;
}

/* Sort by topics: the lesser key first, for sorting is stable. `room` is for three rows. */
static void sort_topics(const ordering *o, uint32_t *out, uint32_t *room)
{
    uint32_t count = o->sources.live, *row = room, *spare = row + count, *keys = spare + count;
    for (uint32_t doc = 0; doc < count; doc++)
        row[doc] = doc;
    for (int t = TOPICS - 1; t >= 0; t--) {
        for (uint32_t doc = 0; doc < count; doc++)
            keys[doc] = o->topics[doc].terms[t];
        qi_radix_sort(row, spare, count, keys);
    }
    invert(out, row, count);
}

static quire_status order_by_topics(ordering *o, uint32_t *out, quire_error *err)
{
    o->list = qi_mem_new(1, sizeof *o->list);
    o->topics = qi_mem_new(o->sources.live, sizeof *o->topics);
    uint32_t *room = qi_mem_new(o->sources.live, 3 * sizeof *room);
    quire_status status = o->list != NULL && o->topics != NULL && room != NULL ? weigh_all(o, err)
                                                                               : qi_no_memory(err);
    if (status == QUIRE_OK)
        sort_topics(o, out, room);
    qi_mem_free(room);
    return status;
}

quire_status qi_order_find(uint32_t *out, const qi_merge_plan *plan, quire_error *err)
{
    ordering o = {.plan = plan};
    QI_TRY(qi_sources_open(&o.sources, plan->sources, plan->count, NULL, err));
    quire_status status = order_by_topics(&o, out, err);
    qi_sources_close(&o.sources);
    qi_mem_free(o.list);
    qi_mem_free(o.topics);
    return status;
}
