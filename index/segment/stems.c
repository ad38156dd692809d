/* SPDX-License-Identifier: MIT
 * Steps go both ways, so they are folded: 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ... */
#include "segment/stems.h"

enum { HEAD = 8 };

static uint32_t fold(uint32_t step)
{
    return step << 1 ^ (0u - (step >> 31));
}

static uint32_t unfold(uint32_t folded)
{
    return folded >> 1 ^ (0u - (folded & 1));
}

void qi_stems_encode(qi_buf *out, const uint32_t *links, size_t count)
{
    qi_buf data;
    uint32_t before = 0, steps[QI_BLOCK];
    qi_buf_init(&data, 0);
    for (size_t at = 0; at < count; at += QI_BLOCK) {
        unsigned n = count - at < QI_BLOCK ? (unsigned)(count - at) : QI_BLOCK;
        qi_buf_u32(out, before);
        qi_buf_u32(out, (uint32_t)data.len);
        for (unsigned i = 0; i < n; i++) {
            steps[i] = fold(links[at + i] - before);
            before = links[at + i];
        }
        qi_rice_encode(&data, steps, n);
    }
    qi_buf_add(out, data.bytes, data.len);
    if (data.failed)
        out->failed = true;
    qi_buf_free(&data);
}

quire_status qi_stems_open(qi_stems *out, const qi_file *file, qi_view section, uint64_t count,
                           quire_error *err)
{
    *out = (qi_stems){section.at, qi_view_left(&section), count};
    if (section.at == NULL || (count + QI_BLOCK - 1) / QI_BLOCK > out->size / HEAD)
        return qi_corrupt(err, file->name, "stem", 0, "F-1: the links do not fit their section");
    return QUIRE_OK;
}

quire_status qi_stems_block(const qi_stems *stems, const qi_file *file, uint64_t block,
                            uint32_t *links, quire_error *err)
{
    size_t heads = (size_t)((stems->count + QI_BLOCK - 1) / QI_BLOCK) * HEAD;
    const uint8_t *head = stems->bytes + (size_t)block * HEAD;
    QI_TRY(qi_file_touch(file, head, HEAD, err));
    uint64_t rest = stems->count - block * QI_BLOCK;
    unsigned n = rest < QI_BLOCK ? (unsigned)rest : QI_BLOCK;
    uint32_t before = qi_load32(head);
    size_t offset = qi_load32(head + 4), left = stems->size - heads;
    left = offset < left ? left - offset : 0;
    const uint8_t *at = stems->bytes + stems->size - left;
    QI_TRY(qi_file_touch(file, at, left < QI_RICE_MAX ? left : QI_RICE_MAX, err));
    if (left == 0 || qi_rice_decode(at, left, n, links) == 0)
        return qi_corrupt(err, file->name, "stem", block * QI_BLOCK,
                          "F-2: a block of links is damaged");
    for (unsigned i = 0; i < n; i++)
        before = links[i] = before + unfold(links[i]);
    return QUIRE_OK;
}
