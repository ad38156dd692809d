/* SPDX-License-Identifier: MIT
 *
 * Ranking over the grid where words are required, 64 ranges at a time: documents are found as bits,
 * those of lists without a bitmap are set one by one, and gathered. Then words are scored one after
 * another, the rarest first, each for all documents that are left, while what the others add at
 * most can lift them to the threshold. The place of a document in a list is the number of bits
 * before its own. */
#include "codec/bitmap.h"
#include "codec/lanes.h"
#include "search/flat_window.h"

#include <string.h>

/* Documents of a page that are left, by their number within it. */
typedef struct gathered {
    uint32_t first; /* range */
    uint64_t good;  /* ranges */
    uint64_t words[QI_FLAT_PAGE];
    float all[QI_FLAT_PAGE]; /* what all words add at most, in each range */
    uint32_t count;
    uint16_t slots[QI_BLOCK];
    uint8_t ids[QI_BLOCK]; /* where the parts of their scores are */
    float sums[QI_BLOCK];
} gathered;

static qi_cursor *cursor_of(qi_flat_list *list, const qi_flat_leaf *leaf)
{
    return leaf->weight > 0 ? qi_flat_cursor(list) : &list->match;
}

/* Set the bits of the current block's documents from `at` on. Gives the next place in it. */
static uint32_t set_bits(qi_flat_page *page, const qi_postings *from, uint32_t at, uint32_t base)
{
    enum { SPAN = QI_FLAT_PAGE * QI_RANGE };
    const uint32_t *docs = from->docs;
    uint32_t end = from->count;
    if (docs[end - 1] - base >= SPAN)
        end = qi_cursor_gallop(docs, at, end, base + SPAN);
    if (at >= end)
        return end;
    uint32_t range = (docs[at] - base) / QI_RANGE, last = (docs[end - 1] - base) / QI_RANGE;
    uint32_t before = from->block * QI_BLOCK + at - qi_popcount(page->words[range]);
    qi_bitmap_set(page->words, docs + at, end - at, base);
    qi_bitmap_ranks(page->words + range, last + 1 - range, before, page->first + range);
    return end;
}

/* The documents of a list without a bitmap, at least in good ranges. */
static void mark(const gathered *in, qi_flat_list *list, qi_cursor *cursor)
{
    uint32_t base = in->first * QI_RANGE, next = base;
    memset(list->page->words, 0, sizeof list->page->words);
    for (uint64_t left = in->good; left != 0;) {
        uint32_t start = base + qi_ctz(left) * QI_RANGE;
        if (!qi_cursor_seek(cursor, start > next ? start : next))
            return;
        qi_postings *from = cursor->list;
        uint32_t at = set_bits(list->page, from, cursor->at, base);
        if (qi_cursor_pass(cursor, at, &next) || (next - base) / QI_RANGE >= QI_FLAT_PAGE)
            return;
        left &= ~UINT64_C(0) << (next - base) / QI_RANGE;
    }
}

/* The documents of a list, in the list's page. */
static void fill(const gathered *in, qi_flat_list *list, const qi_flat_leaf *leaf)
{
    qi_cursor *cursor = cursor_of(list, leaf);
    const uint8_t *bitmap = cursor->list->bitmap;
    if (bitmap == NULL) {
        mark(in, list, cursor);
        return;
    }
    uint32_t to = qi_width(in->good);
    for (uint32_t r = qi_ctz(in->good); r < to; r++)
        list->page->words[r] = qi_load64(bitmap + 8 * (size_t)(in->first + r));
}

/* Narrow to documents that have a word, or have it not. */
static void narrow(gathered *in, const qi_flat_leaf *leaf, bool wanted)
{
    uint64_t words[QI_FLAT_PAGE];
    const uint64_t *found = leaf->lists[0].page->words;
    for (uint32_t l = 0; l < leaf->count; l++)
        fill(in, &leaf->lists[l], leaf);
    if (leaf->count != 1) {
        uint32_t to = qi_width(in->good);
        memset(words, 0, sizeof words);
        for (uint32_t l = 0; l < leaf->count; l++)
            for (uint32_t r = qi_ctz(in->good); r < to; r++)
                words[r] |= leaf->lists[l].page->words[r];
        found = words;
    }
    in->good = qi_bitmap_narrow(in->words, found, wanted);
}

static void match(const qi_flat *flat, gathered *in)
{
    memset(in->words, 0, sizeof in->words);
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        in->words[qi_ctz(good)] = qi_flat_live(flat, in->first + qi_ctz(good));
    for (uint32_t i = 0; i < flat->ordered && in->good != 0; i++)
        narrow(in, flat->order[i], true);
    for (uint32_t i = 0; i < flat->count && in->good != 0; i++)
        if (flat->leaves[i].role == QI_FLAT_PROHIBITED)
            narrow(in, &flat->leaves[i], false);
    for (uint32_t i = 0; i < flat->count && in->good != 0; i++)
        if (flat->leaves[i].role == QI_FLAT_OPTIONAL && flat->leaves[i].weight > 0)
            for (uint32_t l = 0; l < flat->leaves[i].count; l++)
                fill(in, &flat->leaves[i].lists[l], &flat->leaves[i]);
}

/* Number the documents of lists with bitmaps. */
static void number(const gathered *in, qi_flat_list *list)
{
    uint32_t from = qi_ctz(in->good), base = (in->first + from) * QI_RANGE;
    qi_postings *postings = qi_flat_cursor(list)->list;
    qi_postings_span span;
    qi_flat_page *page = list->page;
    if (postings->bitmap == NULL || !qi_postings_seek_span(postings, base, &span))
        return;
    uint32_t before = postings->block * QI_BLOCK;
    before += qi_bitmap_between(postings->bitmap, span.first, base);
    qi_bitmap_ranks(page->words + from, qi_width(in->good) - from, before, page->first + from);
}

/* The most that words add in each range: all, and those that are scored after each. */
static void bound(const qi_flat *flat, gathered *in)
{
    uint32_t ranges = qi_width(in->good);
    memset(in->all, 0, sizeof in->all);
    for (uint32_t i = flat->count; i-- > 0;) {
        const qi_flat_leaf *leaf = flat->rarest[i];
        const qi_flat_list *list = &leaf->lists[0];
        const uint8_t *bytes = leaf->count == 1 ? list->match.list->ranges : NULL;
        if (!qi_flat_adds(leaf))
            continue;
        memcpy(leaf->after, in->all, sizeof in->all);
        if (bytes != NULL)
            qi_lanes_add(bytes + in->first, ranges, list->per_byte, in->all);
        for (uint32_t r = 0; r < QI_FLAT_PAGE && bytes == NULL; r++)
            in->all[r] += leaf->most;
    }
}

static void prepare(const qi_flat *flat, gathered *in)
{
    for (uint32_t i = 0; i < flat->count; i++)
        for (uint32_t l = 0; l < flat->leaves[i].count && qi_flat_adds(&flat->leaves[i]); l++)
            number(in, &flat->leaves[i].lists[l]);
    bound(flat, in);
}

/* The frequencies of `count` documents that a list has. */
static void freqs_of(qi_flat_list *list, const uint16_t *slots, uint32_t count, uint32_t *freqs)
{
    uint32_t at[QI_BLOCK];
    qi_bitmap_rank(list->page->words, list->page->first, slots, count, at);
    qi_postings_freqs_at(qi_flat_cursor(list)->list, at, count, freqs);
}

/* The normalised frequencies of a list that has all documents, in x. */
static void take_list(const gathered *in, qi_flat_list *list, float x[QI_BLOCK])
{
    uint32_t freqs[QI_BLOCK], base = in->first * QI_RANGE;
    freqs_of(list, in->slots, in->count, freqs);
    for (uint32_t i = 0; i < in->count; i++)
        x[i] = qi_flat_x(list->source, base + in->slots[i], freqs[i]);
}

/* Those of any list are added to x. */
static void add_list(const gathered *in, qi_flat_list *list, float x[QI_BLOCK])
{
    uint16_t slots[QI_BLOCK];
    uint8_t which[QI_BLOCK];
    uint32_t freqs[QI_BLOCK], count = 0, base = in->first * QI_RANGE;
    const qi_flat_page *page = list->page;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t slot = in->slots[i];
        slots[count] = (uint16_t)slot;
        which[count] = (uint8_t)i;
        count += (page->words[slot / QI_RANGE] >> slot % QI_RANGE & 1) != 0;
    }
    freqs_of(list, slots, count, freqs);
    for (uint32_t i = 0; i < count; i++)
        x[which[i]] += qi_flat_x(list->source, base + slots[i], freqs[i]);
}

/* What a word adds to the documents, in its parts. */
static void add_leaf(const qi_flat *flat, gathered *in, const qi_flat_leaf *leaf)
{
    float x[QI_BLOCK], parts[QI_BLOCK], k1 = flat->k1;
    if (leaf->role == QI_FLAT_REQUIRED && leaf->count == 1) {
        take_list(in, &leaf->lists[0], x);
    } else {
        memset(x, 0, in->count * sizeof *x);
        for (uint32_t l = 0; l < leaf->count; l++)
            add_list(in, &leaf->lists[l], x);
    }
    for (uint32_t i = 0; i < in->count && k1 > 0; i++)
        parts[i] = leaf->weight * (x[i] / (k1 + x[i]));
    for (uint32_t i = 0; i < in->count && k1 <= 0; i++)
        parts[i] = leaf->weight * qi_bm25_part(x[i], k1);
    for (uint32_t i = 0; i < in->count; i++) {
        leaf->parts[in->ids[i]] = parts[i];
        in->sums[i] += parts[i];
    }
}

/* Keep what can reach `least` by what is added after a word. */
static void keep(gathered *in, const float after[QI_FLAT_PAGE], float least)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        uint16_t slot = in->slots[i];
        float sum = in->sums[i];
        in->slots[kept] = slot;
        in->ids[kept] = in->ids[i];
        in->sums[kept] = sum;
        kept += sum + after[slot / QI_RANGE] >= least;
    }
    in->count = kept;
}

static void offer(const qi_flat *flat, const gathered *in, qi_flat_best *best)
{
    for (uint32_t i = 0; i < in->count; i++) {
        float sum = 0;
        for (uint32_t w = 0; w < flat->count; w++)
            if (qi_flat_adds(&flat->leaves[w]))
                sum += flat->leaves[w].parts[in->ids[i]];
        qi_flat_offer(best, sum, in->first * QI_RANGE + in->slots[i]);
    }
}

/* Score what was gathered. */
static void score(const qi_flat *flat, gathered *in, qi_flat_best *best)
{
    float least = best->threshold / flat->slack;
    for (uint32_t i = 0; i < flat->count && in->count != 0; i++) {
        const qi_flat_leaf *leaf = flat->rarest[i];
        if (!qi_flat_adds(leaf))
            continue;
        add_leaf(flat, in, leaf);
        keep(in, leaf->after, least);
    }
    offer(flat, in, best);
    in->count = 0;
}

static void gather(gathered *in, uint32_t range, const uint8_t *norms)
{
    if (norms != NULL) /* wanted soon */
        __builtin_prefetch(norms + (size_t)(in->first + range) * QI_RANGE);
    for (uint64_t word = in->words[range]; word != 0; word &= word - 1) {
        in->slots[in->count] = (uint16_t)(range * QI_RANGE + qi_ctz(word));
        in->ids[in->count] = (uint8_t)in->count;
        in->sums[in->count++] = 0;
    }
}

void qi_flat_rank_page(qi_flat *flat, uint32_t first, uint64_t good, qi_flat_best *best)
{
    gathered in;
    const uint8_t *norms = flat->order[0]->lists[0].source->norms;
    in.first = first;
    in.good = good;
    in.count = 0;
    match(flat, &in);
    if (in.good == 0)
        return;
    prepare(flat, &in);
    for (uint64_t left = in.good; left != 0; left &= left - 1) {
        uint32_t r = qi_ctz(left);
        if (in.count + QI_RANGE > QI_BLOCK)
            score(flat, &in, best);
        best->seen += qi_popcount(in.words[r]);
        if (in.all[r] >= best->threshold / flat->slack)
            gather(&in, r, norms);
    }
    if (in.count != 0)
        score(flat, &in, best);
}
