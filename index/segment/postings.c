/* SPDX-License-Identifier: MIT
 * Reading lists. Opening cuts the term's area into its arrays and proves that they fill it exactly;
 * decoding a block is bounded by the area's end. What the blocks say is believed only as far as
 * memory goes: documents are proven to increase and to lie below doc_count, so that a bitmap or an
 * array indexed by them is safe.
 *
 * Short lists are decoded whole when they are opened: their documents are found from their word
 * numbers. */
#include "segment/postings.h"

#include "segment/lists.h"

static void fail(qi_postings *list, const uint8_t *at, const char *what)
{
    const qi_segment *segment = list->segment;
    list->status = qi_corrupt(list->err, segment->file.name, "post",
                              at == NULL ? 0 : (uint64_t)(at - segment->lists), "%s", what);
    list->count = list->word_count = 0;
    list->block = list->block_count;
    list->word_block = list->word_block_count;
}

/* Verify what is about to be read; false, and the list failed, if it is damaged. */
static bool touch(qi_postings *list, const uint8_t *at, size_t len)
{
    quire_status status = qi_file_touch(&list->segment->file, at, len, list->err);
    if (status == QUIRE_OK)
        return true;
    list->status = status;
    list->count = list->word_count = 0;
    list->block = list->block_count;
    list->word_block = list->word_block_count;
    return false;
}

static size_t blocks_of(uint64_t count)
{
    return (size_t)((count + QI_BLOCK - 1) / QI_BLOCK);
}

/* Cut a blocked list into its arrays. */
static quire_status open_blocked(qi_postings *list, const uint8_t *area, size_t length,
                                 quire_error *err)
{
    const qi_segment *segment = list->segment;
    bool text = list->field->starts != NULL;
    qi_view view = qi_view_of(area, length);
    list->doc_size = qi_view_u32(&view);
    list->freq_size = qi_view_u32(&view);
    list->max_part = qi_float_of_bits(qi_view_u32(&view));
    for (int i = 0; i < QI_KTHS; i++)
        list->kth[i] = qi_view_u16(&view);
    qi_view_u16(&view);
    list->block_count = (uint32_t)blocks_of(list->df);
    list->last_docs = qi_view_take(&view, 4 * (size_t)list->block_count);
    list->records = qi_view_take(&view, QI_LIST_RECORD * (size_t)list->block_count);
    if (qi_list_has_bitmap(list->df, segment->doc_count))
        list->bitmap = qi_view_take(&view, ((size_t)segment->doc_count + 63) / 64 * 8);
    else
        list->doc_data = qi_view_take(&view, list->doc_size);
    list->freq_data = qi_view_take(&view, list->freq_size);
    if (text && qi_list_has_ranges(list->df, segment->doc_count))
        list->ranges = qi_view_take(&view, ((size_t)segment->doc_count + QI_RANGE - 1) / QI_RANGE);
    if (text) {
        list->word_block_count = (uint32_t)blocks_of(list->cf);
        list->last_words = qi_view_take(&view, 4 * (size_t)list->word_block_count);
        list->word_offsets = qi_view_take(&view, 4 * (size_t)list->word_block_count);
    }
    if (view.overrun)
        return qi_corrupt(err, segment->file.name, "post", (uint64_t)(area - segment->lists),
                          "L-2: the parts of a list do not fit its length");
    list->word_data = view.at;
    list->word_size = qi_view_left(&view);
    /* Skip data and bounds are read without further checks: verify them now. */
    if (list->ranges != NULL)
        QI_TRY(qi_file_touch(&segment->file, list->ranges, segment->doc_count / QI_RANGE + 1, err));
    return qi_file_touch(&segment->file, area,
                         (size_t)((list->bitmap != NULL ? list->bitmap : list->doc_data) - area),
                         err);
}

/* Documents and frequencies from the word numbers in `words`. False if one lies in no document. */
static bool derive_docs(qi_postings *list)
{
    uint32_t doc = 0;
    list->count = 0;
    for (uint32_t i = 0; i < list->word_count; i++) {
        uint32_t found = qi_words_doc(list->segment, list->field, doc, list->words[i]);
        if (found >= list->segment->doc_count)
            return false;
        if (list->count == 0 || found != doc) {
            list->docs[list->count] = found;
            list->freqs[list->count++] = 0;
        }
        list->freqs[list->count - 1]++;
        doc = found;
    }
    return list->count == list->df;
}

/* The numbers of a short list: word numbers, or documents in a keyword lane. False if damaged. */
static bool decode_short(qi_postings *list, const qi_term_info *info, const uint8_t *area,
                         uint32_t *numbers, uint32_t limit)
{
    uint32_t n = (uint32_t)info->cf;
    if (n == 1)
        numbers[0] = info->first;
    else if (qi_rice_decode_sums(area, (size_t)info->length, n, UINT32_MAX, numbers) == 0)
        return false;
    list->max_part = 1;
    list->freqs_loaded = true;
    list->block_count = 1;
    return numbers[n - 1] < limit;
}

/* Decode a short list whole: its documents are block 0, its word numbers word block 0. */
static quire_status open_short(qi_postings *list, const qi_term_info *info, const uint8_t *area,
                               quire_error *err)
{
    uint32_t n = (uint32_t)info->cf;
    bool sound;
    if (list->field->starts != NULL) {
        sound = decode_short(list, info, area, list->words, list->field->words);
        list->word_count = sound ? n : 0;
        list->word_block_count = 1;
        sound = sound && derive_docs(list);
    } else {
        sound = decode_short(list, info, area, list->docs, list->segment->doc_count);
        list->count = n;
        for (uint32_t i = 0; i < n; i++)
            list->freqs[i] = 1;
    }
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

quire_status qi_postings_open(qi_postings *out, const qi_segment *segment, uint32_t lane,
                              const qi_term_info *info, quire_error *err)
{
    uint32_t field = QI_LANE_FIELD(lane);
    *out = (qi_postings){.segment = segment,
                         .field = &segment->fields[field],
                         .lane = lane,
                         .df = (uint32_t)info->df,
                         .cf = info->cf,
                         .err = err};
    if (!sound_info(segment, out->field, info))
        return qi_corrupt(err, segment->file.name, "post", info->offset,
                          "L-1: a term's record points outside the lists or counts too much");
    if (out->field->starts != NULL)
        QI_TRY(qi_words_verify(segment, field, err));
    if (info->cf == 1)
        return open_short(out, info, segment->lists, err);
    const uint8_t *area = segment->lists + info->offset;
    if (info->cf >= QI_LIST_BLOCKED)
        return open_blocked(out, area, (size_t)info->length, err);
    QI_TRY(qi_file_touch(&segment->file, area, (size_t)info->length, err));
    return open_short(out, info, area, err);
}

static uint32_t last_doc_of(const qi_postings *list, uint32_t block)
{
    return list->last_docs == NULL ? list->docs[list->df - 1]
                                   : qi_load32(list->last_docs + 4 * (size_t)block);
}

/* The first index in [from, count) of the sorted u32 array whose value is >= target: gallop, then
 * halve. */
static uint32_t search(const uint8_t *array, uint32_t from, uint32_t count, uint32_t target)
{
    uint32_t step = 1, low = from;
    while (count - low > step && qi_load32(array + 4 * (size_t)(low + step - 1)) < target) {
        low += step;
        step = step > count / 2 ? step : 2 * step;
    }
    uint32_t high = count - low > step ? low + step : count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (qi_load32(array + 4 * (size_t)middle) < target)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool sound_docs(const qi_postings *list, uint32_t before)
{
    uint32_t last = qi_load32(list->last_docs + 4 * (size_t)list->block);
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
    size_t at = qi_load32(list->records + QI_LIST_RECORD * (size_t)list->block);
    size_t left = at < list->doc_size ? list->doc_size - at : 0;
    if (!touch(list, list->doc_data + (list->doc_size - left),
               left < QI_RICE_MAX ? left : QI_RICE_MAX))
        return false;
    bool sound =
        left != 0 && qi_rice_decode_sums(list->doc_data + at, left, n, before, list->docs) != 0;
    list->count = sound ? n : 0;
    return true;
}

/* The same from the bitmap. */
static bool unpack_bits(qi_postings *list, uint32_t n, uint32_t before, uint32_t last)
{
    size_t from = (size_t)(before + 1) / 64 * 8;
    if (!touch(list, list->bitmap + from, ((size_t)last / 64 + 1) * 8 - from))
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
    uint32_t n = block + 1 < list->block_count ? QI_BLOCK : (list->df - 1) % QI_BLOCK + 1;
    list->freqs_loaded = false;
    if (last >= list->segment->doc_count || (before != UINT32_MAX && before >= last)) {
        fail(list, list->last_docs, "L-4: last documents of blocks do not increase");
        return false;
    }
    if (!(list->bitmap != NULL ? unpack_bits(list, n, before, last) : unpack_docs(list, n, before)))
        return false;
    if (sound_docs(list, before))
        return true;
    fail(list, list->records, "L-5: a block of documents is damaged");
    return false;
}

bool qi_postings_seek(qi_postings *list, uint32_t target)
{
    if (list->last_docs == NULL) {
        if (list->count != 0 && list->docs[list->count - 1] >= target)
            return true;
        list->count = 0;
        return false;
    }
    bool loaded = list->count != 0;
    if (loaded && list->docs[list->count - 1] >= target)
        return true;
    uint32_t from = list->block + (loaded ? 1 : 0);
    list->block = from >= list->block_count
                      ? list->block_count
                      : search(list->last_docs, from, list->block_count, target);
    if (list->block >= list->block_count) {
        list->count = 0;
        return false;
    }
    return decode_docs(list);
}

uint32_t qi_postings_peek(const qi_postings *list, uint32_t target)
{
    if (list->last_docs == NULL || list->block >= list->block_count) {
        if (list->count == 0 || list->docs[list->count - 1] < target)
            return QI_END;
        return target > list->docs[0] ? target : list->docs[0];
    }
    if (list->count != 0 && list->docs[list->count - 1] >= target)
        return target > list->docs[0] ? target : list->docs[0];
    uint32_t block = search(list->last_docs, list->block, list->block_count, target);
    if (block >= list->block_count)
        return QI_END;
    uint32_t first = block == 0 ? 0 : last_doc_of(list, block - 1) + 1;
    return target > first ? target : first;
}

float qi_postings_block_max(const qi_postings *list)
{
    if (list->last_docs == NULL || list->block >= list->block_count)
        return list->max_part;
    return qi_float_of_bits(qi_load32(list->records + QI_LIST_RECORD * (size_t)list->block + 8));
}

const uint32_t *qi_postings_freqs(qi_postings *list)
{
    if (list->freqs_loaded || list->count == 0)
        return list->status == QUIRE_OK ? list->freqs : NULL;
    if (list->field->starts == NULL) {
        for (uint32_t i = 0; i < list->count; i++)
            list->freqs[i] = 1;
        list->freqs_loaded = true;
        return list->freqs;
    }
    size_t at = qi_load32(list->records + QI_LIST_RECORD * (size_t)list->block + 4);
    size_t left = at < list->freq_size ? list->freq_size - at : 0;
    if (!touch(list, list->freq_data + (list->freq_size - left),
               left < QI_RICE_MAX ? left : QI_RICE_MAX))
        return NULL;
    if (left == 0 || qi_rice_decode(list->freq_data + at, left, list->count, list->freqs) == 0) {
        fail(list, list->freq_data, "L-6: a block of frequencies is damaged");
        return NULL;
    }
    for (uint32_t i = 0; i < list->count; i++)
        list->freqs[i] += list->freqs[i] != UINT32_MAX;
    list->freqs_loaded = true;
    return list->freqs;
}

static bool decode_words(qi_postings *list)
{
    uint32_t block = list->word_block;
    uint32_t before =
        block == 0 ? UINT32_MAX : qi_load32(list->last_words + 4 * (size_t)(block - 1));
    uint32_t last = qi_load32(list->last_words + 4 * (size_t)block);
    uint32_t n =
        block + 1 < list->word_block_count ? QI_BLOCK : (uint32_t)((list->cf - 1) % QI_BLOCK) + 1;
    size_t at = qi_load32(list->word_offsets + 4 * (size_t)block);
    size_t left = at < list->word_size ? list->word_size - at : 0;
    if (!touch(list, list->word_data + (list->word_size - left),
               left < QI_RICE_MAX ? left : QI_RICE_MAX))
        return false;
    if (left == 0 || last >= list->field->words ||
        qi_rice_decode_sums(list->word_data + at, left, n, before, list->words) == 0 ||
        list->words[n - 1] != last) {
        fail(list, list->last_words, "L-7: a block of word numbers is damaged");
        return false;
    }
    list->word_count = n;
    return true;
}

bool qi_postings_seek_word(qi_postings *list, uint32_t target)
{
    bool loaded = list->word_count != 0;
    if (loaded && list->words[list->word_count - 1] >= target)
        return true;
    if (list->last_words == NULL) {
        list->word_count = 0;
        return false;
    }
    if (!loaded && list->word_block == 0 &&
        !touch(list, list->last_words, 8 * (size_t)list->word_block_count))
        return false;
    uint32_t from = list->word_block + (loaded ? 1 : 0);
    list->word_block = from >= list->word_block_count
                           ? list->word_block_count
                           : search(list->last_words, from, list->word_block_count, target);
    if (list->word_block >= list->word_block_count) {
        list->word_count = 0;
        return false;
    }
    return decode_words(list);
}
