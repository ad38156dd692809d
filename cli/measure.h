/* SPDX-License-Identifier: MIT
 * measure.h - how good a ranking is, by judgements: the measures of trec_eval. */
#ifndef QUIRE_CLI_MEASURE_H
#define QUIRE_CLI_MEASURE_H

#include "bytes.h"

typedef enum measure_kind {
    MEASURE_MAP,
    MEASURE_NDCG,
    MEASURE_MRR,
    MEASURE_PRECISION,
    MEASURE_RECALL
} measure_kind;

/* Value. `cutoff`: only the first so many ranks count; 0: all. */
typedef struct measure {
    measure_kind kind;
    unsigned cutoff;
} measure;

/* One topic: the levels of its ranked documents in order (0 where not judged), and of all its
 * judged documents, highest first. Levels of 1 and more are relevant. */
typedef struct measure_topic {
    const int *ranked;
    size_t ranked_count;
    const int *judged;
    size_t judged_count;
} measure_topic;

/* Read "map", "ndcg@10", "mrr@10", "p@30", "recall@100" (or trec_eval's "ndcg_cut_10",
 * "recip_rank", "P_30", "recall_100"). Precision and recall need a cutoff. */
bool measure_parse(quire_str name, measure *out);

/* trec_eval's name for it. */
void measure_name(const measure *m, bytes *out);

double measure_value(const measure *m, const measure_topic *t);

#endif
