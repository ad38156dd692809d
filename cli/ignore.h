/* SPDX-License-Identifier: MIT
 * ignore.h - the patterns of .gitignore and .quireignore. */
#ifndef QUIRE_CLI_IGNORE_H
#define QUIRE_CLI_IGNORE_H

#include "bytes.h"

typedef struct ignore_rule {
    char *pattern;
    size_t base; /* length of the folder that the rule's file is in, with its '/' */
    bool negated, folders_only, anchored;
} ignore_rule;

/* Rules in the order of reading; the last that matches decides. Zero is empty. */
typedef struct ignore_rules {
    ignore_rule *rules;
    size_t count, cap;
} ignore_rules;

/* Add the rules of the text of an ignore file in the folder of length `base` (with its '/'). */
void ignore_read(ignore_rules *r, quire_str text, size_t base);

/* Does `path` (from the root of the walk, without '/' at its start) fall under the rules? */
bool ignore_matches(const ignore_rules *r, const char *path, bool is_folder);

/* Does the gitignore pattern match the whole of `path`? Bounded work: a pattern made to be slow
 * fails. */
bool ignore_glob(const char *pattern, const char *path);

/* Forget the rules after the first `count`. */
void ignore_shrink(ignore_rules *r, size_t count);

#endif
