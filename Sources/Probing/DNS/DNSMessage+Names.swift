/// Goes through the labels of a name in a message, along its compression pointers (RFC 1035, section 4.1.4).
///
/// Each pointer must go back behind the start of the run of labels that it ends, so that there are no loops.
struct DNSLabels {
    /// Names in each other more deeply than this are made to cost time; Go's resolver stops at 10.
    private static let maximumPointers = 32

    private let message: DNSMessage
    /// The next label's length byte.
    private(set) var position: Int
    /// Where the run of labels that is being read starts.
    private var runStart: Int
    private var pointers = 0
    /// On the wire, without compression.
    private var length = 0
    /// Behind the name: its root label or its first pointer.
    private(set) var end: Int?

    init(_ message: DNSMessage, at offset: Int) {
        self.message = message
        position = offset
        runStart = offset
    }

    /// Goes along pointers, so that `position` is at a label.
    mutating func resolve() throws(DNSFault) {
        while try message.number8(at: position) >= 0xc0 {
            let target = Int(try message.number16(at: position) & 0x3fff)
            if end == nil { end = position + 2 }
            pointers += 1
            guard target < runStart, target >= DNSMessage.headerLength, pointers <= DNSLabels.maximumPointers else {
                throw .pointer
            }
            runStart = target
            position = target
        }
    }

    /// The next label's bytes, without the one of its length; nil at the root.
    mutating func next() throws(DNSFault) -> Range<Int>? {
        try resolve()
        let count = Int(try message.number8(at: position))
        guard count <= DNSName.maximumLabelLength else { throw .label }
        length += 1 + count
        if length > DNSName.maximumLength { throw .nameTooLong }
        let start = position + 1
        guard start + count <= message.count else { throw .endsEarly }
        if count == 0 {
            if end == nil { end = start }
            return nil
        }
        position = start + count
        return start..<position
    }

    /// There was a pointer in it so far.
    var isCompressed: Bool { pointers > 0 }
}

extension DNSMessage {
    /// Checks a name to its root.
    ///
    /// - Returns: Where that starts which follows the name.
    func endOfName(at offset: Int) throws(DNSFault) -> Int {
        var labels = DNSLabels(self, at: offset)
        while try labels.next() != nil {}
        // At the root the end is known.
        return labels.end ?? count
    }

    /// Where that starts which follows a name that was checked before.
    func endOfCheckedName(at offset: Int) throws(DNSFault) -> Int {
        var position = offset
        while true {
            let byte = try number8(at: position)
            if byte == 0 { return position + 1 }
            if byte >= 0xc0 { return position + 2 }
            position += 1 + Int(byte)
        }
    }

    func isNameCompressed(at offset: Int) throws(DNSFault) -> Bool {
        var labels = DNSLabels(self, at: offset)
        while try labels.next() != nil {}
        return labels.isCompressed
    }

    /// Whether two names are the same but for the case of their letters (RFC 4343, section 3).
    func areNamesEqual(at left: Int, _ right: Int) throws(DNSFault) -> Bool {
        var left = DNSLabels(self, at: left)
        var right = DNSLabels(self, at: right)
        while true {
            try left.resolve()
            try right.resolve()
            // Most often a pointer to the very name of the question.
            if left.position == right.position { return true }
            switch (try left.next(), try right.next()) {
            case (nil, nil): return true
            case (let left?, let right?) where areLabelsEqual(left, right): continue
            default: return false
            }
        }
    }

    /// Whether a name that is not compressed stands at an offset; case does not matter.
    func isName(_ name: DNSName, at offset: Int) -> Bool {
        guard offset + name.wire.count <= count else { return false }
        for index in 0..<name.wire.count where bytes[offset + index].lowercased != name.wire[index].lowercased {
            return false
        }
        return true
    }

    /// Adds a name's text, with the dot at its end.
    func appendName(at offset: Int, to text: inout [UInt8]) throws(DNSFault) {
        var labels = DNSLabels(self, at: offset)
        var isRoot = true
        while let label = try labels.next() {
            isRoot = false
            text.append(label: part(label))
            text.append(UInt8(ascii: "."))
        }
        if isRoot { text.append(UInt8(ascii: ".")) }
    }

    private func areLabelsEqual(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count
        where bytes[left.lowerBound + index].lowercased != bytes[right.lowerBound + index].lowercased {
            return false
        }
        return true
    }
}
