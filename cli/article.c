/* SPDX-License-Identifier: MIT
 * An article's furniture. Readers turn a file into lines of visible text; here the heading that is
 * the title, the byline and the date under it, and the source URL at the end are recognised, taken
 * out of the text, and told as values. The head is looked for in the first few lines only and the
 * tail in the last, so that no sentence of the text is taken for either. */
#include "article.h"

#include "date.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_LINES = 4, TAIL_LINES = 4, LONGEST_BYLINE = 120, LONGEST_TITLE = 200 };

void article_line(article *a, article_joint joint, bool heading)
{
    if (a->count == a->cap) {
        a->cap = a->cap == 0 ? 64 : a->cap * 2;
        a->lines = memory_resize(a->lines, a->cap, sizeof *a->lines);
    }
    if (a->count > 0)
        a->lines[a->count - 1].len = a->text.len - a->lines[a->count - 1].start;
    a->lines[a->count++] = (article_part){.start = a->text.len, .joint = joint, .heading = heading};
}

void article_address(article *a, quire_str url)
{
    article_line(a, ARTICLE_WRAP, false);
    a->lines[a->count - 1].address = true;
    bytes_view(&a->text, url);
}

static quire_str line_text(const article *a, size_t i)
{
    const article_part *p = &a->lines[i];
    return str_trim((quire_str){bytes_cstr(&a->text) + p->start, p->len});
}

static bool has(const record *rec, const char *name)
{
    return record_find(rec, name).ptr != NULL;
}

/* The words that may stand in a list of names without a capital letter. */
static bool is_particle(quire_str word)
{
    static const char *const particles[] = {"and", "de",  "van", "von", "der", "den",
                                            "la",  "le",  "da",  "di",  "of",  "the",
                                            "for", "bin", "al",  "&",   "with"};
    for (size_t i = 0; i < sizeof particles / sizeof *particles; i++)
        if (str_equal(word, particles[i]))
            return true;
    return false;
}

/* A word that can stand in a list of names: without digits, with a capital letter unless a
 * particle. */
static bool is_name_word(quire_str word)
{
    unsigned char first = (unsigned char)word.ptr[0];
    for (size_t i = 0; i < word.len; i++)
        if (isdigit((unsigned char)word.ptr[i]))
            return false;
    return isupper(first) || first >= 0x80 || is_particle(word);
}

static bool are_names(quire_str s)
{
    if (s.len == 0 || s.len > LONGEST_BYLINE || memchr(".!?:;", s.ptr[s.len - 1], 5) != NULL)
        return false;
    size_t words = 0;
    while ((s = str_trim(s)).len > 0) {
        size_t n = 0;
        while (n < s.len && !isspace((unsigned char)s.ptr[n]))
            n++;
        if (!is_name_word(str_slice(s, 0, n)))
            return false;
        words++;
        s = str_slice(s, n, s.len);
    }
    return words <= 16;
}

static bool byline(quire_str s, record *out)
{
    if (has(out, "author") || !str_starts(s, "by ") || s.ptr[0] != 'B')
        return false;
    quire_str names = str_trim(str_slice(s, 3, s.len));
    if (!are_names(names))
        return false;
    record_add(out, quire_cstr("author"), names);
    return true;
}

static bool date_line(quire_str s, record *out)
{
    static const char *const openings[] = {"published on", "published:", "published", "posted on",
                                           "posted:",      "date:",      "updated:"};
    char iso[DATE_LEN];
    if (has(out, "date"))
        return false;
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
        if (str_starts(s, openings[i])) {
            s = str_trim(str_slice(s, strlen(openings[i]), s.len));
            break;
        }
    if (!date_iso(s, iso))
        return false;
    record_add(out, quire_cstr("date"), quire_cstr(iso));
    return true;
}

/* One line may hold both, parted by a bar, a middle dot or a dash between spaces. */
static bool both(quire_str s, record *out)
{
    static const char *const marks[] = {" | ", " \xC2\xB7 ", " \xE2\x80\x94 ", " \xE2\x80\x93 ",
                                        " - "};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        const char *at = memmem(s.ptr, s.len, marks[i], n);
        if (at == NULL)
            continue;
        size_t left = (size_t)(at - s.ptr);
        record found = {0};
        quire_str a = str_slice(s, 0, left), b = str_trim(str_slice(s, left + n, s.len));
        bool ok = (byline(a, &found) && date_line(b, &found)) ||
                  (date_line(a, &found) && byline(b, &found));
        for (size_t v = 0; ok && v < found.count; v++)
            if (!has(out, found.values[v].name))
                record_add(out, quire_cstr(found.values[v].name), quire_cstr(found.values[v].text));
        record_free(&found);
        if (ok)
            return true;
    }
    return false;
}

/* May line `i` be the title? In plain text that is a short first line of its own. */
static bool may_be_title(const article *a, size_t i, bool title_line)
{
    bool alone = i + 1 == a->count || a->lines[i + 1].joint == ARTICLE_NEW;
    return a->lines[i].heading || (title_line && alone && line_text(a, i).len <= LONGEST_TITLE);
}

/* The first heading. It leaves the text if it is the title, also where front matter repeats it. */
static void find_title(article *a, bool title_line, record *out)
{
    quire_str known = record_find(out, "title");
    size_t i = 0;
    while (i < a->count && (line_text(a, i).len == 0 || a->lines[i].address ||
                            !(title_line || a->lines[i].heading)))
        i++;
    if (i == a->count || !may_be_title(a, i, title_line))
        return;
    quire_str s = line_text(a, i);
    if (known.ptr == NULL)
        record_add(out, quire_cstr("title"), s);
    a->lines[i].dropped =
        known.ptr == NULL || (known.len == s.len && memcmp(known.ptr, s.ptr, s.len) == 0);
}

static void find_head(article *a, record *out)
{
    size_t seen = 0;
    for (size_t i = 0; i < a->count && seen < HEAD_LINES; i++) {
        quire_str s = line_text(a, i);
        if (a->lines[i].dropped || a->lines[i].heading || a->lines[i].address || s.len == 0)
            continue;
        seen++;
        if (s.len <= LONGEST_BYLINE && (byline(s, out) || date_line(s, out) || both(s, out)))
            a->lines[i].dropped = true;
    }
}

static bool is_url(quire_str s)
{
    if (!str_starts(s, "http://") && !str_starts(s, "https://"))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ')
            return false;
    return true;
}

/* What follows "Original url:" and the like; a NULL ptr if `s` does not start so. */
static quire_str after_label(quire_str s)
{
    static const char *const labels[] = {
        "original url:",           "source url:", "original:", "source:", "url:", "permalink:",
        "originally published at:"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (str_starts(s, labels[i]))
            return str_trim(str_slice(s, strlen(labels[i]), s.len));
    return (quire_str){NULL, 0};
}

bool article_is_label(quire_str s)
{
    quire_str rest = after_label(str_trim(s));
    return rest.ptr != NULL && rest.len == 0;
}

static void find_tail(article *a, record *out)
{
    size_t seen = 0, below = a->count;
    quire_str url = {NULL, 0};
    for (size_t i = a->count; i > 0 && seen < TAIL_LINES; i--) {
        quire_str s = line_text(a, i - 1), rest = after_label(s);
        if (s.len == 0)
            continue;
        seen++;
        bool here = is_url(rest);
        if (rest.ptr != NULL && (here || url.ptr != NULL)) {
            a->lines[i - 1].dropped = here || rest.len == 0;
            if (!here)
                a->lines[below].dropped = true;
            if (!has(out, "url"))
                record_add(out, quire_cstr("url"), here ? rest : url);
            return;
        }
        url = is_url(s) ? s : (quire_str){NULL, 0};
        below = i - 1;
    }
}

static void join(const article *a, record *out)
{
    bytes body = {0};
    bool parted = true;
    for (size_t i = 0; i < a->count; i++) {
        quire_str s = line_text(a, i);
        bool gone = a->lines[i].dropped && !a->lines[i].address;
        parted |= a->lines[i].joint != ARTICLE_WRAP || gone;
        if (s.len == 0 || a->lines[i].dropped || a->lines[i].address)
            continue;
        if (body.len > 0)
            bytes_put(&body, parted ? '\n' : ' ');
        bytes_view(&body, s);
        parted = false;
    }
    record_give(out, "body", &body);
}

void article_finish(article *a, bool title_line, record *out)
{
    if (a->count > 0)
        a->lines[a->count - 1].len = a->text.len - a->lines[a->count - 1].start;
    find_title(a, title_line, out);
    find_head(a, out);
    find_tail(a, out);
    join(a, out);
}

void article_free(article *a)
{
    bytes_free(&a->text);
    free(a->lines);
    *a = (article){0};
}
