/* SPDX-License-Identifier: MIT
 *
 * One iterator a part, all sorted alike: the smallest of their terms is the next one, and those
 * that stand on it step on together. Segments are few, so the smallest is looked for one by one. */
#include "search/terms.h"

#include <string.h>

#include "search/memory.h"

/* Is the iterator on a term with the prefix? */
static bool stands(const qi_terms *terms, const qi_termdict_iter *iter)
{
    return iter->dict != NULL && iter->ordinal < iter->dict->term_count &&
           iter->status == QUIRE_OK && iter->len >= terms->prefix.len &&
           memcmp(iter->term, terms->prefix.ptr, terms->prefix.len) == 0;
}

quire_status qi_terms_init(qi_terms *out, qi_arena *memory, const quire_snapshot *snapshot,
                           uint32_t lane, quire_str prefix, quire_error *err)
{
    *out = (qi_terms){.snapshot = snapshot, .prefix = prefix};
    if (out->prefix.ptr == NULL)
        out->prefix.ptr = "";
    out->iters = qi_arena_new(memory, snapshot->count, sizeof *out->iters);
    out->here = qi_arena_new(memory, snapshot->count, sizeof *out->here);
    if (snapshot->count != 0 && (out->iters == NULL || out->here == NULL))
        return qi_memory_full(memory, err);
    for (size_t i = 0; i < snapshot->count; i++) {
        qi_termdict_iter *iter = &out->iters[i];
        if (!qi_termdict_seek(iter, &snapshot->parts[i].segment->lanes[lane], out->prefix.ptr,
                              prefix.len, err) &&
            iter->status != QUIRE_OK)
            return iter->status;
    }
    return QUIRE_OK;
}

static int compare(const qi_termdict_iter *a, const qi_termdict_iter *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->term, b->term, len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* The smallest term that an iterator stands on, once those of the current one have stepped on; NULL
 * at the end of all. */
static quire_status step_all(qi_terms *terms, const qi_termdict_iter **least)
{
    *least = NULL;
    for (size_t i = 0; i < terms->snapshot->count; i++) {
        qi_termdict_iter *iter = &terms->iters[i];
        if (terms->here[i] && !qi_termdict_next(iter) && iter->status != QUIRE_OK)
            return iter->status;
        if (stands(terms, iter) && (*least == NULL || compare(iter, *least) < 0))
            *least = iter;
    }
    return QUIRE_OK;
}

quire_status qi_terms_step(qi_terms *terms)
{
    const qi_termdict_iter *least;
    QI_TRY(step_all(terms, &least));
    if (least == NULL)
        return QUIRE_DONE;
    memcpy(terms->bytes, least->term, least->len);
    terms->text = (quire_str){(const char *)terms->bytes, least->len};
    terms->df = terms->cf = 0;
    for (size_t i = 0; i < terms->snapshot->count; i++) {
        const qi_termdict_iter *iter = &terms->iters[i];
        terms->here[i] = stands(terms, iter) && compare(iter, least) == 0;
        terms->df += terms->here[i] ? iter->info.df : 0;
        terms->cf += terms->here[i] ? iter->info.cf : 0;
    }
    return QUIRE_OK;
}
