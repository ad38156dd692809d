/* SPDX-License-Identifier: MIT
 *
 * Blocks lie one behind the other, with room after the last that a kernel may read past it. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "texts.h"

enum { SLACK = 64 };

static void stop(const char *what)
{
    texts_stop("rows", what);
}

void row_make(row *out, const uint32_t *numbers, uint32_t count, bool increase)
{
    uint32_t values[QI_BLOCK], before = UINT32_MAX;
    *out = (row){.count = count, .blocks = (count + QI_BLOCK - 1) / QI_BLOCK};
    out->last = increase ? texts_room(out->blocks, sizeof(uint32_t)) : NULL;
    out->offsets = texts_room(out->blocks, sizeof(uint32_t));
    qi_buf_init(&out->data, 0);
    for (uint32_t b = 0; b < out->blocks; b++) {
        const uint32_t *from = numbers + (size_t)b * QI_BLOCK;
        uint32_t n = count - b * QI_BLOCK < QI_BLOCK ? count - b * QI_BLOCK : QI_BLOCK;
        for (uint32_t i = 0; i < n; i++) {
            values[i] = increase ? from[i] - before - 1 : from[i];
            before = from[i];
        }
        out->offsets[b] = (uint32_t)out->data.len;
        qi_rice_encode(&out->data, values, n);
        if (increase)
            out->last[b] = before;
    }
    uint8_t *slack = qi_buf_grow(&out->data, SLACK);
    if (slack == NULL)
        stop("out of memory");
    memset(slack, 0, SLACK);
}

uint64_t row_bytes(const row *of)
{
    uint64_t heads = of->blocks < 2 ? 0 : 4 * (uint64_t)of->blocks * (of->last != NULL ? 2 : 1);
    return of->blocks == 0 ? 0 : of->data.len - SLACK + heads;
}

void row_free(row *of)
{
    free(of->last);
    free(of->offsets);
    qi_buf_free(&of->data);
}

void row_load(place *to, uint32_t block)
{
    const row *of = to->of;
    uint32_t left = of->count - block * QI_BLOCK;
    const uint8_t *data = of->data.bytes + of->offsets[block];
    size_t size = of->data.len - of->offsets[block];
    to->block = block;
    to->at = 0;
    to->count = left < QI_BLOCK ? left : QI_BLOCK;
    size_t used =
        of->last == NULL
            ? qi_rice_decode(data, size, to->count, to->numbers)
            : qi_rice_decode_sums(data, size, to->count,
                                  block == 0 ? UINT32_MAX : of->last[block - 1], to->numbers);
    if (used == 0)
        stop("a block does not come back");
}
