/* SPDX-License-Identifier: MIT
 * The table of verbs: what each does, in the words of the help and the manual, and who does it. */
#include "cmd.h"

#include <stdint.h>

const verb verb_table[] = {
    {"index", "PATH…", "add or refresh files and folders",
     "Reads Markdown (.md), HTML, plain text, JSONL, CSV and TSV. Files that are new or changed "
     "since the "
     "last time are indexed, and what the index holds of files that are gone from a folder is "
     "deleted; "
     "unchanged files are not read. All of it is committed at the end, at once: an interrupted run "
     "changes nothing, and running it again does what is left.\n"
     "Records that cannot be read are skipped, listed with file and line, and counted. The path "
     "'-' "
     "reads JSONL from standard input. A record's values go to the fields of their names (text, "
     "content "
     "or contents: body); what has no field is kept as JSON in the field meta.\n"
     "A document of its own file has the file's path as its id, relative to the folder that holds "
     "the "
     "index.",
     "quire index articles/\nMake .quire here, or bring it up to date.\n"
     "quire index -i /srv/idx --language german texts/ more.jsonl\nAnother place, German "
     "stemming.\n"
     "quire index --filter 'pdf=pdftotext - -' papers/\nPDF through a program that writes text.\n"
     "producer | quire index -\nJSONL from another program.",
     1, SIZE_MAX, cmd_index},
    {"search", "QUERY…", "ranked results",
     "The query language is that of quire-query(7): words, \"phrases\", AND, OR, -not, field:word, "
     "prefix*. Documents with all the words come first. Several operands are joined by spaces. In "
     "a pipe each result is a line: rank, score, id, date and title between tabs. A query that "
     "begins with '-' goes behind '--'.",
     "quire search 'canal lock'\nThe ten best.\n"
     "quire search '\"steam engine\" -locomotive' --after 2015-01-01 -n 20\nA phrase, a word that "
     "must "
     "not be there, a date.\n"
     "quire search -l bridge | xargs wc\nThe files.\n"
     "quire search --format '{score}\\t{id}' river\nLines of your own.",
     1, SIZE_MAX, cmd_search},
    {"count", "QUERY…", "the exact number of matching documents",
     "Words that nothing joins must all be there.",
     "quire count 'date:2015-01-01..2015-12-31 bridge'\n"
     "How many of that year.",
     1, SIZE_MAX, cmd_count},
    {"get", "ID", "one document", "", "quire get articles/rhine.md --json\nAll its values.", 1, 1,
     cmd_get},
    {"explain", "QUERY ID", "how a score came about",
     "A tree: each line's value is what its text says of the lines below it, a sum if it says "
     "nothing "
     "else.",
     "quire explain 'canal lock' articles/lock.md\nThe parts of its score.", 2, 2, cmd_explain},
    {"analyze", "TEXT", "how a text is split into words",
     "For each token its position, byte range, the word that is indexed, and what each step did. "
     "'-' "
     "reads standard input.",
     "quire analyze --language german 'Die Brücken'\nWith a stemmer.\n"
     "quire analyze --in title \"Cafés\"\nAs the field title does.",
     1, 1, cmd_analyze},
    {"run", "TOPICS", "many queries to a TREC run",
     "TOPICS has lines of an id, a tab and a text; '-' is standard input. Unless --syntax is given "
     "a text "
     "is plain words, any of which may match. The lines printed have six fields: topic, Q0, id, "
     "rank, "
     "score, tag.",
     "quire run queries.tsv > bm25.run\nA thousand results for each topic.", 1, 1, cmd_run},
    {"eval", "RUN QRELS", "measure a run",
     "The measures of trec_eval, averaged over all topics that have judgements (as with its option "
     "-c).",
     "quire eval bm25.run qrels.tsv -m map,ndcg@10\nTwo measures.", 2, 2, cmd_eval},
    {"stats", "", "what an index holds, and the sizes of its parts", "",
     "quire stats --json\nFor programs.", 0, 0, cmd_stats},
    {"terms", "FIELD [PREFIX]", "the words of a field",
     "In byte order, with the number of documents and of occurrences, between tabs.",
     "quire terms body can\nThose that start with 'can'.", 1, 2, cmd_terms},
    {"check", "", "verify an index without changing it",
     "Each fault is a line. Exits with 5 if there is any.", "quire check --level 3\nEverything.", 0,
     0, cmd_check},
    {"merge", "", "fewer segments, without what was deleted", "", "quire merge\nOne segment.", 0, 0,
     cmd_merge},
    {"delete", "[ID…]", "delete documents",
     "By id, or with --query all that match: then words that nothing joins must all be there.",
     "quire delete --query 'path:old/a.md' --dry-run\nWhat would go.", 0, SIZE_MAX, cmd_delete},
    {"version", "", "the version", "", "", 0, 0, cmd_version},
    {"help", "[VERB]", "help, for a verb if one is named", "",
     "quire help search\nAll its options.", 0, 1, cmd_help},
    {"completions", "SHELL", "completions for bash, zsh or fish", "",
     "source <(quire completions bash)\nFor this shell.", 1, 1, cmd_completions},
};

const size_t verb_count = sizeof verb_table / sizeof *verb_table;
