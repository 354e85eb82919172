internal import Glibc
internal import Mesh

/// The head of an answer, line by line, and who it says has answered. Pure.
struct AnswerHead {
    /// Who must answer, as the identity in the answer has it.
    enum Answerer {
        /// The identity starts so.
        case node([UInt8])
        /// The identity starts so, and goes on with a node's name.
        case anyPeer([UInt8])
        /// No identity is asked for.
        case server
    }

    enum Respondent: Equatable {
        /// It has not said who it is.
        case nobody
        /// Where it is, if any peer may answer.
        case right(Locality?)
        case otherMesh, otherNode, unknownNode
        /// One speaks for another.
        case several
    }

    private static let statusLine = Array("HTTP/".utf8)
    /// More of what somebody else says of itself is not kept.
    private static let identityLimit = 256

    private let answerer: Answerer
    /// It has come to its end.
    private(set) var isWhole = false
    private(set) var respondent = Respondent.nobody
    /// The one who answered, and had to, is shutting down.
    private(set) var isDraining = false
    /// `stableHash` of the name of the node of this mesh that answered and is not known.
    private(set) var stranger: UInt64?
    /// Bytes of the request's body that have come, as the answer has it; nil when it does not say.
    private(set) var receivedBytes: Int?
    /// What somebody else said of itself, for the log.
    private(set) var identity: [UInt8] = []

    init(from answerer: Answerer) {
        self.answerer = answerer
    }

    var isFromServer: Bool {
        if case .server = answerer { true } else { false }
    }

    /// Whether a line can be a status, an identity or the end; most can't, and need no further look.
    static func matters(_ line: UnsafeRawBufferPointer) -> Bool {
        switch line.first {
        case UInt8(ascii: "H"), UInt8(ascii: "h"), 0x0d, 0x0a: true
        default: false
        }
    }

    /// - Parameters:
    ///   - line: With its end of line.
    ///   - locality: Where the peer on a node of this name is; nil when there is none.
    mutating func received(
        _ line: UnsafeRawBufferPointer, locality: (Slice<UnsafeRawBufferPointer>) -> Locality?
    ) {
        if line.starts(with: AnswerHead.statusLine) {
            // Of an answer after an interim one (RFC 9110, section 15.2), which speaks for nobody.
            isWhole = false
            respondent = .nobody
            isDraining = false
            stranger = nil
            receivedBytes = nil
        }
        // What follows the head are trailers.
        if isWhole { return }
        isWhole = line.first == 0x0d || line.first == 0x0a
        guard let value = AnswerHead.value(of: Identity.lowercasedName, in: line) else {
            if let value = AnswerHead.value(of: Identity.lowercasedReceivedName, in: line) {
                receivedBytes = Int(String(decoding: value, as: UTF8.self))
            }
            return
        }
        // Fields of the same name may be joined by a comma (RFC 9110, section 5.3); an identity has none.
        let bytes = UnsafeRawBufferPointer(rebasing: value)
        let comma = bytes.baseAddress.flatMap { memchr($0, Int32(UInt8(ascii: ",")), bytes.count) }
        if respondent != .nobody || comma != nil {
            respondent = .several
        } else {
            respondent = respondent(of: value, locality)
        }
        if case .right = respondent {
            isDraining = Identity.isDraining(value)
            return
        }
        stranger = respondent == .unknownNode ? nodeHash(in: value) : nil
        identity = Array(value.prefix(AnswerHead.identityLimit))
    }

    func respondent(
        of value: Slice<UnsafeRawBufferPointer>, _ locality: (Slice<UnsafeRawBufferPointer>) -> Locality?
    ) -> Respondent {
        switch answerer {
        case .server:
            return .right(nil)
        case .node(let start):
            return value.starts(with: start) ? .right(nil) : .otherNode
        case .anyPeer(let start):
            guard value.starts(with: start) else { return .otherMesh }
            let rest = value.dropFirst(start.count)
            guard let end = rest.firstIndex(of: UInt8(ascii: ";")), let locality = locality(rest[..<end]) else {
                return .unknownNode
            }
            return .right(locality)
        }
    }

    /// Of an identity of this mesh, where any peer may answer.
    func nodeHash(in value: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        guard case .anyPeer(let start) = answerer else { return nil }
        let rest = value.dropFirst(start.count)
        return rest.firstIndex(of: UInt8(ascii: ";")).map { stableHash(rest[..<$0]) }
    }

    /// Whether one certain node must answer: what it says of itself is that peer's state.
    var isFromOneNode: Bool {
        if case .node = answerer { true } else { false }
    }

    /// The value of a header line of this name, nil for every other line. Names of headers have no case.
    private static func value(
        of name: [UInt8], in line: UnsafeRawBufferPointer
    ) -> Slice<UnsafeRawBufferPointer>? {
        guard line.count > name.count, line[name.count] == UInt8(ascii: ":") else { return nil }
        for index in 0..<name.count where line[index] | 0x20 != name[index] { return nil }
        var value = line[(name.count + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
        while let last = value.last, last <= 0x20 { value = value.dropLast() }
        return value
    }
}

extension AnswerHead.Answerer {
    init(_ answerer: Target.Answerer, mesh: String) {
        switch answerer {
        case .node(let node): self = .node(Identity.prefix(mesh: mesh, node: node))
        case .anyPeer: self = .anyPeer(Identity.prefix(mesh: mesh))
        case .server: self = .server
        }
    }
}

extension Identity {
    fileprivate static let lowercasedName = Array(headerName.lowercased().utf8)
    fileprivate static let lowercasedReceivedName = Array(receivedHeaderName.lowercased().utf8)
}
