/* SPDX-License-Identifier: MIT
 * gitignore patterns: '*' and '?' and [sets] within a name, '**' across folders, '!' to take back,
 * a '/' before the end anchors the pattern to its file's folder, one at the end means folders only.
 * A folder that is ignored is not entered, so nothing below it can be taken back: as git has it. */
#include "ignore.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 100000 };

/* Without the white space at its end, unless a backslash keeps it. */
static quire_str trim_end(quire_str line)
{
    while (line.len > 0 && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\r') &&
           !(line.len > 1 && line.ptr[line.len - 2] == '\\'))
        line.len--;
    return line;
}

static void add_rule(ignore_rules *r, quire_str line, size_t base)
{
    ignore_rule rule = {.base = base};
    line = trim_end(line);
    if (line.len == 0 || line.ptr[0] == '#')
        return;
    rule.negated = line.ptr[0] == '!';
    line = str_slice(line, rule.negated, line.len);
    rule.folders_only = line.len > 0 && line.ptr[line.len - 1] == '/';
    line.len -= rule.folders_only;
    rule.anchored = memchr(line.ptr, '/', line.len) != NULL;
    if (line.len > 0 && line.ptr[0] == '/')
        line = str_slice(line, 1, line.len);
    if (line.len == 0)
        return;
    rule.pattern = memory_copy(line.ptr, line.len);
    if (r->count == r->cap) {
        r->cap = r->cap == 0 ? 16 : r->cap * 2;
        r->rules = memory_resize(r->rules, r->cap, sizeof *r->rules);
    }
    r->rules[r->count++] = rule;
}

void ignore_read(ignore_rules *r, quire_str text, size_t base)
{
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        add_rule(r, str_slice(text, 0, len), base);
        text = str_slice(text, end == NULL ? len : len + 1, text.len);
    }
}

/* Steps past the next character or range of a set; is `c` in it? */
static bool in_range(const char **p, unsigned char c)
{
    const char *s = *p;
    if (*s == '\\' && s[1] != '\0')
        s++;
    unsigned char low = (unsigned char)*s, high = low;
    if (s[1] == '-' && s[2] != ']' && s[2] != '\0')
        high = (unsigned char)*(s += 2);
    *p = s + 1;
    return c >= low && c <= high;
}

/* Steps past the set at `*p` (after its '['); does it hold `c`? A set without end matches nothing.
 */
static bool in_set(const char **p, char c)
{
    const char *s = *p;
    bool negated = *s == '!' || *s == '^', found = false;
    const char *start = s += negated;
    while (*s != '\0' && (*s != ']' || s == start))
        found |= in_range(&s, (unsigned char)c);
    if (*s == '\0')
        return false;
    *p = s + 1;
    return found != negated && c != '/';
}

static bool glob(const char *p, const char *s, bool at_start, unsigned *steps);

/* Two stars: between slashes any folders, at the end anything. */
static bool two_stars(const char *p, const char *s, unsigned *steps)
{
    if (*p == '\0')
        return true;
    if (glob(p + 1, s, true, steps))
        return true;
    for (; *s != '\0' && (*steps)++ < MOST_STEPS; s++)
        if (*s == '/' && glob(p + 1, s + 1, true, steps))
            return true;
    return false;
}

static bool one_star(const char *p, const char *s, unsigned *steps)
{
    for (;; s++) {
        if ((*steps)++ > MOST_STEPS)
            return false;
        if (glob(p, s, false, steps))
            return true;
        if (*s == '\0' || *s == '/')
            return false;
    }
}

/* One character of the pattern, '?', set or itself, against `c`; steps past it. */
static bool one_character(const char **p, char c)
{
    char wanted = *(*p)++;
    if (wanted == '[')
        return in_set(p, c);
    if (wanted == '?')
        return c != '/';
    if (wanted == '\\' && **p != '\0')
        wanted = *(*p)++;
    return wanted == c;
}

static bool glob(const char *p, const char *s, bool at_start, unsigned *steps)
{
    while (*p != '\0' && *p != '*') {
        if ((*steps)++ > MOST_STEPS || *s == '\0')
            return false;
        at_start = *p == '/';
        if (!one_character(&p, *s++))
            return false;
    }
    if (*p == '\0')
        return *s == '\0';
    if (p[1] == '*' && at_start && (p[2] == '/' || p[2] == '\0'))
        return two_stars(p + 2, s, steps);
    return one_star(p + strspn(p, "*"), s, steps);
}

bool ignore_glob(const char *pattern, const char *path)
{
    unsigned steps = 0;
    return glob(pattern, path, true, &steps);
}

bool ignore_matches(const ignore_rules *r, const char *path, bool is_folder)
{
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    for (size_t i = r->count; i > 0; i--) {
        const ignore_rule *rule = &r->rules[i - 1];
        if ((rule->folders_only && !is_folder) || rule->base > strlen(path))
            continue;
        if (ignore_glob(rule->pattern, rule->anchored ? path + rule->base : name))
            return !rule->negated;
    }
    return false;
}

void ignore_shrink(ignore_rules *r, size_t count)
{
    while (r->count > count)
        free(r->rules[--r->count].pattern);
    if (count == 0) {
        free(r->rules);
        *r = (ignore_rules){0};
    }
}
