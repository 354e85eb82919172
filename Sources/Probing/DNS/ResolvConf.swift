package import Mesh

/// What `/etc/resolv.conf` says, read as glibc reads it (resolv.conf(5)): a keyword at the start of its line, the last
/// `search` or `domain` counts, unknown lines are passed over.
///
/// A file that is missing or names no server means 127.0.0.1 to glibc; here that is the caller's to say.
package struct ResolvConf: Equatable, Sendable {
    package private(set) var nameservers: [IPAddress] = []
    package private(set) var search: [DNSName] = []
    /// A name with fewer dots than these is tried with the search list first.
    package private(set) var ndots = 1
    /// What was passed over that somebody meant, for the log; at most eight.
    package private(set) var notes: [Note] = []

    package struct Note: Equatable, CustomStringConvertible, Sendable {
        /// From 1.
        package let line: Int
        package let text: String

        package var description: String { "line \(line): \(text)" }
    }

    /// glibc's MAXNS.
    private static let nameserverLimit = 3
    /// Kubernetes' own bound for a pod; glibc has none since 2.26.
    private static let searchLimit = 32
    /// glibc's RES_MAXNDOTS.
    private static let ndotsLimit = 15
    private static let noteLimit = 8
    private static let sizeLimit = 64 << 10

    package init(_ bytes: [UInt8]) {
        let lines = bytes.prefix(ResolvConf.sizeLimit).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let isCut = bytes.count > ResolvConf.sizeLimit
        // The last line of a part may be a part of a line: half an address is an address, too.
        let whole = isCut ? lines.dropLast() : lines[...]
        for (index, line) in whole.enumerated() { read(line, number: index + 1) }
        if isCut { note(lines.count, "what follows the first 64 KiB is passed over") }
    }

    private mutating func read(_ line: ArraySlice<UInt8>, number: Int) {
        // glibc takes no keyword that is not at the very start; so comments need no care.
        guard let first = line.first, !ResolvConf.isSpace(first) else { return }
        let words = line.split(whereSeparator: ResolvConf.isSpace).map { String(decoding: $0, as: UTF8.self) }
        switch words[0] {
        case "nameserver": readNameserver(words, number: number)
        case "search": readSearch(words.dropFirst(), number: number)
        case "domain": readSearch(words.dropFirst().prefix(1), number: number)
        case "options": for option in words.dropFirst() { readOption(option, number: number) }
        default: break
        }
    }

    private mutating func readNameserver(_ words: [String], number: Int) {
        guard words.count > 1 else { return note(number, "nameserver without an address") }
        let parts = words[1].split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]), parts.count == 1 || address.family == .ipv6 else {
            return note(number, "\"\(words[1].prefix(64))\" is not an address")
        }
        guard nameservers.count < ResolvConf.nameserverLimit else {
            return note(number, "only the first 3 nameservers are used")
        }
        nameservers.append(address)
        if parts.count > 1 { note(number, "the zone index of \(words[1].prefix(64)) is ignored") }
    }

    private mutating func readSearch(_ words: ArraySlice<String>, number: Int) {
        // A keyword alone is no line to glibc.
        if words.isEmpty { return }
        search = []
        for word in words {
            if search.count == ResolvConf.searchLimit { return note(number, "only the first 32 domains are used") }
            do {
                search.append(try DNSName(word))
            } catch {
                note(number, "\"\(word.prefix(64))\" is not a domain name")
            }
        }
    }

    private mutating func readOption(_ option: String, number: Int) {
        guard option.hasPrefix("ndots:") else { return }
        let digits = option.dropFirst(6)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return note(number, "\"\(option.prefix(64))\" is not a number of dots")
        }
        // What does not fit an integer is above the limit, too.
        ndots = min(Int(digits) ?? ResolvConf.ndotsLimit, ResolvConf.ndotsLimit)
    }

    private mutating func note(_ line: Int, _ text: String) {
        if notes.count < ResolvConf.noteLimit { notes.append(Note(line: line, text: text)) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0d
    }
}
