/* What a restarted daemon must find again: a record of 64 octets for each socket, in a file. */
#ifndef FLOOR_RECORDS_H
#define FLOOR_RECORDS_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>

struct record {
    uint64_t cookie;
    uint64_t inode;
    struct in6_addr address;
    uid_t user;
    pid_t process;
    uint8_t type;
    uint8_t reserved[23];
};

_Static_assert(sizeof(struct record) == 64, "a record has 64 octets");

/* Makes the file, empty, beside the socket at `path`. */
void records_open(const char *path);

/* Writes a record; *number names it. 0 or an errno. */
int records_keep(const struct record *record, uint32_t *number);

/* Makes the record zeros and its number free. */
void records_erase(uint32_t number);

#endif
