/* SPDX-License-Identifier: MIT
 * options.h - the one table of options and verbs, and what a command line said.
 *
 * The parser, --help, the manual page and the completions are made from the table and nothing else.
 */
#ifndef QUIRE_CLI_OPTIONS_H
#define QUIRE_CLI_OPTIONS_H

#include "bytes.h"

typedef enum option_id {
    OPT_HELP,
    OPT_INDEX,
    OPT_COLOR,
    OPT_QUIET,
    OPT_WAIT,
    OPT_DRY_RUN,
    OPT_MAX_MEMORY,
    OPT_THREADS,
    OPT_STRICT,
    OPT_FULL,
    OPT_AS,
    OPT_TEXT_AS,
    OPT_FILTER,
    OPT_ENCODING,
    OPT_HIDDEN,
    OPT_NO_IGNORE,
    OPT_COMMIT_EVERY,
    OPT_LANGUAGE,
    OPT_STOP_WORDS,
    OPT_KEEP_DIACRITICS,
    OPT_KEEP_POSSESSIVE,
    OPT_NO_EXACT,
    OPT_NO_STORE,
    OPT_FLAT,
    OPT_FIELD,
    OPT_K1,
    OPT_B,
    OPT_LIMIT,
    OPT_OFFSET,
    OPT_SORT,
    OPT_REVERSE,
    OPT_ANY,
    OPT_ALL,
    OPT_IN,
    OPT_AFTER,
    OPT_BEFORE,
    OPT_TIMEOUT,
    OPT_JSON,
    OPT_TREC,
    OPT_FORMAT,
    OPT_PATHS,
    OPT_COUNT,
    OPT_NULL,
    OPT_PRETTY,
    OPT_SNIPPET,
    OPT_SYNTAX,
    OPT_MEASURE,
    OPT_EACH,
    OPT_EXACT,
    OPT_LEVEL,
    OPT_SEGMENTS,
    OPT_OPTIMIZE,
    OPT_THOROUGH,
    OPT_QUERY
} option_id;

/* What an option's argument is; the parser checks it. */
typedef enum option_kind {
    OPTION_SWITCH, /* none */
    OPTION_TEXT,
    OPTION_CHOICE, /* one of `choices` */
    OPTION_WHOLE,  /* a whole number from `low` to `high` */
    OPTION_REAL,   /* a number from `low` to `high` */
    OPTION_SIZE,   /* bytes: 512M, 2G */
    OPTION_TIME    /* seconds: 2s, 500ms, 1m; kept in milliseconds */
} option_kind;

typedef struct option {
    option_id id;
    option_kind kind;
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* its name in the help; NULL for switches */
    const char *verbs;    /* the verbs that take it, between spaces; "*": all */
    const char *help;
    const char *choices; /* for CHOICE, and for completions: "DIR" and "FILE" are names of files */
    double low, high;
} option;

struct settings;

typedef struct verb {
    const char *name;
    const char *operands;
    const char *summary;  /* one line */
    const char *text;     /* paragraphs between '\n' */
    const char *examples; /* pairs of lines: command, what it does */
    size_t least, most;   /* operands */
    int (*run)(const struct settings *s);
} verb;

extern const option option_table[];
extern const size_t option_count;
extern const verb verb_table[];
extern const size_t verb_count;

/* Does `v` take the option? */
bool option_applies(const option *o, const verb *v);
const verb *verb_named(const char *name);

/* One option as given. */
typedef struct setting {
    const option *option;
    const char *text;
    double number; /* of WHOLE, REAL, SIZE (bytes) and TIME (milliseconds) */
} setting;

typedef struct settings {
    const verb *verb;
    setting *list;
    size_t count;
    const char **operands;
    size_t operand_count;
} settings;

/* Read a command line. On a fault one line is printed and 2 returned; 0 otherwise. */
int settings_parse(int argc, char **argv, settings *out);
void settings_free(settings *s);

bool settings_has(const settings *s, option_id id);

/* The text given last, or `otherwise`. */
const char *settings_text(const settings *s, option_id id, const char *otherwise);
double settings_number(const settings *s, option_id id, double otherwise);

/* The first occurrence after `last` (NULL: of all), or NULL. */
const setting *settings_next(const settings *s, option_id id, const setting *last);

#endif
