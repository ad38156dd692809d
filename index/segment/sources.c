/* SPDX-License-Identifier: MIT
 * Dictionaries are walked in step: those that stand on the least term have it, and step on when the
 * next is asked for. */
#include "segment/sources.h"

#include <string.h>

#include "base/mem.h"

uint64_t qi_sources_live(const qi_merge_source *from, size_t count)
{
    uint64_t sum = 0;
    for (size_t s = 0; s < count; s++)
        sum += from[s].segment->doc_count - (from[s].deleted != NULL ? from[s].deleted->count : 0);
    return sum;
}

/* Number the documents of one source. */
static bool number_docs(qi_sources *sources, qi_source *to, const qi_docset *deleted,
                        const uint32_t *order)
{
    to->docs = qi_mem_new(to->segment->doc_count, sizeof *to->docs);
    if (to->docs == NULL)
        return false;
    to->whole = order == NULL && (deleted == NULL || deleted->count == 0);
    to->first_doc = sources->live;
    for (uint32_t doc = 0; doc < to->segment->doc_count; doc++) {
        if (deleted != NULL && qi_docset_has(deleted, doc)) {
            to->docs[doc] = QI_SOURCE_GONE;
            continue;
        }
        to->docs[doc] = order != NULL ? order[sources->live] : sources->live;
        sources->live++;
    }
    return true;
}

quire_status qi_sources_open(qi_sources *out, const qi_merge_source *from, size_t count,
                             const uint32_t *order, quire_error *err)
{
    *out = (qi_sources){.count = count};
    out->items = qi_mem_new(count, sizeof *out->items);
    bool fits = out->items != NULL;
    for (size_t s = 0; fits && s < count; s++) {
        out->items[s].segment = from[s].segment;
        fits = number_docs(out, &out->items[s], from[s].deleted, order);
    }
    if (fits)
        return QUIRE_OK;
    qi_sources_close(out);
    return qi_no_memory(err);
}

void qi_sources_close(qi_sources *sources)
{
    for (size_t s = 0; sources->items != NULL && s < sources->count; s++)
        qi_mem_free(sources->items[s].docs);
    qi_mem_free(sources->items);
    *sources = (qi_sources){0};
}

quire_status qi_sources_lane(qi_sources *sources, uint32_t lane, quire_error *err)
{
    sources->status = QUIRE_OK;
    for (size_t s = 0; s < sources->count; s++) {
        qi_source *from = &sources->items[s];
        from->has = false;
        from->more = qi_termdict_seek(&from->terms, &from->segment->lanes[lane], NULL, 0, err);
        if (from->terms.status != QUIRE_OK)
            return sources->status = from->terms.status;
    }
    return QUIRE_OK;
}

static int compare(const qi_termdict_iter *a, const qi_termdict_iter *b)
{
    int order = memcmp(a->term, b->term, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* Step those that had the last term. */
static bool step(qi_sources *sources)
{
    for (size_t s = 0; s < sources->count; s++) {
        qi_source *from = &sources->items[s];
        if (!from->has)
            continue;
        from->has = false;
        from->more = qi_termdict_next(&from->terms);
        if (from->terms.status != QUIRE_OK) {
            sources->status = from->terms.status;
            return false;
        }
    }
    return sources->status == QUIRE_OK;
}

bool qi_sources_next(qi_sources *sources)
{
    const qi_source *first = NULL;
    if (!step(sources))
        return false;
    for (size_t s = 0; s < sources->count; s++) {
        qi_source *from = &sources->items[s];
        if (!from->more)
            continue;
        int order = first == NULL ? -1 : compare(&from->terms, &first->terms);
        from->has = order <= 0;
        for (size_t before = 0; order < 0 && before < s; before++)
            sources->items[before].has = false;
        if (order < 0)
            first = from;
    }
    if (first == NULL)
        return false;
    memcpy(sources->bytes, first->terms.term, first->terms.len);
    sources->term = (quire_str){(const char *)sources->bytes, first->terms.len};
    return true;
}
