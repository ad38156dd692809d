/* SPDX-License-Identifier: MIT
 *
 * One pass over the words of a text gathers the word numbers of the terms that phrases need; the
 * other way follows from where documents start. */
#include "phrases.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "segment/lists.h"

static void stop(const char *what)
{
    texts_stop("phrases", what);
}

static void make_bitmap(list *out, const uint32_t *docs, uint32_t count)
{
    uint32_t ranked = 0, units = (count + 63) / 64;
    out->bitmap = texts_room(units, sizeof *out->bitmap);
    out->ranks = texts_room(units, sizeof *out->ranks);
    for (uint32_t i = 0; i < out->df; i++)
        out->bitmap[docs[i] / 64] |= UINT64_C(1) << docs[i] % 64;
    for (uint32_t u = 0; u < units; u++) {
        out->ranks[u] = ranked;
        ranked += qi_popcount(out->bitmap[u]);
    }
}

static void make_list(const bank *in, list *out, const uint32_t *words, uint32_t count)
{
    uint32_t *docs = texts_room(count, 4), *ends = texts_room(count, 4),
             *gaps = texts_room(count, 4);
    uint32_t doc = 0, next = 0;
    *out = (list){.cf = count};
    for (uint32_t i = 0; i < count; i++) {
        while (in->starts[doc + 1] <= words[i])
            doc++;
        if (out->df == 0 || docs[out->df - 1] != doc) {
            docs[out->df++] = doc;
            next = in->starts[doc];
        }
        ends[out->df - 1] = i;
        gaps[i] = words[i] - next;
        next = words[i] + 1;
    }
    row_make(&out->words, words, count, true);
    row_make(&out->ends, ends, out->df, true);
    row_make(&out->positions, gaps, count, false);
    if (count >= QI_LIST_BLOCKED && qi_list_has_bitmap(out->df, in->docs))
        make_bitmap(out, docs, in->docs);
    else
        row_make(&out->docs, docs, out->df, true);
    free(docs);
    free(ends);
    free(gaps);
}

static void add_phrase(phrases *to, bank *in, const texts *from, const char *text)
{
    uint32_t terms[WORDS];
    phrase p = {.count = texts_find(from, text, terms, WORDS)};
    if (p.count < 2 || p.count > WORDS)
        return;
    for (unsigned i = 0; i < p.count; i++)
        if (terms[i] == TEXTS_HOLE)
            return;
    for (unsigned i = 0; i < p.count; i++) {
        in->lists[terms[i]].cf = 1;
        p.lists[i] = &in->lists[terms[i]];
    }
    if (!QI_VEC_PUSH(to, p))
        stop("out of memory");
}

static bool is_phrase(const json_t *tags)
{
    for (size_t i = 0; i < json_array_size(tags); i++)
        if (strcmp(json_string_value(json_array_get(tags, i)), "phrase") == 0)
            return true;
    return false;
}

static void read_phrases(phrases *to, bank *in, const texts *from, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    if (file == NULL)
        texts_stop(path, "cannot be opened");
    while (getline(&line, &room, file) > 0) {
        json_t *object = json_loads(line, 0, NULL);
        if (is_phrase(json_object_get(object, "tags")))
            add_phrase(to, in, from, json_string_value(json_object_get(object, "query")));
        json_decref(object);
    }
    free(line);
    fclose(file);
}

static void make_lists(bank *in, const texts *from)
{
    uint32_t total = (uint32_t)from->terms.count;
    uint32_t *counts = texts_room(in->terms, 4), *words = texts_room(total, 4);
    uint32_t **ends = texts_room(in->terms, sizeof *ends), *end = words;
    for (uint32_t i = 0; i < total; i++)
        if (from->terms.items[i] != TEXTS_HOLE)
            counts[from->terms.items[i]]++;
    for (uint32_t t = 0; t < in->terms; t++) {
        ends[t] = end;
        end += in->lists[t].cf == 0 ? 0 : counts[t];
    }
    for (uint32_t i = 0; i < total; i++) {
        uint32_t t = from->terms.items[i];
        if (t != TEXTS_HOLE && in->lists[t].cf != 0)
            *ends[t]++ = i;
    }
    for (uint32_t t = 0; t < in->terms; t++)
        if (in->lists[t].cf != 0)
            make_list(in, &in->lists[t], ends[t] - counts[t], counts[t]);
    free(counts);
    free(words);
    free(ends);
}

/* Words by how often they occur. */
static void order(phrase *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        unsigned at = i, slot = i;
        for (; at > 0 && p->lists[p->by_cf[at - 1]]->cf > p->lists[i]->cf; at--)
            p->by_cf[at] = p->by_cf[at - 1];
        for (; slot > 0 && p->lists[p->by_df[slot - 1]]->df > p->lists[i]->df; slot--)
            p->by_df[slot] = p->by_df[slot - 1];
        p->by_cf[at] = p->by_df[slot] = i;
    }
}

void bank_open(bank *out, phrases *asked, const texts *from, const char *queries)
{
    uint32_t longest = 0;
    *out = (bank){.docs = (uint32_t)from->starts.count, .terms = (uint32_t)from->stems.count};
    out->starts = texts_room(out->docs, sizeof(uint32_t));
    out->lists = texts_room(out->terms, sizeof *out->lists);
    memcpy(out->starts, from->starts.items, out->docs * sizeof(uint32_t));
    out->starts[out->docs] = (uint32_t)from->terms.count;
    for (uint32_t d = 0; d < out->docs; d++) {
        uint32_t length = out->starts[d + 1] - out->starts[d];
        longest = length > longest ? length : longest;
    }
    out->begins = texts_room(longest, sizeof(uint32_t));
    out->ones = texts_room(longest, sizeof(uint32_t));
    read_phrases(asked, out, from, queries);
    make_lists(out, from);
    for (size_t i = 0; i < asked->count; i++)
        order(&asked->items[i]);
}

void bank_close(bank *of)
{
    for (uint32_t t = 0; t < of->terms; t++) {
        list *one = &of->lists[t];
        row_free(&one->words);
        row_free(&one->docs);
        row_free(&one->ends);
        row_free(&one->positions);
        free(one->bitmap);
        free(one->ranks);
    }
    free(of->starts);
    free(of->lists);
    free(of->begins);
    free(of->ones);
}
