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

/* The x of a part: infinity for 1. */
static double x_of(double part, double k1)
{
    return part < 1 ? k1 * part / (1 - part) : INFINITY;
}

void qi_bm25_bounds_init(qi_bm25_bounds *out, float k1, float weight, float average, float was)
{
    double ratio = (double)average / was;
    out->k1 = k1;
    out->up = (float)(weight * (ratio > 1 ? ratio : 1) * 1.0002);
    out->down = (float)(weight * (ratio < 1 ? ratio : 1) * 0.9998);
    out->above[0] = 0;
    for (int byte = 1; byte < 256; byte++)
        out->above[byte] = (float)(out->up * x_of(byte / 255.0, k1));
}

float qi_bm25_above(const qi_bm25_bounds *bounds, float part)
{
    return (float)(bounds->up * x_of((double)part * 1.000001, bounds->k1));
}

float qi_bm25_below(const qi_bm25_bounds *bounds, float part)
{
    double x = x_of(part, bounds->k1);
    return x <= FLT_MAX ? (float)(bounds->down * x) : 0;
}
