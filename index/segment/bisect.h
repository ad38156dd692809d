/* SPDX-License-Identifier: MIT
 * segment/bisect.h - an order of documents in which the gaps of terms are small, by recursive graph
 * bisection (Dhulipala et al. 2016). A pure function of numbers. */
#ifndef QI_SEGMENT_BISECT_H
#define QI_SEGMENT_BISECT_H

#include "base/error.h"

enum { QI_BISECT_DOC = 28, QI_BISECT_TERM = 20 }; /* bytes of memory for each, graph included */

/* The terms of each document, each once and below term_count: terms[starts[d]] and so on, as many
 * as counts[d]. Terms and counts are used up. */
typedef struct qi_bisect_graph {
    uint32_t doc_count, term_count;
    const uint64_t *starts;
    uint32_t *counts, *terms;
} qi_bisect_graph;

/* Find an order: `row` has the documents in it. It depends on the graph and the order they have.
 * Errors: MEMORY. */
quire_status qi_bisect(uint32_t *row, const qi_bisect_graph *graph, quire_error *err);

#endif
