/* SPDX-License-Identifier: MIT
 * segment/stems.h - which stem each exact form belongs to.
 *
 *   | block: u32 link before, u32 offset | ... | Rice blocks |
 *
 * Section "stem.<lane>" of a lane of exact forms: one link for each term in the order of its
 * dictionary, in blocks of 256. A link is the ordinal of the stem in its lane plus one, or 0 where
 * there is no single stem. Forms and stems sort alike, so what is coded is the step from the link
 * before, and it is small. */
#ifndef QI_SEGMENT_STEMS_H
#define QI_SEGMENT_STEMS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "codec/rice.h"
#include "segment/file.h"

typedef struct qi_stems {
    const uint8_t *bytes; /* NULL: no links */
    size_t size;
    uint64_t count;
} qi_stems;

/* Append the section for `count` links. */
void qi_stems_encode(qi_buf *out, const uint32_t *links, size_t count);

/* Open the section of a dictionary of `count` terms. Errors: CORRUPT. */
quire_status qi_stems_open(qi_stems *out, const qi_file *file, qi_view section, uint64_t count,
                           quire_error *err);

/* Links [block * 256, ...) of one block, of which there are at most 256. Verified. Errors: CORRUPT.
 */
quire_status qi_stems_block(const qi_stems *stems, const qi_file *file, uint64_t block,
                            uint32_t *links, quire_error *err);

#endif
