/* SPDX-License-Identifier: MIT
 * The table of options: every option of every verb, in the order in which the help shows them. */
#include "options.h"

#include <string.h>

#define OPENS "index search count get explain analyze run stats terms check merge delete"
#define ASKS "search count explain run"

const option option_table[] = {
    {OPT_INDEX, OPTION_TEXT, 'i', "index", "DIR", OPENS,
     "The index. Default: $QUIRE_INDEX, else .quire here or in the nearest folder above.", "DIR", 0,
     0},
    {OPT_DRY_RUN, OPTION_SWITCH, 0, "dry-run", NULL, "index delete",
     "Say what would be done, and do nothing.", NULL, 0, 0},
    {OPT_MAX_MEMORY, OPTION_SIZE, 0, "max-memory", "SIZE", "index merge",
     "Memory to use at most: 512M, 2G. Default 256M, least 32M. One record may have an eighth of "
     "it, HTML a sixteenth.",
     NULL, 33554432, 1e15},
    {OPT_THREADS, OPTION_WHOLE, 0, "threads", "N", "index",
     "Threads that index; the index is the same with any. Default: one for each processor.", NULL,
     1, 1024},
    {OPT_STRICT, OPTION_SWITCH, 0, "strict", NULL, "index search count explain run delete",
     "index: stop at the first record that cannot be read, and change nothing. Queries: an error "
     "where the query does not parse, instead of a note.",
     NULL, 0, 0},
    {OPT_FULL, OPTION_SWITCH, 0, "full", NULL, "index", "Read unchanged files again as well.", NULL,
     0, 0},
    {OPT_AS, OPTION_CHOICE, 0, "as", "FORM", "index",
     "Read every file in this form, whatever its name.", "text markdown html jsonl csv tsv", 0, 0},
    {OPT_TEXT_AS, OPTION_CHOICE, 0, "text-as", "FORM", "index",
     "The form of the text inside JSONL, CSV and TSV records. Default: text.", "text markdown html",
     0, 0},
    {OPT_FILTER, OPTION_TEXT, 0, "filter", "EXT[:FORM]=COMMAND", "index",
     "Read files whose names end in .EXT through COMMAND, which gets the file on its standard "
     "input and "
     "writes FORM (default: text) to its standard output. May be given several times.",
     NULL, 0, 0},
    {OPT_ENCODING, OPTION_TEXT, 0, "encoding", "NAME", "index",
     "The encoding of the files. Default: by byte order mark, else UTF-8.", NULL, 0, 0},
    {OPT_HIDDEN, OPTION_SWITCH, 0, "hidden", NULL, "index",
     "Also files and folders whose names start with a dot.", NULL, 0, 0},
    {OPT_NO_IGNORE, OPTION_SWITCH, 0, "no-ignore", NULL, "index",
     "Do not mind .gitignore and .quireignore.", NULL, 0, 0},
    {OPT_COMMIT_EVERY, OPTION_WHOLE, 0, "commit-every", "N", "index",
     "Commit at the end of a file when N documents or more are pending. Default: once, at the end.",
     NULL, 1, 1e15},
    {OPT_WAIT, OPTION_TIME, 0, "wait", "TIME", "index delete merge",
     "How long to wait while another process writes to the index. Default: not at all.", NULL, 0,
     4e9},
    {OPT_QUIET, OPTION_SWITCH, 'q', "quiet", NULL, "index search count run delete merge check",
     "No progress, summary or notes; errors only.", NULL, 0, 0},
    {OPT_LANGUAGE, OPTION_TEXT, 0, "language", "NAME", "index analyze " ASKS,
     "How words are stemmed: english, porter, german … or none. index: of a new index, default "
     "english. "
     "Queries: read the words in this language.",
     NULL, 0, 0},
    {OPT_STOP_WORDS, OPTION_SWITCH, 0, "stop-words", NULL, "index analyze",
     "Leave out the language's stop words. index: of a new index.", NULL, 0, 0},
    {OPT_KEEP_DIACRITICS, OPTION_SWITCH, 0, "keep-diacritics", NULL, "index analyze",
     "Keep 'café' apart from 'cafe'. index: of a new index.", NULL, 0, 0},
    {OPT_KEEP_POSSESSIVE, OPTION_SWITCH, 0, "keep-possessive", NULL, "index analyze",
     "Keep the 's of \"Quire's\". index: of a new index.", NULL, 0, 0},
    {OPT_NO_EXACT, OPTION_SWITCH, 0, "no-exact", NULL, "index",
     "A new index keeps stemmed words only: smaller, without =word and exact prefixes.", NULL, 0,
     0},
    {OPT_NO_STORE, OPTION_SWITCH, 0, "no-store", NULL, "index",
     "A new index does not keep the text of bodies: smaller, without snippets.", NULL, 0, 0},
    {OPT_FLAT, OPTION_SWITCH, 0, "flat", NULL, "index",
     "In a new index title and text are one field, as in published BM25 baselines.", NULL, 0, 0},
    {OPT_FIELD, OPTION_TEXT, 0, "field", "NAME=TYPE[,FLAG…]", "index",
     "A further field of a new index: TYPE text, keyword, number or date; for text the flags "
     "searched, "
     "stored, exact, whole, weight:N, language:NAME. May be given several times.",
     NULL, 0, 0},
    {OPT_K1, OPTION_REAL, 0, "k1", "N", "index " ASKS,
     "BM25: how much a word's frequency counts. Default 1.2; a query may change it.", NULL, 0,
     1000},
    {OPT_B, OPTION_REAL, 0, "b", "N", "index " ASKS,
     "BM25: how much a document's length counts, 0 to 1. Default 0.75.", NULL, 0, 1},
    {OPT_LIMIT, OPTION_WHOLE, 'n', "limit", "N", "search run terms",
     "How many results. Default 10; run: 1000; terms: all.", NULL, 1, 100000},
    {OPT_OFFSET, OPTION_WHOLE, 0, "offset", "N", "search", "Leave out the first N results.", NULL,
     0, 100000},
    {OPT_SORT, OPTION_TEXT, 0, "sort", "FIELD", "search",
     "Order by a keyword, number or date field instead of the score.", NULL, 0, 0},
    {OPT_REVERSE, OPTION_SWITCH, 'r', "reverse", NULL, "search", "With --sort: highest first.",
     NULL, 0, 0},
    {OPT_ANY, OPTION_SWITCH, 0, "any", NULL, ASKS " delete",
     "Documents with any of the words. Default: search and run: those with all words first, where "
     "they "
     "are too few the others after them; count and delete: all words.",
     NULL, 0, 0},
    {OPT_ALL, OPTION_SWITCH, 0, "all", NULL, ASKS " delete",
     "Only documents with all of the words.", NULL, 0, 0},
    {OPT_IN, OPTION_TEXT, 0, "in", "FIELD[,FIELD…]", "analyze " ASKS,
     "Where words without a field name are looked for. analyze: the field whose analysis is used.",
     NULL, 0, 0},
    {OPT_AFTER, OPTION_TEXT, 0, "after", "DATE", "search count",
     "Only documents of this date, month (2019-03) or year or later.", NULL, 0, 0},
    {OPT_BEFORE, OPTION_TEXT, 0, "before", "DATE", "search count",
     "Only documents of this date, month or year or earlier.", NULL, 0, 0},
    {OPT_TIMEOUT, OPTION_TIME, 0, "timeout", "TIME", "search count run",
     "Stop a query after so long (2s, 500ms), show what was found by then, and exit with 3.", NULL,
     1, 4e9},
    {OPT_JSON, OPTION_SWITCH, 0, "json", NULL, "search count get explain analyze stats terms",
     "One JSON object per line; see JSON.", NULL, 0, 0},
    {OPT_TREC, OPTION_TEXT, 0, "trec", "TAG", "search run", "Lines of a TREC run with this tag.",
     NULL, 0, 0},
    {OPT_FORMAT, OPTION_TEXT, 0, "format", "TEXT", "search",
     "Print TEXT for each result, with {rank}, {score}, {id}, {snippet} and any {field} filled in; "
     "\\t, \\n and \\0 are read.",
     NULL, 0, 0},
    {OPT_PATHS, OPTION_SWITCH, 'l', "paths", NULL, "search",
     "Only the path of each result, or its id.", NULL, 0, 0},
    {OPT_COUNT, OPTION_SWITCH, 'c', "count", NULL, "search", "Only the exact number of results.",
     NULL, 0, 0},
    {OPT_NULL, OPTION_SWITCH, '0', "null", NULL, "search",
     "End each result with a NUL, not a new line.", NULL, 0, 0},
    {OPT_PRETTY, OPTION_SWITCH, 0, "pretty", NULL, "search",
     "Results as on a terminal, wherever they go.", NULL, 0, 0},
    {OPT_SNIPPET, OPTION_WHOLE, 0, "snippet", "N", "search",
     "Bytes of text that a snippet shows. Default 240; 0: none.", NULL, 0, 100000},
    {OPT_SYNTAX, OPTION_SWITCH, 0, "syntax", NULL, "run",
     "Topics are queries of quire-query(7), not plain words.", NULL, 0, 0},
    {OPT_MEASURE, OPTION_TEXT, 'm', "measure", "LIST", "eval",
     "What to measure: map, ndcg@K, mrr@K, p@K, recall@K, between commas. Default: "
     "map,ndcg@10,mrr@10,p@10,recall@100,recall@1000.",
     NULL, 0, 0},
    {OPT_EACH, OPTION_SWITCH, 0, "each", NULL, "eval", "Each topic's values as well.", NULL, 0, 0},
    {OPT_EXACT, OPTION_SWITCH, 0, "exact", NULL, "terms", "The unstemmed forms.", NULL, 0, 0},
    {OPT_LEVEL, OPTION_WHOLE, 0, "level", "N", "check",
     "1: checksums; 2: structures too; 3: also whether they agree. Default 2.", NULL, 1, 3},
    {OPT_SEGMENTS, OPTION_WHOLE, 0, "segments", "N", "merge",
     "Merge until so many remain. Default 1.", NULL, 1, 1e6},
    {OPT_OPTIMIZE, OPTION_SWITCH, 0, "optimize", NULL, "merge",
     "Write one segment anew, with documents that are alike next to one another, for a smaller "
     "index. Among results with the same score the order may change.",
     NULL, 0, 0},
    {OPT_THOROUGH, OPTION_SWITCH, 0, "thorough", NULL, "merge",
     "With --optimize: take more time to find the order, for a still smaller index.", NULL, 0, 0},
    {OPT_QUERY, OPTION_TEXT, 0, "query", "QUERY", "delete", "Delete all documents that match.",
     NULL, 0, 0},
    {OPT_COLOR, OPTION_CHOICE, 0, "color", "WHEN", "search",
     "Colours. Default auto: on a terminal, unless NO_COLOR is set.", "auto always never", 0, 0},
    {OPT_HELP, OPTION_SWITCH, 'h', "help", NULL, "*", "Show help for the verb.", NULL, 0, 0},
};

const size_t option_count = sizeof option_table / sizeof *option_table;

bool option_applies(const option *o, const verb *v)
{
    if (strcmp(o->verbs, "*") == 0)
        return true;
    size_t n = strlen(v->name);
    for (const char *p = o->verbs; (p = strstr(p, v->name)) != NULL; p += n)
        if ((p == o->verbs || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

const verb *verb_named(const char *name)
{
    for (size_t i = 0; i < verb_count; i++)
        if (strcmp(verb_table[i].name, name) == 0)
            return &verb_table[i];
    return NULL;
}
