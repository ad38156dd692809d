/* SPDX-License-Identifier: MIT
 * base/view.h - a bounded read cursor over untrusted bytes.
 *
 * Reading past the end yields 0 and sets `overrun`, which stays set: read a record, then check
 * once. Exclusive. */
#ifndef QI_BASE_VIEW_H
#define QI_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"

typedef struct qi_view {
    const uint8_t *at, *end;
    bool overrun;
} qi_view;

static inline qi_view qi_view_of(const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    return (qi_view){at, len == 0 ? at : at + len, false};
}

static inline size_t qi_view_left(const qi_view *view)
{
    return (size_t)(view->end - view->at);
}

/* Step over `len` bytes and return their start, or NULL past the end. */
static inline const uint8_t *qi_view_take(qi_view *view, size_t len)
{
    if (view->overrun || len > qi_view_left(view)) {
        view->overrun = true;
        view->at = view->end;
        return NULL;
    }
    const uint8_t *p = view->at;
    if (len != 0)
        view->at += len;
    return p;
}

static inline uint8_t qi_view_u8(qi_view *view)
{
    const uint8_t *p = qi_view_take(view, 1);
    return p == NULL ? 0 : *p;
}

static inline uint16_t qi_view_u16(qi_view *view)
{
    const uint8_t *p = qi_view_take(view, 2);
    return p == NULL ? 0 : qi_load16(p);
}

static inline uint32_t qi_view_u32(qi_view *view)
{
    const uint8_t *p = qi_view_take(view, 4);
    return p == NULL ? 0 : qi_load32(p);
}

static inline uint64_t qi_view_u64(qi_view *view)
{
    const uint8_t *p = qi_view_take(view, 8);
    return p == NULL ? 0 : qi_load64(p);
}

/* A number written by qi_buf_varint. More than 64 bits is an overrun. */
static inline uint64_t qi_view_varint(qi_view *view)
{
    if (view->at < view->end && *view->at < 0x80)
        return *view->at++;
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = qi_view_u8(view);
        if (shift == 63 && b > 1)
            break;
        v |= (uint64_t)(b & 0x7F) << shift;
        if (b < 0x80)
            return view->overrun ? 0 : v;
    }
    view->overrun = true;
    return 0;
}

#endif
