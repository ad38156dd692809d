/* SPDX-License-Identifier: MIT
 *
 * The oracle of the benchmark. Order of scores is (score descending, number in the index); a score
 * is BM25F of one field of weight 1 as the library documents it, in single precision and in the
 * order of the query's required words, then the others. Deleted documents are not found, and count
 * in the statistics until they are merged away. */
#include "bench_naive.h"

#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 1 << 18, UNKNOWN = UINT32_MAX };

/* Where a word occurs: document << 32 | place, ascending. */
struct naive_word {
    uint64_t *places;
    size_t count, room;
    uint32_t df;
};

static float lengths_of_codes[256];

/* The lengths that the norm codes stand for. */
static void fill_lengths(void)
{
    uint64_t length = 0;
    for (int code = 0; code < 255; code++) {
        lengths_of_codes[code] = (float)length;
        if (code < 40)
            length++;
        else if (length < 10000)
            length = length * 31 / 30 > length ? length * 31 / 30 : length + 1;
        else
            length = length * 3 / 2;
    }
    lengths_of_codes[255] = 2147483647.0f;
}

static float coded(uint32_t length)
{
    int code = 255;
    while (lengths_of_codes[code] > (float)length)
        code--;
    return lengths_of_codes[code];
}

void naive_init(naive *n, const bench_options *options)
{
    *n = (naive){.options = options};
    struct hsearch_data *numbers = bench_alloc(1, sizeof *numbers);
    if (!hcreate_r(WORDS, numbers))
        bench_fail("no memory", "words");
    n->numbers = numbers;
    fill_lengths();
}

static uint32_t number_of(naive *n, const char *word, size_t len, bool add)
{
    char key[256];
    ENTRY *found, wanted = {key, NULL};
    if (len >= sizeof key)
        return UNKNOWN;
    memcpy(key, word, len);
    key[len] = '\0';
    if (hsearch_r(wanted, FIND, &found, n->numbers))
        return (uint32_t)(uintptr_t)found->data;
    if (!add)
        return UNKNOWN;
    if (n->word_count == n->word_room) {
        n->word_room = n->word_room * 2 + 1024;
        n->words = realloc(n->words, n->word_room * sizeof *n->words);
    }
    wanted = (ENTRY){strdup(key), (void *)(uintptr_t)n->word_count};
    if (n->words == NULL || wanted.key == NULL || !hsearch_r(wanted, ENTER, &found, n->numbers))
        bench_fail("no memory", "words");
    n->words[n->word_count] = (naive_word){0};
    return (uint32_t)n->word_count++;
}

/* Visits the words of a text: split at spaces, or as the library's English analyser reads them. */
typedef void visitor(naive *n, const char *word, size_t len, uint32_t place, void *payload);

static void each_english(naive *n, quire_str text, visitor *visit, void *payload)
{
    quire_error err;
    const quire_analysis *analysis;
    quire_analyzer analyzer = {"english", 0, 0, 0, 0};
    bench_must(quire_analyze(&analysis, &analyzer, text, &err), &err);
    for (size_t i = 0; i < analysis->count; i++) {
        const quire_token *token = &analysis->tokens[i];
        if (token->term.len != 0)
            visit(n, token->term.ptr, token->term.len, token->position, payload);
    }
    quire_analysis_free(analysis);
}

static void each_word(naive *n, quire_str text, visitor *visit, void *payload)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    if (n->options->english) {
        each_english(n, text, visit, payload);
        return;
    }
    for (uint32_t place = 0; at < end;) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        size_t len = space != NULL ? (size_t)(space - at) : (size_t)(end - at);
        if (len != 0)
            visit(n, at, len, place++, payload);
        at += len + 1;
    }
}

static void add_to_leaf(naive *n, const char *word, size_t len, uint32_t place, void *payload)
{
    naive_leaf *leaf = payload;
    (void)place; /* queries of the game have words of letters only: one token each */
    if (leaf->count < NAIVE_WORDS)
        leaf->words[leaf->count] = number_of(n, word, len, true);
    leaf->count++;
}

/* A leaf that was there before counts once more instead. */
static void merge_last(naive_query *query)
{
    naive_leaf *last = &query->leaves[query->count - 1];
    for (naive_leaf *leaf = query->leaves; leaf < last; leaf++)
        if (leaf->sign == last->sign && leaf->count == last->count &&
            memcmp(leaf->words, last->words, last->count * sizeof *last->words) == 0) {
            leaf->boost += 1;
            query->count--;
            return;
        }
}

bool naive_read_query(naive *n, naive_query *out, const char *text, const char *class)
{
    *out = (naive_query){.text = strdup(text), .class = strdup(class)};
    for (const char *at = text; *at != '\0';) {
        at += strspn(at, " ");
        char sign = *at == '+' || *at == '-' ? *at++ : ' ';
        bool quoted = *at == '"';
        at += quoted;
        size_t len = strcspn(at, quoted ? "\"" : " ");
        if (len == 0)
            continue;
        if (out->count == NAIVE_LEAVES)
            return false;
        naive_leaf *leaf = &out->leaves[out->count++];
        *leaf = (naive_leaf){.sign = sign, .boost = 1};
        each_word(n, (quire_str){at, len}, add_to_leaf, leaf);
        if (leaf->count == 0 || leaf->count > NAIVE_WORDS)
            return false;
        merge_last(out);
        at += len + (quoted && at[len] == '"');
    }
    return out->count != 0;
}

static void add_place(naive *n, const char *word, size_t len, uint32_t place, void *payload)
{
    uint32_t number = number_of(n, word, len, false), *length = payload;
    uint64_t ordinal = n->count;
    ++*length;
    if (number == UNKNOWN)
        return;
    naive_word *w = &n->words[number];
    if (w->count == w->room) {
        w->room = w->room * 2 + 16;
        w->places = realloc(w->places, w->room * sizeof *w->places);
        if (w->places == NULL)
            bench_fail("no memory", "words");
    }
    w->df += w->count == 0 || w->places[w->count - 1] >> 32 != ordinal;
    w->places[w->count++] = ordinal << 32 | place;
}

void naive_add(naive *n, quire_str text, quire_doc doc)
{
    if (n->count == n->room) {
        n->room = n->room * 2 + 1024;
        n->lengths = realloc(n->lengths, n->room * sizeof *n->lengths);
        n->docs = realloc(n->docs, n->room * sizeof *n->docs);
        if (n->lengths == NULL || n->docs == NULL)
            bench_fail("no memory", "documents");
    }
    n->lengths[n->count] = 0;
    n->docs[n->count] = doc;
    each_word(n, text, add_place, &n->lengths[n->count]);
    n->count++;
}

void naive_finish(naive *n)
{
    double sum = 0;
    size_t documents = 0;
    for (size_t d = 0; d < n->count; d++) {
        sum += (double)coded(n->lengths[d]);
        documents += n->lengths[d] != 0;
    }
    n->average = documents == 0 ? 1 : (float)(sum / (double)documents);
    n->tf = bench_alloc(n->count * NAIVE_LEAVES, sizeof *n->tf);
}

static float idf(const naive *n, const naive_leaf *leaf)
{
    float sum = 0;
    for (unsigned i = 0; i < leaf->count; i++) {
        double df = n->words[leaf->words[i]].df;
        sum += (float)log1p(((double)n->count - df + 0.5) / (df + 0.5));
    }
    return sum;
}

/* How often the leaf occurs in each document. */
static void count_leaf(const naive *n, const naive_leaf *leaf, uint16_t *tf)
{
    size_t at[NAIVE_WORDS] = {0};
    const naive_word *first = &n->words[leaf->words[0]];
    memset(tf, 0, n->count * sizeof *tf);
    for (size_t i = 0; i < first->count; i++) {
        bool all = true;
        for (unsigned w = 1; w < leaf->count && all; w++) {
            const naive_word *word = &n->words[leaf->words[w]];
            uint64_t wanted = first->places[i] + w;
            while (at[w] < word->count && word->places[at[w]] < wanted)
                at[w]++;
            all = at[w] < word->count && word->places[at[w]] == wanted;
        }
        uint64_t ordinal = first->places[i] >> 32;
        if (all && tf[ordinal] == UINT16_MAX)
            bench_fail("a word more than 65,535 times in a document", "check");
        tf[ordinal] = (uint16_t)(tf[ordinal] + all);
    }
}

static bool better(const naive *n, naive_hit a, naive_hit b)
{
    return a.score != b.score ? a.score > b.score : n->docs[a.ordinal] < n->docs[b.ordinal];
}

static void take(const naive *n, naive_result *out, naive_hit hit)
{
    out->total++;
    if (out->count == NAIVE_HITS && !better(n, hit, out->hits[NAIVE_HITS - 1]))
        return;
    size_t low = 0, high = out->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (better(n, out->hits[mid], hit))
            low = mid + 1;
        else
            high = mid;
    }
    out->count += out->count < NAIVE_HITS;
    memmove(out->hits + low + 1, out->hits + low, (out->count - low - 1) * sizeof *out->hits);
    out->hits[low] = hit;
}

/* The leaves that score, required ones first. */
static unsigned order_leaves(const naive_query *query, unsigned order[NAIVE_LEAVES])
{
    unsigned count = 0;
    for (const char *sign = "+ "; *sign != '\0'; sign++)
        for (unsigned i = 0; i < query->count; i++)
            if (query->leaves[i].sign == *sign)
                order[count++] = i;
    return count;
}

static bool matches(const naive *n, const naive_query *query, size_t d)
{
    bool required = false, any = false;
    for (unsigned i = 0; i < query->count; i++) {
        bool here = n->tf[i * n->count + d] != 0;
        char sign = query->leaves[i].sign;
        if ((sign == '-' && here) || (sign == '+' && !here))
            return false;
        required = required || sign == '+';
        any = any || (sign == ' ' && here);
    }
    return required || any;
}

void naive_search(naive *n, const naive_query *query, naive_result *out)
{
    float weights[NAIVE_LEAVES], k1 = n->options->k1, b = n->options->b;
    unsigned order[NAIVE_LEAVES], count = order_leaves(query, order);
    out->total = out->count = 0;
    for (unsigned i = 0; i < query->count; i++) {
        count_leaf(n, &query->leaves[i], n->tf + i * n->count);
        weights[i] = query->leaves[i].boost * idf(n, &query->leaves[i]);
    }
    for (size_t d = 0; d < n->count; d++) {
        if (n->docs[d] == NAIVE_DELETED || !matches(n, query, d))
            continue;
        float score = 0, length = coded(n->lengths[d]);
        length = length < 1 ? 1 : length;
        for (unsigned i = 0; i < count; i++) {
            float tf = n->tf[order[i] * n->count + d];
            float x = tf * (1 / (1 - b + b * (length / n->average)));
            if (tf > 0)
                score += weights[order[i]] * (x / (k1 + x));
        }
        take(n, out, (naive_hit){(uint32_t)d, score});
    }
}
