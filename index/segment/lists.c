/* SPDX-License-Identifier: MIT
 * A list is built in one pass. Word numbers fill blocks of 256; the document of each is found by
 * stepping through the table of starts, and a document that is complete goes to the block of
 * documents with its frequency. Lists of fewer than 256 occurrences keep their word numbers alone,
 * so the work on documents is thrown away for them: it costs less than knowing beforehand.
 *
 * Bounds use the tf-part x / (k1 + x), x = tf * inverse[norm], in the same single-precision
 * operations as search/bm25, so that they hold exactly. */
#include "segment/lists.h"

#include <string.h>

#include "base/bits.h"
#include "base/mem.h"
#include "segment/postings.h"

static const uint32_t kths[QI_KTHS] = {10, 100, 1000};

static uint32_t blocks_of(uint64_t count)
{
    return (uint32_t)((count + QI_BLOCK - 1) / QI_BLOCK);
}

bool qi_list_cut(qi_list_parts *parts, qi_view area, uint32_t df, uint64_t cf, uint32_t doc_count,
                 bool text)
{
    *parts = (qi_list_parts){.doc_size = qi_view_u32(&area)};
    parts->freq_size = qi_view_u32(&area);
    parts->max_part = qi_float_of_bits(qi_view_u32(&area));
    for (int i = 0; i < QI_KTHS; i++)
        parts->kth[i] = qi_view_u16(&area);
    qi_view_u16(&area);
    parts->block_count = blocks_of(df);
    parts->last_docs = qi_view_take(&area, 4 * (size_t)parts->block_count);
    parts->records = qi_view_take(&area, QI_LIST_RECORD * (size_t)parts->block_count);
    if (qi_list_has_bitmap(df, doc_count))
        parts->bitmap = qi_view_take(&area, ((size_t)doc_count + 63) / 64 * 8);
    else
        parts->doc_data = qi_view_take(&area, parts->doc_size);
    parts->freq_data = qi_view_take(&area, parts->freq_size);
    if (text && qi_list_has_ranges(df, doc_count))
        parts->ranges = qi_view_take(&area, ((size_t)doc_count + QI_RANGE - 1) / QI_RANGE);
    parts->word_block_count = text ? blocks_of(cf) : 0;
    parts->last_words = qi_view_take(&area, 4 * (size_t)parts->word_block_count);
    parts->word_offsets = qi_view_take(&area, 4 * (size_t)parts->word_block_count);
    parts->word_data = area.at;
    parts->word_size = qi_view_left(&area);
    return !area.overrun;
}

bool qi_form_cut(qi_form_parts *parts, qi_view area, uint64_t cf)
{
    *parts = (qi_form_parts){.block_count = blocks_of(cf)};
    parts->heads = qi_view_take(&area, QI_FORM_HEAD * (size_t)parts->block_count);
    parts->data = area.at;
    parts->size = qi_view_left(&area);
    return !area.overrun;
}

quire_status qi_lists_new(qi_list_writer *lists, uint32_t doc_count, quire_error *err)
{
    *lists = (qi_list_writer){0};
    qi_buf_init(&lists->doc_data, 0);
    qi_buf_init(&lists->freq_data, 0);
    qi_buf_init(&lists->word_data, 0);
    lists->ranges = qi_mem_new((size_t)doc_count / QI_RANGE + 1, 1);
    lists->histogram = qi_mem_new(QI_KTH_PART + 1, sizeof *lists->histogram);
    if (lists->ranges != NULL && lists->histogram != NULL)
        return QUIRE_OK;
    qi_lists_free(lists);
    return qi_no_memory(err);
}

void qi_lists_free(qi_list_writer *lists)
{
    qi_buf_free(&lists->doc_data);
    qi_buf_free(&lists->freq_data);
    qi_buf_free(&lists->word_data);
    QI_VEC_FREE(&lists->last_docs);
    QI_VEC_FREE(&lists->last_words);
    QI_VEC_FREE(&lists->word_offsets);
    QI_VEC_FREE(&lists->records);
    qi_mem_free(lists->ranges);
    qi_mem_free(lists->histogram);
    *lists = (qi_list_writer){0};
}

static void reset(qi_list_writer *lists)
{
    lists->cf = 0;
    lists->df = lists->tf = 0;
    lists->max_part = 0;
    lists->word_count = lists->doc_count = 0;
    lists->last_word = lists->last_doc = UINT32_MAX;
    lists->doc_data.len = lists->freq_data.len = lists->word_data.len = 0;
    lists->last_docs.count = lists->last_words.count = lists->word_offsets.count = 0;
    lists->records.count = 0;
}

void qi_lists_lane(qi_list_writer *lists, const qi_lane_context *lane)
{
    lists->lane = *lane;
    reset(lists);
}

void qi_lists_encode_gaps(qi_buf *out, const uint32_t *numbers, uint32_t count, uint32_t before)
{
    uint32_t gaps[QI_BLOCK];
    for (uint32_t i = 0; i < count; i++) {
        gaps[i] = numbers[i] - before - 1; /* before UINT32_MAX: the number itself */
        before = numbers[i];
    }
    qi_rice_encode(out, gaps, count);
}

static void end_word_block(qi_list_writer *lists)
{
    if (!QI_VEC_PUSH(&lists->word_offsets, (uint32_t)lists->word_data.len) ||
        !QI_VEC_PUSH(&lists->last_words, lists->words[lists->word_count - 1]))
        lists->failed = true;
    qi_lists_encode_gaps(&lists->word_data, lists->words, lists->word_count, lists->last_word);
    lists->last_word = lists->words[lists->word_count - 1];
    lists->word_count = 0;
}

/* Enter the documents of the block into ranges and histogram; the largest tf-part is returned. */
static float bound_block(qi_list_writer *lists)
{
    float inverse[QI_BLOCK], parts[QI_BLOCK], max_part = 0, k1 = lists->lane.k1;
    int32_t up[QI_BLOCK], kth[QI_BLOCK];
    uint32_t count = lists->doc_count;
    for (uint32_t i = 0; i < count; i++)
        inverse[i] = lists->lane.inverse[lists->lane.norms[lists->docs[i]]];
    for (uint32_t i = 0; i < count; i++) { /* nothing but what compilers make vectors of */
        float x = (float)(int32_t)lists->freqs[i] * inverse[i];
        float part = x / (k1 + x), scaled = part * QI_PART;
        int32_t down = (int32_t)scaled;
        parts[i] = part;
        up[i] = down + (scaled > (float)down);
        kth[i] = (int32_t)(part * QI_KTH_PART);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint8_t bound = (uint8_t)(up[i] > QI_PART ? QI_PART : up[i] == 0 ? 1 : up[i]);
        uint8_t *range = &lists->ranges[lists->docs[i] / QI_RANGE];
        *range = bound > *range ? bound : *range;
        max_part = parts[i] > max_part ? parts[i] : max_part;
        lists->histogram[kth[i]]++;
    }
    return max_part;
}

static void end_doc_block(qi_list_writer *lists)
{
    uint32_t last = lists->docs[lists->doc_count - 1];
    qi_list_record record = {(uint32_t)lists->doc_data.len, (uint32_t)lists->freq_data.len, 0};
    qi_lists_encode_gaps(&lists->doc_data, lists->docs, lists->doc_count, lists->last_doc);
    if (lists->lane.starts != NULL) {
        record.max_part = bound_block(lists);
        if (record.max_part > lists->max_part)
            lists->max_part = record.max_part;
        for (uint32_t i = 0; i < lists->doc_count; i++)
            lists->freqs[i]--;
        qi_rice_encode(&lists->freq_data, lists->freqs, lists->doc_count);
    }
    if (!QI_VEC_PUSH(&lists->last_docs, last) || !QI_VEC_PUSH(&lists->records, record))
        lists->failed = true;
    lists->last_doc = last;
    lists->doc_count = 0;
}

/* Enter the counted document into its block. A full block waits until another document comes, so
 * that the last block is never empty, and a list that stays short never computes bounds. */
static void end_doc(qi_list_writer *lists)
{
    if (lists->doc_count == QI_BLOCK)
        end_doc_block(lists);
    lists->docs[lists->doc_count] = lists->doc;
    lists->freqs[lists->doc_count++] = lists->tf;
}

uint32_t qi_lists_doc_of(const uint32_t *starts, uint32_t doc_count, uint32_t from, uint32_t word)
{
    uint32_t low = from, step = 1; /* gallop, then halve */
    while (doc_count - low > step && starts[low + step] <= word) {
        low += step;
        step = step > doc_count / 2 ? step : step * 2;
    }
    uint32_t high = doc_count - low > step ? low + step : doc_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (starts[middle] <= word)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void qi_lists_word(qi_list_writer *lists, uint32_t word)
{
    if (lists->cf == 0)
        lists->first = word;
    if (lists->word_count == QI_BLOCK)
        end_word_block(lists);
    lists->words[lists->word_count++] = word;
    lists->cf++;
    if (lists->df != 0 && word < lists->lane.starts[lists->doc + 1]) {
        lists->tf++;
        return;
    }
    if (lists->df != 0)
        end_doc(lists);
    lists->doc = qi_lists_doc_of(lists->lane.starts, lists->lane.doc_count,
                                 lists->df != 0 ? lists->doc + 1 : 0, word);
    lists->tf = 1;
    lists->df++;
}

void qi_lists_words(qi_list_writer *lists, const uint32_t *words, const uint32_t *docs,
                    size_t count)
{
    if (lists->cf == 0 && count != 0)
        lists->first = words[0];
    for (size_t i = 0; i < count; i++) {
        if (lists->word_count == QI_BLOCK)
            end_word_block(lists);
        lists->words[lists->word_count++] = words[i];
        if (lists->df != 0 && docs[i] == lists->doc) {
            lists->tf++;
            continue;
        }
        if (lists->df != 0)
            end_doc(lists);
        lists->doc = docs[i];
        lists->tf = 1;
        lists->df++;
    }
    lists->cf += count;
}

void qi_lists_add_words(qi_list_writer *lists, const uint32_t *words, size_t count, uint32_t shift)
{
    if (lists->cf == 0 && count != 0)
        lists->first = words[0] + shift;
    lists->cf += count;
    while (count != 0) {
        if (lists->word_count == QI_BLOCK)
            end_word_block(lists);
        size_t room = QI_BLOCK - lists->word_count, n = count < room ? count : room;
        uint32_t *to = lists->words + lists->word_count;
        for (size_t i = 0; i < n; i++)
            to[i] = words[i] + shift;
        lists->word_count += (uint32_t)n;
        words += n;
        count -= n;
    }
}

void qi_lists_add_docs(qi_list_writer *lists, const uint32_t *docs, const uint32_t *freqs,
                       size_t count, uint32_t shift)
{
    for (size_t i = 0; i < count; i++) {
        if (lists->df != 0)
            end_doc(lists);
        lists->doc = docs[i] + shift;
        lists->tf = freqs[i];
        lists->df++;
    }
}

void qi_lists_doc(qi_list_writer *lists, uint32_t doc)
{
    if (lists->cf == 0)
        lists->first = doc;
    lists->cf++;
    lists->df++;
    lists->doc = doc;
    lists->tf = 1;
    end_doc(lists);
}

static void add_u32s(qi_buf *out, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        qi_buf_u32(out, numbers[i]);
}

/* The bits of all documents, from the blocks just encoded. */
static void add_bitmap(qi_list_writer *lists, qi_buf *area)
{
    size_t size = ((size_t)lists->lane.doc_count + 63) / 64 * 8;
    uint8_t *bits = qi_buf_grow(area, size);
    if (bits == NULL)
        return;
    memset(bits, 0, size);
    uint32_t before = UINT32_MAX, docs[QI_BLOCK];
    for (size_t i = 0; i < lists->records.count; i++) {
        size_t at = lists->records.items[i].docs;
        unsigned n = i + 1 < lists->records.count ? QI_BLOCK : (lists->df - 1) % QI_BLOCK + 1;
        if (qi_rice_decode_sums(lists->doc_data.bytes + at, lists->doc_data.len - at, n, before,
                                docs) == 0) {
            area->failed = true; /* the encoder ran out of memory */
            return;
        }
        for (unsigned j = 0; j < n; j++)
            bits[docs[j] / 8] |= (uint8_t)(1u << docs[j] % 8);
        before = docs[n - 1];
    }
}

/* The K-th best tf-parts, rounded down, from the histogram. */
static void add_kths(const qi_list_writer *lists, qi_buf *area)
{
    uint64_t seen = 0;
    int32_t part = QI_KTH_PART + 1;
    for (int i = 0; i < QI_KTHS; i++) {
        while (seen < kths[i] && part > 0)
            seen += lists->histogram[--part];
        qi_buf_u16(area, (uint16_t)(seen >= kths[i] && part > 0 ? part : 0));
    }
}

/* Account for what `add_blocked` appends. */
static void measure(qi_list_writer *lists, bool bitmap, bool ranges)
{
    uint64_t docs = lists->lane.doc_count;
    lists->sizes = (quire_segment_stat){
        .doc_bytes = bitmap ? 0 : lists->doc_data.len,
        .bitmap_bytes = bitmap ? (docs + 63) / 64 * 8 : 0,
        .freq_bytes = lists->freq_data.len,
        .range_bytes = ranges ? (docs + QI_RANGE - 1) / QI_RANGE : 0,
        .position_bytes = lists->word_data.len,
        .skip_bytes = QI_LIST_HEADER + lists->records.count * (4 + QI_LIST_RECORD) +
                      lists->last_words.count * 8,
    };
}

static void add_blocked(qi_list_writer *lists, qi_buf *area)
{
    bool text = lists->lane.starts != NULL;
    bool bitmap = qi_list_has_bitmap(lists->df, lists->lane.doc_count);
    bool ranges = text && qi_list_has_ranges(lists->df, lists->lane.doc_count);
    measure(lists, bitmap, ranges);
    qi_buf_u32(area, bitmap ? 0 : (uint32_t)lists->doc_data.len);
    qi_buf_u32(area, (uint32_t)lists->freq_data.len);
    qi_buf_u32(area, qi_float_bits(lists->max_part));
    add_kths(lists, area);
    qi_buf_u16(area, 0);
    add_u32s(area, lists->last_docs.items, lists->last_docs.count);
    for (size_t i = 0; i < lists->records.count; i++) {
        const qi_list_record *record = &lists->records.items[i];
        qi_buf_u32(area, bitmap ? 0 : record->docs);
        qi_buf_u32(area, record->freqs);
        qi_buf_u32(area, qi_float_bits(record->max_part));
    }
    if (bitmap)
        add_bitmap(lists, area);
    else
        qi_buf_add(area, lists->doc_data.bytes, lists->doc_data.len);
    qi_buf_add(area, lists->freq_data.bytes, lists->freq_data.len);
    if (ranges)
        qi_buf_add(area, lists->ranges, ((size_t)lists->lane.doc_count + QI_RANGE - 1) / QI_RANGE);
    add_u32s(area, lists->last_words.items, lists->last_words.count);
    add_u32s(area, lists->word_offsets.items, lists->word_offsets.count);
    qi_buf_add(area, lists->word_data.bytes, lists->word_data.len);
}

/* Close the blocks of a list in blocks, append it, and clear what its bounds used. */
static void end_blocked(qi_list_writer *lists, qi_buf *area)
{
    if (lists->lane.starts != NULL) {
        end_doc(lists);
        end_word_block(lists);
    }
    end_doc_block(lists);
    if (!lists->failed)
        add_blocked(lists, area);
    memset(lists->ranges, 0, (size_t)lists->lane.doc_count / QI_RANGE + 1);
    memset(lists->histogram, 0, (QI_KTH_PART + 1) * sizeof *lists->histogram);
}

quire_status qi_lists_end(qi_list_writer *lists, qi_buf *area, qi_term_info *info, quire_error *err)
{
    size_t before = area->len;
    lists->sizes = (quire_segment_stat){0};
    if (lists->cf >= QI_LIST_BLOCKED) {
        end_blocked(lists, area);
    } else if (lists->cf > 1) {
        bool text = lists->lane.starts != NULL;
        qi_lists_encode_gaps(area, text ? lists->words : lists->docs, (uint32_t)lists->cf,
                             UINT32_MAX);
        *(text ? &lists->sizes.position_bytes : &lists->sizes.doc_bytes) = area->len - before;
    }
    bool failed = lists->failed || area->failed || lists->doc_data.failed ||
                  lists->freq_data.failed || lists->word_data.failed;
    *info = (qi_term_info){
        .df = lists->df, .cf = lists->cf, .first = lists->first, .length = area->len - before};
    reset(lists);
    if (!failed)
        return QUIRE_OK;
    lists->failed = lists->doc_data.failed = lists->freq_data.failed = lists->word_data.failed =
        false;
    return qi_no_memory(err);
}
