extension DNSQuery {
    /// Says what a message is to this query. Bounded in time and memory by the message's length, whatever it holds.
    ///
    /// - Parameters:
    ///   - bytes: One message, without the length that precedes it in a stream.
    ///   - limit: Answers of a good message that are wanted as text, at most 16. Without any, and without expected
    ///     answers, judging an answer that has no aliases allocates nothing.
    package func judge(
        _ bytes: UnsafeRawBufferPointer, expecting expectation: DNSExpectation = .anAnswer, describing limit: Int = 3
    ) -> DNSVerdict {
        let message = DNSMessage(bytes: bytes)
        do throws(DNSFault) {
            if let stray = try stray(message) { return .notForUs(stray) }
            return try judge(message, expecting: expectation, describing: limit)
        } catch {
            return .malformed(error)
        }
    }

    /// Why a message is no answer to this query; nil when it is one (RFC 5452, section 9.1).
    private func stray(_ message: DNSMessage) throws(DNSFault) -> DNSVerdict.Stray? {
        if message.count < DNSMessage.headerLength { return .short }
        if try message.number16(at: 0) != id { return .id }
        let flags = DNSFlags(bits: try message.number16(at: 2))
        if !flags.isResponse { return .question }
        if flags.opcode != 0 { return .opcode }
        let fixed = endOfQuestion - 4
        // A question's name has nothing before it that it could be compressed with.
        guard try message.number16(at: 4) == 1, endOfQuestion <= message.count,
            message.isName(name, at: DNSMessage.headerLength), try message.number16(at: fixed) == type.rawValue,
            try message.number16(at: fixed + 2) == DNSQuery.internet
        else { return .otherQuestion }
        return nil
    }

    private func judge(
        _ message: DNSMessage, expecting expectation: DNSExpectation, describing limit: Int
    ) throws(DNSFault) -> DNSVerdict {
        if message.count > Int(UInt16.max) { throw .tooLong }
        if DNSFlags(bits: try message.number16(at: 2)).isTruncated { return .truncated }
        let sections = try DNSSections(message, query: self)
        guard expectation.rcodes.contains(sections.rcode) else { return .rcode(sections.rcode) }
        guard sections.rcode == .noError else {
            return .good(.init(rcode: sections.rcode, count: 0, minimumTTL: nil, texts: []))
        }

        let end = try sections.aliases.follow(from: DNSMessage.headerLength, in: message)
        let limit = min(max(limit, 0), DNSQuery.describedAtMost)
        let described = expectation.answers.isEmpty ? limit : max(limit, DNSQuery.describedWhenUnexpected)
        var first: [DNSRecord] = []
        var count = 0
        var ttl = end.ttl ?? .max
        var matches: UInt64 = 0
        var position = sections.answers
        for _ in 0..<sections.answerCount {
            let record = try DNSRecord(message, at: position, isChecked: true)
            position = record.data.upperBound
            guard wants(record.type), record.isInternet, end.kind != .loop,
                try message.areNamesEqual(at: record.name, end.name)
            else { continue }
            count += 1
            ttl = min(ttl, record.ttl)
            matches |= try expectation.matches(record, in: message)
            if first.count < described { first.append(record) }
        }
        if count == 0, expectation.needsAnswer { return .noAnswer(end.emptiness) }
        guard expectation.isMet(matches) else {
            return .unexpected(texts: try message.texts(of: first.prefix(DNSQuery.describedWhenUnexpected)))
        }
        return .good(
            .init(
                rcode: sections.rcode, count: count, minimumTTL: count == 0 ? nil : ttl,
                texts: try message.texts(of: first.prefix(limit))))
    }

    /// Answers that are shown when none of them was expected, and ever.
    private static let describedWhenUnexpected = 3
    private static let describedAtMost = 16

    /// Whether a record of a type answers the question.
    func wants(_ type: DNSType) -> Bool {
        type == self.type || self.type == .any
    }

    /// In an answer whose question is this query's: where the records start.
    var endOfQuestion: Int { DNSMessage.headerLength + name.wire.count + 4 }
}

extension DNSAliases.End {
    fileprivate var emptiness: DNSVerdict.Emptiness {
        switch kind {
        case .none: .nothing
        case .followed: .aliasOnly
        case .loop: .aliasLoop
        case .tooMany: .tooManyAliases
        }
    }
}

extension DNSMessage {
    /// For the log: each of at most 256 bytes.
    fileprivate func texts(of records: ArraySlice<DNSRecord>) throws(DNSFault) -> [String] {
        var texts: [String] = []
        for record in records {
            let text = try DNSData.text(of: record, in: self)
            texts.append(String(decoding: text.prefix(256), as: UTF8.self) + (text.count > 256 ? "…" : ""))
        }
        return texts
    }
}
