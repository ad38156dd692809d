/* SPDX-License-Identifier: MIT
 * The stem's word numbers are decoded from what was written moments ago, and kept for the next
 * form, which mostly has the same stem. One walk over both lists finds the ordinals. */
#include "segment/forms.h"

#include "base/bits.h"

void qi_forms_free(qi_forms_writer *forms)
{
    QI_VEC_FREE(&forms->stems);
    QI_VEC_FREE(&forms->infos);
    QI_VEC_FREE(&forms->words);
    QI_VEC_FREE(&forms->stem_words);
    QI_VEC_FREE(&forms->links);
    qi_buf_free(&forms->bytes);
    *forms = (qi_forms_writer){0};
}

void qi_forms_begin(qi_forms_writer *forms, uint32_t doc_count, const uint32_t *starts,
                    qi_writer_file *file, uint64_t lists)
{
    forms->doc_count = doc_count;
    forms->starts = starts;
    forms->file = file;
    forms->lists = lists;
    forms->stems.count = forms->infos.count = 0;
    forms->words.count = forms->links.count = 0;
    forms->stem = 0;
}

bool qi_forms_stem(qi_forms_writer *forms, const qi_term_info *info)
{
    bool once = info->cf == 1;
    return (once || QI_VEC_PUSH(&forms->infos, *info)) &&
           QI_VEC_PUSH(&forms->stems, once ? 0 : (uint32_t)forms->infos.count);
}

/* Decode the blocks of a stem's list that has been read back. False only if it is not what was
 * written. */
static bool decode_stem(qi_forms_writer *forms, const qi_term_info *stem)
{
    qi_view area = qi_view_of(forms->bytes.bytes, forms->bytes.len);
    uint32_t *words = forms->stem_words.items;
    if (stem->cf < QI_LIST_BLOCKED)
        return qi_rice_decode_sums(area.at, qi_view_left(&area), (unsigned)stem->cf, UINT32_MAX,
                                   words) != 0;
    qi_list_parts parts;
    if (!qi_list_cut(&parts, area, (uint32_t)stem->df, stem->cf, forms->doc_count, true))
        return false;
    uint32_t before = UINT32_MAX;
    for (uint32_t block = 0; block < parts.word_block_count; block++) {
        uint64_t done = (uint64_t)block * QI_BLOCK;
        unsigned n = stem->cf - done < QI_BLOCK ? (unsigned)(stem->cf - done) : QI_BLOCK;
        size_t at = qi_load32(parts.word_offsets + 4 * (size_t)block);
        if (at > parts.word_size || qi_rice_decode_sums(parts.word_data + at, parts.word_size - at,
                                                        n, before, words + done) == 0)
            return false;
        before = words[done + n - 1];
    }
    return true;
}

uint64_t qi_forms_count(const qi_forms_writer *forms, uint32_t link)
{
    uint32_t stem = forms->stems.items[link - 1];
    return stem == 0 ? 1 : forms->infos.items[stem - 1].cf;
}

quire_status qi_forms_load(qi_forms_writer *forms, uint32_t link, quire_error *err)
{
    if (forms->stem == link)
        return QUIRE_OK;
    const qi_term_info *stem = &forms->infos.items[forms->stems.items[link - 1] - 1];
    forms->stem = 0;
    forms->stem_words.count = 0;
    forms->bytes.len = 0;
    if (!QI_VEC_RESERVE(&forms->stem_words, (size_t)stem->cf))
        return qi_no_memory(err);
    uint8_t *bytes = qi_buf_grow(&forms->bytes, (size_t)stem->length);
    if (bytes == NULL) {
        forms->bytes.failed = false;
        return qi_no_memory(err);
    }
    QI_TRY(qi_out_read(forms->file, forms->lists + stem->offset, bytes, (size_t)stem->length, err));
    if (!decode_stem(forms, stem))
        return qi_corrupt(err, forms->file->id.name, "post", stem->offset,
                          "a list is not read back as it was written");
    forms->stem_words.count = (size_t)stem->cf;
    forms->stem = link;
    return QUIRE_OK;
}

/* Turn the form's word numbers into ordinals. */
static bool find_ordinals(qi_forms_writer *forms)
{
    size_t ordinal = 0;
    for (size_t i = 0; i < forms->words.count; i++) {
        uint32_t word = forms->words.items[i];
        while (ordinal < forms->stem_words.count && forms->stem_words.items[ordinal] < word)
            ordinal++;
        if (ordinal == forms->stem_words.count || forms->stem_words.items[ordinal] != word)
            return false;
        forms->words.items[i] = (uint32_t)ordinal;
    }
    return true;
}

/* Documents of increasing word numbers. */
static uint32_t count_docs(const qi_forms_writer *forms)
{
    uint32_t df = 0, doc = 0;
    for (size_t i = 0; i < forms->words.count; i++) {
        if (df != 0 && forms->words.items[i] < forms->starts[doc + 1])
            continue;
        doc = qi_lists_doc_of(forms->starts, forms->doc_count, df != 0 ? doc + 1 : 0,
                              forms->words.items[i]);
        df++;
    }
    return df;
}

void qi_forms_list(const qi_form_words *form, qi_buf *area)
{
    const uint32_t *ordinals = form->ordinals;
    qi_buf data;
    if (form->count < QI_LIST_BLOCKED) {
        qi_lists_encode_gaps(area, ordinals, (uint32_t)form->count, UINT32_MAX);
        return;
    }
    qi_buf_init(&data, 0);
    for (size_t at = 0; at < form->count; at += QI_BLOCK) {
        unsigned n = form->count - at < QI_BLOCK ? (unsigned)(form->count - at) : QI_BLOCK;
        qi_buf_u32(area, form->words[ordinals[at + n - 1]]);
        qi_buf_u32(area, ordinals[at + n - 1]);
        qi_buf_u32(area, (uint32_t)data.len);
        qi_lists_encode_gaps(&data, ordinals + at, n, at == 0 ? UINT32_MAX : ordinals[at - 1]);
    }
    qi_buf_add(area, data.bytes, data.len);
    if (data.failed)
        area->failed = true;
    qi_buf_free(&data);
}

static quire_status elsewhere(const qi_forms_writer *forms, quire_error *err)
{
    return qi_corrupt(err, forms->file->id.name, "post", forms->links.count,
                      "F-3: a form occurs where its stem does not");
}

/* The list of a form that is a part of its stem. */
static quire_status add_part(qi_forms_writer *forms, uint32_t link, qi_buf *area, quire_error *err)
{
    QI_TRY(qi_forms_load(forms, link, err));
    if (!find_ordinals(forms))
        return elsewhere(forms, err);
    qi_form_words form = {forms->stem_words.items, forms->words.items, forms->words.count};
    qi_forms_list(&form, area);
    return area->failed ? qi_no_memory(err) : QUIRE_OK;
}

quire_status qi_forms_end(qi_forms_writer *forms, uint32_t link, qi_buf *area, qi_term_info *info,
                          quire_error *err)
{
    size_t before = area->len;
    *info = (qi_term_info){.df = count_docs(forms), .cf = forms->words.count};
    info->first = forms->words.items[0];
    quire_status status = QUIRE_OK;
    uint32_t stem = forms->stems.items[link - 1];
    if (info->cf != 1 && stem == 0)
        status = elsewhere(forms, err);
    else if (info->cf != 1 && info->cf != forms->infos.items[stem - 1].cf)
        status = add_part(forms, link, area, err);
    info->length = area->len - before;
    forms->words.count = 0;
    return status;
}
