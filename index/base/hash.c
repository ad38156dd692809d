/* SPDX-License-Identifier: MIT
 * The only file that includes xxHash. */
#include "base/hash.h"

#define XXH_STATIC_LINKING_ONLY
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

/* xxHash wants its state aligned to 64 bytes, which the heap does not promise. */
struct qi_hash_state {
    void *block;
    XXH3_state_t *xxh;
};

uint64_t qi_hash(const void *bytes, size_t len)
{
    return XXH3_64bits(bytes, len);
}

qi_hash_state *qi_hash_new(void)
{
    qi_hash_state *state = qi_mem_new(1, sizeof *state);
    if (state == NULL)
        return NULL;
    state->block = qi_mem_new(1, sizeof(XXH3_state_t) + 64);
    if (state->block == NULL) {
        qi_mem_free(state);
        return NULL;
    }
    uintptr_t at = ((uintptr_t)state->block + 63) / 64 * 64;
    state->xxh = (XXH3_state_t *)at;
    XXH3_64bits_reset(state->xxh);
    return state;
}

void qi_hash_add(qi_hash_state *state, const void *bytes, size_t len)
{
    XXH3_64bits_update(state->xxh, bytes, len);
}

uint64_t qi_hash_end(const qi_hash_state *state)
{
    return XXH3_64bits_digest(state->xxh);
}

void qi_hash_reset(qi_hash_state *state)
{
    XXH3_64bits_reset(state->xxh);
}

void qi_hash_free(qi_hash_state *state)
{
    if (state != NULL)
        qi_mem_free(state->block);
    qi_mem_free(state);
}
