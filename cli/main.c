/* SPDX-License-Identifier: MIT
 * quire: the command line of the library. It uses nothing but quire.h; each verb is a cmd_*.c. */
#include "cmd_help.h"
#include "message.h"

int main(int argc, char **argv)
{
    settings s;
    int code = settings_parse(argc, argv, &s);
    if (code == 0 && settings_has(&s, OPT_HELP)) {
        help_verb(s.verb);
        code = message_finish(EXIT_FOUND);
    } else if (code == 0) {
        code = s.verb->run(&s);
    }
    settings_free(&s);
    return code;
}
