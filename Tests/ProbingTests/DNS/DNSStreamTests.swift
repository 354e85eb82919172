import Testing

@testable import Probing

struct DNSStreamTests {
    @Test(arguments: 1...80)
    func portionsOfAnySize(size: Int) {
        var stream = DNSStream()
        let sent = CapturedDNS.knotTCP + CapturedDNS.knotTCP
        var received: [[UInt8]] = []
        for start in stride(from: 0, to: sent.count, by: size) {
            received += stream.messages(Array(sent[start..<min(start + size, sent.count)]))
        }
        #expect(received == [CapturedDNS.knotA.answer, CapturedDNS.knotA.answer])
        #expect(!stream.isWithinMessage)
    }

    @Test func emptyMessages() {
        var stream = DNSStream()
        #expect(stream.messages([0, 0, 0, 0, 0, 1, 7]) == [[], [], [7]])
        #expect(!stream.isWithinMessage)
    }

    @Test func theLongest() {
        var stream = DNSStream()
        let message = [UInt8](repeating: 3, count: 65535)
        #expect(stream.messages([0xff, 0xff] + message + [0]) == [message])
        #expect(stream.isWithinMessage)
    }

    @Test func aMessageThatIsCut() {
        for end in 1..<CapturedDNS.knotTCP.count {
            var stream = DNSStream()
            #expect(stream.messages(Array(CapturedDNS.knotTCP[..<end])).isEmpty)
            #expect(stream.isWithinMessage)
        }
    }

    @Test func nothing() {
        var stream = DNSStream()
        #expect(stream.messages([]).isEmpty)
        #expect(!stream.isWithinMessage)
    }
}

extension DNSStream {
    fileprivate mutating func messages(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.withUnsafeBytes { bytes in
            var portion = bytes
            var messages: [[UInt8]] = []
            while let message = next(from: &portion) { messages.append(message) }
            #expect(portion.isEmpty)
            return messages
        }
    }
}
