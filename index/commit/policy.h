/* SPDX-License-Identifier: MIT
 * commit/policy.h - which segments to merge. Pure functions.
 *
 * Segments fall into levels by the bytes that their live documents take, each level QI_POLICY_WIDTH
 * times the one below. A full level is merged into one segment of the next, with all that is
 * smaller. So there are at most QI_POLICY_WIDTH - 1 segments a level, levels grow with the
 * logarithm of the index, and each byte is rewritten about once a level. Segments of which no two
 * may be merged are settled, and stand outside the levels. */
#ifndef QI_COMMIT_POLICY_H
#define QI_COMMIT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QI_POLICY_WIDTH = 6, QI_POLICY_DELETED = 25 /* per cent */ };

#define QI_POLICY_SMALLEST (UINT64_C(1) << 17) /* bytes; smaller segments are of level 0 */
#define QI_POLICY_LARGEST (UINT64_C(1) << 34)  /* bytes; no merge is meant to make a larger one */

typedef struct qi_policy_segment {
    uint64_t bytes; /* of its file */
    uint64_t words; /* word numbers of the field that has most of them */
    uint32_t documents, deleted;
    uint32_t memory; /* that its part in a merge takes, in thousandths of what there is */
} qi_policy_segment;

/* Choose what to merge into one segment now: picks[i] is set for the segments chosen, and their
 * number is returned; 0: nothing need be done. Their files take at most `budget` bytes, and they
 * fit memory and one segment. A segment of which more than QI_POLICY_DELETED is deleted is chosen
 * with all that is smaller, if need be alone. */
size_t qi_policy_choose(const qi_policy_segment *segments, size_t count, uint64_t budget,
                        bool *picks);

/* Choose what to merge so that at most `most` (at least 1) segments remain: the smallest ones. A
 * last segment that has deleted documents is chosen alone if `most` is 1. */
size_t qi_policy_reduce(const qi_policy_segment *segments, size_t count, uint64_t most,
                        bool *picks);

#endif
