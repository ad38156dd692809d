/* SPDX-License-Identifier: MIT
 * Any bytes as a column: whatever opens can be read to its last value, and reads as bit by bit. */
#include <stdlib.h>

#include "codec/column.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t naive(const qi_column *column, uint32_t i)
{
    uint64_t v = 0;
    for (unsigned b = 0; b < column->width; b++) {
        uint64_t bit = (uint64_t)i * column->width + b;
        v |= (uint64_t)(column->packed[bit / 8] >> bit % 8 & 1) << b;
    }
    return (int64_t)(column->least + column->step * v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    qi_view in = qi_view_of(data, size);
    qi_column column;
    uint32_t count = size < 4 ? 0 : qi_load32(data);
    if (qi_column_open(&column, &in, count, "f", NULL) != QUIRE_OK)
        return 0;
    uint32_t step = 1 + count / 1000;
    for (uint32_t i = count; i > 0; i = i > step ? i - step : 0) {
        if (!qi_column_has(&column, i - 1) && column.present == NULL)
            abort();
        if (qi_column_get(&column, i - 1) != naive(&column, i - 1))
            abort();
    }
    return 0;
}
