/* SPDX-License-Identifier: MIT
 * base/vec.h - growing arrays of any type.
 *
 *     struct { uint32_t *items; size_t count, room; } numbers = {0};
 *     if (!QI_VEC_PUSH(&numbers, 7)) ...out of memory...
 */
#ifndef QI_BASE_VEC_H
#define QI_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>

/* The members of a vector of `type`, to stand inside a struct. */
#define QI_VEC(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count, room;                                                                        \
    }

/* Make room for `more` further items. False when out of memory; the vector is as it was. */
#define QI_VEC_RESERVE(vec, more)                                                                  \
    qi_vec_reserve((void **)&(vec)->items, &(vec)->room, (vec)->count, (more), sizeof *(vec)->items)

/* Append one item. False when out of memory. */
#define QI_VEC_PUSH(vec, ...)                                                                      \
    (QI_VEC_RESERVE(vec, 1) && ((vec)->items[(vec)->count++] = (__VA_ARGS__), true))

/* Release the items; the vector is empty and usable. */
#define QI_VEC_FREE(vec) (qi_vec_release((void **)&(vec)->items), (vec)->count = 0, (vec)->room = 0)

bool qi_vec_reserve(void **items, size_t *room, size_t count, size_t more, size_t size);
void qi_vec_release(void **items);

#endif
