/* SPDX-License-Identifier: MIT
 *
 * Along the rarest required word: its documents, a block at a time, are candidates, and each other
 * word in turn strikes out of them, the rarest first. When ranking, what the lead adds to a
 * candidate and the bounds of the others in its range strike out before lists are searched. Phrases
 * are looked for last. Then what is left is scored, word by word. */
#include "search/flat.h"

#include <string.h>

#include "codec/lanes.h"
#include "codec/member.h"
#include "search/phrase.h"

enum { FEW = 2 }; /* numbers that are looked for in a block that is not full, one by one */

static const float NEVER = -1e30f; /* a bound where nothing matches; no sum brings it near 0 */

typedef struct batch {
    uint32_t count;
    uint32_t docs[QI_BLOCK];
    uint8_t place[QI_BLOCK]; /* in the lead's block */
    float rest[QI_BLOCK];    /* what others than the lead add at most */
} batch;

static void keep(batch *in, uint32_t kept, uint32_t i)
{
    in->docs[kept] = in->docs[i];
    in->place[kept] = in->place[i];
}

/* Keep those whose `values` are at least `least`. Gives whether others were possible at all. */
static bool keep_reaching(batch *in, const float *values, float least)
{
    uint8_t places[QI_BLOCK + 8];
    uint32_t possible = qi_lanes_keep(values, in->count, 0, places);
    uint32_t kept = qi_lanes_keep(values, in->count, least, places);
    for (uint32_t i = 0; i < kept && kept != in->count; i++) {
        keep(in, i, places[i]);
        in->rest[i] = in->rest[places[i]];
    }
    in->count = kept;
    return kept < possible;
}

static uint32_t strike_bits(batch *in, const uint8_t *bitmap, bool wanted)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t doc = in->docs[i];
        keep(in, kept, i);
        kept += (bitmap[doc / 8] >> doc % 8 & 1) == wanted;
    }
    return kept;
}

/* The first of `count` increasing numbers that is >= target; there is one. Without branches, so
 * that one search need not wait for another. */
static inline uint32_t find(const uint32_t *numbers, uint32_t count, uint32_t target)
{
    uint32_t at = 0;
    for (; count > 1; count -= count / 2)
        at += count / 2 & -(uint32_t)(numbers[at + count / 2 - 1] < target);
    return at;
}

/* places[i] = where the first of the `count` numbers of a block is that is not below numbers[i]; if
 * none is, it is not there. The block may be filled up. */
static void find_places(uint32_t *block, uint32_t count, const uint32_t *numbers, uint32_t n,
                        uint8_t *places)
{
    if (count != QI_BLOCK && n > FEW)
        memset(block + count, 0xFF, (QI_BLOCK - count) * sizeof *block);
    if (count == QI_BLOCK || n > FEW)
        qi_member_places(block, numbers, n, places);
    else
        for (uint32_t i = 0; i < n; i++)
            places[i] = (uint8_t)find(block, count, numbers[i]);
}

/* Where in the list's block the candidates from `from` on would be; up to which one. */
static uint32_t find_all(qi_postings *list, const batch *in, uint32_t from, uint8_t *places)
{
    uint32_t last = list->docs[list->count - 1], to = from;
    while (to < in->count && in->docs[to] <= last)
        to++;
    find_places(list->docs, list->count, in->docs + from, to - from, places + from);
    return to;
}

/* Is the place of a document in the list noted when it is found, or its frequency at once? */
static bool notes_places(const qi_flat_leaf *leaf)
{
    return leaf->count == 1 && leaf->phrase == NULL &&
           qi_postings_is_blocked(leaf->lists[0].match.list);
}

/* Note where candidates have just been found, or what frequencies that are at hand are there. */
static void note(qi_flat_list *list, const batch *in, uint32_t from, uint32_t to, const uint8_t *at)
{
    qi_postings *postings = list->match.list;
    uint32_t first = postings->block * QI_BLOCK;
    bool places = qi_postings_is_blocked(postings);
    if (!places)
        qi_postings_prepare(postings, to - from);
    for (uint32_t i = from; i < to; i++)
        list->found[in->place[i]] =
            places ? first + at[i] : qi_postings_freq(postings, first + at[i]);
}

/* By the word numbers of a short list: which candidates have one, and how many? That spares finding
 * the document of each. */
static uint32_t strike_words(batch *in, qi_flat_list *from, bool wanted)
{
    qi_postings *list = from->match.list;
    const qi_field_part *field = list->field;
    const uint32_t *words = list->words;
    uint32_t starts[QI_BLOCK], kept = 0, count = (uint32_t)list->cf;
    uint8_t places[QI_BLOCK];
    for (uint32_t i = 0; i < in->count; i++)
        starts[i] = qi_words_start(list->segment, field, in->docs[i]);
    find_places(list->words, count, starts, in->count, places);
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t start = starts[i], at = places[i], tf = 0;
        uint32_t length = qi_words_start(list->segment, field, in->docs[i] + 1) - start;
        while (at + tf < count && words[at + tf] - start < length)
            tf++;
        if (from->found != NULL)
            from->found[in->place[i]] = tf;
        keep(in, kept, i);
        kept += (tf != 0) == wanted;
    }
    return kept;
}

/* Block by block of the list. */
static uint32_t strike_list(batch *in, qi_flat_list *from, bool wanted)
{
    qi_postings *list = from->match.list;
    uint32_t kept = 0, i = 0;
    uint8_t places[QI_BLOCK];
    if (in->count <= list->cf && qi_postings_is_underived(list))
        return strike_words(in, from, wanted);
    while (i < in->count && qi_postings_seek(list, in->docs[i])) {
        uint32_t to = find_all(list, in, i, places), before = kept;
        for (; i < to; i++) {
            bool found = list->docs[places[i]] == in->docs[i];
            keep(in, kept, i);
            places[kept] = places[i];
            kept += found == wanted;
        }
        if (from->found != NULL)
            note(from, in, before, kept, places);
    }
    for (; i < in->count && !wanted; i++)
        keep(in, kept++, i);
    return kept;
}

/* Does a list have a document? What it is worth there is wanted if it has. */
static bool has(qi_flat_list *list, uint32_t doc, uint32_t place)
{
    const uint8_t *bitmap = list->match.list->bitmap;
    if (bitmap != NULL)
        return (bitmap[doc / 8] >> doc % 8 & 1) != 0;
    bool found = qi_cursor_find(&list->match, doc);
    if (list->found != NULL)
        list->found[place] = found ? qi_cursor_freq(&list->match) : 0;
    return found;
}

static uint32_t strike_lists(batch *in, const qi_flat_leaf *leaf, bool wanted)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        bool found = false;
        for (uint32_t l = 0; l < leaf->count && (!found || leaf->lists[l].found != NULL); l++)
            found = has(&leaf->lists[l], in->docs[i], in->place[i]) || found;
        keep(in, kept, i);
        kept += found == wanted;
    }
    return kept;
}

/* Keep the candidates of which it is `wanted` that the word has them. */
static void strike(batch *in, const qi_flat_leaf *leaf, bool wanted)
{
    const uint8_t *bitmap = leaf->lists[0].match.list->bitmap;
    if (leaf->count != 1)
        in->count = strike_lists(in, leaf, wanted);
    else if (bitmap != NULL)
        in->count = strike_bits(in, bitmap, wanted);
    else
        in->count = strike_list(in, &leaf->lists[0], wanted);
}

/* Keep those where the phrase stands; all have its words. */
static void strike_phrase(batch *in, const qi_flat_leaf *leaf)
{
    uint32_t freqs[QI_BLOCK], kept = 0, *found = leaf->lists[0].found;
    qi_phrase_among(leaf->phrase, in->docs, in->count, freqs);
    for (uint32_t i = 0; i < in->count; i++) {
        if (found != NULL)
            found[in->place[i]] = freqs[i];
        keep(in, kept, i);
        kept += freqs[i] != 0;
    }
    in->count = kept;
}

static void strike_deleted(batch *in, const qi_docset *deleted)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        keep(in, kept, i);
        kept += !qi_docset_has(deleted, in->docs[i]);
    }
    in->count = kept;
}

/* Bytes of the ranges of a word, of which each unit is worth *per_byte; NULL: it is worth
 * leaf->most anywhere. */
static const uint8_t *ranges_of(const qi_flat_leaf *leaf, float *per_byte)
{
    *per_byte = leaf->lists[0].per_byte;
    return leaf->count == 1 ? leaf->lists[0].match.list->ranges : NULL;
}

/* The least byte of a phrase's words in the range of a document: it is no more frequent than any of
 * them. */
static uint8_t least_of_phrase(const qi_flat_leaf *leaf, uint32_t doc)
{
    const qi_phrase_state *phrase = leaf->phrase;
    uint8_t least = UINT8_MAX;
    for (uint32_t w = 0; w < phrase->count; w++) {
        const uint8_t *bytes = phrase->cursors[w].list->ranges;
        uint8_t byte = bytes != NULL ? bytes[doc / QI_RANGE] : UINT8_MAX;
        least = byte < least ? byte : least;
    }
    return least;
}

static void bound_phrase(batch *in, const qi_flat_leaf *leaf)
{
    float per_byte = leaf->lists[0].per_byte;
    for (uint32_t i = 0; i < in->count; i++) {
        uint8_t least = least_of_phrase(leaf, in->docs[i]);
        in->rest[i] += least == 0 ? NEVER : per_byte * (float)least;
    }
}

static void bound_word(batch *in, const qi_flat_leaf *leaf)
{
    float per_byte, never = leaf->role == QI_FLAT_REQUIRED ? NEVER : 0;
    const uint8_t *bytes = ranges_of(leaf, &per_byte);
    for (uint32_t i = 0; i < in->count && bytes == NULL; i++)
        in->rest[i] += leaf->most;
    if (bytes != NULL)
        qi_lanes_bound(bytes, in->docs, in->count, per_byte, never, in->rest);
}

/* Does a leaf say what is added to the lead, or to `own`? */
static bool is_other(const qi_flat *flat, const qi_flat_leaf *own, const qi_flat_leaf *leaf)
{
    return leaf != flat->lead && leaf != own && !leaf->part && leaf->role != QI_FLAT_PROHIBITED;
}

/* The most that all but the lead and `own` add to each document; negative if one that it needs is
 * not near. */
static void bound_others(const qi_flat *flat, const qi_flat_leaf *own, batch *in)
{
    for (uint32_t i = 0; i < in->count; i++)
        in->rest[i] = 0;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (!is_other(flat, own, leaf))
            continue;
        if (leaf->phrase != NULL)
            bound_phrase(in, leaf);
        else
            bound_word(in, leaf);
    }
}

/* Strike out what cannot be among the best by the bounds of all words, of the lead's for the whole
 * block. */
static void strike_worse(const qi_flat *flat, batch *in, qi_flat_best *best)
{
    const qi_flat_list *list = &flat->lead->lists[0];
    float most = qi_flat_most(list, flat->lead->weight, qi_postings_block_max(list->match.list));
    const uint8_t *norms = list->source->norms;
    bound_others(flat, NULL, in);
    if (keep_reaching(in, in->rest, best->threshold / flat->slack - most))
        best->skipped = true;
    for (uint32_t i = 0; i < in->count && norms != NULL; i++) /* wanted soon */
        __builtin_prefetch(norms + in->docs[i]);
}

/* What the lead's frequencies say of: itself, or the phrase that it is a word of. */
static const qi_flat_leaf *own_of(const qi_flat_leaf *lead)
{
    while (lead->part)
        lead++;
    return lead;
}

/* The same with what the lead is worth in the very document. */
static void strike_worse_exactly(const qi_flat *flat, batch *in, qi_flat_best *best)
{
    const qi_flat_leaf *own = own_of(flat->lead);
    const qi_field_source *source = own->lists[0].source;
    const uint32_t *freqs = qi_postings_freqs(flat->lead->lists[0].match.list);
    float x[QI_BLOCK], sums[QI_BLOCK], k1 = flat->k1;
    in->count = freqs != NULL ? in->count : 0;
    if (own != flat->lead)
        bound_others(flat, own, in);
    for (uint32_t i = 0; i < in->count; i++)
        x[i] = qi_flat_x(source, in->docs[i], freqs[in->place[i]]);
    for (uint32_t i = 0; i < in->count && k1 > 0; i++)
        sums[i] = own->weight * (x[i] / (k1 + x[i])) + in->rest[i];
    for (uint32_t i = 0; i < in->count && k1 <= 0; i++)
        sums[i] = own->weight * qi_bm25_part(x[i], k1) + in->rest[i];
    if (keep_reaching(in, sums, best->threshold / flat->slack))
        best->skipped = true;
}

/* Frequencies of the candidates in a list that has all of them. */
static void take_freqs(const batch *in, const qi_flat_leaf *leaf, qi_flat_list *list,
                       uint32_t freqs[QI_BLOCK])
{
    uint32_t at[QI_BLOCK];
    for (uint32_t i = 0; i < in->count && list->found != NULL; i++)
        at[i] = list->found[in->place[i]];
    if (list->found == NULL)
        qi_flat_freqs(list, in->docs, in->count, freqs);
    else if (notes_places(leaf))
        qi_postings_freqs_at(list->match.list, at, in->count, freqs);
    else
        memcpy(freqs, at, in->count * sizeof *freqs);
}

/* The frequency in a list that may have the document or not. */
static uint32_t freq_of(qi_flat_list *list, uint32_t doc, uint32_t place)
{
    const uint8_t *bitmap = list->match.list->bitmap;
    if (list->found != NULL)
        return list->found[place];
    if (bitmap != NULL)
        return (bitmap[doc / 8] >> doc % 8 & 1) != 0 ? qi_flat_freq(list, doc) : 0;
    return qi_cursor_find(&list->score, doc) ? qi_cursor_freq(&list->score) : 0;
}

/* The frequencies of the candidates in a list of a word; 0 where it has none. */
static void list_freqs(const qi_flat *flat, const batch *in, qi_flat_leaf *leaf, qi_flat_list *list,
                       uint32_t *freqs)
{
    if (leaf == flat->lead) {
        const uint32_t *own = qi_postings_freqs(list->match.list);
        for (uint32_t i = 0; i < in->count; i++)
            freqs[i] = own != NULL ? own[in->place[i]] : 0; /* none after an error */
    } else if (leaf->role == QI_FLAT_REQUIRED && leaf->count == 1) {
        take_freqs(in, leaf, list, freqs);
    } else {
        for (uint32_t i = 0; i < in->count; i++)
            freqs[i] = freq_of(list, in->docs[i], in->place[i]);
    }
}

/* What one word is worth to the candidates. */
static void score(const qi_flat *flat, const batch *in, qi_flat_leaf *leaf, float *parts)
{
    float x[QI_BLOCK], k1 = flat->k1;
    memset(x, 0, in->count * sizeof *x);
    for (uint32_t l = 0; l < leaf->count; l++) {
        uint32_t freqs[QI_BLOCK];
        qi_flat_list *list = &leaf->lists[l];
        list_freqs(flat, in, leaf, list, freqs);
        for (uint32_t i = 0; i < in->count; i++)
            x[i] += freqs[i] != 0 ? qi_flat_x(list->source, in->docs[i], freqs[i]) : 0;
    }
    for (uint32_t i = 0; i < in->count && k1 > 0; i++)
        parts[i] = leaf->weight * (x[i] / (k1 + x[i]));
    for (uint32_t i = 0; i < in->count && k1 <= 0; i++)
        parts[i] = leaf->weight * qi_bm25_part(x[i], k1);
}

/* What words that are scored after each other add to a candidate at most. */
static void bound_after(const qi_flat *flat, batch *in)
{
    for (uint32_t i = 0; i < in->count; i++)
        in->rest[i] = 0;
    for (uint32_t w = flat->count; w-- > 0;) {
        const qi_flat_leaf *leaf = flat->rarest[w];
        if (!qi_flat_adds(leaf))
            continue;
        memcpy(leaf->after, in->rest, in->count * sizeof *in->rest);
        if (leaf->phrase != NULL)
            bound_phrase(in, leaf);
        else
            bound_word(in, leaf);
    }
}

/* Strike out those that what comes after a word cannot lift to `least`. They are numbered, for what
 * is known of them stays where it is. */
static void keep_sums(batch *in, uint8_t *ids, float *sums, const float *after, float least)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        uint8_t id = ids[i];
        float sum = sums[i];
        keep(in, kept, i);
        ids[kept] = id;
        sums[kept] = sum;
        kept += sum + after[id] >= least;
    }
    in->count = kept;
}

/* Score words one after another, the rarest first, for what is left. */
static void rank_left(const qi_flat *flat, batch *in, qi_flat_best *best)
{
    float parts[QI_BLOCK], sums[QI_BLOCK], least = best->threshold / flat->slack;
    uint8_t ids[QI_BLOCK];
    for (uint32_t i = 0; i < in->count; i++) {
        ids[i] = (uint8_t)i;
        sums[i] = 0;
    }
    bound_after(flat, in);
    for (uint32_t w = 0; w < flat->count && in->count != 0; w++) {
        qi_flat_leaf *leaf = flat->rarest[w];
        if (!qi_flat_adds(leaf))
            continue;
        score(flat, in, leaf, parts);
        for (uint32_t i = 0; i < in->count; i++) {
            leaf->parts[ids[i]] = parts[i];
            sums[i] += parts[i];
        }
        keep_sums(in, ids, sums, leaf->after, least);
    }
    for (uint32_t i = 0; i < in->count; i++) {
        float sum = 0;
        for (uint32_t w = 0; w < flat->count; w++)
            if (qi_flat_adds(&flat->leaves[w]))
                sum += flat->leaves[w].parts[ids[i]];
        qi_flat_offer(best, sum, in->docs[i]);
    }
}

static void rank_batch(const qi_flat *flat, batch *in, qi_flat_best *best)
{
    float sums[QI_BLOCK], parts[QI_BLOCK];
    best->seen += in->count;
    if (best->threshold > 0 && flat->lead->after != NULL) {
        rank_left(flat, in, best);
        return;
    }
    memset(sums, 0, in->count * sizeof *sums);
    for (uint32_t w = 0; w < flat->count; w++) {
        if (!qi_flat_adds(&flat->leaves[w]))
            continue;
        score(flat, in, &flat->leaves[w], parts);
        for (uint32_t i = 0; i < in->count; i++)
            sums[i] += parts[i];
    }
    for (uint32_t i = 0; i < in->count; i++)
        qi_flat_offer(best, sums[i], in->docs[i]);
}

/* Take the lead's current block. */
static void take_block(const qi_flat *flat, batch *in)
{
    const qi_postings *lead = flat->lead->lists[0].match.list;
    in->count = lead->count;
    memcpy(in->docs, lead->docs, in->count * sizeof *in->docs);
    for (uint32_t i = 0; i < in->count; i++)
        in->place[i] = (uint8_t)i;
}

/* Strike out what cannot be among the best. */
static void strike_hopeless(const qi_flat *flat, batch *in, qi_flat_best *best)
{
    if (best->threshold <= 0 || in->count == 0)
        return;
    strike_worse(flat, in, best);
    if (in->count != 0 && own_of(flat->lead)->weight > 0)
        strike_worse_exactly(flat, in, best);
}

/* Strike out what does not match. */
static void strike_others(const qi_flat *flat, batch *in)
{
    for (uint32_t i = 1; i < flat->ordered && in->count != 0; i++)
        strike(in, flat->order[i], true);
    for (uint32_t i = 0; i < flat->count && in->count != 0; i++)
        if (flat->leaves[i].role == QI_FLAT_PROHIBITED)
            strike(in, &flat->leaves[i], false);
    if (flat->deleted != NULL)
        strike_deleted(in, flat->deleted);
    for (uint32_t i = 0; i < flat->count && in->count != 0; i++)
        if (flat->leaves[i].phrase != NULL)
            strike_phrase(in, &flat->leaves[i]);
}

/* The first document from `target` on of a block of the lead that can reach the threshold. */
static uint32_t next_target(const qi_flat *flat, uint32_t target, qi_flat_best *best)
{
    const qi_flat_leaf *lead = flat->lead;
    const qi_flat_list *list = &lead->lists[0];
    double rest = 0;
    for (uint32_t i = 0; i < flat->count; i++)
        rest += is_other(flat, NULL, &flat->leaves[i]) ? flat->leaves[i].most : 0;
    float need = best->threshold / flat->slack - (float)rest;
    if (need <= 0 || lead->weight <= 0 || list->source->bounds == NULL)
        return target;
    float part = need > lead->weight ? 2 : need / (list->per_byte * QI_PART);
    uint32_t next = qi_postings_peek_part(list->match.list, target, part);
    best->skipped = best->skipped || next != target;
    return next;
}

/* Rank and count what the batch leaves. */
static void take_batch(qi_flat *flat, batch *in, qi_flat_best *best, uint64_t *total)
{
    if (best != NULL && total == NULL)
        strike_hopeless(flat, in, best);
    strike_others(flat, in);
    if (total != NULL)
        *total += in->count;
    if (best != NULL && total != NULL)
        strike_hopeless(flat, in, best);
    if (best != NULL && in->count != 0)
        rank_batch(flat, in, best);
}

quire_status qi_flat_follow(qi_flat *flat, qi_flat_best *best, uint64_t *total)
{
    qi_postings *lead = flat->lead->lists[0].match.list;
    batch in;
    for (uint32_t target = 0, blocks = 0;; blocks++) {
        if (blocks % 16 == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        if (best != NULL && total == NULL)
            target = next_target(flat, target, best);
        if (target == QI_END || !qi_postings_seek(lead, target))
            return QUIRE_OK;
        target = qi_postings_block_last(lead) + 1;
        take_block(flat, &in);
        take_batch(flat, &in, best, total);
    }
}
