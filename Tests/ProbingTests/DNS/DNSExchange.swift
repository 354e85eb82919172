@testable import Probing

/// A query and the message that came for it.
struct DNSExchange: Sendable {
    let query: DNSQuery
    let answer: [UInt8]

    /// - Parameters:
    ///   - name: One that is known to be a name.
    ///   - answer: In hexadecimal.
    init(_ name: String, _ type: DNSType, _ answer: String) {
        query = DNSQuery(id: 0x1234, name: DNSName(known: name), type: type)
        self.answer = hex(answer)
    }

    func judge(expecting expectation: DNSExpectation = .anAnswer, describing limit: Int = 3) -> DNSVerdict {
        query.judge(answer, expecting: expectation, describing: limit)
    }
}

extension DNSQuery {
    func judge(
        _ answer: [UInt8], expecting expectation: DNSExpectation = .anAnswer, describing limit: Int = 3
    ) -> DNSVerdict {
        answer.withUnsafeBytes { judge($0, expecting: expectation, describing: limit) }
    }
}

extension DNSName {
    init(known text: String) {
        do { try self.init(text) } catch { preconditionFailure(error.description) }
    }
}

extension DNSVerdict {
    var texts: [String]? {
        guard case .good(let answers) = self else { return nil }
        return answers.texts
    }

    var isGood: Bool { texts != nil }
}

/// Bytes in hexadecimal; white space between them is passed over.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2))
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
