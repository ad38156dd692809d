/* SPDX-License-Identifier: MIT
 * quire_ranges: for the OR queries of a file, the share of 64-document ranges whose bound beats the
 * K-th best score, and so must be looked at. The score of every document is computed in full, so
 * the threshold is the true one; the bound is the sum of the terms' range bytes, or of a term's
 * largest part where it has no ranges.
 *
 *     quire_ranges DIR FIELD QUERIES.jsonl        (an index of one segment; prints one line of
 * JSON) */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/norms.h"
#include "segment/postings.h"
#include "segment/snapshot.h"
#include "text/analyzer.h"

enum { TERMS = 64, KS = 3 };
static const size_t ks[KS] = {10, 100, 1000};
static quire_error err;

typedef struct corpus {
    quire_index *index;
    const qi_segment *segment;
    uint32_t field;
    qi_analyzer *analyzer;
    const uint8_t *norms;
    float inverse[256];
    float *scores, *bounds, *sorted;
} corpus;

static void check(quire_status status)
{
    if (status >= 0)
        return;
    fprintf(stderr, "quire_ranges: %s\n", err.message);
    exit(2);
}

/* Add a term's scores and bounds. */
static void add_term(corpus *c, quire_str term)
{
    static qi_postings list;
    qi_term_info info;
    uint32_t lane = QI_LANE(c->field, false), docs = c->segment->doc_count;
    check(qi_segment_find(c->segment, lane, term, &info, &err));
    if (info.df == 0)
        return;
    check(qi_postings_open(&list, c->segment, lane, &info, &err));
    float df = (float)info.df, idf = logf(1 + ((float)docs - df + 0.5f) / (df + 0.5f));
    uint8_t *met = calloc((size_t)docs / QI_RANGE + 1, 1);
    float largest = 0;
    for (uint32_t from = 0; qi_postings_seek(&list, from);
         from = qi_postings_block_last(&list) + 1) {
        const uint32_t *freqs = qi_postings_freqs(&list);
        for (uint32_t i = 0; i < list.count; i++) {
            float x = (float)freqs[i] * c->inverse[c->norms[list.docs[i]]];
            float part = x / (c->segment->k1 + x);
            c->scores[list.docs[i]] += idf * part;
            met[list.docs[i] / QI_RANGE] = 1;
            largest = part > largest ? part : largest;
        }
    }
    for (uint32_t r = 0; r < (docs + QI_RANGE - 1) / QI_RANGE; r++)
        c->bounds[r] += idf * (list.ranges != NULL ? (float)list.ranges[r] / QI_PART
                               : met[r]            ? largest
                                                   : 0);
    free(met);
}

static int descending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Add the query's alive share for each K; false if it has no hit. */
static bool measure(corpus *c, const char *text, double *shares)
{
    uint32_t docs = c->segment->doc_count, ranges = (docs + QI_RANGE - 1) / QI_RANGE;
    memset(c->scores, 0, docs * sizeof *c->scores);
    memset(c->bounds, 0, ranges * sizeof *c->bounds);
    qi_token token;
    check(qi_analyzer_start(c->analyzer, quire_cstr(text), &err));
    while (qi_analyzer_next(c->analyzer, false, &token, &err) == QUIRE_OK)
        add_term(c, token.term);
    memcpy(c->sorted, c->scores, docs * sizeof *c->sorted);
    qsort(c->sorted, docs, sizeof *c->sorted, descending);
    if (docs == 0 || c->sorted[0] == 0)
        return false;
    for (int k = 0; k < KS; k++) {
        float threshold = ks[k] <= docs ? c->sorted[ks[k] - 1] : 0;
        uint32_t alive = 0;
        for (uint32_t r = 0; r < ranges; r++)
            alive += c->bounds[r] > threshold;
        shares[k] += (double)alive / ranges;
    }
    return true;
}

static bool is_union(const json_t *object)
{
    size_t i;
    json_t *tag;
    json_array_foreach(json_object_get(object, "tags"), i,
                       tag) if (json_is_string(tag) &&
                                strcmp(json_string_value(tag), "union") == 0) return true;
    return false;
}

static void open_corpus(corpus *c, const char *dir, const char *field)
{
    quire_snapshot *snapshot;
    check(quire_index_open(&c->index, dir, NULL, &err));
    check(quire_snapshot_open(&snapshot, c->index, &err));
    const struct quire_snapshot *inside = snapshot;
    c->segment = inside->parts[0].segment;
    c->field = qi_schema_find(c->segment->schema, field, strlen(field));
    if (c->field == QI_NO_FIELD || inside->count != 1) {
        fputs("quire_ranges: an index of one segment with that field is needed\n", stderr);
        exit(2);
    }
    const qi_field_part *part = &c->segment->fields[c->field];
    check(
        qi_analyzer_new(&c->analyzer, &c->segment->schema->fields.items[c->field].analyzer, &err));
    check(qi_segment_norms(c->segment, c->field, &c->norms, &err));
    for (int code = 0; code < 256; code++)
        c->inverse[code] = 1 / (1 - c->segment->b +
                                c->segment->b * (float)qi_norms_length[code] / part->bound_average);
    c->scores = calloc(c->segment->doc_count + 1, sizeof(float));
    c->sorted = calloc(c->segment->doc_count + 1, sizeof(float));
    c->bounds = calloc(c->segment->doc_count / QI_RANGE + 1, sizeof(float));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: quire_ranges DIR FIELD QUERIES.jsonl\n", stderr);
        return 2;
    }
    corpus c;
    open_corpus(&c, argv[1], argv[2]);
    FILE *in = fopen(argv[3], "r");
    if (in == NULL) {
        perror(argv[3]);
        return 2;
    }
    double shares[KS] = {0};
    size_t count = 0, room = 0;
    char *line = NULL;
    for (ssize_t n; (n = getline(&line, &room, in)) > 0;) {
        json_t *object = json_loadb(line, (size_t)n, 0, NULL);
        if (is_union(object))
            count += measure(&c, json_string_value(json_object_get(object, "query")), shares);
        json_decref(object);
    }
    printf("{\"documents\": %u, \"queries\": %zu, \"alive_percent\": {", c.segment->doc_count,
           count);
    for (int k = 0; k < KS; k++)
        printf("%s\"%zu\": %.1f", k != 0 ? ", " : "", ks[k],
               count != 0 ? 100 * shares[k] / (double)count : 0);
    puts("}}");
    fclose(in);
    free(line);
    return 0;
}
