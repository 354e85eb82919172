/// Where the parts of a record are in its message (RFC 1035, section 4.1.3).
struct DNSRecord {
    /// Its owner's name, which is known to be whole.
    let name: Int
    let type: DNSType
    let `class`: UInt16
    /// As it stands there: in an OPT record it is something else.
    let rawTTL: UInt32
    let data: Range<Int>

    var isInternet: Bool { `class` == DNSQuery.internet }

    /// Seconds; those with the highest bit are 0 (RFC 2181, section 8).
    var ttl: UInt32 { rawTTL > UInt32(Int32.max) ? 0 : rawTTL }

    /// - Parameter isChecked: It has been read before, so that its owner's name need not be followed to its root again.
    init(_ message: DNSMessage, at offset: Int, isChecked: Bool = false) throws(DNSFault) {
        name = offset
        let fixed = try isChecked ? message.endOfCheckedName(at: offset) : message.endOfName(at: offset)
        type = DNSType(rawValue: try message.number16(at: fixed))
        `class` = try message.number16(at: fixed + 2)
        rawTTL = try message.number32(at: fixed + 4)
        let start = fixed + 10
        let end = start + Int(try message.number16(at: fixed + 8))
        guard end <= message.count else { throw .endsEarly }
        data = start..<end
    }
}
