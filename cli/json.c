/* SPDX-License-Identifier: MIT
 * JSON, written straight into bytes. */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void json_string(bytes *out, quire_str text)
{
    bytes_put(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\')
            bytes_printf(out, "\\%c", c);
        else if (c == '\n')
            bytes_text(out, "\\n");
        else if (c < 0x20 || c == 0x7F)
            bytes_printf(out, "\\u%04x", c);
        else
            bytes_put(out, (char)c);
    }
    bytes_put(out, '"');
}

void json_open(bytes *out)
{
    bytes_put(out, '{');
}

void json_name(bytes *out, const char *name)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        bytes_put(out, ',');
    json_string(out, quire_cstr(name));
    bytes_put(out, ':');
}

void json_text(bytes *out, const char *name, quire_str text)
{
    json_name(out, name);
    json_string(out, text);
}

void json_whole(bytes *out, const char *name, int64_t value)
{
    json_name(out, name);
    bytes_printf(out, "%lld", (long long)value);
}

void json_real(bytes *out, const char *name, double value)
{
    json_name(out, name);
    bytes_printf(out, "%.9g", isfinite(value) ? value : 0.0);
}

void json_bool(bytes *out, const char *name, bool value)
{
    json_name(out, name);
    bytes_text(out, value ? "true" : "false");
}

void json_close(bytes *out)
{
    bytes_put(out, '}');
}
