/* SPDX-License-Identifier: MIT
 * search/kit.h - what the reading of a query leaves behind for the next one of the same schema: its
 * analyzers and its memory. It never holds anything of a query. */
#ifndef QI_SEARCH_KIT_H
#define QI_SEARCH_KIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/spare.h"
#include "codec/schema.h"
#include "text/analyzer.h"

typedef struct qi_kit {
    qi_spare spare;
    qi_arena work;      /* of what does not outlive the reading */
    qi_buf text;        /* scratch of whoever fills it */
    uint32_t *defaults; /* fields that are searched by default, ascending */
    uint32_t default_count;
    size_t fields;
    qi_analyzer **analyzers; /* by field, NULL: not needed so far; equal fields share one */
} qi_kit;

/* A kit for one reading; NULL: out of memory. Any thread. */
qi_kit *qi_kit_take(const quire_schema *schema);

/* Leave it for the next one. NULL is fine. Any thread. */
void qi_kit_leave(const quire_schema *schema, qi_kit *kit);

/* Free what an array of analyzers by field holds. */
void qi_kit_free_analyzers(qi_analyzer **analyzers, size_t fields);

#endif
