/* SPDX-License-Identifier: MIT
 * The folder that a harness builds its index in: emptied, filled and measured. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quire_bench.h"

static quire_error err;

static void each_file(const char *dir, void (*visit)(const char *path, void *payload),
                      void *payload)
{
    char path[4096];
    DIR *folder = opendir(dir);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.')
            visit(path, payload);
    }
    if (folder != NULL)
        closedir(folder);
}

static void remove_file(const char *path, void *payload)
{
    (void)payload;
    if (unlink(path) != 0)
        bench_fail("cannot be removed", path);
}

static void add_size(const char *path, void *payload)
{
    struct stat about;
    if (stat(path, &about) == 0)
        *(uint64_t *)payload += (uint64_t)about.st_size;
}

uint64_t bench_folder_bytes(const char *dir)
{
    uint64_t sum = 0;
    each_file(dir, add_size, &sum);
    return sum;
}

quire_index *bench_create(const char *dir, const bench_options *options)
{
    quire_index *index;
    quire_schema *schema;
    quire_field key = QUIRE_FIELD_INIT, text = QUIRE_FIELD_INIT;
    quire_index_options tuning = QUIRE_INDEX_OPTIONS_INIT;
    tuning.k1 = options->k1;
    tuning.b = options->b;
    key.name = "id";
    key.type = QUIRE_KEYWORD;
    key.key = true;
    text.name = "text";
    text.searched = true;
    text.stored = options->store;
    text.exact = options->exact;
    strcpy(text.analyzer.language, options->english ? "english" : "none");
    each_file(dir, remove_file, NULL);
    bench_must(quire_schema_new(&schema, false, &err), &err);
    bench_must(quire_schema_add(schema, &key, &err), &err);
    bench_must(quire_schema_add(schema, &text, &err), &err);
    bench_must(quire_index_create(&index, dir, schema, &tuning, &err), &err);
    quire_schema_free(schema);
    return index;
}

uint64_t bench_written(void)
{
    char line[128];
    unsigned long long bytes = 0;
    FILE *file = fopen("/proc/self/io", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "wchar: %llu", &bytes) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return bytes;
}
