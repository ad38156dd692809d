/* SPDX-License-Identifier: MIT
 * search/value.h - numbers and dates, from text and to text, without the locale.
 *
 * A date may name a whole year, month, day, hour or minute: it stands for all of its seconds. */
#ifndef QI_SEARCH_VALUE_H
#define QI_SEARCH_VALUE_H

#include "base/buf.h"
#include "base/error.h"

/* The seconds or numbers that a value stands for, both ends included. Value. */
typedef struct qi_value_span {
    int64_t low, high;
} qi_value_span;

/* Read a decimal integer with an optional sign. False if it is none, or beyond 64 bits. Any thread.
 */
bool qi_value_number(quire_str text, qi_value_span *out);

/* Read a date: YYYY, YYYY-MM, YYYY-MM-DD, then 'T' or a space and hh:mm, hh:mm:ss or hh:mm:ss.fff,
 * then nothing or 'Z' (UTC) or an offset (+hh:mm, +hhmm, +hh); or seconds since 1970, which have
 * not exactly four digits. Fractions are cut. Any thread. */
bool qi_value_date(quire_str text, qi_value_span *out);

/* Append the shortest form that reads back as the span: one value, or '[low TO high]'. */
void qi_value_print_number(qi_buf *out, qi_value_span span);
void qi_value_print_date(qi_buf *out, qi_value_span span);

/* Read digits with an optional fraction, as far as they go; returns the bytes read, 0 if there is
 * no digit. Any thread. */
size_t qi_value_decimal(quire_str text, float *out);

/* Append a finite float >= 0 with as many digits as it takes to read the same float back. */
void qi_value_print_decimal(qi_buf *out, float value);

#endif
