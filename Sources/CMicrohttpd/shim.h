#pragma once
// microhttpd.h uses size_t, ssize_t and struct sockaddr without including what declares them.
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <microhttpd.h>

// Variadic functions are not importable into Swift, and results that are unions are clumsy there.

/// Starts a daemon without a thread, driven by its own epoll descriptor, on a socket that listens and that it takes over.
/// Both callbacks get the context.
static inline struct MHD_Daemon *heartmesh_mhd_start(int listener, MHD_AccessHandlerCallback handler,
                                                     MHD_RequestCompletedCallback ended, void *context,
                                                     size_t connection_memory, unsigned int connections,
                                                     unsigned int timeout_seconds) {
    return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handler, context,
                            MHD_OPTION_LISTEN_SOCKET, listener,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
                            MHD_OPTION_CONNECTION_LIMIT, connections,
                            MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
                            MHD_OPTION_NOTIFY_COMPLETED, ended, context,
                            MHD_OPTION_END);
}

/// The epoll descriptor of such a daemon, -1 when it has none.
static inline int heartmesh_mhd_epoll_descriptor(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

/// The address of the client of a connection, NULL when it is not known.
static inline const struct sockaddr *heartmesh_mhd_client_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}
