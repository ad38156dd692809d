// SPDX-License-Identifier: MIT
// Xapian: documents with positions and their id as data, flushed as Xapian flushes by default, and
// compacted into one database. Its own query parser; BM25Weight with k1 and b as asked, the rest default.
#include <xapian.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "harness.h"

namespace {

constexpr size_t LONGEST = 240;  // bytes of a term that Xapian takes

harness_settings given;
std::string folder;
std::unique_ptr<Xapian::WritableDatabase> writer;
std::unique_ptr<Xapian::Database> database;
std::unique_ptr<Xapian::Enquire> enquire;
Xapian::QueryParser parser;
Xapian::TermGenerator generator;

const char *unsupported(const harness_settings *settings)
{
    if (settings->segments != 1)
        return "a database of Xapian has no segments";
    return settings->delete_ != 0 ? "Xapian takes deleted documents out of its lists at once" : nullptr;
}

void begin(const char *dir, const harness_settings *settings)
{
    given = *settings;
    folder = dir;
    writer = std::make_unique<Xapian::WritableDatabase>(folder + "/new", Xapian::DB_CREATE_OR_OVERWRITE);
    generator.set_stemmer(Xapian::Stem("en"));
}

void add_words(Xapian::Document &document, const char *text, size_t len)
{
    Xapian::termpos place = 1;
    for (const char *at = text, *end = text + len; at < end; place++) {
        const void *space = memchr(at, ' ', static_cast<size_t>(end - at));
        size_t word = space ? static_cast<size_t>(static_cast<const char *>(space) - at) : static_cast<size_t>(end - at);
        document.add_posting(std::string(at, word < LONGEST ? word : LONGEST), place);
        at += word + 1;
    }
}

void add(const harness_doc *doc)
{
    Xapian::Document document;
    document.set_data(doc->id);
    if (given.english) {
        generator.set_document(document);
        generator.set_termpos(0);
        generator.index_text(std::string(doc->text, doc->text_len));
    } else {
        add_words(document, doc->text, doc->text_len);
    }
    writer->add_document(document);
}

void finish()
{
    writer->commit();
    writer->compact(folder + "/index", Xapian::DBCOMPACT_NO_RENUMBER);
    writer->close();
    if (std::system(("rm -rf '" + folder + "/new'").c_str()) != 0)
        harness_fail("xapian", "cannot remove the database that was compacted");
}

void open_index(const char *dir, const harness_settings *settings)
{
    given = *settings;
    database = std::make_unique<Xapian::Database>(std::string(dir) + "/index");
    enquire = std::make_unique<Xapian::Enquire>(*database);
    parser.set_stemmer(Xapian::Stem("en"));
    parser.set_stemming_strategy(given.english ? Xapian::QueryParser::STEM_SOME : Xapian::QueryParser::STEM_NONE);
}

void search(const char *text, unsigned limit, bool count, bool show, harness_result *out)
{
    Xapian::Query query = parser.parse_query(text, Xapian::QueryParser::FLAG_PHRASE | Xapian::QueryParser::FLAG_LOVEHATE);
    enquire->set_query(query);
    if (limit == 0)
        enquire->set_weighting_scheme(Xapian::BoolWeight());
    else
        enquire->set_weighting_scheme(Xapian::BM25Weight(given.k1, 0, 1, given.b, 0.5));
    Xapian::MSet set = enquire->get_mset(0, limit, count ? database->get_doccount() : 0);
    out->count = count ? set.get_matches_estimated() : set.size();
    for (Xapian::MSetIterator hit = set.begin(); show && hit != set.end() && out->top < 10; ++hit) {
        snprintf(out->ids[out->top], sizeof out->ids[0], "%s", hit.get_document().get_data().c_str());
        out->scores[out->top++] = hit.get_weight();
    }
}

}  // namespace

int main(int argc, char **argv)
{
    const harness_engine engine = {"xapian", Xapian::version_string(), unsupported, begin, add, finish, open_index,
                                   search};
    try {
        return harness_main(argc, argv, &engine);
    } catch (const Xapian::Error &error) {
        harness_fail("xapian", error.get_description().c_str());
    }
    return 2;
}
