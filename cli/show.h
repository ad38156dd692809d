/* SPDX-License-Identifier: MIT
 * show.h - results, in the form that the options ask for. */
#ifndef QUIRE_CLI_SHOW_H
#define QUIRE_CLI_SHOW_H

#include "idset.h"
#include "options.h"

typedef enum show_form {
    SHOW_PLAIN,
    SHOW_PRETTY,
    SHOW_JSON,
    SHOW_TREC,
    SHOW_FORMAT,
    SHOW_PATHS
} show_form;

typedef struct show {
    const settings *s;
    quire_index *index;
    quire_snapshot *snapshot;
    const quire_query *query;
    show_form form;
    bool colour;
    char end;      /* of each result */
    idset shown;   /* PATHS: what was printed */
    quire_str tag; /* TREC: topic and tag are printed with every line */
} show;

/* Fill in `form`, `colour` and `end` by the options and by what standard output is. */
void show_choose(show *w);

/* Print the hit with this rank, from 1. */
quire_status show_hit(show *w, size_t rank, const quire_hit *hit, quire_error *err);

/* What there is to say about all hits: total, notes. */
void show_summary(const show *w, const quire_hits *hits);

/* A document's value as text: numbers in digits, dates in ISO 8601. */
void show_value(const quire_schema *schema, const quire_value *value, bytes *out);

/* All values of a document as members of the JSON object open in `out`; without `body` if not
 * `whole`. */
void show_json_values(const quire_schema *schema, const quire_document *document, bool whole,
                      bytes *out);

/* Append an id as a field of a TREC file, which spaces part: white space becomes '_'. */
void show_trec_id(quire_str id, bytes *out);

/* Append `text` for a terminal or a line: control characters become spaces. */
void show_clean(quire_str text, bytes *out);

void show_free(show *w);

#endif
