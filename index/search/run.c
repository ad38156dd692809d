/* SPDX-License-Identifier: MIT
 *
 * Driving a search: segment by segment, window by window. The root says where its next match may
 * be; a window starts there, is narrowed to the live matches, counted, scored, and offered to the
 * store of the best. Everything is taken from arenas before the first window of a segment; the loop
 * itself allocates nothing. */
#include "search/run.h"

#include "base/mem.h"
#include "search/flat.h"
#include "search/plan.h"
#include "search/sort.h"
#include "search/topk.h"

typedef struct run {
    const quire_snapshot *snapshot;
    const quire_search_options *options;
    size_t want; /* offset + limit: SMART is content with as many */
    qi_plan plan;
    qi_sort sort;
    qi_topk *tops;     /* one; sorted by keywords: one a part */
    qi_scores *scores; /* NULL: nothing is scored */
    uint64_t total;
    float threshold; /* documents that score less are not among the best: those that equal it may be
                      */
    float guess;     /* the highest that was guessed: proven if as many as wanted reach it */
    bool guesses;    /* may it? */
    float slack;     /* of bounds, for sums that are rounded */
    bool partial, relaxed, skipped;
} run;

/* A window from `base` on with all live documents. */
static void begin(const qi_part *part, uint32_t base, qi_window *window)
{
    uint32_t docs = part->segment->doc_count;
    window->base = base;
    for (uint32_t w = 0; w < QI_WINDOW_RANGES; w++) {
        uint32_t first = base + w * QI_RANGE;
        uint64_t live = first >= docs ? 0 : ~UINT64_C(0);
        if (first < docs && docs - first < QI_RANGE)
            live = (UINT64_C(1) << (docs - first)) - 1;
        if (live != 0 && part->deleted != NULL)
            live &= ~part->deleted->words[first / 64];
        window->bits[w] = live;
    }
}

static void offer_scored(run *self, qi_plan_part *part, const qi_window *window)
{
    qi_scores *scores = self->scores;
    quire_doc base = self->snapshot->parts[part->index].base + window->base;
    for (uint32_t w = 0; w < QI_WINDOW_RANGES; w++)
        if (window->bits[w] != 0)
            memset(scores->sum + 64 * w, 0, 64 * sizeof *scores->sum);
    if (part->root->ops->score != NULL)
        part->root->ops->score(part->root, window, scores);
    QI_WINDOW_EACH(window, slot)
    qi_topk_offer(self->tops, qi_topk_rank(scores->sum[slot]), base + slot);
    self->threshold = qi_topk_threshold(self->tops, self->threshold);
}

static quire_status offer_sorted(run *self, qi_plan_part *part, const qi_window *window)
{
    const qi_part *from = &self->snapshot->parts[part->index];
    qi_topk *top = &self->tops[self->sort.keyword ? part->index : 0];
    QI_WINDOW_EACH(window, slot)
    {
        int64_t rank;
        QI_TRY(qi_sort_rank(&self->sort, from->segment, window->base + slot, &rank, part->err));
        qi_topk_offer(top, rank, from->base + window->base + slot);
    }
    return QUIRE_OK;
}

/* Leave out the ranges of a window in which no document can be among the best. */
static void prune(run *self, qi_plan_part *part, qi_window *window)
{
    float bounds[QI_WINDOW_RANGES];
    if (self->threshold <= 0 || part->root->ops->bound == NULL)
        return;
    part->root->ops->bound(part->root, window->base, bounds);
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
        if (window->bits[r] != 0 && bounds[r] * self->slack < self->threshold) {
            self->skipped = self->skipped || (bounds[r] >= 0 && !self->options->count);
            window->bits[r] = 0;
        }
}

/* Narrow a window to the matches that may be among the best; all are counted if that was asked. */
static void match(run *self, qi_plan_part *part, qi_window *window)
{
    bool all = self->options->count || self->options->count_only;
    if (!all && self->scores != NULL)
        prune(self, part, window);
    if (qi_window_empty(window))
        return;
    qi_window whole = *window;
    if (all && self->scores != NULL) {
        /* Bounds come before the match: lists do not step back. */
        prune(self, part, window);
        part->root->ops->match(part->root, &whole);
        for (uint32_t w = 0; w < QI_WINDOW_RANGES; w++)
            window->bits[w] &= whole.bits[w];
        self->total += qi_window_count(&whole);
        return;
    }
    part->root->ops->match(part->root, window);
    self->total += qi_window_count(window);
}

/* All windows of a part. DONE: the deadline passed. */
static quire_status run_windows(run *self, qi_plan_part *part)
{
    const qi_part *from = &self->snapshot->parts[part->index];
    uint32_t docs = part->segment->doc_count;
    qi_window window;
    for (uint32_t base = 0; base < docs; base = window.base + QI_WINDOW) {
        base = part->root->ops->peek(part->root, base);
        if (base >= docs)
            break;
        QI_TRY(qi_poll_ask(&self->plan.poll, part->err));
        begin(from, base / QI_RANGE * QI_RANGE, &window);
        uint64_t before = self->total;
        match(self, part, &window);
        if (part->status != QUIRE_OK) {
            self->total = before;
            return part->status;
        }
        if (self->options->count_only || qi_window_empty(&window))
            continue;
        if (self->scores != NULL)
            offer_scored(self, part, &window);
        else
            QI_TRY(offer_sorted(self, part, &window));
    }
    return qi_plan_status(part);
}

/* Of how many documents are `count` live, almost certainly? As many as would be if a share of
 * `deleted` in `docs` were spread evenly, and two standard deviations more. */
static uint32_t with_deleted(uint32_t count, uint32_t deleted, uint32_t docs)
{
    double dead = (double)count * deleted / (docs - deleted), root = 1;
    while (root * root < dead)
        root++;
    return (uint32_t)(count + dead + 2 * root + 1);
}

/* Start from a score that enough documents reach. Deleted ones could be among them: then it is a
 * guess. */
static void seed(run *self, const qi_plan_part *part)
{
    const qi_iter_ops *ops = part->root->ops;
    const qi_docset *deleted = self->snapshot->parts[part->index].deleted;
    uint32_t count = (uint32_t)self->tops->limit, docs = part->segment->doc_count;
    if (self->scores == NULL || ops->reach == NULL || count == 0)
        return;
    if (deleted != NULL && (!self->guesses || deleted->count > docs / 2))
        return;
    float score = deleted == NULL
                      ? ops->reach(part->root, count, false)
                      : ops->reach(part->root, with_deleted(count, deleted->count, docs), true);
    if (score <= self->threshold)
        return;
    self->threshold = score;
    self->guess = deleted != NULL ? score : self->guess;
}

/* A query of words alone, or of one phrase: the best, and, if they are asked for, the number of
 * all.
 */
static quire_status run_flat(run *self, qi_plan_part *part, qi_flat *flat, const qi_flat_spec *spec)
{
    bool all = self->options->count || self->options->count_only;
    qi_shape_phrase phrase = qi_shape_as_phrase(part->root);
    uint64_t *total = all ? &self->total : NULL;
    qi_flat_best best = {.top = self->tops,
                         .base = self->snapshot->parts[part->index].base,
                         .threshold = self->threshold};
    if (self->scores != NULL) {
        quire_status status = phrase.state != NULL ? qi_flat_phrase(phrase, spec, &best, total)
                                                   : qi_flat_rank(flat, &best, total);
        self->threshold = best.threshold;
        self->skipped = self->skipped || (best.skipped && !all);
        self->total += all ? 0 : best.seen;
        QI_TRY(status);
    } else if (phrase.state != NULL) {
        QI_TRY(qi_flat_phrase(phrase, spec, NULL, &self->total));
    } else {
        QI_TRY(qi_flat_count(flat, &self->total));
    }
    return qi_plan_status(part);
}

static quire_status run_root(run *self, qi_plan_part *part)
{
    const qi_part *from = &self->snapshot->parts[part->index];
    seed(self, part);
    qi_flat_spec spec = {.segment = part->segment,
                         .deleted = from->deleted,
                         .poll = &self->plan.poll,
                         .k1 = self->plan.k1,
                         .scored = self->scores != NULL,
                         .best = self->scores != NULL ? self->tops->limit : 0,
                         .err = part->err};
    bool sorted = self->scores == NULL && !self->options->count_only;
    bool phrase = !sorted && qi_shape_as_phrase(part->root).state != NULL;
    qi_flat *flat = sorted || phrase ? NULL : qi_flat_new(&part->memory, part->root, &spec);
    if (part->memory.failed)
        return qi_memory_full(&part->memory, part->err);
    return flat != NULL || phrase ? run_flat(self, part, flat, &spec) : run_windows(self, part);
}

static quire_status run_part(run *self, size_t index, quire_error *err)
{
    qi_plan_part part;
    uint64_t count;
    if (self->options->count_only && qi_plan_count(&self->plan, index, &count)) {
        self->total += count;
        return QUIRE_OK;
    }
    quire_status status = qi_plan_open(&part, &self->plan, index, err);
    if (status == QUIRE_OK && part.root != NULL)
        status = run_root(self, &part);
    qi_plan_close(&part);
    return status;
}

/* The best `want` of all parts, by a threshold that may have been guessed. */
static quire_status try_parts(run *self, size_t want, quire_error *err)
{
    size_t tops = self->sort.keyword ? self->snapshot->count : 1;
    self->total = 0;
    self->threshold = self->guess = 0;
    self->skipped = false;
    self->slack = 1 + (float)(self->plan.leaf_count + 64) / (1 << 20);
    self->tops = qi_arena_new(&self->plan.memory, tops, sizeof *self->tops);
    if (self->plan.memory.failed)
        return qi_memory_full(&self->plan.memory, err);
    for (size_t i = 0; i < tops; i++)
        QI_TRY(qi_topk_init(&self->tops[i], &self->plan.memory, want, err));
    for (size_t i = 0; i < self->snapshot->count; i++) {
        quire_status status = run_part(self, i, err);
        self->partial = self->partial || status == QUIRE_DONE;
        if (status == QUIRE_DONE)
            break;
        QI_TRY(status);
    }
    return QUIRE_OK;
}

/* Do as many as wanted reach what was guessed? Then nothing better was passed over. */
static bool guessed_well(const run *self)
{
    return self->guess <= 0 || qi_topk_threshold(self->tops, 0) >= self->guess;
}

/* The best `want` of all parts. */
static quire_status run_parts(run *self, size_t want, quire_error *err)
{
    size_t tops = self->sort.keyword ? self->snapshot->count : 1;
    self->guesses = true;
    QI_TRY(try_parts(self, want, err));
    if (!self->partial && !guessed_well(self)) {
        self->guesses = false;
        QI_TRY(try_parts(self, want, err));
    }
    for (size_t i = 0; i < tops; i++)
        qi_topk_sort(&self->tops[i]);
    return self->sort.keyword ? qi_sort_merge(&self->sort, self->snapshot, self->tops, want,
                                              &self->plan.memory, err)
                              : QUIRE_OK;
}

static bool has_smart(const qi_node *node)
{
    bool found = node->kind == QI_NODE_SMART;
    for (uint32_t i = 0; i < node->child_count && !found; i++)
        found = has_smart(node->children[i]);
    return found;
}

/* Those of the store that are not in `best` behind it, up to `want` in all. Both have one order, so
 * what they share comes in the same sequence. */
static quire_status append_rest(run *self, const qi_topk *best, size_t want, quire_error *err)
{
    const qi_topk *all = self->tops;
    qi_topk both;
    QI_TRY(qi_topk_init(&both, &self->plan.memory, want, err));
    for (; both.count < best->count; both.count++)
        both.items[both.count] = best->items[both.count];
    size_t shared = 0;
    for (size_t i = 0; i < all->count && both.count < want; i++) {
        if (shared < best->count && best->items[shared].doc == all->items[i].doc)
            shared++;
        else
            both.items[both.count++] = all->items[i];
    }
    *self->tops = both;
    return QUIRE_OK;
}

/* SMART: documents with all words; where they are too few, the others after them. */
static quire_status run_query(run *self, quire_error *err)
{
    size_t want =
        self->want < self->snapshot->doc_count ? self->want : (size_t)self->snapshot->doc_count;
    size_t kept = self->options->count_only ? 0 : want;
    QI_TRY(run_parts(self, kept, err));
    if (!has_smart(self->plan.root) || self->partial || self->total >= want)
        return QUIRE_OK;
    qi_topk best = *self->tops;
    uint64_t total = self->total;
    self->plan.smart_all = false;
    QI_TRY(run_parts(self, kept + best.count, err));
    self->relaxed = self->total > total;
    return append_rest(self, &best, kept, err);
}

static quire_status give(const run *self, const quire_hits **out, quire_error *err)
{
    const qi_topk *top = self->tops;
    size_t skip = self->options->offset < top->count ? self->options->offset : top->count;
    size_t count = top->count - skip;
    size_t bytes;
    quire_hits *hits = NULL;
    if (qi_mem_mul(count, sizeof(quire_hit), &bytes) && qi_mem_add(bytes, sizeof *hits, &bytes))
        hits = qi_mem_resize(NULL, 1, bytes);
    if (hits == NULL)
        return qi_no_memory(err);
    quire_hit *items = (quire_hit *)(hits + 1);
    for (size_t i = 0; i < count; i++) {
        const qi_top_item *item = &top->items[skip + i];
        items[i] = (quire_hit){item->doc, self->scores != NULL ? qi_topk_score(item->rank) : 0};
    }
    *hits = (quire_hits){
        count,         items,         self->total,       !self->partial && !self->skipped,
        self->partial, self->relaxed, self->plan.dropped};
    *out = hits;
    return QUIRE_OK;
}

static quire_status check(const quire_search_options *options, quire_error *err)
{
    uint64_t want = (uint64_t)options->offset + options->limit;
    if (want > QI_SEARCH_HITS)
        return qi_fail(err, QUIRE_ERR_LIMIT, "offset and limit are together %llu, over %d",
                       (unsigned long long)want, QI_SEARCH_HITS);
    return qi_plan_check(options, err);
}

static quire_status prepare(run *self, const qi_node *root, quire_error *err)
{
    const quire_search_options *options = self->options;
    QI_TRY(check(options, err));
    QI_TRY(qi_sort_init(&self->sort, self->snapshot->schema, options, err));
    self->want = (size_t)options->offset + (options->limit != 0 ? options->limit : QI_SEARCH_LIMIT);
    QI_TRY(qi_plan_init(&self->plan, self->snapshot, root, options, err));
    if (!self->plan.scored)
        return QUIRE_OK;
    self->scores = qi_plan_scores(&self->plan);
    return self->scores != NULL ? QUIRE_OK : qi_no_memory(err);
}

quire_status qi_run(const quire_hits **out, const quire_snapshot *snapshot, const qi_node *root,
                    const quire_search_options *options, quire_error *err)
{
    qi_topk none = {.full = true};
    run self = {.snapshot = snapshot, .options = options, .tops = &none};
    *out = NULL;
    quire_status status = prepare(&self, root, err);
    self.partial = status == QUIRE_DONE;
    if (status == QUIRE_OK)
        status = run_query(&self, err);
    if (status == QUIRE_OK || status == QUIRE_DONE)
        status = give(&self, out, err);
    qi_plan_free(&self.plan);
    return status;
}
