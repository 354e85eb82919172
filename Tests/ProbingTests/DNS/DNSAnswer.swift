@testable import Probing

/// An answer made by hand to a query for `www.example.test`, whose labels are at the offsets 12, 16 and 24; its records
/// start at 34.
struct DNSAnswer {
    let query: DNSQuery
    var bytes: [UInt8]

    static let name = DNSName(known: "www.example.test")

    /// Records: the name's address, and EDNS.
    static let address = "c00c 0001 0001 0000003c 0004 c0000201"
    static let opt = "00 0029 04d0 00000000 0000"

    /// - Parameter records: In hexadecimal, the sections one after the other.
    init(
        _ type: DNSType, flags: UInt16 = 0x8180, questions: UInt16 = 1, answers: Int = 1, authorities: Int = 0,
        additionals: Int = 0, _ records: String
    ) {
        query = DNSQuery(id: 0x1234, name: DNSAnswer.name, type: type, udpSize: nil)
        bytes = query.message() + hex(records)
        let header = [flags, questions, UInt16(answers), UInt16(authorities), UInt16(additionals)]
        for (index, number) in header.enumerated() {
            bytes[2 + 2 * index] = UInt8(number >> 8)
            bytes[3 + 2 * index] = UInt8(number & 0xff)
        }
    }

    var verdict: DNSVerdict { query.judge(bytes) }
}
