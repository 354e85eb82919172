internal import Foundation
internal import Glibc

/// A network namespace with a name, as ip-netns(8) makes it.
package struct NetworkNamespace: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    package var description: String { name }

    /// Runs on a thread that is inside of the namespace, and waits for it.
    ///
    /// A thread starts in its creator's namespace, so that the threads, sockets and programs that the body starts are
    /// inside too, and stay there.
    package func runBlocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let ended = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var result: Swift.Result<Result, any Error>?
        start {
            result = $0
            ended.signal()
        } body: {
            try body()
        }
        ended.wait()
        guard let result else { preconditionFailure("it is set before the signal") }
        return try result.get()
    }

    /// The same without blocking the caller's thread, of which Swift's pool has only one per core.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            start {
                continuation.resume(with: $0)
            } body: {
                try body()
            }
        }
    }

    private func start<Result: Sendable>(
        _ done: @escaping @Sendable (Swift.Result<Result, any Error>) -> Void,
        body: @escaping @Sendable () throws -> Result
    ) {
        Thread {
            done(
                Swift.Result {
                    try enter()
                    return try body()
                })
        }.start()
    }

    private func enter() throws {
        let path = "/run/netns/\(name)"
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw SocketError(operation: "open \(path)", number: errno) }
        defer { close(number) }
        guard GNU.enterNetworkNamespace(number) == 0 else {
            throw SocketError(operation: "setns \(path)", number: errno)
        }
    }
}
