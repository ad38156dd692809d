/* SPDX-License-Identifier: MIT
 * A file is mapped whole and its envelope proven; its blocks are proven when they are first
 * touched. */
#include "segment/file.h"

#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

quire_status qi_file_open(qi_file *out, qi_dir *dir, const qi_file_id *id, uint32_t kind,
                          quire_error *err)
{
    *out = (qi_file){.dir = dir};
    memcpy(out->name, id->name, sizeof out->name);
    quire_status status = dir->ops->map(dir, id->name, &out->bytes, err);
    if (status != QUIRE_OK) {
        out->dir = NULL;
        return status;
    }
    qi_envelope_id envelope = {.kind = kind, .seq = id->seq};
    memcpy(envelope.uuid, id->uuid, sizeof envelope.uuid);
    status =
        qi_envelope_open(&out->envelope, out->bytes.at, out->bytes.len, &envelope, out->name, err);
    if (status == QUIRE_OK && ((id->length != 0 && id->length != out->bytes.len) ||
                               (id->hash != 0 && id->hash != out->envelope.hash)))
        status = qi_corrupt(err, out->name, NULL, 0, "E-1: not the file that was committed");
    if (status == QUIRE_OK) {
        out->verified = qi_mem_new(qi_envelope_blocks(&out->envelope) / 64 + 1, 8);
        if (out->verified == NULL)
            status = qi_no_memory(err);
    }
    if (status != QUIRE_OK)
        qi_file_close(out);
    return status;
}

void qi_file_close(qi_file *file)
{
    if (file->dir == NULL)
        return;
    file->dir->ops->unmap(file->dir, &file->bytes);
    qi_mem_free(file->verified);
    *file = (qi_file){0};
}

void qi_file_rest(const qi_file *file)
{
    if (file->dir->ops->rest != NULL)
        file->dir->ops->rest(file->dir, &file->bytes);
}

qi_view qi_file_section(const qi_file *file, const char *name)
{
    return qi_envelope_find(&file->envelope, name);
}

/* Verify the blocks of the bits set in `left`, of word `w` of the bits of all blocks. */
static quire_status verify_blocks(const qi_file *file, size_t w, uint64_t left, quire_error *err)
{
    for (; left != 0; left &= left - 1) {
        QI_TRY(qi_envelope_verify(&file->envelope, 64 * w + qi_ctz(left), file->name, err));
        __atomic_fetch_or(&file->verified[w], left & -left, __ATOMIC_RELAXED);
    }
    return QUIRE_OK;
}

quire_status qi_file_verify(const qi_file *file, const uint8_t *at, size_t len, quire_error *err)
{
    size_t first = (size_t)(at - file->bytes.at) / QI_ENVELOPE_BLOCK;
    size_t last = ((size_t)(at - file->bytes.at) + (len != 0 ? len - 1 : 0)) / QI_ENVELOPE_BLOCK;
    size_t blocks = qi_envelope_blocks(&file->envelope);
    if (last >= blocks)
        last = blocks - 1;
    for (size_t w = first / 64; first < blocks && w <= last / 64; w++) {
        uint64_t asked = w == first / 64 ? ~UINT64_C(0) << first % 64 : ~UINT64_C(0);
        if (w == last / 64)
            asked &= ~UINT64_C(0) >> (63 - last % 64);
        QI_TRY(verify_blocks(file, w,
                             asked & ~__atomic_load_n(&file->verified[w], __ATOMIC_RELAXED), err));
    }
    return QUIRE_OK;
}
