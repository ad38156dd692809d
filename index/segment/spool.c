/* SPDX-License-Identifier: MIT
 * The file has a name of deletes that no commit gives, for those of a segment have a number above
 * its own: should this process die, the next writer removes it with all else that is left over. */
#include "segment/spool.h"

#include "codec/manifest.h"

enum { PIECE = 1 << 18 };

quire_status qi_spool_add(qi_spool *spool, const qi_writer_file *file, qi_buf *bytes,
                          quire_error *err)
{
    qi_dir *dir = file->dir;
    if (bytes->failed)
        return qi_no_memory(err);
    if (!spool->created) {
        qi_manifest_deletes_name(spool->name, file->id.seq, file->id.seq);
        QI_TRY(dir->ops->create(dir, spool->name, &spool->out, err));
        spool->created = true;
    }
    QI_TRY(dir->ops->append(&spool->out, bytes->bytes, bytes->len, err));
    bytes->len = 0;
    return QUIRE_OK;
}

quire_status qi_spool_copy(qi_spool *spool, uint64_t offset, uint64_t len, qi_writer_file *file,
                           qi_buf *scratch, quire_error *err)
{
    while (len != 0) {
        size_t n = len < PIECE ? (size_t)len : PIECE;
        scratch->len = 0;
        uint8_t *bytes = qi_buf_grow(scratch, n);
        if (bytes == NULL)
            return qi_no_memory(err);
        QI_TRY(file->dir->ops->read_back(&spool->out, offset, bytes, n, err));
        QI_TRY(qi_out_add(file, bytes, n, err));
        offset += n;
        len -= n;
    }
    return QUIRE_OK;
}

void qi_spool_drop(qi_spool *spool)
{
    if (!spool->created)
        return;
    qi_dir *dir = spool->out.dir;
    if (spool->out.owner != NULL)
        (void)dir->ops->close(&spool->out, false, NULL);
    (void)dir->ops->remove(dir, spool->name, NULL);
    spool->created = false;
}
