/* SPDX-License-Identifier: MIT
 * Rows and JSON lines of any bytes: the readers end and stay within memory. */
#include "decode.h"
#include "read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rows(quire_str text, char separator)
{
    read_table t = {.separator = separator};
    record rec = {0};
    char why[READ_WHY];
    while (text.len > 0) {
        size_t n = 0;
        while (n < text.len && text.ptr[n] != '\n')
            n++;
        read_table_line(&t, str_slice(text, 0, n), &rec, why);
        record_clear(&rec);
        read_json(str_slice(text, 0, n), &rec, why);
        record_clear(&rec);
        text = str_slice(text, n + 1, text.len);
    }
    read_table_free(&t);
    record_free(&rec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoder d = {0};
    bytes text = {0};
    decode_piece(&d, (quire_str){(const char *)data, size}, true, &text);
    rows(bytes_str(&text), ',');
    rows(bytes_str(&text), '\t');
    bytes_free(&text);
    decode_free(&d);
    return 0;
}
