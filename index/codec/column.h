/* SPDX-License-Identifier: MIT
 * codec/column.h - one number per document, read in place.
 *
 *   | u32 count | u8 width | u8 1: some are missing | u16 0 | i64 least | u64 step |
 *   | u64 words of presence, if some are missing | count * width bits | 8 zero bytes |
 *
 * Value i is least + step * (bits [i * width, (i + 1) * width)), modulo 2^64; a missing one has
 * zero bits. Numbers, dates, and ordinals of keywords. C-1: the count is the segment's documents.
 * C-2: the width is 0 to 56, or 64.  C-3: the column ends inside its section.  C-4: bits without a
 * meaning are 0. */
#ifndef QI_CODEC_COLUMN_H
#define QI_CODEC_COLUMN_H

#include "base/bits.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/view.h"

enum { QI_COLUMN_HEADER = 24 }; /* bytes that opening reads */

/* An open column: points into the bytes it was opened on. Immutable. */
typedef struct qi_column {
    const uint8_t *present; /* NULL: every document has a value */
    const uint8_t *packed;
    uint64_t least, step, mask;
    uint32_t count;
    unsigned width;
} qi_column;

/* Append a column of `count` values. Bit i % 64 of present[i / 64] says whether value i exists;
 * NULL: all do. */
void qi_column_encode(qi_buf *out, const int64_t *values, const uint64_t *present, uint32_t count);

/* Open the column at the cursor and step past it. CORRUPT, naming `file`. */
quire_status qi_column_open(qi_column *out, qi_view *in, uint32_t count, const char *file,
                            quire_error *err);

/* Has document i, which is below count, a value? */
static inline bool qi_column_has(const qi_column *column, uint32_t i)
{
    return column->present == NULL || (column->present[i / 8] >> i % 8 & 1) != 0;
}

/* The value of document i; of one without a value, the least of the column. */
static inline int64_t qi_column_get(const qi_column *column, uint32_t i)
{
    uint64_t bit = (uint64_t)i * column->width;
    uint64_t v = qi_load64(column->packed + bit / 8) >> bit % 8 & column->mask;
    return (int64_t)(column->least + column->step * v);
}

#endif
