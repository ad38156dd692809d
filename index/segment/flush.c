/* SPDX-License-Identifier: MIT
 * Terms of each lane, of all parts, are sorted by their bytes. A stem's list is joined from the
 * streams of its forms, whose own lists are made on that occasion and wait in memory until their
 * lane comes. Lists of stems are coded a few at a time, by several threads if there are, and
 * entered in order. A keyword's column turns from numbers of terms to ordinals, which is their
 * rank. */
#include "segment/flush.h"

#include <string.h>

#include "base/mem.h"
#include "codec/stored.h"
#include "segment/build.h"
#include "segment/join.h"
#include "segment/lane_terms.h"
#include "segment/team.h"

enum { PIECE = 128 /* terms that a thread codes at a time */ };

/* An exact form that is a part of one stem. */
typedef struct form_list {
    uint32_t link; /* 0: it has several stems, or none was written yet */
    uint32_t df, cf, first;
    size_t start, len; /* of the list in `lists` */
} form_list;

/* What a thread codes lists with. */
typedef struct coder {
    qi_join join;
    qi_list_writer lists;
    qi_join_chain *chains;
    QI_VEC(uint64_t) order; /* of the runs of a stem, by forms */
    QI_VEC(uint32_t) ordinals;
} coder;

typedef struct coded {
    size_t key; /* the first of the term's */
    qi_term_info info;
} coded;

/* Terms that were coded and wait to be entered. */
typedef struct piece {
    QI_VEC(coded) terms;
    qi_buf area, lists;
    QI_VEC(uint32_t) forms; /* in f->forms, with links and starts counted from the piece's */
    quire_segment_stat sizes;
} piece;

typedef struct flush {
    const qi_flush_plan *plan;
    const quire_schema *schema;
    qi_build build;
    coder *coders; /* of each thread */
    piece *pieces; /* of each slot */
    unsigned threads;
    qi_lane_terms terms[2]; /* of the lane at hand, or the two of a text field */
    uint32_t *form_terms;   /* which term each form of a part is */
    form_list *forms;       /* by term, of the field at hand */
    qi_buf lists;
    uint32_t *ranks;   /* of keyword terms, for their column */
    int64_t **columns; /* of all fields but text; those of keywords in ordinals */
} flush;

/* ---- The terms of a lane ---- */

static quire_status sort_piece(void *host, unsigned worker, size_t number, unsigned slot,
                               quire_error *err)
{
    flush *f = host;
    (void)worker;
    (void)slot;
    (void)err;
    qi_lane_terms_sort(&f->terms[number], &f->plan->parts);
    return QUIRE_OK;
}

static quire_status pass(void *host, size_t number, unsigned slot, quire_error *err)
{
    (void)host;
    (void)number;
    (void)slot;
    (void)err;
    return QUIRE_OK;
}

/* Sort `count` lanes from `lane` on. */
static quire_status sort_lanes(flush *f, uint32_t lane, size_t count, quire_error *err)
{
    qi_team_job job = {f, count, f->threads, sort_piece, pass};
    for (size_t i = 0; i < count; i++)
        QI_TRY(qi_lane_terms_list(&f->terms[i], &f->plan->parts, lane + (uint32_t)i, err));
    return qi_team_run(&job, err);
}

/* ---- Lists of stems ---- */

/* Join the occurrences of a term. */
static quire_status join_term(const flush *f, coder *c, const qi_lane_terms *t, size_t number,
                              quire_error *err)
{
    size_t count = 0;
    for (size_t k = t->starts[number]; k < t->starts[number + 1]; k++) {
        uint32_t term = t->keys[k].term, part = qi_lane_terms_part(t, term);
        const qi_mem_lane *lane = &f->plan->parts.items[part]->lanes[t->lane];
        c->chains[count++] = (qi_join_chain){part, lane->terms.items[term - t->bases[part]].entry};
    }
    return qi_join_term(&c->join, c->chains, count, t->lane % 2 == 1, err);
}

/* How many entries of a part's form occur. */
static size_t count_used(const qi_memindex *part, uint32_t lane, uint32_t form)
{
    const qi_mem_field *field = &part->fields[QI_LANE_FIELD(lane)];
    size_t used = 0;
    for (uint32_t at = part->lanes[lane].terms.items[form].entry; at != 0;
         at = field->entries.items[at - 1].same_form)
        used += field->streams.items[at - 1].count != 0;
    return used;
}

/* Whether all entries in which a form occurs are the `count` that `order` has, which are of one
 * stem. */
static bool has_one_stem(const flush *f, const coder *c, const uint64_t *order, size_t count)
{
    const qi_lane_terms *t = &f->terms[1];
    const qi_join_run *run = &c->join.runs.items[order[0] & UINT32_MAX];
    const qi_memindex *part = f->plan->parts.items[run->part];
    if (f->plan->parts.count == 1)
        return count_used(part, t->lane,
                          part->fields[c->join.field].entries.items[run->entry].form - 1) == count;
    uint32_t form = (uint32_t)(order[0] >> 32);
    size_t used = 0;
    for (size_t k = t->starts[form]; k < t->starts[form + 1] && used <= count; k++) {
        uint32_t term = t->keys[k].term, number = qi_lane_terms_part(t, term);
        used += count_used(f->plan->parts.items[number], t->lane, term - t->bases[number]);
    }
    return used == count;
}

static uint32_t count_docs(const qi_join *join, const uint32_t *ordinals, size_t count)
{
    const uint32_t *docs = join->docs.items;
    uint32_t df = 1;
    for (size_t i = 1; i < count; i++)
        df += docs[ordinals[i]] != docs[ordinals[i - 1]];
    return df;
}

static uint32_t df_of(const qi_join *join)
{
    uint32_t df = 1;
    for (size_t i = 1; i < join->docs.count; i++)
        df += join->docs.items[i] != join->docs.items[i - 1];
    return df;
}

/* The ordinals of `count` runs of a form, which `order` has; NULL when out of memory. */
static const uint32_t *ordinals_of(coder *c, const uint64_t *order, size_t count)
{
    const qi_join_run *runs = c->join.runs.items;
    if (count == 1)
        return c->join.ordinals.items + runs[order[0] & UINT32_MAX].start;
    c->ordinals.count = 0;
    for (size_t i = 0; i < count; i++) {
        const qi_join_run *run = &runs[order[i] & UINT32_MAX];
        if (!QI_VEC_RESERVE(&c->ordinals, run->count))
            return NULL;
        memcpy(c->ordinals.items + c->ordinals.count, c->join.ordinals.items + run->start,
               run->count * sizeof *c->ordinals.items);
        c->ordinals.count += run->count;
    }
    return c->ordinals.items;
}

/* Keep the list of a form of the stem that was joined last, whose runs `order` has. */
static bool keep_form(flush *f, coder *c, piece *to, const uint64_t *order, size_t count)
{
    const qi_join *join = &c->join;
    uint32_t form = (uint32_t)(order[0] >> 32);
    if (!has_one_stem(f, c, order, count))
        return true;
    form_list list = {.link = (uint32_t)to->terms.count, .start = to->lists.len};
    for (size_t i = 0; i < count; i++)
        list.cf += join->runs.items[order[i] & UINT32_MAX].count;
    if (list.cf == join->words.count) {
        list.first = join->words.items[0];
        list.df = df_of(join);
    } else {
        const uint32_t *ordinals = ordinals_of(c, order, count);
        if (ordinals == NULL)
            return false;
        list.first = join->words.items[ordinals[0]];
        list.df = count_docs(join, ordinals, list.cf);
        qi_form_words words = {join->words.items, ordinals, list.cf};
        if (list.cf > 1)
            qi_forms_list(&words, &to->lists);
        list.len = to->lists.len - list.start;
    }
    f->forms[form] = list;
    return QI_VEC_PUSH(&to->forms, form);
}

/* Shell's sort: mostly of few, and of one part those of a stem are never sorted. */
static void sort_order(uint64_t *order, size_t count)
{
    for (size_t gap = count / 2; gap > 0; gap /= 2)
        for (size_t i = gap; i < count; i++) {
            uint64_t moved = order[i];
            size_t to = i;
            for (; to >= gap && order[to - gap] > moved; to -= gap)
                order[to] = order[to - gap];
            order[to] = moved;
        }
}

/* Keep the lists of all forms of the stem that was joined last. */
static bool keep_forms(flush *f, coder *c, piece *to)
{
    const qi_join *join = &c->join;
    const qi_lane_terms *t = &f->terms[1];
    c->order.count = 0;
    if (!QI_VEC_RESERVE(&c->order, join->runs.count))
        return false;
    for (size_t r = 0; r < join->runs.count; r++) {
        const qi_join_run *run = &join->runs.items[r];
        const qi_memindex *part = f->plan->parts.items[run->part];
        uint32_t form = part->fields[join->field].entries.items[run->entry].form;
        if (form != 0)
            c->order.items[c->order.count++] =
                (uint64_t)f->form_terms[t->bases[run->part] + form - 1] << 32 | r;
    }
    const uint64_t *order = c->order.items;
    if (f->plan->parts.count > 1)
        sort_order(c->order.items, c->order.count);
    for (size_t i = 0, n; i < c->order.count; i += n) {
        for (n = 1; i + n < c->order.count && order[i + n] >> 32 == order[i] >> 32;)
            n++;
        if (!keep_form(f, c, to, order + i, n))
            return false;
    }
    return true;
}

static quire_status code_stem(flush *f, coder *c, piece *to, size_t number, quire_error *err)
{
    const qi_lane_terms *t = &f->terms[0];
    coded made = {.key = t->starts[number]};
    QI_TRY(join_term(f, c, t, number, err));
    if (c->join.words.count == 0) /* its first occurrence did not fit memory */
        return QUIRE_OK;
    qi_lists_words(&c->lists, c->join.words.items, c->join.docs.items, c->join.words.count);
    QI_TRY(qi_lists_end(&c->lists, &to->area, &made.info, err));
    const quire_segment_stat *sizes = &c->lists.sizes;
    to->sizes.doc_bytes += sizes->doc_bytes;
    to->sizes.freq_bytes += sizes->freq_bytes;
    to->sizes.position_bytes += sizes->position_bytes;
    to->sizes.skip_bytes += sizes->skip_bytes;
    to->sizes.range_bytes += sizes->range_bytes;
    to->sizes.bitmap_bytes += sizes->bitmap_bytes;
    if (!QI_VEC_PUSH(&to->terms, made) || (f->forms != NULL && !keep_forms(f, c, to)) ||
        to->lists.failed)
        return qi_no_memory(err);
    return QUIRE_OK;
}

/* Of what only fetches, gcc leaves out calls as having no effect, unless it is inlined first. */
#define FETCHES static inline __attribute__((always_inline)) void

FETCHES fetch_entry(const qi_mem_field *field, uint32_t entry)
{
    __builtin_prefetch(&field->entries.items[entry - 1]);
    __builtin_prefetch(&field->streams.items[entry - 1]);
}

/* Have an entry's stream fetched, and what becomes of its form. */
FETCHES fetch_stream(const flush *f, uint32_t part, uint32_t lane, uint32_t entry)
{
    const qi_memindex *index = f->plan->parts.items[part];
    const qi_mem_field *field = &index->fields[QI_LANE_FIELD(lane)];
    const qi_stream *stream = &field->streams.items[entry - 1];
    uint32_t form = field->entries.items[entry - 1].form;
    if (stream->count != 0)
        __builtin_prefetch(qi_pool_at(&index->pool, stream->head));
    if (form != 0 && f->forms != NULL) {
        __builtin_prefetch(&index->lanes[lane + 1].terms.items[form - 1]);
        __builtin_prefetch(&f->form_terms[f->terms[1].bases[part] + form - 1]);
    }
}

/* Have a form's own list fetched, and where its keys are. */
FETCHES fetch_term(const flush *f, uint32_t form)
{
    __builtin_prefetch(&f->forms[form], 1);
    if (f->plan->parts.count > 1)
        __builtin_prefetch(&f->terms[1].starts[form]);
}

/* The first entry of the term of a key, plus one; 0: none. */
static inline qi_join_chain entry_at(const qi_lane_terms *t, const flush *f, size_t k)
{
    if (k >= t->starts[t->count])
        return (qi_join_chain){0, 0};
    uint32_t term = t->keys[k].term, part = qi_lane_terms_part(t, term);
    const qi_mem_lane *lane = &f->plan->parts.items[part]->lanes[t->lane];
    return (qi_join_chain){part, lane->terms.items[term - t->bases[part]].entry};
}

/* Have the processor fetch what the stems or keywords to come will need, in the order in which one
 * thing leads to the next; `k` is the place of a key. */
FETCHES fetch(const flush *f, size_t k)
{
    enum { TERM = 32, ENTRY = 24, STREAM = 16, NEXT = 8 };
    const qi_lane_terms *t = &f->terms[0];
    const qi_mem_parts *parts = &f->plan->parts;
    uint32_t n = QI_LANE_FIELD(t->lane);
    if (k + TERM < t->starts[t->count]) {
        __builtin_prefetch(qi_lane_terms_at(&f->plan->parts, t, t->keys[k + TERM].term));
        __builtin_prefetch(t->keys[k + TERM].bytes);
    }
    qi_join_chain at = entry_at(t, f, k + ENTRY);
    if (at.entry != 0)
        fetch_entry(&parts->items[at.part]->fields[n], at.entry);
    at = entry_at(t, f, k + STREAM);
    if (at.entry != 0) {
        const qi_mem_field *field = &parts->items[at.part]->fields[n];
        fetch_stream(f, at.part, t->lane, at.entry);
        if (field->entries.items[at.entry - 1].same_stem != 0)
            fetch_entry(field, field->entries.items[at.entry - 1].same_stem);
    }
    at = entry_at(t, f, k + NEXT);
    if (at.entry == 0)
        return;
    const qi_mem_entry *entry = &parts->items[at.part]->fields[n].entries.items[at.entry - 1];
    if (f->forms != NULL && entry->form != 0)
        fetch_term(f, f->form_terms[f->terms[1].bases[at.part] + entry->form - 1]);
    if (entry->same_stem != 0)
        fetch_stream(f, at.part, t->lane, entry->same_stem);
}

/* Code a piece of the stems. */
static quire_status code_piece(void *host, unsigned worker, size_t number, unsigned slot,
                               quire_error *err)
{
    flush *f = host;
    const qi_lane_terms *t = &f->terms[0];
    piece *to = &f->pieces[slot];
    size_t start = number * PIECE, end = t->count - start < PIECE ? t->count : start + PIECE;
    to->terms.count = to->forms.count = 0;
    to->area.len = to->lists.len = 0;
    to->sizes = (quire_segment_stat){0};
    for (size_t i = start; i < end; i++) {
        for (size_t k = t->starts[i]; k < t->starts[i + 1]; k++)
            fetch(f, k);
        QI_TRY(code_stem(f, &f->coders[worker], to, i, err));
    }
    return QUIRE_OK;
}

/* Enter a piece of the stems. */
static quire_status enter_piece(void *host, size_t number, unsigned slot, quire_error *err)
{
    flush *f = host;
    piece *from = &f->pieces[slot];
    uint32_t before = (uint32_t)f->build.dict.count;
    size_t at = 0;
    (void)number;
    for (size_t i = 0; i < from->terms.count; i++) {
        const coded *made = &from->terms.items[i];
        const qi_sort_key *key = &f->terms[0].keys[made->key];
        QI_TRY(qi_build_coded(&f->build, (quire_str){(const char *)key->bytes, key->len},
                              &made->info, from->area.bytes == NULL ? NULL : from->area.bytes + at,
                              err));
        at += made->info.length;
    }
    qi_build_account(&f->build, &from->sizes);
    for (size_t i = 0; i < from->forms.count; i++) {
        f->forms[from->forms.items[i]].link += before;
        f->forms[from->forms.items[i]].start += f->lists.len;
    }
    qi_buf_add(&f->lists, from->lists.bytes, from->lists.len);
    return f->lists.failed ? qi_no_memory(err) : QUIRE_OK;
}

static quire_status write_stems(flush *f, quire_error *err)
{
    qi_team_job job = {f, (f->terms[0].count + PIECE - 1) / PIECE, f->threads, code_piece,
                       enter_piece};
    qi_build_lane(&f->build, f->terms[0].lane);
    for (unsigned i = 0; i < f->threads; i++)
        qi_lists_lane(&f->coders[i].lists, &f->build.lists.lane);
    QI_TRY(qi_team_run(&job, err));
    return qi_build_lane_end(&f->build, err);
}

/* ---- The other lanes ---- */

/* The same for exact forms, whose lists are made already. */
FETCHES fetch_form(const flush *f, size_t i)
{
    enum { FORM = 16, LIST = 8 };
    const qi_lane_terms *t = &f->terms[1];
    if (i + FORM < t->count) {
        __builtin_prefetch(&f->forms[i + FORM]);
        __builtin_prefetch(t->keys[t->starts[i + FORM]].bytes);
    }
    if (i + LIST < t->count && f->forms[i + LIST].len != 0)
        __builtin_prefetch(f->lists.bytes + f->forms[i + LIST].start);
}

static quire_status write_form(flush *f, size_t number, quire_error *err)
{
    const qi_lane_terms *t = &f->terms[1];
    const form_list *list = &f->forms[number];
    const qi_sort_key *key = &t->keys[t->starts[number]];
    const qi_join *join = &f->coders[0].join;
    quire_str bytes = {(const char *)key->bytes, key->len};
    if (list->link != 0) {
        qi_term_info info = {.df = list->df, .cf = list->cf, .first = list->first};
        quire_str area = {NULL, list->len};
        if (list->len != 0)
            area.ptr = (const char *)f->lists.bytes + list->start;
        return qi_build_made(&f->build, bytes, list->link, &info, area, err);
    }
    QI_TRY(join_term(f, &f->coders[0], t, number, err));
    for (size_t i = 0; i < join->words.count; i++)
        qi_build_word(&f->build, join->words.items[i]);
    return join->words.count == 0 ? QUIRE_OK : qi_build_term(&f->build, bytes, 0, err);
}

static quire_status write_forms(flush *f, quire_error *err)
{
    qi_build_lane(&f->build, f->terms[1].lane);
    for (size_t i = 0; i < f->terms[1].count; i++) {
        fetch_form(f, i);
        QI_TRY(write_form(f, i, err));
    }
    return qi_build_lane_end(&f->build, err);
}

/* Make room for the lists of forms, and note which term each is. */
static quire_status prepare_forms(flush *f, quire_error *err)
{
    const qi_lane_terms *t = &f->terms[1];
    f->forms = qi_mem_new(t->count, sizeof *f->forms);
    f->form_terms = qi_mem_new(t->starts[t->count], sizeof *f->form_terms);
    if (f->forms == NULL || f->form_terms == NULL)
        return qi_no_memory(err);
    for (size_t i = 0; i < t->count; i++)
        for (size_t k = t->starts[i]; k < t->starts[i + 1]; k++)
            f->form_terms[t->keys[k].term] = (uint32_t)i;
    return QUIRE_OK;
}

/* The lanes of a text field. */
static quire_status write_text(flush *f, uint32_t field, quire_error *err)
{
    bool exact = f->schema->fields.items[field].exact;
    qi_mem_free(f->forms);
    qi_mem_free(f->form_terms);
    f->forms = NULL;
    f->form_terms = NULL;
    f->lists.len = 0;
    QI_TRY(sort_lanes(f, QI_LANE(field, false), exact ? 2 : 1, err));
    if (exact)
        QI_TRY(prepare_forms(f, err));
    for (unsigned i = 0; i < f->threads; i++)
        QI_TRY(qi_join_field(&f->coders[i].join, &f->plan->parts, field,
                             f->build.fields[field].starts, err));
    QI_TRY(write_stems(f, err));
    return exact ? write_forms(f, err) : QUIRE_OK;
}

/* The stream of a part's keyword; NULL if none of it fitted memory. */
static const qi_stream *stream_of(const flush *f, uint32_t part, const qi_mem_term *term)
{
    const qi_memindex *index = f->plan->parts.items[part];
    const qi_stream *streams = index->fields[QI_LANE_FIELD(f->terms[0].lane)].streams.items;
    return term->entry != 0 && streams[term->entry - 1].count != 0 ? &streams[term->entry - 1]
                                                                   : NULL;
}

/* Write a keyword's documents and note its rank. */
static quire_status write_keyword(flush *f, size_t number, quire_error *err)
{
    const qi_lane_terms *t = &f->terms[0];
    const qi_sort_key *key = &t->keys[t->starts[number]];
    uint32_t part = 0, before = 0;
    for (size_t k = t->starts[number]; k < t->starts[number + 1]; k++) {
        uint32_t term = t->keys[k].term;
        for (; term >= t->bases[part + 1]; part++)
            before += f->plan->parts.items[part]->doc_count;
        const qi_stream *stream = stream_of(f, part, qi_lane_terms_at(&f->plan->parts, t, term));
        qi_stream_reader reader;
        f->ranks[term] = (uint32_t)f->build.dict.count;
        if (stream == NULL)
            continue;
        qi_stream_open(&reader, &f->plan->parts.items[part]->pool, stream);
        for (uint32_t doc; qi_stream_next(&reader, &doc);)
            qi_build_doc(&f->build, before + doc);
    }
    if (!qi_build_pending(&f->build))
        return QUIRE_OK;
    return qi_build_term(&f->build, (quire_str){(const char *)key->bytes, key->len}, 0, err);
}

static quire_status write_keywords(flush *f, uint32_t field, quire_error *err)
{
    const qi_lane_terms *t = &f->terms[0];
    QI_TRY(sort_lanes(f, QI_LANE(field, false), 1, err));
    qi_mem_free(f->ranks);
    f->ranks = qi_mem_new(t->starts[t->count], sizeof *f->ranks);
    if (f->ranks == NULL)
        return qi_no_memory(err);
    qi_build_lane(&f->build, t->lane);
    for (size_t i = 0; i < t->count; i++) {
        for (size_t k = t->starts[i]; k < t->starts[i + 1]; k++)
            fetch(f, k);
        QI_TRY(write_keyword(f, i, err));
    }
    return qi_build_lane_end(&f->build, err);
}

/* The column of a field, of all parts; a keyword's after its terms were ranked. */
static quire_status join_column(flush *f, uint32_t field, quire_error *err)
{
    bool keyword = f->schema->fields.items[field].type == QUIRE_KEYWORD;
    int64_t *to = f->columns[field] = qi_mem_new(f->build.doc_count, sizeof *to);
    if (to == NULL)
        return qi_no_memory(err);
    for (size_t p = 0; p < f->plan->parts.count; p++) {
        const qi_memindex *part = f->plan->parts.items[p];
        const int64_t *values = part->fields[field].values.items;
        for (uint32_t doc = 0; doc < part->doc_count; doc++)
            *to++ = !keyword || values[doc] == INT64_MIN
                        ? values[doc]
                        : (int64_t)f->ranks[f->terms[0].bases[p] + (size_t)values[doc]];
    }
    return QUIRE_OK;
}

static quire_status write_lists(flush *f, quire_error *err)
{
    QI_TRY(qi_build_lists(&f->build, err));
    for (uint32_t n = 0; n < f->schema->fields.count; n++) {
        const quire_field *field = &f->schema->fields.items[n];
        if (field->type == QUIRE_TEXT) {
            if (qi_field_has_terms(field))
                QI_TRY(write_text(f, n, err));
            continue;
        }
        if (qi_field_has_terms(field))
            QI_TRY(write_keywords(f, n, err));
        QI_TRY(join_column(f, n, err));
    }
    return qi_build_dictionaries(&f->build, err);
}

/* ---- The whole ---- */

/* Starts and norms of a text field. */
static void fill_field(flush *f, size_t n)
{
    qi_build_field *to = &f->build.fields[n];
    uint32_t doc = 0, words = 0;
    for (size_t p = 0; p < f->plan->parts.count; p++) {
        const qi_memindex *part = f->plan->parts.items[p];
        const qi_mem_field *from = &part->fields[n];
        for (uint32_t i = 0; i < part->doc_count; i++)
            to->starts[doc + i] = words + from->starts.items[i];
        if (part->doc_count != 0)
            memcpy(to->norms + doc, from->norms.items, part->doc_count);
        doc += part->doc_count;
        words += from->next_word;
        to->length_sum += from->length_sum;
        to->documents += from->documents;
    }
    to->starts[doc] = words;
}

static quire_str record_of(const qi_memindex *index, uint32_t doc)
{
    uint64_t start = doc == 0 ? 0 : index->record_ends.items[doc - 1];
    const uint8_t *bytes = index->records.bytes;
    return (quire_str){(const char *)(bytes == NULL ? NULL : bytes + start),
                       (size_t)(index->record_ends.items[doc] - start)};
}

static quire_status write_records(flush *f, quire_error *err)
{
    qi_records_writer records;
    quire_status status = qi_records_begin(&records, &f->build.file, err);
    if (status == QUIRE_OK)
        status = qi_records_dictionary(&records, f->plan->dictionary, err);
    for (size_t p = 0; p < f->plan->parts.count; p++) {
        const qi_memindex *part = f->plan->parts.items[p];
        for (uint32_t doc = 0; doc < part->doc_count && status == QUIRE_OK; doc++)
            status = qi_records_add(&records, record_of(part, doc), err);
    }
    if (status == QUIRE_OK)
        status = qi_records_end(&records, &f->build.stat, err);
    qi_records_free(&records);
    return status;
}

static quire_status allocate(flush *f, quire_error *err)
{
    f->columns = qi_mem_new(f->schema->fields.count, sizeof *f->columns);
    f->coders = qi_mem_new(f->threads, sizeof *f->coders);
    f->pieces = qi_mem_new(QI_TEAM_SLOTS, sizeof *f->pieces);
    if (f->columns == NULL || f->coders == NULL || f->pieces == NULL)
        return qi_no_memory(err);
    for (unsigned i = 0; i < QI_TEAM_SLOTS; i++) {
        qi_buf_init(&f->pieces[i].area, 0);
        qi_buf_init(&f->pieces[i].lists, 0);
    }
    for (unsigned i = 0; i < f->threads; i++) {
        coder *c = &f->coders[i];
        QI_TRY(qi_lists_new(&c->lists, f->build.doc_count, err));
        c->chains = qi_mem_new(f->plan->parts.count, sizeof *c->chains);
        if (c->chains == NULL)
            return qi_no_memory(err);
    }
    return QUIRE_OK;
}

static quire_status write_all(flush *f, quire_error *err)
{
    QI_TRY(allocate(f, err));
    for (size_t n = 0; n < f->schema->fields.count; n++)
        if (f->build.fields[n].starts != NULL)
            fill_field(f, n);
    QI_TRY(qi_build_fields(&f->build, err));
    QI_TRY(write_records(f, err));
    QI_TRY(write_lists(f, err));
    for (uint32_t n = 0; n < f->schema->fields.count; n++)
        if (f->columns[n] != NULL)
            QI_TRY(qi_build_column(&f->build, n, f->columns[n], err));
    return QUIRE_OK;
}

static void release(flush *f)
{
    for (size_t n = 0; f->columns != NULL && n < f->schema->fields.count; n++)
        qi_mem_free(f->columns[n]);
    for (unsigned i = 0; f->coders != NULL && i < f->threads; i++) {
        qi_join_free(&f->coders[i].join);
        qi_lists_free(&f->coders[i].lists);
        qi_mem_free(f->coders[i].chains);
        QI_VEC_FREE(&f->coders[i].order);
        QI_VEC_FREE(&f->coders[i].ordinals);
    }
    for (unsigned i = 0; f->pieces != NULL && i < QI_TEAM_SLOTS; i++) {
        QI_VEC_FREE(&f->pieces[i].terms);
        QI_VEC_FREE(&f->pieces[i].forms);
        qi_buf_free(&f->pieces[i].area);
        qi_buf_free(&f->pieces[i].lists);
    }
    qi_mem_free(f->columns);
    qi_mem_free(f->coders);
    qi_mem_free(f->pieces);
    qi_lane_terms_free(&f->terms[0]);
    qi_lane_terms_free(&f->terms[1]);
    qi_mem_free(f->form_terms);
    qi_mem_free(f->forms);
    qi_mem_free(f->ranks);
    qi_buf_free(&f->lists);
    qi_build_close(&f->build);
}

quire_status qi_flush_parts(const qi_flush_plan *plan, qi_dir *dir, qi_file_id *id,
                            quire_error *err)
{
    uint32_t docs = 0;
    flush f = {.plan = plan,
               .schema = plan->parts.items[0]->schema,
               .threads = plan->threads > 1 ? plan->threads : 1};
    for (size_t p = 0; p < plan->parts.count; p++)
        docs += plan->parts.items[p]->doc_count;
    qi_buf_init(&f.lists, 0);
    QI_TRY(qi_build_open(&f.build, dir, id, f.schema, docs, err));
    quire_status status = write_all(&f, err);
    if (status == QUIRE_OK)
        status = qi_build_finish(&f.build, id, err);
    release(&f);
    return status;
}

quire_status qi_flush(const qi_memindex *index, qi_dir *dir, qi_file_id *id, quire_str dictionary,
                      quire_error *err)
{
    qi_flush_plan plan = {.parts = {&index, 1}, .dictionary = dictionary};
    return qi_flush_parts(&plan, dir, id, err);
}
