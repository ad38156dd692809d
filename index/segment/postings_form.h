/* SPDX-License-Identifier: MIT
 * segment/postings_form.h - the part of postings.c that reads lists of exact forms: ordinals in
 * their stem's list. Only postings.c calls it. */
#ifndef QI_SEGMENT_POSTINGS_FORM_H
#define QI_SEGMENT_POSTINGS_FORM_H

#include "segment/postings.h"

/* Find what the list of a form is made of: `info` becomes the stem's if the form is all its stem
 * (`*part` is false then), and else list->parts, stem_cf and stem_words are prepared to look up
 * occurrences of the stem. Errors: CORRUPT. */
quire_status qi_form_open(qi_postings *list, qi_term_info *info, bool *part, quire_error *err);

/* Decode the ordinals of a short form whole, to word numbers. False if damaged. */
bool qi_form_short(qi_postings *list, qi_view area, uint32_t count, uint32_t *words);

/* As their namesakes of postings.h, for a form in blocks. */
bool qi_form_seek(qi_postings *list, uint32_t target);
uint32_t qi_form_peek(const qi_postings *list, uint32_t target);
bool qi_form_seek_word(qi_postings *list, uint32_t target);

/* Told by postings.c: verify bytes about to be read; the first of the `count` u32s, `stride` bytes
 * apart, from index `from` on that is >= target. */
bool qi_postings_touch(qi_postings *list, const uint8_t *at, size_t len);
uint32_t qi_postings_search(const uint8_t *array, size_t stride, uint32_t from, uint32_t count,
                            uint32_t target);

#endif
