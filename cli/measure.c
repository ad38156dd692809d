/* SPDX-License-Identifier: MIT
 * The measures, each a sum over the ranks of one topic. Gains are the levels themselves, a rank's
 * discount is log2(rank + 1), and what is not judged counts as not relevant, all as trec_eval has
 * it. */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    measure_kind kind;
} names[] = {
    {"map", MEASURE_MAP},
    {"map_cut", MEASURE_MAP},
    {"ndcg", MEASURE_NDCG},
    {"ndcg_cut", MEASURE_NDCG},
    {"mrr", MEASURE_MRR},
    {"recip_rank", MEASURE_MRR},
    {"recip_rank_cut", MEASURE_MRR},
    {"p", MEASURE_PRECISION},
    {"r", MEASURE_RECALL},
    {"recall", MEASURE_RECALL},
};

/* The number at the end of a name, after '@' or '_'. */
static size_t split_cutoff(quire_str name, unsigned *cutoff)
{
    size_t at = name.len;
    unsigned scale = 1;
    *cutoff = 0;
    while (at > 0 && name.ptr[at - 1] >= '0' && name.ptr[at - 1] <= '9' && name.len - at < 7) {
        *cutoff += (unsigned)(name.ptr[--at] - '0') * scale;
        scale *= 10;
    }
    bool parted = at > 0 && at < name.len && (name.ptr[at - 1] == '@' || name.ptr[at - 1] == '_');
    return parted ? at - 1 : at;
}

bool measure_parse(quire_str name, measure *out)
{
    unsigned cutoff;
    size_t len = split_cutoff(name, &cutoff);
    bool given = len < name.len;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!str_same(str_slice(name, 0, len), names[i].name))
            continue;
        *out = (measure){names[i].kind, cutoff};
        bool needs = out->kind == MEASURE_PRECISION || out->kind == MEASURE_RECALL;
        return given ? cutoff > 0 : !needs;
    }
    return false;
}

void measure_name(const measure *m, bytes *out)
{
    static const char *const whole[] = {"map", "ndcg", "recip_rank", "P", "recall"};
    static const char *const cut[] = {"map_cut", "ndcg_cut", "recip_rank_cut", "P", "recall"};
    if (m->cutoff == 0)
        bytes_text(out, whole[m->kind]);
    else
        bytes_printf(out, "%s_%u", cut[m->kind], m->cutoff);
}

static size_t ranks(const measure *m, size_t count)
{
    return m->cutoff > 0 && m->cutoff < count ? m->cutoff : count;
}

static size_t relevant_in(const int *levels, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += levels[i] >= 1;
    return n;
}

static double average_precision(const int *levels, size_t count, size_t relevant)
{
    double sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (levels[i] >= 1)
            sum += (double)++found / (double)(i + 1);
    return relevant == 0 ? 0 : sum / (double)relevant;
}

static double gain(const int *levels, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        if (levels[i] >= 1)
            sum += levels[i] / log2((double)(i + 2));
    return sum;
}

static double reciprocal_rank(const int *levels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (levels[i] >= 1)
            return 1.0 / (double)(i + 1);
    return 0;
}

double measure_value(const measure *m, const measure_topic *t)
{
    size_t n = ranks(m, t->ranked_count);
    size_t relevant = relevant_in(t->judged, t->judged_count);
    double ideal;
    switch (m->kind) {
    case MEASURE_MAP:
        return average_precision(t->ranked, n, relevant);
    case MEASURE_NDCG:
        ideal = gain(t->judged, ranks(m, t->judged_count));
        return ideal > 0 ? gain(t->ranked, n) / ideal : 0;
    case MEASURE_MRR:
        return reciprocal_rank(t->ranked, n);
    case MEASURE_PRECISION:
        return (double)relevant_in(t->ranked, n) / (double)m->cutoff;
    default:
        return relevant == 0 ? 0 : (double)relevant_in(t->ranked, n) / (double)relevant;
    }
}
