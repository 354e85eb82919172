internal import Foundation

/// A value that several threads use, one at a time.
///
/// Not `Synchronization.Mutex`: ThreadSanitizer does not see its ordering on Linux and reports races that are none.
package final class Locked<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) {
        self.value = value
    }

    package func with<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try lock.withLock { try body(&value) }
    }
}
