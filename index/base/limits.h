/* SPDX-License-Identifier: MIT
 * base/limits.h - limits that several layers share. */
#ifndef QI_BASE_LIMITS_H
#define QI_BASE_LIMITS_H

#include <stdint.h>

enum { QI_TERM_MAX = 255 }; /* bytes of a term */

/* Documents of a segment; word numbers of a field in it, holes between documents included; words
 * of a field in a document, of which a segment has room for one more than it is full at. Whoever
 * defines them has made all three smaller, to see what happens there. */
#ifndef QI_SEGMENT_DOCUMENTS
#define QI_SEGMENT_DOCUMENTS ((uint32_t)INT32_MAX - 1)
#define QI_SEGMENT_WORDS (UINT32_MAX - 1)
#define QI_DOCUMENT_WORDS ((uint32_t)INT32_MAX - 1)
#endif

#endif
