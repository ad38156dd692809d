/* SPDX-License-Identifier: MIT
 * read.h - the readers: text in some form to records. Text is valid UTF-8, as decode.h gives it. */
#ifndef QUIRE_CLI_READ_H
#define QUIRE_CLI_READ_H

#include "record.h"

typedef enum read_form {
    READ_NONE, /* not a form that is indexed */
    READ_TEXT,
    READ_MARKDOWN,
    READ_HTML,
    READ_JSONL,
    READ_CSV,
    READ_TSV
} read_form;

/* Room for one line that says why a record cannot be read. */
enum { READ_WHY = 160 };

/* The form that a file name's ending, or a form's own name, stands for. */
read_form read_form_of_path(const char *path);
read_form read_form_named(const char *name);

/* Whole documents: add their values to `out`. Markdown and HTML fail on text that is nested beyond
 * reason; `why` then says so. */
void read_text(quire_str text, record *out);
bool read_markdown(quire_str text, record *out, char why[READ_WHY]);
bool read_html(quire_str text, record *out, char why[READ_WHY]);

/* By form; false for the forms that hold many records. */
bool read_whole(read_form form, quire_str text, record *out, char why[READ_WHY]);

/* Append the visible text of an HTML fragment to `out`, and the character that an entity ("&nbsp;")
 * stands for, or the entity itself if it is none. */
void read_html_fragment(quire_str html, bytes *out);
void read_html_entity(quire_str entity, bytes *out);

/* One line of JSONL: an object. Names go through record_field_name, lists of strings give their
 * name several times, as does a name that comes twice; other values stay JSON. */
bool read_json(quire_str line, record *out, char why[READ_WHY]);

/* CSV (RFC 4180) and TSV (no quoting). The first row names the fields. */
typedef struct read_table {
    char separator; /* set by the caller: ',' or '\t' */
    record header;  /* values' texts are the names */
    bytes row;      /* a row that is not complete yet */
} read_table;

typedef enum read_row { READ_ROW_RECORD, READ_ROW_NONE, READ_ROW_MORE, READ_ROW_BAD } read_row;

/* Take the next line. MORE: a quoted field goes on in the next one. NONE: header or blank. */
read_row read_table_line(read_table *t, quire_str line, record *out, char why[READ_WHY]);
void read_table_free(read_table *t);

#endif
