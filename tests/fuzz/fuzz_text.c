/* SPDX-License-Identifier: MIT
 * Any bytes as a text, read by an analyzer that the first byte chooses. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "text/analyzer.h"
#include "text/stem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool fact)
{
    if (!fact)
        abort();
}

static void read_all(qi_analyzer *a, quire_str text)
{
    qi_token token;
    size_t end = 0;
    uint32_t next = 0;
    while (qi_analyzer_next(a, text.len % 2 == 0, &token, NULL) == QUIRE_OK) {
        qi_buf steps = {0};
        require(token.start >= end && token.end > token.start && token.end <= text.len);
        require(token.position >= next && token.exact.len != 0);
        require(token.exact.len <= QI_TERM_MAX && token.term.len <= QI_TERM_MAX);
        end = token.end;
        next = token.position + 1;
        qi_analyzer_steps(a, &steps);
        require(!steps.failed && steps.bytes[steps.len - 1] == '\0');
        qi_buf_free(&steps);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    quire_analyzer options = {.keep_diacritics = data[0] & 1,
                              .keep_possessive = data[0] & 2,
                              .stop_words = data[0] & 4,
                              .whole = (data[0] & 0x18) == 0};
    size_t languages = 0;
    while (qi_stem_language(languages) != NULL)
        languages++;
    const char *language = qi_stem_language(data[1] % (languages + 1));
    snprintf(options.language, sizeof options.language, "%s", language != NULL ? language : "");
    qi_analyzer *a;
    quire_str text = {(const char *)data + 2, size - 2}, folded;
    if (qi_analyzer_new(&a, &options, NULL) != QUIRE_OK)
        return 0;
    for (int pass = 0; pass < (size < 64 ? 1 : 2); pass++) {
        require(qi_analyzer_start(a, text, NULL) == QUIRE_OK);
        read_all(a, text);
    }
    require(qi_analyzer_fold(a, text, &folded, NULL) == QUIRE_OK);
    qi_analyzer_free(a);
    return 0;
}
