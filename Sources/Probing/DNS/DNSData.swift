internal import Mesh

/// Reads the data of a record: checks them, and writes their text when it is wanted.
struct DNSData {
    private let message: DNSMessage
    private let record: DNSRecord
    private var position: Int
    /// In the form of a zone file.
    private var text: [UInt8]?

    private init(_ record: DNSRecord, in message: DNSMessage, text: [UInt8]?) {
        self.message = message
        self.record = record
        self.text = text
        position = record.data.lowerBound
    }

    /// Whether the data are what the type says, to their last byte.
    static func check(_ record: DNSRecord, in message: DNSMessage) throws(DNSFault) {
        var data = DNSData(record, in: message, text: nil)
        try data.read()
    }

    /// The data as a zone file has them, in ASCII; at most four times as long, names counted without compression.
    static func text(of record: DNSRecord, in message: DNSMessage) throws(DNSFault) -> [UInt8] {
        var data = DNSData(record, in: message, text: [])
        try data.read()
        return data.text ?? []
    }

    private mutating func read() throws(DNSFault) {
        for (index, field) in DNSField.fields(of: record.type).enumerated() {
            // There may be no parameters.
            if index > 0, field != .parameters { text?.append(UInt8(ascii: " ")) }
            try read(field)
        }
        guard position == record.data.upperBound else { throw damaged }
    }

    private var damaged: DNSFault { .data(record.type) }
    private var left: Int { record.data.upperBound - position }

    private mutating func read(_ field: DNSField) throws(DNSFault) {
        switch field {
        case .address4: try readAddress(count: 4)
        case .address6: try readAddress(count: 16)
        case .name: try readName()
        case .plainName:
            let start = position
            try readName()
            if try message.isNameCompressed(at: start) { throw .pointer }
        case .number8: try readNumber(count: 1)
        case .number16: try readNumber(count: 2)
        case .number32: try readNumber(count: 4)
        case .tag:
            let tag = try take(Int(try take(1)[0]))
            text?.append(label: tag)
        case .strings:
            repeat {
                let string = try take(Int(try take(1)[0]))
                text?.append(quoted: string)
                let isLast = left == 0
                if !isLast { text?.append(UInt8(ascii: " ")) }
            } while left > 0
        case .text:
            let string = try take(left)
            text?.append(quoted: string)
        case .parameters: try readParameters()
        case .opaque:
            let bytes = try take(left)
            text?.append(contentsOf: "\\# \(bytes.count)".utf8)
            if !bytes.isEmpty { text?.append(UInt8(ascii: " ")) }
            text?.append(hexadecimal: bytes)
        }
    }

    private mutating func take(_ count: Int) throws(DNSFault) -> UnsafeRawBufferPointer {
        guard count <= left else { throw damaged }
        defer { position += count }
        return message.part(position..<position + count)
    }

    private mutating func readAddress(count: Int) throws(DNSFault) {
        let bytes = try take(count)
        text?.append(address: bytes)
    }

    private mutating func readNumber(count: Int) throws(DNSFault) {
        let number = try take(count).reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        text?.append(number: number)
    }

    private mutating func readName() throws(DNSFault) {
        if left == 0 { throw damaged }
        let end = try message.endOfName(at: position)
        guard end <= record.data.upperBound else { throw damaged }
        if text != nil { try message.appendName(at: position, to: &text!) }
        position = end
    }

    /// Each is a key and a value with its length, in the order of the keys, none twice (RFC 9460, section 2.2).
    private mutating func readParameters() throws(DNSFault) {
        var previous = -1
        while left > 0 {
            let head = try take(4)
            let key = UInt16(head[0]) << 8 | UInt16(head[1])
            let value = try take(Int(head[2]) << 8 | Int(head[3]))
            guard Int(key) > previous, DNSServiceParameter.isWhole(key: key, value: value) else { throw damaged }
            previous = Int(key)
            text?.append(UInt8(ascii: " "))
            if text != nil { DNSServiceParameter.append(key: key, value: value, to: &text!) }
        }
    }
}

extension [UInt8] {
    /// Adds the text of an address of four or sixteen bytes.
    mutating func append(address bytes: UnsafeRawBufferPointer) {
        if bytes.count == 4 {
            append(contentsOf: bytes.map { String($0) }.joined(separator: ".").utf8)
            return
        }
        let groups = stride(from: 0, to: bytes.count, by: 2).map { index in
            String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
        }
        let long = groups.joined(separator: ":")
        append(contentsOf: (IPAddress(long)?.description ?? long).utf8)
    }
}
