// The server that the floor and Heartmesh both probe: it answers every GET with the identity of the node whose
// address it was reached at, so one process stands for thousands of peers.
//
//     responder PORT [MESH]        cc -O2 -Wall -Wextra -Werror responder.c -o responder
//
// 127.1.x.y is node-<x * 256 + y>. UDP probes (Sources/Mesh/Beat.swift) are answered on the same port. The reply over HTTP has the form of Heartmesh's own responder and leaves the connection open:
// the prober closes first, as it does against a real peer, and so it is the prober that pays for TIME_WAIT.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { maxDescriptors = 16384, eventsAtOnce = 256 };

// The node number of each open connection. No more is kept: a request of the benchmark fits one segment.
static uint16_t nodes[maxDescriptors];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void acceptAll(int listener, int epoll) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        struct sockaddr_in local;
        socklen_t length = sizeof local;
        if (fd >= maxDescriptors || getsockname(fd, (struct sockaddr *)&local, &length) < 0) {
            close(fd);
            continue;
        }
        nodes[fd] = (uint16_t)(ntohl(local.sin_addr.s_addr) & 0xffff);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) close(fd);
    }
}

/// Answers what was read; false when the connection is to be closed.
static int answer(int fd, const char *mesh) {
    char request[4096], body[256], reply[1024];
    ssize_t got = recv(fd, request, sizeof request, 0);
    if (got < 0) return errno == EAGAIN;
    if (got < 18 || memcmp(request, "GET ", 4) != 0 || memcmp(request + got - 4, "\r\n\r\n", 4) != 0) return 0;
    int node = nodes[fd];
    int size = snprintf(
        body, sizeof body,
        "{\"mesh\":\"%s\",\"node\":\"node-%d\",\"zone\":\"z%d\",\"uid\":\"\",\"state\":\"active\"}\n",
        mesh, node, node % 3 + 1);
    int length = snprintf(
        reply, sizeof reply,
        "HTTP/1.1 200 OK\r\nHeartmesh: mesh=%s; node=node-%d; zone=z%d; uid=; state=active\r\n"
        "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        mesh, node, node % 3 + 1, size, body);
    return send(fd, reply, (size_t)length, MSG_NOSIGNAL) == length;
}

static int boundSocket(int type, uint16_t port) {
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) die("socket");
    if (type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    } else {
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    return fd;
}

/// Turns each request into its reply: who answers, and that everything has arrived so far.
static void answerDatagrams(int fd, const char *mesh) {
    enum { headerSize = 48, requestSize = 512 };
    for (;;) {
        char datagram[requestSize + 1], control[CMSG_SPACE(sizeof(struct in_pktinfo))];
        struct sockaddr_in peer;
        struct iovec vector = {datagram, sizeof datagram};
        struct msghdr message = {.msg_name = &peer, .msg_namelen = sizeof peer, .msg_iov = &vector, .msg_iovlen = 1,
                                 .msg_control = control, .msg_controllen = sizeof control};
        ssize_t got = recvmsg(fd, &message, 0);
        if (got < 0) return;
        struct cmsghdr *first = CMSG_FIRSTHDR(&message);
        if (got != requestSize || memcmp(datagram, "HMB1\1", 5) != 0 || !first) continue;
        // It goes out from the address that it came to.
        struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(first);
        info->ipi_spec_dst = info->ipi_addr;
        info->ipi_ifindex = 0;
        datagram[4] = 2;
        memcpy(datagram + 28, datagram + 16, 4);
        memset(datagram + 32, 0xff, 8);
        memcpy(datagram + 40, datagram + 8, 8);
        int size = snprintf(datagram + headerSize, requestSize - headerSize, "mesh=%s; node=node-%d; state=active", mesh,
                            (int)(ntohl(info->ipi_addr.s_addr) & 0xffff));
        vector.iov_len = (size_t)(headerSize + size);
        (void)sendmsg(fd, &message, 0);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: responder PORT [MESH]\n");
        return 2;
    }
    const char *mesh = argc > 2 ? argv[2] : "default";

    struct rlimit limit = {.rlim_cur = maxDescriptors, .rlim_max = maxDescriptors};
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    uint16_t port = (uint16_t)atoi(argv[1]);
    int listener = boundSocket(SOCK_STREAM, port), datagrams = boundSocket(SOCK_DGRAM, port);
    if (listen(listener, 4096) < 0) die("listen");
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll");
    event.data.fd = datagrams;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, datagrams, &event) < 0) die("epoll_ctl");
    printf("listening\n");
    fflush(stdout);

    for (;;) {
        struct epoll_event events[eventsAtOnce];
        int count = epoll_wait(epoll, events, eventsAtOnce, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) acceptAll(listener, epoll);
            else if (fd == datagrams) answerDatagrams(datagrams, mesh);
            else if (!answer(fd, mesh)) close(fd);  // Closing takes it out of epoll.
        }
    }
}
