internal import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct Descriptor: ~Copyable {
    package let number: Int32

    /// Takes over a descriptor that is open.
    package init(owning number: Int32) {
        precondition(number >= 0, "a descriptor is not negative")
        self.number = number
    }

    deinit {
        // close(2) is not tried again after EINTR: Linux has released the descriptor by then, and another thread's
        // descriptor of the same number would be closed.
        close(number)
    }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }
}
