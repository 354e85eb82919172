/// The aliases (CNAME records) of an answer section, in any order. More than sixteen are not looked at: resolvers give
/// up earlier.
struct DNSAliases {
    private static let limit = 16

    private var records: [DNSRecord] = []
    private var hasMore = false

    mutating func add(_ record: DNSRecord) {
        if records.count < DNSAliases.limit {
            records.append(record)
        } else {
            hasMore = true
        }
    }

    /// Where a name's aliases lead.
    struct End {
        /// The offset of the name that is no alias, or the one where following ended.
        var name: Int
        var kind = Kind.none
        /// The least of the aliases that were followed.
        var ttl: UInt32?

        enum Kind { case none, followed, loop, tooMany }
    }

    func follow(from name: Int, in message: DNSMessage) throws(DNSFault) -> End {
        var end = End(name: name)
        var used: UInt32 = 0
        while let index = try index(of: end.name, in: message) {
            if used >> UInt32(index) & 1 != 0 {
                end.kind = .loop
                return end
            }
            used |= 1 << UInt32(index)
            end.kind = .followed
            end.name = records[index].data.lowerBound
            end.ttl = min(end.ttl ?? .max, records[index].ttl)
        }
        if hasMore { end.kind = .tooMany }
        return end
    }

    private func index(of name: Int, in message: DNSMessage) throws(DNSFault) -> Int? {
        for index in records.indices where try message.areNamesEqual(at: records[index].name, name) { return index }
        return nil
    }
}
