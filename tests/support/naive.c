/* SPDX-License-Identifier: MIT
 *
 * The oracle. Whatever the library does in blocks, bitmaps and windows is done here document by
 * document and token by token, straight from the definitions: matching, frequencies, BM25F, slop.
 */
#include "support/naive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/norms.h"

enum { PLACES = 4096 };

quire_schema *naive_schema(float k1, float b)
{
    quire_schema *schema = NULL;
    quire_error err;
    bool ok = quire_schema_new(&schema, false, &err) == QUIRE_OK;
    const char *names[] = {"title", "body", "tag", "num"};
    for (int i = 0; i < 4 && ok; i++) {
        quire_field field = QUIRE_FIELD_INIT;
        field.name = names[i];
        field.type = i < NAIVE_TEXTS ? QUIRE_TEXT : i == NAIVE_TAG ? QUIRE_KEYWORD : QUIRE_NUMBER;
        field.searched = field.exact = i < NAIVE_TEXTS;
        field.weight = i == NAIVE_TITLE ? 2.5f : 0;
        ok = quire_schema_add(schema, &field, &err) == QUIRE_OK;
    }
    if (!ok)
        abort();
    schema->k1 = k1;
    schema->b = b;
    return schema;
}

/* Bijective base 4, so that every string of the letters is one word and words start others. */
quire_str naive_form(uint32_t word, char out[16])
{
    char *end = out + 15, *p = end;
    *end = '\0';
    for (uint32_t n = word + 1; n != 0; n = (n - 1) / 4)
        *--p = (char)('a' + (n - 1) % 4);
    size_t len = (size_t)(end - p);
    memmove(out, p, len + 1);
    return (quire_str){out, len};
}

static uint32_t word_of(quire_str form)
{
    uint32_t n = 0;
    for (size_t i = 0; i < form.len; i++)
        n = n * 4 + (uint32_t)(form.ptr[i] - 'a') + 1;
    return n - 1;
}

/* Token i of a document in a lane as a word, or UINT32_MAX past the last. */
static uint32_t token_at(const naive_doc *doc, uint32_t lane, uint32_t i)
{
    uint32_t field = QI_LANE_FIELD(lane);
    if (field == NAIVE_TAG)
        return i == 0 && doc->tag >= 0 ? (uint32_t)doc->tag : UINT32_MAX;
    if (i >= doc->counts[field])
        return UINT32_MAX;
    return lane % 2 == 1 ? doc->tokens[field][i].word : doc->tokens[field][i].word / 2;
}

static uint32_t frequency(const naive_doc *doc, uint32_t lane, uint32_t word)
{
    uint32_t tf = 0, at;
    if ((doc->seen[lane] >> word % 64 & 1) == 0)
        return 0;
    for (uint32_t i = 0; (at = token_at(doc, lane, i)) != UINT32_MAX; i++)
        tf += at == word;
    return tf;
}

static uint32_t prefix_frequency(const naive_doc *doc, uint32_t lane, quire_str prefix)
{
    char form[16];
    uint32_t tf = 0, at;
    for (uint32_t i = 0; (at = token_at(doc, lane, i)) != UINT32_MAX; i++) {
        quire_str term = naive_form(at, form);
        tf += term.len >= prefix.len && memcmp(term.ptr, prefix.ptr, prefix.len) == 0;
    }
    return tf;
}

static void average(naive *index)
{
    for (uint32_t f = 0; f < 3; f++) {
        uint64_t sum = 0, documents = 0;
        for (uint32_t d = 0; d < index->count && f < NAIVE_TEXTS; d++) {
            sum += qi_norms_length[qi_norms_code(index->docs[d].counts[f])];
            documents += index->docs[d].counts[f] != 0;
        }
        index->averages[f] = documents == 0 ? 1 : (float)((double)sum / (double)documents);
    }
}

void naive_count(naive *index)
{
    average(index);
    free(index->df);
    index->df = calloc((size_t)index->words * 6, sizeof *index->df);
    for (uint32_t d = 0; d < index->count; d++)
        for (uint32_t lane = 0; lane < 6; lane++) {
            uint32_t word;
            for (uint32_t i = 0; (word = token_at(&index->docs[d], lane, i)) != UINT32_MAX; i++) {
                bool first = true;
                for (uint32_t j = 0; j < i && first; j++)
                    first = token_at(&index->docs[d], lane, j) != word;
                index->docs[d].seen[lane] |= UINT64_C(1) << word % 64;
                index->df[lane * index->words + word] += first;
            }
        }
}

/* Try places for words i.. given those chosen before; the least width of a match. */
typedef struct choice {
    const qi_word *words;
    uint32_t count;
    uint32_t *const *positions;
    const uint32_t *counts, *ids;
    uint32_t places[16];
} choice;

static int64_t least_width(choice *c, uint32_t i, int64_t low, int64_t high, int64_t slop)
{
    if (high - low > slop)
        return INT64_MAX;
    if (i == c->count)
        return high - low;
    int64_t best = INT64_MAX;
    for (uint32_t p = 0; p < c->counts[i]; p++) {
        bool taken = false;
        for (uint32_t j = 0; j < i && !taken; j++)
            taken = c->ids[j] == c->ids[i] && c->places[j] == c->positions[i][p];
        if (taken)
            continue;
        c->places[i] = c->positions[i][p];
        int64_t start = (int64_t)c->places[i] - c->words[i].position;
        int64_t width =
            least_width(c, i + 1, start < low ? start : low, start > high ? start : high, slop);
        best = width < best ? width : best;
    }
    return best;
}

float naive_slop(const qi_word *words, uint32_t count, uint32_t slop, uint32_t *const *positions,
                 const uint32_t *counts, const uint32_t *ids)
{
    choice c = {words, count, positions, counts, ids, {0}};
    float tf = 0;
    for (uint32_t p = 0; p < counts[0]; p++) {
        c.places[0] = positions[0][p];
        int64_t start = (int64_t)positions[0][p] - words[0].position;
        int64_t width = least_width(&c, 1, start, start, slop);
        if (width != INT64_MAX)
            tf += 1 / (1 + (float)width);
    }
    return tf;
}

static float phrase_frequency(const naive_doc *doc, const qi_leaf *leaf, uint32_t slop)
{
    static uint32_t room[16][PLACES];
    uint32_t *positions[16];
    uint32_t counts[16] = {0}, ids[16], word;
    for (uint32_t w = 0; w < leaf->word_count; w++)
        if ((doc->seen[leaf->lane] >> word_of(leaf->words[w].term) % 64 & 1) == 0)
            return 0;
    for (uint32_t w = 0; w < leaf->word_count; w++) {
        positions[w] = room[w];
        ids[w] = word_of(leaf->words[w].term);
        for (uint32_t i = 0; (word = token_at(doc, leaf->lane, i)) != UINT32_MAX; i++)
            if (word == ids[w])
                room[w][counts[w]++] = doc->tokens[QI_LANE_FIELD(leaf->lane)][i].position;
        if (counts[w] == 0)
            return 0;
    }
    return naive_slop(leaf->words, leaf->word_count, slop, positions, counts, ids);
}

/* Frequency of leaf f of a node in a document. */
static float leaf_frequency(const naive_doc *doc, const qi_node *node, uint32_t f)
{
    const qi_leaf *leaf = &node->leaves[f];
    if (node->kind == QI_NODE_TERM)
        return (float)frequency(doc, leaf->lane, word_of(leaf->words[0].term));
    if (node->kind == QI_NODE_PREFIX)
        return (float)prefix_frequency(doc, leaf->lane, leaf->words[0].term);
    return phrase_frequency(doc, leaf, node->slop);
}

static bool in_range(const naive_doc *doc, const qi_node *node)
{
    char form[16];
    if (node->field == NAIVE_NUM)
        return doc->num != INT64_MIN &&
               (node->kind == QI_NODE_EXISTS || (doc->num >= node->low && doc->num <= node->high));
    if (node->field != NAIVE_TAG)
        return doc->counts[node->field] != 0;
    if (doc->tag < 0 || node->kind == QI_NODE_EXISTS)
        return doc->tag >= 0;
    naive_form((uint32_t)doc->tag, form);
    return (node->low_key.ptr == NULL || strcmp(form, node->low_key.ptr) >= 0) &&
           (node->high_key.ptr == NULL || strcmp(form, node->high_key.ptr) <= 0);
}

static bool matches(const naive_doc *doc, const qi_node *node, bool smart_all)
{
    uint32_t count = 0, others = 0;
    if (node->kind == QI_NODE_NONE || node->kind == QI_NODE_ALL)
        return node->kind == QI_NODE_ALL;
    if (node->kind == QI_NODE_RANGE || node->kind == QI_NODE_EXISTS)
        return in_range(doc, node);
    for (uint32_t f = 0; f < node->leaf_count; f++)
        if (leaf_frequency(doc, node, f) > 0)
            return true;
    for (uint32_t i = 0; i < node->child_count; i++) {
        bool one = matches(doc, node->children[i], smart_all);
        count += one;
        others += i != 0 && one;
    }
    switch (node->kind) {
    case QI_NODE_AND:
    case QI_NODE_FILTER:
        return count == node->child_count;
    case QI_NODE_SMART:
        return count >= (smart_all ? node->child_count : 1);
    case QI_NODE_OR:
        return count >= (node->least > 1 ? node->least : 1);
    case QI_NODE_NOT:
        return count == 1 && others == 0;
    case QI_NODE_MAYBE:
        return count > others;
    default:
        return false;
    }
}

static float idf(const naive *index, uint64_t df)
{
    return (float)log1p(((double)index->count - (double)df + 0.5) / ((double)df + 0.5));
}

static float node_idf(const naive *index, const qi_node *node)
{
    float least = 0;
    for (uint32_t f = 0; f < node->leaf_count; f++) {
        const qi_leaf *leaf = &node->leaves[f];
        float sum = 0;
        for (uint32_t w = 0; w < leaf->word_count; w++) {
            uint32_t word = word_of(leaf->words[w].term), df = 0;
            if (node->kind == QI_NODE_PREFIX)
                for (uint32_t d = 0; d < index->count; d++)
                    df += prefix_frequency(&index->docs[d], leaf->lane, leaf->words[w].term) > 0;
            else if (word < index->words)
                df = index->df[leaf->lane * index->words + word];
            sum += idf(index, df);
        }
        least = f == 0 || sum < least ? sum : least;
    }
    return least;
}

typedef struct scorer {
    const naive *index;
    float k1, b;
    const qi_node *leaves[256];
    float idfs[256];
    uint32_t count;
} scorer;

static float node_score(scorer *s, const naive_doc *doc, const qi_node *node, float boost)
{
    uint32_t n = 0;
    while (n < s->count && s->leaves[n] != node)
        n++;
    if (n == s->count) {
        s->idfs[n] = node_idf(s->index, node);
        s->leaves[s->count++] = node;
    }
    float x = 0;
    for (uint32_t f = 0; f < node->leaf_count; f++) {
        uint32_t field = QI_LANE_FIELD(node->leaves[f].lane);
        float tf = leaf_frequency(doc, node, f);
        float weight = field == NAIVE_TITLE ? 2.5f : 1;
        float length = 1;
        if (field < NAIVE_TEXTS)
            length = (float)qi_norms_length[qi_norms_code(doc->counts[field])];
        if (tf > 0)
            x += tf * (weight / (1 - s->b + s->b * (length / s->index->averages[field])));
    }
    return x > 0 ? boost * s->idfs[n] * (x / (s->k1 + x)) : 0;
}

/* Add what the node is worth to *sum, leaf by leaf. */
static void add_scores(scorer *s, const naive_doc *doc, const qi_node *node, float boost,
                       float *sum)
{
    boost *= node->boost;
    if (node->leaf_count != 0) {
        float score = node_score(s, doc, node, boost);
        if (score > 0)
            *sum += score;
        return;
    }
    bool first = node->kind == QI_NODE_NOT || node->kind == QI_NODE_FILTER;
    for (uint32_t i = 0; i < node->child_count && (i == 0 || !first); i++)
        if (matches(doc, node->children[i], false))
            add_scores(s, doc, node->children[i], boost, sum);
}

static bool has_smart(const qi_node *node)
{
    bool found = node->kind == QI_NODE_SMART;
    for (uint32_t i = 0; i < node->child_count && !found; i++)
        found = has_smart(node->children[i]);
    return found;
}

uint32_t naive_match(const naive *index, const qi_node *root, float k1, float b, naive_hit *hits)
{
    static scorer s;
    s = (scorer){.index = index, .k1 = k1, .b = b};
    bool smart = has_smart(root);
    uint32_t count = 0;
    for (uint32_t d = 0; d < index->count; d++) {
        const naive_doc *doc = &index->docs[d];
        if (doc->deleted || !matches(doc, root, false))
            continue;
        hits[count] = (naive_hit){d, 0, smart && matches(doc, root, true)};
        add_scores(&s, doc, root, 1, &hits[count++].score);
    }
    return count;
}

static int compare(const void *a, const void *b)
{
    const naive_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

void naive_order(naive_hit *hits, uint32_t count)
{
    qsort(hits, count, sizeof *hits, compare);
}

void naive_free(naive *index)
{
    for (uint32_t d = 0; d < index->count; d++)
        for (int f = 0; f < NAIVE_TEXTS; f++)
            free(index->docs[d].tokens[f]);
    free(index->docs);
    free(index->df);
    quire_schema_free(index->schema);
    *index = (naive){0};
}
