/* SPDX-License-Identifier: MIT
 * segment/build.h - writing a segment: what a flush and a merge have in common.
 *
 * In this order: open; fill the fields' starts and norms; qi_build_fields; stored records;
 * qi_build_lists, then each lane with its terms in byte order, then qi_build_dictionaries; columns;
 * qi_build_finish. Exclusive. */
#ifndef QI_SEGMENT_BUILD_H
#define QI_SEGMENT_BUILD_H

#include "codec/schema.h"
#include "segment/forms.h"
#include "segment/spool.h"

/* Kinds of files. */
enum { QI_KIND_SEGMENT = 0x4D474553 /* "SEGM" */, QI_KIND_DELETES = 0x534C4544 /* "DELS" */ };

typedef struct qi_build_field {
    uint32_t *starts; /* text: doc_count + 1 word numbers */
    uint8_t *norms;   /* text: doc_count codes */
    uint64_t length_sum;
    uint32_t documents;
    bool wide_starts, has_column;
    float average;
    float inverse[256];
} qi_build_field;

typedef struct qi_build {
    const quire_schema *schema;
    uint32_t doc_count;
    qi_writer_file file;
    qi_build_field *fields;
    qi_list_writer lists;
    qi_forms_writer forms;
    bool merging; /* for the caller to set, once it is open: qi_build_term is to get forms that are
                     a part of one stem */
    bool failed;  /* a word of a form did not fit memory */
    qi_buf area;
    qi_termdict_builder dict;
    qi_buf *dicts; /* a dictionary for each lane, but for what of it is in the spool */
    size_t hold;   /* for the caller to set: bytes that a dictionary may take in memory; 0: any */
    qi_spool spool;
    uint64_t *spooled; /* bytes in the spool, by lane, one after the other */
    qi_buf *links;     /* and for lanes of exact forms, their stems */
    uint32_t lane;
    uint64_t lists_start;
    quire_segment_stat stat;
} qi_build;

/* Begin a segment of `doc_count` documents in the file that `id` names. Errors: EXISTS, IO, MEMORY.
 */
quire_status qi_build_open(qi_build *build, qi_dir *dir, const qi_file_id *id,
                           const quire_schema *schema, uint32_t doc_count, quire_error *err);

/* Write norms and starts of all text fields, which the caller has filled. */
quire_status qi_build_fields(qi_build *build, quire_error *err);

/* Begin the lists of all lanes. */
quire_status qi_build_lists(qi_build *build, quire_error *err);

/* Begin a lane; then for each term push its numbers, increasing, and end it. */
void qi_build_lane(qi_build *build, uint32_t lane);
void qi_build_word(qi_build *build, uint32_t word);
void qi_build_doc(qi_build *build, uint32_t doc);

/* The same for many word numbers of a lane of stems, with the document of each. */
void qi_build_words(qi_build *build, const uint32_t *words, const uint32_t *docs, size_t count);

/* Have numbers been pushed since the last term? */
bool qi_build_pending(const qi_build *build);

/* End a term. `link`, in a lane of exact forms: the ordinal of its stem in the lane before, plus
 * one (only if `merging`); 0 if it has several. Errors: CORRUPT (a form occurs where its stem does
 * not), IO, MEMORY. */
quire_status qi_build_term(qi_build *build, quire_str term, uint32_t link, quire_error *err);

/* A term with nothing pushed: `list` is what qi_forms_list made of a form that is a part of one
 * stem; empty for one that is all of it, and for a term of any lane that occurs once. */
quire_status qi_build_made(qi_build *build, quire_str term, uint32_t link, const qi_term_info *info,
                           quire_str list, quire_error *err);

/* A term of a lane of stems whose list was written elsewhere, for build->lists.lane; what the parts
 * of such lists take is accounted for apart. */
quire_status qi_build_coded(qi_build *build, quire_str term, const qi_term_info *info,
                            const void *list, quire_error *err);
void qi_build_account(qi_build *build, const quire_segment_stat *sizes);

quire_status qi_build_lane_end(qi_build *build, quire_error *err);

/* End the lists and write the dictionaries. */
quire_status qi_build_dictionaries(qi_build *build, quire_error *err);

/* Write the column of a field: doc_count values; INT64_MIN where there is none. Nothing is written
 * if there are no values at all. */
quire_status qi_build_column(qi_build *build, uint32_t field, const int64_t *values,
                             quire_error *err);

/* Complete the file, sync it, and describe it in `id`. */
quire_status qi_build_finish(qi_build *build, qi_file_id *id, quire_error *err);

/* Release everything; an unfinished file is removed. */
void qi_build_close(qi_build *build);

#endif
