/// The records of an answer, gone through once and found whole (RFC 1035, section 4.1).
struct DNSSections {
    private(set) var rcode: DNSRcode
    /// Where the answer section starts, and how many records it has.
    let answers: Int
    let answerCount: Int
    private(set) var aliases = DNSAliases()

    /// - Parameter query: The one whose question is in the message.
    init(_ message: DNSMessage, query: DNSQuery) throws(DNSFault) {
        rcode = DNSRcode(rawValue: DNSFlags(bits: try message.number16(at: 2)).rcode)
        answers = query.endOfQuestion
        answerCount = Int(try message.number16(at: 6))
        var position = answers
        for _ in 0..<answerCount {
            let record = try DNSRecord(message, at: position)
            position = record.data.upperBound
            try read(answer: record, in: message, query: query)
        }
        for _ in 0..<(try message.number16(at: 8)) {
            let record = try DNSRecord(message, at: position)
            position = record.data.upperBound
            if record.type == .opt { throw .opt }
        }
        var hasOPT = false
        for _ in 0..<(try message.number16(at: 10)) {
            let record = try DNSRecord(message, at: position)
            position = record.data.upperBound
            guard record.type == .opt else { continue }
            guard !hasOPT, message.bytes[record.name] == 0 else { throw .opt }
            hasOPT = true
            try read(opt: record, in: message)
        }
        if position < message.count { throw .trailingBytes }
    }

    private mutating func read(answer record: DNSRecord, in message: DNSMessage, query: DNSQuery) throws(DNSFault) {
        if record.type == .opt { throw .opt }
        guard record.isInternet else { return }
        if query.wants(record.type) {
            try DNSData.check(record, in: message)
        } else if record.type == .cname {
            try DNSData.check(record, in: message)
            aliases.add(record)
        }
    }

    /// The upper eight bits of the rcode are where other records have their time to live; the data are options, each
    /// with a code and a length (RFC 6891, sections 6.1.2 and 6.1.3).
    private mutating func read(opt record: DNSRecord, in message: DNSMessage) throws(DNSFault) {
        rcode = DNSRcode(rawValue: UInt16(record.rawTTL >> 24) << 4 | rcode.rawValue)
        var position = record.data.lowerBound
        while position < record.data.upperBound {
            guard position + 4 <= record.data.upperBound else { throw .data(.opt) }
            position += 4 + Int(try message.number16(at: position + 2))
        }
        guard position == record.data.upperBound else { throw .data(.opt) }
    }
}
