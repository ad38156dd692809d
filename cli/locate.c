/* SPDX-License-Identifier: MIT
 * Where the index is, and what files are called in it: relative to the folder that holds the index,
 * so that both can be moved together and any working folder gives the same names. */
#include "locate.h"

#include "decode.h"
#include "message.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_NAME = 255, KEPT_OF_LONG = 230 };

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool nearest(bytes *out)
{
    char *here = getcwd(NULL, 0);
    bool found = false;
    while (here != NULL && !found) {
        bytes_clear(out);
        bytes_printf(out, "%s%s.quire", here, strcmp(here, "/") == 0 ? "" : "/");
        found = is_folder(bytes_cstr(out));
        char *slash = strrchr(here, '/');
        if (slash == NULL || here[1] == '\0')
            break;
        slash[slash == here] = '\0';
    }
    free(here);
    return found;
}

bool locate_index(const settings *s, bool create, bytes *out)
{
    const char *given = settings_text(s, OPT_INDEX, getenv("QUIRE_INDEX"));
    bytes_clear(out);
    if (given != NULL && given[0] != '\0') {
        bytes_text(out, given);
        return true;
    }
    if (nearest(out))
        return true;
    bytes_clear(out);
    bytes_text(out, ".quire");
    if (!create)
        message_usage(
            "no index: neither --index nor $QUIRE_INDEX is given, and no folder from here up "
            "has a .quire; 'quire index PATH' makes one");
    return create;
}

int locate_open(const settings *s, quire_index **out, bytes *where)
{
    quire_error err = {0};
    *out = NULL;
    if (!locate_index(s, false, where))
        return EXIT_FAULT;
    const char *path = bytes_cstr(where);
    if (quire_index_open(out, path, NULL, &err) == QUIRE_OK)
        return 0;
    if (err.code == QUIRE_ERR_NOT_FOUND)
        return message_usage("%s: no index there; 'quire index --index %s PATH' makes one", path,
                             path);
    return message_status(path, &err);
}

static uint64_t hash(const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h;
}

static void add_clean(const char *name, bytes *out)
{
    quire_str s = quire_cstr(name);
    while (s.len > 0) {
        size_t n = decode_utf8_length(s);
        if (n == 0)
            bytes_printf(out, "%%%02X", (unsigned)(unsigned char)s.ptr[n++]);
        else
            bytes_add(out, s.ptr, n);
        s = str_slice(s, n, s.len);
    }
}

void locate_base(const char *index, bytes *out)
{
    char *full = realpath(index, NULL);
    if (full == NULL) {
        const char *slash = strrchr(index, '/');
        char *parent = slash == NULL
                           ? memory_copy(".", 1)
                           : memory_copy(index, slash == index ? 1 : (size_t)(slash - index));
        char *above = realpath(parent, NULL);
        bytes_clear(out);
        bytes_printf(out, "%s/", above == NULL || strcmp(above, "/") == 0 ? "" : above);
        free(above);
        free(parent);
        return;
    }
    bytes_clear(out);
    bytes_add(out, full, (size_t)(strrchr(full, '/') - full) + 1);
    free(full);
}

void locate_name(const char *base, const char *path, bytes *out)
{
    size_t n = strlen(base);
    bytes_clear(out);
    add_clean(n > 0 && strncmp(path, base, n) == 0 ? path + n : path, out);
    if (out->len <= LONGEST_NAME)
        return;
    size_t cut = KEPT_OF_LONG;
    while (cut > 0 && ((unsigned char)out->ptr[cut] & 0xC0) == 0x80)
        cut--;
    out->len = cut;
    bytes_printf(out, "~%016llx", (unsigned long long)hash(path));
}
