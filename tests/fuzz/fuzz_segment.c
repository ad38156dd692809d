/* SPDX-License-Identifier: MIT
 * Damage with right checksums: the input is a list of changes to a sound segment, whose checksums
 * are then made right again. Opening, checking, reading everything and merging must end, inside
 * memory; and what the strictest check finds no fault in reads to its end.
 *
 * A change is four bytes: what, where (two, as a share of the file's length), with. */
#include <stdlib.h>
#include <string.h>

#include "codec/envelope.h"
#include "segment/check.h"
#include "segment/merge.h"
#include "support/image.h"
#include "support/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BASES = 4, CHANGE = 4, MOST_CHANGES = 64 };

static const uint32_t base_docs[BASES] = {3, 70, 400, 2800};

/* What every input starts from; made once. */
static struct {
    quire_schema *schema;
    image base[BASES];
    qi_file_id ids[BASES];
} start;

static void check(bool fact)
{
    if (!fact)
        abort();
}

static void prepare(void)
{
    if (start.schema != NULL)
        return;
    start.schema = sample_schema();
    for (uint64_t i = 0; i < BASES; i++) {
        qi_dir *dir;
        check(qi_dir_open_ram(&dir, NULL) == QUIRE_OK);
        sample_segment(&start.ids[i], dir, start.schema, i + 1, base_docs[i]);
        image_take(&start.base[i], dir);
        qi_dir_free(dir);
    }
}

static void change(uint8_t *bytes, size_t len, const uint8_t *how)
{
    static const uint64_t numbers[] = {0,         1,          255,       256,
                                       INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX};
    size_t at = (size_t)((how[1] | (uint64_t)how[2] << 8) * len / 65536);
    size_t left = len - at;
    uint64_t number = numbers[how[3] % 8];
    switch (how[0] % 8) {
    case 0:
        bytes[at] = how[3];
        break;
    case 1:
        bytes[at] ^= (uint8_t)(1u << how[3] % 8);
        break;
    case 2:
        if (left >= 4)
            qi_store32(bytes + at, (uint32_t)number);
        break;
    case 3:
        if (left >= 8)
            qi_store64(bytes + at, number);
        break;
    case 4: /* what stands elsewhere */
        memmove(bytes + at, bytes + (size_t)how[3] * len / 256,
                left < 16                               ? left
                : (size_t)how[3] * len / 256 + 16 > len ? 0
                                                        : 16);
        break;
    case 5:
        if (left >= 4)
            qi_store32(bytes + at, qi_load32(bytes + at) + how[3] - 128u);
        break;
    case 6:
        memset(bytes + at, how[3], left < 32 ? left : 32);
        break;
    default: /* far from the start: the table of sections */
        at = len - QI_ENVELOPE_FOOTER - (how[1] | (size_t)how[2] << 8) % 800 % (len / 2);
        bytes[at] = how[3];
    }
}

static void merge(const qi_segment *segment, uint32_t drop)
{
    qi_dir *dir;
    qi_docset deleted;
    qi_segment *merged;
    qi_file_id id = {.name = "s-9.seg", .seq = 9};
    uint64_t digest;
    check(qi_dir_open_ram(&dir, NULL) == QUIRE_OK &&
          qi_docset_init(&deleted, segment->doc_count, NULL) == QUIRE_OK);
    for (uint32_t doc = drop; drop != 0 && doc < segment->doc_count; doc += drop)
        qi_docset_add(&deleted, doc);
    qi_merge_source sources[] = {{segment, &deleted}, {segment, NULL}};
    qi_merge_plan plan = {segment->schema, sources, 2, NULL, 0};
    if (qi_merge(dir, &id, &plan, NULL) == QUIRE_OK) {
        check(qi_segment_open(&merged, dir, &id, segment->schema, NULL) == QUIRE_OK);
        (void)sample_read(merged, &digest, NULL);
        qi_segment_release(merged);
    }
    qi_docset_free(&deleted);
    qi_dir_free(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    prepare();
    static const uint32_t choice[] = {0, 0, 0, 1, 1, 2, 2, 3}; /* small ones are fast */
    uint32_t which = choice[data[0] % 8];
    image damaged;
    image_copy(&damaged, &start.base[which]);
    image_file *file = &damaged.files[0];
    const uint8_t *how = data + 2;
    for (size_t left = (size - 2) / CHANGE, n = 0; n < left && n < MOST_CHANGES; n++)
        change(file->bytes, file->len, how + CHANGE * n);
    if (data[1] >= 240)
        image_cut(file, file->len * (data[1] - 239u) / 18);
    image_repair_file(file->bytes, file->len);
    qi_file_id id = start.ids[which];
    id.length = id.hash = 0;
    qi_dir *dir = image_dir(&damaged);
    qi_segment *segment;
    if (qi_segment_open(&segment, dir, &id, start.schema, NULL) == QUIRE_OK) {
        qi_check strict = {.level = 3};
        uint64_t digest;
        quire_status checked = qi_check_segment(&strict, segment, NULL);
        quire_status read = sample_read(segment, &digest, NULL);
        check(checked == QUIRE_OK && (strict.faults != 0 || read == QUIRE_OK));
        merge(segment, data[1] % 5);
        qi_segment_release(segment);
    }
    check(image_dir_writes(dir) == 0);
    qi_dir_free(dir);
    image_free(&damaged);
    return 0;
}
