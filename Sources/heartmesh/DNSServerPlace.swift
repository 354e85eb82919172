internal import Mesh
internal import Probing

/// Where a DNS server is, as a configuration has it: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`,
/// `[2001:db8::53]:53`, `dns.example`, `dns.example:853`, `https://dns.example/dns-query`.
struct DNSServerPlace: Equatable, Sendable {
    /// Without brackets.
    let host: String
    /// Nil: the protocol's own.
    let port: UInt16?
    /// Of a URL.
    let path: String?

    /// Nil: the host is a name.
    var address: IPAddress? { IPAddress(host) }

    init(_ text: String) throws(Invalid) {
        var rest = text[...]
        if text.hasPrefix("https://") {
            rest = rest.dropFirst(8)
            let authority = rest.prefix { !"/?#".contains($0) }
            if authority.contains("@") { throw Invalid("a DNS server's URL has no user") }
            let path = rest.dropFirst(authority.utf8.count)
            guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }) else {
                throw Invalid(text, "its path has a character that has no place there")
            }
            self.path = path.hasPrefix("/") ? String(path) : "/\(path)"
            rest = authority
        } else {
            if text.contains("@") { throw Invalid("a DNS server has no user") }
            if text.contains("://") { throw Invalid(text, "a URL of another kind than https://") }
            path = nil
        }
        (host, port) = try DNSServerPlace.split(rest, of: text)
        if address == nil, let complaint = DNSServerPlace.complaint(aboutHost: host) {
            throw Invalid(text, "its host \(complaint)")
        }
    }

    /// - Parameter place: A host, with or without a port.
    private static func split(_ place: Substring, of text: String) throws(Invalid) -> (String, UInt16?) {
        if IPAddress(place) != nil { return (String(place), nil) }
        var host = place
        var digits: Substring?
        if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
            host = place[place.index(after: place.startIndex)..<end]
            guard IPAddress(host)?.family == .ipv6 else { throw Invalid(text, "brackets are for IPv6 addresses") }
            let rest = place[place.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw Invalid(text, "something else follows the bracket") }
            if !rest.isEmpty { digits = rest.dropFirst() }
        } else if let colon = place.lastIndex(of: ":") {
            host = place[..<colon]
            digits = place[place.index(after: colon)...]
            if host.contains(":") { throw Invalid(text, "an IPv6 address with a port is written in brackets") }
        }
        guard let digits else { return (String(host), nil) }
        // The integer's own reader takes signs.
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
            throw Invalid(text, "its port is not a number from 1 to 65535")
        }
        return (String(host), port)
    }

    /// What is wrong with the name of a host, if anything.
    static func complaint(aboutHost host: String) -> String? {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isName = (try? DNSName(host)) != nil && host != "." && !host.contains { $0 == "*" || $0 == "/" }
        // `256.0.0.1` is no name, either (RFC 1123, section 2.1).
        let isNumber = labels.last?.utf8.allSatisfy { (0x30...0x39).contains($0) } ?? true
        return isName && !isNumber ? nil : "is neither an address nor the name of a host"
    }

    struct Invalid: Error, CustomStringConvertible {
        let description: String

        init(_ text: String, _ problem: String) {
            description = "\"\(text)\" is not a DNS server such as 192.0.2.53 or [2001:db8::53]:53: \(problem)"
        }

        /// Without the text, which may hold a password.
        init(_ problem: String) {
            description = problem
        }
    }
}
