/* SPDX-License-Identifier: MIT
 * A file must be the very one that was committed: the manifest tells its length and the hash of its
 * trailer, the trailer those of its blocks, and the counts must agree. */
#include "commit/files.h"

#include "commit/catalog.h"
#include "segment/build.h"

static const char SECTION[] = "deleted";

quire_status qi_files_open_segment(qi_segment **out, qi_dir *dir, const uint8_t uuid[16],
                                   const qi_manifest_entry *entry, const quire_schema *schema,
                                   quire_error *err)
{
    qi_file_id id;
    qi_catalog_segment_id(&id, uuid, entry);
    QI_TRY(qi_segment_open(out, dir, &id, schema, err));
    if ((*out)->doc_count == entry->documents)
        return QUIRE_OK;
    qi_segment_release(*out);
    *out = NULL;
    return qi_corrupt(err, id.name, NULL, 0, "G-5: not as many documents as were committed");
}

static quire_status decode_deletes(qi_docset *out, const qi_file *file,
                                   const qi_manifest_entry *entry, quire_error *err)
{
    qi_view section = qi_file_section(file, SECTION);
    if (section.at == NULL)
        return qi_corrupt(err, file->name, SECTION, 0, "G-6: the section is missing");
    QI_TRY(qi_file_touch(file, section.at, qi_view_left(&section), err));
    QI_TRY(qi_docset_decode(out, &section, entry->documents, file->name, err));
    if (out->count == entry->deleted)
        return QUIRE_OK;
    qi_docset_free(out);
    return qi_corrupt(err, file->name, SECTION, 0, "G-5: not as many deleted as were committed");
}

quire_status qi_files_open_deletes(qi_docset *out, qi_dir *dir, const uint8_t uuid[16],
                                   const qi_manifest_entry *entry, quire_error *err)
{
    qi_file_id id;
    qi_file file;
    *out = (qi_docset){0};
    qi_catalog_deletes_id(&id, uuid, entry);
    QI_TRY(qi_file_open(&file, dir, &id, QI_KIND_DELETES, err));
    quire_status status = decode_deletes(out, &file, entry, err);
    qi_file_close(&file);
    return status;
}

quire_status qi_files_write_deletes(qi_dir *dir, qi_file_id *id, const qi_docset *deleted,
                                    quire_error *err)
{
    qi_writer_file file;
    qi_buf bytes;
    QI_TRY(qi_out_create(&file, dir, id, QI_KIND_DELETES, err));
    qi_buf_init(&bytes, 0);
    qi_docset_encode(deleted, &bytes);
    quire_status status = qi_out_section(&file, SECTION, &bytes, err);
    if (status == QUIRE_OK)
        status = qi_out_finish(&file, id, err);
    qi_out_drop(&file);
    qi_buf_free(&bytes);
    return status;
}

quire_status qi_files_verify(const qi_segment *segment, quire_error *err)
{
    const qi_file *file = &segment->file;
    return qi_file_verify(file, file->bytes.at, file->bytes.len, err);
}
