/* SPDX-License-Identifier: MIT
 * Open addressing over first word numbers, spread by a multiplication. */
#include "segment/share.h"

#include <string.h>

#include "base/mem.h"

static size_t slot_of(const qi_share *share, uint32_t first)
{
    return (size_t)(first * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (share->room - 1);
}

static void enter(qi_share *share, size_t list)
{
    size_t at = slot_of(share, share->lists.items[list].first);
    while (share->slots[at] != 0)
        at = (at + 1) & (share->room - 1);
    share->slots[at] = (uint32_t)list + 1;
}

bool qi_share_put(qi_share *share, const qi_term_info *info)
{
    if (!QI_VEC_PUSH(&share->lists, *info))
        return false;
    if (share->lists.count * 2 <= share->room) {
        enter(share, share->lists.count - 1);
        return true;
    }
    size_t room = share->room == 0 ? 1024 : share->room * 2;
    uint32_t *slots = qi_mem_new(room, sizeof *slots);
    if (slots == NULL) {
        share->lists.count--;
        return false;
    }
    qi_mem_free(share->slots);
    share->slots = slots;
    share->room = room;
    for (size_t i = 0; i < share->lists.count; i++)
        enter(share, i);
    return true;
}

const qi_term_info *qi_share_find(const qi_share *share, const qi_term_info *info)
{
    if (share->room == 0)
        return NULL;
    for (size_t at = slot_of(share, info->first); share->slots[at] != 0;
         at = (at + 1) & (share->room - 1)) {
        const qi_term_info *there = &share->lists.items[share->slots[at] - 1];
        if (there->first == info->first && there->cf == info->cf && there->df == info->df &&
            there->length == info->length)
            return there;
    }
    return NULL;
}

void qi_share_clear(qi_share *share)
{
    share->lists.count = 0;
    if (share->slots != NULL)
        memset(share->slots, 0, share->room * sizeof *share->slots);
}

void qi_share_free(qi_share *share)
{
    QI_VEC_FREE(&share->lists);
    qi_mem_free(share->slots);
    *share = (qi_share){0};
}
