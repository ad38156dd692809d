/* SPDX-License-Identifier: MIT
 * A document's topics are the two of its terms that weigh most: frequency here by rarity in all.
 * Terms of few documents would bring few together, those of most documents say nothing. Documents
 * are sorted by the heavier topic, those that share it by the other, the rest as they were.
 *
 * For bisection the lists are turned round to the terms of each document. The most frequent terms
 * take the most memory there and tell the least: they are left out, as many as need be. */
#include "segment/order.h"

#include <math.h>

#include "base/bits.h"
#include "base/mem.h"
#include "base/radix.h"
#include "segment/bisect.h"
#include "segment/postings.h"

/* A topic stands in one document of FEWEST, or more, and at most in one of MOST; a term of the
 * graph in so many documents, and at most in one of GRAPH_MOST. */
enum { TOPICS = 2, FEWEST = 256, MOST = 2, GRAPH_FEWEST = 8, GRAPH_MOST = 4, SIZES = 65 };

/* The terms of a document that weigh most, the heaviest first; a term 0 with no weight is none. */
typedef struct topic {
    float weights[TOPICS];
    uint32_t terms[TOPICS];
} topic;

typedef struct ordering {
    const qi_merge_plan *plan;
    qi_sources sources;
    qi_postings *list;
    uint64_t least, most; /* terms of so many documents are looked at */
    uint32_t term;        /* the number of the one at hand among them */
    float rarity;         /* its */
    topic *topics;        /* by document */
    qi_bisect_graph graph;
    uint64_t *starts; /* of the graph, to be changed */
} ordering;

/* What is done with a block of the list of the term at hand, of one source. */
typedef void enter(ordering *o, const qi_source *from);

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

static void weigh_block(ordering *o, const qi_source *from)
{
    const uint32_t *freqs = qi_postings_freqs(o->list);
    for (uint32_t i = 0; freqs != NULL && i < o->list->count; i++) {
        uint32_t doc = from->docs[o->list->docs[i]];
        if (doc != QI_SOURCE_GONE)
            weigh(&o->topics[doc], o->term, (float)freqs[i] * o->rarity);
    }
}

/* Documents of the term at hand, deleted ones included. */
static uint64_t frequency(const ordering *o)
{
    uint64_t df = 0;
    for (size_t s = 0; s < o->sources.count; s++)
        df += o->sources.items[s].has ? o->sources.items[s].terms.info.df : 0;
    return df;
}

/* Enter the lists of the term at hand. */
static quire_status look_at_term(ordering *o, uint32_t lane, enter *what, quire_error *err)
{
    uint64_t df = frequency(o);
    if (df < o->least || df > o->most || o->term == UINT32_MAX)
        return QUIRE_OK;
    o->term++;
    o->rarity = logf((float)o->sources.live / (float)df);
    for (size_t s = 0; s < o->sources.count; s++) {
        const qi_source *from = &o->sources.items[s];
        if (!from->has)
            continue;
        QI_TRY(qi_postings_open(o->list, from->segment, lane, &from->terms.info, err));
        for (uint32_t next = 0; qi_postings_seek(o->list, next);) {
            next = qi_postings_block_last(o->list) + 1;
            what(o, from);
        }
        QI_TRY(o->list->status);
    }
    return QUIRE_OK;
}

/* Enter the lists of all terms but exact forms; or, if `sizes` is given, only add their numbers of
 * documents up there, by how many bits each has. */
static quire_status look_at_all(ordering *o, enter *what, uint64_t *sizes, quire_error *err)
{
    const quire_schema *schema = o->plan->schema;
    o->term = 0;
    for (uint32_t f = 0; f < schema->fields.count; f++) {
        if (!qi_field_has_terms(&schema->fields.items[f]))
            continue;
        QI_TRY(qi_sources_lane(&o->sources, QI_LANE(f, false), err));
        while (qi_sources_next(&o->sources)) {
            if (sizes == NULL)
                QI_TRY(look_at_term(o, QI_LANE(f, false), what, err));
            else
                sizes[qi_width(frequency(o))] += frequency(o);
        }
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
    o->least = o->sources.live / FEWEST > 2 ? o->sources.live / FEWEST : 2;
    o->most = o->sources.live / MOST;
    o->topics = qi_mem_new(o->sources.live, sizeof *o->topics);
    uint32_t *room = qi_mem_new(o->sources.live, 3 * sizeof *room);
    quire_status status = o->topics != NULL && room != NULL ? look_at_all(o, weigh_block, NULL, err)
                                                            : qi_no_memory(err);
    if (status == QUIRE_OK)
        sort_topics(o, out, room);
    qi_mem_free(room);
    return status;
}

static void count_block(ordering *o, const qi_source *from)
{
    for (uint32_t i = 0; i < o->list->count; i++) {
        uint32_t doc = from->docs[o->list->docs[i]];
        if (doc != QI_SOURCE_GONE)
            o->starts[doc + 1]++;
    }
}

static void fill_block(ordering *o, const qi_source *from)
{
    for (uint32_t i = 0; i < o->list->count; i++) {
        uint32_t doc = from->docs[o->list->docs[i]];
        uint32_t *count = doc != QI_SOURCE_GONE ? &o->graph.counts[doc] : NULL;
        if (count != NULL && *count < o->starts[doc + 1] - o->starts[doc])
            o->graph.terms[o->starts[doc] + (*count)++] = o->term - 1;
    }
}

/* Choose the terms of the graph: what is left of memory has room for their documents. */
static quire_status choose_terms(ordering *o, size_t max_memory, quire_error *err)
{
    uint64_t sizes[SIZES] = {0}, sum = 0, docs = (uint64_t)o->sources.live * QI_BISECT_DOC;
    uint64_t room = max_memory > 2 * docs ? max_memory - docs : max_memory / 2;
    const uint64_t each = sizeof *o->graph.terms + QI_BISECT_TERM / GRAPH_FEWEST + 1;
    QI_TRY(look_at_all(o, NULL, sizes, err));
    o->least = GRAPH_FEWEST;
    o->most = GRAPH_FEWEST - 1;
    for (unsigned bits = 4; bits <= 32; bits++) { /* from GRAPH_FEWEST on */
        sum += sizes[bits];
        if (sum > room / each)
            break;
        o->most = (UINT64_C(1) << bits) - 1;
    }
    if (o->most > o->sources.live / GRAPH_MOST)
        o->most = o->sources.live / GRAPH_MOST;
    return QUIRE_OK;
}

static quire_status make_graph(ordering *o, quire_error *err)
{
    uint32_t docs = o->sources.live;
    o->starts = qi_mem_new((size_t)docs + 1, sizeof *o->starts);
    o->graph.counts = qi_mem_new(docs, sizeof *o->graph.counts);
    if (o->starts == NULL || o->graph.counts == NULL)
        return qi_no_memory(err);
    QI_TRY(look_at_all(o, count_block, NULL, err));
    for (uint32_t doc = 0; doc < docs; doc++)
        o->starts[doc + 1] += o->starts[doc];
    o->graph.terms = qi_mem_new((size_t)o->starts[docs], sizeof *o->graph.terms);
    if (o->graph.terms == NULL)
        return qi_no_memory(err);
    QI_TRY(look_at_all(o, fill_block, NULL, err));
    o->graph.doc_count = docs;
    o->graph.term_count = o->term;
    o->graph.starts = o->starts;
    return QUIRE_OK;
}

static quire_status order_by_bisection(ordering *o, uint32_t *out, size_t max_memory,
                                       quire_error *err)
{
    QI_TRY(choose_terms(o, max_memory, err));
    QI_TRY(make_graph(o, err));
    uint32_t *row = qi_mem_new(o->sources.live, sizeof *row);
    quire_status status = row != NULL ? qi_bisect(row, &o->graph, err) : qi_no_memory(err);
    if (status == QUIRE_OK)
        invert(out, row, o->sources.live);
    qi_mem_free(row);
    return status;
}

quire_status qi_order_find(uint32_t *out, const qi_merge_plan *plan, quire_order how,
                           size_t max_memory, quire_error *err)
{
    ordering o = {.plan = plan};
    QI_TRY(qi_sources_open(&o.sources, plan->sources, plan->count, NULL, err));
    o.list = qi_mem_new(1, sizeof *o.list);
    quire_status status = o.list == NULL ? qi_no_memory(err)
                          : how == QUIRE_ORDER_BISECTION
                              ? order_by_bisection(&o, out, max_memory, err)
                              : order_by_topics(&o, out, err);
    qi_sources_close(&o.sources);
    qi_mem_free(o.list);
    qi_mem_free(o.topics);
    qi_mem_free(o.starts);
    qi_mem_free(o.graph.counts);
    qi_mem_free(o.graph.terms);
    return status;
}
