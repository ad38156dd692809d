/* SPDX-License-Identifier: MIT
 * Days are counted in the proleptic Gregorian calendar from years 0000 to 9999, in eras of 400
 * years whose years begin in March, so that the leap day comes last and no month needs a case of
 * its own. Seconds outside of these years are written, and read, as plain numbers. */
#include "search/value.h"

#include <stdio.h>
#include <string.h>

enum { DAY = 86400, DATE_TEXT = 32 };

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

bool qi_value_number(quire_str text, qi_value_span *out)
{
    size_t i = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    bool negative = i == 1 && text.ptr[0] == '-';
    if (i == text.len)
        return false;
    uint64_t value = 0, most = (uint64_t)INT64_MAX + negative;
    for (; i < text.len; i++) {
        unsigned d = (unsigned)(text.ptr[i] - '0');
        if (!digit(text.ptr[i]) || value > (most - d) / 10)
            return false;
        value = value * 10 + d;
    }
    int64_t number = negative ? (int64_t)(0 - value) : (int64_t)value;
    *out = (qi_value_span){number, number};
    return true;
}

/* Days from 1970-01-01 to a day. */
static int64_t days_of(int year, int month, int day)
{
    int y = year + (month <= 2 ? -1 : 0);
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

typedef struct civil {
    int year, month, day;
} civil;

static civil civil_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int day = (int)(days - era * 146097);
    int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    int month = (5 * day + 2) / 153;
    civil c = {(int)(era * 400) + year, month < 10 ? month + 3 : month - 9,
               day - (153 * month + 2) / 5 + 1};
    c.year += c.month <= 2 ? 1 : 0;
    return c;
}

static int days_in_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* `count` digits at the front as a number in [low, high], taken off; -1 if they are not there. */
static int take_digits(quire_str *text, size_t count, int low, int high)
{
    int value = 0;
    if (text->len < count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (!digit(text->ptr[i]))
            return -1;
        value = value * 10 + (text->ptr[i] - '0');
    }
    text->ptr += count;
    text->len -= count;
    return value < low || value > high ? -1 : value;
}

static bool take(quire_str *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    text->ptr++;
    text->len--;
    return true;
}

/* The offset from UTC at the end of a time, in seconds; false if it is none. */
static bool take_zone(quire_str *text, int *seconds)
{
    *seconds = 0;
    if (text->len == 0 || take(text, 'Z') || take(text, 'z'))
        return true;
    int sign = take(text, '-') ? -1 : take(text, '+') ? 1 : 0;
    int hours = sign == 0 ? -1 : take_digits(text, 2, 0, 23), minutes = 0;
    if (hours >= 0 && text->len > 0) {
        take(text, ':');
        minutes = take_digits(text, 2, 0, 59);
    }
    *seconds = sign * (hours * 3600 + minutes * 60);
    return hours >= 0 && minutes >= 0;
}

/* The time after the day, added to `out`, which spans the day. */
static bool take_time(quire_str *text, qi_value_span *out)
{
    int hour = take_digits(text, 2, 0, 23), minute = -1, second = 0, zone;
    if (hour < 0 || !take(text, ':') || (minute = take_digits(text, 2, 0, 59)) < 0)
        return false;
    int length = 60;
    if (take(text, ':')) {
        length = 1;
        second = take_digits(text, 2, 0, 60);
        if (second < 0)
            return false;
        if (take(text, '.') && take_digits(text, 1, 0, 9) < 0)
            return false;
        while (text->len > 0 && digit(text->ptr[0]))
            take(text, text->ptr[0]);
    }
    if (!take_zone(text, &zone))
        return false;
    out->low += hour * 3600 + minute * 60 + second - zone;
    out->high = out->low + length - 1;
    return true;
}

static qi_value_span days_span(int64_t first, int64_t count)
{
    return (qi_value_span){first * DAY, (first + count) * DAY - 1};
}

/* "-" and two digits, unless the text is at its end; then `*out` stays. False if something else is
 * there. */
static bool take_part(quire_str *text, int high, int *out)
{
    if (text->len == 0)
        return true;
    *out = take(text, '-') ? take_digits(text, 2, 1, high) : -1;
    return *out >= 0;
}

static bool parse_calendar(quire_str text, qi_value_span *out)
{
    int month = 0, day = 0, year = take_digits(&text, 4, 0, 9999);
    if (year < 0 || !take_part(&text, 12, &month))
        return false;
    if (month == 0) {
        *out = days_span(days_of(year, 1, 1), days_of(year + 1, 1, 1) - days_of(year, 1, 1));
        return true;
    }
    int days = days_in_month(year, month);
    if (!take_part(&text, days, &day))
        return false;
    *out = day == 0 ? days_span(days_of(year, month, 1), days)
                    : days_span(days_of(year, month, day), 1);
    if (text.len == 0)
        return true;
    bool time = take(&text, 'T') || take(&text, 't') || take(&text, ' ');
    return time && take_time(&text, out) && text.len == 0;
}

bool qi_value_date(quire_str text, qi_value_span *out)
{
    bool year = text.len == 4;
    for (size_t i = 0; i < text.len && year; i++)
        year = digit(text.ptr[i]);
    return year ? parse_calendar(text, out)
                : qi_value_number(text, out) || parse_calendar(text, out);
}

static void print(qi_buf *out, const char *text)
{
    qi_buf_add(out, text, strlen(text));
}

static void print_bound(qi_buf *out, int64_t value, bool date)
{
    static const int64_t FIRST = -62167219200, LAST = 253402300799; /* years 0000 to 9999 */
    char text[DATE_TEXT];
    if (value == INT64_MIN || value == INT64_MAX) {
        print(out, "*");
        return;
    }
    if (!date || value < FIRST || value > LAST) {
        snprintf(text, sizeof text, "%lld", (long long)value);
        print(out, text);
        return;
    }
    int64_t days = (value - (value < 0 ? DAY - 1 : 0)) / DAY;
    int seconds = (int)(value - days * DAY);
    civil c = civil_of(days);
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)c.year % 10000,
             (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)seconds / 3600 % 100,
             (unsigned)seconds / 60 % 60, (unsigned)seconds % 60);
    print(out, text);
}

static void print_range(qi_buf *out, qi_value_span span, bool date)
{
    print(out, "[");
    print_bound(out, span.low, date);
    print(out, " TO ");
    print_bound(out, span.high, date);
    print(out, "]");
}

void qi_value_print_number(qi_buf *out, qi_value_span span)
{
    if (span.low == span.high && span.low != INT64_MIN && span.low != INT64_MAX)
        print_bound(out, span.low, false);
    else
        print_range(out, span, false);
}

void qi_value_print_date(qi_buf *out, qi_value_span span)
{
    qi_buf text;
    qi_buf_init(&text, 0);
    print_bound(&text, span.low, true);
    static const size_t LENGTHS[] = {4, 7, 10, 16, 20};
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS && !text.failed; i++) {
        quire_str form = {(const char *)text.bytes, LENGTHS[i]};
        qi_value_span read;
        if (form.len <= text.len && qi_value_date(form, &read) && read.low == span.low &&
            read.high == span.high) {
            qi_buf_add(out, form.ptr, form.len);
            qi_buf_free(&text);
            return;
        }
    }
    out->failed = out->failed || text.failed;
    qi_buf_free(&text);
    print_range(out, span, true);
}

/* Digits from `at` on, appended to *value; their end. What a double cannot hold anyway is passed
 * over. */
static size_t take_decimals(quire_str text, size_t at, double *value, double *unit)
{
    for (; at < text.len && digit(text.ptr[at]); at++)
        if (*value < 1e17 && *unit < 1e60) {
            *value = *value * 10 + (text.ptr[at] - '0');
            *unit *= 10;
        }
    return at;
}

size_t qi_value_decimal(quire_str text, float *out)
{
    double value = 0, unit = 1, ignored = 1;
    size_t end = take_decimals(text, 0, &value, &ignored);
    if (end > 0 && end + 1 < text.len && text.ptr[end] == '.' && digit(text.ptr[end + 1]))
        end = take_decimals(text, end + 1, &value, &unit);
    *out = (float)(value / unit);
    return end;
}

void qi_value_print_decimal(qi_buf *out, float value)
{
    char digits[24], text[80] = "";
    double scaled = value;
    int places = 0;
    for (; scaled > 0 && scaled < 1e8 && places < 60; places++)
        scaled *= 10;
    int len = snprintf(digits, sizeof digits, "%.0f", scaled);
    while (places > 0 && len > 1 && digits[len - 1] == '0') {
        len--;
        places--;
    }
    int whole = len > places ? len - places : 0, at = 0;
    if (whole == 0)
        text[at++] = '0';
    memcpy(text + at, digits, (size_t)whole);
    at += whole;
    if (places > 0)
        text[at++] = '.';
    for (int i = len; i < places; i++)
        text[at++] = '0';
    memcpy(text + at, digits + whole, (size_t)(len - whole));
    qi_buf_add(out, text, (size_t)(at + len - whole));
}
