/* SPDX-License-Identifier: MIT
 * cmd.h - the verbs. Each returns the exit code. */
#ifndef QUIRE_CLI_CMD_H
#define QUIRE_CLI_CMD_H

#include "options.h"

int cmd_index(const settings *s);
int cmd_search(const settings *s);
int cmd_count(const settings *s);
int cmd_get(const settings *s);
int cmd_explain(const settings *s);
int cmd_analyze(const settings *s);
int cmd_run(const settings *s);
int cmd_eval(const settings *s);
int cmd_stats(const settings *s);
int cmd_terms(const settings *s);
int cmd_check(const settings *s);
int cmd_merge(const settings *s);
int cmd_delete(const settings *s);
int cmd_version(const settings *s);
int cmd_help(const settings *s);
int cmd_completions(const settings *s);

#endif
