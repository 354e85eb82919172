internal import Mesh

/// What an answer must be to be a good one.
package struct DNSExpectation: Equatable, Sendable {
    let rcodes: [DNSRcode]
    let needsAnswer: Bool
    let answers: [Answer]
    let match: Match

    /// How many of the expected answers must be there. Others beside them do no harm.
    package enum Match: String, CaseIterable, Sendable {
        case any, all
    }

    /// NOERROR and an answer.
    package static let anAnswer = DNSExpectation(needsAnswer: true)

    /// NOERROR, with an answer or without.
    package static let anAnswerOrNone = DNSExpectation(needsAnswer: false)

    /// Expected answers that can be told apart in a set of bits.
    private static let limit = 64

    private init(needsAnswer: Bool) {
        rcodes = [.noError]
        self.needsAnswer = needsAnswer
        answers = []
        match = .any
    }

    /// - Parameters:
    ///   - type: The type that is asked for.
    ///   - needsAnswer: A record of this type must be there when the rcode is NOERROR; with another expected rcode
    ///     never.
    ///   - answers: Expected data, at most 64; then an answer is needed. Addresses are compared by value. Others are
    ///     compared with the record's form in a zone file, but for spaces; for types made of names and numbers (NS,
    ///     CNAME, PTR, MX, SOA, SRV) and unknown ones, case and a name's dot at the end do not matter; for SVCB and
    ///     HTTPS, quotes don't. For TXT, a text that does not start with a quote is compared with all the record's
    ///     strings put together.
    package init(
        of type: DNSType, rcodes: [DNSRcode] = [.noError], needsAnswer: Bool = true, answers: [String] = [],
        match: Match = .any
    ) throws(Invalid) {
        if rcodes.isEmpty { throw Invalid("no rcode is expected") }
        if !answers.isEmpty {
            if !rcodes.contains(.noError) { throw Invalid("answers are expected, but not NOERROR") }
            if type == .any { throw Invalid("the answers of type ANY are the server's choice") }
            if answers.count > DNSExpectation.limit { throw Invalid("more than 64 answers are expected") }
        }
        var expected: [Answer] = []
        for text in answers { expected.append(try Answer(text, type: type)) }
        self.rcodes = rcodes
        self.needsAnswer = needsAnswer || !answers.isEmpty
        self.answers = expected
        self.match = match
    }

    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    enum Answer: Equatable, Sendable {
        /// An address' bytes on the wire.
        case address([UInt8])
        /// All strings of a TXT record, put together.
        case content([UInt8])
        /// In the canonical form that `canonical` makes.
        case text([UInt8])

        init(_ text: String, type: DNSType) throws(Invalid) {
            switch type {
            case .a, .aaaa:
                guard let address = IPAddress(text), address.family == (type == .a ? .ipv4 : .ipv6) else {
                    throw Invalid("\"\(text)\" is not an address of type \(type)")
                }
                self = .address(address.bytes)
            case .txt where text.utf8.first != UInt8(ascii: "\""): self = .content(Array(text.utf8))
            default:
                let canonical = DNSExpectation.canonical(Array(text.utf8), type: type)
                if canonical.isEmpty { throw Invalid("an expected answer is empty") }
                self = .text(canonical)
            }
        }
    }
}
