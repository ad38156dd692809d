/* SPDX-License-Identifier: MIT
 *
 * AND, OR, NOT, FILTER: operations on the words of a mask. Children that narrow are asked cheapest
 * first and not at all once nothing is left; scores are added in the order of the query whatever
 * the order of matching was. A child of an OR may match fewer documents than are scored: what a
 * compound child matched is kept from match to score, leaves pass over such documents by
 * themselves. */
#include "search/shape.h"

typedef qi_shape_bool bool_iter;

/* Words of a counter for each document of a window: one plane a binary digit. */
enum { PLANES = 13 };

static uint32_t peek_and(qi_iter *iter, uint32_t target)
{
    bool_iter *self = (bool_iter *)iter;
    for (uint32_t i = 0; i < self->count && target < QI_END; i++) {
        uint32_t next = self->ordered[i]->ops->peek(self->ordered[i], target);
        target = next > target ? next : target;
    }
    return target;
}

static uint32_t peek_or(qi_iter *iter, uint32_t target)
{
    bool_iter *self = (bool_iter *)iter;
    uint32_t first = QI_END;
    for (uint32_t i = 0; i < self->count && first > target; i++) {
        uint32_t next = self->children[i]->ops->peek(self->children[i], target);
        first = next < first ? next : first;
    }
    return first;
}

static uint32_t peek_first(qi_iter *iter, uint32_t target)
{
    bool_iter *self = (bool_iter *)iter;
    return self->children[0]->ops->peek(self->children[0], target);
}

static void match_and(qi_iter *iter, qi_window *window)
{
    bool_iter *self = (bool_iter *)iter;
    for (uint32_t i = 0; i < self->count; i++) {
        self->ordered[i]->ops->match(self->ordered[i], window);
        if (qi_window_empty(window))
            return;
    }
}

/* The matches of child i within the window. */
static void match_child(const bool_iter *self, uint32_t i, const qi_window *window, qi_window *out)
{
    *out = *window;
    self->children[i]->ops->match(self->children[i], out);
    if (self->kept[i] != NULL)
        *self->kept[i] = *out;
}

static void match_or(qi_iter *iter, qi_window *window)
{
    bool_iter *self = (bool_iter *)iter;
    qi_window any, one;
    match_child(self, 0, window, &any);
    for (uint32_t i = 1; i < self->count; i++) {
        match_child(self, i, window, &one);
        for (int w = 0; w < QI_WINDOW_RANGES; w++)
            any.bits[w] |= one.bits[w];
    }
    *window = any;
}

/* Bits of the documents whose counter is at least `least`. */
static uint64_t reached(uint64_t planes[][QI_WINDOW_RANGES], int w, uint32_t least)
{
    uint64_t more = 0, equal = ~UINT64_C(0);
    for (int p = PLANES - 1; p >= 0; p--) {
        uint64_t digit = planes[p][w];
        if ((least >> p & 1) != 0) {
            equal &= digit;
        } else {
            more |= equal & digit;
            equal &= ~digit;
        }
    }
    return more | equal;
}

static void match_least(qi_iter *iter, qi_window *window)
{
    bool_iter *self = (bool_iter *)iter;
    uint64_t planes[PLANES][QI_WINDOW_RANGES] = {{0}};
    qi_window one;
    for (uint32_t i = 0; i < self->count; i++) {
        match_child(self, i, window, &one);
        for (int w = 0; w < QI_WINDOW_RANGES; w++) {
            uint64_t carry = one.bits[w];
            for (int p = 0; p < PLANES && carry != 0; p++) {
                uint64_t digit = planes[p][w];
                planes[p][w] = digit ^ carry;
                carry &= digit;
            }
        }
    }
    for (int w = 0; w < QI_WINDOW_RANGES; w++)
        window->bits[w] &= reached(planes, w, self->least);
}

static void match_not(qi_iter *iter, qi_window *window)
{
    bool_iter *self = (bool_iter *)iter;
    self->children[0]->ops->match(self->children[0], window);
    qi_window one;
    for (uint32_t i = 1; i < self->count && !qi_window_empty(window); i++) {
        one = *window;
        self->children[i]->ops->match(self->children[i], &one);
        for (int w = 0; w < QI_WINDOW_RANGES; w++)
            window->bits[w] &= ~one.bits[w];
    }
}

static void match_maybe(qi_iter *iter, qi_window *window)
{
    bool_iter *self = (bool_iter *)iter;
    self->children[0]->ops->match(self->children[0], window);
}

static void score_one(qi_iter *child, const qi_window *mask, qi_scores *scores)
{
    if (child->ops->score != NULL)
        child->ops->score(child, mask, scores);
}

static void score_and(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    bool_iter *self = (bool_iter *)iter;
    for (uint32_t i = 0; i < self->count; i++)
        score_one(self->children[i], mask, scores);
}

static void score_first(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    bool_iter *self = (bool_iter *)iter;
    score_one(self->children[0], mask, scores);
}

static void score_or(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    bool_iter *self = (bool_iter *)iter;
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->kept[i] == NULL) {
            score_one(self->children[i], mask, scores);
            continue;
        }
        for (int w = 0; w < QI_WINDOW_RANGES; w++)
            self->kept[i]->bits[w] &= mask->bits[w];
        if (!qi_window_empty(self->kept[i]))
            score_one(self->children[i], self->kept[i], scores);
    }
}

/* The optional children of a MAYBE are asked now, and only about what is left. */
static void score_maybe(qi_iter *iter, const qi_window *mask, qi_scores *scores)
{
    bool_iter *self = (bool_iter *)iter;
    score_one(self->children[0], mask, scores);
    for (uint32_t i = 1; i < self->count; i++) {
        qi_window one = *mask;
        self->children[i]->ops->match(self->children[i], &one);
        if (!qi_window_empty(&one))
            score_one(self->children[i], &one, scores);
    }
}

static void bound_child(qi_iter *child, uint32_t base, float *out)
{
    if (child->ops->bound != NULL) {
        child->ops->bound(child, base, out);
        return;
    }
    for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
        out[r] = 0;
}

/* All children must match; those that score add. */
static void bound_and(qi_iter *iter, uint32_t base, float *out)
{
    bool_iter *self = (bool_iter *)iter;
    float one[QI_WINDOW_RANGES];
    bool first_only = self->base.ops->score == score_first;
    bound_child(self->children[0], base, out);
    for (uint32_t i = 1; i < self->count; i++) {
        bound_child(self->children[i], base, one);
        for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
            out[r] = out[r] < 0 || one[r] < 0 ? -1 : out[r] + (first_only ? 0 : one[r]);
    }
}

/* Any child may match. */
static void bound_or(qi_iter *iter, uint32_t base, float *out)
{
    bool_iter *self = (bool_iter *)iter;
    float one[QI_WINDOW_RANGES];
    bound_child(self->children[0], base, out);
    for (uint32_t i = 1; i < self->count; i++) {
        bound_child(self->children[i], base, one);
        for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
            out[r] = out[r] < 0 ? one[r] : one[r] < 0 ? out[r] : out[r] + one[r];
    }
}

static void bound_first(qi_iter *iter, uint32_t base, float *out)
{
    bound_child(((bool_iter *)iter)->children[0], base, out);
}

static void bound_maybe(qi_iter *iter, uint32_t base, float *out)
{
    bool_iter *self = (bool_iter *)iter;
    float one[QI_WINDOW_RANGES];
    bound_child(self->children[0], base, out);
    for (uint32_t i = 1; i < self->count; i++) {
        bound_child(self->children[i], base, one);
        for (uint32_t r = 0; r < QI_WINDOW_RANGES; r++)
            out[r] = out[r] < 0 || one[r] < 0 ? out[r] : out[r] + one[r];
    }
}

/* What enough documents reach by one child alone. */
static float reach_or(qi_iter *iter, uint32_t count, bool guess)
{
    bool_iter *self = (bool_iter *)iter;
    float best = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        qi_iter *child = self->children[i];
        float score = child->ops->reach == NULL ? 0 : child->ops->reach(child, count, guess);
        best = score > best ? score : best;
    }
    return best;
}

static float reach_maybe(qi_iter *iter, uint32_t count, bool guess)
{
    qi_iter *child = ((bool_iter *)iter)->children[0];
    return child->ops->reach == NULL ? 0 : child->ops->reach(child, count, guess);
}

static const qi_iter_ops and_ops = {peek_and, match_and, score_and, false, bound_and, NULL};
static const qi_iter_ops or_ops = {peek_or, match_or, score_or, false, bound_or, reach_or};
static const qi_iter_ops least_ops = {peek_or, match_least, score_or, false, bound_or, NULL};
static const qi_iter_ops not_ops = {peek_first, match_not, score_first, false, bound_first, NULL};
static const qi_iter_ops filter_ops = {peek_and, match_and, score_first, false, bound_and, NULL};
static const qi_iter_ops maybe_ops = {peek_first, match_maybe, score_maybe,
                                      false,      bound_maybe, reach_maybe};

static const qi_iter_ops *ops_of(qi_node_kind kind, uint32_t least)
{
    switch (kind) {
    case QI_NODE_AND:
        return &and_ops;
    case QI_NODE_NOT:
        return &not_ops;
    case QI_NODE_FILTER:
        return &filter_ops;
    case QI_NODE_MAYBE:
        return &maybe_ops;
    default:
        return least > 1 ? &least_ops : &or_ops;
    }
}

/* Stable insertion by cost. */
static void order(bool_iter *self, qi_iter *const *children)
{
    for (uint32_t i = 0; i < self->count; i++) {
        uint32_t at = i;
        for (; at > 0 && self->ordered[at - 1]->cost > children[i]->cost; at--)
            self->ordered[at] = self->ordered[at - 1];
        self->ordered[at] = children[i];
        self->children[i] = children[i];
    }
}

static uint64_t cost_of(const bool_iter *self)
{
    const qi_iter_ops *ops = self->base.ops;
    if (ops == &and_ops || ops == &filter_ops)
        return self->ordered[0]->cost;
    if (ops == &not_ops || ops == &maybe_ops)
        return self->children[0]->cost;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < self->count; i++)
        sum += self->children[i]->cost;
    return sum;
}

static bool keep(qi_arena *memory, bool_iter *self)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (!self->children[i]->ops->leaf &&
            (self->kept[i] = qi_arena_new(memory, 1, sizeof **self->kept)) == NULL)
            return false;
    return true;
}

qi_iter *qi_iter_combine(qi_arena *memory, qi_node_kind kind, uint32_t count,
                         qi_iter *const *children, uint32_t least)
{
    bool_iter *self = qi_arena_new(memory, 1, sizeof *self);
    qi_iter **both = qi_arena_new(memory, count, 2 * sizeof *both);
    qi_window **kept = qi_arena_new(memory, count, sizeof *kept);
    if (self == NULL || both == NULL || kept == NULL)
        return NULL;
    *self = (bool_iter){.base.ops = ops_of(kind, least),
                        .count = count,
                        .least = least,
                        .children = both,
                        .ordered = both + count,
                        .kept = kept};
    order(self, children);
    self->base.cost = cost_of(self);
    bool scores_parts = self->base.ops == &or_ops || self->base.ops == &least_ops;
    return scores_parts && !keep(memory, self) ? NULL : &self->base;
}

qi_shape_bool *qi_shape_as_bool(qi_iter *iter, qi_node_kind *kind)
{
    static const struct {
        const qi_iter_ops *ops;
        qi_node_kind kind;
    } known[] = {{&and_ops, QI_NODE_AND},     {&or_ops, QI_NODE_OR},
                 {&not_ops, QI_NODE_NOT},     {&filter_ops, QI_NODE_FILTER},
                 {&maybe_ops, QI_NODE_MAYBE}, {&least_ops, QI_NODE_NONE}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (iter->ops == known[i].ops) {
            *kind = known[i].kind;
            return (qi_shape_bool *)iter;
        }
    return NULL;
}
