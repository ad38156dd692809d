/* SPDX-License-Identifier: MIT
 * base/buf.h - a growing byte string with a hard maximum.
 *
 * A failed append is remembered: append many, then check `failed` once. Exclusive. */
#ifndef QI_BASE_BUF_H
#define QI_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct qi_buf {
    uint8_t *bytes;
    size_t len, room;
    size_t max; /* 0: none */
    bool failed;
} qi_buf;

/* An empty buffer that never grows past `max` bytes (0: no bound). Takes memory on first use. */
void qi_buf_init(qi_buf *buf, size_t max);

/* Room for `len` more bytes at the returned place, which are then part of the buffer, undefined
 * until they are written; NULL after a failure. Invalidated by the next append. */
uint8_t *qi_buf_grow(qi_buf *buf, size_t len);

void qi_buf_add(qi_buf *buf, const void *bytes, size_t len);
void qi_buf_u8(qi_buf *buf, uint8_t v);
void qi_buf_u16(qi_buf *buf, uint16_t v);
void qi_buf_u32(qi_buf *buf, uint32_t v);
void qi_buf_u64(qi_buf *buf, uint64_t v);

/* Seven bits a byte, low first, high bit set on all but the last. At most 10 bytes. */
void qi_buf_varint(qi_buf *buf, uint64_t v);

/* Append zeros until the length is a multiple of `alignment`. */
void qi_buf_align(qi_buf *buf, size_t alignment);

void qi_buf_free(qi_buf *buf);

#endif
