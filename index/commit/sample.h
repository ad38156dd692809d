/* SPDX-License-Identifier: MIT
 * commit/sample.h - the dictionary for the stored records of new documents.
 *
 * It is learnt from the first of them, or taken over from the segments that are there: so it is the
 * same whichever documents become a segment together, and records are copied when segments are
 * merged. Exclusive. */
#ifndef QI_COMMIT_SAMPLE_H
#define QI_COMMIT_SAMPLE_H

#include "commit/ingest.h"
#include "commit/parts.h"

typedef struct qi_sample {
    qi_buf records;
    QI_VEC(size_t) ends;
    size_t seen;       /* bytes of the values of documents */
    bool settled;      /* the dictionary is what it will be */
    qi_buf dictionary; /* empty: none */
} qi_sample;

/* Begin with the segments that are there. Errors: MEMORY. */
quire_status qi_sample_init(qi_sample *sample, const qi_parts *parts, quire_error *err);
void qi_sample_free(qi_sample *sample);

/* Look at a document to be added. It may settle the dictionary. Errors: MEMORY; the document is as
 * if it had not been looked at. */
quire_status qi_sample_add(qi_sample *sample, qi_ingest *ingest, const qi_ingest_value *values,
                           size_t count, const char *language, quire_error *err);

/* Settle the dictionary by the documents seen, if they are enough to learn from. Errors: MEMORY. */
quire_status qi_sample_settle(qi_sample *sample, quire_error *err);

/* Forget the documents seen. A dictionary that is settled stays. */
void qi_sample_forget(qi_sample *sample);

/* The dictionary as it is now; lent, and once settled the same until the end. */
quire_str qi_sample_dictionary(const qi_sample *sample);

#endif
