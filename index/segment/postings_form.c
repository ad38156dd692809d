/* SPDX-License-Identifier: MIT
 * A form's block holds ordinals; each names a word number in the stem's list, whose block is
 * decoded when it is another than the one before. Documents follow from word numbers: those of
 * block b are the documents that first occur in it, so a document that goes on in the next block is
 * counted to its end, and passed over there. */
#include "segment/postings_form.h"

/* Decode a block of the stem's word numbers, unless it is the current one. */
static bool load_stem(qi_postings *list, uint32_t block)
{
    const qi_list_parts *parts = &list->parts;
    if (block == list->stem_block)
        return true;
    uint32_t before =
        block == 0 ? UINT32_MAX : qi_load32(parts->last_words + 4 * (size_t)(block - 1));
    uint64_t left = list->stem_cf - (uint64_t)block * QI_BLOCK;
    size_t at = qi_load32(parts->word_offsets + 4 * (size_t)block);
    size_t size = at < parts->word_size ? parts->word_size - at : 0;
    list->stem_block = UINT32_MAX;
    if (!qi_postings_touch(list, parts->word_data + (parts->word_size - size),
                           size < QI_RICE_MAX ? size : QI_RICE_MAX))
        return false;
    if (size == 0 || qi_rice_decode_sums(parts->word_data + at, size,
                                         left < QI_BLOCK ? (unsigned)left : QI_BLOCK, before,
                                         list->stem_words) == 0) {
        qi_postings_fail(list, parts->word_data, "L-7: a block of word numbers is damaged");
        return false;
    }
    list->stem_block = block;
    return true;
}

/* Turn ordinals of the stem into its word numbers, in place. */
static bool translate(qi_postings *list, uint32_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t ordinal = numbers[i];
        if (ordinal >= list->stem_cf) {
            qi_postings_fail(list, NULL, "F-5: a form has more occurrences than its stem");
            return false;
        }
        if (!load_stem(list, ordinal / QI_BLOCK))
            return false;
        numbers[i] = list->stem_words[ordinal % QI_BLOCK];
        if (numbers[i] >= list->field->words || (i != 0 && numbers[i] <= numbers[i - 1])) {
            qi_postings_fail(list, NULL, "L-7: a block of word numbers is damaged");
            return false;
        }
    }
    return true;
}

/* Cut the stem's list, of which occurrences will be looked up. */
static quire_status open_stem(qi_postings *list, const qi_term_info *stem, quire_error *err)
{
    const qi_segment *segment = list->segment;
    const uint8_t *area = segment->lists + stem->offset;
    qi_view view = qi_view_of(area, (size_t)stem->length);
    list->stem_cf = stem->cf;
    list->stem_block = UINT32_MAX;
    if (stem->cf < QI_LIST_BLOCKED) {
        QI_TRY(qi_file_touch(&segment->file, area, (size_t)stem->length, err));
        if (stem->cf == 1 || qi_rice_decode_sums(view.at, qi_view_left(&view), (unsigned)stem->cf,
                                                 UINT32_MAX, list->stem_words) == 0)
            return qi_corrupt(err, segment->file.name, "post", stem->offset,
                              "L-3: a short list leaves the segment or is damaged");
        list->stem_block = 0;
        return QUIRE_OK;
    }
    if (!qi_list_cut(&list->parts, view, (uint32_t)stem->df, stem->cf, segment->doc_count, true))
        return qi_corrupt(err, segment->file.name, "post", stem->offset,
                          "L-2: the parts of a list do not fit its length");
    return qi_file_touch(&segment->file, list->parts.last_words,
                         8 * (size_t)list->parts.word_block_count, err);
}

quire_status qi_form_open(qi_postings *list, qi_term_info *info, bool *part, quire_error *err)
{
    const qi_segment *segment = list->segment;
    uint32_t links[QI_BLOCK];
    uint64_t ordinal = info->ordinal;
    *part = false;
    QI_TRY(qi_stems_block(&segment->stems[list->lane], &segment->file, ordinal / QI_BLOCK, links,
                          err));
    uint32_t link = links[ordinal % QI_BLOCK];
    if (link == 0)
        return QUIRE_OK;
    qi_termdict_iter stem;
    if (!qi_termdict_at(&stem, &segment->lanes[list->lane - 1], link - 1, err))
        return stem.status != QUIRE_OK ? stem.status
                                       : qi_corrupt(err, segment->file.name, "stem", ordinal,
                                                    "F-4: a form has no such stem");
    if (stem.info.cf < info->cf || stem.info.df < info->df ||
        stem.info.offset > segment->lists_size ||
        stem.info.length > segment->lists_size - stem.info.offset ||
        (info->length == 0 && stem.info.cf != info->cf))
        return qi_corrupt(err, segment->file.name, "stem", ordinal,
                          "F-5: a form has more occurrences than its stem");
    if (info->length == 0) {
        *info = stem.info;
        return QUIRE_OK;
    }
    *part = true;
    return open_stem(list, &stem.info, err);
}

bool qi_form_short(qi_postings *list, qi_view area, uint32_t count, uint32_t *words)
{
    return qi_rice_decode_sums(area.at, qi_view_left(&area), count, UINT32_MAX, words) != 0 &&
           translate(list, words, count);
}

static uint32_t last_word_of(const qi_postings *list, uint32_t block)
{
    return qi_load32(list->form.heads + QI_FORM_HEAD * (size_t)block);
}

/* The word numbers of a block of the form; their count, or 0 after an error. */
static uint32_t decode_block(qi_postings *list, uint32_t block, uint32_t *words)
{
    const qi_form_parts *form = &list->form;
    const uint8_t *head = form->heads + QI_FORM_HEAD * (size_t)block;
    uint32_t before = block == 0 ? UINT32_MAX : qi_load32(head - QI_FORM_HEAD + 4);
    uint64_t left = list->cf - (uint64_t)block * QI_BLOCK;
    uint32_t n = left < QI_BLOCK ? (uint32_t)left : QI_BLOCK;
    size_t at = qi_load32(head + 8), size = at < form->size ? form->size - at : 0;
    if (!qi_postings_touch(list, form->data + (form->size - size),
                           size < QI_RICE_MAX ? size : QI_RICE_MAX))
        return 0;
    if (size == 0 || qi_rice_decode_sums(form->data + at, size, n, before, words) == 0 ||
        words[n - 1] != qi_load32(head + 4)) {
        qi_postings_fail(list, head, "F-6: a block of a form's ordinals is damaged");
        return 0;
    }
    if (!translate(list, words, n))
        return 0;
    if (words[n - 1] == qi_load32(head))
        return n;
    qi_postings_fail(list, head, "F-6: a block of a form's ordinals is damaged");
    return 0;
}

static uint32_t doc_of(const qi_postings *list, uint32_t from, uint32_t word)
{
    return qi_words_doc(list->segment, list->field, from, word);
}

/* Enter the documents of these words. False once a document other than `only` comes, if there is an
 * `only`. */
static bool enter_docs(qi_postings *list, const uint32_t *words, uint32_t count, uint32_t skip,
                       bool more)
{
    uint32_t doc = list->count != 0 ? list->docs[list->count - 1] : skip != UINT32_MAX ? skip : 0;
    for (uint32_t i = 0; i < count; i++) {
        doc = doc_of(list, doc, words[i]);
        if (doc >= list->segment->doc_count) {
            qi_postings_fail(list, NULL, "L-3: a word number lies in no document");
            return false;
        }
        if (doc == skip)
            continue;
        if (list->count == 0 || list->docs[list->count - 1] != doc) {
            if (more)
                return false;
            list->docs[list->count] = doc;
            list->freqs[list->count++] = 0;
        }
        list->freqs[list->count - 1]++;
    }
    return true;
}

/* Documents that first occur in block list->block. There may be none: list->count is 0 then. */
static bool derive_block(qi_postings *list)
{
    uint32_t words[QI_BLOCK], block = list->block;
    uint32_t skip = block == 0 ? UINT32_MAX : doc_of(list, 0, last_word_of(list, block - 1));
    list->count = 0;
    uint32_t n = decode_block(list, block, words);
    if (n == 0 || !enter_docs(list, words, n, skip, false))
        return false;
    list->freqs_loaded = true;
    while (list->count != 0 && ++block < list->form.block_count) {
        n = decode_block(list, block, words);
        if (n == 0)
            return false;
        if (!enter_docs(list, words, n, UINT32_MAX, true))
            break;
    }
    return list->status == QUIRE_OK;
}

/* The first block from `from` on that reaches document `target`. */
static uint32_t block_of(const qi_postings *list, uint32_t from, uint32_t target)
{
    if (target >= list->segment->doc_count)
        return list->form.block_count;
    return qi_postings_search(list->form.heads, QI_FORM_HEAD, from, list->form.block_count,
                              qi_words_start(list->segment, list->field, target));
}

bool qi_form_seek(qi_postings *list, uint32_t target)
{
    if (list->count != 0 && list->docs[list->count - 1] >= target)
        return true;
    uint32_t from = list->block + (list->count != 0 ? 1 : 0);
    list->count = 0;
    list->block = block_of(list, from, target);
    for (; list->block < list->form.block_count; list->block++) {
        if (!derive_block(list))
            return false;
        if (list->count != 0 && list->docs[list->count - 1] >= target)
            return true;
    }
    list->count = 0;
    return false;
}

uint32_t qi_form_peek(const qi_postings *list, uint32_t target)
{
    if (list->count != 0 && list->docs[list->count - 1] >= target)
        return target > list->docs[0] ? target : list->docs[0];
    uint32_t block = block_of(list, list->block, target);
    if (block >= list->form.block_count)
        return QI_END;
    uint32_t after = block == 0 ? 0 : doc_of(list, 0, last_word_of(list, block - 1));
    return after < list->segment->doc_count && after > target ? after : target;
}

bool qi_form_seek_word(qi_postings *list, uint32_t target)
{
    if (list->word_count != 0 && list->words[list->word_count - 1] >= target)
        return true;
    uint32_t from = list->word_block + (list->word_count != 0 ? 1 : 0);
    list->word_count = 0;
    list->word_block =
        qi_postings_search(list->form.heads, QI_FORM_HEAD, from, list->form.block_count, target);
    if (list->word_block >= list->form.block_count)
        return false;
    list->word_count = decode_block(list, list->word_block, list->words);
    return list->word_count != 0;
}
