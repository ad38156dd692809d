/* SPDX-License-Identifier: MIT
 * front.h - the front matter of a Markdown file. */
#ifndef QUIRE_CLI_FRONT_H
#define QUIRE_CLI_FRONT_H

#include "record.h"

/* If `text` starts with front matter (YAML-like between "---" lines, TOML-like between "+++"), adds
 * its values to `out` under the names that record_field_name gives them, and returns the length of
 * it; else 0. A key that would be the id or the body becomes "front.<key>". Lists give their name
 * several times; a mapping inside gives "outer.inner". */
size_t front_read(quire_str text, record *out);

#endif
