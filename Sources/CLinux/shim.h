#pragma once
#include "names.h"
// What the Glibc module leaves out.
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/prctl.h>
#include <unistd.h>

/// An open flag for `open(2)`, which is variadic when it creates: this one never creates.
static inline int heartmesh_open_for_reading(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC);
}

/// The same for a file that is made anew, or emptied, and that only its owner may read.
static inline int heartmesh_open_for_writing(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}
