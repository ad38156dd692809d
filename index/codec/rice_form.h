/* SPDX-License-Identifier: MIT
 * codec/rice_form.h - the layout of a block of Rice256, for the files that write and read it. */
#ifndef QI_CODEC_RICE_FORM_H
#define QI_CODEC_RICE_FORM_H

#include "base/view.h"

enum {
    QI_RICE_LANES = 8,
    QI_RICE_ROWS = 32,       /* of a lane */
    QI_RICE_K = 31,          /* of the tag: bits of k */
    QI_RICE_EXCEPTIONS = 32, /* of the tag: exceptions follow */
    QI_RICE_EQUAL = 128      /* the tag of a block of one value */
};

/* Read the exceptions of a block of n values: their places, and what their quotients exceed the
 * bitmap by. Gives how many there are; 0 if they are damaged. */
static inline unsigned qi_rice_exceptions(qi_view *in, unsigned n, unsigned k, uint8_t *places,
                                          uint32_t *quotients)
{
    unsigned count = qi_view_u8(in) + 1u;
    int last = -1;
    for (unsigned i = 0; i < count; i++) {
        int place = qi_view_u8(in);
        uint64_t q = qi_view_varint(in);
        if (in->overrun || place <= last || (unsigned)place >= n || q > UINT32_MAX >> k)
            return 0;
        last = place;
        places[i] = (uint8_t)place;
        quotients[i] = (uint32_t)q;
    }
    return count;
}

#endif
