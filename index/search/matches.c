/* SPDX-License-Identifier: MIT
 *
 * The stored text is analysed again, and each token looked up among the words that the query wants
 * in that field. A word or prefix is marked where it stands; places of a phrase's words are
 * gathered and judged by search/slop.h as in the index, value by value, for no phrase crosses from
 * one to the next. An exact phrase is one mark from its first word to its last, one with slop a
 * mark a word. */
#include "search/matches.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "search/slop.h"
#include "text/analyzer.h"

#define NO_SLOT UINT32_MAX

/* A word that is wanted, as a word or as part of a phrase. */
typedef struct slot {
    uint32_t leaf;
    uint32_t phrase, word; /* phrase NO_SLOT: a word by itself */
    uint32_t next;         /* the next slot of the same term, or NO_SLOT */
} slot;

typedef struct places {
    QI_VEC(uint32_t) at;
} places;

typedef struct phrase {
    uint32_t leaf, slop, count;
    const qi_word *words;
    places *places; /* of each word, in the current value */
    qi_slop_word *slop_words;
} phrase;

typedef struct prefix {
    uint32_t leaf;
    bool exact;
    quire_str text;
} prefix;

/* Where a token that a phrase wants stands. */
typedef struct spot {
    uint32_t position;
    size_t start, end;
} spot;

/* What is wanted in one field. */
typedef struct finder {
    qi_matches *to;
    uint32_t field;
    uint32_t leaf;   /* number of the next one */
    qi_map terms[2]; /* of the lanes: term to first slot */
    QI_VEC(slot) slots;
    QI_VEC(phrase) phrases;
    QI_VEC(prefix) prefixes;
    QI_VEC(spot) spots; /* of the current value */
    qi_arena memory;
    qi_analyzer *analyzer;
    quire_error *err;
} finder;

static quire_status want_term(finder *f, const qi_leaf *leaf, uint32_t word, slot wanted)
{
    qi_map *map = &f->terms[leaf->lane % 2];
    quire_str term = leaf->words[word].term;
    const uint32_t *first = qi_map_get(map, term.ptr, term.len);
    wanted.next = first == NULL ? NO_SLOT : *first;
    if (!QI_VEC_PUSH(&f->slots, wanted) ||
        !qi_map_put(map, term.ptr, term.len, (uint32_t)f->slots.count - 1))
        return qi_no_memory(f->err);
    return QUIRE_OK;
}

static quire_status want_phrase(finder *f, const qi_node *node, const qi_leaf *leaf)
{
    phrase made = {
        .leaf = f->leaf, .slop = node->slop, .count = leaf->word_count, .words = leaf->words};
    made.places = qi_arena_new(&f->memory, made.count, sizeof *made.places);
    made.slop_words = qi_arena_new(&f->memory, made.count, sizeof *made.slop_words);
    if (f->memory.failed || !QI_VEC_PUSH(&f->phrases, made))
        return qi_no_memory(f->err);
    qi_slop_relate(made.slop_words, leaf->words, leaf->word_count);
    for (uint32_t w = 0; w < leaf->word_count; w++) {
        slot wanted = {f->leaf, (uint32_t)f->phrases.count - 1, w, NO_SLOT};
        QI_TRY(want_term(f, leaf, w, wanted));
    }
    return QUIRE_OK;
}

static quire_status want_leaf(finder *f, const qi_node *node, const qi_leaf *leaf)
{
    if (QI_LANE_FIELD(leaf->lane) != f->field || leaf->word_count == 0)
        return QUIRE_OK;
    if (node->kind == QI_NODE_PHRASE && leaf->word_count > 1)
        return want_phrase(f, node, leaf);
    if (node->kind == QI_NODE_PREFIX) {
        prefix wanted = {f->leaf, leaf->lane % 2 == 1, leaf->words[0].term};
        return QI_VEC_PUSH(&f->prefixes, wanted) ? QUIRE_OK : qi_no_memory(f->err);
    }
    return want_term(f, leaf, 0, (slot){f->leaf, NO_SLOT, 0, NO_SLOT});
}

/* Gather what the tree wants in the field; what is only excluded is not wanted. */
static quire_status want(finder *f, const qi_node *node)
{
    for (uint32_t i = 0; i < node->leaf_count; i++)
        QI_TRY(want_leaf(f, node, &node->leaves[i]));
    f->leaf += node->leaf_count != 0;
    uint32_t count = node->kind == QI_NODE_NOT && node->child_count > 1 ? 1 : node->child_count;
    for (uint32_t i = 0; i < count; i++)
        QI_TRY(want(f, node->children[i]));
    return QUIRE_OK;
}

static quire_status mark(finder *f, uint32_t value, uint32_t leaf, size_t start, size_t end)
{
    if (f->to->marks.count >= QI_MARKS)
        return qi_fail(f->err, QUIRE_ERR_LIMIT, "the document has more than %d matches", QI_MARKS);
    if (!QI_VEC_PUSH(&f->to->marks, (qi_mark){value, leaf, start, end}))
        return qi_no_memory(f->err);
    return QUIRE_OK;
}

/* Put a token where its slots want it. */
static quire_status take_slots(finder *f, uint32_t value, const qi_token *token, uint32_t first)
{
    bool spotted = false;
    for (uint32_t i = first; i != NO_SLOT; i = f->slots.items[i].next) {
        const slot *wanted = &f->slots.items[i];
        if (wanted->phrase == NO_SLOT) {
            QI_TRY(mark(f, value, wanted->leaf, token->start, token->end));
            continue;
        }
        places *list = &f->phrases.items[wanted->phrase].places[wanted->word];
        if (!QI_VEC_PUSH(&list->at, token->position))
            return qi_no_memory(f->err);
        spotted = true;
    }
    const spot *last = f->spots.count == 0 ? NULL : &f->spots.items[f->spots.count - 1];
    spot place = {token->position, token->start, token->end};
    if (spotted && (last == NULL || last->position != token->position) &&
        !QI_VEC_PUSH(&f->spots, place))
        return qi_no_memory(f->err);
    return QUIRE_OK;
}

static bool starts_with(quire_str text, quire_str start)
{
    return text.len >= start.len && memcmp(text.ptr, start.ptr, start.len) == 0;
}

static quire_status take_token(finder *f, uint32_t value, const qi_token *token)
{
    for (int lane = 0; lane < 2; lane++) {
        quire_str term = lane == 1 ? token->exact : token->term;
        const uint32_t *first =
            token->term.len == 0 ? NULL : qi_map_get(&f->terms[lane], term.ptr, term.len);
        if (first != NULL)
            QI_TRY(take_slots(f, value, token, *first));
    }
    for (size_t i = 0; i < f->prefixes.count && token->term.len != 0; i++) {
        const prefix *wanted = &f->prefixes.items[i];
        if (starts_with(wanted->exact ? token->exact : token->term, wanted->text))
            QI_TRY(mark(f, value, wanted->leaf, token->start, token->end));
    }
    return QUIRE_OK;
}

static const spot *spot_at(const finder *f, uint32_t position)
{
    size_t low = 0, high = f->spots.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->spots.items[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return &f->spots.items[low];
}

static quire_status mark_phrase(finder *f, uint32_t value, const phrase *p, const uint32_t *chosen)
{
    const spot *first = spot_at(f, chosen[0]);
    if (p->slop == 0)
        return mark(f, value, p->leaf, first->start, spot_at(f, chosen[p->count - 1])->end);
    for (uint32_t w = 0; w < p->count; w++) {
        const spot *place = spot_at(f, chosen[w]);
        QI_TRY(mark(f, value, p->leaf, place->start, place->end));
    }
    return QUIRE_OK;
}

/* Judge a phrase over the places gathered in a value, and forget them. */
static quire_status judge(finder *f, uint32_t value, phrase *p)
{
    uint32_t chosen[QI_PHRASE_WORDS];
    bool all = true;
    for (uint32_t w = 0; w < p->count; w++) {
        p->slop_words[w].at = p->places[w].at.items;
        p->slop_words[w].count = (uint32_t)p->places[w].at.count;
        all = all && p->places[w].at.count != 0;
    }
    for (uint32_t i = 0; all && i < p->slop_words[0].count; i++)
        if (qi_slop_width(p->slop_words, p->count, p->slop, i, chosen) != QI_SLOP_NONE)
            QI_TRY(mark_phrase(f, value, p, chosen));
    for (uint32_t w = 0; w < p->count; w++)
        p->places[w].at.count = 0;
    return QUIRE_OK;
}

static quire_status read_text(finder *f, uint32_t value, quire_str text)
{
    qi_token token;
    f->spots.count = 0;
    QI_TRY(qi_analyzer_start(f->analyzer, text, f->err));
    quire_status status = qi_analyzer_next(f->analyzer, false, &token, f->err);
    for (; status == QUIRE_OK; status = qi_analyzer_next(f->analyzer, false, &token, f->err))
        QI_TRY(take_token(f, value, &token));
    if (status != QUIRE_DONE)
        return status;
    for (size_t i = 0; i < f->phrases.count; i++)
        QI_TRY(judge(f, value, &f->phrases.items[i]));
    return QUIRE_OK;
}

static quire_status make_analyzer(finder *f, const quire_field *field)
{
    quire_analyzer options = field->analyzer;
    const char *language = f->to->document->language;
    if (language != NULL && language[0] != '\0' && strlen(language) < sizeof options.language)
        memcpy(options.language, language, strlen(language) + 1);
    return qi_analyzer_new(&f->analyzer, &options, f->err);
}

static quire_status read_field(finder *f, const qi_node *root)
{
    const quire_field *field = &f->to->schema->fields.items[f->field];
    QI_TRY(want(f, root));
    f->to->leaf_count = f->leaf;
    if (f->slots.count == 0 && f->prefixes.count == 0)
        return QUIRE_OK;
    if (field->type == QUIRE_TEXT)
        QI_TRY(make_analyzer(f, field));
    const quire_document *document = f->to->document;
    for (uint32_t i = 0; i < document->count; i++) {
        const quire_value *value = &document->values[i];
        if (value->text.ptr == NULL || strcmp(value->field, field->name) != 0)
            continue;
        qi_token whole = {.term = value->text, .exact = value->text, .end = value->text.len};
        QI_TRY(field->type == QUIRE_TEXT ? read_text(f, i, value->text) : take_token(f, i, &whole));
    }
    return QUIRE_OK;
}

static quire_status find_in_field(qi_matches *to, const qi_node *root, uint32_t field,
                                  quire_error *err)
{
    finder f = {.to = to, .field = field, .err = err};
    qi_map_init(&f.terms[0]);
    qi_map_init(&f.terms[1]);
    qi_arena_init(&f.memory, 0);
    quire_status status = read_field(&f, root);
    for (size_t i = 0; i < f.phrases.count; i++)
        for (uint32_t w = 0; w < f.phrases.items[i].count; w++)
            QI_VEC_FREE(&f.phrases.items[i].places[w].at);
    qi_analyzer_free(f.analyzer);
    qi_map_free(&f.terms[0]);
    qi_map_free(&f.terms[1]);
    QI_VEC_FREE(&f.slots);
    QI_VEC_FREE(&f.phrases);
    QI_VEC_FREE(&f.prefixes);
    QI_VEC_FREE(&f.spots);
    qi_arena_free(&f.memory);
    return status;
}

static int compare(const void *a, const void *b)
{
    const qi_mark *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static quire_status merge(qi_matches *to, quire_error *err)
{
    if (to->marks.count != 0)
        qsort(to->marks.items, to->marks.count, sizeof *to->marks.items, compare);
    for (size_t i = 0; i < to->marks.count; i++) {
        const qi_mark *one = &to->marks.items[i];
        quire_match *last = to->merged.count == 0 ? NULL : &to->merged.items[to->merged.count - 1];
        if (last != NULL && last->value == one->value && one->start < last->end)
            last->end = one->end > last->end ? one->end : last->end;
        else if (!QI_VEC_PUSH(&to->merged, (quire_match){one->value, one->start, one->end}))
            return qi_no_memory(err);
    }
    to->shown = (quire_matches){to->merged.count, to->merged.items};
    return QUIRE_OK;
}

quire_status qi_matches_open(qi_matches **out, const quire_schema *schema, const qi_node *root,
                             const quire_document *document, quire_error *err)
{
    *out = NULL;
    qi_matches *to = qi_mem_new(1, sizeof *to);
    if (to == NULL)
        return qi_no_memory(err);
    to->document = document;
    to->schema = qi_schema_retain(schema);
    qi_buf_init(&to->snippet, 0);
    quire_status status = QUIRE_OK;
    for (uint32_t i = 0; i < schema->fields.count && status == QUIRE_OK; i++)
        if (qi_field_has_terms(&schema->fields.items[i]))
            status = find_in_field(to, root, i, err);
    if (status == QUIRE_OK)
        status = merge(to, err);
    if (status == QUIRE_OK)
        *out = to;
    else
        qi_matches_free(to);
    return status;
}

void qi_matches_free(qi_matches *matches)
{
    if (matches == NULL)
        return;
    QI_VEC_FREE(&matches->marks);
    QI_VEC_FREE(&matches->merged);
    qi_buf_free(&matches->snippet);
    quire_schema_free(matches->schema);
    qi_mem_free(matches);
}
