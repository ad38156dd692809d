/* SPDX-License-Identifier: MIT
 * Any bytes as a file, whose hashes are made right first so that mutations get past them: what
 * opens has its sections inside the file, apart from each other, and can be verified block by
 * block. */
#include <stdlib.h>
#include <string.h>

#include "codec/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fact)
{
    if (!fact)
        abort();
}

static void repair(uint8_t *bytes, size_t size)
{
    uint8_t *footer = bytes + size - QI_ENVELOPE_FOOTER;
    uint64_t body = qi_load64(footer + 8);
    if (body < size - QI_ENVELOPE_FOOTER)
        qi_store64(footer + 24, qi_hash(bytes + body, size - QI_ENVELOPE_FOOTER - (size_t)body));
    qi_store64(footer + 16, size);
    qi_store64(footer + 32, qi_hash(footer, QI_ENVELOPE_FOOTER - 8));
    qi_store64(bytes + 56, qi_hash(bytes, QI_ENVELOPE_HEADER - 8));
}

static void explore(const qi_envelope *envelope)
{
    const uint8_t *end = envelope->bytes + QI_ENVELOPE_HEADER;
    for (uint32_t i = 0; i < envelope->section_count; i++) {
        const uint8_t *at = envelope->bytes + qi_load64(envelope->table + 24 * i + 8);
        check(at >= end && (size_t)(at - envelope->bytes) % QI_ENVELOPE_ALIGN == 0);
        end = at + qi_load64(envelope->table + 24 * i + 16) + QI_ENVELOPE_ALIGN;
        check(end <= envelope->bytes + envelope->body);
        char name[9] = {0};
        memcpy(name, envelope->table + 24 * i, 8);
        check(qi_envelope_find(envelope, name).at != NULL);
    }
    for (size_t i = 0; i < qi_envelope_blocks(envelope); i++)
        (void)qi_envelope_verify(envelope, i, "f", NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    qi_envelope_id id = {0};
    qi_envelope envelope;
    if (qi_envelope_open(&envelope, data, size, &id, "f", NULL) == QUIRE_OK)
        explore(&envelope);
    if (size < QI_ENVELOPE_HEADER + QI_ENVELOPE_FOOTER)
        return 0;
    uint8_t *copy = malloc(size);
    check(copy != NULL);
    memcpy(copy, data, size);
    repair(copy, size);
    id.kind = qi_load32(copy + 8);
    memcpy(id.uuid, copy + 32, sizeof id.uuid);
    id.seq = qi_load64(copy + 48);
    if (qi_envelope_open(&envelope, copy, size, &id, "f", NULL) == QUIRE_OK)
        explore(&envelope);
    free(copy);
    return 0;
}
