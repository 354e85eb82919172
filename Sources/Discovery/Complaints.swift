/// What is wrong with the name of a host (RFC 1123, section 2.1), with underscores as DNS names have them; nil when
/// nothing is. One that ends with a number is a mistaken address.
package func complaint(aboutHost text: String) -> String? {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let isName =
        text.utf8.count <= 253
        && labels.allSatisfy { label in
            1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    // As a URL's host, `1.2` and `0x7f` are read as addresses.
    guard isName, let last = labels.last, Int(last) == nil, !last.hasPrefix("0x") else {
        return "is not the name of a host"
    }
    return nil
}

/// What is wrong with the path of a URL; nil when nothing is. Patterns can't be asked for.
func complaint(aboutPath path: String) -> String? {
    if !path.hasPrefix("/") { return "does not begin with a slash" }
    let isPlain = path.utf8.allSatisfy { 0x21...0x7e ~= $0 && !#"()[]{}^$*|\?#"#.utf8.contains($0) }
    return isPlain ? nil : "is not the path of a URL"
}

/// What is wrong with a name that stands in series and nowhere else, such as `heartmesh/storage-net`; nil when nothing
/// is.
func complaint(aboutTitle text: String) -> String? {
    let isPlain = 1...253 ~= text.utf8.count && text.utf8.allSatisfy { 0x21...0x7e ~= $0 }
    return isPlain ? nil : "is not a name: 1 to 253 characters of ASCII, without blanks"
}
