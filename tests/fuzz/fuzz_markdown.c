/* SPDX-License-Identifier: MIT
 * Markdown and plain text of any bytes: the readers end, within memory, and say why they refuse. */
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
    if (!read_markdown(bytes_str(&text), &rec, why) && why[0] == '\0')
        __builtin_trap();
    record_clear(&rec);
    read_text(bytes_str(&text), &rec);
    record_free(&rec);
    bytes_free(&text);
    decode_free(&d);
    return 0;
}
