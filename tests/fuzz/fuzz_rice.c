/* SPDX-License-Identifier: MIT
 * Any bytes as a block of numbers: both decoders take the same bytes, and agree, and
 * what is picked is what they give. */
#include <stdlib.h>

#include "base/bits.h"
#include "codec/rice.h"
#include "codec/rice_pick.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fact)
{
    if (!fact)
        abort();
}

/* What is picked from a sound block is what decoding it gives. */
static void pick(const uint8_t *in, size_t size, unsigned n, const uint32_t *values, bool sound)
{
    qi_rice_pick from;
    uint32_t value;
    bool open = qi_rice_pick_open(&from, in, size, n);
    check(open || !sound);
    for (unsigned i = 0; i < n && open; i++) {
        bool good = qi_rice_pick_at(&from, i, &value);
        check(!sound || (good && value == values[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 5)
        return 0;
    unsigned n = data[0] + 1u;
    uint32_t before = qi_load32(data + 1), values[QI_BLOCK], sums[QI_BLOCK];
    size_t taken = qi_rice_decode(data + 5, size - 5, n, values);
    size_t summed = qi_rice_decode_sums(data + 5, size - 5, n, before, sums);
    check(taken <= size - 5);
    pick(data + 5, size - 5, n, values, taken != 0);
    check(summed == 0 || summed == taken);
    for (unsigned i = 0; i < n && summed != 0; i++)
        check(sums[i] == (before += values[i] + 1) && sums[i] != UINT32_MAX);
    return 0;
}
