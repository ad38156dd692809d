/* SPDX-License-Identifier: MIT
 * The untyped half of vec.h. */
#include "base/vec.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

bool qi_vec_reserve(void **items, size_t *room, size_t count, size_t more, size_t size)
{
    size_t need;
    if (!qi_mem_add(count, more, &need))
        return false;
    if (need <= *room)
        return true;
    size_t grown = *room > SIZE_MAX / 2 ? need : *room * 2;
    if (grown < 8)
        grown = 8;
    if (grown < need)
        grown = need;
    /* The macro passes the address of a typed pointer: copy it, for reading it as void * would
     * alias. */
    void *old;
    memcpy(&old, items, sizeof old);
    void *moved = qi_mem_resize(old, grown, size);
    if (moved == NULL)
        return false;
    memcpy(items, &moved, sizeof moved);
    *room = grown;
    return true;
}

void qi_vec_release(void **items)
{
    void *old;
    memcpy(&old, items, sizeof old);
    qi_mem_free(old);
    old = NULL;
    memcpy(items, &old, sizeof old);
}
