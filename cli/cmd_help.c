/* SPDX-License-Identifier: MIT
 * quire help, quire version, and --help of every verb, from the tables. Hidden: `quire help man`
 * prints quire.1 for the build. */
#include "cmd_help.h"

#include "cmd.h"
#include "message.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char exit_codes[] = "Exit codes: 0 found, 1 nothing found, 2 an error, 3 stopped by "
                                 "--timeout, 4 another process writes "
                                 "to the index, 5 the index is damaged, 130 interrupted.";

static size_t width(void)
{
    struct winsize size;
    if (ioctl(1, TIOCGWINSZ, &size) < 0 || size.ws_col < 40)
        return 80;
    return size.ws_col > 100 ? 100 : size.ws_col;
}

/* Columns that a text of UTF-8 takes. */
static size_t columns(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* Print `text` from column `at` on, broken at spaces and after '\n', each line from column
 * `indent`. */
static void print_wrapped(const char *text, size_t indent, size_t at)
{
    size_t wide = width();
    while (*text != '\0') {
        size_t n = strcspn(text, " \n"), cols = columns(text, n);
        if (at > indent && at + 1 + cols > wide) {
            printf("\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)n, text);
        at += cols;
        text += n;
        if (*text == '\n') {
            printf("\n%*s", (int)indent, "");
            at = indent;
        }
        text += *text != '\0';
    }
    putchar('\n');
}

static void print_option(const option *o)
{
    enum { INDENT = 26 };
    bytes left = {0};
    if (o->letter != 0)
        bytes_printf(&left, "  -%c, --%s", o->letter, o->name);
    else
        bytes_printf(&left, "      --%s", o->name);
    if (o->argument != NULL)
        bytes_printf(&left, " %s", o->argument);
    size_t at = columns(left.ptr, left.len);
    printf("%s", left.ptr);
    if (at + 2 > INDENT)
        printf("\n%*s", INDENT, "");
    else
        printf("%*s", (int)(INDENT - at), "");
    print_wrapped(o->help, INDENT, INDENT);
    if (o->kind == OPTION_CHOICE)
        printf("%*sOne of: %s.\n", INDENT, "", o->choices);
    bytes_free(&left);
}

static void print_examples(const char *examples)
{
    puts("\nExamples:");
    while (*examples != '\0') {
        size_t n = strcspn(examples, "\n");
        printf("  %.*s\n", (int)n, examples);
        examples += n + (examples[n] != '\0');
        n = strcspn(examples, "\n");
        printf("      %.*s\n", (int)n, examples);
        examples += n + (examples[n] != '\0');
    }
}

void help_verb(const verb *v)
{
    printf("quire %s%s%s%s - %s\n", v->name, " [OPTION…]", v->operands[0] == '\0' ? "" : " ",
           v->operands, v->summary);
    if (v->text[0] != '\0') {
        putchar('\n');
        print_wrapped(v->text, 0, 0);
    }
    puts("\nOptions:");
    for (size_t i = 0; i < option_count; i++)
        if (option_applies(&option_table[i], v))
            print_option(&option_table[i]);
    if (v->examples[0] != '\0')
        print_examples(v->examples);
}

static void help_all(void)
{
    puts("quire VERB [OPTION…] …\n\nFull-text search over your own files.\n\nVerbs:");
    for (size_t i = 0; i < verb_count; i++)
        printf("  %-12s %s\n", verb_table[i].name, verb_table[i].summary);
    puts("\nTo begin with:\n  quire index FOLDER\n  quire search 'some words'\n");
    puts("'quire help VERB' says more; so does quire(1), and quire-query(7) about queries.");
    print_wrapped(exit_codes, 0, 0);
}

int cmd_help(const settings *s)
{
    if (s->operand_count == 0) {
        help_all();
        return message_finish(EXIT_FOUND);
    }
    if (strcmp(s->operands[0], "man") == 0) {
        help_manual(exit_codes);
        return message_finish(EXIT_FOUND);
    }
    const verb *v = verb_named(s->operands[0]);
    if (v == NULL)
        return message_usage("'%.60s' is not a verb; 'quire help' lists them", s->operands[0]);
    help_verb(v);
    return message_finish(EXIT_FOUND);
}

int cmd_version(const settings *s)
{
    (void)s;
    printf("quire %s\nindex format %d\n", quire_version(), QUIRE_FORMAT_VERSION);
    return message_finish(EXIT_FOUND);
}
