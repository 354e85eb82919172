#pragma once
#include <signal.h>

// <netdb.h> declares getaddrinfo_a(3) under _GNU_SOURCE only. With that, this module's <sys/select.h> would be another than
// that of the modules that are imported beside it; and what it includes would be this module's, no more Glibc's. These
// are glibc's declarations; their layout is part of its ABI.
struct addrinfo;

struct gaicb {
    const char *ar_name;
    const char *ar_service;
    const struct addrinfo *ar_request;
    struct addrinfo *ar_result;
    int internal_return;
    int internal_reserved[5];
};

extern int getaddrinfo_a(int mode, struct gaicb *list[], int count, struct sigevent *event);
extern int gai_error(struct gaicb *request);
extern int gai_cancel(struct gaicb *request);

#define GAI_NOWAIT 1
#define EAI_NODATA -5
#define EAI_ADDRFAMILY -9
#define EAI_INPROGRESS -100
