/* SPDX-License-Identifier: MIT
 * quire_schema_*: the codec's schema, and the text layer's word on languages. */
#include <string.h>

#include "codec/schema.h"
#include "text/analyzer.h"

static quire_field text_field(const char *name, bool searched, bool exact, float weight)
{
    quire_field field = QUIRE_FIELD_INIT;
    field.name = name;
    field.stored = true;
    field.searched = searched;
    field.exact = exact;
    field.weight = weight;
    return field;
}

static quire_status add_article_fields(quire_schema *schema, quire_error *err)
{
    quire_field id = QUIRE_FIELD_INIT, date = QUIRE_FIELD_INIT, url = QUIRE_FIELD_INIT;
    quire_field title = text_field("title", true, true, 2),
                body = text_field("body", true, true, 1);
    quire_field author = text_field("author", false, false, 1);
    id.name = "id";
    id.type = QUIRE_KEYWORD;
    id.key = true;
    date.name = "date";
    date.type = QUIRE_DATE;
    url.name = "url";
    url.type = QUIRE_KEYWORD;
    title.analyzer = body.analyzer = (quire_analyzer){.language = "english"};
    const quire_field *fields[] = {&id, &title, &body, &author, &date, &url};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        QI_TRY(qi_schema_add(schema, fields[i], err));
    return QUIRE_OK;
}

quire_status quire_schema_new(quire_schema **out, bool article, quire_error *err)
{
    if (out == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_schema_new: out is NULL");
    QI_TRY(qi_schema_new(out, err));
    quire_status status = article ? add_article_fields(*out, err) : QUIRE_OK;
    if (status != QUIRE_OK) {
        qi_schema_release(*out);
        *out = NULL;
    }
    return status;
}

/* Is the language one that there is? */
static quire_status check_language(const quire_field *field, quire_error *err)
{
    qi_analyzer *analyzer;
    if (field->type != QUIRE_TEXT || field->struct_size < sizeof *field ||
        memchr(field->analyzer.language, '\0', sizeof field->analyzer.language) == NULL)
        return QUIRE_OK; /* qi_schema_add says what is wrong */
    QI_TRY(qi_analyzer_new(&analyzer, &field->analyzer, err));
    qi_analyzer_free(analyzer);
    return QUIRE_OK;
}

quire_status quire_schema_add(quire_schema *schema, const quire_field *field, quire_error *err)
{
    if (schema == NULL || field == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_schema_add: schema or field is NULL");
    QI_TRY(check_language(field, err));
    return qi_schema_add(schema, field, err);
}

const quire_field *quire_schema_field(const quire_schema *schema, size_t i)
{
    return schema != NULL && i < schema->fields.count ? &schema->fields.items[i] : NULL;
}

void quire_schema_free(quire_schema *schema)
{
    qi_schema_release(schema);
}
