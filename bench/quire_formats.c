/* SPDX-License-Identifier: MIT
 * quire_formats docs.jsonl... - what the lists of real texts cost under three codes.
 *
 * Words are those of texts.h. For documents, frequencies, word numbers and positions per document,
 * prints bits a value in blocks of 256 under Rice256 (as the library writes it), PFOR (one width a
 * block, exceptions of an index byte and a varint) and Elias-Fano (a block its own universe); then
 * what a whole index would take. Terms of one occurrence are left out: they are part of the
 * dictionary. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/mem.h"
#include "codec/rice.h"
#include "texts.h"

static void stop(const char *what)
{
    texts_stop("quire_formats", what);
}

/* ---- Codes ---- */

/* What one kind of value came to, in bits. */
typedef struct {
    const char *name;
    uint64_t values, rice, pfor, elias_fano;
    double seconds; /* decoding Rice256 */
} meter;

static unsigned varint_size(uint64_t v)
{
    return v < 128 ? 1 : (qi_width(v) + 6) / 7;
}

static uint64_t pfor_bits(const uint32_t *values, unsigned n)
{
    uint64_t best = UINT64_MAX;
    for (unsigned width = 0; width <= 32; width++) {
        uint64_t bits = 16 + (uint64_t)8 * ((n * width + 7) / 8);
        for (unsigned i = 0; i < n; i++) {
            uint64_t high = (uint64_t)values[i] >> width;
            bits += high == 0 ? 0 : 8 + 8 * varint_size(high);
        }
        best = bits < best ? bits : best;
    }
    return best;
}

/* The values are gaps less one. */
static uint64_t elias_fano_bits(const uint32_t *values, unsigned n)
{
    uint64_t universe = n;
    for (unsigned i = 0; i < n; i++)
        universe += values[i];
    unsigned low = universe / n == 0 ? 0 : qi_width(universe / n) - 1;
    return 8 + 8 * varint_size(universe) + (uint64_t)8 * ((n * low + 7) / 8) +
           8 * ((n + (universe >> low) + 7) / 8);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void measure(meter *m, const uint32_t *values, size_t count, qi_buf *scratch)
{
    uint32_t decoded[QI_BLOCK];
    for (size_t done = 0; done < count; done += QI_BLOCK) {
        unsigned n = count - done < QI_BLOCK ? (unsigned)(count - done) : QI_BLOCK;
        scratch->len = 0;
        qi_rice_encode(scratch, values + done, n);
        if (scratch->failed)
            stop("out of memory");
        m->rice += 8 * scratch->len;
        m->pfor += pfor_bits(values + done, n);
        m->elias_fano += elias_fano_bits(values + done, n);
        m->values += n;
        double start = now();
        for (int i = 0; i < 4; i++)
            if (qi_rice_decode(scratch->bytes, scratch->len, n, decoded) != scratch->len)
                stop("a block does not come back");
        m->seconds += (now() - start) / 4;
    }
}

/* ---- Lists ---- */

enum { DOCS, FREQS, WORDS, POSITIONS, KINDS };

typedef struct {
    meter of[2][KINDS]; /* of terms of fewer than 256 occurrences, and of the others */
    uint64_t terms, single;
    uint32_t *values[KINDS];
    qi_buf scratch;
} survey;

/* The streams of one term, whose word numbers are given; lengths go to `count`. */
static void make_streams(survey *s, const texts *c, const uint32_t *words, size_t n, size_t *count)
{
    uint32_t doc = 0, last_doc = UINT32_MAX, last_word = UINT32_MAX, next = 0;
    memset(count, 0, KINDS * sizeof *count);
    for (size_t i = 0; i < n; i++, last_word = words[i - 1]) {
        while (doc + 1 < c->starts.count && c->starts.items[doc + 1] <= words[i])
            doc++;
        s->values[WORDS][count[WORDS]++] = words[i] - last_word - 1;
        if (doc != last_doc) {
            s->values[DOCS][count[DOCS]++] = doc - last_doc - 1;
            s->values[FREQS][count[FREQS]++] = 0;
            last_doc = doc;
            next = c->starts.items[doc];
        } else {
            s->values[FREQS][count[FREQS] - 1]++;
        }
        s->values[POSITIONS][count[POSITIONS]++] = words[i] - next;
        next = words[i] + 1;
    }
}

static void survey_terms(survey *s, const texts *c)
{
    size_t terms = c->stems.count, words = c->terms.count;
    size_t *ends = calloc(terms + 1, sizeof *ends);
    uint32_t *sorted = calloc(words, sizeof *sorted);
    if (ends == NULL || sorted == NULL)
        stop("out of memory");
    for (size_t i = 0; i < words; i++)
        if (c->terms.items[i] != TEXTS_HOLE)
            ends[c->terms.items[i] + 1]++;
    for (size_t t = 0; t < terms; t++)
        ends[t + 1] += ends[t];
    for (size_t i = 0; i < words; i++)
        if (c->terms.items[i] != TEXTS_HOLE)
            sorted[ends[c->terms.items[i]]++] = (uint32_t)i;
    s->terms = terms;
    for (size_t t = 0, start = 0; t < terms; start = ends[t++]) {
        size_t n = ends[t] - start, count[KINDS];
        s->single += n == 1;
        if (n < 2)
            continue;
        make_streams(s, c, sorted + start, n, count);
        for (int kind = 0; kind < KINDS; kind++)
            measure(&s->of[n >= QI_BLOCK][kind], s->values[kind], count[kind], &s->scratch);
    }
    free(ends);
    free(sorted);
}

/* ---- Report ---- */

static double per_value(uint64_t bits, uint64_t values)
{
    return values == 0 ? 0 : (double)bits / (double)values;
}

static void print_meters(const survey *s)
{
    static const char *const names[KINDS] = {"docs", "freqs", "word numbers", "positions"};
    printf("%-14s %-6s %11s %8s %8s %8s %8s\n", "bits a value", "occ.", "values", "Rice256", "PFOR",
           "EF", "M/s");
    for (int kind = 0; kind < KINDS; kind++) {
        for (int often = 1; often >= 0; often--) {
            const meter *m = &s->of[often][kind];
            printf("%-14s %-6s %11llu %8.2f %8.2f %8.2f %8.0f\n", names[kind],
                   often ? ">= 256" : "< 256", (unsigned long long)m->values,
                   per_value(m->rice, m->values), per_value(m->pfor, m->values),
                   per_value(m->elias_fano, m->values),
                   m->seconds == 0 ? 0 : (double)m->values / m->seconds / 1e6);
        }
    }
}

static uint64_t best_of(const meter *m, int code)
{
    return code == 0 ? m->rice : code == 1 ? m->pfor : m->elias_fano;
}

/* KB per MB of text of the two layouts: word numbers (documents and frequencies only for terms of
 * 256 occurrences and more), and positions per document. */
static void print_layouts(const survey *s, uint64_t bytes)
{
    static const char *const codes[3] = {"Rice256", "PFOR", "EF"};
    for (int code = 0; code < 3; code++) {
        uint64_t words = 0, positions = 0, postings = 0;
        for (int often = 0; often < 2; often++) {
            const meter *m = s->of[often];
            words += best_of(&m[WORDS], code);
            positions += best_of(&m[POSITIONS], code == 2 ? 0 : code);
            postings += best_of(&m[DOCS], code) + best_of(&m[FREQS], code == 2 ? 0 : code);
        }
        const meter *m = s->of[1];
        uint64_t kept = best_of(&m[DOCS], code) + best_of(&m[FREQS], code == 2 ? 0 : code);
        double unit = 8.0 * (double)bytes / 1000;
        printf("%-8s KB per MB: word numbers %.1f (words %.1f, docs and freqs %.1f); positions per "
               "document %.1f (positions %.1f, docs and freqs %.1f)\n",
               codes[code], (double)(words + kept) / unit, (double)words / unit,
               (double)kept / unit, (double)(positions + postings) / unit, (double)positions / unit,
               (double)postings / unit);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2)
        stop("usage: quire_formats docs.jsonl...");
    for (int i = 1; i < argc; i++) {
        texts c;
        texts_read(&c, argv[i]);
        survey s = {0};
        qi_buf_init(&s.scratch, 0);
        for (int kind = 0; kind < KINDS; kind++)
            if ((s.values[kind] = calloc(c.terms.count + 1, sizeof(uint32_t))) == NULL)
                stop("out of memory");
        survey_terms(&s, &c);
        printf(
            "%s: %.1f MB of text, %zu documents, %zu words, %llu terms (%llu of one occurrence)\n",
            argv[i], (double)c.bytes / 1e6, c.starts.count, c.terms.count - c.starts.count,
            (unsigned long long)s.terms, (unsigned long long)s.single);
        print_meters(&s);
        print_layouts(&s, c.bytes);
        for (int kind = 0; kind < KINDS; kind++)
            free(s.values[kind]);
        qi_buf_free(&s.scratch);
        texts_free(&c);
    }
    return EXIT_SUCCESS;
}
