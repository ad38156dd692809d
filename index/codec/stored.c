/* SPDX-License-Identifier: MIT
 * The only file that includes zstd. Level 3 with a trained dictionary, one document a frame:
 * smaller than blocks of 64 KiB without a dictionary, and several times faster to reach. Frames
 * leave out the id of the dictionary, which whoever keeps them knows. An unpacker keeps one context
 * in reserve; two threads at once each have their own, and the one that comes second to put it back
 * frees it. */
#include "codec/stored.h"

#include <assert.h>

#define ZSTD_STATIC_LINKING_ONLY
#define ZDICT_STATIC_LINKING_ONLY
#include <zdict.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"
#include "base/view.h"

static const char SECTION[] = "stored";

enum {
    LEVEL = 3,
    FEWEST_SAMPLES = 16,
    LONGEST_SAMPLE = 16384,
    /* No block of a frame holds more than 2^17 bytes, nor takes fewer than 4. */
    BLOCK = 1 << 17,
    BLOCK_CODE = 4
};

static void *take(void *opaque, size_t size)
{
    (void)opaque;
    return qi_mem_new(size, 1);
}

static void give_back(void *opaque, void *at)
{
    (void)opaque;
    qi_mem_free(at);
}

static const ZSTD_customMem MEMORY = {take, give_back, NULL};

/* ---- Records ---- */

void qi_stored_encode(qi_buf *out, const qi_stored_record *record)
{
    qi_buf_varint(out, record->language.len);
    qi_buf_add(out, record->language.ptr, record->language.len);
    qi_buf_varint(out, record->count);
    for (size_t i = 0; i < record->count; i++) {
        const qi_stored_value *value = &record->values[i];
        assert(i == 0 || value->field >= value[-1].field);
        qi_buf_varint(out, value->field);
        qi_buf_varint(out, value->text.len);
        qi_buf_add(out, value->text.ptr, value->text.len);
    }
}

static quire_str read_string(qi_view *in)
{
    uint64_t len = qi_view_varint(in);
    const uint8_t *at = qi_view_take(in, len > SIZE_MAX ? SIZE_MAX : (size_t)len);
    return (quire_str){(const char *)at, at == NULL ? 0 : (size_t)len};
}

quire_status qi_stored_decode(qi_stored_record *out, quire_str record, uint32_t fields,
                              qi_arena *memory, const char *file, quire_error *err)
{
    qi_view in = qi_view_of(record.ptr, record.len);
    *out = (qi_stored_record){.language = read_string(&in)};
    uint64_t count = qi_view_varint(&in), last = 0;
    /* A value takes two bytes at least, which bounds what is allocated. */
    if (in.overrun || count > qi_view_left(&in) / 2)
        return qi_corrupt(err, file, SECTION, 0, "V-2: a record is cut short");
    qi_stored_value *values = qi_arena_new(memory, (size_t)count + 1, sizeof *values);
    if (values == NULL)
        return qi_no_memory(err);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t field = qi_view_varint(&in);
        values[i] = (qi_stored_value){(uint32_t)field, read_string(&in)};
        if (field < last || field >= fields)
            return qi_corrupt(err, file, SECTION, 0, "V-3: a value of an unexpected field");
        last = field;
    }
    if (in.overrun || qi_view_left(&in) != 0)
        return qi_corrupt(err, file, SECTION, 0, "V-2: a record is not filled by its values");
    out->count = (size_t)count;
    out->values = values;
    return QUIRE_OK;
}

/* ---- Dictionaries ---- */

/* Samples in one piece, as the trainer wants them, cut to what it should look at. */
static bool gather(const quire_str *samples, size_t *count, qi_buf *bytes, size_t *sizes)
{
    size_t n = 0;
    for (; n < *count && bytes->len < QI_STORED_SAMPLES; n++) {
        size_t room = QI_STORED_SAMPLES - bytes->len;
        sizes[n] = samples[n].len < LONGEST_SAMPLE ? samples[n].len : LONGEST_SAMPLE;
        sizes[n] = sizes[n] < room ? sizes[n] : room;
        qi_buf_add(bytes, samples[n].ptr, sizes[n]);
    }
    *count = n;
    return !bytes->failed;
}

quire_status qi_stored_train(const quire_str *samples, size_t count, qi_buf *out, quire_error *err)
{
    if (count < FEWEST_SAMPLES)
        return QUIRE_OK;
    qi_buf bytes;
    qi_buf_init(&bytes, 0);
    size_t *sizes = qi_mem_new(count, sizeof *sizes);
    uint8_t *dictionary = qi_mem_new(QI_STORED_DICTIONARY, 1);
    bool ready = sizes != NULL && dictionary != NULL && gather(samples, &count, &bytes, sizes);
    if (ready) {
        /* A dictionary of more than a tenth of what it was learned from has learned it by heart. */
        size_t room = bytes.len / 10 < QI_STORED_DICTIONARY ? bytes.len / 10 : QI_STORED_DICTIONARY;
        ZDICT_fastCover_params_t params = {.k = 1024, .d = 8, .f = 20, .accel = 5};
        size_t size = ZDICT_trainFromBuffer_fastCover(dictionary, room, bytes.bytes, sizes,
                                                      (unsigned)count, params);
        if (!ZDICT_isError(size))
            qi_buf_add(out, dictionary, size);
    }
    qi_buf_free(&bytes);
    qi_mem_free(sizes);
    qi_mem_free(dictionary);
    return ready && !out->failed ? QUIRE_OK : qi_no_memory(err);
}

static quire_status damaged(const char *file, quire_error *err)
{
    return qi_corrupt(err, file, SECTION, 0, "V-1: the dictionary is damaged");
}

/* ---- Packing ---- */

struct qi_stored_packer {
    ZSTD_CCtx *context;
    void *dictionary; /* a ZSTD_CDict in a block of ours; NULL: none */
};

/* Digest the dictionary in memory of ours: zstd's own way to allocate one crashes when that fails.
 */
static quire_status digest(qi_stored_packer *packer, quire_str dictionary, const ZSTD_CDict **out,
                           const char *file, quire_error *err)
{
    *out = NULL;
    if (dictionary.len == 0)
        return QUIRE_OK;
    ZSTD_compressionParameters params =
        ZSTD_getCParams(LEVEL, ZSTD_CONTENTSIZE_UNKNOWN, dictionary.len);
    size_t room = ZSTD_estimateCDictSize_advanced(dictionary.len, params, ZSTD_dlm_byRef);
    packer->dictionary = qi_mem_new(room, 1);
    if (packer->dictionary == NULL)
        return qi_no_memory(err);
    *out = ZSTD_initStaticCDict(packer->dictionary, room, dictionary.ptr, dictionary.len,
                                ZSTD_dlm_byRef, ZSTD_dct_fullDict, params);
    return *out == NULL ? damaged(file, err) : QUIRE_OK;
}

static bool set_up(ZSTD_CCtx *context, const ZSTD_CDict *dictionary)
{
    return context != NULL &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_dictIDFlag, 0)) &&
           !ZSTD_isError(ZSTD_CCtx_refCDict(context, dictionary));
}

quire_status qi_stored_packer_new(qi_stored_packer **out, quire_str dictionary, const char *file,
                                  quire_error *err)
{
    const ZSTD_CDict *digested;
    *out = NULL;
    qi_stored_packer *packer = qi_mem_new(1, sizeof *packer);
    if (packer == NULL)
        return qi_no_memory(err);
    quire_status status = digest(packer, dictionary, &digested, file, err);
    if (status == QUIRE_OK) {
        packer->context = ZSTD_createCCtx_advanced(MEMORY);
        if (!set_up(packer->context, digested))
            status = qi_no_memory(err);
    }
    if (status != QUIRE_OK) {
        qi_stored_packer_free(packer);
        return status;
    }
    *out = packer;
    return QUIRE_OK;
}

quire_status qi_stored_pack(qi_stored_packer *packer, quire_str record, qi_buf *out,
                            quire_error *err)
{
    if (record.len > INT32_MAX)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a stored document of %zu bytes", record.len);
    size_t before = out->len, room = ZSTD_compressBound(record.len);
    uint8_t *to = qi_buf_grow(out, room);
    if (to == NULL)
        return qi_no_memory(err);
    size_t size = ZSTD_compress2(packer->context, to, room, record.ptr, record.len);
    out->len = before + (ZSTD_isError(size) ? 0 : size);
    return ZSTD_isError(size) ? qi_no_memory(err) : QUIRE_OK;
}

void qi_stored_packer_free(qi_stored_packer *packer)
{
    if (packer == NULL)
        return;
    ZSTD_freeCCtx(packer->context);
    qi_mem_free(packer->dictionary);
    qi_mem_free(packer);
}

/* ---- Unpacking ---- */

struct qi_stored_unpacker {
    void *block;                  /* that the dictionary is digested in */
    const ZSTD_DDict *dictionary; /* NULL: none */
    ZSTD_DCtx *spare;             /* atomic */
    const char *file;
};

quire_status qi_stored_unpacker_new(qi_stored_unpacker **out, quire_str dictionary,
                                    const char *file, quire_error *err)
{
    *out = NULL;
    size_t room = ZSTD_estimateDDictSize(dictionary.len, ZSTD_dlm_byRef);
    qi_stored_unpacker *unpacker = qi_mem_new(1, sizeof *unpacker);
    void *block = qi_mem_new(room, 1);
    if (unpacker == NULL || block == NULL) {
        qi_mem_free(unpacker);
        qi_mem_free(block);
        return qi_no_memory(err);
    }
    unpacker->file = file;
    unpacker->block = block;
    if (dictionary.len != 0)
        unpacker->dictionary = ZSTD_initStaticDDict(block, room, dictionary.ptr, dictionary.len,
                                                    ZSTD_dlm_byRef, ZSTD_dct_fullDict);
    if (dictionary.len != 0 && unpacker->dictionary == NULL) {
        qi_stored_unpacker_free(unpacker);
        return damaged(file, err);
    }
    *out = unpacker;
    return QUIRE_OK;
}

/* The size that a frame declares, if it can be true; SIZE_MAX if not. */
static size_t declared_size(quire_str frame)
{
    uint64_t size = ZSTD_getFrameContentSize(frame.ptr, frame.len);
    if (size > INT32_MAX || size / BLOCK > frame.len / BLOCK_CODE ||
        ZSTD_findFrameCompressedSize(frame.ptr, frame.len) != frame.len)
        return SIZE_MAX;
    return (size_t)size;
}

static void put_back(qi_stored_unpacker *unpacker, ZSTD_DCtx *context)
{
    ZSTD_freeDCtx(__atomic_exchange_n(&unpacker->spare, context, __ATOMIC_ACQ_REL));
}

quire_status qi_stored_unpack(qi_stored_unpacker *unpacker, quire_str frame, qi_buf *out,
                              quire_error *err)
{
    size_t size = declared_size(frame), before = out->len;
    if (size == SIZE_MAX)
        return qi_corrupt(err, unpacker->file, SECTION, 0, "V-1: not a frame, or cut short");
    ZSTD_DCtx *context = __atomic_exchange_n(&unpacker->spare, NULL, __ATOMIC_ACQ_REL);
    if (context == NULL)
        context = ZSTD_createDCtx_advanced(MEMORY);
    if (context == NULL)
        return qi_no_memory(err);
    /* One byte more than is needed: zstd wants a place even for nothing. */
    uint8_t *to = qi_buf_grow(out, size + 1);
    if (to == NULL) {
        put_back(unpacker, context);
        return qi_no_memory(err);
    }
    size_t got =
        ZSTD_decompress_usingDDict(context, to, size, frame.ptr, frame.len, unpacker->dictionary);
    put_back(unpacker, context);
    out->len = before + (got == size ? size : 0);
    if (got == size)
        return QUIRE_OK;
    if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
        return qi_no_memory(err);
    return qi_corrupt(err, unpacker->file, SECTION, 0, "V-1: a frame does not decompress");
}

void qi_stored_unpacker_free(qi_stored_unpacker *unpacker)
{
    if (unpacker == NULL)
        return;
    ZSTD_freeDCtx(unpacker->spare);
    qi_mem_free(unpacker->block);
    qi_mem_free(unpacker);
}
