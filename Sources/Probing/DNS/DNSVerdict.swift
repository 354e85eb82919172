/// What an answer is to a query.
package enum DNSVerdict: Equatable, Sendable {
    /// No answer to this query. Over UDP it is dropped and counted, and the wait goes on: a late answer or a forged one
    /// must never be taken for this query's (RFC 5452, section 9.1).
    case notForUs(Stray)
    case malformed(DNSFault)
    /// Cut to fit a packet (the bit TC): what it holds is not looked at. The whole answer is to be had over TCP.
    case truncated
    /// Another rcode than the expected ones.
    case rcode(DNSRcode)
    /// NOERROR, but nothing of the wanted type.
    case noAnswer(Emptiness)
    /// None of the expected answers, or not all of them, is among these. Up to three, as text.
    case unexpected(texts: [String])
    case good(Answers)

    /// Why a message is no answer to a query.
    package enum Stray: String, CaseIterable, Sendable {
        /// No header.
        case short
        case id
        /// It is a question.
        case question
        case opcode
        /// It answers another question, several, or none.
        case otherQuestion = "other_question"
    }

    /// What is there instead of an answer.
    package enum Emptiness: Equatable, Sendable {
        case nothing
        /// The name is an alias of one that has no such record.
        case aliasOnly
        /// The aliases lead in a circle.
        case aliasLoop
        /// More than sixteen aliases.
        case tooManyAliases
    }

    package struct Answers: Equatable, Sendable {
        package let rcode: DNSRcode
        /// Records of the wanted type; 0 when none is needed.
        package let count: Int
        /// The least of the answers and of the aliases that lead to them, in seconds.
        package let minimumTTL: UInt32?
        /// The first of them, for the log.
        package let texts: [String]
    }
}

extension DNSVerdict: CustomStringConvertible {
    /// For the log.
    package var description: String {
        switch self {
        case .notForUs(let stray): "not an answer to this query (\(stray.rawValue))"
        case .malformed(let fault): "not a DNS message: \(fault)"
        case .truncated: "the answer is truncated"
        case .rcode(let rcode): "the server answered \(rcode)"
        case .noAnswer(.nothing): "the answer is empty"
        case .noAnswer(.aliasOnly): "the name is an alias of one that has no such record"
        case .noAnswer(.aliasLoop): "the answer's aliases lead in a circle"
        case .noAnswer(.tooManyAliases): "the answer has more than 16 aliases"
        case .unexpected(let texts): "the answer is not as expected: \(texts.joined(separator: ", "))"
        case .good(let answers):
            "\(answers.rcode), \(answers.count) answer\(answers.count == 1 ? "" : "s")"
                + (answers.texts.isEmpty ? "" : ": \(answers.texts.joined(separator: ", "))")
        }
    }
}
