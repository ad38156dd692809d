/* SPDX-License-Identifier: MIT
 * segment/sources.h - several segments read as one: their live documents numbered through, and
 * their terms in step. Exclusive. */
#ifndef QI_SEGMENT_SOURCES_H
#define QI_SEGMENT_SOURCES_H

#include "segment/read.h"

typedef struct qi_merge_source {
    const qi_segment *segment;
    const qi_docset *deleted; /* NULL: none */
} qi_merge_source;

#define QI_SOURCE_GONE UINT32_MAX /* the number of a deleted document */

typedef struct qi_source {
    const qi_segment *segment;
    uint32_t *docs; /* the new number of each document, or QI_SOURCE_GONE */
    bool whole;     /* all of them stay, in their order, from number first_doc on */
    uint32_t first_doc;
    qi_termdict_iter terms;
    bool more; /* `terms` stands on a term */
    bool has;  /* and it is the one at hand */
} qi_source;

typedef struct qi_sources {
    size_t count;
    qi_source *items;
    uint32_t live;  /* documents that are not deleted */
    quire_str term; /* at hand; lent until the next step */
    quire_status status;
    uint8_t bytes[QI_TERM_MAX];
} qi_sources;

/* Live documents of the sources. */
uint64_t qi_sources_live(const qi_merge_source *from, size_t count);

/* Number the live documents, fewer than 2^31, one source after the other; with `order`, document i
 * of that row gets number order[i], in which each number occurs once. Errors: MEMORY. */
quire_status qi_sources_open(qi_sources *out, const qi_merge_source *from, size_t count,
                             const uint32_t *order, quire_error *err);
void qi_sources_close(qi_sources *sources);

/* Begin the terms of a lane. `err` is kept for the steps. Errors: CORRUPT. */
quire_status qi_sources_lane(qi_sources *sources, uint32_t lane, quire_error *err);

/* Step to the next term. Those that have it stand on it. False at the end, or after an error, which
 * `status` tells. */
bool qi_sources_next(qi_sources *sources);

#endif
