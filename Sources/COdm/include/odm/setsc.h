#ifndef ODM_SETSC_H
#define ODM_SETSC_H
#include <netinet/in.h>
typedef unsigned char sc_type;
int setsc(int sockfd, struct in6_addr *source, sc_type type);
int setsockopt(int fd, int level, int name, const void *v, socklen_t l);
#endif
