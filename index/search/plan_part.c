/* SPDX-License-Identifier: MIT
 *
 * From the tree to the iterators of one segment. What cannot match there is left out on the way: a
 * leaf without lists is nothing, and so is an AND with such a child. Every list that was opened is
 * remembered, for its sticky status is the only place where damage shows. */
#include "search/plan.h"

#include "segment/words.h"

/* Lists that were opened. */
typedef struct qi_plan_lists {
    qi_postings *lists;
    uint32_t count;
    struct qi_plan_lists *next;
} qi_plan_lists;

static qi_iter *build(qi_plan_part *part, const qi_node *node);

/* Memory for the part; NULL sets the status. */
static void *take(qi_plan_part *part, size_t count, size_t size)
{
    void *p = qi_arena_new(&part->memory, count, size);
    if (p == NULL && part->status == QUIRE_OK)
        part->status = qi_memory_full(&part->memory, part->err);
    return p;
}

static bool ok(qi_plan_part *part, quire_status status)
{
    if (status != QUIRE_OK && part->status == QUIRE_OK)
        part->status = status;
    return part->status == QUIRE_OK;
}

/* Room for `count` lists, which are yet to be opened; NULL sets the status. */
static qi_postings *take_lists(qi_plan_part *part, uint32_t count)
{
    qi_plan_lists *entry = take(part, 1, sizeof *entry);
    qi_postings *lists = qi_arena_room(&part->memory, count, sizeof *lists);
    if (lists == NULL)
        ok(part, qi_memory_full(&part->memory, part->err));
    if (entry == NULL || lists == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        lists[i].status = QUIRE_OK;
    *entry = (qi_plan_lists){lists, count, part->lists};
    part->lists = entry;
    return lists;
}

/* Open a list; its bitmap is verified at once, for it is read in place. */
static bool open_list(qi_plan_part *part, uint32_t lane, const qi_term_info *info, qi_postings *out)
{
    const qi_segment *segment = part->segment;
    if (!ok(part, qi_postings_open(out, segment, lane, info, part->err)))
        return false;
    return out->bitmap == NULL ||
           ok(part, qi_file_touch(&segment->file, out->bitmap,
                                  ((size_t)segment->doc_count + 63) / 64 * 8, part->err));
}

/* What the segment's bounds are worth in a field; NULL, as after an error, if its k1 or b are
 * others. */
static const qi_bm25_bounds *bounds_of(qi_plan_part *part, uint32_t f)
{
    const qi_plan *plan = part->plan;
    const qi_segment *segment = part->segment;
    const qi_field_stat *stat = &plan->snapshot->fields[f];
    float was = segment->fields[f].bound_average;
    if (part->bounds[f] != NULL || segment->k1 != plan->k1 || segment->b != plan->b ||
        plan->k1 <= 0 || !(was > 0))
        return part->bounds[f];
    part->bounds[f] = qi_arena_room(part->plan->lasting, 1, sizeof **part->bounds);
    float weight = plan->snapshot->schema->fields.items[f].weight;
    if (part->bounds[f] != NULL)
        qi_bm25_bounds_init(part->bounds[f], plan->k1, weight > 0 ? weight : 1,
                            qi_bm25_average(stat->length_sum, stat->documents), was);
    else
        ok(part, qi_memory_full(part->plan->lasting, part->err));
    return part->bounds[f];
}

static bool set_source(qi_plan_part *part, uint32_t lane, float weight, qi_field_source *out)
{
    uint32_t f = QI_LANE_FIELD(lane);
    *out = (qi_field_source){.segment = part->segment,
                             .field = &part->segment->fields[f],
                             .table = part->plan->tables[f],
                             .k1 = part->plan->k1};
    if (weight <= 0 || part->plan->snapshot->schema->fields.items[f].type != QUIRE_TEXT)
        return true;
    out->bounds = bounds_of(part, f);
    return ok(part, qi_segment_norms(part->segment, f, &out->norms, part->err));
}

static const qi_term_info *info_of(const qi_plan_part *part, uint32_t word)
{
    return &part->plan->infos[part->index * part->plan->term_count + word];
}

static qi_iter *build_term(qi_plan_part *part, const qi_plan_leaf *leaf)
{
    const qi_node *node = leaf->node;
    bool scored = leaf->weight > 0;
    qi_term_field *fields = take(part, node->leaf_count, sizeof *fields);
    uint32_t count = 0;
    for (uint32_t i = 0; fields != NULL && i < node->leaf_count; i++) {
        const qi_term_info *info = info_of(part, leaf->first + i);
        uint32_t lane = node->leaves[i].lane;
        if (info->df == 0)
            continue;
        qi_postings *lists = take_lists(part, scored ? 2 : 1);
        if (lists == NULL || !open_list(part, lane, info, &lists[0]) ||
            !set_source(part, lane, leaf->weight, &fields[count].source))
            return NULL;
        if (scored)
            qi_postings_copy(&lists[1], &lists[0]);
        fields[count].match = &lists[0];
        fields[count++].score = scored ? &lists[1] : NULL;
    }
    return count == 0 ? NULL : qi_iter_term(&part->memory, count, fields, leaf->weight);
}

/* Open the lists of a phrase in one field. False if a word is missing there, or after an error. */
static bool open_phrase(qi_plan_part *part, const qi_plan_leaf *leaf, uint32_t first,
                        const qi_leaf *words, qi_phrase_field *out)
{
    for (uint32_t w = 0; w < words->word_count; w++)
        if (info_of(part, first + w)->df == 0)
            return false;
    uint32_t f = QI_LANE_FIELD(words->lane);
    if (words->word_count == 0 ||
        !qi_field_has_positions(&part->plan->snapshot->schema->fields.items[f]))
        return false;
    out->count = words->word_count;
    out->words = words->words;
    out->lists = take_lists(part, words->word_count);
    if (out->lists == NULL || !set_source(part, words->lane, leaf->weight, &out->source) ||
        !ok(part, qi_words_verify(part->segment, f, part->err)))
        return false;
    for (uint32_t w = 0; w < words->word_count; w++)
        if (!open_list(part, words->lane, info_of(part, first + w), &out->lists[w]))
            return false;
    return true;
}

static qi_iter *build_phrase(qi_plan_part *part, const qi_plan_leaf *leaf)
{
    const qi_node *node = leaf->node;
    qi_phrase_field *fields = take(part, node->leaf_count, sizeof *fields);
    uint32_t first = leaf->first, count = 0;
    for (uint32_t i = 0; fields != NULL && i < node->leaf_count; i++) {
        count += open_phrase(part, leaf, first, &node->leaves[i], &fields[count]);
        first += node->leaves[i].word_count;
        if (part->status != QUIRE_OK)
            return NULL;
    }
    bool alone = node == part->plan->root;
    qi_phrase spec = {.count = count,
                      .fields = fields,
                      .slop = node->slop,
                      .weight = leaf->weight,
                      .alone = alone,
                      .poll = &part->plan->poll,
                      .status = &part->status,
                      .err = part->err};
    return count == 0 ? NULL : qi_iter_phrase(&part->memory, &spec);
}

static qi_iter *build_prefix(qi_plan_part *part, const qi_plan_leaf *leaf)
{
    const qi_node *node = leaf->node;
    const qi_plan *plan = part->plan;
    const qi_expansion *from = &plan->expansions[part->index * plan->expansion_count + leaf->first];
    qi_prefix spec = {NULL, part->segment->doc_count, 0, 0, NULL, leaf->weight};
    qi_prefix_field *fields = take(part, node->leaf_count, sizeof *fields);
    for (uint32_t i = 0; fields != NULL && i < node->leaf_count; i++) {
        if (from[i].count == 0)
            continue;
        spec.bitmap = from[i].bitmap;
        spec.cost += from[i].df;
        if (leaf->weight <= 0)
            continue;
        qi_prefix_field *field = &fields[spec.count++];
        field->lists = take_lists(part, from[i].count);
        if (field->lists == NULL ||
            !set_source(part, node->leaves[i].lane, leaf->weight, &field->source))
            return NULL;
        for (const qi_expansion_term *term = from[i].terms; term != NULL; term = term->next)
            if (!open_list(part, node->leaves[i].lane, &term->info, &field->lists[field->count++]))
                return NULL;
    }
    spec.fields = fields;
    return spec.bitmap == NULL ? NULL : qi_iter_prefix(&part->memory, &spec);
}

static qi_iter *build_leaf(qi_plan_part *part)
{
    uint32_t number = part->leaf++;
    const qi_plan_leaf *leaf = &part->plan->leaves[number];
    qi_iter *iter = leaf->node->kind == QI_NODE_TERM     ? build_term(part, leaf)
                    : leaf->node->kind == QI_NODE_PHRASE ? build_phrase(part, leaf)
                                                         : build_prefix(part, leaf);
    part->leaves[number] = iter;
    return iter;
}

/* Bounds of a keyword range become ordinals of its terms here. */
static bool keyword_range(qi_plan_part *part, const qi_node *node, qi_column_range *out)
{
    const qi_termdict *dict = &part->segment->lanes[QI_LANE(node->field, false)];
    uint64_t low = 0, high = dict->term_count;
    qi_term_info info = {0};
    if (node->low_key.ptr != NULL &&
        !ok(part,
            qi_termdict_find(dict, node->low_key.ptr, node->low_key.len, &low, &info, part->err)))
        return false;
    if (node->high_key.ptr != NULL) {
        if (!ok(part, qi_termdict_find(dict, node->high_key.ptr, node->high_key.len, &high, &info,
                                       part->err)))
            return false;
        high += info.df != 0;
    }
    out->low = (int64_t)low;
    out->high = (int64_t)high - 1;
    return true;
}

static qi_iter *build_column(qi_plan_part *part, const qi_node *node)
{
    const quire_field *field = &part->plan->snapshot->schema->fields.items[node->field];
    qi_column_range range = {.segment = part->segment,
                             .field = node->field,
                             .low = INT64_MIN,
                             .high = INT64_MAX,
                             .status = &part->status,
                             .err = part->err};
    if (field->type == QUIRE_TEXT) {
        if (node->kind != QI_NODE_EXISTS || !qi_field_has_terms(field) ||
            !ok(part, qi_segment_norms(part->segment, node->field, &range.norms, part->err)))
            return NULL;
        return qi_iter_column(&part->memory, &range);
    }
    if (!part->segment->fields[node->field].has_column)
        return NULL;
    if (node->kind == QI_NODE_RANGE && field->type == QUIRE_KEYWORD) {
        if (!keyword_range(part, node, &range))
            return NULL;
    } else if (node->kind == QI_NODE_RANGE) {
        range.low = node->low;
        range.high = node->high;
    }
    return range.low > range.high ? NULL : qi_iter_column(&part->memory, &range);
}

/* The kind that a node is here, and how many of its children must match; 0 stands for the first and
 * any others. */
static qi_node_kind kind_of(const qi_plan_part *part, const qi_node *node, uint32_t *least)
{
    *least = 0;
    qi_node_kind kind = node->kind;
    if (kind == QI_NODE_SMART)
        kind = part->plan->smart_all ? QI_NODE_AND : QI_NODE_OR;
    if (kind == QI_NODE_AND || kind == QI_NODE_FILTER)
        *least = node->child_count;
    if (kind == QI_NODE_OR)
        *least = node->kind == QI_NODE_OR && node->least > 1 ? node->least : 1;
    return kind;
}

/* Build all children, for the leaves are numbered on the way, and keep those that can match: their
 * number, and whether the first is one of them. */
static qi_iter **build_children(qi_plan_part *part, const qi_node *node, uint32_t *count,
                                bool *first)
{
    uint32_t all = qi_plan_children(part->plan, node);
    qi_iter **children = take(part, all, sizeof *children);
    *count = 0;
    *first = false;
    for (uint32_t i = 0; children != NULL && i < all; i++) {
        qi_iter *child = build(part, node->children[i]);
        if (part->status != QUIRE_OK)
            return NULL;
        if (child == NULL)
            continue;
        *first = *first || i == 0;
        children[(*count)++] = child;
    }
    return children;
}

/* Do all documents of the part lack one of the words that come first? */
static bool lacks_word(const qi_plan_part *part, const qi_node *node)
{
    for (uint32_t i = 0; i < node->child_count && node->children[i]->kind == QI_NODE_TERM; i++) {
        uint32_t first = part->plan->leaves[part->leaf + i].first;
        bool found = false;
        for (uint32_t f = 0; f < node->children[i]->leaf_count; f++)
            found = found || info_of(part, first + f)->df != 0;
        if (!found)
            return true;
    }
    return false;
}

/* Number the leaves under a node that is not built. */
static void pass_over(qi_plan_part *part, const qi_node *node)
{
    part->leaf += node->leaf_count != 0 ? 1 : 0;
    for (uint32_t i = 0; i < qi_plan_children(part->plan, node); i++)
        pass_over(part, node->children[i]);
}

static qi_iter *build_compound(qi_plan_part *part, const qi_node *node)
{
    uint32_t least, count;
    bool first;
    qi_node_kind kind = kind_of(part, node, &least);
    if (least == node->child_count && lacks_word(part, node)) {
        pass_over(part, node);
        return NULL;
    }
    qi_iter **children = build_children(part, node, &count, &first);
    if (children == NULL || count == 0 || count < least || (least == 0 && !first))
        return NULL;
    if (count == 1)
        return children[0];
    if (kind == QI_NODE_OR && least == count)
        kind = QI_NODE_AND;
    return qi_iter_combine(&part->memory, kind, count, children, least);
}

static qi_iter *build(qi_plan_part *part, const qi_node *node)
{
    qi_iter *iter = NULL;
    switch (node->kind) {
    case QI_NODE_NONE:
        return NULL;
    case QI_NODE_ALL:
        iter = qi_iter_all(&part->memory, part->segment->doc_count);
        break;
    case QI_NODE_TERM:
    case QI_NODE_PHRASE:
    case QI_NODE_PREFIX:
        iter = build_leaf(part);
        break;
    case QI_NODE_RANGE:
    case QI_NODE_EXISTS:
        iter = build_column(part, node);
        break;
    default:
        iter = build_compound(part, node);
        break;
    }
    if (part->memory.failed && part->status == QUIRE_OK)
        part->status = qi_memory_full(&part->memory, part->err);
    return part->status == QUIRE_OK ? iter : NULL;
}

quire_status qi_plan_open(qi_plan_part *out, qi_plan *plan, size_t part, quire_error *err)
{
    *out = (qi_plan_part){
        .plan = plan, .index = part, .err = err, .segment = plan->snapshot->parts[part].segment};
    out->memory = plan->desk->part;
    qi_arena_init(&plan->desk->part, QI_SEARCH_MEMORY);
    out->leaves = qi_arena_new(&out->memory, plan->leaf_count, sizeof *out->leaves);
    out->bounds = plan->bounds + part * plan->snapshot->schema->fields.count;
    if (out->memory.failed)
        return out->status = qi_memory_full(&out->memory, err);
    out->root = build(out, plan->root);
    return out->status;
}

quire_status qi_plan_status(const qi_plan_part *part)
{
    quire_status status = part->status;
    for (const qi_plan_lists *entry = part->lists; entry != NULL; entry = entry->next)
        for (uint32_t i = 0; i < entry->count && status == QUIRE_OK; i++)
            status = entry->lists[i].status;
    return status;
}

void qi_plan_close(qi_plan_part *part)
{
    qi_arena *kept = &part->plan->desk->part;
    qi_arena_reset(&part->memory, QI_DESK_PART);
    qi_arena_free(kept);
    *kept = part->memory;
}
