/* SPDX-License-Identifier: MIT
 * quire eval: a run against judgements, printed as trec_eval prints. */
#include "cmd.h"
#include "message.h"
#include "trec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_measures(const char *list, measure **out, size_t *count)
{
    quire_str rest = quire_cstr(list);
    *out = NULL;
    *count = 0;
    while (rest.len > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        quire_str name = str_slice(rest, 0, comma == NULL ? rest.len : (size_t)(comma - rest.ptr));
        *out = memory_resize(*out, *count + 1, sizeof **out);
        if (!measure_parse(str_trim(name), &(*out)[(*count)++]))
            return message_usage(
                "--measure: '%.*s' is not one of map, ndcg@K, mrr@K, p@K, recall@K",
                (int)(name.len < 40 ? name.len : 40), name.ptr);
        rest = str_slice(rest, name.len + 1, rest.len);
    }
    return *count > 0 ? 0 : message_usage("--measure names nothing to measure");
}

static void print(const trec_plan *plan, const char *topic, const double *values)
{
    for (size_t i = 0; i < plan->count; i++) {
        bytes name = {0};
        measure_name(&plan->measures[i], &name);
        printf("%-22s\t%s\t%.4f\n", bytes_cstr(&name), topic, values[i]);
        bytes_free(&name);
    }
}

static void print_topic(void *payload, const char *topic, const double *values)
{
    print(payload, topic, values);
}

static int evaluate(const settings *s, trec_plan *plan)
{
    char why[TREC_WHY];
    trec_file run, judgements;
    if (!trec_read(s->operands[0], true, &run, why))
        return message_usage("%s", why);
    if (!trec_read(s->operands[1], false, &judgements, why)) {
        trec_free(&run);
        return message_usage("%s", why);
    }
    if (settings_has(s, OPT_EACH)) {
        plan->each = print_topic;
        plan->payload = plan;
    }
    double *means = memory_get(plan->count * sizeof *means);
    size_t topics = trec_evaluate(&judgements, &run, plan, means);
    printf("%-22s\t%s\t%zu\n", "num_q", "all", topics);
    print(plan, "all", means);
    free(means);
    trec_free(&run);
    trec_free(&judgements);
    return topics > 0 ? EXIT_FOUND : EXIT_NONE;
}

int cmd_eval(const settings *s)
{
    measure *measures;
    trec_plan plan = {0};
    int code = parse_measures(
        settings_text(s, OPT_MEASURE, "map,ndcg@10,mrr@10,p@10,recall@100,recall@1000"), &measures,
        &plan.count);
    plan.measures = measures;
    if (code == 0)
        code = evaluate(s, &plan);
    free(measures);
    return message_finish(code);
}
