/* SPDX-License-Identifier: MIT
 *
 * Tokens go straight into segment/memindex, each as its exact form and as its stem. */
#include "support/built.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "segment/flush.h"
#include "segment/merge.h"

#define MUST(call)                                                                                 \
    do {                                                                                           \
        quire_error must_err = {0};                                                                \
        quire_error *err = &must_err;                                                              \
        if ((call) != QUIRE_OK) {                                                                  \
            fprintf(stderr, "%s: %s\n", #call, must_err.message);                                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void add(qi_memindex *memory, const naive_doc *doc)
{
    char exact[16], term[16];
    MUST(qi_memindex_begin(memory, err));
    for (uint32_t f = 0; f < NAIVE_TEXTS; f++)
        for (uint32_t i = 0; i < doc->counts[f]; i++) {
            const naive_token *token = &doc->tokens[f][i];
            MUST(qi_memindex_word(memory, f, token->position, naive_form(token->word / 2, term),
                                  naive_form(token->word, exact), err));
        }
    if (doc->tag >= 0)
        MUST(qi_memindex_keyword(memory, NAIVE_TAG, naive_form((uint32_t)doc->tag, exact), err));
    if (doc->num != INT64_MIN)
        qi_memindex_number(memory, NAIVE_NUM, doc->num);
    MUST(qi_memindex_end(memory, err));
}

static qi_file_id next_id(built *to)
{
    qi_file_id id = {.seq = ++to->files};
    snprintf(id.name, sizeof id.name, "s-%llu.seg", (unsigned long long)id.seq);
    return id;
}

static void flush(built *to, const naive *index, uint32_t from, uint32_t end)
{
    qi_memindex *memory;
    qi_file_id id = next_id(to);
    MUST(qi_memindex_new(&memory, index->schema, err));
    for (uint32_t d = from; d < end; d++)
        add(memory, &index->docs[d]);
    MUST(qi_flush(memory, to->dir, &id, (quire_str){NULL, 0}, err));
    MUST(qi_segment_open(&to->segments[to->count++], to->dir, &id, index->schema, err));
    qi_memindex_free(memory);
}

void built_refresh(built *to, const naive *index)
{
    qi_docset *deleted[BUILT_SEGMENTS] = {NULL};
    uint32_t at = 0;
    for (uint32_t i = 0; i < to->count; i++)
        for (uint32_t d = 0; d < to->segments[i]->doc_count; d++, at++) {
            if (!index->docs[at].deleted)
                continue;
            if (deleted[i] == NULL) {
                deleted[i] = qi_mem_new(1, sizeof **deleted);
                MUST(qi_docset_init(deleted[i], to->segments[i]->doc_count, err));
            }
            qi_docset_add(deleted[i], d);
        }
    qi_snapshot_source source = {.schema = index->schema,
                                 .count = to->count,
                                 .segments = to->segments,
                                 .deleted = deleted,
                                 .generation = 1};
    quire_snapshot *snapshot;
    MUST(qi_snapshot_new(&snapshot, &source, err));
    qi_snapshot_release(to->snapshot);
    to->snapshot = snapshot;
}

void built_make(built *out, const naive *index, const uint32_t *ends, uint32_t count)
{
    *out = (built){0};
    MUST(qi_dir_open_ram(&out->dir, err));
    for (uint32_t i = 0; i < count; i++)
        flush(out, index, i == 0 ? 0 : ends[i - 1], ends[i]);
    built_refresh(out, index);
}

/* Forget deleted documents, and put the others in order. */
static void drop_deleted(naive *index, const uint32_t *order)
{
    naive_doc *docs = calloc((size_t)index->count + 1, sizeof *docs);
    uint32_t live = 0;
    for (uint32_t d = 0; d < index->count; d++) {
        if (index->docs[d].deleted) {
            for (int f = 0; f < NAIVE_TEXTS; f++)
                free(index->docs[d].tokens[f]);
            continue;
        }
        docs[order != NULL ? order[live] : live] = index->docs[d];
        live++;
    }
    memcpy(index->docs, docs, live * sizeof *docs);
    index->count = live;
    free(docs);
}

void built_merge(built *to, naive *index, const uint32_t *order)
{
    qi_merge_source sources[BUILT_SEGMENTS];
    for (uint32_t i = 0; i < to->count; i++)
        sources[i] = (qi_merge_source){to->segments[i], to->snapshot->parts[i].deleted};
    qi_file_id id = next_id(to);
    qi_segment *merged;
    qi_merge_plan plan = {index->schema, sources, to->count, order, 0};
    MUST(qi_merge(to->dir, &id, &plan, err));
    MUST(qi_segment_open(&merged, to->dir, &id, index->schema, err));
    for (uint32_t i = 0; i < to->count; i++)
        qi_segment_release(to->segments[i]);
    to->segments[0] = merged;
    to->count = 1;
    drop_deleted(index, order);
    naive_count(index);
    built_refresh(to, index);
}

void built_free(built *to)
{
    qi_snapshot_release(to->snapshot);
    for (uint32_t i = 0; i < to->count; i++)
        qi_segment_release(to->segments[i]);
    qi_dir_free(to->dir);
    *to = (built){0};
}
