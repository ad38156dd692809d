/* SPDX-License-Identifier: MIT
 * The manual page quire(1) in man(7) form, from the tables of verbs and options and a few texts
 * that only the manual has. */
#include "cmd_help.h"

#include <stdio.h>
#include <string.h>

/* The code point at `p`, which is valid UTF-8; its length in *n. */
static unsigned code_point(const char *p, size_t *n)
{
    unsigned char lead = (unsigned char)*p;
    *n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned c = lead < 0x80 ? lead : lead & (0x7Fu >> *n);
    for (size_t i = 1; i < *n; i++)
        c = c << 6 | ((unsigned char)p[i] & 0x3Fu);
    return c;
}

/* roff reads a backslash, and a dot or quote at the start of a line; a minus sign is meant as such,
 * and other characters than those of ASCII are named by number. */
static void print_roff(const char *text, size_t len)
{
    bool start = true;
    for (size_t i = 0, n; i < len; i += n) {
        unsigned c = code_point(text + i, &n);
        if (start && (c == '.' || c == '\''))
            fputs("\\&", stdout);
        start = c == '\n';
        if (c == '\\')
            fputs("\\e", stdout);
        else if (c == '-')
            fputs("\\-", stdout);
        else if (c == '\n')
            fputs("\n.PP\n", stdout);
        else if (c >= 0x80)
            printf("\\[u%04X]", c);
        else
            putchar((int)c);
    }
}

static void print_text(const char *text)
{
    print_roff(text, strlen(text));
    putchar('\n');
}

static void print_option(const option *o)
{
    fputs(".TP\n", stdout);
    if (o->letter != 0)
        printf("\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", stdout);
    print_roff(o->name, strlen(o->name));
    fputs("\\fR", stdout);
    if (o->argument != NULL) {
        fputs(" \\fI", stdout);
        print_roff(o->argument, strlen(o->argument));
        fputs("\\fR", stdout);
    }
    putchar('\n');
    print_text(o->help);
    if (o->kind == OPTION_CHOICE)
        printf("One of: %s.\n", o->choices);
    if (strcmp(o->verbs, "*") != 0)
        printf("(%s)\n", o->verbs);
}

static void print_examples(const char *examples)
{
    while (*examples != '\0') {
        size_t n = strcspn(examples, "\n");
        fputs(".PP\n.RS 4\n.EX\n", stdout);
        print_roff(examples, n);
        fputs("\n.EE\n", stdout);
        examples += n + (examples[n] != '\0');
        n = strcspn(examples, "\n");
        print_roff(examples, n);
        fputs("\n.RE\n", stdout);
        examples += n + (examples[n] != '\0');
    }
}

static void print_verb(const verb *v)
{
    printf(".SS quire %s ", v->name);
    print_text(v->operands);
    bytes summary = {0};
    bytes_printf(&summary, "%s%s.", (char[]){(char)(v->summary[0] - 'a' + 'A'), '\0'},
                 v->summary + 1);
    print_text(bytes_cstr(&summary));
    bytes_free(&summary);
    if (v->text[0] != '\0') {
        puts(".PP");
        print_text(v->text);
    }
    print_examples(v->examples);
}

static const char *const environment[][2] = {
    {"QUIRE_INDEX", "The index, where --index is not given."},
    {"NO_COLOR", "No colours, if it is not empty."},
};

static const char json_text[] =
    "With --json each line is an object with \"form\" (1; it grows when a reader of the old form "
    "would "
    "fail) and \"type\".\n"
    "hit: \"rank\", \"score\", \"fields\" (the document's values but for the body; a list where a "
    "field "
    "has several; dates in ISO 8601), \"snippet\" and \"marks\" (byte ranges [start, end) of the "
    "matches "
    "in it), \"matches\" (an object for each match in the stored text: \"field\", \"start\", "
    "\"end\" in "
    "bytes, and \"value\" if it is not in the field's first value).\n"
    "summary, the last line of search: \"total\", \"exact\", \"partial\", \"relaxed\", \"query\" "
    "(as it "
    "was understood), \"notes\" (\"code\", \"start\", \"end\", \"text\").\n"
    "count: \"total\", \"partial\". document, of get: \"fields\". explanation: \"depth\", "
    "\"value\", \"text\". token, of analyze: "
    "\"term\", \"exact\", \"position\", \"start\", \"end\", \"steps\". term: \"term\", "
    "\"documents\", "
    "\"occurrences\". stats: numbers by name, \"parts\" in bytes, \"unicode\" and "
    "\"unicode_here\" (the versions of the index and of this program).";

static const char trust_text[] =
    "Whatever indexes, documents and queries hold must never break memory safety or the limits. A "
    "process that may write to the index's folder at the same time can cause errors or wrong "
    "answers. "
    "Folders are walked without following symbolic links or leaving the device; pipes and devices "
    "are "
    "not opened. Commands of --filter get a file on their standard input, never its name.";

void help_manual(const char *exit_codes)
{
    printf(".TH QUIRE 1 \"\" \"quire %d.%d.%d\" \"User Commands\"\n", QUIRE_VERSION_MAJOR,
           QUIRE_VERSION_MINOR, QUIRE_VERSION_PATCH);
    puts(".SH NAME\nquire \\- full-text search over your own files\n.SH SYNOPSIS\n.B quire\n"
         "\\fIVERB\\fR [\\fIOPTION\\fR\\&...] ...\n.SH DESCRIPTION\n"
         "Indexes files and folders and answers ranked word and phrase queries over them.\n.SH "
         "VERBS");
    for (size_t i = 0; i < verb_count; i++)
        print_verb(&verb_table[i]);
    puts(".SH OPTIONS\nAfter each option: the verbs that take it.");
    for (size_t i = 0; i < option_count; i++)
        print_option(&option_table[i]);
    puts(".SH \"EXIT STATUS\"");
    print_text(exit_codes);
    puts(".SH ENVIRONMENT");
    for (size_t i = 0; i < sizeof environment / sizeof *environment; i++) {
        printf(".TP\n.B %s\n", environment[i][0]);
        print_text(environment[i][1]);
    }
    puts(".SH FILES\n.TP\n.I .quire\nThe index of a folder.\n.TP\n.I .quireignore\n"
         "Patterns of files that are not indexed, as in gitignore(5); .gitignore is read as well.\n"
         ".SH JSON");
    print_text(json_text);
    puts(".SH SECURITY");
    print_text(trust_text);
    puts(".SH \"SEE ALSO\"\n.BR quire\\-query (7),\n.BR libquire (3)");
}
