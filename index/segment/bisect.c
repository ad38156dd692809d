/* SPDX-License-Identifier: MIT
 * A part of the documents is split in two halves, and documents change sides in pairs as long as
 * that makes the sum, over terms and halves, of degree * log(size / degree) smaller, which is about
 * what gaps cost in bits; then each half is split in the same way, down to a few documents.
 *
 * What a document's change of sides gains is a sum over its terms of what each term gains, which
 * depends on the term's two degrees alone: it is computed once a round for every term, and a
 * document adds up. The half wanted by each is found by selecting the median of these sums. Terms
 * that occur once in a part, or in all documents of it, gain nothing whoever moves: they are
 * dropped there, and those left are numbered anew, so that small parts work on small arrays. */
#include "segment/bisect.h"

#include <math.h>
#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "base/radix.h"

/* Parts of so many documents stay as they are; a part is done after so many rounds, or when fewer
 * than one in SETTLED changed sides. */
enum { SMALLEST = 32, ROUNDS = 6, SETTLED = 64 };

typedef struct bisection {
    const qi_bisect_graph *graph;
    uint32_t *row;
    uint64_t *wishes; /* of the documents of the part: see wish_of */
    /* Of the terms that the part has left: their new numbers, in how many documents of the left and
     * of the right half they are, and what it gains to have a document on the right that is on the
     * left now, or on the right. */
    uint32_t *names, *degrees[2];
    float *gains[2];
    float *steps; /* what degree d + 1 saves more than d, by d */
} bisection;

/* The sizes of the halves being equal, a degree d saves d * log2(d + 1). */
static void fill_steps(float *steps, uint32_t count)
{
    double before = 0;
    for (uint32_t d = 0; d < count; d++) {
        double saved = (d + 1.0) * log2(d + 2.0);
        steps[d] = (float)(saved - before);
        before = saved;
    }
}

static uint32_t *terms_of(const bisection *b, uint32_t doc)
{
    return b->graph->terms + b->graph->starts[doc];
}

/* Count degrees in the documents [low, high), the halves meeting at `middle`. */
static void count_degrees(bisection *b, uint32_t low, uint32_t middle, uint32_t high)
{
    for (uint32_t i = low; i < high; i++) {
        uint32_t doc = b->row[i], *degrees = b->degrees[i >= middle];
        const uint32_t *terms = terms_of(b, doc);
        for (uint32_t t = 0; t < b->graph->counts[doc]; t++)
            degrees[terms[t]]++;
    }
}

/* Number the terms that matter in a part of `size` documents anew, with their degrees. Returns how
 * many are left. */
static uint32_t choose_terms(bisection *b, uint32_t terms, uint32_t size)
{
    uint32_t kept = 0, *left = b->degrees[0], *right = b->degrees[1];
    for (uint32_t t = 0; t < terms; t++) {
        uint32_t on_left = left[t], on_right = right[t], both = on_left + on_right;
        bool matters = both > 1 && both < size;
        left[t] = right[t] = 0;
        b->names[t] = matters ? kept : UINT32_MAX;
        if (matters) {
            left[kept] = on_left;
            right[kept++] = on_right;
        }
    }
    return kept;
}

static void rename_terms(bisection *b, uint32_t low, uint32_t high)
{
    for (uint32_t i = low; i < high; i++) {
        uint32_t doc = b->row[i], kept = 0, *terms = terms_of(b, doc);
        for (uint32_t t = 0; t < b->graph->counts[doc]; t++) {
            uint32_t name = b->names[terms[t]];
            terms[kept] = name;
            kept += name != UINT32_MAX;
        }
        b->graph->counts[doc] = kept;
    }
}

static void compute_gains(bisection *b, uint32_t terms)
{
    const uint32_t *left = b->degrees[0], *right = b->degrees[1];
    for (uint32_t t = 0; t < terms; t++) {
        b->gains[0][t] = left[t] == 0 ? 0 : b->steps[right[t]] - b->steps[left[t] - 1];
        b->gains[1][t] = right[t] == 0 ? 0 : b->steps[right[t] - 1] - b->steps[left[t]];
    }
}

static float add_up(const float *gains, const uint32_t *terms, uint32_t count)
{
    float sums[4] = {0};
    uint32_t t = 0;
    for (; t + 4 <= count; t += 4)
        for (int k = 0; k < 4; k++)
            sums[k] += gains[terms[t + (uint32_t)k]];
    for (; t < count; t++)
        sums[0] += gains[terms[t]];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* How much a document wants to be on the right, in the high half, so that numbers compare as the
 * floats do; in the low half which side it is on and its number, so that ties stay. */
static uint64_t wish_of(float gain, bool right, uint32_t doc)
{
    uint32_t bits = qi_float_bits(gain);
    bits ^= bits >> 31 != 0 ? UINT32_MAX : UINT32_C(1) << 31;
    return (uint64_t)bits << 32 | (uint64_t)right << 31 | doc;
}

static uint64_t median(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Have the `rank` least of the numbers first; no two are equal. */
static void select_least(uint64_t *numbers, uint32_t count, uint32_t rank)
{
    uint32_t low = 0, high = count; /* what is at `rank` in the end lies in [low, high) */
    while (high - low > 1) {
        uint32_t i = low, j = high;
        uint64_t pivot =
            median(numbers[low], numbers[low + (high - low - 1) / 2], numbers[high - 1]);
        for (;;) { /* ends with low <= j < high - 1: the pivot is no maximum, or stands first */
            while (numbers[i] < pivot)
                i++;
            do
                j--;
            while (numbers[j] > pivot);
            if (i >= j)
                break;
            uint64_t swapped = numbers[i];
            numbers[i++] = numbers[j];
            numbers[j] = swapped;
        }
        if (rank <= j)
            high = j + 1;
        else
            low = j + 1;
    }
}

/* Let a document that changed sides leave one half and join the other. */
static void change_side(bisection *b, uint32_t doc, int to)
{
    const uint32_t *terms = terms_of(b, doc);
    uint32_t *from = b->degrees[1 - to], *into = b->degrees[to];
    for (uint32_t t = 0; t < b->graph->counts[doc]; t++) {
        from[terms[t]]--;
        into[terms[t]]++;
    }
}

/* Let documents change sides once. Returns how many did. */
static uint32_t improve(bisection *b, uint32_t low, uint32_t middle, uint32_t high)
{
    uint32_t changed = 0;
    for (uint32_t i = low; i < high; i++) {
        uint32_t doc = b->row[i];
        float gain = add_up(b->gains[i >= middle], terms_of(b, doc), b->graph->counts[doc]);
        b->wishes[i - low] = wish_of(gain, i >= middle, doc);
    }
    select_least(b->wishes, high - low, middle - low);
    for (uint32_t i = low; i < high; i++) {
        uint64_t wish = b->wishes[i - low];
        uint32_t doc = (uint32_t)wish & INT32_MAX;
        bool was = (wish >> 31 & 1) != 0, is = i >= middle;
        b->row[i] = doc;
        if (was != is) {
            change_side(b, doc, is);
            changed++;
        }
    }
    return changed;
}
/* Order a part of the documents, whose terms are below `terms` and have no degrees now. */
static void bisect(bisection *b, uint32_t low, uint32_t high, uint32_t terms)
{
    uint32_t size = high - low, middle = low + size / 2, changed = size, spare[SMALLEST];
    if (size <= SMALLEST) {
        qi_radix_sort(b->row + low, spare, size, NULL);
        return;
    }
    count_degrees(b, low, middle, high);
    terms = choose_terms(b, terms, size);
    rename_terms(b, low, high);
    for (int round = 0; round < ROUNDS && changed > size / SETTLED; round++) {
        compute_gains(b, terms);
        changed = improve(b, low, middle, high);
    }
    for (int side = 0; side < 2; side++)
        memset(b->degrees[side], 0, terms * sizeof *b->degrees[side]);
    bisect(b, low, middle, terms);
    bisect(b, middle, high, terms);
}

static bool allocate(bisection *b)
{
    size_t docs = b->graph->doc_count, terms = b->graph->term_count;
    b->wishes = qi_mem_new(docs, sizeof *b->wishes);
    b->steps = qi_mem_new(docs + 1, sizeof *b->steps);
    b->names = qi_mem_new(terms, sizeof *b->names);
    for (int side = 0; side < 2; side++) {
        b->degrees[side] = qi_mem_new(terms, sizeof *b->degrees[side]);
        b->gains[side] = qi_mem_new(terms, sizeof *b->gains[side]);
    }
    return b->wishes != NULL && b->steps != NULL && b->names != NULL && b->degrees[0] != NULL &&
           b->degrees[1] != NULL && b->gains[0] != NULL && b->gains[1] != NULL;
}

quire_status qi_bisect(uint32_t *row, const qi_bisect_graph *graph, quire_error *err)
{
    bisection b = {.graph = graph, .row = row};
    bool fits = allocate(&b);
    if (fits) {
        for (uint32_t doc = 0; doc < graph->doc_count; doc++)
            row[doc] = doc;
        fill_steps(b.steps, graph->doc_count + 1);
        bisect(&b, 0, graph->doc_count, graph->term_count);
    }
    qi_mem_free(b.wishes);
    qi_mem_free(b.steps);
    qi_mem_free(b.names);
    for (int side = 0; side < 2; side++) {
        qi_mem_free(b.degrees[side]);
        qi_mem_free(b.gains[side]);
    }
    return fits ? QUIRE_OK : qi_no_memory(err);
}
