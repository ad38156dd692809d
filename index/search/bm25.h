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

#endif
