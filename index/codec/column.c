/* SPDX-License-Identifier: MIT
 * A column is packed at the width of its widest multiple of the common step above the least value:
 * dates at midnight cost the days, not the seconds. Widths of 57 to 63 bits are written as 64, so
 * that any value is inside one load of 8 bytes; the zero bytes at the end keep the last load inside
 * the column. */
#include "codec/column.h"

static const char SECTION[] = "columns";

enum { WIDEST_PACKED = 56, TAIL = 8 };

typedef struct {
    uint64_t least, step;
    unsigned width;
    bool some_missing;
} shape;

static bool exists(const uint64_t *present, uint32_t i)
{
    return present == NULL || (present[i / 64] >> i % 64 & 1) != 0;
}

static uint64_t common_step(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static shape measure(const int64_t *values, const uint64_t *present, uint32_t count)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    shape s = {.some_missing = false};
    for (uint32_t i = 0; i < count; i++) {
        if (!exists(present, i)) {
            s.some_missing = true;
            continue;
        }
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    if (least > most)
        least = most = 0;
    s.least = (uint64_t)least;
    for (uint32_t i = 0; i < count && s.step != 1; i++)
        if (exists(present, i))
            s.step = common_step((uint64_t)values[i] - s.least, s.step);
    if (s.step == 0)
        s.step = 1;
    s.width = qi_width(((uint64_t)most - s.least) / s.step);
    if (s.width > WIDEST_PACKED)
        s.width = 64;
    return s;
}

/* Presence, 64 documents a word. */
static void put_presence(qi_buf *out, const uint64_t *present, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 64) {
        uint64_t word = present[i / 64];
        if (count - i < 64)
            word &= (UINT64_C(1) << (count - i)) - 1;
        qi_buf_u64(out, word);
        if (count - i <= 64)
            break;
    }
}

static void put_packed(qi_buf *out, const int64_t *values, const uint64_t *present, uint32_t count,
                       const shape *s)
{
    uint64_t word = 0;
    unsigned fill = 0;
    for (uint32_t i = 0; i < count && s->width != 0; i++) {
        uint64_t v = exists(present, i) ? ((uint64_t)values[i] - s->least) / s->step : 0;
        word |= v << fill;
        fill += s->width;
        if (fill < 64)
            continue;
        qi_buf_u64(out, word);
        fill -= 64;
        word = fill == 0 ? 0 : v >> (s->width - fill);
    }
    for (; fill > 0; fill = fill < 8 ? 0 : fill - 8, word >>= 8)
        qi_buf_u8(out, (uint8_t)word);
}

void qi_column_encode(qi_buf *out, const int64_t *values, const uint64_t *present, uint32_t count)
{
    shape s = measure(values, present, count);
    qi_buf_u32(out, count);
    qi_buf_u8(out, (uint8_t)s.width);
    qi_buf_u8(out, s.some_missing);
    qi_buf_u16(out, 0);
    qi_buf_u64(out, s.least);
    qi_buf_u64(out, s.step);
    if (s.some_missing)
        put_presence(out, present, count);
    put_packed(out, values, present, count, &s);
    qi_buf_u64(out, 0);
}

quire_status qi_column_open(qi_column *out, qi_view *in, uint32_t count, const char *file,
                            quire_error *err)
{
    *out = (qi_column){.count = qi_view_u32(in), .width = qi_view_u8(in)};
    uint8_t some_missing = qi_view_u8(in);
    uint16_t zero = qi_view_u16(in);
    out->least = qi_view_u64(in);
    out->step = qi_view_u64(in);
    if (in->overrun)
        return qi_corrupt(err, file, SECTION, 0, "C-3: a column is cut short");
    if (out->count != count)
        return qi_corrupt(err, file, SECTION, 0, "C-1: %u values for %u documents", out->count,
                          count);
    if (out->width > WIDEST_PACKED && out->width != 64)
        return qi_corrupt(err, file, SECTION, 4, "C-2: a width of %u bits", out->width);
    if (some_missing > 1 || zero != 0)
        return qi_corrupt(err, file, SECTION, 5, "C-4: unknown flags");
    out->mask = out->width == 0 ? 0 : UINT64_MAX >> (64 - out->width);
    uint64_t words = ((uint64_t)count + 63) / 64, bits = (uint64_t)count * out->width;
    uint64_t size = some_missing != 0 ? words * 8 : 0, packed = (bits + 7) / 8 + TAIL;
    if (size + packed > qi_view_left(in))
        return qi_corrupt(err, file, SECTION, 24, "C-3: a column is cut short");
    if (some_missing != 0)
        out->present = qi_view_take(in, (size_t)size);
    out->packed = qi_view_take(in, (size_t)packed);
    return QUIRE_OK;
}
