/* SPDX-License-Identifier: MIT
 * Any bytes as a schema: an error, or a schema that survives its own bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    quire_error err;
    quire_schema *schema, *again;
    qi_buf first, second;
    qi_view in = qi_view_of(data, size);
    if (qi_schema_decode(&schema, &in, "fuzz", &err) != QUIRE_OK)
        return 0;
    qi_buf_init(&first, 0);
    qi_buf_init(&second, 0);
    qi_schema_encode(schema, &first);
    in = qi_view_of(first.bytes, first.len);
    if (qi_schema_decode(&again, &in, "fuzz", &err) != QUIRE_OK || qi_view_left(&in) != 0)
        abort();
    qi_schema_encode(again, &second);
    if (first.len != second.len || memcmp(first.bytes, second.bytes, first.len) != 0)
        abort();
    qi_schema_release(schema);
    qi_schema_release(again);
    qi_buf_free(&first);
    qi_buf_free(&second);
    return 0;
}
