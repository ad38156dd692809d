/* SPDX-License-Identifier: MIT
 * Everything but the contents of sections is proven when a file is opened; the contents block by
 * block, when somebody asks. A newer version is told apart from damage before any hash is compared,
 * for a newer version may hash otherwise. */
#include "codec/envelope.h"

#include <string.h>

static const uint8_t magic[8] = {'Q', 'U', 'I', 'R', 'E', 0, '\r', '\n'};

enum { TABLE_ENTRY = 24 };

quire_status qi_envelope_builder_init(qi_envelope_builder *builder, quire_error *err)
{
    *builder = (qi_envelope_builder){.block = qi_hash_new()};
    return builder->block == NULL ? qi_no_memory(err) : QUIRE_OK;
}

void qi_envelope_builder_free(qi_envelope_builder *builder)
{
    QI_VEC_FREE(&builder->sections);
    QI_VEC_FREE(&builder->hashes);
    qi_hash_free(builder->block);
    *builder = (qi_envelope_builder){0};
}

void qi_envelope_header(qi_buf *out, const qi_envelope_id *id)
{
    size_t start = out->len;
    qi_buf_add(out, magic, sizeof magic);
    qi_buf_u32(out, id->kind);
    qi_buf_u32(out, QUIRE_FORMAT_VERSION);
    for (int i = 0; i < 4; i++)
        qi_buf_u32(out, 0); /* flags: incompatible, read-only compatible, compatible; reserved */
    qi_buf_add(out, id->uuid, sizeof id->uuid);
    qi_buf_u64(out, id->seq);
    if (!out->failed)
        qi_buf_u64(out, qi_hash(out->bytes + start, out->len - start));
}

static void end_block(qi_envelope_builder *builder)
{
    if (!QI_VEC_PUSH(&builder->hashes, qi_hash_end(builder->block)))
        builder->failed = true;
    qi_hash_reset(builder->block);
    builder->in_block = 0;
}

void qi_envelope_feed(qi_envelope_builder *builder, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t n = QI_ENVELOPE_BLOCK - builder->in_block;
        if (n > len)
            n = len;
        qi_hash_add(builder->block, at, n);
        builder->in_block += n;
        builder->fed += n;
        at += n;
        len -= n;
        if (builder->in_block == QI_ENVELOPE_BLOCK)
            end_block(builder);
    }
}

void qi_envelope_section(qi_envelope_builder *builder, const char *name, uint64_t offset,
                         uint64_t length)
{
    qi_section section = {.offset = offset, .length = length};
    memcpy(section.name, name, strnlen(name, sizeof section.name));
    if (!QI_VEC_PUSH(&builder->sections, section))
        builder->failed = true;
}

quire_status qi_envelope_trailer(qi_envelope_builder *builder, qi_buf *out, uint64_t *hash,
                                 quire_error *err)
{
    if (builder->sections.count > QI_ENVELOPE_SECTIONS)
        return qi_fail(err, QUIRE_ERR_LIMIT, "a file of more than %d sections",
                       QI_ENVELOPE_SECTIONS);
    if (builder->in_block != 0)
        end_block(builder);
    size_t start = out->len;
    for (size_t i = 0; i < builder->hashes.count; i++)
        qi_buf_u64(out, builder->hashes.items[i]);
    for (size_t i = 0; i < builder->sections.count; i++) {
        qi_buf_add(out, builder->sections.items[i].name, sizeof builder->sections.items[i].name);
        qi_buf_u64(out, builder->sections.items[i].offset);
        qi_buf_u64(out, builder->sections.items[i].length);
    }
    if (builder->failed || out->failed)
        return qi_no_memory(err);
    uint64_t table = qi_hash(out->bytes + start, out->len - start);
    size_t footer = out->len;
    qi_buf_u32(out, (uint32_t)builder->sections.count);
    qi_buf_u32(out, 0);
    qi_buf_u64(out, builder->fed);
    qi_buf_u64(out, builder->fed + (footer - start) + QI_ENVELOPE_FOOTER);
    qi_buf_u64(out, table);
    if (!out->failed)
        qi_buf_u64(out, *hash = qi_hash(out->bytes + footer, QI_ENVELOPE_FOOTER - 8));
    return out->failed ? qi_no_memory(err) : QUIRE_OK;
}

static quire_status open_header(const uint8_t *bytes, const qi_envelope_id *id, const char *file,
                                quire_error *err)
{
    qi_view view = qi_view_of(bytes, QI_ENVELOPE_HEADER);
    if (memcmp(qi_view_take(&view, sizeof magic), magic, sizeof magic) != 0)
        return qi_fail(err, QUIRE_ERR_FORMAT, "%s is not a file of a Quire index", file);
    uint32_t kind = qi_view_u32(&view), version = qi_view_u32(&view), flags = qi_view_u32(&view);
    if (version > QUIRE_FORMAT_VERSION || flags != 0)
        return qi_fail(err, QUIRE_ERR_FORMAT,
                       "%s was written by a newer Quire (format %u; this one reads up to %d): "
                       "use that one, or build the index anew",
                       file, version, QUIRE_FORMAT_VERSION);
    qi_view_take(&view, 12);
    const uint8_t *uuid = qi_view_take(&view, sizeof id->uuid);
    uint64_t seq = qi_view_u64(&view), hash = qi_view_u64(&view);
    if (hash != qi_hash(bytes, QI_ENVELOPE_HEADER - 8))
        return qi_corrupt(err, file, NULL, 0, "E-1: the header is damaged");
    if (kind != id->kind || memcmp(uuid, id->uuid, sizeof id->uuid) != 0 || seq != id->seq)
        return qi_corrupt(err, file, NULL, 0, "E-1: this is another file, or of another index");
    return QUIRE_OK;
}

static quire_status open_footer(qi_envelope *envelope, size_t len, const char *file,
                                quire_error *err)
{
    size_t at = len - QI_ENVELOPE_FOOTER;
    qi_view view = qi_view_of(envelope->bytes + at, QI_ENVELOPE_FOOTER);
    envelope->section_count = qi_view_u32(&view);
    qi_view_u32(&view);
    envelope->body = qi_view_u64(&view);
    uint64_t length = qi_view_u64(&view), table = qi_view_u64(&view);
    envelope->hash = qi_view_u64(&view);
    if (envelope->hash != qi_hash(envelope->bytes + at, QI_ENVELOPE_FOOTER - 8) || length != len)
        return qi_corrupt(err, file, NULL, at, "E-1: the footer is damaged, or the file was cut");
    size_t entries = TABLE_ENTRY * (size_t)envelope->section_count;
    if (envelope->section_count > QI_ENVELOPE_SECTIONS || envelope->body < QI_ENVELOPE_HEADER ||
        envelope->body > at || entries > at - envelope->body ||
        at - envelope->body - entries != 8 * qi_envelope_blocks(envelope))
        return qi_corrupt(err, file, NULL, at, "E-2: the table does not fit the file");
    envelope->hashes = envelope->bytes + envelope->body;
    envelope->table = envelope->bytes + at - entries;
    if (table != qi_hash(envelope->hashes, at - (size_t)envelope->body))
        return qi_corrupt(err, file, NULL, envelope->body, "E-2: the table is damaged");
    return QUIRE_OK;
}

static quire_status check_sections(const qi_envelope *envelope, const char *file, quire_error *err)
{
    uint64_t end = QI_ENVELOPE_HEADER;
    for (uint32_t i = 0; i < envelope->section_count; i++) {
        const uint8_t *entry = envelope->table + TABLE_ENTRY * (size_t)i;
        uint64_t offset = qi_load64(entry + 8), length = qi_load64(entry + 16);
        if (offset < end || offset % QI_ENVELOPE_ALIGN != 0 || offset > envelope->body ||
            length > envelope->body - offset ||
            envelope->body - offset - length < QI_ENVELOPE_ALIGN)
            return qi_corrupt(err, file, NULL, offset, "E-3: a section lies outside its place");
        end = offset + length + QI_ENVELOPE_ALIGN;
    }
    return QUIRE_OK;
}

quire_status qi_envelope_open(qi_envelope *out, const uint8_t *bytes, size_t len,
                              const qi_envelope_id *id, const char *file, quire_error *err)
{
    *out = (qi_envelope){.bytes = bytes};
    if (len < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
        return qi_fail(err, QUIRE_ERR_FORMAT, "%s is not a file of a Quire index", file);
    if (len < QI_ENVELOPE_HEADER + QI_ENVELOPE_FOOTER)
        return qi_corrupt(err, file, NULL, len, "E-1: the file was cut to %zu bytes", len);
    QI_TRY(open_header(bytes, id, file, err));
    QI_TRY(open_footer(out, len, file, err));
    return check_sections(out, file, err);
}

qi_view qi_envelope_find(const qi_envelope *envelope, const char *name)
{
    size_t len = strnlen(name, 8);
    for (uint32_t i = 0; i < envelope->section_count; i++) {
        const uint8_t *entry = envelope->table + TABLE_ENTRY * (size_t)i;
        if (memcmp(entry, name, len) == 0 && (len == 8 || entry[len] == 0))
            return qi_view_of(envelope->bytes + qi_load64(entry + 8),
                              (size_t)qi_load64(entry + 16));
    }
    return (qi_view){0};
}

size_t qi_envelope_blocks(const qi_envelope *envelope)
{
    return (size_t)(envelope->body / QI_ENVELOPE_BLOCK + (envelope->body % QI_ENVELOPE_BLOCK != 0));
}

quire_status qi_envelope_verify(const qi_envelope *envelope, size_t i, const char *file,
                                quire_error *err)
{
    uint64_t at = (uint64_t)i * QI_ENVELOPE_BLOCK;
    uint64_t left = envelope->body - at;
    size_t len = left < QI_ENVELOPE_BLOCK ? (size_t)left : QI_ENVELOPE_BLOCK;
    if (qi_hash(envelope->bytes + at, len) == qi_load64(envelope->hashes + 8 * i))
        return QUIRE_OK;
    return qi_corrupt(err, file, NULL, at, "E-4: a block of %zu bytes is damaged", len);
}
