/* SPDX-License-Identifier: MIT
 * rows.h - a row of numbers in blocks of 256 under Rice256, and a place in it, for programs that
 * measure codes. What goes wrong ends the program. */
#ifndef QUIRE_BENCH_ROWS_H
#define QUIRE_BENCH_ROWS_H

#include "base/buf.h"
#include "codec/rice.h"
#include "search/cursor.h"

typedef struct row {
    uint32_t count, blocks;
    uint32_t *last;    /* of each block, where numbers increase */
    uint32_t *offsets; /* of each block in data */
    qi_buf data;
} row;

/* Encode `count` numbers: as gaps if they increase, else as they are. */
void row_make(row *out, const uint32_t *numbers, uint32_t count, bool increase);

/* Bytes of blocks and their heads; a row of one block needs none of these. */
uint64_t row_bytes(const row *of);

void row_free(row *of);

/* A decoded block of a row. */
typedef struct place {
    const row *of;
    uint32_t block, count, at; /* count 0: there is none yet */
    uint32_t numbers[QI_BLOCK];
} place;

/* Decode a block. */
void row_load(place *to, uint32_t block);

/* Before the first block. */
static inline void row_start(place *to, const row *of)
{
    to->of = of;
    to->count = 0;
}

/* Stand at the first number >= target, in a row that increases. False if there is none. */
static inline bool row_seek(place *to, uint32_t target)
{
    if (to->count == 0 || to->numbers[to->count - 1] < target) {
        const row *of = to->of;
        uint32_t next = to->count == 0 ? 0 : to->block + 1;
        if (next >= of->blocks || of->last[of->blocks - 1] < target)
            return false;
        row_load(to, qi_cursor_gallop(of->last, next, of->blocks, target));
    }
    to->at = qi_cursor_gallop(to->numbers, to->at, to->count, target);
    return true;
}

/* The block of item `i`, decoded. */
static inline void row_reach(place *to, uint32_t i)
{
    if (to->count == 0 || to->block != i / QI_BLOCK)
        row_load(to, i / QI_BLOCK);
}

#endif
