/* SPDX-License-Identifier: MIT
 *
 * Showing how a text is read: every token of the analyser, copied. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "text/analyzer.h"

typedef struct analysis {
    quire_analysis shown;
    qi_arena memory;
    QI_VEC(quire_token) tokens;
} analysis;

static quire_str copy(analysis *to, quire_str text)
{
    return (quire_str){qi_arena_copy(&to->memory, text.ptr, text.len), text.len};
}

static quire_status add(analysis *to, qi_analyzer *analyzer, const qi_token *token,
                        quire_error *err)
{
    qi_buf steps;
    qi_buf_init(&steps, 0);
    quire_token made = {.position = token->position, .start = token->start, .end = token->end};
    made.term = copy(to, token->term);
    made.exact = copy(to, token->exact);
    qi_analyzer_steps(analyzer, &steps);
    if (!steps.failed)
        made.steps = qi_arena_copy(&to->memory, steps.bytes, steps.len);
    bool ok = !steps.failed && !to->memory.failed && QI_VEC_PUSH(&to->tokens, made);
    qi_buf_free(&steps);
    return ok ? QUIRE_OK : qi_no_memory(err);
}

static quire_status read(analysis *to, qi_analyzer *analyzer, quire_str text, quire_error *err)
{
    qi_token token;
    QI_TRY(qi_analyzer_start(analyzer, text, err));
    quire_status status = qi_analyzer_next(analyzer, true, &token, err);
    for (; status == QUIRE_OK; status = qi_analyzer_next(analyzer, true, &token, err))
        QI_TRY(add(to, analyzer, &token, err));
    to->shown =
        (quire_analysis){to->tokens.count, to->tokens.items, qi_analyzer_invalid_bytes(analyzer)};
    return status == QUIRE_DONE ? QUIRE_OK : status;
}

quire_status quire_analyze(const quire_analysis **out, const quire_analyzer *analyzer,
                           quire_str text, quire_error *err)
{
    static const quire_analyzer defaults;
    qi_analyzer *reader = NULL;
    if (out == NULL)
        return qi_fail(err, QUIRE_ERR_MISUSE, "quire_analyze: out is NULL");
    *out = NULL;
    analysis *to = qi_mem_new(1, sizeof *to);
    if (to == NULL)
        return qi_no_memory(err);
    qi_arena_init(&to->memory, 0);
    quire_status status = qi_analyzer_new(&reader, analyzer != NULL ? analyzer : &defaults, err);
    if (status == QUIRE_OK)
        status = read(to, reader, text, err);
    qi_analyzer_free(reader);
    if (status == QUIRE_OK)
        *out = &to->shown;
    else
        quire_analysis_free(&to->shown);
    return status;
}

void quire_analysis_free(const quire_analysis *shown)
{
    analysis *to = (analysis *)(uintptr_t)shown;
    if (to == NULL)
        return;
    qi_arena_free(&to->memory);
    QI_VEC_FREE(&to->tokens);
    qi_mem_free(to);
}
