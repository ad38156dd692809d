/* SPDX-License-Identifier: MIT
 * support/built.h - a naive index put into real segments, without the life cycle of a writer. */
#ifndef SUPPORT_BUILT_H
#define SUPPORT_BUILT_H

#include "segment/snapshot.h"
#include "support/naive.h"

enum { BUILT_SEGMENTS = 16 };

typedef struct built {
    qi_dir *dir;
    qi_segment *segments[BUILT_SEGMENTS];
    uint32_t count;
    quire_snapshot *snapshot;
    uint64_t files;
} built;

/* Segments of the documents up to each of `ends`, the last of which is index->count; the deleted
 * ones among them are deleted in the snapshot. Aborts on any failure. */
void built_make(built *out, const naive *index, const uint32_t *ends, uint32_t count);

/* Merge all segments to one, which drops deleted documents here and in `index`; `order`, if not
 * NULL, has the new number of each that is left. */
void built_merge(built *to, naive *index, const uint32_t *order);

/* Make the snapshot anew after documents of `index` were deleted. */
void built_refresh(built *to, const naive *index);

void built_free(built *to);

#endif
