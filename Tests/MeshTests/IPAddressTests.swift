import Glibc
import Mesh
import Support
import Testing

struct IPAddressTests {
    /// RFC 5952, sections 4.1 to 4.3, and the forms of RFC 4291, section 2.2.
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"),
        ("2001:0db8::0001", "2001:db8::1"), ("2001:DB8::ABCD", "2001:db8::abcd"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:0:0:0:0:0:0", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::192.0.2.33", "::c000:221"),
        ("::ffff:192.0.2.33", "::ffff:c000:221"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:255.255.255.255", "1:2:3:4:5:6:ffff:ffff"), ("fe80::0:0:1", "fe80::1"),
        ("0.0.0.0", "0.0.0.0"), ("10.244.1.7", "10.244.1.7"), ("255.255.255.255", "255.255.255.255"),
    ])
    func canonicalText(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
        #expect(IPAddress("x\(text)".dropFirst()) == address)
        #expect(address.family == (text.contains(":") ? .ipv6 : .ipv4))
        #expect(address.urlHost == (text.contains(":") ? "[\(canonical)]" : canonical))
    }

    @Test(arguments: [
        "", " ", ".", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.256", "1.2.3.04", "01.2.3.4",
        "1.2.3.00",
        "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "1.2.3.+4", "1.2.3.0x4", "1.2.3.1000", "1.2.3.4/24", "1.2.3.٤", "node-a",
        "None",
        "16909060", "1.2.3.4\n", "1.2.3.4\0",
        ":", ":::", "1:::2", "::1::", "1::2::3", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", ":1::2", "1::2:", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "12345::", "::g", "::-1", "::-0", "::+1", "::0x1",
        ":: 1", "fe80::1%eth0", "2001:db8::/32", "[::1]", "[::1", "::1]", "::1\n", "::1\0", "::١",
        "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:1", "1:1.2.3.4::1",
        "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
    ])
    func textOfSomethingElse(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func everyAddressSurvivesItsText() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<4000 {
            let bytes = randomAddress(&random)
            // glibc writes IPv4-mapped and IPv4-compatible addresses with dots; RFC 5952 leaves that open (section 5).
            if bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }) { continue }
            let text = try #require(glibcText(bytes))
            let address = try #require(IPAddress(text))
            #expect(address.description == text)
            #expect(IPAddress(spelledOut(bytes, &random)) == address)
        }
    }

    /// glibc's inet_pton(3) reads the same texts and no others.
    @Test func readsWhatGlibcReads() throws {
        var random = SeededGenerator(seed: 2)
        var readable = 0
        for _ in 0..<20_000 {
            var text = Array(spelledOut(randomAddress(&random), &random))
            if Bool.random(using: &random) { text = Array(try #require(glibcText(randomAddress(&random)))) }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 0...text.count, using: &random)
                let change: [Character] = "0019afF::..%/-+ g".randomElement(using: &random).map { [$0] } ?? []
                let end = min(text.count, index + Int.random(in: 0...2, using: &random))
                text.replaceSubrange(index..<end, with: Bool.random(using: &random) ? change : [])
            }
            let isReadable = glibcReads(String(text))
            readable += isReadable ? 1 : 0
            #expect((IPAddress(String(text)) != nil) == isReadable, "\(String(text))")
        }
        #expect((2000..<18_000).contains(readable), "the texts are of both kinds")
    }

    @Test func familiesAreApart() throws {
        let address = try #require(IPAddress("1.2.3.4"))
        #expect(address != IPAddress("::1.2.3.4"))
        #expect(address != IPAddress("::ffff:1.2.3.4"))
        #expect(IPFamily.allCases.map(\.rawValue) == ["ipv4", "ipv6"])
    }
}

/// Of both families, IPv6 with runs of zeroes of all lengths.
private func randomAddress(_ random: inout SeededGenerator) -> [UInt8] {
    if Int.random(in: 0..<5, using: &random) == 0 { return (0..<4).map { _ in .random(in: 0...255, using: &random) } }
    let zeroes = UInt8.random(in: 0...255, using: &random)
    return (0..<8).flatMap { group -> [UInt8] in
        if zeroes >> group & 1 == 1 { return [0, 0] }
        return [
            Bool.random(using: &random) ? 0 : .random(in: 0...255, using: &random),
            .random(in: 1...255, using: &random),
        ]
    }
}

/// A form that is right and not canonical: groups with leading zeroes, upper case, nothing shortened.
private func spelledOut(_ bytes: [UInt8], _ random: inout SeededGenerator) -> String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    return (0..<8).map { group in
        let digits = String(Int(bytes[2 * group]) << 8 | Int(bytes[2 * group + 1]), radix: 16, uppercase: true)
        return String(repeating: "0", count: Int.random(in: 0...4 - digits.count, using: &random)) + digits
    }.joined(separator: ":")
}

private func glibcText(_ bytes: [UInt8]) -> String? {
    var text = [CChar](repeating: 0, count: 64)
    guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else {
        return nil
    }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func glibcReads(_ text: String) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1
}
