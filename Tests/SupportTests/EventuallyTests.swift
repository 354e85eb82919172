import Support
import Testing

struct EventuallyTests {
    @Test func returnsWhatIsSeenInTheEnd() async throws {
        var count = 0
        let seen = try await eventually(within: .seconds(10), "it is three") {
            count += 1
            return count
        } until: {
            $0 == 3
        }
        #expect(seen == 3 && count == 3)
    }

    @Test func saysWhatWasSeenLast() async throws {
        let error = await #expect(throws: NotInTime.self) {
            try await eventually(within: .milliseconds(10), "it is three", observe: { 2 }, until: { $0 == 3 })
        }
        #expect(error?.description == "not within 0.01 seconds: it is three; last seen: 2")
    }

    @Test func anErrorIsSomethingSeen() async throws {
        struct Refused: Error {}
        var attempts = 0
        try await eventually(within: .seconds(10), "it answers") {
            attempts += 1
            if attempts < 3 { throw Refused() }
            return true
        }
        let error = await #expect(throws: NotInTime.self) {
            try await eventually(within: .zero, "it answers") { throw Refused() }
        }
        #expect(error?.lastSeen == "Refused()")
    }

    @Test func looksOnceMoreAfterTheDeadline() async throws {
        try await eventually(within: .zero, "it is so") { true }
    }
}
