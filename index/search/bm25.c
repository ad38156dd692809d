/* SPDX-License-Identifier: MIT
 *
 * The parts of BM25F that are computed once a search: idf, averages, and for each field a table
 * from norm code to weight / normaliser, so that a posting costs one multiplication, and a document
 * one division. The idf is computed in double precision and rounded once. */
#include "search/bm25.h"

#include <math.h>

#include "codec/norms.h"

float qi_bm25_idf(uint64_t docs, uint64_t df)
{
    double with = (double)(df < docs ? df : docs);
    return (float)log1p(((double)docs - with + 0.5) / (with + 0.5));
}

float qi_bm25_average(uint64_t length_sum, uint64_t documents)
{
    if (length_sum == 0 || documents == 0)
        return 1;
    return (float)((double)length_sum / (double)documents);
}

void qi_bm25_table(float out[256], float b, float weight, float average)
{
    for (int code = 0; code < 256; code++) {
        uint32_t length = qi_norms_length[code] == 0 ? 1 : qi_norms_length[code];
        out[code] = weight / (1 - b + b * ((float)length / average));
    }
}
