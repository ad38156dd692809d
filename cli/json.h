/* SPDX-License-Identifier: MIT
 * json.h - writing JSON: the form of --json and of the meta field. */
#ifndef QUIRE_CLI_JSON_H
#define QUIRE_CLI_JSON_H

#include "bytes.h"

/* The form of what --json prints; grows when a reader of the old one would fail. */
enum { JSON_FORM = 1 };

/* "…" with what JSON wants escaped; `text` is UTF-8. */
void json_string(bytes *out, quire_str text);

/* Members of an object: a comma if one stood before, the name, the value. */
void json_open(bytes *out);
void json_name(bytes *out, const char *name);
void json_text(bytes *out, const char *name, quire_str text);
void json_whole(bytes *out, const char *name, int64_t value);
void json_real(bytes *out, const char *name, double value);
void json_bool(bytes *out, const char *name, bool value);
void json_close(bytes *out);

#endif
