import Testing

@testable import Discovery

struct AllowanceTests {
    /// So many refreshes of a size that looks have leave for when lists take some of the bytes.
    private func refreshes(size: Int, lists: Int, looks: Int) -> (count: Int, bytes: Int) {
        var allowance = Allowance(bytesPerLook: 1000)
        var total = 500_000
        // The first lists are not for later looks to pay.
        for _ in 0..<5 { allowance.begin(total) }
        let start = total
        var count = 0
        for _ in 0..<looks {
            allowance.begin(total)
            total += lists
            if allowance.asksLeave(total) {
                count += 1
                total += size
            }
        }
        return (count, total - start)
    }

    @Test(arguments: [(500, 400, 100), (600, 400, 100), (1200, 400, 50), (2000, 0, 50), (2000, 500, 25)])
    func onAverageALookCostsNoMoreThanItMay(size: Int, lists: Int, expected: Int) {
        let (count, bytes) = refreshes(size: size, lists: lists, looks: 100)
        #expect(abs(count - expected) <= 2)
        #expect(bytes <= 100 * 1000 + size + 1000)
    }

    /// When the lists alone cost more, there is one now and then all the same.
    @Test func neverNone() {
        #expect(9...11 ~= refreshes(size: 500, lists: 5000, looks: 110).count)
    }
}
