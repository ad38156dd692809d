/* SPDX-License-Identifier: MIT
 * codec/rice_pick.h - single values of a block of Rice256, where few of them are wanted.
 *
 * One takes a fortieth of the time of a block, so that up to a dozen or two are cheaper so. */
#ifndef QI_CODEC_RICE_PICK_H
#define QI_CODEC_RICE_PICK_H

#include "codec/rice.h"

enum { QI_RICE_PICK_WORDS = 8 }; /* of the bitmap, whose ones are counted at once */

typedef struct qi_rice_pick {
    const uint8_t *low, *unary, *end;
    unsigned n, k, exceptions;
    bool equal; /* all values are `value` */
    uint32_t value;
    uint32_t word, before; /* ones of the bitmap before this word of 64 bits */
    uint8_t index[QI_BLOCK];
    uint32_t quotient[QI_BLOCK];
    uint64_t excepted[QI_BLOCK / 64]; /* a bit for each value with an exception */
    bool counted;
    uint16_t ones[QI_RICE_PICK_WORDS + 1]; /* in the words before each */
} qi_rice_pick;

/* Take a block of n values, 1 <= n <= QI_BLOCK, at the start of `in`, which stays where it is while
 * values are asked for. False if its head is damaged. Any thread. */
bool qi_rice_pick_open(qi_rice_pick *out, const uint8_t *in, size_t len, unsigned n);

/* The value i < n in *value, what qi_rice_decode gives for it where the block is sound. False if
 * the block is damaged there. Cheapest if i never decreases. Exclusive. */
bool qi_rice_pick_at(qi_rice_pick *from, unsigned i, uint32_t *value);

/* The same for `count` values: values[i] is the one at[i] % QI_BLOCK, which is below n. */
bool qi_rice_pick_all(qi_rice_pick *from, const uint32_t *at, unsigned count, uint32_t *values);

/* The first in plain operations, for all processors. */
bool qi_rice_pick_plain(qi_rice_pick *from, unsigned i, uint32_t *value);

#endif
