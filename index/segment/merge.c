/* SPDX-License-Identifier: MIT
 * Documents keep their order and get new numbers; a word keeps its place in its document, so its
 * number moves by as much as the document's start. Dictionaries are walked in step, and the lists
 * of equal terms are appended source after source, which keeps them sorted. */
#include "segment/merge.h"

#include <string.h>

#include "base/mem.h"
#include "codec/norms.h"
#include "segment/build.h"
#include "segment/postings.h"
#include "segment/records.h"

enum { GONE = -1 };
#define LOST UINT32_MAX /* a term none of whose documents is live */

typedef struct source {
    const qi_segment *segment;
    uint32_t *docs;     /* new number of each document, or GONE */
    uint32_t *ordinals; /* of the lane's terms: the new one of each; see open_lane */
    qi_termdict_iter terms;
    bool more; /* `terms` stands on a term */
} source;

typedef struct merge {
    qi_build build;
    size_t count;
    source *sources;
    qi_postings *list;
    int64_t **columns; /* of keyword fields: new ordinals of the documents' values */
} merge;

uint64_t qi_merge_documents(const qi_merge_source *sources, size_t count)
{
    uint64_t sum = 0;
    for (size_t s = 0; s < count; s++)
        sum += sources[s].segment->doc_count -
               (sources[s].deleted != NULL ? sources[s].deleted->count : 0);
    return sum;
}

bool qi_merge_fits(const qi_merge_source *sources, size_t count)
{
    if (qi_merge_documents(sources, count) >= INT32_MAX)
        return false;
    for (size_t f = 0; count != 0 && f < sources[0].segment->schema->fields.count; f++) {
        uint64_t words = 0;
        for (size_t s = 0; s < count; s++)
            words += sources[s].segment->fields[f].words;
        if (words >= UINT32_MAX)
            return false;
    }
    return true;
}

/* Number the live documents of all sources through. */
static quire_status number_docs(merge *m, const qi_merge_source *sources, quire_error *err)
{
    uint32_t next = 0;
    for (size_t s = 0; s < m->count; s++) {
        source *from = &m->sources[s];
        from->segment = sources[s].segment;
        from->docs = qi_mem_new(from->segment->doc_count, sizeof *from->docs);
        if (from->docs == NULL)
            return qi_no_memory(err);
        for (uint32_t doc = 0; doc < from->segment->doc_count; doc++) {
            bool gone = sources[s].deleted != NULL && qi_docset_has(sources[s].deleted, doc);
            from->docs[doc] = gone ? (uint32_t)GONE : next++;
        }
    }
    return QUIRE_OK;
}

/* Starts and norms of one text field. */
static quire_status merge_field(merge *m, uint32_t f, quire_error *err)
{
    qi_build_field *to = &m->build.fields[f];
    uint32_t next = 0, word = 0;
    for (size_t s = 0; s < m->count; s++) {
        const source *from = &m->sources[s];
        const qi_field_part *part = &from->segment->fields[f];
        const uint8_t *norms;
        QI_TRY(qi_words_verify(from->segment, f, err));
        QI_TRY(qi_segment_norms(from->segment, f, &norms, err));
        for (uint32_t doc = 0; doc < from->segment->doc_count; doc++) {
            if (from->docs[doc] == (uint32_t)GONE)
                continue;
            uint32_t start = qi_words_start(from->segment, part, doc);
            uint32_t end = qi_words_start(from->segment, part, doc + 1);
            if (end < start || end - start > UINT32_MAX - word)
                return qi_corrupt(err, from->segment->file.name, "word", doc,
                                  "W-1: starts of documents do not increase");
            to->starts[next] = word;
            to->norms[next++] = norms[doc];
            to->length_sum += qi_norms_length[norms[doc]];
            to->documents += norms[doc] != 0;
            word += end - start;
        }
    }
    to->starts[next] = word;
    return QUIRE_OK;
}

/* The document that words are being moved from. */
typedef struct place {
    uint32_t doc, end; /* the word number past it */
    uint32_t shift;    /* from its word numbers to the new ones */
    bool gone;
} place;

/* Step to the document of `word`. */
static quire_status find_place(const merge *m, const source *from, uint32_t f, uint32_t word,
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
    at->gone = to == (uint32_t)GONE;
    if (!at->gone)
        at->shift = m->build.fields[f].starts[to] - qi_words_start(segment, part, at->doc);
    return QUIRE_OK;
}

/* Push the occurrences of a text term in live documents. */
static quire_status push_words(merge *m, const source *from, uint32_t f, quire_error *err)
{
    place at = {0};
    for (uint32_t next = 0; qi_postings_seek_word(m->list, next);) {
        for (uint32_t i = 0; i < m->list->word_count; i++) {
            uint32_t word = m->list->words[i];
            if (word >= at.end)
                QI_TRY(find_place(m, from, f, word, &at, err));
            if (!at.gone)
                qi_build_word(&m->build, word + at.shift);
        }
        next = m->list->words[m->list->word_count - 1] + 1;
    }
    return m->list->status;
}

/* Push the live documents of a keyword. */
static quire_status push_docs(merge *m, const source *from)
{
    for (uint32_t next = 0; qi_postings_seek(m->list, next);
         next = qi_postings_block_last(m->list) + 1) {
        for (uint32_t i = 0; i < m->list->count; i++) {
            uint32_t doc = from->docs[m->list->docs[i]];
            if (doc != (uint32_t)GONE)
                qi_build_doc(&m->build, doc);
        }
    }
    return m->list->status;
}

static int compare(const qi_termdict_iter *iter, quire_str term)
{
    size_t common = iter->len < term.len ? iter->len : term.len;
    int order = memcmp(iter->term, term.ptr, common);
    return order != 0 ? order : iter->len < term.len ? -1 : iter->len > term.len;
}

static quire_str term_of(const source *from)
{
    return (quire_str){(const char *)from->terms.term, from->terms.len};
}

/* The source whose term comes first; NULL when all are at their end. */
static source *first_term(merge *m)
{
    source *first = NULL;
    for (size_t s = 0; s < m->count; s++) {
        source *from = &m->sources[s];
        if (from->more && (first == NULL || compare(&from->terms, term_of(first)) < 0))
            first = from;
    }
    return first;
}

/* The new link of the form that a source stands on; LOST if its stem is gone with its documents. */
static quire_status link_of(const source *from, uint32_t lane, uint32_t *link, quire_error *err)
{
    const qi_segment *segment = from->segment;
    uint32_t links[QI_BLOCK];
    uint64_t ordinal = from->terms.ordinal;
    QI_TRY(qi_stems_block(&segment->stems[lane], &segment->file, ordinal / QI_BLOCK, links, err));
    uint32_t old = links[ordinal % QI_BLOCK];
    if (old > segment->lanes[lane - 1].term_count)
        return qi_corrupt(err, segment->file.name, "stem", ordinal, "F-4: a form has no such stem");
    *link = old == 0 ? 0 : from->ordinals[old - 1];
    return QUIRE_OK;
}

/* Write the list of the term at hand, from every source that has it. */
static quire_status merge_term(merge *m, uint32_t lane, quire_str term, quire_error *err)
{
    uint32_t f = QI_LANE_FIELD(lane), link = LOST;
    bool text = m->build.fields[f].starts != NULL;
    for (size_t s = 0; s < m->count; s++) {
        source *from = &m->sources[s];
        if (!from->more || compare(&from->terms, term) != 0)
            continue;
        QI_TRY(qi_postings_open(m->list, from->segment, lane, &from->terms.info, err));
        QI_TRY(text ? push_words(m, from, f, err) : push_docs(m, from));
        uint32_t own = 0;
        if (lane % 2 == 1)
            QI_TRY(link_of(from, lane, &own, err));
        if (own != LOST)
            link = link == LOST || link == own ? own : 0;
    }
    return qi_build_pending(&m->build) ? qi_build_term(&m->build, term, link, err) : QUIRE_OK;
}

/* Note the new ordinal of the term at hand (LOST: it is gone), and step every source that has it.
 * In a lane of exact forms the ordinals kept are the stems', plus one. */
static quire_status step_sources(merge *m, uint32_t lane, quire_str term, uint32_t ordinal)
{
    for (size_t s = 0; s < m->count; s++) {
        source *from = &m->sources[s];
        if (!from->more || compare(&from->terms, term) != 0)
            continue;
        if (from->ordinals != NULL && lane % 2 == 0)
            from->ordinals[from->terms.ordinal] = ordinal;
        from->more = qi_termdict_next(&from->terms);
        if (from->terms.status != QUIRE_OK)
            return from->terms.status;
    }
    return QUIRE_OK;
}

static quire_status merge_terms(merge *m, uint32_t lane, quire_error *err)
{
    uint8_t bytes[QI_TERM_MAX];
    bool keyword = m->build.fields[QI_LANE_FIELD(lane)].starts == NULL;
    for (source *first; (first = first_term(m)) != NULL;) {
        quire_str term = {(const char *)bytes, first->terms.len};
        memcpy(bytes, first->terms.term, term.len); /* stepping overwrites it */
        uint32_t before = (uint32_t)m->build.dict.count;
        QI_TRY(merge_term(m, lane, term, err));
        bool kept = m->build.dict.count != before;
        QI_TRY(step_sources(m, lane, term, !kept ? LOST : keyword ? before : before + 1));
    }
    return QUIRE_OK;
}

/* Begin a lane in one source. Ordinals of terms are kept where something refers to them: a
 * keyword's column, or the links of exact forms, which come in the lane after. */
static quire_status open_lane(source *from, uint32_t lane, const quire_field *field,
                              quire_error *err)
{
    const qi_termdict *dict = &from->segment->lanes[lane];
    if (lane % 2 == 0) {
        bool kept = field->type == QUIRE_KEYWORD || field->exact;
        qi_mem_free(from->ordinals);
        from->ordinals = kept ? qi_mem_new((size_t)dict->term_count, sizeof(uint32_t)) : NULL;
        if (kept && from->ordinals == NULL)
            return qi_no_memory(err);
    }
    from->more = qi_termdict_seek(&from->terms, dict, NULL, 0, err);
    return from->terms.status;
}

static quire_status merge_lane(merge *m, uint32_t lane, quire_error *err)
{
    const quire_field *field = &m->build.schema->fields.items[QI_LANE_FIELD(lane)];
    for (size_t s = 0; s < m->count; s++)
        QI_TRY(open_lane(&m->sources[s], lane, field, err));
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
    for (size_t s = 0; s < m->count; s++) {
        const source *from = &m->sources[s];
        for (uint32_t doc = 0; doc < from->segment->doc_count; doc++) {
            if (from->docs[doc] == (uint32_t)GONE)
                continue;
            bool has;
            int64_t value;
            QI_TRY(qi_segment_column(from->segment, f, doc, &has, &value, err));
            m->columns[f][from->docs[doc]] = !has      ? INT64_MIN
                                             : keyword ? from->ordinals[value]
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

/* Stored records go over as they are, for each carries the number of its dictionary. */
static quire_status merge_records(merge *m, quire_error *err)
{
    qi_records_writer records;
    quire_status status = qi_records_begin(&records, &m->build.file, err);
    for (size_t s = 0; s < m->count && status == QUIRE_OK; s++) {
        const source *from = &m->sources[s];
        status = qi_records_source(&records, &from->segment->records, err);
        for (uint32_t doc = 0; doc < from->segment->doc_count && status == QUIRE_OK; doc++)
            if (from->docs[doc] != (uint32_t)GONE)
                status = qi_records_copy(&records, &from->segment->records, doc, err);
    }
    if (status == QUIRE_OK)
        status = qi_records_end(&records, &m->build.stat, err);
    qi_records_free(&records);
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
    for (size_t s = 0; m->sources != NULL && s < m->count; s++) {
        qi_mem_free(m->sources[s].docs);
        qi_mem_free(m->sources[s].ordinals);
    }
    for (size_t f = 0; m->columns != NULL && f < m->build.schema->fields.count; f++)
        qi_mem_free(m->columns[f]);
    qi_mem_free(m->sources);
    qi_mem_free(m->columns);
    qi_mem_free(m->list);
    qi_build_close(&m->build);
}

quire_status qi_merge(qi_dir *dir, qi_file_id *id, const quire_schema *schema,
                      const qi_merge_source *sources, size_t count, quire_error *err)
{
    if (!qi_merge_fits(sources, count))
        return qi_fail(err, QUIRE_ERR_LIMIT, "too many documents or words for one segment");
    merge m = {.count = count};
    uint32_t docs = (uint32_t)qi_merge_documents(sources, count);
    QI_TRY(qi_build_open(&m.build, dir, id, schema, docs, err));
    m.sources = qi_mem_new(count, sizeof *m.sources);
    m.columns = qi_mem_new(schema->fields.count, sizeof *m.columns);
    m.list = qi_mem_new(1, sizeof *m.list);
    quire_status status = m.sources != NULL && m.columns != NULL && m.list != NULL
                              ? number_docs(&m, sources, err)
                              : qi_no_memory(err);
    if (status == QUIRE_OK)
        status = write_all(&m, err);
    if (status == QUIRE_OK)
        status = qi_build_finish(&m.build, id, err);
    free_merge(&m);
    return status;
}
