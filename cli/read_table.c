/* SPDX-License-Identifier: MIT
 * CSV as in RFC 4180, and TSV, which knows no quotes. Lines are gathered until no quoted field is
 * open; then the row is split. The first row names the fields, and every other has as many as it.
 */
#include "read.h"

#include <stdio.h>
#include <string.h>

/* Is a quoted field open at the end of `line`, if one was at its start? A quote opens at a field's
 * start only; inside, two of them are one. */
static bool is_open(quire_str line, char separator, bool open)
{
    enum { START, PLAIN, OPEN, CLOSED } state = open ? OPEN : START;
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if (state == OPEN)
            state = c == '"' ? CLOSED : OPEN;
        else if (c == '"' && (state == START || state == CLOSED))
            state = OPEN;
        else
            state = c == separator ? START : PLAIN;
    }
    return state == OPEN;
}

/* Takes the field at *at into `field` and steps past its separator; false if text follows a quote.
 */
static bool take_field(quire_str row, char separator, size_t *at, bytes *field)
{
    size_t i = *at;
    bytes_clear(field);
    if (separator == ',' && i < row.len && row.ptr[i] == '"') {
        for (i++; i < row.len; i++) {
            if (row.ptr[i] == '"' && !(i + 1 < row.len && row.ptr[i + 1] == '"'))
                break;
            i += row.ptr[i] == '"';
            bytes_put(field, row.ptr[i]);
        }
        i++;
    } else {
        while (i < row.len && row.ptr[i] != separator)
            i++;
        bytes_view(field, str_slice(row, *at, i));
    }
    bool ok = i >= row.len || row.ptr[i] == separator;
    *at = i + 1;
    return ok;
}

static bool split_header(read_table *t, quire_str row)
{
    bytes field = {0};
    bool ok = true;
    for (size_t at = 0; ok && at <= row.len;) {
        ok = take_field(row, t->separator, &at, &field);
        quire_str name = str_trim(bytes_str(&field));
        record_add(&t->header, record_field_name(name), record_field_name(name));
    }
    bytes_free(&field);
    return ok;
}

static bool split_row(const read_table *t, quire_str row, record *out, char why[READ_WHY])
{
    bytes field = {0};
    size_t count = 0;
    bool ok = true;
    for (size_t at = 0; ok && at <= row.len; count++) {
        ok = take_field(row, t->separator, &at, &field);
        if (ok && count < t->header.count && field.len > 0)
            record_add(out, quire_cstr(t->header.values[count].text), bytes_str(&field));
    }
    bytes_free(&field);
    if (!ok)
        snprintf(why, READ_WHY, "text after the closing quote of field %zu", count);
    else if (count != t->header.count)
        snprintf(why, READ_WHY, "%zu fields where the header has %zu", count, t->header.count);
    return ok && count == t->header.count;
}

read_row read_table_line(read_table *t, quire_str line, record *out, char why[READ_WHY])
{
    quire_str row = line;
    bool going_on = t->row.len > 0;
    if (going_on || (t->separator == ',' && memchr(line.ptr, '"', line.len) != NULL)) {
        bytes_view(&t->row, line);
        row = bytes_str(&t->row);
        if (is_open(line, t->separator, going_on)) {
            bytes_put(&t->row, '\n');
            return READ_ROW_MORE;
        }
    }
    read_row result = READ_ROW_NONE;
    if (t->header.count == 0 && row.len > 0) {
        if (!split_header(t, row)) {
            record_clear(&t->header);
            snprintf(why, READ_WHY, "the header has text after a closing quote");
            result = READ_ROW_BAD;
        }
    } else if (row.len > 0) {
        result = split_row(t, row, out, why) ? READ_ROW_RECORD : READ_ROW_BAD;
    }
    bytes_clear(&t->row);
    return result;
}

void read_table_free(read_table *t)
{
    record_free(&t->header);
    bytes_free(&t->row);
}
