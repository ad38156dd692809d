/* SPDX-License-Identifier: MIT
 * Runs a file through a command of the user's. The file is the command's standard input, never part
 * of its command line, so that no file name can be read as shell. */
#include "filter.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool filter_parse(const char *text, filter *out)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || equals[1] == '\0')
        return false;
    quire_str left = {text, (size_t)(equals - text)};
    const char *colon = memchr(left.ptr, ':', left.len);
    quire_str ending = colon == NULL ? left : str_slice(left, 0, (size_t)(colon - text));
    ending = ending.len > 0 && ending.ptr[0] == '.' ? str_slice(ending, 1, ending.len) : ending;
    *out = (filter){.form = READ_TEXT, .command = equals + 1};
    if (ending.len == 0 || ending.len >= sizeof out->ending)
        return false;
    memcpy(out->ending, ending.ptr, ending.len);
    if (colon != NULL) {
        char name[16] = "";
        quire_str form = str_slice(left, (size_t)(colon - text) + 1, left.len);
        if (form.len >= sizeof name)
            return false;
        memcpy(name, form.ptr, form.len);
        out->form = read_form_named(name);
    }
    return out->form != READ_NONE;
}

const filter *filter_for(const filter *filters, size_t count, const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    if (dot == NULL || (slash != NULL && dot < slash))
        return NULL;
    for (size_t i = count; i > 0; i--)
        if (strcasecmp(filters[i - 1].ending, dot + 1) == 0)
            return &filters[i - 1];
    return NULL;
}

/* A file without a name. */
static int nameless(void)
{
    FILE *file = tmpfile();
    int fd = file == NULL ? -1 : fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
    if (file != NULL)
        fclose(file);
    return fd;
}

static int start(const filter *f, int input, int output, pid_t *child)
{
    int flags = fcntl(input, F_GETFL);
    if (flags >= 0)
        fcntl(input, F_SETFL, flags & ~O_NONBLOCK);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    char shell[] = "sh", option[] = "-c", *command = memory_copy(f->command, strlen(f->command));
    char *args[] = {shell, option, command, NULL};
    int failed = posix_spawn(child, "/bin/sh", &actions, NULL, args, environ);
    posix_spawn_file_actions_destroy(&actions);
    free(command);
    return failed;
}

static bool ended_well(pid_t child, char why[READ_WHY])
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        snprintf(why, READ_WHY, "its filter ended with %d", WEXITSTATUS(status));
    else
        snprintf(why, READ_WHY, "its filter was ended by signal %d", WTERMSIG(status));
    return false;
}

int filter_run(const filter *f, int input, char why[READ_WHY])
{
    pid_t child;
    int output = nameless();
    int failed = output < 0 ? errno : start(f, input, output, &child);
    if (failed != 0)
        snprintf(why, READ_WHY, "its filter cannot be started: %s", strerror(failed));
    if (failed == 0 && ended_well(child, why) && lseek(output, 0, SEEK_SET) == 0)
        return output;
    if (output >= 0)
        close(output);
    return -1;
}
