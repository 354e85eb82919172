/// The text of a series' labels: `{channel="pod",source_node="a"`, without the closing brace, because the buckets of a
/// histogram add `le` to it. Empty when there is nothing to say.
///
/// Two series of a family have the same text exactly when they have the same label values, so it is their identity too.
enum LabelText {
    /// - Parameters:
    ///   - names: the family's labels, in its order, which is the order of the text.
    ///   - values: as many. An empty value is a label that does not exist (Prometheus' data model says so),
    ///     and is left out: that is how `target_cluster` is on the remote channel only.
    static func render(_ names: [String], _ values: [String]) -> [UInt8] {
        var text: [UInt8] = []
        for (name, value) in zip(names, values) where !value.isEmpty {
            text.append(text.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            text.append(contentsOf: name.utf8)
            text.append(contentsOf: "=\"".utf8)
            text.append(escapedLabelValue: value)
            text.append(UInt8(ascii: "\""))
        }
        return text
    }
}

extension [UInt8] {
    /// Appends a label value with backslash, line feed and double quote escaped (text format 0.0.4).
    mutating func append(escapedLabelValue value: String) {
        for byte in value.utf8 {
            if byte == UInt8(ascii: "\"") {
                append(contentsOf: "\\\"".utf8)
            } else {
                append(escaping: byte)
            }
        }
    }

    /// Appends a help text with backslash and line feed escaped. Double quotes stay as they are (text format 0.0.4).
    mutating func append(escapedHelp help: String) {
        for byte in help.utf8 {
            append(escaping: byte)
        }
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
        case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
        default: append(byte)
        }
    }
}
