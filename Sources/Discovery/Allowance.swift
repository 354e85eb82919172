/// Whether there is leave to read again what is known already: on average, looks do not cost more than so many bytes.
///
/// A Node is 10 to 20 KB, of which a few hundred bytes are wanted, and the API has no smaller form that has them.
struct Allowance {
    private let bytes: Int
    /// So many looks after the last leave there is one in any case.
    private let patience = 10
    private var balance: Int
    private var total = 0
    private var looksWithout = 0

    init(bytesPerLook bytes: Int) {
        self.bytes = bytes
        balance = bytes
    }

    /// A look begins.
    ///
    /// - Parameter total: All bytes so far.
    mutating func begin(_ total: Int) {
        spend(total)
        balance = min(balance + bytes, bytes)
        looksWithout += 1
    }

    /// - Parameter total: All bytes so far.
    mutating func asksLeave(_ total: Int) -> Bool {
        spend(total)
        guard balance > 0 || looksWithout > patience else { return false }
        looksWithout = 0
        return true
    }

    private mutating func spend(_ total: Int) {
        // The first lists are large, and it is not for them to put off all else for an hour.
        balance = max(balance - (total - self.total), -2 * bytes)
        self.total = total
    }
}
