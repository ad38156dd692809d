/* SPDX-License-Identifier: MIT
 * Dates by recursive descent over the text, without locale or clock: a cursor, one function per
 * part, and a check of the calendar at the end. All of the text must be used up. */
#include "date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct cursor {
    const char *p, *end;
} cursor;

typedef struct moment {
    int year, month, day, hour, minute, second, zone; /* zone: minutes east of UTC */
    bool timed;
} moment;

static void skip(cursor *c, const char *set)
{
    while (c->p < c->end && *c->p != '\0' && strchr(set, *c->p) != NULL)
        c->p++;
}

static bool take(cursor *c, char ch)
{
    if (c->p == c->end || *c->p != ch)
        return false;
    c->p++;
    return true;
}

/* A number of `min` to `max` digits that no digit follows. */
static bool number(cursor *c, int min, int max, int *out)
{
    const char *p = c->p;
    int value = 0, digits = 0;
    for (; p < c->end && isdigit((unsigned char)*p) && digits <= max; p++, digits++)
        value = value * 10 + (*p - '0');
    if (digits < min || digits > max)
        return false;
    c->p = p;
    *out = value;
    return true;
}

/* A word of letters that is `name` or starts with its first three and continues it. */
static bool word_of(cursor *c, const char *name)
{
    size_t n = 0;
    while (c->p + n < c->end && isalpha((unsigned char)c->p[n]))
        n++;
    bool sept = n == 4 && strncasecmp(c->p, "sept", 4) == 0 && strcmp(name, "september") == 0;
    bool whole = n == strlen(name);
    if (!(n >= 3 && (whole || n == 3 || sept) && strncasecmp(c->p, name, n) == 0))
        return false;
    c->p += n;
    take(c, '.');
    return true;
}

static bool month_name(cursor *c, int *out)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    for (int i = 0; i < 12; i++)
        if (word_of(c, names[i])) {
            *out = i + 1;
            return true;
        }
    return false;
}

static void weekday(cursor *c)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    for (int i = 0; i < 7; i++)
        if (word_of(c, names[i])) {
            skip(c, ", ");
            return;
        }
}

/* A day of the month, "9", "09" or "9th". */
static bool day_number(cursor *c, int *out)
{
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    if (!number(c, 1, 2, out))
        return false;
    for (int i = 0; i < 4; i++)
        if (c->end - c->p >= 2 && strncasecmp(c->p, endings[i], 2) == 0) {
            c->p += 2;
            break;
        }
    return true;
}

/* year-month-day, with '-', '/' or '.', or eight digits. */
static bool year_first(cursor *c, moment *m)
{
    cursor start = *c;
    int all;
    if (number(c, 8, 8, &all)) {
        m->year = all / 10000;
        m->month = all / 100 % 100;
        m->day = all % 100;
        return true;
    }
    if (number(c, 4, 4, &m->year) && c->p < c->end && strchr("-/.", *c->p) != NULL) {
        char mark = *c->p++;
        if (number(c, 1, 2, &m->month) && take(c, mark) && number(c, 1, 2, &m->day))
            return true;
    }
    *c = start;
    return false;
}

/* Three numbers between equal marks, the last of four digits. */
static bool three_numbers(cursor *c, char *mark, int *a, int *b, int *year)
{
    if (!number(c, 1, 2, a) || c->p == c->end || (*c->p != '/' && *c->p != '.'))
        return false;
    *mark = *c->p++;
    return number(c, 1, 2, b) && take(c, *mark) && number(c, 4, 4, year);
}

/* Numbers whose order shows only if one of them is no month; '.' is day first. */
static bool year_last(cursor *c, moment *m)
{
    cursor start = *c;
    int a = 0, b = 0;
    char mark = '/';
    bool ok = three_numbers(c, &mark, &a, &b, &m->year);
    bool day_first = mark == '.' || a > 12;
    if (!ok || !(day_first || b > 12 || a == b)) {
        *c = start;
        return false;
    }
    m->day = day_first ? a : b;
    m->month = day_first ? b : a;
    return true;
}

static bool with_name(cursor *c, moment *m)
{
    cursor start = *c;
    if (month_name(c, &m->month)) {
        skip(c, " ");
        if (day_number(c, &m->day)) {
            skip(c, ", ");
            if (number(c, 4, 4, &m->year))
                return true;
        }
    }
    *c = start;
    if (day_number(c, &m->day)) {
        skip(c, "-. ");
        if (month_name(c, &m->month)) {
            skip(c, "-., ");
            if (number(c, 4, 4, &m->year))
                return true;
        }
    }
    *c = start;
    return false;
}

static void half_of_day(cursor *c, moment *m)
{
    skip(c, " ");
    bool am = c->end - c->p >= 2 && strncasecmp(c->p, "am", 2) == 0;
    bool pm = c->end - c->p >= 2 && strncasecmp(c->p, "pm", 2) == 0;
    if (!am && !pm)
        return;
    c->p += 2;
    if (m->hour <= 12)
        m->hour = m->hour % 12 + (pm ? 12 : 0);
}

static bool universal(cursor *c)
{
    static const char *const utc[] = {"Z", "UTC", "GMT"};
    for (int i = 0; i < 3; i++)
        if (str_starts((quire_str){c->p, (size_t)(c->end - c->p)}, utc[i])) {
            c->p += strlen(utc[i]);
            return true;
        }
    return false;
}

static bool zone(cursor *c, moment *m)
{
    skip(c, " ");
    if (universal(c) || c->p == c->end || (*c->p != '+' && *c->p != '-'))
        return true;
    int sign = *c->p++ == '-' ? -1 : 1, hours = 0, minutes = 0;
    if (number(c, 4, 4, &minutes)) {
        hours = minutes / 100;
        minutes %= 100;
    } else if (!number(c, 1, 2, &hours) || (take(c, ':') && !number(c, 2, 2, &minutes))) {
        return false;
    }
    m->zone = sign * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

static bool clock_time(cursor *c, moment *m)
{
    int fraction;
    return number(c, 1, 2, &m->hour) && take(c, ':') && number(c, 2, 2, &m->minute) &&
           (!take(c, ':') || number(c, 2, 2, &m->second)) &&
           (!take(c, '.') || number(c, 1, 9, &fraction));
}

/* The rest of the text: nothing, or a time of day. */
static bool time_of_day(cursor *c, moment *m)
{
    if (!take(c, 'T') && !take(c, 't'))
        skip(c, ", ");
    if (str_starts((quire_str){c->p, (size_t)(c->end - c->p)}, "at "))
        c->p += 3;
    if (c->p == c->end)
        return true;
    if (!clock_time(c, m))
        return false;
    m->timed = true;
    half_of_day(c, m);
    return zone(c, m);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool in_calendar(const moment *m)
{
    return m->year >= 1 && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
           m->day <= month_days(m->year, m->month) && m->hour <= 23 && m->minute <= 59 &&
           m->second <= 60;
}

static void step_day(moment *m, int by)
{
    m->day += by;
    if (m->day < 1) {
        m->month = m->month == 1 ? 12 : m->month - 1;
        m->year -= m->month == 12 ? 1 : 0;
        m->day = month_days(m->year, m->month);
    } else if (m->day > month_days(m->year, m->month)) {
        m->day = 1;
        m->month = m->month == 12 ? 1 : m->month + 1;
        m->year += m->month == 1 ? 1 : 0;
    }
}

static void to_utc(moment *m)
{
    int minutes = m->hour * 60 + m->minute - m->zone;
    if (minutes < 0)
        step_day(m, -1);
    if (minutes >= 24 * 60)
        step_day(m, 1);
    minutes = (minutes + 24 * 60) % (24 * 60);
    m->hour = minutes / 60;
    m->minute = minutes % 60;
}

bool date_iso(quire_str text, char out[DATE_LEN])
{
    moment m = {0};
    text = str_trim(text);
    cursor c = {text.ptr, text.ptr + text.len};
    if (text.len == 0 || text.len > 64)
        return false;
    weekday(&c);
    if (!year_first(&c, &m) && !year_last(&c, &m) && !with_name(&c, &m))
        return false;
    if (!time_of_day(&c, &m))
        return false;
    skip(&c, " .");
    if (c.p != c.end || !in_calendar(&m))
        return false;
    if (!m.timed) {
        snprintf(out, DATE_LEN, "%04u-%02u-%02u", (unsigned)m.year % 10000, (unsigned)m.month % 100,
                 (unsigned)m.day % 100);
        return true;
    }
    to_utc(&m);
    snprintf(out, DATE_LEN, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)m.year % 10000,
             (unsigned)m.month % 100, (unsigned)m.day % 100, (unsigned)m.hour % 100,
             (unsigned)m.minute % 100, (unsigned)m.second % 100);
    return true;
}
