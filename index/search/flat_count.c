/* SPDX-License-Identifier: MIT
 *
 * Counting. One list is counted by its df, or, where documents are deleted, by what of it is left;
 * a rare required word leads, and otherwise stretches of words are combined, in which lists without
 * a bitmap are set bit by bit. Of alternatives the one that most documents have is counted by its
 * df, and only what the others have outside it is looked at. Deleted documents are taken out at the
 * end, so that df counts none where there are any. */
#include "codec/bitmap.h"
#include "search/flat.h"

#include <string.h>

enum {
    STRETCH = 2048,    /* words combined at a time */
    BETWEEN_POLLS = 64 /* blocks of one list between two looks at the clock */
};

typedef struct stretch {
    uint32_t first, count; /* words */
    uint64_t words[STRETCH], other[STRETCH];
} stretch;

/* Set, or clear, the bits of a list. */
static void mark(const stretch *in, uint64_t *words, qi_cursor *cursor, bool set)
{
    const qi_postings *list = cursor->list;
    uint32_t base = in->first * 64, span = in->count * 64;
    for (uint32_t target = base; target - base < span && qi_cursor_seek(cursor, target);) {
        uint32_t i = cursor->at;
        if (set)
            for (; i < list->count && list->docs[i] - base < span; i++)
                words[(list->docs[i] - base) / 64] |= UINT64_C(1) << list->docs[i] % 64;
        else
            for (; i < list->count && list->docs[i] - base < span; i++)
                words[(list->docs[i] - base) / 64] &= ~(UINT64_C(1) << list->docs[i] % 64);
        if (qi_cursor_pass(cursor, i, &target))
            return;
    }
}

static void add(const stretch *in, uint64_t *words, const qi_flat_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->count; i++) {
        const uint8_t *bitmap = leaf->lists[i].match.list->bitmap;
        if (bitmap != NULL)
            qi_bitmap_or(words, bitmap + 8 * (size_t)in->first, in->count);
        else
            mark(in, words, &leaf->lists[i].match, true);
    }
}

static void narrow(stretch *in, const qi_flat_leaf *leaf)
{
    const uint8_t *bitmap = leaf->lists[0].match.list->bitmap;
    if (leaf->count == 1 && bitmap != NULL) {
        qi_bitmap_and(in->words, bitmap + 8 * (size_t)in->first, in->count);
        return;
    }
    memset(in->other, 0, in->count * sizeof *in->other);
    add(in, in->other, leaf);
    for (uint32_t w = 0; w < in->count; w++)
        in->words[w] &= in->other[w];
}

static void take_out(stretch *in, const qi_flat_leaf *leaf)
{
    for (uint32_t i = 0; i < leaf->count; i++) {
        const uint8_t *bitmap = leaf->lists[i].match.list->bitmap;
        if (bitmap != NULL)
            qi_bitmap_and_not(in->words, bitmap + 8 * (size_t)in->first, in->count);
        else
            mark(in, in->words, &leaf->lists[i].match, false);
    }
}

/* What all required words match. */
static void match_required(const qi_flat *flat, stretch *in)
{
    add(in, in->words, flat->order[0]);
    for (uint32_t i = 1; i < flat->ordered; i++)
        narrow(in, flat->order[i]);
}

/* What any alternative but `outside` matches. */
static void match_any(const qi_flat *flat, stretch *in, const qi_flat_leaf *outside)
{
    for (uint32_t i = 0; i < flat->ordered; i++)
        if (flat->order[i] != outside)
            add(in, in->words, flat->order[i]);
}

/* Matches of a stretch, without those of `outside`. */
static uint64_t count_stretch(const qi_flat *flat, stretch *in, const qi_flat_leaf *outside)
{
    memset(in->words, 0, in->count * sizeof *in->words);
    if (flat->any)
        match_any(flat, in, outside);
    else
        match_required(flat, in);
    for (uint32_t i = 0; i < flat->count; i++)
        if (flat->leaves[i].role == QI_FLAT_PROHIBITED || &flat->leaves[i] == outside)
            take_out(in, &flat->leaves[i]);
    if (flat->deleted != NULL)
        for (uint32_t w = 0; w < in->count; w++)
            in->words[w] &= ~flat->deleted->words[in->first + w];
    return qi_bitmap_count(in->words, in->count);
}

/* The alternative that most documents have, if their number is known and it has a bitmap. */
static const qi_flat_leaf *densest(const qi_flat *flat)
{
    const qi_flat_leaf *best = NULL;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (leaf->role != QI_FLAT_ANY || flat->deleted != NULL)
            return NULL;
        if (leaf->count == 1 && leaf->lists[0].match.list->bitmap != NULL &&
            (best == NULL || leaf->df > best->df))
            best = leaf;
    }
    return best;
}

/* Is one list all that says what matches? */
static bool counts_one(const qi_flat *flat)
{
    bool prohibits = false;
    for (uint32_t i = 0; i < flat->count; i++)
        prohibits = prohibits || flat->leaves[i].role == QI_FLAT_PROHIBITED;
    return !flat->any && flat->ordered == 1 && flat->order[0]->count == 1 && !prohibits;
}

/* Documents of a list that are not deleted. */
static quire_status count_one(const qi_flat *flat, qi_postings *list, uint64_t *total)
{
    const qi_docset *deleted = flat->deleted;
    if (deleted == NULL) {
        *total += list->df;
        return QUIRE_OK;
    }
    if (list->bitmap != NULL) {
        size_t words = qi_docset_words(flat->segment->doc_count);
        *total += qi_bitmap_count_without(list->bitmap, deleted->words, words);
        return QUIRE_OK;
    }
    uint32_t target = 0;
    for (uint32_t blocks = 0; qi_postings_seek(list, target); blocks++) {
        if (blocks % BETWEEN_POLLS == 0)
            QI_TRY(qi_poll_ask(flat->poll, flat->err));
        *total += list->count - qi_bitmap_count_among(deleted->words, list->docs, list->count);
        target = qi_postings_block_last(list) + 1;
    }
    return QUIRE_OK;
}

static void rewind_lists(const qi_flat *flat)
{
    for (uint32_t i = 0; i < flat->count; i++)
        for (uint32_t l = 0; l < flat->leaves[i].count; l++) {
            qi_flat_list *list = &flat->leaves[i].lists[l];
            qi_postings_rewind(list->match.list);
            list->match.at = 0;
        }
}

quire_status qi_flat_count(qi_flat *flat, uint64_t *total)
{
    rewind_lists(flat);
    if (counts_one(flat))
        return count_one(flat, flat->order[0]->lists[0].match.list, total);
    if (flat->lead != NULL)
        return qi_flat_follow(flat, NULL, total);
    const qi_flat_leaf *outside = flat->any ? densest(flat) : NULL;
    uint32_t words = flat->segment->doc_count / 64 + (flat->segment->doc_count % 64 != 0);
    stretch in;
    *total += outside != NULL ? outside->df : 0;
    for (in.first = 0; in.first < words; in.first += STRETCH) {
        in.count = words - in.first < STRETCH ? words - in.first : STRETCH;
        QI_TRY(qi_poll_ask(flat->poll, flat->err));
        *total += count_stretch(flat, &in, outside);
    }
    return QUIRE_OK;
}
