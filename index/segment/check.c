/* SPDX-License-Identifier: MIT
 * Level 1 hashes every block of the file. Level 2 walks every dictionary, list, column and record
 * through the readers that searches use, which prove what they decode, and compares counts with
 * what records say. Level 3 adds up, over all lists of a lane, what each document holds, and
 * compares it with norms and columns, and the bounds with the scores they bound. */
#include "segment/check.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/norms.h"
#include "segment/postings.h"

typedef struct checker {
    qi_check *check;
    const qi_segment *segment;
    qi_postings *list;
    uint32_t *lengths; /* level 3: terms of each document in the lane at hand */
} checker;

void qi_check_fault(qi_check *check, const quire_error *fault)
{
    uint64_t hash = qi_hash(fault->message, strlen(fault->message));
    for (size_t i = 0; i < QI_CHECK_TOLD; i++)
        if (check->told[i] == hash)
            return;
    check->told[check->faults++ % QI_CHECK_TOLD] = hash;
    if (check->report != NULL)
        check->report(fault->message, check->payload);
}

/* Report a failed status; MEMORY is no fault of the file. */
static quire_status note(checker *c, quire_status status, quire_error *fault, quire_error *err)
{
    if (status == QUIRE_OK || status == QUIRE_DONE)
        return QUIRE_OK;
    if (status == QUIRE_ERR_MEMORY)
        return qi_no_memory(err);
    qi_check_fault(c->check, fault);
    return QUIRE_OK;
}

static void disagree(checker *c, const char *section, uint64_t at, const char *what)
{
    quire_error fault;
    qi_corrupt(&fault, c->segment->file.name, section, at, "%s", what);
    qi_check_fault(c->check, &fault);
}

static void check_blocks(checker *c)
{
    const qi_envelope *envelope = &c->segment->file.envelope;
    for (size_t i = 0; i < qi_envelope_blocks(envelope); i++) {
        quire_error fault;
        if (qi_envelope_verify(envelope, i, c->segment->file.name, &fault) != QUIRE_OK)
            qi_check_fault(c->check, &fault);
    }
}

/* The bounds that cover a document of a list hold its tf-part. */
static bool bounded(const checker *c, uint32_t doc, uint32_t freq)
{
    const qi_postings *list = c->list;
    const qi_segment *segment = c->segment;
    float length = (float)qi_norms_length[list->field->norms[doc]];
    float inverse = 1.0f / (1.0f - segment->b + segment->b * length / list->field->bound_average);
    float x = (float)freq * inverse, part = x / (segment->k1 + x);
    if (part > list->max_part || part > qi_postings_block_max(list))
        return false;
    return list->ranges == NULL || part * QI_PART <= (float)list->ranges[doc / QI_RANGE];
}

/* Every document of the list. Returns how many; adds up frequencies. */
static uint64_t walk_docs(checker *c, uint64_t *cf)
{
    qi_postings *list = c->list;
    uint64_t df = 0;
    bool bounds = c->check->level >= 3 && list->field->starts != NULL, sound = true;
    uint32_t from = 0;
    while (qi_postings_seek(list, from)) {
        const uint32_t *freqs = qi_postings_freqs(list);
        for (uint32_t i = 0; freqs != NULL && i < list->count; i++) {
            *cf += freqs[i];
            if (c->lengths != NULL)
                c->lengths[list->docs[i]] += freqs[i];
            sound = sound && (!bounds || bounded(c, list->docs[i], freqs[i]));
        }
        df += list->count;
        if (list->count == 0)
            break;
        from = qi_postings_block_last(list) + 1;
    }
    if (!sound)
        disagree(c, "post", list->lane, "L-8: a bound is lower than what it bounds");
    return df;
}

/* Every word number lies in a document that has it. Returns how many. */
static uint64_t walk_words(checker *c)
{
    qi_postings *list = c->list;
    uint64_t cf = 0;
    uint32_t doc = 0;
    for (uint32_t from = 0; qi_postings_seek_word(list, from);) {
        for (uint32_t i = 0; i < list->word_count && doc < c->segment->doc_count; i++)
            doc = qi_words_doc(c->segment, list->field, doc, list->words[i]);
        cf += list->word_count;
        from = list->words[list->word_count - 1] + 1;
        if (from == 0)
            break;
    }
    if (doc >= c->segment->doc_count)
        disagree(c, "post", list->lane, "L-3: a word number lies in no document");
    return cf;
}

static quire_status check_list(checker *c, uint32_t lane, const qi_term_info *info,
                               quire_error *err)
{
    quire_error fault;
    quire_status status = qi_postings_open(c->list, c->segment, lane, info, &fault);
    if (status == QUIRE_OK)
        status = qi_words_verify(c->segment, QI_LANE_FIELD(lane), &fault);
    if (status != QUIRE_OK)
        return note(c, status, &fault, err);
    uint64_t cf = 0, df = walk_docs(c, &cf);
    uint64_t words = c->list->field->starts != NULL ? walk_words(c) : cf;
    if (c->list->status != QUIRE_OK)
        return note(c, c->list->status, &fault, err);
    if (df != info->df || cf != info->cf || words != info->cf)
        disagree(c, "post", info->offset, "L-9: a list holds more or less than its record says");
    return QUIRE_OK;
}

/* The column of a keyword names the term whose list holds the document. */
static void check_keyword(checker *c, uint32_t field, uint64_t ordinal)
{
    qi_postings *list = c->list;
    uint32_t from = 0;
    while (qi_postings_seek(list, from)) {
        for (uint32_t i = 0; i < list->count; i++) {
            bool has;
            int64_t value;
            quire_error fault;
            quire_status status =
                qi_segment_column(c->segment, field, list->docs[i], &has, &value, &fault);
            if (status != QUIRE_OK)
                return;
            if (!has || (uint64_t)value != ordinal) {
                disagree(c, "col", list->docs[i], "C-6: a keyword's column and list disagree");
                return;
            }
        }
        from = qi_postings_block_last(list) + 1;
    }
}

static quire_status check_terms(checker *c, uint32_t lane, quire_error *err)
{
    qi_termdict_iter iter;
    quire_error fault;
    bool keyword = c->segment->schema->fields.items[QI_LANE_FIELD(lane)].type == QUIRE_KEYWORD;
    bool more = qi_termdict_seek(&iter, &c->segment->lanes[lane], NULL, 0, &fault);
    for (; more; more = qi_termdict_next(&iter)) {
        QI_TRY(check_list(c, lane, &iter.info, err));
        if (keyword && c->check->level >= 3 &&
            qi_postings_open(c->list, c->segment, lane, &iter.info, NULL) == QUIRE_OK)
            check_keyword(c, QI_LANE_FIELD(lane), iter.ordinal);
    }
    return note(c, iter.status, &fault, err);
}

/* Lengths added up over all terms of a field's lane are what its norms say. */
static void check_lengths(checker *c, uint32_t field)
{
    const qi_field_part *part = &c->segment->fields[field];
    uint64_t sum = 0;
    uint32_t documents = 0;
    for (uint32_t doc = 0; doc < c->segment->doc_count; doc++) {
        sum += qi_norms_length[part->norms[doc]];
        documents += part->norms[doc] != 0;
        if (qi_norms_code(c->lengths[doc]) != part->norms[doc]) {
            disagree(c, "norm", doc, "N-1: a norm is not the length of its document");
            return;
        }
    }
    if (sum != part->length_sum || documents != part->documents)
        disagree(c, "meta", field, "M-4: the sums of a field are not those of its norms");
}

static quire_status check_lane(checker *c, uint32_t lane, quire_error *err)
{
    uint32_t field = QI_LANE_FIELD(lane);
    bool lengths = c->check->level >= 3 && lane % 2 == 0 && c->segment->fields[field].norms != NULL;
    if (lengths) {
        c->lengths = qi_mem_new(c->segment->doc_count, sizeof *c->lengths);
        if (c->lengths == NULL)
            return qi_no_memory(err);
    }
    quire_status status = check_terms(c, lane, err);
    if (status == QUIRE_OK && lengths && c->check->faults == 0)
        check_lengths(c, field);
    qi_mem_free(c->lengths);
    c->lengths = NULL;
    return status;
}

/* Starts of documents never decrease. */
static quire_status check_starts(checker *c, uint32_t field, quire_error *err)
{
    const qi_field_part *part = &c->segment->fields[field];
    quire_error fault;
    const uint8_t *norms;
    QI_TRY(note(c, qi_words_verify(c->segment, field, &fault), &fault, err));
    QI_TRY(note(c, qi_segment_norms(c->segment, field, &norms, &fault), &fault, err));
    for (uint32_t doc = 0; doc < c->segment->doc_count; doc++)
        if (qi_words_start(c->segment, part, doc) > qi_words_start(c->segment, part, doc + 1)) {
            disagree(c, "word", doc, "W-1: starts of documents do not increase");
            break;
        }
    return QUIRE_OK;
}

/* Every value of a column can be read. */
static quire_status check_column(checker *c, uint32_t field, quire_error *err)
{
    for (uint32_t doc = 0; doc < c->segment->doc_count; doc++) {
        bool has;
        int64_t value;
        quire_error fault;
        quire_status status = qi_segment_column(c->segment, field, doc, &has, &value, &fault);
        if (status != QUIRE_OK)
            return note(c, status, &fault, err);
    }
    return QUIRE_OK;
}

static quire_status check_records(checker *c, quire_error *err)
{
    qi_buf record;
    qi_buf_init(&record, 0);
    quire_status status = QUIRE_OK;
    for (uint32_t doc = 0; doc < c->segment->doc_count && status == QUIRE_OK; doc++) {
        quire_error fault;
        qi_arena memory;
        qi_stored_record decoded;
        qi_arena_init(&memory, 0);
        quire_status got = qi_records_get(&c->segment->records, doc, &record, &fault);
        if (got == QUIRE_OK && record.len != 0)
            got = qi_stored_decode(&decoded, (quire_str){(const char *)record.bytes, record.len},
                                   (uint32_t)c->segment->schema->fields.count, &memory,
                                   c->segment->file.name, &fault);
        status = note(c, got, &fault, err);
        qi_arena_free(&memory);
    }
    qi_buf_free(&record);
    return status;
}

static quire_status check_structures(checker *c, quire_error *err)
{
    for (uint32_t f = 0; f < c->segment->schema->fields.count; f++) {
        const quire_field *field = &c->segment->schema->fields.items[f];
        if (field->type != QUIRE_TEXT)
            QI_TRY(check_column(c, f, err));
        if (!qi_field_has_terms(field))
            continue;
        if (field->type == QUIRE_TEXT)
            QI_TRY(check_starts(c, f, err));
        QI_TRY(check_lane(c, QI_LANE(f, false), err));
        if (field->exact)
            QI_TRY(check_lane(c, QI_LANE(f, true), err));
    }
    return check_records(c, err);
}

quire_status qi_check_segment(qi_check *check, const qi_segment *segment, quire_error *err)
{
    checker c = {.check = check, .segment = segment};
    check_blocks(&c);
    if (check->level < 2)
        return QUIRE_OK;
    c.list = qi_mem_new(1, sizeof *c.list);
    if (c.list == NULL)
        return qi_no_memory(err);
    quire_status status = check_structures(&c, err);
    qi_mem_free(c.list);
    return status;
}
