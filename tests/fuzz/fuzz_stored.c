/* SPDX-License-Identifier: MIT
 * Any bytes as a frame, and as a record: what decompresses has the size declared; what decodes can
 * be read and encodes to a record that decodes again. */
#include <stdlib.h>

#include "codec/stored.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 5, MOST = 1 << 24 };

static void check(bool fact)
{
    if (!fact)
        abort();
}

static quire_str str_of(const qi_buf *buf)
{
    return (quire_str){(const char *)buf->bytes, buf->len};
}

static void decode(quire_str bytes)
{
    qi_arena arena;
    qi_buf out;
    qi_arena_init(&arena, 0);
    qi_buf_init(&out, 0);
    qi_stored_record record, again;
    if (qi_stored_decode(&record, bytes, FIELDS, &arena, "f", NULL) == QUIRE_OK) {
        qi_stored_encode(&out, &record);
        quire_status s = qi_stored_decode(&again, str_of(&out), FIELDS, &arena, "f", NULL);
        check(s == QUIRE_OK && again.count == record.count);
    }
    qi_buf_free(&out);
    qi_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    quire_str bytes = {(const char *)data, size};
    decode(bytes);
    qi_stored_unpacker *unpacker;
    check(qi_stored_unpacker_new(&unpacker, (quire_str){NULL, 0}, "f", NULL) == QUIRE_OK);
    qi_buf out;
    qi_buf_init(&out, MOST);
    if (qi_stored_unpack(unpacker, bytes, &out, NULL) == QUIRE_OK)
        decode(str_of(&out));
    else
        check(out.len == 0);
    qi_buf_free(&out);
    qi_stored_unpacker_free(unpacker);
    return 0;
}
