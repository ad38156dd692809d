/* SPDX-License-Identifier: MIT
 *
 * Along the rarest required word: its documents, a block at a time, are candidates, and each other
 * word in turn strikes out of them, the rarest first. When ranking, what the lead adds to a
 * candidate and the bounds of the others in its range strike out before lists are searched. Then
 * what is left is scored, word by word. */
#include "search/flat.h"

#include <string.h>

typedef struct batch {
    uint32_t count;
    uint32_t docs[QI_BLOCK];
    uint8_t place[QI_BLOCK]; /* in the lead's block */
} batch;

static bool has(qi_flat_list *list, uint32_t doc)
{
    const uint8_t *bitmap = list->match.list->bitmap;
    return bitmap != NULL ? (bitmap[doc / 8] >> doc % 8 & 1) != 0
                          : qi_cursor_find(&list->match, doc);
}

/* Keep the candidates of which it is `wanted` that the word has them. */
static void strike(batch *in, const qi_flat_leaf *leaf, bool wanted)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        bool found = false;
        for (uint32_t l = 0; l < leaf->count && !found; l++)
            found = has(&leaf->lists[l], in->docs[i]);
        in->docs[kept] = in->docs[i];
        in->place[kept] = in->place[i];
        kept += found == wanted;
    }
    in->count = kept;
}

static void strike_deleted(batch *in, const qi_docset *deleted)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        in->docs[kept] = in->docs[i];
        in->place[kept] = in->place[i];
        kept += !qi_docset_has(deleted, in->docs[i]);
    }
    in->count = kept;
}

/* The most that a word adds in the range of a document; `never` if it does not occur there. */
static float most_at(const qi_flat_leaf *leaf, uint32_t doc, float never)
{
    const uint8_t *bytes = leaf->lists[0].match.list->ranges;
    if (leaf->count != 1 || bytes == NULL)
        return leaf->most;
    uint8_t byte = bytes[doc / QI_RANGE];
    return byte == 0 ? never : leaf->lists[0].per_byte * (float)byte;
}

static bool adds(const qi_flat *flat, const qi_flat_leaf *leaf)
{
    return leaf != flat->lead && leaf->role != QI_FLAT_PROHIBITED;
}

/* The most that all words but the lead add to a document; negative if one that it needs is not
 * near. */
static float others_at(const qi_flat *flat, uint32_t doc)
{
    float sum = 0;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (adds(flat, leaf))
            sum += most_at(leaf, doc, leaf->role == QI_FLAT_REQUIRED ? -1e30f : 0);
    }
    return sum;
}

/* Strike out what cannot be among the best. */
static void strike_worse(const qi_flat *flat, batch *in, qi_flat_best *best)
{
    const qi_flat_leaf *lead = flat->lead;
    const qi_field_source *source = lead->lists[0].source;
    const uint32_t *freqs = qi_postings_freqs(lead->lists[0].match.list);
    float least = best->threshold / flat->slack, others = 0;
    uint32_t kept = 0, all = freqs != NULL ? in->count : 0;
    for (uint32_t i = 0; i < flat->count; i++)
        others += adds(flat, &flat->leaves[i]) ? flat->leaves[i].most : 0;
    for (uint32_t i = 0; i < all; i++) {
        uint32_t doc = in->docs[i];
        float own = lead->weight > 0
                        ? lead->weight * qi_bm25_part(qi_flat_x(source, doc, freqs[i]), flat->k1)
                        : 0;
        float bound = own + others < least ? 0 : own + others_at(flat, doc);
        in->docs[kept] = doc;
        in->place[kept] = (uint8_t)i;
        kept += bound >= least;
        best->skipped = best->skipped || (bound >= 0 && bound < least);
    }
    in->count = kept;
}

/* Add what one word is worth to the sums of the candidates. */
static void add_scores(qi_flat *flat, const batch *in, const qi_flat_leaf *leaf, float *sum)
{
    float x[QI_BLOCK] = {0};
    for (uint32_t l = 0; l < leaf->count; l++) {
        qi_flat_list *list = &leaf->lists[l];
        const uint32_t *freqs = leaf == flat->lead ? qi_postings_freqs(list->match.list) : NULL;
        const uint8_t *bitmap = list->match.list->bitmap;
        for (uint32_t i = 0; i < in->count; i++) {
            uint32_t doc = in->docs[i], tf = 0;
            if (freqs != NULL)
                tf = freqs[in->place[i]];
            else if (bitmap != NULL)
                tf = (bitmap[doc / 8] >> doc % 8 & 1) != 0 ? qi_flat_freq(list, doc) : 0;
            else if (qi_cursor_find(&list->score, doc))
                tf = qi_cursor_freq(&list->score);
            x[i] += tf != 0 ? qi_flat_x(list->source, doc, tf) : 0;
        }
    }
    for (uint32_t i = 0; i < in->count; i++)
        sum[i] += leaf->weight * qi_bm25_part(x[i], flat->k1);
}

static void rank_batch(qi_flat *flat, const batch *in, qi_flat_best *best)
{
    float sum[QI_BLOCK];
    memset(sum, 0, in->count * sizeof *sum);
    for (uint32_t i = 0; i < flat->count; i++)
        if (flat->leaves[i].weight > 0 && flat->leaves[i].role != QI_FLAT_PROHIBITED)
            add_scores(flat, in, &flat->leaves[i], sum);
    best->seen += in->count;
    for (uint32_t i = 0; i < in->count; i++)
        qi_flat_offer(best, sum[i], in->docs[i]);
}

/* Take the lead's current block, and strike out what does not match or matter. */
static void select_batch(qi_flat *flat, batch *in, qi_flat_best *best)
{
    qi_postings *lead = flat->lead->lists[0].match.list;
    in->count = lead->count;
    memcpy(in->docs, lead->docs, in->count * sizeof *in->docs);
    for (uint32_t i = 0; i < in->count; i++)
        in->place[i] = (uint8_t)i;
    if (best != NULL && best->threshold > 0)
        strike_worse(flat, in, best);
    if (flat->deleted != NULL)
        strike_deleted(in, flat->deleted);
    for (uint32_t i = 1; i < flat->required && in->count != 0; i++)
        strike(in, flat->order[i], true);
    for (uint32_t i = 0; i < flat->count && in->count != 0; i++)
        if (flat->leaves[i].role == QI_FLAT_PROHIBITED)
            strike(in, &flat->leaves[i], false);
}

quire_status qi_flat_follow(qi_flat *flat, qi_flat_best *best, uint64_t *total)
{
    qi_postings *lead = flat->lead->lists[0].match.list;
    batch in;
    for (uint32_t target = 0, blocks = 0; qi_postings_seek(lead, target); blocks++) {
        if (blocks % 16 == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        target = qi_postings_block_last(lead) + 1;
        select_batch(flat, &in, best);
        if (best == NULL)
            *total += in.count;
        else if (in.count != 0)
            rank_batch(flat, &in, best);
    }
    return QUIRE_OK;
}
