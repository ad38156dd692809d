/* SPDX-License-Identifier: MIT
 * codec/rice_form.h - the layout of a block of Rice256, for the files that write and read it. */
#ifndef QI_CODEC_RICE_FORM_H
#define QI_CODEC_RICE_FORM_H

enum {
    QI_RICE_LANES = 8,
    QI_RICE_ROWS = 32,       /* of a lane */
    QI_RICE_K = 31,          /* of the tag: bits of k */
    QI_RICE_EXCEPTIONS = 32, /* of the tag: exceptions follow */
    QI_RICE_EQUAL = 128      /* the tag of a block of one value */
};

#endif
