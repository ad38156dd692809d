/* SPDX-License-Identifier: MIT
 * api/options.h - how structs of options are read: older and newer callers alike.
 *
 * A caller's struct may be shorter than ours (the rest is default) or longer, if what we do not
 * know is zero. */
#ifndef QI_API_OPTIONS_H
#define QI_API_OPTIONS_H

#include <string.h>

#include "base/error.h"

/* Copy `given`, whose first member is its size, over the `size` bytes of defaults at `all`. NULL
 * leaves them. Errors: MISUSE. */
static inline quire_status qi_options_copy(void *all, size_t size, const void *given,
                                           quire_error *err)
{
    size_t len;
    if (given == NULL)
        return QUIRE_OK;
    memcpy(&len, given, sizeof len);
    if (len < sizeof len)
        return qi_fail(err, QUIRE_ERR_MISUSE,
                       "options: struct_size is not set: use the _INIT macro");
    for (size_t i = size; i < len; i++)
        if (((const unsigned char *)given)[i] != 0)
            return qi_fail(err, QUIRE_ERR_MISUSE,
                           "options: byte %zu is set, which this version of quire does not know",
                           i);
    if (len == size)
        memcpy(all, given, size); /* usual, and known to the compiler */
    else
        memcpy(all, given, len < size ? len : size);
    memcpy(all, &size, sizeof size);
    return QUIRE_OK;
}

#endif
