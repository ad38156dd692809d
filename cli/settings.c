/* SPDX-License-Identifier: MIT
 * The command line against the table of options: "--name value", "--name=value", "-n value",
 * "-nvalue", switches in one "-lc", "--" before operands. Values are checked here, so that no verb
 * has to. */
#include "message.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct parsing {
    settings *out;
    char **args;
    int at, count;
} parsing;

/* How many letters must change, be added or left out to make `a` into `b`. */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 24 };
    size_t n = strlen(a), m = strlen(b), row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t other = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < other ? change : other;
        }
    }
    return row[m];
}

static int no_such_verb(const char *name)
{
    const char *nearest = NULL;
    size_t best = 3;
    for (size_t i = 0; i < verb_count; i++)
        if (distance(name, verb_table[i].name) < best) {
            best = distance(name, verb_table[i].name);
            nearest = verb_table[i].name;
        }
    if (nearest != NULL)
        return message_usage("'%.60s' is not a verb; did you mean '%s'?", name, nearest);
    return message_usage("'%.60s' is not a verb; 'quire help' lists them", name);
}

/* What begins a query where it should be an option, perhaps. */
static const char *minus_advice(const parsing *p)
{
    bool queries = strncmp(p->out->verb->operands, "QUERY", 5) == 0;
    return queries ? "; a query that begins with '-' goes behind '--'" : "";
}

static int no_such_option(const parsing *p, const char *name)
{
    const char *verb_name = p->out->verb->name, *nearest = NULL;
    size_t best = 3;
    for (size_t i = 0; i < option_count; i++) {
        size_t d = distance(name, option_table[i].name);
        if (option_applies(&option_table[i], p->out->verb) && d < best) {
            best = d;
            nearest = option_table[i].name;
        }
    }
    if (nearest != NULL)
        return message_usage("%s has no option '--%.60s'; did you mean '--%s'?", verb_name, name,
                             nearest);
    return message_usage("%s has no option '--%.60s'; 'quire help %s' lists them%s", verb_name,
                         name, verb_name, minus_advice(p));
}

static bool is_choice(const char *choices, const char *text)
{
    size_t n = strlen(text);
    for (const char *p = choices; n > 0 && (p = strstr(p, text)) != NULL; p += n)
        if ((p == choices || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

/* What the unit at the end of a number multiplies it by; 0 if it is none. */
static double unit(option_kind kind, const char *text)
{
    static const struct {
        option_kind kind;
        const char *name;
        double factor;
    } units[] = {{OPTION_SIZE, "", 1},          {OPTION_SIZE, "K", 1024.0},
                 {OPTION_SIZE, "M", 1048576.0}, {OPTION_SIZE, "G", 1073741824.0},
                 {OPTION_TIME, "", 1000},       {OPTION_TIME, "s", 1000},
                 {OPTION_TIME, "ms", 1},        {OPTION_TIME, "m", 60000},
                 {OPTION_TIME, "min", 60000},   {OPTION_WHOLE, "", 1},
                 {OPTION_REAL, "", 1}};
    size_t n = strlen(text);
    if (kind == OPTION_SIZE && n > 1 && strcasecmp(text + n - 1, "b") == 0)
        n--;
    if (kind == OPTION_SIZE && n > 1 && text[n - 1] == 'i')
        n--;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].kind == kind && strlen(units[i].name) == n &&
            strncasecmp(units[i].name, text, n) == 0)
            return units[i].factor;
    return 0;
}

static bool to_number(const option *o, const char *text, double *out)
{
    char *end;
    if ((text[0] < '0' || text[0] > '9') && text[0] != '.')
        return false;
    double value = strtod(text, &end), factor = unit(o->kind, end);
    *out = value * factor;
    if (end == text || factor == 0 || !(*out >= 0 && *out <= 1e15))
        return false;
    bool whole = *out == (double)(uint64_t)*out;
    if (o->kind == OPTION_WHOLE && !whole)
        return false;
    return o->kind == OPTION_TIME || (*out >= o->low && *out <= o->high);
}

static const char *wanted(const option *o)
{
    static const char *const kinds[] = {"",
                                        "a text",
                                        "one of its choices",
                                        "a whole number in its range",
                                        "a number in its range",
                                        "a size such as 512M",
                                        "a time such as 2s or 500ms"};
    return kinds[o->kind];
}

static int bad_value(const option *o, const char *text)
{
    if (o->kind == OPTION_CHOICE)
        return message_usage("--%s takes one of: %s; not '%.60s'", o->name, o->choices, text);
    if (o->kind == OPTION_WHOLE || o->kind == OPTION_REAL)
        return message_usage("--%s takes %s, %.0f to %.0f; not '%.60s'", o->name, wanted(o), o->low,
                             o->high, text);
    if (o->kind == OPTION_SIZE)
        return message_usage("--%s takes %s, at least %.0fM; not '%.60s'", o->name, wanted(o),
                             o->low / 1048576, text);
    return message_usage("--%s takes %s; not '%.60s'", o->name, wanted(o), text);
}

static int add(parsing *p, const option *o, const char *text)
{
    setting given = {.option = o, .text = text};
    bool is_number = o->kind >= OPTION_WHOLE;
    if (is_number ? !to_number(o, text, &given.number)
                  : o->kind == OPTION_CHOICE && !is_choice(o->choices, text))
        return bad_value(o, text);
    settings *s = p->out;
    s->list = memory_resize(s->list, s->count + 1, sizeof *s->list);
    s->list[s->count++] = given;
    return 0;
}

/* The option's value: what follows in the same word (`inside`), else the next word. */
static int with_value(parsing *p, const option *o, const char *inside)
{
    if (inside != NULL)
        return add(p, o, inside);
    if (p->at + 1 >= p->count)
        return message_usage("--%s needs a value: %s", o->name, o->argument);
    return add(p, o, p->args[++p->at]);
}

static int long_option(parsing *p, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t n = equals == NULL ? strlen(word) : (size_t)(equals - word);
    for (size_t i = 0; i < option_count; i++) {
        const option *o = &option_table[i];
        if (strlen(o->name) != n || strncmp(o->name, word, n) != 0 ||
            !option_applies(o, p->out->verb))
            continue;
        if (o->kind != OPTION_SWITCH)
            return with_value(p, o, equals == NULL ? NULL : equals + 1);
        if (equals != NULL)
            return message_usage("--%s takes no value", o->name);
        return add(p, o, "");
    }
    char *name = memory_copy(word, n);
    int result = no_such_option(p, name);
    free(name);
    return result;
}

static const option *by_letter(const verb *v, char letter)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].letter == letter && option_applies(&option_table[i], v))
            return &option_table[i];
    return NULL;
}

static int short_options(parsing *p, const char *word)
{
    for (; *word != '\0'; word++) {
        const option *o = by_letter(p->out->verb, *word);
        if (o == NULL)
            return message_usage("%s has no option '-%c'; 'quire help %s' lists them%s",
                                 p->out->verb->name, *word, p->out->verb->name, minus_advice(p));
        if (o->kind != OPTION_SWITCH)
            return with_value(p, o, word[1] == '\0' ? NULL : word + 1);
        int failed = add(p, o, "");
        if (failed != 0)
            return failed;
    }
    return 0;
}

static void add_operand(settings *s, const char *text)
{
    s->operands = memory_resize(s->operands, s->operand_count + 1, sizeof *s->operands);
    s->operands[s->operand_count++] = text;
}

static int check_operands(const settings *s)
{
    const verb *v = s->verb;
    if (settings_has(s, OPT_HELP))
        return 0;
    if (s->operand_count < v->least)
        return message_usage("%s needs %s; 'quire help %s' says more", v->name, v->operands,
                             v->name);
    if (s->operand_count > v->most)
        return message_usage(
            "%s takes %s: '%.60s' is too many; put a query of several words in quotes", v->name,
            v->operands[0] == '\0' ? "no operands" : v->operands, s->operands[v->most]);
    return 0;
}

/* The verb, which options common to all may precede. */
static int find_verb(const char *first, settings *out)
{
    if (first == NULL || strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        first = "help";
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0)
        first = "version";
    out->verb = verb_named(first);
    if (out->verb != NULL)
        return 0;
    if (first[0] == '-')
        return message_usage(
            "the verb comes first: quire VERB %.60s …; 'quire help' lists the verbs", first);
    return no_such_verb(first);
}

int settings_parse(int argc, char **argv, settings *out)
{
    *out = (settings){0};
    int failed = find_verb(argc < 2 ? NULL : argv[1], out);
    parsing p = {.out = out, .args = argv, .at = 2, .count = argc};
    bool operands_only = false;
    for (; failed == 0 && p.at < argc; p.at++) {
        const char *word = argv[p.at];
        if (operands_only || word[0] != '-' || word[1] == '\0')
            add_operand(out, word);
        else if (strcmp(word, "--") == 0)
            operands_only = true;
        else
            failed = word[1] == '-' ? long_option(&p, word + 2) : short_options(&p, word + 1);
    }
    return failed != 0 ? failed : check_operands(out);
}

void settings_free(settings *s)
{
    free(s->list);
    free(s->operands);
    *s = (settings){0};
}

const setting *settings_next(const settings *s, option_id id, const setting *last)
{
    for (size_t i = last == NULL ? 0 : (size_t)(last - s->list) + 1; i < s->count; i++)
        if (s->list[i].option->id == id)
            return &s->list[i];
    return NULL;
}

static const setting *last_of(const settings *s, option_id id)
{
    for (size_t i = s->count; i > 0; i--)
        if (s->list[i - 1].option->id == id)
            return &s->list[i - 1];
    return NULL;
}

bool settings_has(const settings *s, option_id id)
{
    return last_of(s, id) != NULL;
}

const char *settings_text(const settings *s, option_id id, const char *otherwise)
{
    const setting *found = last_of(s, id);
    return found == NULL ? otherwise : found->text;
}

double settings_number(const settings *s, option_id id, double otherwise)
{
    const setting *found = last_of(s, id);
    return found == NULL ? otherwise : found->number;
}
