/* SPDX-License-Identifier: MIT
 *
 * Looking everything up. One walk over the tree numbers the leaves and multiplies boosts; then
 * every word is looked up in every segment, and every prefix expanded over the merged dictionary,
 * so that its terms, and which of them are too many, do not depend on how documents are spread over
 * segments. The documents of a prefix are gathered here too, as a bitmap a segment, because the
 * document frequency of the union is part of its weight. */
#include "search/plan.h"

#include <float.h>
#include <string.h>

#include "base/mem.h"
#include "search/bm25.h"
#include "search/terms.h"

static bool is_leaf(const qi_node *node)
{
    return node->kind == QI_NODE_TERM || node->kind == QI_NODE_PHRASE ||
           node->kind == QI_NODE_PREFIX;
}

/* Leaves of the tree in preorder; with `out` NULL they are only counted. */
typedef struct numbering {
    qi_plan *plan;
    bool fill;
} numbering;

static void number_words(numbering *to, const qi_leaf *leaf)
{
    for (uint32_t w = 0; w < leaf->word_count; w++, to->plan->term_count++)
        if (to->fill)
            to->plan->words[to->plan->term_count] = (qi_plan_word){leaf->lane, leaf->words[w].term};
}

static void number_leaf(numbering *to, const qi_node *node, float boost, bool scored)
{
    qi_plan *plan = to->plan;
    bool prefix = node->kind == QI_NODE_PREFIX;
    if (to->fill)
        plan->leaves[plan->leaf_count] = (qi_plan_leaf){
            node, prefix ? plan->expansion_count : plan->term_count, scored ? boost : 0, 0, 0, 0};
    plan->leaf_count++;
    if (prefix)
        plan->expansion_count += node->leaf_count;
    for (uint32_t i = 0; !prefix && i < node->leaf_count; i++)
        number_words(to, &node->leaves[i]);
}

static void number(numbering *to, const qi_node *node, float boost, bool scored)
{
    boost = boost * node->boost < FLT_MAX ? boost * node->boost : FLT_MAX;
    if (is_leaf(node)) {
        number_leaf(to, node, boost, scored);
        return;
    }
    bool first_only = node->kind == QI_NODE_NOT || node->kind == QI_NODE_FILTER;
    for (uint32_t i = 0; i < qi_plan_children(to->plan, node); i++)
        number(to, node->children[i], boost, scored && (i == 0 || !first_only));
}

static quire_status number_leaves(qi_plan *plan, quire_error *err)
{
    numbering to = {plan, false};
    number(&to, plan->root, 1, plan->scored);
    size_t parts = plan->snapshot->count;
    plan->leaves = qi_arena_new(&plan->memory, plan->leaf_count, sizeof *plan->leaves);
    plan->words = qi_arena_room(&plan->memory, plan->term_count, sizeof *plan->words);
    plan->infos = qi_arena_new(&plan->memory, parts * plan->term_count, sizeof *plan->infos);
    plan->expansions =
        qi_arena_new(&plan->memory, parts * plan->expansion_count, sizeof *plan->expansions);
    if (plan->memory.failed)
        return qi_memory_full(&plan->memory, err);
    plan->leaf_count = plan->term_count = plan->expansion_count = 0;
    to.fill = true;
    number(&to, plan->root, 1, plan->scored);
    return QUIRE_OK;
}

/* Look all words up in all parts, one step of all look-ups after the other. */
static quire_status look_up(qi_plan *plan, quire_error *err)
{
    const qi_plan_word *words = plan->words;
    for (size_t p = 0; p < plan->snapshot->count; p++)
        for (uint32_t w = 0; w < plan->term_count; w++)
            plan->infos[p * plan->term_count + w].ordinal =
                qi_segment_aim(plan->snapshot->parts[p].segment, words[w].lane, words[w].term);
    for (size_t p = 0; p < plan->snapshot->count; p++)
        for (uint32_t w = 0; w < plan->term_count; w++)
            qi_segment_fetch(plan->snapshot->parts[p].segment, words[w].lane,
                             plan->infos[p * plan->term_count + w].ordinal);
    for (size_t p = 0; p < plan->snapshot->count; p++)
        for (uint32_t w = 0; w < plan->term_count; w++) {
            qi_term_info *info = &plan->infos[p * plan->term_count + w];
            QI_TRY(qi_segment_find_at(plan->snapshot->parts[p].segment, words[w].lane,
                                      words[w].term, info->ordinal, info, err));
        }
    return QUIRE_OK;
}

/* Weigh a leaf of words. Its idf: of the field where its words are most frequent; the words of a
 * phrase add up. */
static void weigh(qi_plan *plan, qi_plan_leaf *leaf)
{
    uint32_t at = leaf->first;
    for (uint32_t f = 0; f < leaf->node->leaf_count; f++) {
        const qi_leaf *words = &leaf->node->leaves[f];
        float idf = 0;
        for (uint32_t w = 0; w < words->word_count; w++, at++) {
            uint64_t df = 0;
            for (size_t p = 0; p < plan->snapshot->count; p++)
                df += plan->infos[p * plan->term_count + at].df;
            idf += leaf->boost > 0 ? qi_bm25_idf(plan->snapshot->doc_count, df) : 0;
            leaf->df = leaf->node->kind == QI_NODE_TERM && df > leaf->df ? df : leaf->df;
        }
        if (words->word_count != 0 && (leaf->idf == 0 || idf < leaf->idf))
            leaf->idf = idf;
    }
}

/* Note the current term of `terms` for each part that has it. */
static bool note_term(qi_plan *plan, uint32_t at, const qi_terms *terms)
{
    for (size_t p = 0; p < plan->snapshot->count; p++) {
        const qi_term_info *info = qi_terms_info(terms, p);
        if (info == NULL)
            continue;
        qi_expansion *expansion = &plan->expansions[p * plan->expansion_count + at];
        qi_expansion_term *term = qi_arena_new(&plan->memory, 1, sizeof *term);
        if (term == NULL)
            return false;
        *term = (qi_expansion_term){*info, expansion->terms};
        expansion->terms = term;
        expansion->count++;
    }
    return true;
}

static quire_status expand(qi_plan *plan, const qi_leaf *prefix, uint32_t at, quire_error *err)
{
    qi_terms terms;
    QI_TRY(qi_terms_init(&terms, &plan->memory, plan->snapshot, prefix->lane, prefix->words[0].term,
                         err));
    quire_status status = qi_terms_step(&terms);
    for (uint32_t n = 0; status == QUIRE_OK; n++) {
        if (n >= QI_EXPANSIONS)
            plan->dropped++;
        else if (!note_term(plan, at, &terms))
            return qi_memory_full(&plan->memory, err);
        if (n % 1024 == 1023)
            QI_TRY(qi_poll_ask(&plan->poll, err));
        status = qi_terms_step(&terms);
    }
    return status == QUIRE_DONE ? QUIRE_OK : status;
}

/* Set the bit of every document of a list. */
static quire_status mark(const qi_segment *segment, uint32_t lane, const qi_term_info *info,
                         uint64_t *bitmap, quire_error *err)
{
    qi_postings list;
    QI_TRY(qi_postings_open(&list, segment, lane, info, err));
    for (uint32_t target = 0; qi_postings_seek(&list, target);) {
        for (uint32_t i = 0; i < list.count; i++)
            bitmap[list.docs[i] / 64] |= UINT64_C(1) << list.docs[i] % 64;
        target = list.docs[list.count - 1] + 1;
    }
    return list.status;
}

/* Gather the documents of one field's expansion into `scratch`, count them, and add them to those
 * of the node. */
static quire_status gather_field(qi_plan *plan, size_t part, uint32_t lane, qi_expansion *expansion,
                                 uint64_t *bitmap, quire_error *err)
{
    const qi_segment *segment = plan->snapshot->parts[part].segment;
    size_t words = ((size_t)segment->doc_count + 63) / 64;
    memset(plan->scratch, 0, words * sizeof *plan->scratch);
    uint32_t n = 0;
    for (const qi_expansion_term *term = expansion->terms; term != NULL; term = term->next) {
        QI_TRY(mark(segment, lane, &term->info, plan->scratch, err));
        if (n++ % 64 == 63)
            QI_TRY(qi_poll_ask(&plan->poll, err));
    }
    for (size_t w = 0; w < words; w++) {
        expansion->df += qi_popcount(plan->scratch[w]);
        bitmap[w] |= plan->scratch[w];
    }
    return QUIRE_OK;
}

/* Gather the documents of a prefix in one part. */
static quire_status gather(qi_plan *plan, const qi_plan_leaf *leaf, size_t part, quire_error *err)
{
    qi_expansion *fields = &plan->expansions[part * plan->expansion_count + leaf->first];
    uint32_t docs = plan->snapshot->parts[part].segment->doc_count;
    uint32_t terms = 0;
    for (uint32_t f = 0; f < leaf->node->leaf_count; f++)
        terms += fields[f].count;
    if (terms == 0)
        return QUIRE_OK;
    uint64_t *bitmap = qi_arena_new(&plan->memory, ((size_t)docs + 63) / 64, sizeof *bitmap);
    if (bitmap == NULL)
        return qi_memory_full(&plan->memory, err);
    for (uint32_t f = 0; f < leaf->node->leaf_count; f++) {
        fields[f].bitmap = bitmap;
        QI_TRY(gather_field(plan, part, leaf->node->leaves[f].lane, &fields[f], bitmap, err));
    }
    return QUIRE_OK;
}

static quire_status make_scratch(qi_plan *plan, quire_error *err)
{
    uint32_t most = 0;
    for (size_t p = 0; p < plan->snapshot->count; p++)
        if (plan->snapshot->parts[p].segment->doc_count > most)
            most = plan->snapshot->parts[p].segment->doc_count;
    plan->scratch = qi_arena_new(&plan->memory, ((size_t)most + 63) / 64, sizeof *plan->scratch);
    return plan->memory.failed ? qi_memory_full(&plan->memory, err) : QUIRE_OK;
}

static quire_status expand_all(qi_plan *plan, qi_plan_leaf *leaf, quire_error *err)
{
    uint64_t df = 0;
    if (plan->scratch == NULL)
        QI_TRY(make_scratch(plan, err));
    for (uint32_t f = 0; f < leaf->node->leaf_count; f++)
        QI_TRY(expand(plan, &leaf->node->leaves[f], leaf->first + f, err));
    for (size_t p = 0; p < plan->snapshot->count; p++)
        QI_TRY(gather(plan, leaf, p, err));
    for (uint32_t f = 0; f < leaf->node->leaf_count; f++) {
        uint64_t sum = 0;
        for (size_t p = 0; p < plan->snapshot->count; p++)
            sum += plan->expansions[p * plan->expansion_count + leaf->first + f].df;
        df = sum > df ? sum : df;
    }
    leaf->df = df;
    leaf->idf = qi_bm25_idf(plan->snapshot->doc_count, df);
    return QUIRE_OK;
}

/* Tables of the fields that a scoring leaf looks in. */
static quire_status make_tables(qi_plan *plan, const qi_plan_leaf *leaf, quire_error *err)
{
    for (uint32_t i = 0; leaf->weight > 0 && i < leaf->node->leaf_count; i++) {
        uint32_t f = QI_LANE_FIELD(leaf->node->leaves[i].lane);
        const quire_field *field = &plan->snapshot->schema->fields.items[f];
        const qi_field_stat *stat = &plan->snapshot->fields[f];
        if (plan->tables[f] != NULL)
            continue;
        float *table = qi_arena_room(plan->lasting, 256, sizeof *table);
        if (table == NULL)
            return qi_memory_full(plan->lasting, err);
        qi_bm25_table(table, plan->b, field->weight > 0 ? field->weight : 1,
                      qi_bm25_average(stat->length_sum, stat->documents));
        plan->tables[f] = table;
    }
    return QUIRE_OK;
}

quire_status qi_plan_check(const quire_search_options *options, quire_error *err)
{
    if (options->tune && !(options->k1 >= 0 && options->k1 <= 1000))
        return qi_fail(err, QUIRE_ERR_MISUSE, "k1 is not in [0, 1000]");
    if (options->tune && !(options->b >= 0 && options->b <= 1))
        return qi_fail(err, QUIRE_ERR_MISUSE, "b is not in [0, 1]");
    return QUIRE_OK;
}

/* Tables and bounds are those of the desk if the search has the index's own k1 and b. */
static quire_status take_desk(qi_plan *plan, quire_error *err)
{
    const quire_schema *schema = plan->snapshot->schema;
    qi_desk *desk = plan->desk = qi_desk_take(plan->snapshot);
    if (desk == NULL)
        return qi_no_memory(err);
    plan->memory = desk->plan;
    qi_arena_init(&desk->plan, 0);
    plan->lasting = &desk->lasting;
    plan->tables = desk->tables;
    plan->bounds = desk->bounds;
    if (plan->k1 == schema->k1 && plan->b == schema->b)
        return QUIRE_OK;
    size_t fields = schema->fields.count;
    plan->lasting = &plan->memory;
    plan->tables = qi_arena_new(&plan->memory, fields, sizeof *plan->tables);
    plan->bounds =
        qi_arena_new(&plan->memory, plan->snapshot->count * fields, sizeof *plan->bounds);
    return plan->memory.failed ? qi_memory_full(&plan->memory, err) : QUIRE_OK;
}

quire_status qi_plan_init(qi_plan *out, const quire_snapshot *snapshot, const qi_node *root,
                          const quire_search_options *options, quire_error *err)
{
    qi_plan *plan = out;
    *plan = (qi_plan){.snapshot = snapshot,
                      .root = root,
                      .k1 = options->tune ? options->k1 : snapshot->schema->k1,
                      .b = options->tune ? options->b : snapshot->schema->b,
                      .scored = !options->count_only && options->sort == NULL,
                      .smart_all = true,
                      .poll = qi_poll_start(options)};
    while (plan->root->kind == QI_NODE_MAYBE && !plan->scored)
        plan->root = plan->root->children[0];
    QI_TRY(take_desk(plan, err));
    QI_TRY(number_leaves(plan, err));
    QI_TRY(look_up(plan, err));
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        qi_plan_leaf *leaf = &plan->leaves[i];
        if (leaf->node->kind == QI_NODE_PREFIX)
            QI_TRY(expand_all(plan, leaf, err));
        else
            weigh(plan, leaf);
        leaf->weight = leaf->boost * leaf->idf;
        QI_TRY(make_tables(plan, leaf, err));
    }
    return QUIRE_OK;
}

bool qi_plan_count(const qi_plan *plan, size_t part, uint64_t *count)
{
    const qi_node *root = plan->root;
    const qi_part *from = &plan->snapshot->parts[part];
    uint32_t fields = 0;
    *count = root->kind == QI_NODE_ALL ? from->segment->doc_count : 0;
    if (from->deleted != NULL || (root->kind != QI_NODE_ALL && root->kind != QI_NODE_TERM))
        return false;
    for (uint32_t f = 0; f < root->leaf_count; f++) {
        uint64_t df = plan->infos[part * plan->term_count + f].df;
        fields += df != 0;
        *count += df;
    }
    return fields <= 1 && *count <= from->segment->doc_count;
}

void qi_plan_free(qi_plan *plan)
{
    if (plan->desk == NULL)
        return;
    plan->desk->plan = plan->memory;
    qi_desk_leave(plan->snapshot, plan->desk);
    plan->desk = NULL;
}

qi_scores *qi_plan_scores(qi_plan *plan)
{
    if (plan->desk->scores == NULL)
        plan->desk->scores = qi_mem_new(1, sizeof *plan->desk->scores);
    if (plan->desk->scores != NULL)
        plan->desk->scores->k1 = plan->k1;
    return plan->desk->scores;
}
