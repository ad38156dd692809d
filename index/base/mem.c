/* SPDX-License-Identifier: MIT
 * The heap, with a fault counter in test builds (QI_FAULTS). The counter is the only mutable global
 * of a test build; release builds have none. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef QI_FAULTS
static struct {
    unsigned long made, fail_at;
    bool sticky;
} faults;

unsigned long qi_mem_fail(unsigned long nth, bool sticky)
{
    __atomic_store_n(&faults.fail_at, 0, __ATOMIC_RELAXED);
    unsigned long made = __atomic_exchange_n(&faults.made, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&faults.sticky, sticky, __ATOMIC_RELAXED);
    __atomic_store_n(&faults.fail_at, nth, __ATOMIC_RELAXED);
    return made;
}

static bool fails(void)
{
    unsigned long now = __atomic_add_fetch(&faults.made, 1, __ATOMIC_RELAXED);
    unsigned long nth = __atomic_load_n(&faults.fail_at, __ATOMIC_RELAXED);
    return nth != 0 &&
           (now == nth || (now > nth && __atomic_load_n(&faults.sticky, __ATOMIC_RELAXED)));
}
#else
static bool fails(void)
{
    return false;
}
#endif

bool qi_mem_mul(size_t a, size_t b, size_t *out)
{
    if (!__builtin_mul_overflow(a, b, out))
        return true;
    *out = SIZE_MAX;
    return false;
}

bool qi_mem_add(size_t a, size_t b, size_t *out)
{
    if (!__builtin_add_overflow(a, b, out))
        return true;
    *out = SIZE_MAX;
    return false;
}

void *qi_mem_new(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count ? count : 1, size ? size : 1);
}

void *qi_mem_table(size_t count, size_t size)
{
    enum { PAGE = 4096 };
    volatile char *table = qi_mem_new(count, size);
    for (size_t at = 0; table != NULL && at < count * size; at += PAGE)
        table[at] = 0;
    return (void *)table;
}

void *qi_mem_resize(void *p, size_t count, size_t size)
{
    size_t bytes;
    if (!qi_mem_mul(count, size, &bytes) || fails())
        return NULL;
    return realloc(p, bytes ? bytes : 1);
}

char *qi_mem_copy(const void *bytes, size_t len)
{
    char *copy = len < SIZE_MAX && !fails() ? malloc(len + 1) : NULL;
    if (copy == NULL)
        return NULL;
    if (len != 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

void qi_mem_free(void *p)
{
    free(p);
}
