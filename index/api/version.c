/* SPDX-License-Identifier: MIT
 *
 * What the library is called, and what its statuses are. */
#include "quire.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *quire_version(void)
{
    return TEXT(QUIRE_VERSION_MAJOR) "." TEXT(QUIRE_VERSION_MINOR) "." TEXT(QUIRE_VERSION_PATCH);
}

const char *quire_status_name(quire_status status)
{
    static const char *const errors[] = {
        "QUIRE_ERR_MEMORY", "QUIRE_ERR_MISUSE",    "QUIRE_ERR_IO",      "QUIRE_ERR_CORRUPT",
        "QUIRE_ERR_FORMAT", "QUIRE_ERR_NOT_FOUND", "QUIRE_ERR_EXISTS",  "QUIRE_ERR_BUSY",
        "QUIRE_ERR_SYNTAX", "QUIRE_ERR_LIMIT",     "QUIRE_ERR_CANCELED"};
    int number = (int)status;
    if (number == QUIRE_OK)
        return "QUIRE_OK";
    if (number == QUIRE_DONE)
        return "QUIRE_DONE";
    if (number >= QUIRE_ERR_CANCELED && number <= QUIRE_ERR_MEMORY)
        return errors[-number - 1];
    return "unknown";
}
