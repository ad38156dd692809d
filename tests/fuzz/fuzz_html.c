/* SPDX-License-Identifier: MIT
 * HTML of any bytes: the reader ends, within memory, and says why it refuses. */
#include "decode.h"
#include "read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoder d = {0};
    bytes text = {0};
    record rec = {0};
    char why[READ_WHY];
    decode_piece(&d, (quire_str){(const char *)data, size}, true, &text);
    if (!read_html(bytes_str(&text), &rec, why) && why[0] == '\0')
        __builtin_trap();
    record_free(&rec);
    bytes_free(&text);
    decode_free(&d);
    return 0;
}
