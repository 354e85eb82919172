import CLinux
import Glibc
import Reactor
import Testing

struct DescriptorTests {
    @Test func itIsClosedWithItsOwner() throws {
        let (near, far) = try socketPair()
        defer { close(near) }
        do {
            let descriptor = Descriptor(owning: far)
            #expect(descriptor.number == far)
            #expect(!isAtEnd(near, within: 0))
        }
        #expect(isAtEnd(near, within: 10_000))
    }

    @Test func whatIsGivenAwayStaysOpen() throws {
        let (near, far) = try socketPair()
        defer { close(near) }
        #expect(Descriptor(owning: far).release() == far)
        #expect(!isAtEnd(near, within: 0))
        #expect(fcntl(far, F_GETFD) >= 0)
        close(far)
        #expect(isAtEnd(near, within: 10_000))
    }
}

private func socketPair() throws -> (Int32, Int32) {
    var numbers: [Int32] = [-1, -1]
    try systemCall("socketpair") {
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &numbers)
    }
    return (numbers[0], numbers[1])
}

/// Whether the other end of a socket is closed. Seen from there: another test may already have the closed number. A
/// program that another test starts just now holds the other end until its exec.
private func isAtEnd(_ number: Int32, within milliseconds: Int32) -> Bool {
    var descriptor = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, milliseconds) == 1 && descriptor.revents & Int16(POLLHUP) != 0
}
