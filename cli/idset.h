/* SPDX-License-Identifier: MIT
 * idset.h - a set of texts, kept as 64-bit hashes. */
#ifndef QUIRE_CLI_IDSET_H
#define QUIRE_CLI_IDSET_H

#include "bytes.h"

/* Zero is empty. Two texts with one hash are taken for one: for millions of texts, never in
 * practice. */
typedef struct idset {
    uint64_t *slots; /* 0: free */
    size_t count, cap;
} idset;

void idset_add(idset *set, quire_str text);
bool idset_has(const idset *set, quire_str text);
void idset_free(idset *set);

#endif
