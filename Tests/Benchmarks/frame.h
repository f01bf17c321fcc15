/* The frames of the setsc socket, as Sources/Wire describes them octet by octet. */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <netinet/in.h>
#include <stdint.h>

enum frame_operation { OPERATION_SETSC = 1, OPERATION_REPLY = 0x80 };
enum frame_status { STATUS_GRANTED = 0, STATUS_FAILED = 2, STATUS_CALLER_ERROR = 3 };
enum { FRAME_VERSION = 1, CONTINUITY_TYPES = 5 };

/* Request.flags, in network byte order. */
enum { FLAG_ON_NET = 1 };

struct request {
    uint8_t signature[3]; /* "odm" */
    uint8_t version;
    uint8_t operation;
    uint8_t type;
    uint16_t flags;
    uint8_t reserved[8];
};

struct reply {
    uint8_t signature[3];
    uint8_t version;
    uint8_t operation;
    uint8_t type;
    uint8_t status;
    uint8_t zero;
    uint32_t error; /* errno, in network byte order */
    uint8_t reserved[4];
    struct in6_addr address;
};

_Static_assert(sizeof(struct request) == 16, "a request has 16 octets");
_Static_assert(sizeof(struct reply) == 32, "a reply has 32 octets");

#endif
