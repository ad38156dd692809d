/* SPDX-License-Identifier: MIT
 * quire_positions QUERIES docs.jsonl... - phrases over word numbers, and over positions that start
 * anew in each document.
 *
 * Both ways have the same blocks of 256 under Rice256, the same kernels, the same search in and
 * between blocks, and leap from the rarest word. Word numbers: a phrase is an AND over numbers, and
 * the document of a hit is looked up. Positions per document: an AND over documents (blocks, or a
 * bitmap where that is what the library would have), then the positions of each document that has
 * all words, found by the sum of the frequencies before. Either counts the documents and the
 * occurrences, which must be the same. Queries are those of the tag "phrase" whose words all occur;
 * the two ways take turns at each, and the median of their CPU times counts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/bits.h"
#include "phrases.h"
#include "segment/lists.h"

enum { TURNS = 15, WAYS = 2, LEAST = 50 }; /* LEAST: µs of a turn */

static void stop(const char *what)
{
    texts_stop("quire_positions", what);
}

typedef struct found {
    uint64_t docs, occurrences, hash;
    uint32_t last; /* document */
} found;

static inline void note(found *to, uint32_t doc, uint32_t times)
{
    to->docs += to->occurrences == 0 || to->last != doc;
    to->occurrences += times;
    to->hash += times * ((doc + UINT64_C(1)) * 0x9E3779B97F4A7C15u >> 7);
    to->last = doc;
}

/* The document of a word number, from `doc` on. */
static uint32_t doc_of(const bank *in, uint32_t doc, uint32_t word)
{
    return qi_cursor_gallop(in->starts, doc, in->docs + 1, word + 1) - 1;
}

/* The first start >= `start` that no word rules out; UINT64_MAX at the end of a list. */
static uint64_t agree(const phrase *p, place *places, uint64_t start)
{
    for (unsigned i = 1; i < p->count; i++) {
        unsigned w = p->by_cf[i];
        uint64_t target = start + w;
        if (target > UINT32_MAX || !row_seek(&places[w], (uint32_t)target))
            return UINT64_MAX;
        if (places[w].numbers[places[w].at] != target)
            return places[w].numbers[places[w].at] - w;
    }
    return start;
}

static void by_words(const bank *in, const phrase *p, found *out)
{
    static place places[WORDS];
    for (unsigned i = 0; i < p->count; i++) {
        row_start(&places[i], &p->lists[i]->words);
    }
    unsigned first = p->by_cf[0];
    place *lead = &places[first];
    uint32_t doc = 0;
    for (uint64_t start = 0; start != UINT64_MAX && row_seek(lead, (uint32_t)start + first);) {
        start = lead->numbers[lead->at] - first;
        uint64_t next = agree(p, places, start);
        if (next == start) {
            doc = doc_of(in, doc, (uint32_t)start);
            note(out, doc, 1);
            next = start + 1;
        }
        start = next;
    }
}

/* Where a list of documents stands. */
typedef struct reader {
    const list *of;
    uint32_t doc;
    place docs, ends, positions;
} reader;

/* Stand at the first document >= target. False if there is none. */
static inline bool seek_doc(reader *to, uint32_t target, uint32_t docs)
{
    if (to->of->bitmap == NULL) {
        bool more = row_seek(&to->docs, target);
        to->doc = more ? to->docs.numbers[to->docs.at] : docs;
        return more;
    }
    if (target >= docs)
        return false;
    uint32_t unit = target / 64, units = (docs + 63) / 64;
    uint64_t bits = to->of->bitmap[unit] >> target % 64 << target % 64;
    while (bits == 0 && ++unit < units)
        bits = to->of->bitmap[unit];
    to->doc = bits == 0 ? docs : unit * 64 + qi_ctz(bits);
    return bits != 0;
}

/* The positions of the word in its document; how many. */
static uint32_t gather(reader *from, uint32_t *out)
{
    const list *of = from->of;
    uint32_t item, count = 0, next = 0, begin = 0;
    if (of->bitmap == NULL) {
        item = from->docs.block * QI_BLOCK + from->docs.at;
    } else {
        uint64_t below = (UINT64_C(1) << from->doc % 64) - 1;
        item = of->ranks[from->doc / 64] + qi_popcount(of->bitmap[from->doc / 64] & below);
    }
    row_reach(&from->ends, item);
    if (item % QI_BLOCK != 0)
        begin = from->ends.numbers[item % QI_BLOCK - 1] + 1;
    else if (item != 0)
        begin = of->ends.last[item / QI_BLOCK - 1] + 1;
    uint32_t end = from->ends.numbers[item % QI_BLOCK] + 1;
    while (begin < end) {
        row_reach(&from->positions, begin);
        uint32_t at = begin % QI_BLOCK;
        uint32_t stop_at = end - begin < QI_BLOCK - at ? at + (end - begin) : QI_BLOCK;
        begin += stop_at - at;
        for (; at < stop_at; at++, next++) {
            next += from->positions.numbers[at];
            out[count++] = next;
        }
    }
    return count;
}

/* How often the phrase stands in the document that all readers stand at. */
static uint32_t count_in_doc(const bank *in, const phrase *p, reader *readers)
{
    uint32_t *begins = in->begins, *ones = in->ones, left = 0;
    unsigned first = p->by_df[0];
    uint32_t count = gather(&readers[first], begins);
    for (uint32_t i = 0; i < count; i++)
        if (begins[i] >= first)
            begins[left++] = begins[i] - first;
    for (unsigned i = 1; i < p->count && left != 0; i++) {
        unsigned w = p->by_df[i];
        uint32_t n = gather(&readers[w], ones), kept = 0, at = 0;
        for (uint32_t k = 0; k < left && ones[n - 1] >= begins[k] + w; k++) {
            at = qi_cursor_gallop(ones, at, n, begins[k] + w);
            begins[kept] = begins[k];
            kept += ones[at] == begins[k] + w;
        }
        left = kept;
    }
    return left;
}

static void by_documents(const bank *in, const phrase *p, found *out)
{
    static reader readers[WORDS];
    for (unsigned i = 0; i < p->count; i++) {
        reader *r = &readers[i];
        r->of = p->lists[i];
        row_start(&r->docs, &r->of->docs);
        row_start(&r->ends, &r->of->ends);
        row_start(&r->positions, &r->of->positions);
    }
    reader *lead = &readers[p->by_df[0]];
    for (uint32_t target = 0; seek_doc(lead, target, in->docs);) {
        unsigned i = 1;
        target = lead->doc;
        while (i < p->count && seek_doc(&readers[p->by_df[i]], target, in->docs) &&
               readers[p->by_df[i]].doc == target)
            i++;
        if (i < p->count) {
            target = readers[p->by_df[i]].doc;
            if (target >= in->docs)
                return;
            continue;
        }
        uint32_t times = count_in_doc(in, p, readers);
        if (times != 0)
            note(out, target, times);
        target++;
    }
}

/* ---- Measuring and telling ---- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

/* µs of CPU time of a phrase one way, on average over `repeats`. */
static double time_way(const bank *in, const phrase *p, int way, int repeats, found *out)
{
    double start = now();
    for (int i = 0; i < repeats; i++) {
        *out = (found){0};
        if (way == 0)
            by_words(in, p, out);
        else
            by_documents(in, p, out);
    }
    return (now() - start) / repeats;
}

/* The medians of one phrase both ways, which take turns, each long enough for the clock. */
static found time_phrase(const bank *in, const phrase *p, double out[WAYS])
{
    double times[WAYS][TURNS];
    found results[WAYS];
    double once = time_way(in, p, 0, 1, &results[0]);
    int repeats = once < LEAST ? (int)(LEAST / once) + 1 : 1;
    for (int turn = 0; turn < TURNS; turn++)
        for (int i = 0; i < WAYS; i++) {
            int way = (turn + i) % WAYS;
            times[way][turn] = time_way(in, p, way, repeats, &results[way]);
        }
    if (results[0].docs != results[1].docs || results[0].occurrences != results[1].occurrences ||
        results[0].hash != results[1].hash)
        stop("the two ways differ");
    for (int way = 0; way < WAYS; way++)
        out[way] = median(times[way], TURNS);
    return results[0];
}

/* Documents and frequencies stand beside word numbers from 256 occurrences on. */
static void print_sizes(const bank *in)
{
    uint64_t words = 0, positions = 0, postings = 0, kept = 0;
    for (uint32_t t = 0; t < in->terms; t++) {
        const list *one = &in->lists[t];
        uint64_t beside = row_bytes(&one->docs) + row_bytes(&one->ends);
        if (one->bitmap != NULL)
            beside += (uint64_t)8 * ((in->docs + 63) / 64);
        words += row_bytes(&one->words);
        positions += row_bytes(&one->positions);
        postings += beside;
        kept += one->cf >= QI_LIST_BLOCKED ? beside : 0;
    }
    printf("  lists asked for, KB: word numbers %.0f (words %.0f, docs and freqs %.0f); positions "
           "per document %.0f (positions %.0f, docs and freqs %.0f)\n",
           (double)(words + kept) / 1e3, (double)words / 1e3, (double)kept / 1e3,
           (double)(positions + postings) / 1e3, (double)positions / 1e3, (double)postings / 1e3);
}

static void measure(const char *path, const char *queries)
{
    static const char *const names[WAYS] = {"word numbers", "positions per document"};
    texts from;
    bank all;
    phrases asked = {0};
    texts_read(&from, path);
    bank_open(&all, &asked, &from, queries);
    double *times[WAYS] = {texts_room(asked.count, sizeof(double)),
                           texts_room(asked.count, sizeof(double))};
    double sums[WAYS] = {0}, one[WAYS], logs = 0;
    uint64_t docs = 0;
    size_t won = 0;
    for (size_t i = 0; i < asked.count; i++) {
        docs += time_phrase(&all, &asked.items[i], one).docs;
        won += one[0] < one[1];
        logs += log(one[1] / one[0]);
        for (int way = 0; way < WAYS; way++)
            sums[way] += times[way][i] = one[way];
    }
    printf("%s: %zu phrases, found in %llu documents; word numbers are faster for %zu, by %.2f "
           "(geometric mean)\n",
           path, asked.count, (unsigned long long)docs, won,
           asked.count == 0 ? 1 : exp(logs / (double)asked.count));
    for (int way = 0; way < WAYS && asked.count != 0; way++) {
        double middle = median(times[way], asked.count);
        printf("  %-22s µs: mean %.1f, median %.1f, p90 %.1f, p99 %.1f\n", names[way],
               sums[way] / (double)asked.count, middle, times[way][asked.count * 90 / 100],
               times[way][asked.count * 99 / 100]);
        free(times[way]);
    }
    print_sizes(&all);
    bank_close(&all);
    QI_VEC_FREE(&asked);
    texts_free(&from);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        stop("usage: quire_positions QUERIES docs.jsonl...");
    for (int i = 2; i < argc; i++)
        measure(argv[i], argv[1]);
    return EXIT_SUCCESS;
}
