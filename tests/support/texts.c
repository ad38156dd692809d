/* SPDX-License-Identifier: MIT
 *
 * Of JSON only as much is read as these files need: strings are looked for by their name, and an
 * escape ends a word whatever it stands for. */
#include "support/texts.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_WORD = 64 };

void texts_init(texts *to)
{
    *to = (texts){0};
    qi_map_init(&to->numbers);
}

void texts_free(texts *to)
{
    QI_VEC_FREE(&to->words);
    QI_VEC_FREE(&to->docs);
    qi_map_free(&to->numbers);
}

void texts_clear(texts *to)
{
    texts_free(to);
    texts_init(to);
}

static void add_word(texts *to, const char *word, size_t len)
{
    uint32_t *known = qi_map_get(&to->numbers, word, len);
    uint32_t number = known != NULL ? *known : (uint32_t)to->numbers.count;
    if ((known == NULL && !qi_map_put(&to->numbers, word, len, number)) ||
        !QI_VEC_PUSH(&to->words, number))
        abort();
}

/* The letter or digit in lower case, or 0. */
static char letter(int c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + 'a' - 'A');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 ? (char)c : '\0';
}

void texts_read_file(texts *to, FILE *in)
{
    char word[LONGEST_WORD];
    size_t len = 0;
    int c;
    do {
        c = fgetc(in);
        char one = c == EOF ? '\0' : letter(c);
        if (one != '\0' && len < sizeof word) {
            word[len++] = one;
        } else if (len != 0) {
            add_word(to, word, len);
            len = 0;
        }
    } while (c != EOF);
}

/* The words of the string called `name` in an object: "name": "...". */
static texts_slice add_string(texts *to, const char *line, const char *name)
{
    char start[32], word[LONGEST_WORD];
    size_t len = 0;
    texts_slice slice = {(uint32_t)to->words.count, 0};
    snprintf(start, sizeof start, "\"%s\": \"", name);
    const char *at = strstr(line, start);
    if (at == NULL)
        return slice;
    bool more;
    at += strlen(start);
    do {
        more = *at != '"' && *at != '\0';
        char one = letter((unsigned char)*at);
        if (one != '\0' && len < sizeof word) {
            word[len++] = one;
        } else if (len != 0) {
            add_word(to, word, len);
            len = 0;
        }
        at += *at == '\\' && at[1] != '\0' ? 2 : 1;
    } while (more);
    slice.count = (uint32_t)to->words.count - slice.from;
    return slice;
}

void texts_read_lines(texts *to, FILE *in, uint32_t count)
{
    char *line = NULL;
    size_t room = 0;
    bool fine = getline(&line, &room, in) > 0;
    for (uint32_t i = 0; i < count && fine; i++) {
        fine = getline(&line, &room, in) > 0;
        if (!fine) {
            rewind(in);
            fine = getline(&line, &room, in) > 0;
        }
        texts_slice title = add_string(to, line, "title"), body = add_string(to, line, "text");
        if (fine && body.count != 0 && !QI_VEC_PUSH(&to->docs, ((texts_doc){title, body})))
            abort();
    }
    free(line);
}
