/* SPDX-License-Identifier: MIT
 * segment/share.h - finding a list that is stored already.
 *
 * Most exact forms occur just where their stem does, and then have the very same list. A form's
 * first word number belongs to one stem only, so it is the key by which to find the stem's list.
 * Exclusive. */
#ifndef QI_SEGMENT_SHARE_H
#define QI_SEGMENT_SHARE_H

#include "base/vec.h"
#include "codec/termdict.h"

typedef struct qi_share {
    QI_VEC(qi_term_info) lists;
    uint32_t *slots; /* number of a list, plus one */
    size_t room;
} qi_share;

/* Remember a list by info->first. False when out of memory. */
bool qi_share_put(qi_share *share, const qi_term_info *info);

/* A remembered list that may equal one with this description: same first number and counts. Or
 * NULL. */
const qi_term_info *qi_share_find(const qi_share *share, const qi_term_info *info);

/* Forget all lists; for the next field. */
void qi_share_clear(qi_share *share);
void qi_share_free(qi_share *share);

#endif
