/* SPDX-License-Identifier: MIT
 *
 * A tree is flat if each of its words has one role of its own: children of AND and FILTER are
 * required, those of one OR alternatives, later ones of MAYBE optional, of NOT prohibited. Leaves
 * stand in preorder, which is the order in which the tree adds scores. A phrase that is required
 * among other things enters as words that are, and as a leaf that scores. */
#include "search/flat_window.h"

#include "search/phrase.h"

/* A word of fewer than this part of the documents leads; where there are phrases, for the other way
 * is the tree's then, of more; and of so few times the wanted documents that bounds say little. */
enum { LEAD_SHARE = 32, PHRASE_SHARE = 8, LEAD_BEST = 40 };

enum { LEAD_WORDS = 3 }; /* along a lead, from which on they are scored one after another */

enum { OFTEN = 6 }; /* one match in so many documents */

static uint32_t count_leaves(qi_iter *iter, uint32_t *lists)
{
    qi_node_kind kind;
    const qi_shape_term *term = qi_shape_as_term(iter);
    if (term != NULL) {
        *lists += term->count;
        return 1;
    }
    qi_shape_phrase phrase = qi_shape_as_phrase(iter);
    if (phrase.state != NULL) {
        *lists += phrase.state->count + 1;
        return phrase.state->count + 1;
    }
    const qi_shape_bool *node = qi_shape_as_bool(iter, &kind);
    uint32_t count = 0;
    for (uint32_t i = 0; node != NULL && i < node->count; i++)
        count += count_leaves(node->children[i], lists);
    return count;
}

/* Weight a unit of a range's byte. Without bounds of the segment any byte must come to the whole
 * weight. */
static float per_byte(const qi_field_source *source, float weight)
{
    float up = source->bounds == NULL ? 255 : source->bounds->up > 1 ? source->bounds->up : 1;
    return weight * up * 1.0001f / QI_PART;
}

static void add_term(qi_flat *flat, qi_shape_term *term, qi_flat_role role, qi_flat_list *lists)
{
    qi_flat_leaf *leaf = &flat->leaves[flat->count++];
    *leaf =
        (qi_flat_leaf){.role = role, .weight = term->weight, .count = term->count, .lists = lists};
    leaf->most = term->weight;
    for (uint32_t i = 0; i < term->count; i++) {
        qi_shape_field *field = &term->fields[i];
        lists[i].source = &field->source;
        lists[i].match = field->match;
        lists[i].score = field->score;
        lists[i].per_byte = per_byte(&field->source, term->weight);
        leaf->df += field->match.list->df;
    }
    if (term->count == 1)
        leaf->most = qi_flat_most(lists, term->weight, term->fields[0].match.list->max_part);
}

/* Enter the words of a tree in their roles. False if it is not flat. */
typedef struct walk {
    qi_flat *flat;
    qi_flat_list *lists; /* the next free one */
    bool scored, phrases;
    uint32_t roles[4];
} walk;

static qi_flat_leaf *add_list(walk *to, qi_phrase_state *phrase, uint32_t word, float weight)
{
    qi_flat_leaf *leaf = &to->flat->leaves[to->flat->count++];
    qi_flat_list *list = to->lists++;
    *leaf = (qi_flat_leaf){.role = QI_FLAT_REQUIRED, .weight = weight, .count = 1, .lists = list};
    leaf->most = weight;
    list->source = &phrase->source;
    list->match.list = phrase->cursors[word].list;
    list->per_byte = per_byte(list->source, weight);
    leaf->df = list->match.list->df;
    return leaf;
}

/* Enter a phrase, its words first. */
static void add_phrase(walk *to, qi_shape_phrase phrase)
{
    for (uint32_t w = 0; w < phrase.state->count; w++)
        add_list(to, phrase.state, w, 0)->part = true;
    add_list(to, phrase.state, phrase.state->ordered[0], phrase.weight)->phrase = phrase.state;
    to->roles[QI_FLAT_REQUIRED]++;
    to->phrases = true;
}

/* The roles that a combination gives to its first child and to the others. False if the words of
 * the tree would not have one each. */
static bool give_roles(qi_node_kind kind, qi_flat_role role, qi_flat_role *first,
                       qi_flat_role *rest)
{
    *first = *rest = role;
    if (kind == QI_NODE_OR && role == QI_FLAT_PROHIBITED)
        return true;
    if (kind == QI_NODE_OR)
        *first = *rest = QI_FLAT_ANY;
    if (kind == QI_NODE_MAYBE)
        *rest = QI_FLAT_OPTIONAL;
    if (kind == QI_NODE_NOT)
        *rest = QI_FLAT_PROHIBITED;
    return kind != QI_NODE_NONE && role == QI_FLAT_REQUIRED;
}

static bool enter(walk *to, qi_iter *iter, qi_flat_role role)
{
    qi_shape_term *term = qi_shape_as_term(iter);
    if (term != NULL) {
        add_term(to->flat, term, role, to->lists);
        to->lists += term->count;
        to->roles[role]++;
        return role != QI_FLAT_ANY || term->weight > 0 || !to->scored;
    }
    qi_shape_phrase phrase = qi_shape_as_phrase(iter);
    if (phrase.state != NULL && role == QI_FLAT_REQUIRED) {
        add_phrase(to, phrase);
        return true;
    }
    qi_node_kind kind = QI_NODE_NONE;
    qi_shape_bool *node = qi_shape_as_bool(iter, &kind);
    qi_flat_role first, rest;
    if (!give_roles(kind, role, &first, &rest) ||
        (first == QI_FLAT_ANY && to->roles[QI_FLAT_ANY] != 0))
        return false;
    for (uint32_t i = 0; i < node->count; i++)
        if (!enter(to, node->children[i], i == 0 ? first : rest))
            return false;
    return true;
}

/* Order the leaves by df, and of them those that say what may match. */
static void order(qi_flat *flat)
{
    for (uint32_t i = 0; i < flat->count; i++) {
        uint32_t at = i;
        for (; at > 0 && flat->rarest[at - 1]->df > flat->leaves[i].df; at--)
            flat->rarest[at] = flat->rarest[at - 1];
        flat->rarest[at] = &flat->leaves[i];
    }
    qi_flat_role role = flat->any ? QI_FLAT_ANY : QI_FLAT_REQUIRED;
    for (uint32_t i = 0; i < flat->count; i++)
        if (flat->rarest[i]->role == role && flat->rarest[i]->phrase == NULL)
            flat->order[flat->ordered++] = flat->rarest[i];
}

/* The rarest required word leads if it is rare. */
static void choose_lead(walk *to, size_t best)
{
    qi_flat *flat = to->flat;
    qi_flat_leaf *first = flat->order[0];
    const qi_postings *list = first->lists[0].match.list;
    uint64_t share = to->phrases ? PHRASE_SHARE : LEAD_SHARE;
    bool several = flat->ordered > 1 && to->roles[QI_FLAT_OPTIONAL] == 0;
    uint64_t few = several ? LEAD_BEST * (uint64_t)best : 0;
    bool rare =
        list->ranges == NULL || first->df < few || first->df * share < flat->segment->doc_count;
    if (!flat->any && first->count == 1 && rare && (to->phrases || list->bitmap == NULL))
        flat->lead = first;
}

/* Enter the tree, and choose the order of its words. False if it is not flat. */
static bool enter_all(walk *to, qi_iter *root, size_t best)
{
    if (!enter(to, root, QI_FLAT_REQUIRED))
        return false;
    to->flat->any = to->roles[QI_FLAT_REQUIRED] == 0;
    if (to->roles[QI_FLAT_ANY] != 0 && (!to->flat->any || to->roles[QI_FLAT_OPTIONAL] != 0))
        return false;
    order(to->flat);
    choose_lead(to, best);
    return to->flat->lead != NULL || !to->phrases;
}

/* Along the lead, matching finds what scoring needs: one list serves both. False without memory. */
static bool share_lists(qi_arena *memory, qi_flat *flat)
{
    for (uint32_t i = 0; i < flat->count; i++) {
        const qi_flat_leaf *leaf = &flat->leaves[i];
        bool matches = leaf->role == QI_FLAT_REQUIRED && leaf != flat->lead;
        for (uint32_t l = 0; l < leaf->count && leaf->weight > 0; l++) {
            qi_flat_list *list = &leaf->lists[l];
            list->score.list = list->match.list;
            if (!matches || (list->match.list->bitmap != NULL && leaf->phrase == NULL))
                continue;
            list->found = qi_arena_room(memory, QI_BLOCK, sizeof *list->found);
            if (list->found == NULL)
                return false;
        }
    }
    return true;
}

/* Make room for what each word adds to candidates along the lead, if there are words enough. */
static void make_lead_parts(qi_arena *memory, qi_flat *flat)
{
    uint32_t words = 0;
    for (uint32_t i = 0; i < flat->count; i++)
        words += qi_flat_adds(&flat->leaves[i]);
    if (words < LEAD_WORDS)
        return;
    for (uint32_t i = 0; i < flat->count; i++) {
        flat->leaves[i].parts = qi_arena_room(memory, QI_BLOCK, sizeof(float));
        flat->leaves[i].after = qi_arena_room(memory, QI_BLOCK, sizeof(float));
    }
}

/* Is ranking by windows of use? */
static bool wants_window(const qi_flat *flat, const walk *from)
{
    return !from->phrases && (flat->any || from->roles[QI_FLAT_OPTIONAL] != 0);
}

/* Would so many documents match, if words were independent of each other, that whole ranges are
 * scored faster? */
static bool matches_often(const qi_flat *flat)
{
    double share = 1, docs = (double)flat->segment->doc_count;
    for (uint32_t i = 0; i < flat->ordered; i++)
        share *= (double)flat->order[i]->df / docs;
    return share * OFTEN > 1;
}

/* What ranking over the grid needs. Forms cannot be read by pages; and where little narrows the
 * required words, ranges are scored faster whole. */
static void make_parts(qi_arena *memory, qi_flat *flat, const walk *from)
{
    bool narrows = flat->ordered > 1 || from->roles[QI_FLAT_PROHIBITED] != 0;
    flat->paged = !flat->any && narrows && !matches_often(flat);
    for (uint32_t i = 0; i < flat->count; i++) {
        qi_flat_leaf *leaf = &flat->leaves[i];
        leaf->parts = qi_arena_room(memory, QI_BLOCK, sizeof *leaf->parts);
        for (uint32_t l = 0; l < leaf->count; l++)
            flat->paged = flat->paged && !leaf->lists[l].match.list->is_form;
    }
    for (uint32_t i = 0; i < flat->count && flat->paged; i++) {
        flat->leaves[i].after = qi_arena_room(memory, QI_FLAT_PAGE, sizeof(float));
        for (uint32_t l = 0; l < flat->leaves[i].count; l++)
            flat->leaves[i].lists[l].page = qi_arena_room(memory, 1, sizeof(qi_flat_page));
    }
}

/* What ranking needs. False without memory. */
static bool make_room(qi_arena *memory, qi_flat *flat, const walk *from)
{
    if (flat->lead != NULL && !share_lists(memory, flat))
        return false;
    if (flat->lead == NULL)
        make_parts(memory, flat, from);
    else
        make_lead_parts(memory, flat);
    if (wants_window(flat, from))
        flat->window = qi_flat_window_new(memory, flat->count);
    return !memory->failed;
}

qi_flat *qi_flat_new(qi_arena *memory, qi_iter *root, const qi_flat_spec *spec)
{
    uint32_t lists = 0, count = count_leaves(root, &lists);
    qi_flat *flat = qi_arena_new(memory, 1, sizeof *flat);
    qi_flat_leaf *leaves = qi_arena_new(memory, count, sizeof *leaves);
    qi_flat_leaf **orders = qi_arena_new(memory, count, 2 * sizeof *orders);
    walk to = {flat, qi_arena_new(memory, lists, sizeof(qi_flat_list)), .scored = spec->scored};
    if (flat == NULL || leaves == NULL || orders == NULL || to.lists == NULL)
        return NULL;
    *flat = (qi_flat){.segment = spec->segment,
                      .deleted = spec->deleted,
                      .poll = spec->poll,
                      .err = spec->err,
                      .k1 = spec->k1,
                      .leaves = leaves,
                      .rarest = orders,
                      .order = orders + count,
                      .slack = 1 + (float)(count + 64) / (1 << 19)};
    if (!enter_all(&to, root, spec->best))
        return NULL;
    return spec->scored && !make_room(memory, flat, &to) ? NULL : flat;
}
