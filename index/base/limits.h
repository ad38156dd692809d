/* SPDX-License-Identifier: MIT
 * base/limits.h - limits that several layers share. */
#ifndef QI_BASE_LIMITS_H
#define QI_BASE_LIMITS_H

enum { QI_TERM_MAX = 255 }; /* bytes of a term */

#endif
