/* SPDX-License-Identifier: MIT
 *
 * A word is stemmed once for each form that it has: forms and stems are looked up in maps. */
#include "texts.h"

#include <jansson.h>
#include <libstemmer.h>
#include <stdio.h>
#include <stdlib.h>

enum { LONGEST_WORD = 64 };

void texts_stop(const char *program, const char *what)
{
    fprintf(stderr, "%s: %s\n", program, what);
    exit(EXIT_FAILURE);
}

static void stop(const char *what)
{
    texts_stop("texts", what);
}

void *texts_room(size_t count, size_t size)
{
    void *room = calloc(count + 1, size);
    if (room == NULL)
        stop("out of memory");
    return room;
}

static uint32_t term_of(texts *to, const char *word, size_t len)
{
    uint32_t *known = qi_map_get(&to->forms, word, len);
    if (known != NULL)
        return *known;
    const sb_symbol *stem = sb_stemmer_stem(to->stemmer, (const sb_symbol *)word, (int)len);
    size_t stem_len = (size_t)sb_stemmer_length(to->stemmer);
    uint32_t *of_stem = stem == NULL ? NULL : qi_map_get(&to->stems, stem, stem_len);
    uint32_t term = of_stem != NULL ? *of_stem : (uint32_t)to->stems.count;
    if (stem == NULL || !qi_map_put(&to->stems, stem, stem_len, term) ||
        !qi_map_put(&to->forms, word, len, term))
        stop("out of memory");
    return term;
}

/* The letter or digit in lower case, or 0. Bytes of longer characters are letters. */
static char letter(char ch)
{
    if (ch >= 'A' && ch <= 'Z')
        return (char)(ch + 'a' - 'A');
    bool kept = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || (ch & 0x80) != 0;
    return kept ? ch : '\0';
}

/* The next word from `*at` on, in lower case; its length, 0 at the end of the text. */
static size_t next_word(const char **at, char word[LONGEST_WORD])
{
    size_t len = 0;
    for (; **at != '\0'; ++*at) {
        char ch = letter(**at);
        if (ch == '\0' && len > 0)
            return len;
        if (ch != '\0' && len < LONGEST_WORD)
            word[len++] = ch;
    }
    return len;
}

static void add_text(texts *to, const char *text)
{
    char word[LONGEST_WORD];
    const char *at = text == NULL ? "" : text, *start = at;
    for (size_t len; (len = next_word(&at, word)) != 0;)
        if (!QI_VEC_PUSH(&to->terms, term_of(to, word, len)))
            stop("out of memory");
    to->bytes += (uint64_t)(at - start);
}

static void add_document(texts *to, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    if (object == NULL)
        stop("a line is not JSON");
    if (!QI_VEC_PUSH(&to->starts, (uint32_t)to->terms.count))
        stop("out of memory");
    add_text(to, json_string_value(json_object_get(object, "title")));
    add_text(to, json_string_value(json_object_get(object, "text")));
    json_decref(object);
    if (!QI_VEC_PUSH(&to->terms, TEXTS_HOLE))
        stop("out of memory");
}

void texts_read(texts *to, const char *path)
{
    FILE *in = fopen(path, "r");
    if (in == NULL)
        texts_stop(path, "cannot be opened");
    *to = (texts){.stemmer = sb_stemmer_new("porter", NULL)};
    if (to->stemmer == NULL)
        stop("no stemmer");
    qi_map_init(&to->forms);
    qi_map_init(&to->stems);
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, in) > 0)
        add_document(to, line);
    free(line);
    fclose(in);
}

unsigned texts_find(const texts *from, const char *text, uint32_t *terms, unsigned room)
{
    char word[LONGEST_WORD];
    unsigned count = 0;
    for (size_t len; (len = next_word(&text, word)) != 0; count++) {
        const sb_symbol *stem = sb_stemmer_stem(from->stemmer, (const sb_symbol *)word, (int)len);
        const uint32_t *term =
            stem == NULL ? NULL
                         : qi_map_get(&from->stems, stem, (size_t)sb_stemmer_length(from->stemmer));
        if (count < room)
            terms[count] = term == NULL ? TEXTS_HOLE : *term;
    }
    return count;
}

void texts_free(texts *to)
{
    QI_VEC_FREE(&to->terms);
    QI_VEC_FREE(&to->starts);
    qi_map_free(&to->forms);
    qi_map_free(&to->stems);
    sb_stemmer_delete(to->stemmer);
}
