internal import Glibc

/// What glibc has and its Swift module leaves out, because it is made without `_GNU_SOURCE`.
enum GNU {
    /// accept4(2): a connection that is close-on-exec from the start. With accept(2) and fcntl(2), a program started by
    /// another thread in between would inherit it, and closing it here would not end it.
    static func accept4(_ number: Int32, _ flags: Int32) -> Int32 {
        typealias Function = @convention(c) (Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32) -> Int32
        return unsafeBitCast(symbol("accept4"), to: Function.self)(number, nil, nil, flags)
    }

    /// pipe2(2), for the same reason.
    static func pipe2(_ ends: UnsafeMutablePointer<Int32>, _ flags: Int32) -> Int32 {
        typealias Function = @convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32
        return unsafeBitCast(symbol("pipe2"), to: Function.self)(ends, flags)
    }

    /// posix_spawn_file_actions_addclosefrom_np(3), since glibc 2.34.
    static func closeFrom(_ number: Int32, in actions: UnsafeMutablePointer<posix_spawn_file_actions_t>) {
        typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        let function = unsafeBitCast(symbol("posix_spawn_file_actions_addclosefrom_np"), to: Function.self)
        _ = function(actions, number)
    }

    /// setns(2) with CLONE_NEWNET: the calling thread enters the network namespace.
    static func enterNetworkNamespace(_ descriptor: Int32) -> Int32 {
        typealias Function = @convention(c) (Int32, Int32) -> Int32
        return unsafeBitCast(symbol("setns"), to: Function.self)(descriptor, 0x4000_0000)
    }

    /// POLLRDHUP of poll(2): the peer has ended its side.
    static let pollPeerHangUp: Int32 = 0x2000

    private static func symbol(_ name: String) -> UnsafeMutableRawPointer {
        guard let pointer = dlsym(nil, name) else { preconditionFailure("glibc 2.34 or newer has \(name)") }
        return pointer
    }
}
