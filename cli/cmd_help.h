/* SPDX-License-Identifier: MIT
 * cmd_help.h - help and the manual page, from the tables. */
#ifndef QUIRE_CLI_CMD_HELP_H
#define QUIRE_CLI_CMD_HELP_H

#include "options.h"

/* Print the help of a verb. */
void help_verb(const verb *v);

/* Print quire.1. */
void help_manual(const char *exit_codes);

#endif
