/* SPDX-License-Identifier: MIT
 * Any bytes as a manifest, as they are and with the checksum put right: an error, or a manifest
 * whose bytes are read back to the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "codec/manifest.h"

static void try(const uint8_t *data, size_t size)
{
    quire_error err;
    qi_manifest manifest, again;
    qi_buf first, second;
    if (qi_manifest_decode(&manifest, data, size, "fuzz", &err) != QUIRE_OK)
        return;
    qi_buf_init(&first, 0);
    qi_buf_init(&second, 0);
    qi_manifest_encode(&manifest, &first);
    if (qi_manifest_decode(&again, first.bytes, first.len, "fuzz", &err) != QUIRE_OK)
        abort();
    qi_manifest_encode(&again, &second);
    if (first.len != second.len || memcmp(first.bytes, second.bytes, first.len) != 0)
        abort();
    qi_manifest_free(&manifest);
    qi_manifest_free(&again);
    qi_buf_free(&first);
    qi_buf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try(data, size);
    uint8_t *repaired = malloc(size + 1);
    if (size < 8 || repaired == NULL) {
        free(repaired);
        return 0;
    }
    memcpy(repaired, data, size);
    qi_store64(repaired + size - 8, qi_hash(repaired, size - 8));
    try(repaired, size);
    free(repaired);
    return 0;
}
