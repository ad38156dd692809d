/* SPDX-License-Identifier: MIT
 * From text to TERM, PHRASE and PREFIX. The text of a node is a row of pieces with gaps between
 * them; each kind of analysis turns it into one row of words, which the leaves of all fields with
 * that analysis share. A field in which nothing is left of the text gets no leaf. */
#include <string.h>

#include "search/combine.h"
#include "search/print.h"
#include "search/tree.h"
#include "text/unicode.h"

enum {
    LONG_RUN = 4
}; /* ideographs that are read as one phrase even if they are a whole sentence */

typedef QI_VEC(qi_word) word_list;

/* What one kind of analysis made of the text. */
typedef struct reading {
    const qi_analyzer *analyzer;
    bool exact;
    uint32_t word_count;
    const qi_word *words;
} reading;

typedef struct reader {
    qi_tree *tree;
    const qi_phrase *phrase;
    word_list words;
    QI_VEC(reading) readings;
    bool prefix; /* the text is the beginning of a word */
    bool tokens; /* there were some, even if they were left out */
} reader;

static quire_str str_from(quire_str text, size_t from, size_t to)
{
    return (quire_str){text.ptr + from, to - from};
}

static bool copy_str(qi_tree *tree, quire_str *text)
{
    char *copy = qi_arena_copy(tree->memory, text->ptr, text->len);
    if (copy == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    text->ptr = copy;
    return copy != NULL;
}

/* The next token; false at the end and after a failure. */
static bool next_token(qi_tree *tree, qi_analyzer *analyzer, qi_token *out)
{
    quire_status status =
        tree->status == QUIRE_OK ? qi_analyzer_next(analyzer, true, out, tree->err) : QUIRE_DONE;
    if (status < 0)
        qi_tree_fail(tree, status);
    return status == QUIRE_OK;
}

static void start_text(qi_tree *tree, qi_analyzer *analyzer, quire_str text)
{
    if (tree->status == QUIRE_OK)
        qi_tree_fail(tree, qi_analyzer_start(analyzer, text, tree->err));
}

/* Append the words of the pieces by one analyzer. */
static void collect_words(reader *r, qi_analyzer *analyzer, bool exact)
{
    uint32_t base = 0;
    for (uint32_t i = 0; i < r->phrase->piece_count; i++) {
        qi_token token = {.position = 0};
        uint32_t next = 0;
        base += r->phrase->pieces[i].gap;
        start_text(r->tree, analyzer, r->phrase->pieces[i].text);
        while (next_token(r->tree, analyzer, &token)) {
            qi_word word = {exact ? token.exact : token.term, base + token.position};
            next = token.position + 1;
            r->tokens = true;
            if (token.term.len == 0 || !copy_str(r->tree, &word.term))
                continue;
            if (!QI_ARENA_PUSH(&r->tree->kit->work, &r->words, word))
                qi_tree_fail(r->tree, qi_no_memory(r->tree->err));
        }
        base += next;
    }
}

/* The beginning of a word, folded as the forms are that it is compared with. */
static void collect_prefix(reader *r, qi_analyzer *analyzer)
{
    qi_word word = {{NULL, 0}, 0};
    qi_tree_fail(r->tree,
                 qi_analyzer_fold(analyzer, r->phrase->pieces[0].text, &word.term, r->tree->err));
    if (r->tree->status != QUIRE_OK)
        return;
    word.term.len = qi_unicode_cut(word.term, QI_TERM_MAX);
    if (word.term.len > 0 && copy_str(r->tree, &word.term) &&
        !QI_ARENA_PUSH(&r->tree->kit->work, &r->words, word))
        qi_tree_fail(r->tree, qi_no_memory(r->tree->err));
}

/* What an analyzer makes of the text; read once, then remembered. */
static reading read_words(reader *r, qi_analyzer *analyzer, bool exact)
{
    for (size_t i = 0; i < r->readings.count; i++)
        if (r->readings.items[i].analyzer == analyzer && r->readings.items[i].exact == exact)
            return r->readings.items[i];
    r->words.count = 0;
    if (r->prefix)
        collect_prefix(r, analyzer);
    else
        collect_words(r, analyzer, exact);
    size_t count = r->words.count;
    qi_word *words = qi_arena_new(r->tree->memory, count, sizeof *words);
    reading out = {analyzer, exact, words == NULL ? 0 : (uint32_t)count, words};
    for (size_t i = 0; i < out.word_count; i++) {
        words[i] = r->words.items[i];
        words[i].position -= r->words.items[0].position;
    }
    if (words == NULL || !QI_ARENA_PUSH(&r->tree->kit->work, &r->readings, out))
        qi_tree_fail(r->tree, qi_no_memory(r->tree->err));
    return out;
}

/* Is there a pictograph? It is no word, but no punctuation either. */
static bool has_pictograph(quire_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0xF0)
            return true;
    return false;
}

/* Words that were left out deserve a note; punctuation does not. */
static void note_left_out(qi_tree *tree, const qi_phrase *phrase, bool tokens)
{
    for (uint32_t i = 0; i < phrase->piece_count; i++)
        tokens = tokens || has_pictograph(phrase->pieces[i].text);
    if (tokens)
        qi_tree_complain(tree, QI_NOTE_WORD_LEFT_OUT);
}

/* The lane that serves the phrase in a field; false if none does. */
static bool find_lane(const qi_tree *tree, uint32_t field, bool exact, uint32_t *out)
{
    bool has_exact = tree->schema->fields.items[field].exact;
    *out = QI_LANE(field, exact && has_exact);
    return !exact || has_exact || !qi_tree_stems(tree, field);
}

/* May white space be in it? */
static bool may_have_space(quire_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 0x80)
            return true;
    return false;
}

/* A piece as it reads back: each white space character a blank, none at the ends. */
static quire_str tidy_piece(qi_tree *tree, quire_str text)
{
    if (!may_have_space(text))
        return text;
    char *out = qi_tree_work(tree, text.len, 1);
    size_t len = 0, end = 0;
    if (out == NULL)
        return (quire_str){NULL, 0};
    for (size_t i = 0, space; i<text.len; i += space> 0 ? space : 1) {
        space = qi_lex_space(text, i);
        if (space > 0 && len == 0)
            continue;
        out[len++] = space > 0 ? ' ' : text.ptr[i];
        end = space > 0 ? end : len;
    }
    return (quire_str){out, end};
}

static quire_str print_pieces(qi_tree *tree, const qi_phrase *phrase)
{
    qi_buf *out = &tree->kit->text;
    uint32_t gap = 0;
    quire_str text = phrase->pieces[0].text;
    if (phrase->piece_count == 1 && phrase->pieces[0].gap == 0 && qi_print_plain(text)) {
        copy_str(tree, &text);
        return text;
    }
    out->len = 0;
    for (uint32_t i = 0; i < phrase->piece_count; i++) {
        quire_str piece = tidy_piece(tree, phrase->pieces[i].text);
        gap += phrase->pieces[i].gap;
        if (piece.len == 0)
            continue;
        if (out->len > 0)
            qi_buf_u8(out, ' ');
        for (; gap > 0; gap--)
            qi_buf_add(out, "_ ", 2);
        qi_print_escaped(out, piece);
    }
    text = (quire_str){(const char *)out->bytes, out->len};
    if (out->failed || !copy_str(tree, &text))
        qi_tree_fail(tree, qi_no_memory(tree->err));
    return text;
}

/* A node with the leaves that have been made, or NULL if there are none. */
static qi_node *finish_node(qi_tree *tree, qi_node node, const qi_phrase *phrase)
{
    qi_node *out = node.leaf_count > 0 ? qi_tree_node(tree, node.kind, true) : NULL;
    if (out == NULL)
        return NULL;
    out->leaves = node.leaves;
    out->leaf_count = node.leaf_count;
    out->slop = node.slop;
    out->text = print_pieces(tree, phrase);
    return tree->status == QUIRE_OK ? out : NULL;
}

static qi_node *read_fields(reader *r, qi_fields fields)
{
    qi_tree *tree = r->tree;
    qi_node node = {.kind = QI_NODE_TERM};
    qi_leaf *leaves = qi_arena_new(tree->memory, fields.count, sizeof *leaves);
    if (leaves == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    for (uint32_t i = 0; i < fields.count && tree->status == QUIRE_OK; i++) {
        uint32_t lane;
        qi_analyzer *analyzer = qi_tree_analyzer(tree, fields.items[i]);
        if (analyzer == NULL || !find_lane(tree, fields.items[i], r->phrase->exact, &lane))
            continue;
        const reading words = read_words(r, analyzer, (lane & 1) != 0);
        if (words.word_count == 0)
            continue;
        leaves[node.leaf_count++] = (qi_leaf){lane, words.word_count, words.words};
        if (words.word_count > 1)
            node.kind = QI_NODE_PHRASE;
    }
    node.leaves = leaves;
    node.slop = node.kind == QI_NODE_PHRASE ? r->phrase->slop : 0;
    return finish_node(tree, node, r->phrase);
}

/* Cut the pieces where one analyzer counts more words than a phrase may have. */
static bool cut_pieces(qi_tree *tree, qi_analyzer *analyzer, qi_phrase *phrase)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < phrase->piece_count && tree->status == QUIRE_OK; i++) {
        qi_piece *piece = &phrase->pieces[i];
        qi_token token = {.position = 0};
        count = count < QI_PHRASE_WORDS ? count + piece->gap : count;
        if (count >= QI_PHRASE_WORDS) {
            phrase->piece_count = i;
            return true;
        }
        uint32_t base = count;
        start_text(tree, analyzer, piece->text);
        while (next_token(tree, analyzer, &token)) {
            count = base + token.position + 1;
            if (count > QI_PHRASE_WORDS) {
                piece->text.len = token.start;
                phrase->piece_count = i + 1;
                return true;
            }
        }
    }
    return false;
}

static void limit_pieces(qi_tree *tree, qi_fields fields, qi_phrase *phrase)
{
    size_t most = 0;
    bool cut = false;
    const qi_analyzer *last = NULL;
    for (uint32_t i = 0; i < phrase->piece_count; i++)
        most += phrase->pieces[i].gap + phrase->pieces[i].text.len;
    for (uint32_t i = 0; i < fields.count && most > QI_PHRASE_WORDS; i++) {
        qi_analyzer *analyzer = qi_tree_analyzer(tree, fields.items[i]);
        if (analyzer != NULL && analyzer != last)
            cut = cut_pieces(tree, analyzer, phrase) || cut;
        last = analyzer;
    }
    if (cut)
        qi_tree_complain(tree, QI_NOTE_PHRASE_CUT);
}

static qi_node *plain_words(qi_tree *tree, qi_fields fields, qi_phrase *phrase)
{
    if (tree->nodes > QI_QUERY_NODES)
        return NULL; /* and that has been noted */
    limit_pieces(tree, fields, phrase);
    reader r = {.tree = tree, .phrase = phrase};
    qi_node *node = tree->status == QUIRE_OK ? read_fields(&r, fields) : NULL;
    if (node == NULL && tree->nodes < QI_QUERY_NODES)
        note_left_out(tree, phrase, r.tokens);
    return node;
}

/* ---- Long runs of ideographs ------------------------------------------------------------------
 */

/* Bytes [from, to) of a word; a run is of ideographs that touch. */
typedef struct stretch {
    size_t from, to;
} stretch;

typedef struct splitter {
    qi_tree *tree;
    QI_VEC(stretch) run;    /* ideographs not yet dealt with */
    QI_VEC(stretch) pieces; /* of the word */
    stretch other;          /* words not yet dealt with; from == to: none */
    bool long_run;
} splitter;

static void add_stretch(splitter *s, size_t from, size_t to)
{
    if (!QI_ARENA_PUSH(&s->tree->kit->work, &s->pieces, (stretch){from, to}))
        qi_tree_fail(s->tree, qi_no_memory(s->tree->err));
}

/* Turn what is pending into pieces: a long run into overlapping pairs. */
static void flush(splitter *s)
{
    size_t n = s->run.count;
    const stretch *run = s->run.items;
    if (s->other.from < s->other.to)
        add_stretch(s, s->other.from, s->other.to);
    if (n > LONG_RUN)
        for (size_t i = 0; i + 1 < n; i++)
            add_stretch(s, run[i].from, run[i + 1].to);
    else if (n > 0)
        add_stretch(s, run[0].from, run[n - 1].to);
    s->long_run = s->long_run || n > LONG_RUN;
    s->run.count = 0;
    s->other = (stretch){0, 0};
}

static void split_word(splitter *s, qi_analyzer *analyzer, quire_str text)
{
    qi_token token = {.position = 0};
    start_text(s->tree, analyzer, text);
    while (next_token(s->tree, analyzer, &token)) {
        size_t n = s->run.count;
        bool joins =
            n == 0 ? !token.ideograph : token.ideograph && s->run.items[n - 1].to == token.start;
        if (!joins)
            flush(s);
        if (token.ideograph) {
            if (!QI_ARENA_PUSH(&s->tree->kit->work, &s->run, (stretch){token.start, token.end}))
                qi_tree_fail(s->tree, qi_no_memory(s->tree->err));
        } else {
            s->other.from = s->other.from < s->other.to ? s->other.from : token.start;
            s->other.to = token.end;
        }
    }
    flush(s);
}

static qi_node *join_stretches(splitter *s, qi_fields fields, const qi_phrase *phrase)
{
    qi_tree *tree = s->tree;
    quire_str text = phrase->pieces[0].text;
    size_t count = s->pieces.count;
    qi_nodes nodes = {qi_tree_work(tree, count, sizeof(qi_node *)), 0};
    for (size_t i = 0; i < count && tree->status == QUIRE_OK; i++) {
        qi_piece piece = {str_from(text, s->pieces.items[i].from, s->pieces.items[i].to), 0};
        qi_phrase part = {.pieces = &piece, .piece_count = 1, .exact = phrase->exact};
        nodes.items[nodes.count++] = plain_words(tree, fields, &part);
    }
    return qi_combine_or(tree, nodes, 1);
}

/* True, and the node, if the word has a long run of ideographs. */
static bool split_ideographs(qi_tree *tree, qi_fields fields, const qi_phrase *phrase,
                             qi_node **out)
{
    quire_str text = phrase->pieces[0].text;
    size_t high = 0;
    for (size_t i = 0; i < text.len && high <= LONG_RUN; i++)
        high += (unsigned char)text.ptr[i] >= 0xE1 ? 1 : 0;
    qi_analyzer *analyzer =
        high > LONG_RUN && fields.count > 0 ? qi_tree_analyzer(tree, fields.items[0]) : NULL;
    if (analyzer == NULL)
        return false;
    splitter s = {.tree = tree};
    split_word(&s, analyzer, text);
    if (s.long_run && tree->status == QUIRE_OK) {
        qi_tree_complain(tree, QI_NOTE_CHARACTERS_SPLIT);
        *out = join_stretches(&s, fields, phrase);
    }
    return s.long_run;
}

/* ---- Prefixes -----------------------------------------------------------------------------------
 */

/* Where the last word of all begins and ends in its piece. */
typedef struct last_word {
    uint32_t tokens; /* of all pieces */
    uint32_t piece;
    size_t from, to;
    bool ideograph;
} last_word;

static last_word find_last_word(qi_tree *tree, qi_fields fields, const qi_phrase *phrase)
{
    last_word last = {0};
    qi_analyzer *analyzer = qi_tree_analyzer(tree, fields.items[0]);
    for (uint32_t i = 0; i < phrase->piece_count && analyzer != NULL; i++) {
        qi_token token = {.position = 0};
        start_text(tree, analyzer, phrase->pieces[i].text);
        while (next_token(tree, analyzer, &token)) {
            last.tokens++;
            last.piece = i;
            last.from = token.start;
            last.to = token.end;
            last.ideograph = token.ideograph;
        }
    }
    return last;
}

/* One character after a word may be part of longer words: "20.", "don'". */
static quire_str prefix_text(quire_str text, last_word last)
{
    bool joins = last.to + 1 == text.len && last.to > last.from &&
                 (text.ptr[last.to] == '\'' ||
                  (strchr(".,", text.ptr[last.to]) != NULL && text.ptr[last.to - 1] >= '0' &&
                   text.ptr[last.to - 1] <= '9'));
    return str_from(text, last.from, joins ? text.len : last.to);
}

static qi_node *prefix_node(qi_tree *tree, qi_fields fields, const qi_phrase *phrase)
{
    reader r = {.tree = tree, .phrase = phrase, .prefix = true};
    qi_node node = {.kind = QI_NODE_PREFIX};
    if (tree->nodes > QI_QUERY_NODES)
        return NULL;
    qi_leaf *leaves = qi_arena_new(tree->memory, fields.count, sizeof *leaves);
    bool stems = false;
    if (leaves == NULL)
        qi_tree_fail(tree, qi_no_memory(tree->err));
    for (uint32_t i = 0; i < fields.count && tree->status == QUIRE_OK; i++) {
        uint32_t field = fields.items[i];
        bool exact = tree->schema->fields.items[field].exact;
        qi_analyzer *analyzer = qi_tree_analyzer(tree, field);
        if (analyzer == NULL)
            break;
        const reading word = read_words(&r, analyzer, false);
        if (word.word_count == 0)
            continue;
        leaves[node.leaf_count++] = (qi_leaf){QI_LANE(field, exact), 1, word.words};
        stems = stems || (!exact && qi_tree_stems(tree, field));
    }
    if (stems)
        qi_tree_complain(tree, QI_NOTE_PREFIX_OF_STEMS);
    node.leaves = leaves;
    return finish_node(tree, node, phrase);
}

static qi_node *prefix_words(qi_tree *tree, qi_fields fields, qi_phrase *phrase)
{
    last_word last = find_last_word(tree, fields, phrase);
    phrase->star = false;
    if (last.tokens == 0 || last.ideograph)
        return qi_tree_words(tree, fields, phrase);
    qi_piece *end = &phrase->pieces[last.piece];
    qi_piece tail = {prefix_text(end->text, last), 0};
    qi_phrase prefix = {.pieces = &tail, .piece_count = 1};
    if (last.tokens == 1)
        return prefix_node(tree, fields, &prefix);
    qi_tree_complain(tree, QI_NOTE_NO_PHRASE_PREFIX);
    end->text.len = last.from;
    phrase->piece_count = last.piece + 1;
    qi_node *nodes[2];
    nodes[0] = qi_tree_words(tree, fields, phrase);
    nodes[1] = prefix_node(tree, fields, &prefix);
    return qi_combine_and(tree, (qi_nodes){nodes, 2});
}

/* Does any of the fields keep exact forms, or forms that are exact anyway? */
static bool serves_exact(const qi_tree *tree, qi_fields fields)
{
    uint32_t lane;
    for (uint32_t i = 0; i < fields.count; i++)
        if (find_lane(tree, fields.items[i], true, &lane))
            return true;
    return false;
}

qi_node *qi_tree_words(qi_tree *tree, qi_fields fields, qi_phrase *phrase)
{
    qi_node *node = NULL;
    /* White space that only an escape let into a piece is none of its words', and is not printed. */
    for (uint32_t i = 0; i < phrase->piece_count; i++)
        phrase->pieces[i].text = tidy_piece(tree, phrase->pieces[i].text);
    if (tree->status != QUIRE_OK || fields.count == 0 || phrase->piece_count == 0)
        return NULL;
    if (phrase->exact && !serves_exact(tree, fields)) {
        qi_tree_complain(tree, QI_NOTE_NO_EXACT);
        phrase->exact = false;
    }
    if (phrase->star)
        return prefix_words(tree, fields, phrase);
    if (!phrase->quoted && !tree->strict && split_ideographs(tree, fields, phrase, &node))
        return node;
    return plain_words(tree, fields, phrase);
}
