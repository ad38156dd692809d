/* SPDX-License-Identifier: MIT
 * The readers, each on small texts whose values are known, and the Markdown reader on the article
 * that Quire was first meant for, if the corpora are at hand. */
#include "feed.h"
#include "front.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *suite(void);

static char why[READ_WHY];

static void has(const record *rec, const char *name, const char *text)
{
    quire_str found = record_find(rec, name);
    ck_assert_msg(found.ptr != NULL, "no %s", name);
    ck_assert_str_eq(found.ptr, text);
}

static const char article[] =
    "# The Canal *Lock*\n\nBy [Ada Winter](#)\n\nMarch 4, 2019\n\n\n\nA lock lifts boats.\n\n"
    "It has [two gates](https://example.org/gates) and\na chamber.\n\n## **Mitre** gates\n\n"
    "See <https://example.org/see> for more.\n\n- one\n- two\n\nOriginal url:\n\n"
    "<https://example.org/2019/lock>\n";

START_TEST(an_article_yields_its_head_its_source_and_a_clean_body)
{
    record rec = {0};
    ck_assert(read_markdown(quire_cstr(article), &rec, why));
    has(&rec, "title", "The Canal Lock");
    has(&rec, "author", "Ada Winter");
    has(&rec, "date", "2019-03-04");
    has(&rec, "url", "https://example.org/2019/lock");
    has(&rec, "body",
        "A lock lifts boats.\nIt has two gates and a chamber.\nMitre gates\nSee for "
        "more.\none\ntwo");
    record_free(&rec);
}
END_TEST

START_TEST(a_sentence_that_starts_with_by_is_no_byline)
{
    record rec = {0};
    const char *text = "# T\n\nBy 1900 the river was tamed.\n\nBy the sea it is wide.\n";
    ck_assert(read_markdown(quire_cstr(text), &rec, why));
    ck_assert_ptr_null(record_find(&rec, "author").ptr);
    has(&rec, "body", "By 1900 the river was tamed.\nBy the sea it is wide.");
    record_free(&rec);
}
END_TEST

START_TEST(byline_and_date_may_share_a_line)
{
    record rec = {0};
    ck_assert(
        read_markdown(quire_cstr("# T\n\nBy Ann B. and Carl D | 5 May 2001\n\nx\n"), &rec, why));
    has(&rec, "author", "Ann B. and Carl D");
    has(&rec, "date", "2001-05-05");
    has(&rec, "body", "x");
    record_free(&rec);
}
END_TEST

START_TEST(a_source_that_is_named_keeps_its_name_and_gives_its_address)
{
    static const char *const tails[][2] = {
        {"Source: [The Times](https://example.org/a)", "Source: The Times"},
        {"*Source:* [The Times](https://example.org/a) of 1902", "Source: The Times of 1902"},
        {"Source: The Times\n<https://example.org/a>", "Source: The Times"}};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char text[200], body[200];
        record rec = {0};
        snprintf(text, sizeof text, "# T\n\nSee [b](https://example.org/b).\n\n%s\n", tails[i][0]);
        snprintf(body, sizeof body, "See b.\n%s", tails[i][1]);
        ck_assert(read_markdown(quire_cstr(text), &rec, why));
        has(&rec, "url", "https://example.org/a");
        has(&rec, "body", body);
        record_free(&rec);
    }
}
END_TEST

START_TEST(front_matter_gives_values_and_lists)
{
    record rec = {0};
    const char *text = "---\ntitle: \"A \\\"b\\\": c\"\nauthors: [Ann, 'O''Hara, Bo']\n"
                       "pubdate: 2020-01-02 # day\ntags:\n  - x\n  - y z\nseo:\n  robots: none\n"
                       "note: |\n  one\n  two\nempty:\n---\n# A \"b\": c\n\ntext\n";
    ck_assert(read_markdown(quire_cstr(text), &rec, why));
    has(&rec, "title", "A \"b\": c");
    has(&rec, "author", "Ann");
    ck_assert_str_eq(rec.values[2].text, "O'Hara, Bo");
    has(&rec, "date", "2020-01-02");
    has(&rec, "tags", "x");
    has(&rec, "seo.robots", "none");
    has(&rec, "note", "one\ntwo");
    has(&rec, "body", "text");
    record_free(&rec);
}
END_TEST

START_TEST(toml_front_matter_is_read_as_well)
{
    record rec = {0};
    const char *text =
        "+++\ntitle = \"T\"\ntags = [\"a\", \"b\"]\n[extra]\nmood = \"calm\"\n+++\nx\n";
    ck_assert_uint_eq(front_read(quire_cstr(text), &rec), strlen(text) - 2);
    has(&rec, "title", "T");
    has(&rec, "tags", "a");
    record_free(&rec);
}
END_TEST

START_TEST(dashes_without_an_end_are_no_front_matter)
{
    record rec = {0};
    ck_assert_uint_eq(front_read(quire_cstr("---\ntitle: x\n\ntext\n"), &rec), 0);
    ck_assert_uint_eq(rec.count, 0);
    record_free(&rec);
}
END_TEST

START_TEST(markdown_syntax_leaves_no_trace)
{
    record rec = {0};
    const char *text =
        "# T\n\n<b>Bold</b> &eacute; `code` **b** *i* ~~s~~ \\* {{< fig \"x\" >}}[ok]({{< ref "
        "\"y\" >}} \"t\")\\\nhard\n\n"
        "<div><p>raw <i>html</i></p><script>bad()</script></div>\n\n"
        "| a | b |\n|---|---|\n| 1 | [2](http://x) |\n\n> quote\n\n```c\nint x;\n  y;\n```\n"
        "![alt](src.png)\n";
    ck_assert(read_markdown(quire_cstr(text), &rec, why));
    has(&rec, "body",
        "Bold \xC3\xA9 code b i s * ok\nhard\nraw html\na\nb\n1\n2\nquote\nint "
        "x;\ny;\nalt");
    record_free(&rec);
}
END_TEST

START_TEST(emphasis_that_fails_by_the_rules_leaves_no_asterisks)
{
    record rec = {0};
    const char *text = "# T\n\n**So:**and ** x** \\*\\*kept\\*\\* 2*3 `a**b`\n\n```\nf(**p)\n```\n";
    ck_assert(read_markdown(quire_cstr(text), &rec, why));
    has(&rec, "body", "So:and  x **kept** 2*3 a**b\nf(**p)");
    record_free(&rec);
}
END_TEST

START_TEST(a_table_that_would_explode_is_refused)
{
    bytes text = {0};
    for (int i = 0; i < 100; i++)
        bytes_text(&text, "|x");
    bytes_text(&text, "|\n");
    for (int i = 0; i < 100; i++)
        bytes_text(&text, "|---");
    bytes_text(&text, "|\n");
    for (int i = 0; i < 3000; i++)
        bytes_text(&text, "|y\n");
    record rec = {0};
    ck_assert(!read_markdown(bytes_str(&text), &rec, why));
    record_free(&rec);
    bytes_free(&text);
}
END_TEST

START_TEST(html_yields_its_head_and_what_a_reader_sees)
{
    record rec = {0};
    const char *text =
        "<html><head><title>A &amp; b</title><meta name=author content='Ann'>"
        "<meta property='article:published_time' content='2020-01-02T03:04:05+01:00'>"
        "<link rel=canonical href='http://c/'><style>p{}</style></head><body><h2>Sub</h2><p>One "
        "<b>two</b>"
        "three<br>four<script>x</script><ul><li>x<li>y</ul><template>no</template></body></html>";
    ck_assert(read_html(quire_cstr(text), &rec, why));
    has(&rec, "title", "A & b");
    has(&rec, "author", "Ann");
    has(&rec, "date", "2020-01-02T02:04:05Z");
    has(&rec, "url", "http://c/");
    has(&rec, "body", "Sub\nOne twothree\nfour\nx\ny");
    record_free(&rec);
}
END_TEST

START_TEST(html_nested_beyond_reason_is_refused)
{
    bytes text = {0};
    for (int i = 0; i < 200000; i++)
        bytes_text(&text, "<div>");
    record rec = {0};
    ck_assert(!read_html(bytes_str(&text), &rec, why));
    ck_assert_ptr_nonnull(strstr(why, "deep"));
    record_free(&rec);
    bytes_free(&text);
}
END_TEST

START_TEST(plain_text_has_a_title_if_its_first_line_stands_alone)
{
    record rec = {0};
    read_text(quire_cstr("Bridges\n\nBy Ann Lee\n2001-02-03\n\nfirst\nsecond\n"), &rec);
    has(&rec, "title", "Bridges");
    has(&rec, "author", "Ann Lee");
    has(&rec, "date", "2001-02-03");
    has(&rec, "body", "first\nsecond");
    record_clear(&rec);
    read_text(quire_cstr("no title\nhere\n"), &rec);
    ck_assert_ptr_null(record_find(&rec, "title").ptr);
    record_free(&rec);
}
END_TEST

START_TEST(a_line_of_json_gives_its_values_by_their_usual_names)
{
    record rec = {0};
    const char *line =
        "{\"_id\":7,\"title\":\"t\",\"text\":\"b\\u0000c\",\"tags\":[\"x\",\"y\"],\"n\":null,"
        "\"o\":{\"a\":[1]}}";
    ck_assert(read_json(quire_cstr(line), &rec, why));
    has(&rec, "id", "7");
    ck_assert_uint_eq(record_find(&rec, "body").len, 3);
    has(&rec, "tags", "x");
    has(&rec, "o", "{\"a\":[1]}");
    ck_assert_ptr_null(record_find(&rec, "n").ptr);
    record_clear(&rec);
    ck_assert(!read_json(quire_cstr("{\"a\":"), &rec, why));
    ck_assert(!read_json(quire_cstr("[1]"), &rec, why));
    record_free(&rec);
}
END_TEST

START_TEST(json_that_is_odd_is_read_as_far_as_it_is_json)
{
    record rec = {0};
    char deep[4003] = "{\"a\":";
    const char *line = "{\"n\":12345678901234567890.50,\"l\":[\"x\",[true,null,{}]],\"e\":[],"
                       "\"half\":\"a\\ud800b\\udc00\",\"pair\":\"\\ud83d\\ude00\",\"o\":{\"k\":"
                       "\"\\n\"}}";
    ck_assert(read_json(quire_cstr(line), &rec, why));
    has(&rec, "n", "12345678901234567890.50");
    has(&rec, "l", "[\"x\",[true,null,{}]]");
    has(&rec, "pair", "\xF0\x9F\x98\x80");
    has(&rec, "o", "{\"k\":\"\\n\"}");
    ck_assert_ptr_null(record_find(&rec, "e").ptr);
    quire_str half = record_find(&rec, "half");
    for (size_t i = 0; i + 1 < half.len; i++) /* no half of a pair is left */
        ck_assert(half.ptr[i] != '\xED' || (unsigned char)half.ptr[i + 1] < 0xA0);
    record_clear(&rec);
    memset(deep + 5, '[', sizeof deep - 6);
    ck_assert(!read_json(quire_cstr(deep), &rec, why));
    ck_assert_ptr_nonnull(strstr(why, "nested too deeply"));
    ck_assert(!read_json(quire_cstr("{\"a\":\"b\"} x"), &rec, why));
    ck_assert(!read_json(quire_cstr("{\"a\":\"b\n\"}"), &rec, why));
    ck_assert(!read_json(quire_cstr("7"), &rec, why));
    ck_assert_uint_eq(rec.count, 0);
    record_free(&rec);
}
END_TEST

/* What a feed gave, one line a record. */
typedef struct heard {
    bytes log;
} heard;

static bool take(void *payload, record *rec, uint64_t line)
{
    heard *h = payload;
    bytes_printf(&h->log, "%d:", (int)line);
    for (size_t i = 0; i < rec->count; i++)
        bytes_printf(&h->log, "%s%s=%s", i > 0 ? "," : "", rec->values[i].name,
                     rec->values[i].text);
    bytes_put(&h->log, '\n');
    return true;
}

static bool bad(void *payload, uint64_t line, const char *because)
{
    bytes_printf(&((heard *)payload)->log, "%d!%s\n", (int)line, because);
    return true;
}

static bytes fed(const char *text, read_form form, read_form inner)
{
    heard h = {{0}};
    feed f = {.limit = 1 << 20, .text_form = inner, .take = take, .bad = bad, .payload = &h};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    feed_file(&f, ends[0], form);
    close(ends[0]);
    return h.log;
}

static void feeds(const char *text, read_form form, const char *expected)
{
    bytes log = fed(text, form, READ_NONE);
    ck_assert_str_eq(bytes_cstr(&log), expected);
    bytes_free(&log);
}

START_TEST(csv_has_quotes_lines_within_them_and_counts_its_fields)
{
    feeds("id,text,n\n1,\"a, \"\"b\"\"\nc\",2\n\n2,x\n3,y,z\n4,\"q\"r,1\n5,\"open,1\n6,x,2\n",
          READ_CSV,
          "2:id=1,body=a, \"b\"\nc,n=2\n"
          "5!2 fields where the header has 3\n"
          "6:id=3,body=y,n=z\n"
          "7!text after the closing quote of field 2\n"
          "8!a quoted field that starts here has no end\n");
}
END_TEST

START_TEST(tsv_has_no_quotes)
{
    feeds("id\ttitle\n1\t\"a\r\n2\tb\n", READ_TSV, "2:id=1,title=\"a\n3:id=2,title=b\n");
}
END_TEST

START_TEST(bad_lines_of_jsonl_are_told_and_passed_over)
{
    feeds("{\"id\":\"a\"}\n\n{bad\n[]\n{\"id\":\"b\"}", READ_JSONL,
          "1:id=a\n3!not JSON: column 2: lexical error: invalid char in json text.\n4!not a JSON "
          "object\n5:id=b\n");
}
END_TEST

START_TEST(the_text_of_a_record_may_be_markdown)
{
    bytes log = fed("{\"id\":\"a\",\"title\":\"T\",\"text\":\"# T\\n\\n*x* [y](z)\"}\n", READ_JSONL,
                    READ_MARKDOWN);
    ck_assert_str_eq(bytes_cstr(&log), "1:id=a,title=T,body=x y\n");
    bytes_free(&log);
}
END_TEST

START_TEST(the_first_article_reads_as_it_should)
{
    const char *path = getenv("QUIRE_CORPORA_SAMPLE");
    int fd = path == NULL ? -1 : open(path, O_RDONLY);
    if (fd < 0) {
        puts("skipped: QUIRE_CORPORA_SAMPLE does not name the article");
        return;
    }
    source s = {.fd = fd};
    quire_str text;
    record rec = {0};
    ck_assert_int_eq(source_rest(&s, 1 << 20, &text), SOURCE_END);
    ck_assert(read_markdown(text, &rec, why));
    has(&rec, "author", "Daria Litvinova");
    has(&rec, "date", "2015-11-19");
    ck_assert(str_starts(record_find(&rec, "title"), "Terrorist Attacks Force Russia"));
    ck_assert(str_starts(record_find(&rec, "url"), "https://www.themoscowtimes.com/2015/11/19/"));
    const char *body = record_find(&rec, "body").ptr;
    ck_assert(str_starts(quire_cstr(body), "A French military officer"));
    const char *const traces[] = {"**", "##", "](", "http", "mailto:", "Original url", "By Daria"};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++)
        ck_assert_msg(strstr(body, traces[i]) == NULL, "%s", traces[i]);
    record_free(&rec);
    source_free(&s);
    close(fd);
}
END_TEST

/* Reads a sample article; its byline, date and address are in the source as lines of their own. */
static void check_sample(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", QUIRE_SAMPLE, name);
    source s = {.fd = open(path, O_RDONLY)};
    quire_str text;
    record rec = {0};
    ck_assert_int_ge(s.fd, 0);
    ck_assert_int_eq(source_rest(&s, 1 << 20, &text), SOURCE_END);
    ck_assert_uint_eq(s.decode.invalid_bytes, 0);
    ck_assert(read_markdown(text, &rec, why));
    quire_str title = record_find(&rec, "title"), author = record_find(&rec, "author");
    ck_assert_msg(title.ptr != NULL && author.ptr != NULL, "%s", name);
    ck_assert(memcmp(text.ptr + 2, title.ptr, title.len) == 0 && text.ptr[2 + title.len] == '\n');
    ck_assert_ptr_nonnull(memmem(text.ptr, 200, author.ptr, author.len));
    ck_assert_uint_eq(record_find(&rec, "date").len, 10);
    ck_assert(str_starts(record_find(&rec, "url"), "https://example.org/20"));
    quire_str body = record_find(&rec, "body");
    ck_assert_msg(body.len > 500, "%s", name);
    for (const char *const *t = (const char *const[]){"](", "##", "http", "Original url", NULL}; *t;
         t++)
        ck_assert_msg(strstr(body.ptr, *t) == NULL, "%s: %s", name, *t);
    record_free(&rec);
    source_free(&s);
    close(s.fd);
}

START_TEST(every_sample_article_yields_all_its_values)
{
    DIR *dir = opendir(QUIRE_SAMPLE);
    int count = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (strstr(e->d_name, ".md") != NULL) {
            check_sample(e->d_name);
            count++;
        }
    closedir(dir);
    ck_assert_int_ge(count, 30);
}
END_TEST

Suite *suite(void)
{
    Suite *s = suite_create("cli.read");
    TCase *t = tcase_create("read");
    tcase_add_test(t, an_article_yields_its_head_its_source_and_a_clean_body);
    tcase_add_test(t, a_sentence_that_starts_with_by_is_no_byline);
    tcase_add_test(t, byline_and_date_may_share_a_line);
    tcase_add_test(t, a_source_that_is_named_keeps_its_name_and_gives_its_address);
    tcase_add_test(t, front_matter_gives_values_and_lists);
    tcase_add_test(t, toml_front_matter_is_read_as_well);
    tcase_add_test(t, dashes_without_an_end_are_no_front_matter);
    tcase_add_test(t, markdown_syntax_leaves_no_trace);
    tcase_add_test(t, emphasis_that_fails_by_the_rules_leaves_no_asterisks);
    tcase_add_test(t, a_table_that_would_explode_is_refused);
    tcase_add_test(t, html_yields_its_head_and_what_a_reader_sees);
    tcase_add_test(t, html_nested_beyond_reason_is_refused);
    tcase_add_test(t, plain_text_has_a_title_if_its_first_line_stands_alone);
    tcase_add_test(t, a_line_of_json_gives_its_values_by_their_usual_names);
    tcase_add_test(t, json_that_is_odd_is_read_as_far_as_it_is_json);
    tcase_add_test(t, csv_has_quotes_lines_within_them_and_counts_its_fields);
    tcase_add_test(t, tsv_has_no_quotes);
    tcase_add_test(t, bad_lines_of_jsonl_are_told_and_passed_over);
    tcase_add_test(t, the_text_of_a_record_may_be_markdown);
    tcase_add_test(t, every_sample_article_yields_all_its_values);
    tcase_add_test(t, the_first_article_reads_as_it_should);
    suite_add_tcase(s, t);
    return s;
}
