/* SPDX-License-Identifier: MIT
 * Documents get new numbers; a word keeps its place in its document, so its number moves by as much
 * as the document's start. Dictionaries are walked in step, and the lists of equal terms are
 * appended source after source. That keeps them sorted, unless documents get an order of their own:
 * then each term's numbers are gathered and sorted before they are written. What was read of the
 * sources is let go again and again, so that a merge of large segments takes little memory. */
#include "segment/merge.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/radix.h"
#include "codec/norms.h"
#include "segment/append.h"
#include "segment/records.h"

#define LOST UINT32_MAX /* a term none of whose documents is live */

/* A block of the links of a lane of exact forms. */
typedef struct link_block {
    uint64_t block; /* UINT64_MAX: none */
    uint32_t links[QI_BLOCK];
} link_block;

typedef struct merge {
    qi_build build;
    const qi_merge_plan *plan;
    qi_sources sources;
    uint32_t **ordinals; /* by source, of the lane's terms: the new one of each; see open_lane */
    link_block *links;   /* by source */
    qi_append append;
    qi_postings *list;
    int64_t **columns;                /* of keyword fields: new ordinals of the documents' values */
    QI_VEC(uint32_t) numbers, sorted; /* of the term at hand, if documents are ordered */
    uint64_t rested;                  /* bytes that were written when the sources last rested */
} merge;

enum { REST = 1 << 19 /* bytes written between two rests */ };

/* Let go of the pages of the sources, if enough was written since it was last done. A new lane,
 * which counts from 0, is enough. */
static void rest(merge *m)
{
    uint64_t written = qi_out_offset(&m->build.file) + m->build.dict.written;
    if (written - m->rested < REST)
        return;
    m->rested = written;
    for (size_t s = 0; s < m->sources.count; s++)
        qi_file_rest(&m->sources.items[s].segment->file);
}

/* Would the live documents fit one segment? */
static bool fits(const qi_merge_plan *plan)
{
    if (qi_sources_live(plan->sources, plan->count) > QI_SEGMENT_DOCUMENTS)
        return false;
    for (size_t f = 0; f < plan->schema->fields.count; f++) {
        uint64_t words = 0;
        for (size_t s = 0; s < plan->count; s++)
            words += plan->sources[s].segment->fields[f].words;
        if (words > QI_SEGMENT_WORDS)
            return false;
    }
    return true;
}

/* Norms of one source, and the room of each document; sums of rooms become starts later. */
static quire_status gather_field(merge *m, const qi_source *from, uint32_t f, uint64_t *words,
                                 quire_error *err)
{
    qi_build_field *to = &m->build.fields[f];
    const qi_field_part *part = &from->segment->fields[f];
    const uint8_t *norms;
    QI_TRY(qi_words_verify(from->segment, f, err));
    QI_TRY(qi_segment_norms(from->segment, f, &norms, err));
    for (uint32_t doc = 0; doc < from->segment->doc_count; doc++) {
        uint32_t number = from->docs[doc];
        if (number == QI_SOURCE_GONE)
            continue;
        uint32_t start = qi_words_start(from->segment, part, doc);
        uint32_t end = qi_words_start(from->segment, part, doc + 1);
        *words += end - start;
        if (end < start || *words > UINT32_MAX)
            return qi_corrupt(err, from->segment->file.name, "word", doc,
                              "W-1: starts of documents do not increase");
        to->starts[number] = end - start;
        to->norms[number] = norms[doc];
        to->length_sum += qi_norms_length[norms[doc]];
        to->documents += norms[doc] != 0;
    }
    return QUIRE_OK;
}

/* Starts and norms of one text field. */
static quire_status merge_field(merge *m, uint32_t f, quire_error *err)
{
    uint32_t *starts = m->build.fields[f].starts, word = 0;
    uint64_t words = 0;
    for (size_t s = 0; s < m->sources.count; s++)
        QI_TRY(gather_field(m, &m->sources.items[s], f, &words, err));
    for (uint32_t doc = 0; doc < m->build.doc_count; doc++) {
        uint32_t room = starts[doc];
        starts[doc] = word;
        word += room;
    }
    starts[m->build.doc_count] = word;
    return QUIRE_OK;
}

/* The document that words are being moved from. */
typedef struct place {
    uint32_t doc, end; /* the word number past it */
    uint32_t shift;    /* from its word numbers to the new ones */
    bool gone;
} place;

/* Step to the document of `word`. */
static quire_status find_place(const merge *m, const qi_source *from, uint32_t f, uint32_t word,
                               place *at, quire_error *err)
{
    const qi_segment *segment = from->segment;
    const qi_field_part *part = &segment->fields[f];
    at->doc = qi_words_doc(segment, part, at->doc, word);
    if (at->doc >= segment->doc_count)
        return qi_corrupt(err, segment->file.name, "post", word,
                          "L-3: a word number lies in no document");
    uint32_t to = from->docs[at->doc];
    at->end = qi_words_start(segment, part, at->doc + 1);
    at->gone = to == QI_SOURCE_GONE;
    if (!at->gone)
        at->shift = m->build.fields[f].starts[to] - qi_words_start(segment, part, at->doc);
    return QUIRE_OK;
}

/* Write a number of the term at hand, or keep it until all are there. */
static void push(merge *m, bool text, uint32_t number)
{
    if (m->plan->order == NULL) {
        if (text)
            qi_build_word(&m->build, number);
        else
            qi_build_doc(&m->build, number);
    } else {
        m->numbers.items[m->numbers.count++] = number;
    }
}

/* Push the occurrences of a text term in live documents. */
static quire_status push_words(merge *m, const qi_source *from, uint32_t f, quire_error *err)
{
    place at = {0};
    for (uint32_t next = 0; qi_postings_seek_word(m->list, next);) {
        for (uint32_t i = 0; i < m->list->word_count; i++) {
            uint32_t word = m->list->words[i];
            if (word >= at.end)
                QI_TRY(find_place(m, from, f, word, &at, err));
            if (!at.gone)
                push(m, true, word + at.shift);
        }
        next = m->list->words[m->list->word_count - 1] + 1;
    }
    return m->list->status;
}

/* Push the live documents of a keyword. */
static quire_status push_docs(merge *m, const qi_source *from)
{
    for (uint32_t next = 0; qi_postings_seek(m->list, next);
         next = qi_postings_block_last(m->list) + 1) {
        for (uint32_t i = 0; i < m->list->count; i++) {
            uint32_t doc = from->docs[m->list->docs[i]];
            if (doc != QI_SOURCE_GONE)
                push(m, false, doc);
        }
    }
    return m->list->status;
}

/* Push what one source has of the term at hand. A list never yields more than its record counts. */
static quire_status push_list(merge *m, const qi_source *from, uint32_t lane, quire_error *err)
{
    uint32_t f = QI_LANE_FIELD(lane);
    QI_TRY(qi_postings_open(m->list, from->segment, lane, &from->terms.info, err));
    if (m->plan->order != NULL && !QI_VEC_RESERVE(&m->numbers, (size_t)m->list->cf))
        return qi_no_memory(err);
    return m->build.fields[f].starts != NULL ? push_words(m, from, f, err) : push_docs(m, from);
}

/* Write the numbers that were kept, in their order. */
static quire_status write_numbers(merge *m, bool text, quire_error *err)
{
    if (!QI_VEC_RESERVE(&m->sorted, m->numbers.count))
        return qi_no_memory(err);
    qi_radix_sort(m->numbers.items, m->sorted.items, m->numbers.count, NULL);
    for (size_t i = 0; i < m->numbers.count; i++) {
        if (text)
            qi_build_word(&m->build, m->numbers.items[i]);
        else
            qi_build_doc(&m->build, m->numbers.items[i]);
    }
    m->numbers.count = 0;
    return QUIRE_OK;
}

/* The new link of the form that a source stands on; LOST if its stem is gone with its documents. */
static quire_status link_of(merge *m, size_t s, uint32_t lane, uint32_t *link, quire_error *err)
{
    const qi_segment *segment = m->sources.items[s].segment;
    link_block *known = &m->links[s];
    uint64_t ordinal = m->sources.items[s].terms.ordinal, block = ordinal / QI_BLOCK;
    if (known->block != block)
        QI_TRY(qi_stems_block(&segment->stems[lane], &segment->file, block, known->links, err));
    known->block = block;
    uint32_t old = known->links[ordinal % QI_BLOCK];
    if (old > segment->lanes[lane - 1].term_count)
        return qi_corrupt(err, segment->file.name, "stem", ordinal, "F-4: a form has no such stem");
    *link = old == 0 ? 0 : m->ordinals[s][old - 1];
    return QUIRE_OK;
}

/* The link of the form at hand: 0 where its sources have several. */
static quire_status find_link(merge *m, uint32_t lane, uint32_t *link, quire_error *err)
{
    *link = LOST;
    for (size_t s = 0; lane % 2 == 1 && s < m->sources.count; s++) {
        uint32_t own = 0;
        if (!m->sources.items[s].has)
            continue;
        QI_TRY(link_of(m, s, lane, &own, err));
        if (own != LOST)
            *link = *link == LOST || *link == own ? own : 0;
    }
    return QUIRE_OK;
}

/* Write the list of the term at hand, from every source that has it. */
static quire_status merge_term(merge *m, uint32_t lane, quire_error *err)
{
    uint32_t link;
    QI_TRY(find_link(m, lane, &link, err));
    if (qi_append_can(&m->append, lane, link))
        return qi_append_term(&m->append, lane, link, err);
    for (size_t s = 0; s < m->sources.count; s++)
        if (m->sources.items[s].has)
            QI_TRY(push_list(m, &m->sources.items[s], lane, err));
    if (m->numbers.count != 0)
        QI_TRY(write_numbers(m, m->build.fields[QI_LANE_FIELD(lane)].starts != NULL, err));
    return qi_build_pending(&m->build) ? qi_build_term(&m->build, m->sources.term, link, err)
                                       : QUIRE_OK;
}

/* Note the new ordinal of the term at hand (LOST: it is gone). In a lane of exact forms the
 * ordinals kept are the stems', plus one. */
static void note_ordinal(merge *m, uint32_t lane, uint32_t ordinal)
{
    for (size_t s = 0; s < m->sources.count; s++)
        if (m->sources.items[s].has && m->ordinals[s] != NULL && lane % 2 == 0)
            m->ordinals[s][m->sources.items[s].terms.ordinal] = ordinal;
}

static quire_status merge_terms(merge *m, uint32_t lane, quire_error *err)
{
    bool keyword = m->build.fields[QI_LANE_FIELD(lane)].starts == NULL;
    while (qi_sources_next(&m->sources)) {
        uint32_t before = (uint32_t)m->build.dict.count;
        QI_TRY(merge_term(m, lane, err));
        bool kept = m->build.dict.count != before;
        note_ordinal(m, lane, !kept ? LOST : keyword ? before : before + 1);
        rest(m);
    }
    return m->sources.status;
}

/* Begin a lane. Ordinals of terms are kept where something refers to them: a keyword's column, or
 * the links of exact forms, which come in the lane after. */
static quire_status open_lane(merge *m, uint32_t lane, const quire_field *field, quire_error *err)
{
    bool kept = field->type == QUIRE_KEYWORD || field->exact;
    for (size_t s = 0; s < m->sources.count; s++)
        m->links[s].block = UINT64_MAX;
    for (size_t s = 0; lane % 2 == 0 && s < m->sources.count; s++) {
        const qi_termdict *dict = &m->sources.items[s].segment->lanes[lane];
        qi_mem_free(m->ordinals[s]);
        m->ordinals[s] = kept ? qi_mem_new((size_t)dict->term_count, sizeof(uint32_t)) : NULL;
        if (kept && m->ordinals[s] == NULL)
            return qi_no_memory(err);
    }
    return qi_sources_lane(&m->sources, lane, err);
}

static quire_status merge_lane(merge *m, uint32_t lane, quire_error *err)
{
    const quire_field *field = &m->build.schema->fields.items[QI_LANE_FIELD(lane)];
    QI_TRY(open_lane(m, lane, field, err));
    if (field->type == QUIRE_TEXT)
        qi_append_field(&m->append, QI_LANE_FIELD(lane));
    qi_build_lane(&m->build, lane);
    QI_TRY(merge_terms(m, lane, err));
    return qi_build_lane_end(&m->build, err);
}

/* Gather the values of a column; those of a keyword field are ordinals, which have changed. */
static quire_status gather_column(merge *m, uint32_t f, quire_error *err)
{
    bool keyword = m->build.schema->fields.items[f].type == QUIRE_KEYWORD;
    m->columns[f] = qi_mem_new(m->build.doc_count, sizeof **m->columns);
    if (m->columns[f] == NULL)
        return qi_no_memory(err);
    for (size_t s = 0; s < m->sources.count; s++) {
        const qi_source *from = &m->sources.items[s];
        for (uint32_t doc = 0; doc < from->segment->doc_count; doc++) {
            if (from->docs[doc] == QI_SOURCE_GONE)
                continue;
            bool has;
            int64_t value;
            QI_TRY(qi_segment_column(from->segment, f, doc, &has, &value, err));
            m->columns[f][from->docs[doc]] = !has      ? INT64_MIN
                                             : keyword ? m->ordinals[s][value]
                                                       : value;
        }
    }
    return QUIRE_OK;
}

static quire_status merge_lists(merge *m, quire_error *err)
{
    const quire_schema *schema = m->build.schema;
    QI_TRY(qi_build_lists(&m->build, err));
    for (uint32_t f = 0; f < schema->fields.count; f++) {
        const quire_field *field = &schema->fields.items[f];
        for (uint32_t exact = 0; exact < 2; exact++)
            if (qi_field_has_terms(field) && (exact == 0 || field->exact))
                QI_TRY(merge_lane(m, QI_LANE(f, exact), err));
        if (field->type != QUIRE_TEXT)
            QI_TRY(gather_column(m, f, err));
    }
    return qi_build_dictionaries(&m->build, err);
}

/* A document of a source. */
typedef struct origin {
    uint32_t source, doc;
} origin;

/* Where the documents come from, by their new numbers. */
static origin *trace(const merge *m)
{
    origin *origins = qi_mem_new(m->build.doc_count, sizeof *origins);
    for (uint32_t s = 0; origins != NULL && s < m->sources.count; s++) {
        const qi_source *from = &m->sources.items[s];
        for (uint32_t doc = 0; doc < from->segment->doc_count; doc++)
            if (from->docs[doc] != QI_SOURCE_GONE)
                origins[from->docs[doc]] = (origin){s, doc};
    }
    return origins;
}

/* Copy stored records, `numbers` being those of the dictionaries, by source. */
static quire_status copy_records(merge *m, qi_records_writer *to,
                                 uint8_t (*numbers)[QI_RECORD_DICTIONARIES], quire_error *err)
{
    quire_status status = QUIRE_OK;
    origin *origins = trace(m);
    if (origins == NULL)
        return qi_no_memory(err);
    for (size_t s = 0; s < m->sources.count && status == QUIRE_OK; s++)
        status = qi_records_source(to, &m->sources.items[s].segment->records, numbers[s], err);
    for (uint32_t doc = 0; doc < m->build.doc_count && status == QUIRE_OK; doc++) {
        origin at = origins[doc];
        const qi_records *from = &m->sources.items[at.source].segment->records;
        status = qi_records_copy(to, from, numbers[at.source], at.doc, err);
        rest(m);
    }
    qi_mem_free(origins);
    return status;
}

/* Stored records go over as they are, for each carries the number of its dictionary. */
static quire_status merge_records(merge *m, quire_error *err)
{
    qi_records_writer records = {0};
    uint8_t(*numbers)[QI_RECORD_DICTIONARIES] = qi_mem_new(m->sources.count, sizeof *numbers);
    quire_status status =
        numbers != NULL ? qi_records_begin(&records, &m->build.file, err) : qi_no_memory(err);
    if (status == QUIRE_OK)
        status = copy_records(m, &records, numbers, err);
    if (status == QUIRE_OK)
        status = qi_records_end(&records, &m->build.stat, err);
    qi_records_free(&records);
    qi_mem_free(numbers);
    return status;
}

static quire_status write_all(merge *m, quire_error *err)
{
    const quire_schema *schema = m->build.schema;
    for (uint32_t f = 0; f < schema->fields.count; f++)
        if (schema->fields.items[f].type == QUIRE_TEXT && !schema->fields.items[f].not_indexed)
            QI_TRY(merge_field(m, f, err));
    QI_TRY(qi_build_fields(&m->build, err));
    QI_TRY(merge_records(m, err));
    QI_TRY(merge_lists(m, err));
    for (uint32_t f = 0; f < schema->fields.count; f++)
        if (m->columns[f] != NULL)
            QI_TRY(qi_build_column(&m->build, f, m->columns[f], err));
    return QUIRE_OK;
}

static void free_merge(merge *m)
{
    for (size_t s = 0; m->ordinals != NULL && s < m->sources.count; s++)
        qi_mem_free(m->ordinals[s]);
    for (size_t f = 0; m->columns != NULL && f < m->build.schema->fields.count; f++)
        qi_mem_free(m->columns[f]);
    qi_sources_close(&m->sources);
    qi_mem_free(m->ordinals);
    qi_mem_free(m->columns);
    qi_mem_free(m->links);
    qi_mem_free(m->append.shifts);
    qi_mem_free(m->list);
    QI_VEC_FREE(&m->numbers);
    QI_VEC_FREE(&m->sorted);
    qi_build_close(&m->build);
}

/* Everything that is needed beside the segment to be written. */
static quire_status allocate(merge *m, quire_error *err)
{
    const qi_merge_plan *plan = m->plan;
    QI_TRY(qi_sources_open(&m->sources, plan->sources, plan->count, plan->order, err));
    m->columns = qi_mem_new(plan->schema->fields.count, sizeof *m->columns);
    m->ordinals = qi_mem_new(plan->count, sizeof *m->ordinals);
    m->links = qi_mem_new(plan->count, sizeof *m->links);
    m->list = qi_mem_new(1, sizeof *m->list);
    uint32_t *shifts = qi_mem_new(plan->count, sizeof *shifts);
    m->append = (qi_append){&m->build, &m->sources, shifts, m->list};
    bool fits = m->columns != NULL && m->ordinals != NULL && m->links != NULL && m->list != NULL;
    return fits && shifts != NULL ? QUIRE_OK : qi_no_memory(err);
}

quire_status qi_merge(qi_dir *dir, qi_file_id *id, const qi_merge_plan *plan, quire_error *err)
{
    if (!fits(plan))
        return qi_fail(err, QUIRE_ERR_LIMIT, "too many documents or words for one segment");
    merge m = {.plan = plan};
    uint32_t docs = (uint32_t)qi_sources_live(plan->sources, plan->count);
    QI_TRY(qi_build_open(&m.build, dir, id, plan->schema, docs, err));
    m.build.merging = true;
    m.build.hold = plan->hold;
    quire_status status = allocate(&m, err);
    if (status == QUIRE_OK)
        status = write_all(&m, err);
    if (status == QUIRE_OK)
        status = qi_build_finish(&m.build, id, err);
    free_merge(&m);
    return status;
}
