/* SPDX-License-Identifier: MIT
 * Bytes gather in a buffer and go to the folder in large pieces; each piece is hashed as it goes.
 */
#include "segment/out.h"

#include <string.h>

#include "base/mem.h"

enum { PIECE = 1 << 18 };

static quire_status drain(qi_writer_file *file, quire_error *err)
{
    if (file->pending.failed)
        return qi_no_memory(err);
    if (file->pending.len == 0)
        return QUIRE_OK;
    qi_envelope_feed(&file->envelope, file->pending.bytes, file->pending.len);
    QI_TRY(file->dir->ops->append(&file->out, file->pending.bytes, file->pending.len, err));
    file->pending.len = 0;
    return QUIRE_OK;
}

quire_status qi_out_create(qi_writer_file *file, qi_dir *dir, const qi_file_id *id, uint32_t kind,
                           quire_error *err)
{
    *file = (qi_writer_file){.dir = dir, .id = *id};
    qi_buf_init(&file->pending, 0);
    QI_TRY(qi_envelope_builder_init(&file->envelope, err));
    quire_status status = dir->ops->create(dir, id->name, &file->out, err);
    if (status != QUIRE_OK) {
        qi_envelope_builder_free(&file->envelope);
        return status;
    }
    file->created = true;
    qi_envelope_id envelope = {.kind = kind, .seq = id->seq};
    memcpy(envelope.uuid, id->uuid, sizeof envelope.uuid);
    qi_envelope_header(&file->pending, &envelope);
    if (file->pending.failed) {
        qi_out_drop(file);
        return qi_no_memory(err);
    }
    return QUIRE_OK;
}

uint64_t qi_out_offset(const qi_writer_file *file)
{
    return file->out.written + file->pending.len;
}

quire_status qi_out_begin(qi_writer_file *file, const char *name, quire_error *err)
{
    qi_envelope_section(&file->envelope, name, qi_out_offset(file), 0);
    return file->envelope.failed ? qi_no_memory(err) : QUIRE_OK;
}

quire_status qi_out_add(qi_writer_file *file, const void *bytes, size_t len, quire_error *err)
{
    if (len >= PIECE) {
        QI_TRY(drain(file, err));
        qi_envelope_feed(&file->envelope, bytes, len);
        return file->dir->ops->append(&file->out, bytes, len, err);
    }
    qi_buf_add(&file->pending, bytes, len);
    return file->pending.len >= PIECE || file->pending.failed ? drain(file, err) : QUIRE_OK;
}

quire_status qi_out_end(qi_writer_file *file, quire_error *err)
{
    static const uint8_t zeros[2 * QI_ENVELOPE_ALIGN];
    qi_section *section = &file->envelope.sections.items[file->envelope.sections.count - 1];
    section->length = qi_out_offset(file) - section->offset;
    size_t over = (size_t)(qi_out_offset(file) % QI_ENVELOPE_ALIGN);
    return qi_out_add(file, zeros, QI_ENVELOPE_ALIGN + (over != 0 ? QI_ENVELOPE_ALIGN - over : 0),
                      err);
}

quire_status qi_out_section(qi_writer_file *file, const char *name, const qi_buf *bytes,
                            quire_error *err)
{
    if (bytes->failed)
        return qi_no_memory(err);
    QI_TRY(qi_out_begin(file, name, err));
    QI_TRY(qi_out_add(file, bytes->bytes, bytes->len, err));
    return qi_out_end(file, err);
}

quire_status qi_out_read(qi_writer_file *file, uint64_t offset, void *bytes, size_t len,
                         quire_error *err)
{
    size_t written = offset >= file->out.written        ? 0
                     : len < file->out.written - offset ? len
                                                        : (size_t)(file->out.written - offset);
    if (written != 0)
        QI_TRY(file->dir->ops->read_back(&file->out, offset, bytes, written, err));
    if (written < len) /* the rest is in the buffer still */
        memcpy((uint8_t *)bytes + written,
               file->pending.bytes + (offset + written - file->out.written), len - written);
    return QUIRE_OK;
}

quire_status qi_out_finish(qi_writer_file *file, qi_file_id *id, quire_error *err)
{
    QI_TRY(drain(file, err));
    *id = file->id;
    QI_TRY(qi_envelope_trailer(&file->envelope, &file->pending, &id->hash, err));
    id->length = qi_out_offset(file);
    QI_TRY(file->dir->ops->append(&file->out, file->pending.bytes, file->pending.len, err));
    file->pending.len = 0;
    quire_status status = file->dir->ops->close(&file->out, true, err);
    if (status != QUIRE_OK) {
        file->dir->ops->remove(file->dir, file->id.name, NULL);
        file->created = false;
        return status;
    }
    file->created = false;
    return QUIRE_OK;
}

void qi_out_drop(qi_writer_file *file)
{
    if (file->created) {
        if (file->out.owner != NULL)
            file->dir->ops->close(&file->out, false, NULL);
        file->dir->ops->remove(file->dir, file->id.name, NULL);
    }
    file->created = false;
    qi_envelope_builder_free(&file->envelope);
    qi_buf_free(&file->pending);
}
