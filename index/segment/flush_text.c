/* SPDX-License-Identifier: MIT
 * A stem's list is joined from the streams of its forms, whose own lists are made on that occasion
 * and wait in memory until their lane comes. Stems are coded a few at a time, by several threads if
 * there are, and entered in order. */
#include "segment/flush_text.h"

#include <string.h>

#include "base/mem.h"
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

struct qi_flush_text {
    const qi_mem_parts *parts;
    qi_build *build;
    unsigned threads;
    coder *coders;          /* of each thread */
    piece *pieces;          /* of each slot */
    qi_lane_terms terms[2]; /* of stems and of exact forms, of the field at hand */
    uint32_t *form_terms;   /* which term each form of a part is */
    form_list *forms;       /* by term */
    qi_buf lists;
};

/* ---- The terms of a field ---- */

static quire_status sort_lane(void *host, unsigned worker, size_t number, unsigned slot,
                              quire_error *err)
{
    qi_flush_text *f = host;
    (void)worker;
    (void)slot;
    (void)err;
    qi_lane_terms_sort(&f->terms[number], f->parts);
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

/* Sort the `count` lanes of a field. */
static quire_status sort_lanes(qi_flush_text *f, uint32_t field, size_t count, quire_error *err)
{
    qi_team_job job = {f, count, f->threads, sort_lane, pass};
    for (size_t i = 0; i < count; i++)
        QI_TRY(qi_lane_terms_list(&f->terms[i], f->parts, QI_LANE(field, i == 1), err));
    return qi_team_run(&job, err);
}

/* ---- Lists of stems ---- */

/* Join the occurrences of a term. */
static quire_status join_term(const qi_flush_text *f, coder *c, const qi_lane_terms *t,
                              size_t number, quire_error *err)
{
    size_t count = 0;
    for (size_t k = t->starts[number]; k < t->starts[number + 1]; k++)
        c->chains[count++] = qi_lane_terms_chain(f->parts, t, k);
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
static bool has_one_stem(const qi_flush_text *f, const coder *c, const uint64_t *order,
                         size_t count)
{
    const qi_lane_terms *t = &f->terms[1];
    const qi_join_run *run = &c->join.runs.items[order[0] & UINT32_MAX];
    const qi_memindex *part = f->parts->items[run->part];
    if (f->parts->count == 1)
        return count_used(part, t->lane,
                          part->fields[c->join.field].entries.items[run->entry].form - 1) == count;
    uint32_t form = (uint32_t)(order[0] >> 32);
    size_t used = 0;
    for (size_t k = t->starts[form]; k < t->starts[form + 1] && used <= count; k++) {
        uint32_t term = t->keys[k].term, number = qi_lane_terms_part(t, term);
        used += count_used(f->parts->items[number], t->lane, term - t->bases[number]);
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
static bool keep_form(qi_flush_text *f, coder *c, piece *to, const uint64_t *order, size_t count)
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
static bool keep_forms(qi_flush_text *f, coder *c, piece *to)
{
    const qi_join *join = &c->join;
    const qi_lane_terms *t = &f->terms[1];
    c->order.count = 0;
    if (!QI_VEC_RESERVE(&c->order, join->runs.count))
        return false;
    for (size_t r = 0; r < join->runs.count; r++) {
        const qi_join_run *run = &join->runs.items[r];
        const qi_memindex *part = f->parts->items[run->part];
        uint32_t form = part->fields[join->field].entries.items[run->entry].form;
        if (form != 0)
            c->order.items[c->order.count++] =
                (uint64_t)f->form_terms[t->bases[run->part] + form - 1] << 32 | r;
    }
    const uint64_t *order = c->order.items;
    if (f->parts->count > 1)
        sort_order(c->order.items, c->order.count);
    for (size_t i = 0, n; i < c->order.count; i += n) {
        for (n = 1; i + n < c->order.count && order[i + n] >> 32 == order[i] >> 32;)
            n++;
        if (!keep_form(f, c, to, order + i, n))
            return false;
    }
    return true;
}

static quire_status code_stem(qi_flush_text *f, coder *c, piece *to, size_t number,
                              quire_error *err)
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
FETCHES fetch_stream(const qi_flush_text *f, uint32_t part, uint32_t lane, uint32_t entry)
{
    const qi_memindex *index = f->parts->items[part];
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
FETCHES fetch_term(const qi_flush_text *f, uint32_t form)
{
    __builtin_prefetch(&f->forms[form], 1);
    if (f->parts->count > 1)
        __builtin_prefetch(&f->terms[1].starts[form]);
}

/* The chain of a key, if there is such a key. */
static inline qi_join_chain chain_at(const qi_flush_text *f, const qi_lane_terms *t, size_t k)
{
    return k < t->starts[t->count] ? qi_lane_terms_chain(f->parts, t, k) : (qi_join_chain){0, 0};
}

/* Have the processor fetch what the stems to come will need, in the order in which one
 * thing leads to the next; `k` is the place of a key. */
FETCHES fetch(const qi_flush_text *f, size_t k)
{
    enum { TERM = 32, ENTRY = 24, STREAM = 16, NEXT = 8 };
    const qi_lane_terms *t = &f->terms[0];
    const qi_mem_parts *parts = f->parts;
    uint32_t n = QI_LANE_FIELD(t->lane);
    if (k + TERM < t->starts[t->count]) {
        __builtin_prefetch(qi_lane_terms_at(f->parts, t, t->keys[k + TERM].term));
        __builtin_prefetch(t->keys[k + TERM].bytes);
    }
    qi_join_chain at = chain_at(f, t, k + ENTRY);
    if (at.entry != 0)
        fetch_entry(&parts->items[at.part]->fields[n], at.entry);
    at = chain_at(f, t, k + STREAM);
    if (at.entry != 0) {
        const qi_mem_field *field = &parts->items[at.part]->fields[n];
        fetch_stream(f, at.part, t->lane, at.entry);
        if (field->entries.items[at.entry - 1].same_stem != 0)
            fetch_entry(field, field->entries.items[at.entry - 1].same_stem);
    }
    at = chain_at(f, t, k + NEXT);
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
    qi_flush_text *f = host;
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
    qi_flush_text *f = host;
    piece *from = &f->pieces[slot];
    uint32_t before = (uint32_t)f->build->dict.count;
    size_t at = 0;
    (void)number;
    for (size_t i = 0; i < from->terms.count; i++) {
        const coded *made = &from->terms.items[i];
        const qi_sort_key *key = &f->terms[0].keys[made->key];
        QI_TRY(qi_build_coded(f->build, (quire_str){(const char *)key->bytes, key->len},
                              &made->info, from->area.bytes == NULL ? NULL : from->area.bytes + at,
                              err));
        at += made->info.length;
    }
    qi_build_account(f->build, &from->sizes);
    for (size_t i = 0; i < from->forms.count; i++) {
        f->forms[from->forms.items[i]].link += before;
        f->forms[from->forms.items[i]].start += f->lists.len;
    }
    qi_buf_add(&f->lists, from->lists.bytes, from->lists.len);
    return f->lists.failed ? qi_no_memory(err) : QUIRE_OK;
}

static quire_status write_stems(qi_flush_text *f, quire_error *err)
{
    qi_team_job job = {f, (f->terms[0].count + PIECE - 1) / PIECE, f->threads, code_piece,
                       enter_piece};
    qi_build_lane(f->build, f->terms[0].lane);
    for (unsigned i = 0; i < f->threads; i++)
        qi_lists_lane(&f->coders[i].lists, &f->build->lists.lane);
    QI_TRY(qi_team_run(&job, err));
    return qi_build_lane_end(f->build, err);
}

/* ---- Lists of exact forms ---- */

/* The same for the forms to come, whose lists are made already. */
FETCHES fetch_form(const qi_flush_text *f, size_t i)
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

static quire_status write_form(qi_flush_text *f, size_t number, quire_error *err)
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
        return qi_build_made(f->build, bytes, list->link, &info, area, err);
    }
    QI_TRY(join_term(f, &f->coders[0], t, number, err));
    for (size_t i = 0; i < join->words.count; i++)
        qi_build_word(f->build, join->words.items[i]);
    return join->words.count == 0 ? QUIRE_OK : qi_build_term(f->build, bytes, 0, err);
}

static quire_status write_forms(qi_flush_text *f, quire_error *err)
{
    qi_build_lane(f->build, f->terms[1].lane);
    for (size_t i = 0; i < f->terms[1].count; i++) {
        fetch_form(f, i);
        QI_TRY(write_form(f, i, err));
    }
    return qi_build_lane_end(f->build, err);
}

/* Make room for the lists of forms, and note which term each is. */
static quire_status prepare_forms(qi_flush_text *f, quire_error *err)
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

/* ---- The whole ---- */

static quire_status allocate(qi_flush_text *f, quire_error *err)
{
    f->coders = qi_mem_new(f->threads, sizeof *f->coders);
    f->pieces = qi_mem_new(QI_TEAM_SLOTS, sizeof *f->pieces);
    if (f->coders == NULL || f->pieces == NULL)
        return qi_no_memory(err);
    for (unsigned i = 0; i < QI_TEAM_SLOTS; i++) {
        qi_buf_init(&f->pieces[i].area, 0);
        qi_buf_init(&f->pieces[i].lists, 0);
    }
    for (unsigned i = 0; i < f->threads; i++) {
        coder *c = &f->coders[i];
        QI_TRY(qi_lists_new(&c->lists, f->build->doc_count, err));
        c->chains = qi_mem_new(f->parts->count, sizeof *c->chains);
        if (c->chains == NULL)
            return qi_no_memory(err);
    }
    return QUIRE_OK;
}

quire_status qi_flush_text_new(qi_flush_text **out, const qi_mem_parts *parts, unsigned threads,
                               qi_build *build, quire_error *err)
{
    *out = NULL;
    qi_flush_text *f = qi_mem_new(1, sizeof *f);
    if (f == NULL)
        return qi_no_memory(err);
    f->parts = parts;
    f->build = build;
    f->threads = threads > 1 ? threads : 1;
    qi_buf_init(&f->lists, 0);
    quire_status status = allocate(f, err);
    if (status == QUIRE_OK)
        *out = f;
    else
        qi_flush_text_free(f);
    return status;
}

static void drop_field(qi_flush_text *f)
{
    qi_lane_terms_free(&f->terms[0]);
    qi_lane_terms_free(&f->terms[1]);
    qi_mem_free(f->form_terms);
    qi_mem_free(f->forms);
    f->form_terms = NULL;
    f->forms = NULL;
    f->lists.len = 0;
}

quire_status qi_flush_text_field(qi_flush_text *f, uint32_t field, quire_error *err)
{
    bool exact = f->build->schema->fields.items[field].exact;
    QI_TRY(sort_lanes(f, field, exact ? 2 : 1, err));
    if (exact)
        QI_TRY(prepare_forms(f, err));
    for (unsigned i = 0; i < f->threads; i++)
        QI_TRY(qi_join_field(&f->coders[i].join, f->parts, field, f->build->fields[field].starts,
                             err));
    QI_TRY(write_stems(f, err));
    if (exact)
        QI_TRY(write_forms(f, err));
    drop_field(f);
    return QUIRE_OK;
}

void qi_flush_text_free(qi_flush_text *f)
{
    if (f == NULL)
        return;
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
    qi_mem_free(f->coders);
    qi_mem_free(f->pieces);
    drop_field(f);
    qi_buf_free(&f->lists);
    qi_mem_free(f);
}
