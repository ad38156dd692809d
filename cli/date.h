/* SPDX-License-Identifier: MIT
 * date.h - dates as people and programs write them, to ISO 8601. */
#ifndef QUIRE_CLI_DATE_H
#define QUIRE_CLI_DATE_H

#include "bytes.h"

enum { DATE_LEN = 24 };

/* Is all of `text` one date, with or without a time? Then writes "2015-11-19", or with a time
 * "2015-11-19T10:05:00Z" in UTC (a time without a zone is taken as UTC), and a NUL. Reads ISO 8601
 * and its near kin, "November 19, 2015", "Thu, 19 Nov 2015 10:05 +0100", "19-NOV-2015", and
 * 11/19/2015 where only one reading of the two numbers is a date. */
bool date_iso(quire_str text, char out[DATE_LEN]);

#endif
