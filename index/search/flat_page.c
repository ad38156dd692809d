/* SPDX-License-Identifier: MIT
 *
 * Ranking over the grid where words are required, 64 ranges at a time: documents are found as bits,
 * those of lists without a bitmap are set one by one, and gathered. Then words are scored one after
 * another, the rarest first, each for all documents that are left, while what the others add at
 * most can lift them to the threshold. The place of a document in a list is the number of bits
 * before its own. */
#include "codec/bitmap.h"
#include "search/flat_window.h"

#include <string.h>

/* Documents of a page that are left, by their number within it. */
typedef struct gathered {
    uint32_t first; /* range */
    uint64_t good;  /* ranges */
    uint64_t words[QI_FLAT_PAGE];
    double rest[QI_FLAT_PAGE]; /* what words that were not scored add at most, in each range */
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
    uint32_t end = from->count, number = from->block * QI_BLOCK;
    if (docs[end - 1] - base >= SPAN)
        end = qi_cursor_gallop(docs, at, end, base + SPAN);
    if (at >= end)
        return end;
    uint32_t range = (docs[at] - base) / QI_RANGE, before = page->first[range];
    bool begun = page->words[range] != 0;
    for (uint32_t i = end; i-- > at;) {
        uint32_t slot = docs[i] - base;
        page->words[slot / QI_RANGE] |= UINT64_C(1) << slot % QI_RANGE;
        page->first[slot / QI_RANGE] = number + i;
    }
    if (begun)
        page->first[range] = before;
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

/* The documents of a word. */
static void fill_leaf(const gathered *in, const qi_flat_leaf *leaf, uint64_t words[QI_FLAT_PAGE])
{
    for (uint32_t l = 0; l < leaf->count; l++) {
        const uint64_t *from = leaf->lists[l].page->words;
        fill(in, &leaf->lists[l], leaf);
        for (uint64_t good = in->good; good != 0; good &= good - 1) {
            uint32_t r = qi_ctz(good);
            words[r] = l == 0 ? from[r] : words[r] | from[r];
        }
    }
}

/* Narrow to documents that have a word, or have it not. */
static void narrow(gathered *in, const qi_flat_leaf *leaf, bool wanted)
{
    uint64_t words[QI_FLAT_PAGE];
    fill_leaf(in, leaf, words);
    for (uint64_t good = in->good; good != 0; good &= good - 1) {
        uint32_t r = qi_ctz(good);
        in->words[r] &= wanted ? words[r] : ~words[r];
        if (in->words[r] == 0)
            in->good &= ~(good & -good);
    }
}

static void match(const qi_flat *flat, gathered *in)
{
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

static void prepare(const qi_flat *flat, gathered *in)
{
    for (uint64_t good = in->good; good != 0; good &= good - 1)
        in->rest[qi_ctz(good)] = 0;
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        if (!qi_flat_adds(leaf))
            continue;
        for (uint32_t l = 0; l < leaf->count; l++)
            number(in, &leaf->lists[l]);
        for (uint64_t good = in->good; good != 0; good &= good - 1)
            in->rest[qi_ctz(good)] += qi_flat_most_in(leaf, in->first + qi_ctz(good));
    }
}

/* Add the normalised frequencies of a list to x. */
static void add_list(const gathered *in, qi_flat_list *list, bool always, float x[QI_BLOCK])
{
    uint16_t slots[QI_BLOCK];
    uint8_t which[QI_BLOCK];
    uint32_t at[QI_BLOCK], freqs[QI_BLOCK], count = 0;
    const qi_flat_page *page = list->page;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t slot = in->slots[i];
        slots[count] = (uint16_t)slot;
        which[count] = (uint8_t)i;
        count += always || (page->words[slot / QI_RANGE] >> slot % QI_RANGE & 1) != 0;
    }
    qi_bitmap_rank(page->words, page->first, slots, count, at);
    qi_postings_freqs_at(qi_flat_cursor(list)->list, at, count, freqs);
    uint32_t base = in->first * QI_RANGE;
    for (uint32_t i = 0; i < count; i++)
        x[which[i]] += qi_flat_x(list->source, base + slots[i], freqs[i]);
}

/* What a word adds to the documents, in its parts. */
static void add_leaf(const qi_flat *flat, gathered *in, const qi_flat_leaf *leaf)
{
    float x[QI_BLOCK], parts[QI_BLOCK];
    bool always = leaf->role == QI_FLAT_REQUIRED && leaf->count == 1;
    memset(x, 0, in->count * sizeof *x);
    for (uint32_t l = 0; l < leaf->count; l++)
        add_list(in, &leaf->lists[l], always, x);
    for (uint32_t i = 0; i < in->count; i++)
        parts[i] = leaf->weight * qi_bm25_part(x[i], flat->k1);
    for (uint32_t i = 0; i < in->count; i++) {
        leaf->parts[in->ids[i]] = parts[i];
        in->sums[i] += parts[i];
    }
}

/* Keep what can reach `least`. */
static void keep(gathered *in, float least)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        uint16_t slot = in->slots[i];
        float sum = in->sums[i];
        in->slots[kept] = slot;
        in->ids[kept] = in->ids[i];
        in->sums[kept] = sum;
        kept += sum + in->rest[slot / QI_RANGE] >= least;
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
    double rest[QI_FLAT_PAGE];
    float least = best->threshold / flat->slack;
    memcpy(rest, in->rest, sizeof rest);
    best->seen += in->count;
    keep(in, least);
    for (uint32_t i = 0; i < flat->count && in->count != 0; i++) {
        const qi_flat_leaf *leaf = flat->rarest[i];
        if (!qi_flat_adds(leaf))
            continue;
        add_leaf(flat, in, leaf);
        for (uint64_t good = in->good; good != 0; good &= good - 1)
            in->rest[qi_ctz(good)] -= qi_flat_most_in(leaf, in->first + qi_ctz(good));
        keep(in, least);
    }
    offer(flat, in, best);
    memcpy(in->rest, rest, sizeof rest);
    in->count = 0;
}

void qi_flat_rank_page(qi_flat *flat, uint32_t first, uint64_t good, qi_flat_best *best)
{
    gathered in;
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
        for (uint64_t word = in.words[r]; word != 0; word &= word - 1) {
            in.slots[in.count] = (uint16_t)(r * QI_RANGE + qi_ctz(word));
            in.ids[in.count] = (uint8_t)in.count;
            in.sums[in.count++] = 0;
        }
    }
    if (in.count != 0)
        score(flat, &in, best);
}
