/* SPDX-License-Identifier: MIT
 * segment/append.h - merging lists of sources that keep all their documents, in their order.
 *
 * The documents, word numbers and ordinals of such a source only move by a constant, so its lists
 * are decoded, shifted and coded again, and nothing is looked up. Exclusive. */
#ifndef QI_SEGMENT_APPEND_H
#define QI_SEGMENT_APPEND_H

#include "segment/build.h"
#include "segment/postings.h"
#include "segment/sources.h"

typedef struct qi_append {
    qi_build *build;
    const qi_sources *sources;
    uint32_t *shifts;  /* of word numbers, by source; for the field at hand */
    qi_postings *list; /* scratch */
} qi_append;

/* Begin a text field, whose starts are filled. */
void qi_append_field(qi_append *append, uint32_t field);

/* Can the term at hand of the sources, in this lane, be merged so? `link`: as for qi_build_term. */
bool qi_append_can(const qi_append *append, uint32_t lane, uint32_t link);

/* Merge it, which must be possible. Errors: CORRUPT, IO, MEMORY. */
quire_status qi_append_term(qi_append *append, uint32_t lane, uint32_t link, quire_error *err);

#endif
