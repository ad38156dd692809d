/* SPDX-License-Identifier: MIT
 * One table: per code its name, what the lenient reading did, and what the strict one says instead.
 * A strict text of NULL marks a note that is no error. */
#include "search/note.h"

typedef struct note_row {
    const char *name;   /* of the code */
    const char *text;   /* of the note */
    const char *strict; /* of the error; NULL: none */
    bool limit;         /* the error is LIMIT rather than SYNTAX */
} note_row;

static const note_row ROWS[QI_NOTE_COUNT] = {
    [QI_NOTE_QUERY_CUT] = {"query-cut", "the query is longer than 64 KiB; the rest was dropped",
                           "the query is longer than 64 KiB", true},
    [QI_NOTE_TOO_DEEP] = {"too-deep", "groups nest deeper than 128; what lies deeper was dropped",
                          "groups nest deeper than 128", true},
    [QI_NOTE_TOO_MANY_CLAUSES] = {"too-many-clauses",
                                  "more than 4096 words and phrases; the rest were dropped",
                                  "more than 4096 words and phrases", true},
    [QI_NOTE_PHRASE_CUT] = {"phrase-cut",
                            "the phrase has more than 256 words; the rest were dropped",
                            "the phrase has more than 256 words", true},
    [QI_NOTE_TOO_MANY_ALTERNATIVES] =
        {"too-many-alternatives", "the alternatives make more than 64 phrases: any word matches",
         "the alternatives make more than 64 phrases", true},
    [QI_NOTE_UNMATCHED_QUOTE] = {"unmatched-quote",
                                 "this quotation mark has no partner and was dropped",
                                 "expected a second '\"' to close the phrase", false},
    [QI_NOTE_UNMATCHED_PAREN] = {"unmatched-paren",
                                 "this parenthesis has no partner and was dropped",
                                 "expected a partner for this parenthesis", false},
    [QI_NOTE_UNMATCHED_BRACKET] = {"unmatched-bracket",
                                   "this bracket begins no range and was dropped",
                                   "expected a range, '[low TO high]' or '{low TO high}'", false},
    [QI_NOTE_EMPTY_GROUP] = {"empty-group", "the parentheses hold nothing and were dropped",
                             "expected a word or phrase in the parentheses", false},
    [QI_NOTE_EMPTY_PHRASE] = {"empty-phrase", "the quotation marks hold no word and were dropped",
                              "expected a word between the quotation marks", false},
    [QI_NOTE_EMPTY_FIELD] = {"empty-field", "no value follows the field; it was read as a word",
                             "expected a value directly after the field and its colon", false},
    [QI_NOTE_DANGLING_OPERATOR] = {"dangling-operator",
                                   "an operand is missing here, so the operator was read as a word",
                                   "expected a word, phrase or group on both sides of the operator",
                                   false},
    [QI_NOTE_UNKNOWN_FIELD] =
        {"unknown-field", "there is no such field, so this was read as text",
         "expected the name of a field before the colon (write \\: for a colon)", false},
    [QI_NOTE_NOT_INDEXED] = {"not-indexed", "the field is stored but not indexed: nothing is found",
                             "expected an indexed field; this one is only stored", false},
    [QI_NOTE_NO_FIELDS] = {"no-fields", "no field is searched unless it is named: nothing is found",
                           "expected a field name; no field is searched without one", false},
    [QI_NOTE_BAD_NUMBER] = {"bad-number", "no usable number follows here; the sign was dropped",
                            "expected a number in its range after '^', '~' or '@'", false},
    [QI_NOTE_LARGE_NUMBER] = {"bad-number", "the number is over 1000000, which was taken instead",
                              "expected a number of at most 1000000 after '^' or '~'", false},
    [QI_NOTE_BAD_VALUE] = {"bad-value",
                           "not a value that the field can have: nothing is found for this",
                           "expected a value that the field can have", false},
    [QI_NOTE_EMPTY_RANGE] = {"empty-range", "no value lies in the range: nothing is found for this",
                             NULL, false},
    [QI_NOTE_NO_RANGE] = {"no-range", "the field has no ranges, so the values were read as words",
                          "expected a number, date or keyword field before a range", false},
    [QI_NOTE_NO_EXACT] = {"no-exact",
                          "the field keeps no exact forms, so the word was read without '='",
                          "expected a field that keeps exact forms after '='", false},
    [QI_NOTE_PREFIX_OF_STEMS] =
        {"prefix-of-stems", "the field keeps no exact forms: the prefix was compared with stems",
         NULL, false},
    [QI_NOTE_WHOLE_VALUE] = {"whole-value",
                             "a value is compared as a whole: slop and '=' were dropped",
                             "expected no '~' or '=': a value is compared as a whole", false},
    [QI_NOTE_WORD_LEFT_OUT] = {"word-left-out", "analysis leaves nothing of this; it was left out",
                               NULL, false},
    [QI_NOTE_ONLY_NEGATIVES] = {"only-negatives", "only exclusions here: everything else is found",
                                NULL, false},
    [QI_NOTE_CHARACTERS_SPLIT] =
        {"characters-split", "a long run without spaces: any two neighbouring characters match",
         NULL, false},
    [QI_NOTE_AT_LEAST] = {"at-least",
                          "the group has fewer clauses than asked for: all are required",
                          "expected at least as many clauses in the group as '@' asks for", false},
    [QI_NOTE_NO_NEAR] = {"not-supported",
                         "NEAR and ADJ are not supported yet: AND was used instead",
                         "not supported yet: NEAR and ADJ", false},
    [QI_NOTE_NO_WILDCARD] = {"not-supported",
                             "wildcards inside a word are not supported yet: read as text",
                             "not supported yet: wildcards other than '*' at the end of a word",
                             false},
    [QI_NOTE_NO_FUZZY] = {"not-supported",
                          "fuzzy words are not supported yet: the word itself was used",
                          "not supported yet: fuzzy words, word~", false},
    [QI_NOTE_NO_REGEX] = {"not-supported",
                          "regular expressions are not supported yet: read as text",
                          "not supported yet: regular expressions, /.../", false},
    [QI_NOTE_NO_PHRASE_PREFIX] = {"not-supported",
                                  "a prefix in a phrase is not supported yet: AND was used instead",
                                  "not supported yet: a phrase that ends in a prefix", false},
    [QI_NOTE_MORE] = {"more-notes", "there was more to note; this is where the list was cut", NULL,
                      false},
};

const char *qi_note_name(qi_note_code code)
{
    return ROWS[code].name;
}

const char *qi_note_text(qi_note_code code)
{
    return ROWS[code].text;
}

bool qi_note_is_error(qi_note_code code)
{
    return ROWS[code].strict != NULL;
}

void qi_notes_add(qi_notes *notes, qi_note_code code, size_t start, size_t end)
{
    if (notes->items == NULL)
        notes->items = qi_arena_new(notes->memory, QI_NOTES_MAX, sizeof *notes->items);
    if (notes->items == NULL || notes->count == QI_NOTES_MAX)
        return;
    if (notes->count == QI_NOTES_MAX - 1)
        code = QI_NOTE_MORE;
    notes->items[notes->count++] = (quire_note){ROWS[code].name, start, end, ROWS[code].text};
}

quire_status qi_note_fail(qi_note_code code, size_t offset, quire_error *err)
{
    const note_row *row = &ROWS[code];
    quire_status status = row->limit ? QUIRE_ERR_LIMIT : QUIRE_ERR_SYNTAX;
    return qi_fail_at(err, status, offset, "query, byte %zu: %s", offset, row->strict);
}
