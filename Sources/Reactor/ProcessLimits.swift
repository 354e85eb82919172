internal import CLinux
internal import Glibc

/// Raises the limit of open descriptors as far as it goes without a privilege: many containers start with 1,024, and each
/// probe under way and each connection to the responder takes one. epoll has no trouble with large numbers.
package func raiseDescriptorLimit() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
}

/// Gives large blocks back to the kernel as soon as they are free.
///
/// glibc raises the size from which a block is mapped by itself whenever such a block is freed (mallopt(3)): after a few
/// lists of 5,000 peers, 2.7 MB each, the heap keeps 17 MB; with a fixed size, 9 MB.
package func keepHeapSmall() {
    mallopt(M_MMAP_THRESHOLD, 128 << 10)
}
