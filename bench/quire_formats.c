/* SPDX-License-Identifier: MIT
 * quire_formats docs.jsonl... - what the lists of real texts cost under three codes.
 *
 * Words are runs of ASCII letters and digits, lower case, stemmed by Porter. For documents,
 * frequencies, word numbers and positions per document, prints bits a value in blocks of 256 under
 * Rice256 (as the library writes it), PFOR (one width a block, exceptions of an index byte and a
 * varint) and Elias-Fano (a block its own universe); then what a whole index would take. Terms of
 * one occurrence are left out: they are part of the dictionary. */
#include <jansson.h>
#include <libstemmer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bits.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "codec/rice.h"

enum { LONGEST_WORD = 64 };

/* The words of all documents: their terms, with a hole after each document. */
typedef struct {
    QI_VEC(uint32_t) terms, starts; /* starts: a document's first word number */
    qi_map forms, stems;
    struct sb_stemmer *stemmer;
    uint64_t bytes;
} corpus;

static const uint32_t HOLE = UINT32_MAX;

static void stop(const char *what)
{
    fprintf(stderr, "quire_formats: %s\n", what);
    exit(EXIT_FAILURE);
}

/* ---- Reading ---- */

static uint32_t term_of(corpus *c, const char *word, size_t len)
{
    uint32_t *known = qi_map_get(&c->forms, word, len);
    if (known != NULL)
        return *known;
    const sb_symbol *stem = sb_stemmer_stem(c->stemmer, (const sb_symbol *)word, (int)len);
    size_t stem_len = (size_t)sb_stemmer_length(c->stemmer);
    uint32_t *of_stem = stem == NULL ? NULL : qi_map_get(&c->stems, stem, stem_len);
    uint32_t term = of_stem != NULL ? *of_stem : (uint32_t)c->stems.count;
    if (stem == NULL || !qi_map_put(&c->stems, stem, stem_len, term) ||
        !qi_map_put(&c->forms, word, len, term))
        stop("out of memory");
    return term;
}

/* The letter or digit in lower case, or 0. Bytes of longer characters are letters. */
static char letter(char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        return (char)(ch + 'a' - 'A');
    bool kept = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || (ch & 0x80) != 0;
    return kept ? ch : '\0';
}

static void add_text(corpus *c, const char *text)
{
    char word[LONGEST_WORD];
    size_t len = 0;
    for (const char *at = text;; at++) {
        char ch = letter(*at);
        if (ch != '\0' && len < sizeof word)
            word[len++] = ch;
        if (ch == '\0' && len > 0) {
            if (!QI_VEC_PUSH(&c->terms, term_of(c, word, len)))
                stop("out of memory");
            len = 0;
        }
        if (*at == '\0') {
            c->bytes += (uint64_t)(at - text);
            return;
        }
    }
}

static void add_document(corpus *c, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    if (object == NULL)
        stop("a line is not JSON");
    if (!QI_VEC_PUSH(&c->starts, (uint32_t)c->terms.count))
        stop("out of memory");
    const char *title = json_string_value(json_object_get(object, "title"));
    const char *text = json_string_value(json_object_get(object, "text"));
    add_text(c, title != NULL ? title : "");
    add_text(c, text != NULL ? text : "");
    json_decref(object);
    if (!QI_VEC_PUSH(&c->terms, HOLE))
        stop("out of memory");
}

static void read_corpus(corpus *c, const char *path)
{
    FILE *in = fopen(path, "r");
    if (in == NULL)
        stop("cannot open a file");
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, in) > 0)
        add_document(c, line);
    free(line);
    fclose(in);
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
static void make_streams(survey *s, const corpus *c, const uint32_t *words, size_t n, size_t *count)
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

static void survey_terms(survey *s, const corpus *c)
{
    size_t terms = c->stems.count, words = c->terms.count;
    size_t *ends = calloc(terms + 1, sizeof *ends);
    uint32_t *sorted = calloc(words, sizeof *sorted);
    if (ends == NULL || sorted == NULL)
        stop("out of memory");
    for (size_t i = 0; i < words; i++)
        if (c->terms.items[i] != HOLE)
            ends[c->terms.items[i] + 1]++;
    for (size_t t = 0; t < terms; t++)
        ends[t + 1] += ends[t];
    for (size_t i = 0; i < words; i++)
        if (c->terms.items[i] != HOLE)
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
        corpus c = {.stemmer = sb_stemmer_new("porter", NULL)};
        if (c.stemmer == NULL)
            stop("no stemmer");
        qi_map_init(&c.forms);
        qi_map_init(&c.stems);
        read_corpus(&c, argv[i]);
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
        QI_VEC_FREE(&c.terms);
        QI_VEC_FREE(&c.starts);
        qi_map_free(&c.forms);
        qi_map_free(&c.stems);
        sb_stemmer_delete(c.stemmer);
    }
    return EXIT_SUCCESS;
}
