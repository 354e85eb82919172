/// A part of a record's data. The data of a type are its fields, one after the other.
enum DNSField {
    case address4, address6
    /// May be compressed; in SRV it may not, but must be read (RFC 3597, section 4).
    case name
    /// Never compressed (RFC 9460, section 2.2).
    case plainName
    case number8, number16, number32
    /// One character string, shown without quotes: a tag (RFC 8659, section 4.1).
    case tag
    /// Character strings to the end, at least one (RFC 1035, section 3.3.14).
    case strings
    /// Bytes to the end, shown as one character string (RFC 8659, section 4.1).
    case text
    /// Service parameters to the end (RFC 9460, section 2.2).
    case parameters
    /// Bytes to the end of which nothing is known (RFC 3597, section 5).
    case opaque

    static func fields(of type: DNSType) -> [DNSField] {
        switch type {
        case .a: a
        case .aaaa: aaaa
        case .cname, .ns, .ptr, .dname: aName
        case .mx: mx
        case .soa: soa
        case .srv: srv
        case .txt: txt
        case .caa: caa
        case .svcb, .https: svcb
        default: unknown
        }
    }

    // Made once, not for each record.
    private static let a: [DNSField] = [.address4]
    private static let aaaa: [DNSField] = [.address6]
    private static let aName: [DNSField] = [.name]
    private static let mx: [DNSField] = [.number16, .name]
    private static let soa: [DNSField] = [.name, .name, .number32, .number32, .number32, .number32, .number32]
    private static let srv: [DNSField] = [.number16, .number16, .number16, .name]
    private static let txt: [DNSField] = [.strings]
    private static let caa: [DNSField] = [.number8, .tag, .text]
    private static let svcb: [DNSField] = [.number16, .plainName, .parameters]
    private static let unknown: [DNSField] = [.opaque]
}
