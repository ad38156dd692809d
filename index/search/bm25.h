/* SPDX-License-Identifier: MIT
 * search/bm25.h - BM25F: what a document's frequencies are worth. Pure mathematics; any thread.
 *
 *     score(document) = sum over the leaves of the query of   boost * idf * part
 *     part = x / (k1 + x)
 *     x    = sum over the fields of the leaf of   tf * weight / (1 - b + b * length / average)
 *     idf  = ln(1 + (N - df + 0.5) / (df + 0.5))
 *
 * after Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009):
 * frequencies of several fields mix before they saturate; the idf is the variant that is never
 * negative; the constant factor k1 + 1 is left out, for it orders nothing. Every step is one
 * single-precision operation in the order written here, the sum runs in the leaves' order, and
 * `length` is what the norm code says: so scores are the same bits on every path and machine. */
#ifndef QI_SEARCH_BM25_H
#define QI_SEARCH_BM25_H

#include <float.h>
#include <stdint.h>

/* Weight of a term that `df` of `docs` documents have. `df` over `docs` counts as `docs`. */
float qi_bm25_idf(uint64_t docs, uint64_t df);

/* Mean length of a field; 1 where there is nothing to average. */
float qi_bm25_average(uint64_t length_sum, uint64_t documents);

/* out[code] = weight / (1 - b + b * length / average), with the length that the norm code stands
 * for, at least 1. */
void qi_bm25_table(float out[256], float b, float weight, float average);

/* Saturation: grows from 0 towards 1. */
static inline float qi_bm25_part(float x, float k1)
{
    return x > 0 ? x / (k1 + x) : 0;
}

/* From the bounds that a segment keeps, which are tf-parts x / (k1 + x) without weights and with
 * the average length of their time, to bounds of x with the weight and average of a search.
 * Everything is rounded to the safe side, far beyond the errors of the arithmetic. */
typedef struct qi_bm25_bounds {
    float above[256]; /* by the byte of a range: no x there is larger; 0 for byte 0 */
    float up, down;   /* x in the search is at most up, and at least down, times x in the segment */
    float k1;
} qi_bm25_bounds;

/* `was` is the segment's average length, `average` the search's; k1 > 0 and b are the same for
 * both. */
void qi_bm25_bounds_init(qi_bm25_bounds *out, float k1, float weight, float average, float was);

/* Bounds of x where the segment's part is at most, or at least, `part`. */
float qi_bm25_above(const qi_bm25_bounds *bounds, float part);
float qi_bm25_below(const qi_bm25_bounds *bounds, float part);

/* No x up to this one has a larger part; infinity stands for a bound that is not known. */
static inline float qi_bm25_limit(float x, float k1)
{
    return k1 > 0 && x <= FLT_MAX ? x / (k1 + x) : 1;
}

#endif
