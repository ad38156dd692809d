/* SPDX-License-Identifier: MIT
 * base/mem.h - the only door to the heap.
 *
 * Every allocation of the library goes through here, so that a test can make the n-th one fail.
 * Sizes of arrays are multiplied with a check. Any thread. */
#ifndef QI_BASE_MEM_H
#define QI_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory for count * size bytes, or NULL (out of memory, or the product overflows). */
void *qi_mem_new(size_t count, size_t size);

/* The same, with all of its pages in place. What is read all over before it is written would
 * otherwise be mapped page by page twice: to zeros that all share, then to memory of its own. */
void *qi_mem_table(size_t count, size_t size);

/* Resize to count * size bytes; new bytes are undefined. NULL leaves the old block as it was. */
void *qi_mem_resize(void *p, size_t count, size_t size);

/* A NUL-terminated copy of len bytes, or NULL. */
char *qi_mem_copy(const void *bytes, size_t len);

void qi_mem_free(void *p);

/* a * b and a + b; false if they overflow, and then *out is SIZE_MAX. */
bool qi_mem_mul(size_t a, size_t b, size_t *out);
bool qi_mem_add(size_t a, size_t b, size_t *out);

#ifdef QI_FAULTS
/* Tests: fail the `nth` allocation from now on (1 is the next; 0 is none), and those after it if
 * `sticky`. Returns how many were made since the last call. One thread at a time. */
unsigned long qi_mem_fail(unsigned long nth, bool sticky);
#endif
#endif
