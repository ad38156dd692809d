/* SPDX-License-Identifier: MIT
 * segment/forms.h - writing the lists of exact forms.
 *
 * Every occurrence of a form is one of its stem, so a form's list names the occurrences of the stem
 * by their ordinals in the stem's list, which are dense, instead of word numbers. A form that is
 * all its stem has no list. Exclusive. */
#ifndef QI_SEGMENT_FORMS_H
#define QI_SEGMENT_FORMS_H

#include "segment/lists.h"
#include "segment/out.h"

typedef struct qi_forms_writer {
    uint32_t doc_count;
    const uint32_t *starts;
    qi_writer_file *file;
    uint64_t lists;
    QI_VEC(uint32_t)
    stems;                       /* of each of the stem lane: its place in `infos`, plus one; 0: it
                                    occurs once */
    QI_VEC(qi_term_info) infos;  /* of the others; offsets in the section of lists */
    QI_VEC(uint32_t) words;      /* of the form at hand */
    QI_VEC(uint32_t) stem_words; /* of the stem that was read last */
    uint32_t stem;               /* its ordinal plus one; 0: none */
    QI_VEC(uint32_t) links;      /* of all forms so far */
    qi_buf bytes;                /* of the stem's list, as it was read back */
} qi_forms_writer;

void qi_forms_free(qi_forms_writer *forms);

/* Forget all about the field before. Lists are read back from `file`, in the section that starts at
 * `lists`. */
void qi_forms_begin(qi_forms_writer *forms, uint32_t doc_count, const uint32_t *starts,
                    qi_writer_file *file, uint64_t lists);

/* Note the next stem of the lane. False when out of memory. */
bool qi_forms_stem(qi_forms_writer *forms, const qi_term_info *info);

/* How often stem `link` - 1 occurs. */
uint64_t qi_forms_count(const qi_forms_writer *forms, uint32_t link);

/* Have the words of stem `link` - 1, which occurs more than once, in stem_words. Errors: CORRUPT,
 * IO, MEMORY. */
quire_status qi_forms_load(qi_forms_writer *forms, uint32_t link, quire_error *err);

/* The occurrences of a form: `ordinals` of `words`, which are those of its stem; not none. */
typedef struct qi_form_words {
    const uint32_t *words, *ordinals;
    size_t count;
} qi_form_words;

/* Append the list of a form that is a part of its stem to `area`. area->failed when out of memory.
 */
void qi_forms_list(const qi_form_words *form, qi_buf *area);

/* Append to `area` the list of the form whose words were collected, as ordinals among those of stem
 * `link` - 1, whose list lies in the file; describe it in `info` but for the offset, and be ready
 * for the next form. Errors: CORRUPT (a word is not the stem's), IO, MEMORY. */
quire_status qi_forms_end(qi_forms_writer *forms, uint32_t link, qi_buf *area, qi_term_info *info,
                          quire_error *err);

#endif
