/* SPDX-License-Identifier: MIT
 * article.h - the lines of an article, and what its head and tail say about it. */
#ifndef QUIRE_CLI_ARTICLE_H
#define QUIRE_CLI_ARTICLE_H

#include "record.h"

/* How a line is joined to the one before it. */
typedef enum article_joint {
    ARTICLE_NEW,  /* a paragraph, heading, item or cell of its own */
    ARTICLE_WRAP, /* the source was broken here, the text was not */
    ARTICLE_BREAK /* a line of the same paragraph, or of code */
} article_joint;

typedef struct article_part {
    size_t start, len;
    article_joint joint;
    bool heading, address, dropped;
} article_part;

/* Text in lines. Zero is empty. */
typedef struct article {
    bytes text;
    article_part *lines;
    size_t count, cap;
} article;

/* Start a line; text appended to `a->text` from here on belongs to it. */
void article_line(article *a, article_joint joint, bool heading);

/* An address that is no text of the article, at this place. What follows needs a line of its own.
 */
void article_address(article *a, quire_str url);

/* Is it "Source:" or the like, after which an address stands? */
bool article_is_label(quire_str s);

/* Put what the article says into `out`: title (the first heading, unless `out` has one; with
 * `title_line`, a first line of its own serves as well), author (byline), date (the line under it),
 * url ("Original url:" at the end), and as "body" all other lines, paragraphs on lines of their
 * own. What `out` already has is not replaced. */
void article_finish(article *a, bool title_line, record *out);

void article_free(article *a);

#endif
