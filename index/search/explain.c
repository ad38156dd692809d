/* SPDX-License-Identifier: MIT
 *
 * An explanation is a search of one document that is listened to: the same iterators match and
 * score it, and tell each frequency and each leaf as they go, so nothing is explained that did not
 * happen. */
#include "search/explain.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/vec.h"
#include "codec/norms.h"
#include "search/bm25.h"
#include "search/plan.h"

enum { FIELDS = 256, TEXT = 400 };

typedef struct explained {
    quire_explanation shown;
    qi_arena memory;
    QI_VEC(quire_explanation_node) nodes;
} explained;

typedef struct frequency {
    const qi_field_source *source;
    float tf;
    uint8_t code;
} frequency;

typedef struct listener {
    qi_trace trace;
    explained *to;
    const qi_plan_part *part;
    frequency fields[FIELDS]; /* of the leaf that is being scored */
    uint32_t count;
    bool failed;
} listener;

__attribute__((format(printf, 4, 5))) static void say(listener *to, uint32_t depth, double value,
                                                      const char *format, ...)
{
    char text[TEXT];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    quire_explanation_node node = {depth, value, qi_arena_copy(&to->to->memory, text, kept)};
    if (node.text == NULL || !QI_VEC_PUSH(&to->to->nodes, node))
        to->failed = true;
}

static void hear_field(qi_trace *trace, const qi_field_source *source, float tf, uint8_t code)
{
    listener *to = (listener *)trace;
    if (to->count < FIELDS)
        to->fields[to->count++] = (frequency){source, tf, code};
}

static void say_field(listener *to, const frequency *heard)
{
    const qi_plan *plan = to->part->plan;
    uint32_t f = (uint32_t)(heard->source->field - to->part->segment->fields);
    const quire_field *field = &plan->snapshot->schema->fields.items[f];
    const qi_field_stat *stat = &plan->snapshot->fields[f];
    double length = heard->source->norms == NULL ? 1 : qi_norms_length[heard->code];
    say(to, 3, heard->tf * heard->source->table[heard->code],
        "%s: tf %g * weight %g / (1 - b + b * length %g / average %g), b %g", field->name,
        (double)heard->tf, (double)(field->weight > 0 ? field->weight : 1), length,
        (double)qi_bm25_average(stat->length_sum, stat->documents), (double)plan->b);
}

/* The words of a leaf, as they are looked for. */
static void name_leaf(const qi_node *node, char *out, size_t room)
{
    const qi_leaf *leaf = &node->leaves[0];
    size_t len = 0;
    for (uint32_t w = 0; w < leaf->word_count && len + 1 < room; w++) {
        int more = snprintf(out + len, room - len, "%s%.*s", w == 0 ? "" : " ",
                            (int)leaf->words[w].term.len, leaf->words[w].term.ptr);
        len += more < 0 ? 0 : (size_t)more;
    }
}

static void hear_leaf(qi_trace *trace, const qi_iter *leaf, float x, float score)
{
    listener *to = (listener *)trace;
    const qi_plan *plan = to->part->plan;
    uint32_t i = 0;
    while (i + 1 < plan->leaf_count && to->part->leaves[i] != leaf)
        i++;
    const qi_plan_leaf *heard = &plan->leaves[i];
    const char *kind = heard->node->kind == QI_NODE_PHRASE   ? "phrase"
                       : heard->node->kind == QI_NODE_PREFIX ? "prefix"
                                                             : "word";
    char words[200] = "";
    name_leaf(heard->node, words, sizeof words);
    say(to, 1, score, "%s '%s': product of", kind, words);
    say(to, 2, heard->boost, "boost");
    if (heard->node->kind == QI_NODE_PHRASE)
        say(to, 2, heard->idf, "idf: the sum of its words', N %llu",
            (unsigned long long)plan->snapshot->doc_count);
    else
        say(to, 2, heard->idf, "idf: ln(1 + (N - df + 0.5) / (df + 0.5)), N %llu, df %llu",
            (unsigned long long)plan->snapshot->doc_count, (unsigned long long)heard->df);
    say(to, 2, qi_bm25_part(x, plan->k1), "part: x / (k1 + x), k1 %g, x %g the sum of",
        (double)plan->k1, (double)x);
    for (uint32_t f = 0; f < to->count; f++)
        say_field(to, &to->fields[f]);
    to->count = 0;
}

/* Search the one document. */
static quire_status listen(listener *to, qi_plan_part *part, uint32_t doc, qi_scores *scores,
                           quire_error *err)
{
    qi_window window = {.base = doc / QI_RANGE * QI_RANGE};
    window.bits[0] = UINT64_C(1) << doc % QI_RANGE;
    to->part = part;
    if (part->root != NULL)
        part->root->ops->match(part->root, &window);
    QI_TRY(qi_plan_status(part));
    if (part->root == NULL || window.bits[0] == 0)
        return qi_fail(err, QUIRE_ERR_NOT_FOUND, "the document does not match the query");
    say(to, 0, 0, "score: the sum, in single precision and in this order, of");
    if (part->root->ops->score != NULL)
        part->root->ops->score(part->root, &window, scores);
    if (to->failed)
        return qi_no_memory(err);
    to->to->nodes.items[0].value = scores->sum[doc % QI_RANGE];
    to->to->shown = (quire_explanation){to->to->nodes.count, to->to->nodes.items};
    return qi_plan_status(part);
}

static quire_status explain(explained *to, qi_plan *plan, quire_doc doc, quire_error *err)
{
    size_t index;
    uint32_t local;
    qi_plan_part part;
    QI_TRY(qi_snapshot_locate(plan->snapshot, doc, &index, &local, err));
    qi_scores *scores = qi_arena_new(&plan->memory, 1, sizeof *scores);
    listener *ear = qi_arena_new(&plan->memory, 1, sizeof *ear);
    if (scores == NULL || ear == NULL)
        return qi_memory_full(&plan->memory, err);
    *ear = (listener){.trace = {hear_field, hear_leaf}, .to = to};
    scores->trace = &ear->trace;
    scores->k1 = plan->k1;
    quire_status status = qi_plan_open(&part, plan, index, err);
    if (status == QUIRE_OK)
        status = listen(ear, &part, local, scores, err);
    qi_plan_close(&part);
    return status;
}

quire_status qi_explain(const quire_explanation **out, const quire_snapshot *snapshot,
                        const qi_node *root, quire_doc doc, const quire_search_options *options,
                        quire_error *err)
{
    quire_search_options own = QUIRE_SEARCH_OPTIONS_INIT;
    qi_plan plan;
    *out = NULL;
    own.tune = options->tune;
    own.k1 = options->k1;
    own.b = options->b;
    QI_TRY(qi_plan_check(&own, err));
    explained *to = qi_mem_new(1, sizeof *to);
    if (to == NULL)
        return qi_no_memory(err);
    qi_arena_init(&to->memory, 0);
    quire_status status = qi_plan_init(&plan, snapshot, root, &own, err);
    plan.smart_all = false; /* as OR: a document with all words has the same score either way */
    if (status == QUIRE_OK)
        status = explain(to, &plan, doc, err);
    qi_plan_free(&plan);
    if (status == QUIRE_OK)
        *out = &to->shown;
    else
        qi_explain_free(&to->shown);
    return status;
}

void qi_explain_free(const quire_explanation *explanation)
{
    explained *to = (explained *)(uintptr_t)explanation;
    if (to == NULL)
        return;
    qi_arena_free(&to->memory);
    QI_VEC_FREE(&to->nodes);
    qi_mem_free(to);
}
