extension DNSExpectation {
    /// Which of the expected answers a record is, as bits. Its data are known to be whole.
    func matches(_ record: DNSRecord, in message: DNSMessage) throws(DNSFault) -> UInt64 {
        var bits: UInt64 = 0
        // Made for the first answer that needs it.
        var text: [UInt8]?
        for (index, answer) in answers.enumerated() {
            let isMatch: Bool
            switch answer {
            case .address(let bytes): isMatch = message.part(record.data).elementsEqual(bytes)
            case .content(let bytes): isMatch = message.hasContent(bytes, in: record.data)
            case .text(let bytes):
                if text == nil {
                    text = DNSExpectation.canonical(try DNSData.text(of: record, in: message), type: record.type)
                }
                isMatch = text == bytes
            }
            if isMatch { bits |= 1 << UInt64(index) }
        }
        return bits
    }

    /// - Parameter bits: Of all records together.
    func isMet(_ bits: UInt64) -> Bool {
        switch match {
        case .any: answers.isEmpty || bits != 0
        case .all: bits.nonzeroBitCount == answers.count
        }
    }

    /// One space between words; where names and numbers are all there is, lower case, and names without a dot at the
    /// end. Service parameters without quotes, which some tools write and some don't.
    static func canonical(_ text: [UInt8], type: DNSType) -> [UInt8] {
        let isService = type == .svcb || type == .https
        let keepsCase = isService || type == .txt || type == .caa
        var result: [UInt8] = []
        for word in text.split(separator: UInt8(ascii: " ")) {
            if !result.isEmpty { result.append(UInt8(ascii: " ")) }
            if keepsCase {
                result += isService ? word.filter { $0 != UInt8(ascii: "\"") } : Array(word)
            } else {
                let hasDot = word.count > 1 && word.last == UInt8(ascii: ".")
                for byte in hasDot ? word.dropLast() : word { result.append(byte.lowercased) }
            }
        }
        return result
    }
}

extension DNSMessage {
    /// Whether the character strings of a range, put together, are these bytes.
    fileprivate func hasContent(_ content: [UInt8], in range: Range<Int>) -> Bool {
        var position = range.lowerBound
        var rest = content[...]
        while position < range.upperBound {
            let end = position + 1 + Int(bytes[position])
            guard end <= range.upperBound, rest.starts(with: bytes[position + 1..<end]) else { return false }
            rest = rest.dropFirst(end - position - 1)
            position = end
        }
        return rest.isEmpty
    }
}
