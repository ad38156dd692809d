/* SPDX-License-Identifier: MIT
 * base/hash.h - xxh3, the one hash: checksums of files and keys of tables. Any thread. */
#ifndef QI_BASE_HASH_H
#define QI_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t qi_hash(const void *bytes, size_t len);

/* Hash a string of bytes that arrives in pieces. */
typedef struct qi_hash_state qi_hash_state;
qi_hash_state *qi_hash_new(void); /* NULL when out of memory */
void qi_hash_add(qi_hash_state *state, const void *bytes, size_t len);
uint64_t qi_hash_end(const qi_hash_state *state); /* equals qi_hash over all the pieces in a row */
void qi_hash_reset(qi_hash_state *state);
void qi_hash_free(qi_hash_state *state);

#endif
