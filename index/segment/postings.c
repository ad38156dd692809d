/* SPDX-License-Identifier: MIT
 * Reading lists. Opening cuts the term's area into its arrays and proves that they fill it exactly;
 * decoding a block is bounded by the area's end. What the blocks say is believed only as far as
 * memory goes: documents are proven to increase and to lie below doc_count, so that a bitmap or an
 * array indexed by them is safe.
 *
 * Short lists are decoded whole when they are opened; their documents are found from their word
 * numbers, once somebody asks for documents, which phrases do not. */
#include "segment/postings.h"

#include <stddef.h>
#include <string.h>

#include "segment/postings_form.h"

enum {
    LINE = 64, /* bytes */
    USUAL_BLOCK = 320,
    WORD_BLOCKS = 3, /* of word numbers that are asked for: the next ones are often wanted too */
    MANY = 24        /* frequencies of a block that take longer one by one than all together */
};

/* Put both cursors at their end. */
static void finish(qi_postings *list, quire_status status)
{
    list->status = status;
    list->count = list->word_count = 0;
    list->block = list->block_count;
    list->word_block = list->word_block_count;
}

void qi_postings_fail(qi_postings *list, const uint8_t *at, const char *what)
{
    const qi_segment *segment = list->segment;
    finish(list, qi_corrupt(list->err, segment->file.name, "post",
                            at == NULL ? 0 : (uint64_t)(at - segment->lists), "%s", what));
}

bool qi_postings_touch(qi_postings *list, const uint8_t *at, size_t len)
{
    quire_status status = qi_file_touch(&list->segment->file, at, len, list->err);
    if (status != QUIRE_OK)
        finish(list, status);
    return status == QUIRE_OK;
}

/* Cut a list in blocks. Skip data and bounds are read without further checks: they are verified
 * now. */
static quire_status open_blocked(qi_postings *list, const uint8_t *area, size_t length,
                                 quire_error *err)
{
    const qi_segment *segment = list->segment;
    qi_list_parts *parts = &list->parts;
    if (!qi_list_cut(parts, qi_view_of(area, length), list->df, list->cf, segment->doc_count,
                     list->field->starts != NULL))
        return qi_corrupt(err, segment->file.name, "post", (uint64_t)(area - segment->lists),
                          "L-2: the parts of a list do not fit its length");
    list->max_part = parts->max_part;
    memcpy(list->kth, parts->kth, sizeof list->kth);
    list->ranges = parts->ranges;
    list->bitmap = parts->bitmap;
    list->block_count = parts->block_count;
    list->word_block_count = parts->word_block_count;
    if (list->ranges != NULL)
        QI_TRY(qi_file_touch(&segment->file, list->ranges, segment->doc_count / QI_RANGE + 1, err));
    const uint8_t *data = list->bitmap != NULL ? list->bitmap : parts->doc_data;
    return qi_file_touch(&segment->file, area, (size_t)(data - area), err);
}

/* Cut a form's list, a part of its stem's. */
static quire_status open_form(qi_postings *list, const uint8_t *area, size_t length,
                              quire_error *err)
{
    list->is_form = true;
    list->max_part = 1;
    if (!qi_form_cut(&list->form, qi_view_of(area, length), list->cf))
        return qi_corrupt(err, list->segment->file.name, "post",
                          (uint64_t)(area - list->segment->lists),
                          "L-2: the parts of a list do not fit its length");
    list->block_count = list->word_block_count = list->form.block_count;
    return qi_file_touch(&list->segment->file, area, QI_FORM_HEAD * (size_t)list->form.block_count,
                         err);
}

/* Documents and frequencies of a short list, from its word numbers. False if damaged. */
static bool derive_docs(qi_postings *list)
{
    uint32_t n = (uint32_t)list->cf, count = 0;
    uint32_t *docs = list->docs, *freqs = list->freqs;
    qi_words_docs(list->segment, list->field, 0, list->words, n, docs);
    freqs[0] = 1;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t before = docs[count], doc = docs[i];
        if (doc < before)
            return false;
        count += doc != before;
        freqs[count] = doc != before ? 1 : freqs[count] + 1;
        docs[count] = doc;
    }
    list->count = count + 1;
    list->freqs_loaded = true;
    return list->count == list->df;
}

/* The numbers of a short list: word numbers, or documents in a keyword lane. False if damaged. */
static bool decode_short(qi_postings *list, const qi_term_info *info, const uint8_t *area,
                         uint32_t *numbers, uint32_t limit)
{
    uint32_t n = (uint32_t)info->cf;
    qi_view view = qi_view_of(area, (size_t)info->length);
    if (n == 1)
        numbers[0] = info->first;
    else if (list->stem_cf != 0
                 ? !qi_form_short(list, view, n, numbers)
                 : qi_rice_decode_sums(area, qi_view_left(&view), n, UINT32_MAX, numbers) == 0)
        return false;
    list->max_part = 1;
    list->freqs_loaded = true;
    list->block_count = 1;
    return numbers[n - 1] < limit;
}

/* Decode a short list whole: its documents are block 0, its word numbers word block 0. Documents
 * are derived from word numbers when they are first asked for. */
static quire_status open_short(qi_postings *list, const qi_term_info *info, const uint8_t *area,
                               quire_error *err)
{
    uint32_t n = (uint32_t)info->cf;
    bool sound;
    if (list->field->starts != NULL) {
        sound = decode_short(list, info, area, list->words, list->field->words);
        list->word_count = sound ? n : 0;
        list->word_block_count = 1;
        list->freqs_loaded = false;
    } else {
        sound = decode_short(list, info, area, list->docs, list->segment->doc_count);
        list->count = n;
        for (uint32_t i = 0; i < n; i++)
            list->freqs[i] = 1;
    }
    list->parts = (qi_list_parts){0}; /* of the stem of a form; not needed any more */
    if (sound)
        return QUIRE_OK;
    return qi_corrupt(err, list->segment->file.name, "post", info->offset,
                      "L-3: a short list leaves the segment or is damaged");
}

/* Are the counts possible, and is the list inside the section? */
static bool sound_info(const qi_segment *segment, const qi_field_part *field,
                       const qi_term_info *info)
{
    if (info->df == 0 || info->df > info->cf || info->df > segment->doc_count)
        return false;
    if (field->starts != NULL ? info->cf > field->words : info->cf != info->df)
        return false;
    return info->cf == 1 || (info->offset <= segment->lists_size &&
                             info->length <= segment->lists_size - info->offset);
}

/* Open the list of `info`; `part`: as a part of the stem's that list->parts describes. */
static quire_status open_list(qi_postings *list, const qi_term_info *info, bool part,
                              quire_error *err)
{
    const qi_segment *segment = list->segment;
    list->df = (uint32_t)info->df;
    list->cf = info->cf;
    if (!sound_info(segment, list->field, info))
        return qi_corrupt(err, segment->file.name, "post", info->offset,
                          "L-1: a term's record points outside the lists or counts too much");
    if (info->cf == 1)
        return open_short(list, info, segment->lists, err);
    const uint8_t *area = segment->lists + info->offset;
    if (info->cf < QI_LIST_BLOCKED) {
        QI_TRY(qi_file_touch(&segment->file, area, (size_t)info->length, err));
        return open_short(list, info, area, err);
    }
    return part ? open_form(list, area, (size_t)info->length, err)
                : open_blocked(list, area, (size_t)info->length, err);
}

quire_status qi_postings_open(qi_postings *out, const qi_segment *segment, uint32_t lane,
                              const qi_term_info *info, quire_error *err)
{
    memset(out, 0, offsetof(qi_postings, docs));
    qi_term_info found = *info;
    bool part = false;
    out->segment = segment;
    out->field = &segment->fields[QI_LANE_FIELD(lane)];
    out->lane = lane;
    out->err = err;
    if (lane % 2 == 1 && info->cf > 1)
        QI_TRY(qi_form_open(out, &found, &part, err));
    /* Short lists and parts of a stem's have word numbers alone: documents come from the table. */
    if (out->field->starts != NULL && (part || found.cf < QI_LIST_BLOCKED))
        QI_TRY(qi_words_verify(segment, QI_LANE_FIELD(lane), err));
    return open_list(out, &found, part, err);
}

void qi_postings_copy(qi_postings *out, const qi_postings *from)
{
    memcpy(out, from, offsetof(qi_postings, docs));
    memcpy(out->docs, from->docs, from->count * sizeof *from->docs);
    memcpy(out->freqs, from->freqs, from->count * sizeof *from->freqs);
    memcpy(out->words, from->words, from->word_count * sizeof *from->words);
    if (from->is_form && from->stem_block != UINT32_MAX)
        memcpy(out->stem_words, from->stem_words, sizeof from->stem_words);
}

static uint32_t last_doc_of(const qi_postings *list, uint32_t block)
{
    return list->parts.last_docs == NULL ? list->docs[list->df - 1]
                                         : qi_load32(list->parts.last_docs + 4 * (size_t)block);
}

static uint32_t docs_of(const qi_postings *list, uint32_t block)
{
    return block + 1 < list->block_count ? QI_BLOCK : (list->df - 1) % QI_BLOCK + 1;
}

uint32_t qi_postings_search(const uint8_t *array, size_t stride, uint32_t from, uint32_t count,
                            uint32_t target)
{
    uint32_t step = 1, low = from; /* gallop, then halve */
    while (count - low > step && qi_load32(array + stride * (low + step - 1)) < target) {
        low += step;
        step = step > count / 2 ? step : 2 * step;
    }
    uint32_t high = count - low > step ? low + step : count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (qi_load32(array + stride * middle) < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Ask for the lines of memory that `count` blocks from `at` on are likely to fill: their parts are
 * read at both ends first. */
static inline void fetch_blocks(const uint8_t *at, size_t left, size_t count)
{
    size_t size = left < count * USUAL_BLOCK ? left : count * USUAL_BLOCK;
    for (size_t i = 0; i < size; i += LINE)
        __builtin_prefetch(at + i);
}

static bool sound_docs(const qi_postings *list, uint32_t before)
{
    uint32_t last = qi_load32(list->parts.last_docs + 4 * (size_t)list->block);
    return list->count != 0 && list->docs[list->count - 1] == last &&
           last < list->segment->doc_count && (before == UINT32_MAX || list->docs[0] > before);
}

/* Documents of a block from the bitmap: those after the last one of the block before. */
static void extract_bits(qi_postings *list, uint32_t before, uint32_t last)
{
    uint32_t word = (before + 1) / 64, count = 0;
    uint64_t bits = qi_load64(list->bitmap + 8 * (size_t)word) & ~UINT64_C(0) << (before + 1) % 64;
    for (;;) {
        for (; bits != 0; bits &= bits - 1) {
            uint32_t doc = word * 64 + qi_ctz(bits);
            if (doc > last || count == QI_BLOCK) {
                list->count = doc > last ? count : 0;
                return;
            }
            list->docs[count++] = doc;
        }
        if (++word > last / 64)
            break;
        bits = qi_load64(list->bitmap + 8 * (size_t)word);
    }
    list->count = count;
}

/* Decode a block of `n` documents from its data. `count` is 0 if it is damaged; false if it cannot
 * be read. */
static bool unpack_docs(qi_postings *list, uint32_t n, uint32_t before)
{
    size_t at = qi_load32(list->parts.records + QI_LIST_RECORD * (size_t)list->block);
    size_t left = at < list->parts.doc_size ? list->parts.doc_size - at : 0;
    fetch_blocks(list->parts.doc_data + (list->parts.doc_size - left), left, 1);
    if (!qi_postings_touch(list, list->parts.doc_data + (list->parts.doc_size - left),
                           left < QI_RICE_MAX ? left : QI_RICE_MAX))
        return false;
    bool sound = left != 0 &&
                 qi_rice_decode_sums(list->parts.doc_data + at, left, n, before, list->docs) != 0;
    list->count = sound ? n : 0;
    return true;
}

/* The same from the bitmap. */
static bool unpack_bits(qi_postings *list, uint32_t n, uint32_t before, uint32_t last)
{
    size_t from = (size_t)(before + 1) / 64 * 8;
    if (!qi_postings_touch(list, list->bitmap + from, ((size_t)last / 64 + 1) * 8 - from))
        return false;
    extract_bits(list, before, last);
    if (list->count != n)
        list->count = 0;
    return true;
}

static bool decode_docs(qi_postings *list)
{
    uint32_t block = list->block;
    uint32_t before = block == 0 ? UINT32_MAX : last_doc_of(list, block - 1);
    uint32_t last = last_doc_of(list, block);
    uint32_t n = docs_of(list, block);
    list->freqs_loaded = false;
    if (last >= list->segment->doc_count || (before != UINT32_MAX && before >= last)) {
        qi_postings_fail(list, list->parts.last_docs,
                         "L-4: last documents of blocks do not increase");
        return false;
    }
    if (!(list->bitmap != NULL ? unpack_bits(list, n, before, last) : unpack_docs(list, n, before)))
        return false;
    if (sound_docs(list, before))
        return true;
    qi_postings_fail(list, list->parts.records, "L-5: a block of documents is damaged");
    return false;
}

static bool underived(const qi_postings *list)
{
    return list->count == 0 && list->block < list->block_count && list->field->starts != NULL;
}

bool qi_postings_is_underived(const qi_postings *list)
{
    return list->parts.last_docs == NULL && !list->is_form && list->word_count != 0 &&
           underived(list);
}

static bool seek_short(qi_postings *list, uint32_t target)
{
    if (underived(list) && !derive_docs(list)) {
        qi_postings_fail(list, NULL, "L-3: a word number lies in no document, or documents lack");
        return false;
    }
    if (list->count != 0 && list->docs[list->count - 1] >= target)
        return true;
    list->count = 0;
    list->block = list->block_count;
    return false;
}

/* The first document >= target of a short list that is not derived. */
static uint32_t peek_words(const qi_postings *list, uint32_t target)
{
    if (target >= list->segment->doc_count)
        return QI_END;
    uint32_t start = qi_words_start(list->segment, list->field, target), i = 0;
    while (i < list->cf && list->words[i] < start)
        i++;
    return i == list->cf ? QI_END
                         : qi_words_doc(list->segment, list->field, target, list->words[i]);
}

bool qi_postings_seek(qi_postings *list, uint32_t target)
{
    if (list->is_form)
        return qi_form_seek(list, target);
    if (list->parts.last_docs == NULL)
        return seek_short(list, target);
    bool loaded = list->count != 0;
    if (loaded && list->docs[list->count - 1] >= target)
        return true;
    uint32_t from = list->block + (loaded ? 1 : 0);
    list->block = from >= list->block_count ? list->block_count
                                            : qi_postings_search(list->parts.last_docs, 4, from,
                                                                 list->block_count, target);
    if (list->block >= list->block_count) {
        list->count = 0;
        return false;
    }
    return decode_docs(list);
}

uint32_t qi_postings_peek(const qi_postings *list, uint32_t target)
{
    if (list->is_form)
        return qi_form_peek(list, target);
    if (list->count != 0 && list->docs[list->count - 1] >= target)
        return target > list->docs[0] ? target : list->docs[0];
    if (list->parts.last_docs == NULL)
        return underived(list) ? peek_words(list, target) : QI_END;
    if (list->block >= list->block_count)
        return QI_END;
    uint32_t block =
        qi_postings_search(list->parts.last_docs, 4, list->block, list->block_count, target);
    if (block >= list->block_count)
        return QI_END;
    uint32_t first = block == 0 ? 0 : last_doc_of(list, block - 1) + 1;
    return target > first ? target : first;
}

static float max_of(const qi_postings *list, uint32_t block)
{
    return qi_float_of_bits(qi_load32(list->parts.records + QI_LIST_RECORD * (size_t)block + 8));
}

float qi_postings_block_max(const qi_postings *list)
{
    if (list->parts.last_docs == NULL || list->is_form || list->block >= list->block_count)
        return list->max_part;
    return max_of(list, list->block);
}

uint32_t qi_postings_peek_part(const qi_postings *list, uint32_t target, float part)
{
    if (list->max_part < part || list->block >= list->block_count)
        return QI_END;
    if (list->parts.last_docs == NULL || list->is_form)
        return target;
    uint32_t block =
        qi_postings_search(list->parts.last_docs, 4, list->block, list->block_count, target);
    while (block < list->block_count && max_of(list, block) < part)
        block++;
    if (block >= list->block_count)
        return QI_END;
    uint32_t first = block == 0 ? 0 : last_doc_of(list, block - 1) + 1;
    return target > first ? target : first;
}

/* The frequencies of a block. False if they cannot be read; empty if there are none. */
static bool view_freqs(qi_postings *list, uint32_t block, qi_view *out)
{
    size_t at = qi_load32(list->parts.records + QI_LIST_RECORD * (size_t)block + 4);
    size_t left = at < list->parts.freq_size ? list->parts.freq_size - at : 0;
    const uint8_t *from = list->parts.freq_data + (list->parts.freq_size - left);
    *out = qi_view_of(from, left);
    return qi_postings_touch(list, from, left < QI_RICE_MAX ? left : QI_RICE_MAX);
}

static void fail_freqs(qi_postings *list)
{
    qi_postings_fail(list, list->parts.freq_data, "L-6: a block of frequencies is damaged");
}

/* Decode the frequencies of the current block, which has `count` documents. */
static bool decode_freqs(qi_postings *list, uint32_t count)
{
    qi_view view;
    if (list->field->starts == NULL) {
        for (uint32_t i = 0; i < count; i++)
            list->freqs[i] = 1;
        return true;
    }
    if (!view_freqs(list, list->block, &view))
        return false;
    if (qi_view_left(&view) == 0 ||
        qi_rice_decode(view.at, qi_view_left(&view), count, list->freqs) == 0) {
        fail_freqs(list);
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        list->freqs[i] += list->freqs[i] != UINT32_MAX;
    return true;
}

const uint32_t *qi_postings_freqs(qi_postings *list)
{
    if (list->freqs_loaded || list->count == 0)
        return list->status == QUIRE_OK ? list->freqs : NULL;
    if (!decode_freqs(list, list->count))
        return NULL;
    list->freqs_loaded = true;
    return list->freqs;
}

void qi_postings_prepare(qi_postings *list, uint32_t wanted)
{
    bool whole = wanted > MANY || !qi_postings_is_blocked(list);
    if (whole && !list->freqs_loaded && list->block < list->block_count)
        list->freqs_loaded =
            decode_freqs(list, list->count != 0 ? list->count : docs_of(list, list->block));
}

/* Have `pick` stand in a block. */
static bool pick_from(qi_postings *list, uint32_t block)
{
    qi_view view;
    if (list->picked == block + 1)
        return true;
    list->picked = list->picks = 0;
    if (!view_freqs(list, block, &view))
        return false;
    if (qi_view_left(&view) == 0 ||
        !qi_rice_pick_open(&list->pick, view.at, qi_view_left(&view), docs_of(list, block))) {
        fail_freqs(list);
        return false;
    }
    list->picked = block + 1;
    return true;
}

/* The same of the current block of any list. */
static uint32_t freq_of(qi_postings *list, uint32_t at)
{
    qi_postings_prepare(list, UINT32_MAX);
    return list->freqs_loaded ? list->freqs[at % QI_BLOCK] : 0;
}

uint32_t qi_postings_pick(qi_postings *list, uint32_t at)
{
    uint32_t value, block = at / QI_BLOCK;
    bool current = block == list->block;
    if (list->status != QUIRE_OK || block >= list->block_count)
        return 0;
    if (!qi_postings_is_blocked(list)) /* a short list is whole even at its end */
        return list->freqs_loaded ? list->freqs[at % QI_BLOCK] : freq_of(list, at);
    if (current && list->picked == block + 1 && list->picks == MANY)
        return freq_of(list, at);
    if (list->field->starts == NULL)
        return 1;
    if (!pick_from(list, block))
        return 0;
    list->picks += current;
    if (at % QI_BLOCK >= list->pick.n || !qi_rice_pick_at(&list->pick, at % QI_BLOCK, &value)) {
        fail_freqs(list);
        return 0;
    }
    return value + (value != UINT32_MAX);
}

/* Those of one block, in which at[i] % QI_BLOCK are places. */
static bool pick_all(qi_postings *list, const uint32_t *at, uint32_t count, uint32_t *freqs)
{
    uint32_t block = at[0] / QI_BLOCK;
    if (!pick_from(list, block))
        return false;
    list->picks += block == list->block ? count : 0;
    if (at[count - 1] % QI_BLOCK >= list->pick.n ||
        !qi_rice_pick_all(&list->pick, at, count, freqs)) {
        fail_freqs(list);
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        freqs[i] += freqs[i] != UINT32_MAX;
    return true;
}

/* The same in the way that is cheapest. */
static void block_freqs(qi_postings *list, const uint32_t *at, uint32_t count, uint32_t *freqs)
{
    uint32_t block = at[0] / QI_BLOCK, before = list->picked == block + 1 ? list->picks : 0;
    if (block == list->block)
        qi_postings_prepare(list, count + before);
    if (list->freqs_loaded && block == list->block) {
        for (uint32_t i = 0; i < count; i++)
            freqs[i] = list->freqs[at[i] % QI_BLOCK];
    } else if (!qi_postings_is_blocked(list) || list->field->starts == NULL) {
        for (uint32_t i = 0; i < count; i++)
            freqs[i] = qi_postings_freq(list, at[i]);
    } else if (list->status != QUIRE_OK || block >= list->block_count ||
               !pick_all(list, at, count, freqs)) {
        memset(freqs, 0, count * sizeof *freqs);
    }
}

void qi_postings_freqs_at(qi_postings *list, const uint32_t *at, uint32_t count, uint32_t *freqs)
{
    for (uint32_t i = 0, to = 0; i < count; i = to) {
        uint32_t block = at[i] / QI_BLOCK;
        while (to < count && at[to] / QI_BLOCK == block)
            to++;
        if (list->bitmap != NULL && block != list->block) {
            list->block = block;
            list->freqs_loaded = false;
        }
        block_freqs(list, at + i, to - i, freqs + i);
    }
}

void qi_postings_rewind(qi_postings *list)
{
    if (list->status != QUIRE_OK)
        return;
    bool whole = list->parts.last_docs == NULL && !list->is_form;
    list->block = list->word_block = 0;
    list->freqs_loaded = whole && list->freqs_loaded; /* else a short list is not derived */
    list->count = list->freqs_loaded ? list->df : 0;
    list->word_count = whole && list->field->starts != NULL ? (uint32_t)list->cf : 0;
}

bool qi_postings_seek_span(qi_postings *list, uint32_t target, qi_postings_span *span)
{
    uint32_t block =
        list->block >= list->block_count
            ? list->block_count
            : qi_postings_search(list->parts.last_docs, 4, list->block, list->block_count, target);
    list->freqs_loaded = list->freqs_loaded && list->block == block;
    list->block = block;
    if (block >= list->block_count)
        return false;
    span->first = block == 0 ? 0 : last_doc_of(list, block - 1) + 1;
    span->last = last_doc_of(list, block);
    span->count = docs_of(list, block);
    if (span->last >= list->segment->doc_count || span->first > span->last) {
        qi_postings_fail(list, list->parts.last_docs,
                         "L-4: last documents of blocks do not increase");
        return false;
    }
    return true;
}

static bool decode_words(qi_postings *list)
{
    uint32_t block = list->word_block;
    uint32_t before =
        block == 0 ? UINT32_MAX : qi_load32(list->parts.last_words + 4 * (size_t)(block - 1));
    uint32_t last = qi_load32(list->parts.last_words + 4 * (size_t)block);
    uint32_t n =
        block + 1 < list->word_block_count ? QI_BLOCK : (uint32_t)((list->cf - 1) % QI_BLOCK) + 1;
    size_t at = qi_load32(list->parts.word_offsets + 4 * (size_t)block);
    size_t left = at < list->parts.word_size ? list->parts.word_size - at : 0;
    fetch_blocks(list->parts.word_data + (list->parts.word_size - left), left, WORD_BLOCKS);
    if (!qi_postings_touch(list, list->parts.word_data + (list->parts.word_size - left),
                           left < QI_RICE_MAX ? left : QI_RICE_MAX))
        return false;
    if (left == 0 || last >= list->field->words ||
        qi_rice_decode_sums(list->parts.word_data + at, left, n, before, list->words) == 0 ||
        list->words[n - 1] != last) {
        qi_postings_fail(list, list->parts.last_words, "L-7: a block of word numbers is damaged");
        return false;
    }
    list->word_count = n;
    return true;
}

bool qi_postings_seek_word(qi_postings *list, uint32_t target)
{
    if (list->is_form)
        return qi_form_seek_word(list, target);
    bool loaded = list->word_count != 0;
    if (loaded && list->words[list->word_count - 1] >= target)
        return true;
    if (list->parts.last_words == NULL) {
        list->word_count = 0;
        return false;
    }
    if (!loaded && list->word_block == 0 &&
        !qi_postings_touch(list, list->parts.last_words, 8 * (size_t)list->word_block_count))
        return false;
    uint32_t from = list->word_block + (loaded ? 1 : 0);
    list->word_block =
        from >= list->word_block_count
            ? list->word_block_count
            : qi_postings_search(list->parts.last_words, 4, from, list->word_block_count, target);
    if (list->word_block >= list->word_block_count) {
        list->word_count = 0;
        return false;
    }
    return decode_words(list);
}
