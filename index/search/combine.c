/* SPDX-License-Identifier: MIT
 * Each combination first sorts what it is given into lists - nodes that score, filters, exclusions
 * - by taking apart the nodes that carry such lists themselves, then builds one node per list that
 * is not empty, in a fixed order: NOT around FILTER around the scoring node. Taking a node apart
 * looks only at its root and what the normal form allows there, so the work is linear in the nodes.
 */
#include "search/combine.h"

#include <string.h>

#include "base/hash.h"

typedef QI_VEC(qi_node *) node_list;

typedef struct sorter {
    qi_tree *tree;
    node_list scoring, filters, excluded;
    bool all;  /* a node that matches everything was left out */
    bool none; /* a node that matches nothing was among those required */
} sorter;

static void put(sorter *s, node_list *list, qi_node *node)
{
    if (node != NULL && !QI_ARENA_PUSH(&s->tree->kit->work, list, node))
        qi_tree_fail(s->tree, qi_no_memory(s->tree->err));
}

static bool is_plain_or(const qi_node *node)
{
    return node->kind == QI_NODE_OR && node->least == 1 && node->boost == 1;
}

static float limit_boost(double boost)
{
    return boost > 1e6 ? 1e6f : boost < 1e-30 ? 1e-30f : (float)boost;
}

/* ---- Nodes with children ------------------------------------------------------------------------
 */

/* Leave out what would make the tree too high. */
static void drop_high(qi_tree *tree, node_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        qi_node *node = list->items[i];
        if (node->height < QI_QUERY_DEPTH) {
            list->items[kept++] = node;
            continue;
        }
        tree->start = node->start;
        tree->end = node->end;
        qi_tree_complain(tree, QI_NOTE_TOO_DEEP);
    }
    list->count = kept;
}

/* A node over the list; its only node if it has one; NULL if it has none. */
static qi_node *make_node(qi_tree *tree, qi_node_kind kind, node_list *list)
{
    drop_high(tree, list);
    if (tree->status != QUIRE_OK || list->count < 2)
        return tree->status == QUIRE_OK && list->count == 1 ? list->items[0] : NULL;
    qi_node *node = qi_tree_node(tree, kind, false);
    qi_node **children = qi_arena_new(tree->memory, list->count, sizeof *children);
    if (node == NULL || children == NULL) {
        qi_tree_fail(tree, qi_no_memory(tree->err));
        return NULL;
    }
    node->start = list->items[0]->start;
    node->end = list->items[0]->end;
    for (size_t i = 0; i < list->count; i++) {
        const qi_node *child = children[i] = list->items[i];
        node->height = child->height >= node->height ? child->height + 1 : node->height;
        node->start = child->start < node->start ? child->start : node->start;
        node->end = child->end > node->end ? child->end : node->end;
    }
    node->children = children;
    node->child_count = (uint32_t)list->count;
    return node;
}

/* The same for kinds whose first child is apart from the others. */
static qi_node *make_first(qi_tree *tree, qi_node_kind kind, qi_node *first,
                           const node_list *others)
{
    node_list list = {0};
    sorter s = {.tree = tree};
    put(&s, &list, first);
    for (size_t i = 0; i < others->count; i++)
        put(&s, &list, others->items[i]);
    drop_high(tree, &list);
    bool first_kept = list.count > 0 && list.items[0] == first;
    qi_node *node = first_kept ? make_node(tree, kind, &list) : NULL;
    return node;
}

/* ---- Equal nodes --------------------------------------------------------------------------------
 */

static bool same_str(quire_str a, quire_str b)
{
    return a.len == b.len && (a.ptr == NULL) == (b.ptr == NULL) &&
           (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool same_leaf(const qi_leaf *a, const qi_leaf *b)
{
    bool same = a->lane == b->lane && a->word_count == b->word_count;
    for (uint32_t w = 0; w < a->word_count && same; w++)
        same = a->words[w].position == b->words[w].position &&
               same_str(a->words[w].term, b->words[w].term);
    return same;
}

/* Do nodes without children find the same? */
static bool same_node(const qi_node *a, const qi_node *b)
{
    bool same = a->kind == b->kind && a->slop == b->slop && a->field == b->field &&
                a->low == b->low && a->high == b->high && same_str(a->low_key, b->low_key) &&
                same_str(a->high_key, b->high_key) && a->leaf_count == b->leaf_count;
    for (uint32_t i = 0; i < a->leaf_count && same; i++)
        same = same_leaf(&a->leaves[i], &b->leaves[i]);
    return same;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t mix_str(uint64_t hash, quire_str text)
{
    return text.len == 0 ? hash : mix(hash, qi_hash(text.ptr, text.len));
}

/* Equal for nodes that find the same: of the words, the first leaf's tell nodes apart. */
static uint64_t hash_node(const qi_node *node)
{
    uint64_t hash = mix(mix(node->kind, node->slop), node->field);
    hash = mix(mix(hash, (uint64_t)node->low), (uint64_t)node->high);
    hash = mix_str(mix_str(hash, node->low_key), node->high_key);
    for (uint32_t i = 0; i < node->leaf_count; i++)
        hash = mix(hash, node->leaves[i].lane);
    for (uint32_t w = 0; node->leaf_count != 0 && w < node->leaves[0].word_count; w++) {
        const qi_word *word = &node->leaves[0].words[w];
        hash = mix_str(mix(hash, word->position), word->term);
    }
    return hash ^ hash >> 32;
}

/* Nodes without children that were met, by hash; at most half full. */
typedef struct seen_node {
    uint64_t hash;
    qi_node *node; /* NULL: free */
} seen_node;

/* The node met first that finds the same; if there is none, this one is noted, and NULL. */
static qi_node *meet(seen_node *seen, size_t room, qi_node *node)
{
    uint64_t hash = hash_node(node);
    size_t i = hash & (room - 1);
    for (; seen[i].node != NULL; i = (i + 1) & (room - 1))
        if (seen[i].hash == hash && same_node(seen[i].node, node))
            return seen[i].node;
    seen[i] = (seen_node){hash, node};
    return NULL;
}

/* Make equal nodes one; where they score, their boosts add up. */
static void merge_equal(sorter *s, node_list *list)
{
    size_t kept = 0, room = 4;
    if (list->count < 2)
        return;
    while (room < 2 * list->count)
        room *= 2;
    seen_node *seen = qi_tree_work(s->tree, room, sizeof *seen);
    if (seen == NULL)
        return;
    memset(seen, 0, room * sizeof *seen);
    for (size_t i = 0; i < list->count; i++) {
        qi_node *node = list->items[i];
        qi_node *first = node->child_count == 0 ? meet(seen, room, node) : NULL;
        if (first == NULL)
            list->items[kept++] = node;
        else if (list == &s->scoring && node->leaf_count > 0)
            first->boost = limit_boost((double)first->boost + (double)node->boost);
    }
    list->count = kept;
}

/* ---- Taking apart
 * -------------------------------------------------------------------------------- */

/* What must match and score. */
static void sort_required(sorter *s, qi_node *node)
{
    if (node == NULL)
        return;
    switch (node->kind) {
    case QI_NODE_NONE:
        s->none = true;
        break;
    case QI_NODE_ALL:
        s->all = true;
        break;
    case QI_NODE_RANGE:
    case QI_NODE_EXISTS:
        put(s, &s->filters, node);
        break;
    case QI_NODE_NOT:
    case QI_NODE_FILTER:
        for (uint32_t i = 1; i < node->child_count; i++)
            put(s, node->kind == QI_NODE_NOT ? &s->excluded : &s->filters, node->children[i]);
        sort_required(s, node->children[0]);
        break;
    case QI_NODE_AND:
        for (uint32_t i = 0; i < node->child_count && node->boost == 1; i++)
            put(s, &s->scoring, node->children[i]);
        if (node->boost != 1)
            put(s, &s->scoring, node);
        break;
    default:
        put(s, &s->scoring, node);
    }
}

/* What must match but does not score. */
static void sort_filter(sorter *s, qi_node *node)
{
    if (node == NULL)
        return;
    switch (node->kind) {
    case QI_NODE_NONE:
        s->none = true;
        break;
    case QI_NODE_ALL:
        break;
    case QI_NODE_NOT:
    case QI_NODE_FILTER:
        for (uint32_t i = 1; i < node->child_count; i++)
            put(s, node->kind == QI_NODE_NOT ? &s->excluded : &s->filters, node->children[i]);
        sort_filter(s, node->children[0]);
        break;
    case QI_NODE_AND:
        for (uint32_t i = 0; i < node->child_count; i++)
            sort_filter(s, node->children[i]);
        break;
    case QI_NODE_MAYBE:
        sort_filter(s, node->children[0]);
        break;
    default:
        node->boost = 1;
        put(s, &s->filters, node);
    }
}

/* What must not match. */
static void sort_excluded(sorter *s, qi_node *node)
{
    if (node == NULL)
        return;
    switch (node->kind) {
    case QI_NODE_NONE:
        break;
    case QI_NODE_ALL:
        s->none = true;
        break;
    case QI_NODE_OR:
        for (uint32_t i = 0; i < node->child_count && node->least == 1; i++)
            sort_excluded(s, node->children[i]);
        if (node->least != 1) {
            node->boost = 1;
            put(s, &s->excluded, node);
        }
        break;
    case QI_NODE_MAYBE:
        sort_excluded(s, node->children[0]);
        break;
    case QI_NODE_FILTER:
        if (node->children[0]->kind == QI_NODE_ALL && node->child_count == 2)
            sort_excluded(s, node->children[1]);
        else
            put(s, &s->excluded, node);
        break;
    default:
        node->boost = 1;
        put(s, &s->excluded, node);
    }
}

static qi_node *all_node(qi_tree *tree)
{
    return qi_tree_node(tree, QI_NODE_ALL, false);
}

/* FILTER over the sorted filters, around `first`, which is none itself; NULL: every document. */
static qi_node *wrap_filters(sorter *s, qi_node *first)
{
    merge_equal(s, &s->filters);
    if (s->filters.count == 0)
        return first;
    if (first == NULL || first->kind == QI_NODE_ALL) {
        qi_node *only = s->filters.items[0];
        if (s->filters.count == 1 && (only->kind == QI_NODE_RANGE || only->kind == QI_NODE_EXISTS))
            return only;
        first = all_node(s->tree);
    }
    return make_first(s->tree, QI_NODE_FILTER, first, &s->filters);
}

static qi_node *wrap_excluded(sorter *s, qi_node *first)
{
    merge_equal(s, &s->excluded);
    if (s->excluded.count == 0)
        return first;
    return make_first(s->tree, QI_NODE_NOT, first == NULL ? all_node(s->tree) : first,
                      &s->excluded);
}

/* NOT around FILTER around `scoring`, which may be NULL. */
static qi_node *wrap(sorter *s, qi_node *scoring)
{
    qi_node *node = NULL;
    if (s->none) {
        node = qi_tree_none(s->tree);
    } else {
        node = wrap_excluded(s, wrap_filters(s, scoring));
        if (node == NULL && s->all)
            node = all_node(s->tree);
    }
    return s->tree->status == QUIRE_OK ? node : NULL;
}

/* ---- The combinations
 * ---------------------------------------------------------------------------- */

qi_node *qi_combine_and(qi_tree *tree, qi_nodes nodes)
{
    sorter s = {.tree = tree};
    for (uint32_t i = 0; i < nodes.count; i++)
        if (nodes.items[i] != NULL)
            sort_required(&s, qi_combine_settle(tree, nodes.items[i]));
    merge_equal(&s, &s.scoring);
    return wrap(&s, make_node(tree, QI_NODE_AND, &s.scoring));
}

/* The clauses of an OR, with plain ORs among them opened if `open`. Was there any? */
static bool sort_or(sorter *s, qi_nodes nodes, bool open)
{
    bool some = false;
    for (uint32_t i = 0; i < nodes.count; i++) {
        qi_node *node = nodes.items[i] == NULL ? NULL : qi_combine_settle(s->tree, nodes.items[i]);
        some = some || node != NULL;
        if (node == NULL || node->kind == QI_NODE_NONE)
            continue;
        bool plain = open && is_plain_or(node);
        for (uint32_t c = 0; c < node->child_count && plain; c++)
            put(s, &s->scoring, node->children[c]);
        if (!plain)
            put(s, &s->scoring, node);
    }
    return some;
}

static bool is_one_leaf(qi_nodes nodes)
{
    return nodes.count == 1 && nodes.items[0] != NULL && nodes.items[0]->child_count == 0;
}

qi_node *qi_combine_or(qi_tree *tree, qi_nodes nodes, uint32_t least)
{
    sorter s = {.tree = tree};
    qi_node *out = NULL;
    least = least == 0 ? 1 : least;
    if (least == 1 && is_one_leaf(nodes))
        return tree->status == QUIRE_OK ? nodes.items[0] : NULL;
    bool some = sort_or(&s, nodes, least == 1);
    if (least == 1)
        merge_equal(&s, &s.scoring);
    drop_high(tree, &s.scoring);
    size_t count = s.scoring.count;
    if (count < least) {
        out = some ? qi_tree_none(tree) : NULL;
    } else if (count == 1) {
        out = s.scoring.items[0];
    } else if (count == least) {
        out = qi_combine_and(tree, (qi_nodes){s.scoring.items, (uint32_t)count});
    } else {
        out = make_node(tree, QI_NODE_OR, &s.scoring);
        if (out != NULL)
            out->least = least;
    }
    return tree->status == QUIRE_OK ? out : NULL;
}

static bool is_silent(const qi_node *node)
{
    while (node->kind == QI_NODE_NOT || node->kind == QI_NODE_FILTER)
        node = node->children[0];
    return node->kind == QI_NODE_RANGE || node->kind == QI_NODE_EXISTS || node->kind == QI_NODE_ALL;
}

/* Does the node look at columns only, as a reader who narrows a search does? */
static bool is_narrowing(const qi_tree *tree, const qi_node *node)
{
    if (is_silent(node))
        return true;
    bool narrowing = node->kind == QI_NODE_OR || node->kind == QI_NODE_AND;
    for (uint32_t i = 0; i < node->child_count && narrowing; i++)
        narrowing = is_narrowing(tree, node->children[i]);
    if (node->leaf_count == 0)
        return narrowing;
    uint32_t field = QI_LANE_FIELD(node->leaves[0].lane);
    return tree->schema->fields.items[field].type == QUIRE_KEYWORD;
}

qi_nodes qi_combine_take_columns(qi_tree *tree, qi_nodes *nodes)
{
    qi_nodes columns = {qi_tree_work(tree, nodes->count, sizeof(qi_node *)), 0};
    uint32_t kept = 0;
    if (columns.items == NULL)
        return columns;
    for (uint32_t i = 0; i < nodes->count; i++) {
        qi_node *node = nodes->items[i];
        if (node != NULL && is_narrowing(tree, node))
            columns.items[columns.count++] = node;
        else
            nodes->items[kept++] = node;
    }
    nodes->count = kept;
    return columns;
}

/* Sort the clauses of a SMART; the last one seen, or NULL, and how many there are. */
static qi_node *sort_smart(sorter *s, qi_nodes nodes, uint32_t *count)
{
    qi_node *last = NULL;
    for (uint32_t i = 0; i < nodes.count; i++) {
        qi_node *node = nodes.items[i] == NULL ? NULL : qi_combine_settle(s->tree, nodes.items[i]);
        if (node == NULL)
            continue;
        last = node;
        ++*count;
        if (node->kind == QI_NODE_NONE)
            continue;
        s->all = s->all || node->kind == QI_NODE_ALL;
        put(s, is_narrowing(s->tree, node) ? &s->filters : &s->scoring, node);
    }
    return last;
}

qi_node *qi_combine_smart(qi_tree *tree, qi_nodes nodes)
{
    sorter s = {.tree = tree};
    uint32_t count = 0;
    qi_node *last = sort_smart(&s, nodes, &count);
    if (count > 1) {
        merge_equal(&s, &s.scoring);
        qi_nodes columns = {s.filters.items, (uint32_t)s.filters.count};
        last = make_node(tree, QI_NODE_SMART, &s.scoring);
        if (last == NULL && columns.count == 0)
            last = qi_tree_none(tree);
        last = qi_combine_filter(tree, last, columns);
    }
    return tree->status == QUIRE_OK ? last : NULL;
}

/* Put the children of a node of this kind from the `from`-th on, if that changes nothing; else the
 * node itself. */
static void put_parts(sorter *s, qi_node *node, qi_node_kind kind, uint32_t from)
{
    bool open = node->kind == kind && node->boost == 1 && node->least == 1;
    for (uint32_t i = from; i < node->child_count && open; i++)
        put(s, &s->scoring, node->children[i]);
    if (!open)
        put(s, &s->scoring, node);
}

/* Take the NOT and FILTER off a node. */
static qi_node *unwrap(sorter *s, qi_node *node)
{
    while (node != NULL && (node->kind == QI_NODE_NOT || node->kind == QI_NODE_FILTER)) {
        node_list *list = node->kind == QI_NODE_NOT ? &s->excluded : &s->filters;
        for (uint32_t i = 1; i < node->child_count; i++)
            put(s, list, node->children[i]);
        node = node->children[0];
    }
    return node;
}

/* MAYBE over what is sorted: the words that must match come first, `required` of them. */
static qi_node *make_maybe(sorter *s, qi_node *first, size_t required)
{
    if (s->none || s->tree->status != QUIRE_OK)
        return NULL;
    merge_equal(s, &s->scoring);
    node_list others = {s->scoring.items + required, s->scoring.count - required, 0};
    return others.count == 0 ? first : make_first(s->tree, QI_NODE_MAYBE, first, &others);
}

qi_node *qi_combine_maybe(qi_tree *tree, qi_node *first, qi_nodes others)
{
    qi_node *rest = qi_combine_or(tree, others, 1);
    first = first == NULL ? NULL : qi_combine_settle(tree, first);
    if (first == NULL || tree->status != QUIRE_OK)
        return tree->status == QUIRE_OK ? rest : NULL;
    if (rest == NULL)
        return first;
    sorter s = {.tree = tree};
    qi_node *old = first = unwrap(&s, first);
    bool open = old->kind == QI_NODE_MAYBE && old->boost == 1;
    first = open ? old->children[0] : old;
    put_parts(&s, first, QI_NODE_AND, 0);
    size_t required = s.scoring.count;
    if (open)
        put_parts(&s, old, QI_NODE_MAYBE, 1);
    if (rest != NULL && rest->kind != QI_NODE_NONE)
        put_parts(&s, rest, QI_NODE_OR, 0);
    s.none = first->kind == QI_NODE_NONE;
    return wrap(&s, make_maybe(&s, first, required));
}

qi_node *qi_combine_not(qi_tree *tree, qi_node *first, qi_nodes others)
{
    sorter s = {.tree = tree, .all = first == NULL};
    if (first != NULL && first->kind == QI_NODE_NOT) {
        for (uint32_t i = 1; i < first->child_count; i++)
            put(&s, &s.excluded, first->children[i]);
        first = first->children[0];
    }
    s.none = first != NULL && first->kind == QI_NODE_NONE;
    for (uint32_t i = 0; i < others.count; i++)
        if (others.items[i] != NULL)
            sort_excluded(&s, qi_combine_settle(tree, others.items[i]));
    return wrap(&s, first);
}

qi_node *qi_combine_filter(qi_tree *tree, qi_node *first, qi_nodes others)
{
    sorter s = {.tree = tree, .all = true};
    first = unwrap(&s, first);
    s.none = first != NULL && first->kind == QI_NODE_NONE;
    if (first != NULL && is_silent(first)) {
        put(&s, &s.filters, first->kind == QI_NODE_ALL ? NULL : first);
        first = NULL;
    }
    for (uint32_t i = 0; i < others.count; i++)
        if (others.items[i] != NULL)
            sort_filter(&s, qi_combine_settle(tree, others.items[i]));
    return wrap(&s, first);
}

qi_node *qi_combine_boost(qi_tree *tree, qi_node *node, float boost)
{
    if (node == NULL || boost == 1)
        return node;
    if (boost == 0)
        return qi_combine_filter(tree, NULL, (qi_nodes){&node, 1});
    qi_node *target = node;
    while (target->kind == QI_NODE_NOT || target->kind == QI_NODE_FILTER)
        target = target->children[0];
    if (target->kind == QI_NODE_SMART)
        for (uint32_t i = 0; i < target->child_count; i++)
            qi_combine_boost(tree, target->children[i], boost);
    else if (target->leaf_count > 0 || target->child_count > 0)
        target->boost = limit_boost((double)target->boost * (double)boost);
    return node;
}

static bool has_smart(const qi_node *node)
{
    while (node->kind == QI_NODE_NOT || node->kind == QI_NODE_FILTER)
        node = node->children[0];
    return node->kind == QI_NODE_SMART;
}

qi_node *qi_combine_settle(qi_tree *tree, qi_node *node)
{
    if (tree->status != QUIRE_OK || !has_smart(node))
        return node;
    qi_nodes all = {(qi_node **)(uintptr_t)node->children, node->child_count};
    qi_nodes others = {all.items + 1, all.count - 1};
    if (node->kind == QI_NODE_SMART)
        return qi_combine_or(tree, all, 1);
    qi_node *first = qi_combine_settle(tree, all.items[0]);
    return node->kind == QI_NODE_NOT ? qi_combine_not(tree, first, others)
                                     : qi_combine_filter(tree, first, others);
}
