// in6_pktinfo is declared under it only.
#define _GNU_SOURCE
#include "CDatagrams.h"
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/errqueue.h>

_Static_assert(sizeof(struct sockaddr_in6) == sizeof(((struct heartmesh_datagram *)0)->name), "a name fits");

const int heartmesh_receive_times = SO_TIMESTAMPNS;

static void read_control(struct cmsghdr *control, struct heartmesh_datagram *datagram) {
    void *data = CMSG_DATA(control);
    int level = control->cmsg_level, type = control->cmsg_type;
    if (level == SOL_SOCKET && type == SO_TIMESTAMPNS) {
        struct timespec time;
        memcpy(&time, data, sizeof time);
        datagram->time = (long long)time.tv_sec * 1000000000 + time.tv_nsec;
    } else if (level == IPPROTO_IP && type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, data, sizeof info);
        memcpy(datagram->local, &info.ipi_addr, sizeof info.ipi_addr);
        datagram->local_family = AF_INET;
    } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, data, sizeof info);
        memcpy(datagram->local, &info.ipi6_addr, sizeof info.ipi6_addr);
        datagram->local_family = AF_INET6;
    } else if ((level == IPPROTO_IP && type == IP_RECVERR) || (level == IPPROTO_IPV6 && type == IPV6_RECVERR)) {
        struct sock_extended_err error;
        memcpy(&error, data, sizeof error);
        datagram->error = (int)error.ee_errno;
        datagram->is_icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
    }
}

long heartmesh_receive(
    int socket, void *bytes, size_t capacity, int from_error_queue, struct heartmesh_datagram *datagram
) {
    // Enough for the time, the local address and an error with its sender's address.
    union { struct cmsghdr header; char bytes[256]; } control;
    struct iovec part = {bytes, capacity};
    memset(datagram, 0, sizeof *datagram);
    struct msghdr message = {
        .msg_name = datagram->name, .msg_namelen = sizeof datagram->name, .msg_iov = &part, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control,
    };
    ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | (from_error_queue ? MSG_ERRQUEUE : MSG_TRUNC));
    if (count < 0) return count;
    for (struct cmsghdr *next = CMSG_FIRSTHDR(&message); next; next = CMSG_NXTHDR(&message, next))
        read_control(next, datagram);
    return count;
}

long heartmesh_reply(int socket, const void *bytes, size_t count, const struct heartmesh_datagram *datagram) {
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))]; } control;
    struct iovec part = {(void *)bytes, count};
    int is4 = *(const sa_family_t *)datagram->name == AF_INET;
    struct msghdr message = {
        .msg_name = (void *)datagram->name, .msg_iov = &part, .msg_iovlen = 1,
        .msg_namelen = is4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6),
    };
    memset(&control, 0, sizeof control);
    if (is4 && datagram->local_family == AF_INET) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, datagram->local, sizeof info.ipi_spec_dst);
        control.header.cmsg_level = IPPROTO_IP;
        control.header.cmsg_type = IP_PKTINFO;
        control.header.cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(&control.header), &info, sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
    } else if (!is4 && datagram->local_family == AF_INET6) {
        // Without the interface: a link-local sender's name has it.
        struct in6_pktinfo info;
        memset(&info, 0, sizeof info);
        memcpy(&info.ipi6_addr, datagram->local, sizeof info.ipi6_addr);
        control.header.cmsg_level = IPPROTO_IPV6;
        control.header.cmsg_type = IPV6_PKTINFO;
        control.header.cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(&control.header), &info, sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
    }
    message.msg_control = message.msg_controllen ? &control : 0;
    return sendmsg(socket, &message, MSG_DONTWAIT);
}
