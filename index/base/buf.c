/* SPDX-License-Identifier: MIT
 * Growth doubles, so that appending n bytes costs O(n). */
#include "base/buf.h"

#include <string.h>

#include "base/bits.h"
#include "base/mem.h"

void qi_buf_init(qi_buf *buf, size_t max)
{
    *buf = (qi_buf){.max = max};
}

static bool reserve(qi_buf *buf, size_t len)
{
    size_t need;
    if (buf->failed || !qi_mem_add(buf->len, len, &need) || (buf->max != 0 && need > buf->max))
        return false;
    if (need <= buf->room)
        return true;
    size_t room = buf->room < 32 ? 64 : buf->room > SIZE_MAX / 2 ? need : buf->room * 2;
    if (room < need)
        room = need;
    if (buf->max != 0 && room > buf->max)
        room = buf->max;
    uint8_t *bytes = qi_mem_resize(buf->bytes, room, 1);
    if (bytes == NULL)
        return false;
    buf->bytes = bytes;
    buf->room = room;
    return true;
}

uint8_t *qi_buf_grow(qi_buf *buf, size_t len)
{
    if (!reserve(buf, len)) {
        buf->failed = true;
        return NULL;
    }
    uint8_t *p = buf->bytes + buf->len;
    buf->len += len;
    return p;
}

void qi_buf_add(qi_buf *buf, const void *bytes, size_t len)
{
    uint8_t *p = len != 0 ? qi_buf_grow(buf, len) : NULL;
    if (p != NULL)
        memcpy(p, bytes, len);
}

void qi_buf_u8(qi_buf *buf, uint8_t v)
{
    qi_buf_add(buf, &v, 1);
}

void qi_buf_u16(qi_buf *buf, uint16_t v)
{
    uint8_t *p = qi_buf_grow(buf, 2);
    if (p != NULL)
        qi_store16(p, v);
}

void qi_buf_u32(qi_buf *buf, uint32_t v)
{
    uint8_t *p = qi_buf_grow(buf, 4);
    if (p != NULL)
        qi_store32(p, v);
}

void qi_buf_u64(qi_buf *buf, uint64_t v)
{
    uint8_t *p = qi_buf_grow(buf, 8);
    if (p != NULL)
        qi_store64(p, v);
}

void qi_buf_varint(qi_buf *buf, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (uint8_t)(v | 0x80);
    bytes[n++] = (uint8_t)v;
    qi_buf_add(buf, bytes, n);
}

void qi_buf_align(qi_buf *buf, size_t alignment)
{
    size_t pad = (alignment - buf->len % alignment) % alignment;
    uint8_t *p = pad != 0 ? qi_buf_grow(buf, pad) : NULL;
    if (p != NULL)
        memset(p, 0, pad);
}

void qi_buf_free(qi_buf *buf)
{
    qi_mem_free(buf->bytes);
    *buf = (qi_buf){.max = buf->max};
}
