/* SPDX-License-Identifier: MIT
 *
 * A column's value becomes a rank: the value itself, or its negative for ascending order;
 * INT64_MIN, which no column holds, is a missing value. Ordinals of keywords order only the
 * documents of one segment, so each part keeps a store of its own, and the sorted stores are merged
 * in the end by the texts of the documents at their heads. */
#include "search/sort.h"

#include <string.h>

#include "search/memory.h"

quire_status qi_sort_init(qi_sort *out, const quire_schema *schema,
                          const quire_search_options *options, quire_error *err)
{
    *out = (qi_sort){QI_NO_FIELD, false, options->descending};
    if (options->sort == NULL || options->count_only)
        return QUIRE_OK;
    uint32_t field = qi_schema_find(schema, options->sort, strlen(options->sort));
    if (field == QI_NO_FIELD)
        return qi_schema_no_field(schema, quire_cstr(options->sort), QUIRE_ERR_MISUSE, err);
    quire_field_type type = schema->fields.items[field].type;
    if (type == QUIRE_TEXT)
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "field '%.64s' is text: sort by a number, date or keyword field",
                       options->sort);
    out->field = field;
    out->keyword = type == QUIRE_KEYWORD;
    return QUIRE_OK;
}

quire_status qi_sort_rank(const qi_sort *sort, const qi_segment *segment, uint32_t doc,
                          int64_t *out, quire_error *err)
{
    bool has = false;
    int64_t value = 0;
    *out = INT64_MIN;
    if (!segment->fields[sort->field].has_column)
        return QUIRE_OK;
    QI_TRY(qi_segment_column(segment, sort->field, doc, &has, &value, err));
    if (has && value != INT64_MIN)
        *out = sort->descending ? value : -value;
    return QUIRE_OK;
}

/* The next document of a part that is not merged yet, with the text of its value. */
typedef struct head {
    size_t next;
    bool missing;
    qi_termdict_iter term;
} head;

static quire_status load(const qi_sort *sort, const quire_snapshot *snapshot, size_t part,
                         const qi_topk *top, head *out, quire_error *err)
{
    if (out->next >= top->count)
        return QUIRE_OK;
    int64_t rank = top->items[out->next].rank;
    const qi_segment *segment = snapshot->parts[part].segment;
    out->missing = rank == INT64_MIN;
    if (out->missing)
        return QUIRE_OK;
    uint64_t ordinal = (uint64_t)(sort->descending ? rank : -rank);
    if (!qi_termdict_at(&out->term, &segment->lanes[QI_LANE(sort->field, false)], ordinal, err))
        return out->term.status != QUIRE_OK
                   ? out->term.status
                   : qi_corrupt(err, segment->file.name, "columns", 0,
                                "a keyword's ordinal is past the field's terms");
    return QUIRE_OK;
}

/* Does head a come before head b? Parts are in the order of documents, so a tie goes to the first.
 */
static bool before(const qi_sort *sort, const head *a, const head *b)
{
    if (a->missing || b->missing)
        return !a->missing;
    size_t len = a->term.len < b->term.len ? a->term.len : b->term.len;
    int order = memcmp(a->term.term, b->term.term, len);
    if (order == 0)
        order = (a->term.len > b->term.len) - (a->term.len < b->term.len);
    return sort->descending ? order > 0 : order < 0;
}

quire_status qi_sort_merge(const qi_sort *sort, const quire_snapshot *snapshot, qi_topk *tops,
                           size_t want, qi_arena *memory, quire_error *err)
{
    qi_topk merged;
    QI_TRY(qi_topk_init(&merged, memory, want, err));
    head *heads = qi_arena_new(memory, snapshot->count, sizeof *heads);
    if (heads == NULL)
        return qi_memory_full(memory, err);
    for (size_t p = 0; p < snapshot->count; p++)
        QI_TRY(load(sort, snapshot, p, &tops[p], &heads[p], err));
    while (merged.count < want) {
        size_t best = snapshot->count;
        for (size_t p = 0; p < snapshot->count; p++)
            if (heads[p].next < tops[p].count &&
                (best == snapshot->count || before(sort, &heads[p], &heads[best])))
                best = p;
        if (best == snapshot->count)
            break;
        merged.items[merged.count++] = tops[best].items[heads[best].next++];
        QI_TRY(load(sort, snapshot, best, &tops[best], &heads[best], err));
    }
    tops[0] = merged;
    return QUIRE_OK;
}
