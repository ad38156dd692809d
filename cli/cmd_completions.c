/* SPDX-License-Identifier: MIT
 * quire completions: what bash, zsh and fish need to complete verbs, options and choices, from the
 * tables. */
#include "cmd.h"
#include "message.h"

#include <stdio.h>
#include <string.h>

static void print_verbs(const char *before, const char *after)
{
    for (size_t i = 0; i < verb_count; i++)
        printf("%s%s%s", before, verb_table[i].name, after);
}

static void print_option_words(const verb *v)
{
    for (size_t i = 0; i < option_count; i++) {
        const option *o = &option_table[i];
        if (!option_applies(o, v))
            continue;
        printf(" --%s", o->name);
        if (o->letter != 0)
            printf(" -%c", o->letter);
    }
}

static void bash(void)
{
    puts("# bash completion for quire\n_quire() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} "
         "verb=${COMP_WORDS[1]}\n"
         "    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then");
    fputs("        COMPREPLY=($(compgen -W '", stdout);
    print_verbs("", " ");
    puts("' -- \"$word\"))\n        return\n    fi\n    case $last in");
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].kind == OPTION_CHOICE)
            printf("    --%s) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n",
                   option_table[i].name, option_table[i].choices);
    puts("    completions) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$word\")); return ;;");
    fputs("    help) COMPREPLY=($(compgen -W '", stdout);
    print_verbs("", " ");
    puts("' -- \"$word\")); return ;;\n    esac\n    case $word in\n    -*) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n    esac\n    case $verb in");
    for (size_t i = 0; i < verb_count; i++) {
        printf("    %s) COMPREPLY=($(compgen -W '", verb_table[i].name);
        print_option_words(&verb_table[i]);
        puts("' -- \"$word\")) ;;");
    }
    puts("    esac\n}\ncomplete -o filenames -F _quire quire");
}

/* For zsh and fish within single quotes; zsh also reads brackets and colons. */
static void print_quoted(const char *text, bool zsh)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (zsh && strchr("[]:\\", *text) != NULL)
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void zsh_option(const option *o, const char *name)
{
    printf("        '%s%s[", o->kind == OPTION_SWITCH ? "" : "*", name);
    print_quoted(o->help, true);
    putchar(']');
    if (o->kind == OPTION_CHOICE)
        printf(":%s:(%s)", o->argument, o->choices);
    else if (o->id == OPT_INDEX)
        fputs(":folder:_files -/", stdout);
    else if (o->kind != OPTION_SWITCH) {
        putchar(':');
        print_quoted(o->argument, true);
        fputs(": ", stdout);
    }
    puts("' \\");
}

static void zsh(void)
{
    puts("#compdef quire\n_quire() {\n    local -a verbs\n    verbs=(");
    for (size_t i = 0; i < verb_count; i++) {
        printf("        '%s:", verb_table[i].name);
        print_quoted(verb_table[i].summary, true);
        puts("'");
    }
    puts("    )\n    if (( CURRENT == 2 )); then\n        _describe verb verbs\n        return\n   "
         " fi\n"
         "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $verb in");
    for (size_t v = 0; v < verb_count; v++) {
        printf("    %s) _arguments \\\n", verb_table[v].name);
        for (size_t i = 0; i < option_count; i++) {
            const option *o = &option_table[i];
            char letter[] = {'-', o->letter, '\0'}, name[64];
            snprintf(name, sizeof name, "--%s", o->name);
            if (!option_applies(o, &verb_table[v]))
                continue;
            zsh_option(o, name);
            if (o->letter != 0)
                zsh_option(o, letter);
        }
        if (strcmp(verb_table[v].name, "completions") == 0)
            puts("        '1:shell:(bash zsh fish)' ;;");
        else
            puts("        '*:file:_files' ;;");
    }
    puts("    esac\n}\nif [ \"$funcstack[1]\" = _quire ]; then\n    _quire \"$@\"\nelse\n"
         "    compdef _quire quire\nfi");
}

static void fish_option(const option *o, const verb *v)
{
    printf("complete -c quire -n '__fish_seen_subcommand_from %s' -l %s", v->name, o->name);
    if (o->letter != 0)
        printf(" -s %c", o->letter);
    if (o->kind == OPTION_CHOICE)
        printf(" -x -a '%s'", o->choices);
    else if (o->kind != OPTION_SWITCH)
        fputs(" -r", stdout);
    fputs(" -d '", stdout);
    print_quoted(o->help, false);
    puts("'");
}

static void fish(void)
{
    puts("# fish completion for quire");
    for (size_t v = 0; v < verb_count; v++) {
        printf("complete -c quire -n __fish_use_subcommand -f -a %s -d '", verb_table[v].name);
        print_quoted(verb_table[v].summary, false);
        puts("'");
        for (size_t i = 0; i < option_count; i++)
            if (option_applies(&option_table[i], &verb_table[v]))
                fish_option(&option_table[i], &verb_table[v]);
    }
    puts("complete -c quire -n '__fish_seen_subcommand_from completions' -f -a 'bash zsh fish'");
}

int cmd_completions(const settings *s)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(s->operands[0], shells[i].name) == 0) {
            shells[i].print();
            return message_finish(EXIT_FOUND);
        }
    return message_usage("completions are for bash, zsh and fish, not '%.40s'", s->operands[0]);
}
