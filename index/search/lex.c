/* SPDX-License-Identifier: MIT
 * One walk over the text. A lexeme begins after white space, a parenthesis or the end of another
 * lexeme; signs, field names and suffixes become part of it, so that they cannot be left alone
 * later on. A search for a partner (quote, bracket) either ends in what is read next or is
 * remembered as vain: no byte is looked at more than a few times. */
#include "search/lex.h"

#include <string.h>

#include "search/query.h"
#include "search/value.h"

enum { NAME_LEN = 63, FIELDS = 256 };

/* White space of several bytes: no-break space, those of General Punctuation, the ideographic one.
 */
static bool is_wide_space(const unsigned char *p, size_t len)
{
    static const char *const SPACES[] = {
        "\xC2\xA0",     "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82",
        "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
        "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A",
        "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE3\x80\x80"};
    for (size_t i = 0; i < sizeof SPACES / sizeof *SPACES; i++)
        if (strlen(SPACES[i]) == len && memcmp(SPACES[i], p, len) == 0)
            return true;
    return false;
}

static size_t ascii_space(unsigned char c)
{
    return c == ' ' || c == '\0' || (c >= '\t' && c <= '\r') ? 1 : 0;
}

size_t qi_lex_space(quire_str text, size_t at)
{
    const unsigned char *p = (const unsigned char *)text.ptr + at;
    size_t left = text.len - at;
    if (left == 0 || p[0] < 0x80)
        return left == 0 ? 0 : ascii_space(p[0]);
    size_t len = p[0] == 0xC2 ? 2 : p[0] == 0xE2 || p[0] == 0xE3 ? 3 : 0;
    return len > 0 && left >= len && is_wide_space(p, len) ? len : 0;
}

void qi_lex_complain(qi_lex *lex, qi_note_code code, uint32_t start, uint32_t end)
{
    if (!lex->strict)
        qi_notes_add(lex->notes, code, start, end);
    else if (lex->status == QUIRE_OK)
        lex->status = qi_note_fail(code, start, lex->err);
}

static int peek(const qi_lex *lex, uint32_t at)
{
    return at < lex->text.len ? (unsigned char)lex->text.ptr[at] : -1;
}

static bool is_space(const qi_lex *lex, uint32_t at)
{
    return qi_lex_space(lex->text, at) > 0;
}

/* Can no operand begin here? */
static bool is_end(const qi_lex *lex, uint32_t at)
{
    int c = peek(lex, at);
    return c < 0 || c == ')' || c == '|' || is_space(lex, at);
}

/* The length of the quotation mark at `at`, or 0. Strictly, curly ones are text. */
static uint32_t quote_at(const qi_lex *lex, uint32_t at)
{
    if (peek(lex, at) == '"')
        return 1;
    bool curly = !lex->strict && peek(lex, at) == 0xE2 && peek(lex, at + 1) == 0x80 &&
                 peek(lex, at + 2) >= 0x9C && peek(lex, at + 2) <= 0x9F;
    return curly ? 3 : 0;
}

static uint32_t skip_spaces(qi_lex *lex, uint32_t at)
{
    size_t n;
    while ((n = qi_lex_space(lex->text, at)) > 0) {
        at += (uint32_t)n;
        lex->steps += n;
    }
    return at;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(int c)
{
    return is_name_start(c) || is_digit(c) || c == '-' || c == '.';
}

/* The character after a backslash, in whole. */
static uint32_t skip_escape(const qi_lex *lex, uint32_t at)
{
    at += 2;
    while (at < lex->text.len && (lex->text.ptr[at] & 0xC0) == 0x80)
        at++;
    return at < lex->text.len ? at : (uint32_t)lex->text.len;
}

static void push(qi_lex *lex, qi_lexeme *item)
{
    item->end = lex->at;
    lex->steps++;
    if (!QI_ARENA_PUSH(lex->memory, &lex->lexemes, *item))
        lex->status = qi_no_memory(lex->err);
}

/* A number after the byte at `at`; false if there is none, and nothing is read. */
static bool read_count(qi_lex *lex, uint32_t at, uint32_t *out)
{
    uint32_t value = 0, i = at + 1;
    for (; is_digit(peek(lex, i)); i++)
        value = value < UINT32_MAX / 10 - 1 ? value * 10 + (uint32_t)(peek(lex, i) - '0') : value;
    lex->steps += i - at;
    if (i == at + 1)
        return false;
    *out = value;
    lex->at = i;
    return true;
}

/* The boost after the '^' at `at`; its end, or `at` if it is none. */
static uint32_t read_boost(qi_lex *lex, uint32_t at, float *out)
{
    float boost;
    quire_str rest = {lex->text.ptr + at + 1, lex->text.len - at - 1};
    uint32_t len = (uint32_t)qi_value_decimal(rest, &boost);
    lex->steps += len;
    if (len == 0 || boost > 1e6f)
        qi_lex_complain(lex, len == 0 ? QI_NOTE_BAD_NUMBER : QI_NOTE_LARGE_NUMBER, at,
                        at + 1 + len);
    if (len == 0)
        return at;
    *out = boost > 1e6f ? 1e6f : boost > 0 && boost < 1e-30f ? 1e-30f : boost;
    return at + 1 + len;
}

static void read_trailing_boost(qi_lex *lex, qi_lexeme *out)
{
    if (peek(lex, lex->at) != '^')
        return;
    uint32_t end = read_boost(lex, lex->at, &out->boost);
    lex->at = end == lex->at ? end + 1 : end;
}

/* "~n" after a phrase. */
static void read_slop(qi_lex *lex, qi_lexeme *out)
{
    uint32_t at = lex->at;
    bool number = read_count(lex, at, &out->slop);
    if (!number)
        lex->at++;
    if (!number || out->slop > QI_SLOP_MAX)
        qi_lex_complain(lex, number ? QI_NOTE_LARGE_NUMBER : QI_NOTE_BAD_NUMBER, at, lex->at);
    if (out->slop > QI_SLOP_MAX)
        out->slop = QI_SLOP_MAX;
}

/* "@n" after a group. */
static void read_least(qi_lex *lex, qi_lexeme *out)
{
    if (read_count(lex, lex->at, &out->least))
        return;
    qi_lex_complain(lex, QI_NOTE_BAD_NUMBER, lex->at, lex->at + 1);
    lex->at++;
}

/* The closing quote of the phrase whose content begins at `at`, or UINT32_MAX. */
static uint32_t find_quote(qi_lex *lex, uint32_t at)
{
    uint32_t i = at;
    if (at >= lex->no_quote_after)
        return UINT32_MAX;
    while (i < lex->text.len && quote_at(lex, i) == 0)
        i = lex->text.ptr[i] == '\\' ? skip_escape(lex, i) : i + 1;
    lex->steps += i - at;
    if (i < lex->text.len)
        return i;
    lex->no_quote_after = at;
    return UINT32_MAX;
}

/* At a quote: a phrase, or a quote without a partner, which is dropped. */
static bool read_phrase(qi_lex *lex, qi_lexeme *out)
{
    uint32_t open = lex->at, from = open + quote_at(lex, open), close = find_quote(lex, from);
    if (close == UINT32_MAX) {
        qi_lex_complain(lex, QI_NOTE_UNMATCHED_QUOTE, open, from);
        lex->at = from;
        return false;
    }
    out->kind = QI_LEX_ATOM;
    out->text = (qi_lex_span){from, close, true};
    lex->at = close + quote_at(lex, close);
    if (peek(lex, lex->at) == '~')
        read_slop(lex, out);
    out->star = peek(lex, lex->at) == '*';
    lex->at += out->star ? 1 : 0;
    read_trailing_boost(lex, out);
    return true;
}

/* One end of a range from `at`; its end, or `at` if there is none. */
static uint32_t read_end_value(qi_lex *lex, uint32_t at, qi_lex_span *out)
{
    uint32_t quote = quote_at(lex, at);
    if (quote > 0) {
        uint32_t close = find_quote(lex, at + quote);
        *out = (qi_lex_span){at + quote, close, true};
        return close == UINT32_MAX ? at : close + quote_at(lex, close);
    }
    uint32_t i = at;
    for (int c = peek(lex, i); c >= 0 && strchr("[]{}()\"", c) == NULL && !is_space(lex, i);
         c = peek(lex, i))
        i = c == '\\' ? skip_escape(lex, i) : i + 1;
    lex->steps += i - at;
    *out = (qi_lex_span){at, i, false};
    return i;
}

/* At a bracket: a range; false if the bracket begins none, and nothing is read. */
static bool find_range(qi_lex *lex, qi_lexeme *out)
{
    uint32_t open = lex->at, from = skip_spaces(lex, open + 1);
    uint32_t low = read_end_value(lex, from, &out->text), to = skip_spaces(lex, low);
    bool word = low > from && to > low && peek(lex, to) == 'T' && peek(lex, to + 1) == 'O' &&
                is_space(lex, to + 2 < lex->text.len ? to + 2 : (uint32_t)lex->text.len);
    uint32_t second = word ? skip_spaces(lex, to + 2) : to;
    uint32_t high = word ? read_end_value(lex, second, &out->high) : second;
    uint32_t close = skip_spaces(lex, high);
    int c = peek(lex, close);
    if (high == second || (c != ']' && c != '}'))
        return false;
    out->kind = QI_LEX_RANGE;
    out->low_out = peek(lex, open) == '{';
    out->high_out = c == '}';
    lex->at = close + 1;
    read_trailing_boost(lex, out);
    return true;
}

/* At a bracket behind a field: a range, or a bracket that begins none, which is dropped. */
static bool read_range(qi_lex *lex, qi_lexeme *out)
{
    if (find_range(lex, out))
        return true;
    qi_lex_complain(lex, QI_NOTE_UNMATCHED_BRACKET, lex->at, lex->at + 1);
    lex->at++;
    return false;
}

/* The end of the regular expression whose first '/' is at `at`, or `at` if it is none: white space
 * ends the search, and so does not what else ends a word. */
static uint32_t find_regex_end(qi_lex *lex, uint32_t at)
{
    uint32_t i = at + 1;
    if (at < lex->no_slash_before)
        return at;
    for (; i < lex->text.len && !is_space(lex, i);) {
        bool closes = i > at + 1 && peek(lex, i) == '/';
        if (closes && (is_end(lex, i + 1) || peek(lex, i + 1) == '^'))
            break;
        i = peek(lex, i) == '\\' ? skip_escape(lex, i) : i + 1;
    }
    lex->steps += i - at;
    if (i < lex->text.len && peek(lex, i) == '/')
        return i + 1;
    lex->no_slash_before = i;
    return at;
}

/* At a '/': a regular expression, whose text stays in the lenient reading. */
static bool read_regex(qi_lex *lex, qi_lexeme *out)
{
    uint32_t from = lex->at, to = find_regex_end(lex, from);
    if (to == from)
        return false;
    qi_lex_complain(lex, QI_NOTE_NO_REGEX, from, to);
    out->kind = QI_LEX_ATOM;
    out->text = (qi_lex_span){from, to, false};
    lex->at = to;
    read_trailing_boost(lex, out);
    return true;
}

/* The end of the word at `at`, and the last '^' in it or UINT32_MAX. */
static uint32_t find_word_end(qi_lex *lex, uint32_t at, uint32_t *caret)
{
    uint32_t i = at;
    *caret = UINT32_MAX;
    for (int c = peek(lex, i); !is_end(lex, i) && c != '('; c = peek(lex, i)) {
        if (i > at && peek(lex, i - 1) == ':' && quote_at(lex, i) > 0)
            break;
        if (c == '"')
            qi_lex_complain(lex, QI_NOTE_UNMATCHED_QUOTE, i, i + 1);
        if (c == '^')
            *caret = i;
        i = c == '\\' ? skip_escape(lex, i) : i + 1;
    }
    lex->steps += i - at;
    return i;
}

/* Is the byte at `at` taken as it is, after a backslash that is not? */
static bool is_escaped(qi_lex *lex, uint32_t from, uint32_t at)
{
    uint32_t i = at;
    while (i > from && lex->text.ptr[i - 1] == '\\')
        i--;
    lex->steps += at - i;
    return (at - i) % 2 == 1;
}

/* Is a letter or digit, or a part of one, at `at` within the word? */
static bool is_word_byte(const qi_lex *lex, qi_lex_span word, uint32_t at)
{
    int c = at >= word.from && at < word.to ? peek(lex, at) : -1;
    return c >= 0x80 || is_digit(c) || (is_name_start(c) && c != '_');
}

/* The end of the run of '*' or '?' at `at`. */
static uint32_t find_run_end(const qi_lex *lex, qi_lex_span word, uint32_t at)
{
    uint32_t end = at + 1;
    while (end < word.to && peek(lex, end) == peek(lex, at))
        end++;
    return end;
}

/* Does the word have a '*' beside a letter or digit, or '?' between two of them? Strictly, any. */
static bool is_wild(qi_lex *lex, qi_lex_span word)
{
    bool wild = false;
    for (uint32_t i = word.from, next; i < word.to; i = next) {
        int c = peek(lex, i);
        next = c == '\\' ? skip_escape(lex, i) : i + 1;
        if (c != '*' && c != '?')
            continue;
        next = find_run_end(lex, word, i);
        int beside = is_word_byte(lex, word, i - 1) + is_word_byte(lex, word, next);
        wild = wild || lex->strict || beside >= (c == '*' ? 1 : 2);
    }
    lex->steps += word.to - word.from;
    return wild;
}

/* Cut "^n" off the end of a word. */
static void cut_boost(qi_lex *lex, qi_lexeme *out, uint32_t caret)
{
    qi_lex_span *word = &out->text;
    float boost = 1;
    uint32_t end = read_boost(lex, caret, &boost);
    if (end == word->to) {
        out->boost = boost;
        word->to = caret;
    } else if (end != caret) {
        qi_lex_complain(lex, QI_NOTE_BAD_NUMBER, caret, word->to);
    }
}

/* Is this byte there, after the word's first and without a backslash? */
static bool is_suffix(qi_lex *lex, qi_lex_span word, uint32_t at, int byte)
{
    return at > word.from && peek(lex, at) == byte && !is_escaped(lex, word.from, at);
}

/* Cut "~", "~1", "~2" and "*" off the end of a word. */
static void cut_marks(qi_lex *lex, qi_lexeme *out)
{
    qi_lex_span *word = &out->text;
    uint32_t tilde = word->to - 1;
    if (peek(lex, tilde) == '1' || peek(lex, tilde) == '2')
        tilde -= tilde > word->from ? 1 : 0;
    if (is_suffix(lex, *word, tilde, '~')) {
        qi_lex_complain(lex, QI_NOTE_NO_FUZZY, tilde, word->to);
        word->to = tilde;
    }
    uint32_t star = word->to - 1;
    if (is_suffix(lex, *word, star, '*') || (star == word->from && peek(lex, star) == '*')) {
        out->star = true;
        word->to--;
    }
}

static void read_word(qi_lex *lex, qi_lexeme *out)
{
    uint32_t caret, from = lex->at, to = find_word_end(lex, from, &caret);
    lex->at = to;
    out->kind = QI_LEX_ATOM;
    out->text = (qi_lex_span){from, to, false};
    if (lex->strict && to - from == 1 && strchr("+-!", lex->text.ptr[from]) != NULL)
        qi_lex_complain(lex, QI_NOTE_DANGLING_OPERATOR, from, to);
    if (caret != UINT32_MAX && caret > from)
        cut_boost(lex, out, caret);
    cut_marks(lex, out);
    if (is_wild(lex, out->text))
        qi_lex_complain(lex, QI_NOTE_NO_WILDCARD, out->text.from, out->text.to);
    push(lex, out);
}

/* Does white space, or a parenthesis that opens, end at `at`? */
static bool is_start(const qi_lex *lex, uint32_t at)
{
    for (uint32_t len = 1; len <= 3 && len <= at; len++)
        if (qi_lex_space(lex->text, at - len) == len)
            return true;
    return at == 0 || peek(lex, at - 1) == '(' || peek(lex, at - 1) == '|';
}

/* L3: a sign stands after white space or '(' and before what is not. */
static void read_sign(qi_lex *lex, qi_lexeme *out)
{
    int c = peek(lex, lex->at);
    bool sign = c == '+' || c == '-' || c == '!';
    if (!sign || is_end(lex, lex->at + 1) || !is_start(lex, lex->at))
        return;
    out->sign = c == '+' ? '+' : '-';
    lex->at++;
}

static bool is_word(const qi_lex *lex, uint32_t from, uint32_t to, const char *word)
{
    size_t len = strlen(word);
    return to - from == len && memcmp(lex->text.ptr + from, word, len) == 0;
}

/* "NEAR" or "ADJ", with or without "/n". */
static bool is_near(qi_lex *lex, uint32_t from, uint32_t to)
{
    uint32_t end = to;
    while (end > from && is_digit(peek(lex, end - 1)))
        end--;
    lex->steps += to - end;
    if (end < to && end > from && peek(lex, end - 1) == '/')
        end--;
    else
        end = to;
    return is_word(lex, from, end, "NEAR") || is_word(lex, from, end, "ADJ");
}

/* An operator in words or "&&"; false if there is none here. */
static bool read_operator(qi_lex *lex, qi_lexeme *out)
{
    uint32_t at = lex->at, end = at;
    while (end < at + 32 && !is_end(lex, end) && peek(lex, end) != '(')
        end++;
    lex->steps += end - at;
    if (is_word(lex, at, end, "OR"))
        out->kind = QI_LEX_OR;
    else if (is_word(lex, at, end, "NOT"))
        out->kind = QI_LEX_NOT;
    else if (is_word(lex, at, end, "AND") || is_word(lex, at, end, "&&"))
        out->kind = QI_LEX_AND;
    else if (is_near(lex, at, end))
        out->kind = QI_LEX_AND, out->near = true;
    else
        return false;
    lex->at = end;
    if (out->near && peek(lex, end) == '(' && is_word(lex, at, end, "NEAR")) {
        out->kind = QI_LEX_OPEN;
        lex->at++;
        qi_lex_complain(lex, QI_NOTE_NO_NEAR, at, lex->at);
    }
    push(lex, out);
    return true;
}

/* The name at `at`: its end, or `at` if there is none. */
static uint32_t find_name_end(qi_lex *lex, uint32_t at)
{
    uint32_t i = at;
    if (is_name_start(peek(lex, at)))
        while (i - at <= NAME_LEN && is_name(peek(lex, i)))
            i++;
    lex->steps += i - at;
    return i;
}

/* Is `at` behind something that looks like a name of a field, rather than "C++::" or "http://"? */
static bool looks_like_field(const qi_lex *lex, uint32_t at)
{
    int c = peek(lex, at);
    return lex->strict || (!is_end(lex, at) && c != '/' && c != ':' && c != '\\');
}

/* Mark the field of this name as seen; complain if there is none and it `looks` like one. */
static bool add_field(qi_lex *lex, qi_lex_span name, bool looks, bool *seen)
{
    uint32_t field = qi_schema_find(lex->schema, lex->text.ptr + name.from, name.to - name.from);
    bool found = field != QI_NO_FIELD && field < FIELDS;
    if (found)
        seen[field] = true;
    else if (looks)
        qi_lex_complain(lex, QI_NOTE_UNKNOWN_FIELD, name.from, name.to);
    return found;
}

/* "{a, b}:" at `at`: its end, or `at` if it is none or names no field. */
static uint32_t read_field_set(qi_lex *lex, uint32_t at, bool *seen)
{
    uint32_t i = skip_spaces(lex, at + 1), end;
    for (; (end = find_name_end(lex, i)) > i; i = skip_spaces(lex, end + 1)) {
        end = skip_spaces(lex, end);
        if (peek(lex, end) != ',')
            break;
    }
    if (end == i || peek(lex, end) != '}' || peek(lex, end + 1) != ':')
        return at;
    uint32_t close = end;
    bool found = false;
    for (i = skip_spaces(lex, at + 1); i < close; i = skip_spaces(lex, skip_spaces(lex, end) + 1)) {
        end = find_name_end(lex, i);
        found = add_field(lex, (qi_lex_span){i, end, false}, true, seen) || found;
    }
    return found ? close + 2 : at;
}

/* L2: the fields before a colon, if the schema has them. False if no value follows. */
static bool read_fields(qi_lex *lex, qi_lexeme *out)
{
    bool seen[FIELDS] = {false};
    uint32_t at = lex->at, end = at;
    if (peek(lex, at) == '{') {
        end = read_field_set(lex, at, seen);
    } else {
        qi_lex_span name = {at, find_name_end(lex, at), false};
        bool looks = looks_like_field(lex, name.to + 1);
        if (name.to > at && peek(lex, name.to) == ':' && add_field(lex, name, looks, seen))
            end = name.to + 1;
    }
    if (end == at)
        return true;
    if (is_end(lex, end)) {
        qi_lex_complain(lex, QI_NOTE_EMPTY_FIELD, at, end);
        return false;
    }
    out->fields_at = (uint32_t)lex->fields.count;
    for (uint32_t f = 0; f < FIELDS; f++)
        if (seen[f] && !QI_ARENA_PUSH(lex->memory, &lex->fields, f))
            lex->status = qi_no_memory(lex->err);
    out->field_count = (uint32_t)lex->fields.count - out->fields_at;
    lex->at = end;
    return true;
}

/* Does an '=' stand here before a word or phrase? */
static bool is_exact_mark(const qi_lex *lex, uint32_t at)
{
    return peek(lex, at) == '=' && !is_end(lex, at + 1) && peek(lex, at + 1) != '(';
}

/* What begins here, but for a sign and fields. False if it is a mark without a partner, which is
 * dropped. */
static bool read_item(qi_lex *lex, qi_lexeme *out)
{
    int c = peek(lex, lex->at);
    bool quote = quote_at(lex, lex->at) > 0, bracket = c == '[' || c == '{';
    if (quote || (bracket && out->field_count > 0)) {
        bool found = quote ? read_phrase(lex, out) : read_range(lex, out);
        if (found)
            push(lex, out);
        return found;
    }
    if ((bracket && find_range(lex, out)) || (c == '/' && read_regex(lex, out))) {
        push(lex, out);
        return true;
    }
    if (c == '(') {
        out->kind = QI_LEX_OPEN;
        lex->at++;
        push(lex, out);
    } else {
        read_word(lex, out);
    }
    return true;
}

/* A word of ASCII letters and digits that begins with no capital, as operators do, means itself.
 * False, and nothing is read, where there is more to it. */
static bool read_plain_word(qi_lex *lex, qi_lexeme *out)
{
    uint32_t from = lex->at, to = from;
    int c = peek(lex, from);
    if (c >= 'A' && c <= 'Z')
        return false;
    while (is_digit(c) || (unsigned)((c | 0x20) - 'a') < 26)
        c = peek(lex, ++to);
    if (to == from || !is_end(lex, to))
        return false;
    out->kind = QI_LEX_ATOM;
    out->text = (qi_lex_span){from, to, false};
    out->plain = true;
    lex->at = to;
    lex->steps += to - from;
    push(lex, out);
    return true;
}

/* A group, phrase, range or word with its sign and fields. Brackets and quotes that have no partner
 * are dropped until something is found, or nothing is left. */
static void read_operand(qi_lex *lex)
{
    qi_lexeme out = {.start = lex->at, .boost = 1};
    read_sign(lex, &out);
    if (read_plain_word(lex, &out))
        return;
    if (out.sign == 0 && read_operator(lex, &out))
        return;
    if (!read_fields(lex, &out)) {
        read_word(lex, &out);
        return;
    }
    out.exact = is_exact_mark(lex, lex->at);
    lex->at += out.exact ? 1 : 0;
    while (lex->status == QUIRE_OK && !is_end(lex, lex->at))
        if (read_item(lex, &out))
            return;
}

/* ')' with what is attached to it, or '|'. */
static void read_mark(qi_lex *lex, int c)
{
    qi_lexeme out = {.start = lex->at, .boost = 1, .kind = c == ')' ? QI_LEX_CLOSE : QI_LEX_OR};
    lex->at += c == '|' && peek(lex, lex->at + 1) == '|' ? 2 : 1;
    if (c == ')' && peek(lex, lex->at) == '@')
        read_least(lex, &out);
    if (c == ')')
        read_trailing_boost(lex, &out);
    push(lex, &out);
}

quire_status qi_lex_read(qi_lex *lex, quire_error *err)
{
    lex->err = err;
    lex->no_quote_after = UINT32_MAX;
    while (lex->status == QUIRE_OK && (lex->at = skip_spaces(lex, lex->at)) < lex->text.len) {
        int c = peek(lex, lex->at);
        if (c == ')' || c == '|')
            read_mark(lex, c);
        else
            read_operand(lex);
    }
    return lex->status;
}
