#pragma once
// Datagrams, and what the kernel says of them in control messages (cmsg(3)), whose macros can't be imported.
//
// A target of its own with a source file, not shims in CLinux' header: that would have to include <sys/socket.h> and
// <netinet/in.h>, and what a module includes first belongs to it, and no more to Glibc's module (see names.h there).
#include <stddef.h>

/// What came beside a datagram's payload.
struct heartmesh_datagram {
    /// A sockaddr_in or a sockaddr_in6. Of an error: where the datagram that it is about was sent to.
    unsigned int name[7];
    /// The address that it was sent to; family 0: not asked for.
    unsigned char local[16];
    int local_family;
    /// When the kernel took it, in nanoseconds since the epoch; 0: not asked for.
    long long time;
    /// Of an error: its number; and whether a host or a router sent it by ICMP.
    int error;
    int is_icmp;
};

/// The socket option for the times of arrival: SO_TIMESTAMPNS, an expression of macros.
extern const int heartmesh_receive_times;

/// recvmsg(2), without waiting. Returns the datagram's size, of which no more than the capacity is written.
long heartmesh_receive(
    int socket, void *bytes, size_t capacity, int from_error_queue, struct heartmesh_datagram *datagram);

/// sendmsg(2), without waiting, from the local address that the received datagram was sent to, to its sender.
long heartmesh_reply(int socket, const void *bytes, size_t count, const struct heartmesh_datagram *datagram);
