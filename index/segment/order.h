/* SPDX-License-Identifier: MIT
 * segment/order.h - an order of documents in which those that are alike stand together, so that
 * gaps in lists are small and bounds of ranges tell ranges apart. */
#ifndef QI_SEGMENT_ORDER_H
#define QI_SEGMENT_ORDER_H

#include "segment/merge.h"

/* Find an order for the live documents of a plan, fewer than 2^31: the new number of each, for
 * plan->order, in `out`. It depends on nothing but the documents, the order they have, and
 * `max_memory`, which bisection keeps to if that has 64 bytes for each document; topics take 32
 * bytes a document. Errors: CORRUPT, MEMORY. */
quire_status qi_order_find(uint32_t *out, const qi_merge_plan *plan, quire_order how,
                           size_t max_memory, quire_error *err);

#endif
