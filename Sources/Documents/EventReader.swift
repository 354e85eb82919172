internal import CYaml

/// libyaml's parser over one text, as Swift values.
final class EventReader {
    enum Kind: Equatable {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(String, quoted: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    struct Event {
        let kind: Kind
        let position: Position
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let rewritten: SurrogatePairs
    private let name: String

    init(_ bytes: [UInt8], name: String) {
        self.name = name
        rewritten = SurrogatePairs(joinedIn: bytes)
        // The parser keeps the pointer between calls, so the text needs an address of its own.
        text = .allocate(capacity: rewritten.bytes.count)
        _ = text.initialize(from: rewritten.bytes)
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else { preconditionFailure("yaml_parser_initialize: no memory") }
        yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event. Must not be called again after an error or the stream's end.
    func next() throws(DocumentError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let position = position(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, position: position)
        case YAML_STREAM_END_EVENT: return Event(kind: .streamEnd, position: position)
        case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, position: position)
        case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, position: position)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, at: position)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE
            return Event(kind: .scalar(String(decoding: bytes, as: UTF8.self), quoted: quoted), position: position)
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            try refuse(anchor: sequence.anchor, tag: sequence.tag, at: position)
            return Event(kind: .sequenceStart, position: position)
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, position: position)
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            try refuse(anchor: mapping.anchor, tag: mapping.tag, at: position)
            return Event(kind: .mappingStart, position: position)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, position: position)
        case YAML_ALIAS_EVENT:
            throw error(at: position, "aliases (*name) are not supported: write the value out")
        default: preconditionFailure("libyaml gave an event of type \(event.type.rawValue)")
        }
    }

    func error(at position: Position, _ message: String) -> DocumentError {
        DocumentError(name, at: position, message)
    }

    /// Aliases make a small text expand without bound, and tags ask for types that nothing here has.
    private func refuse(
        anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, at position: Position
    ) throws(DocumentError) {
        if anchor != nil { throw error(at: position, "anchors (&name) are not supported: write the value out") }
        if tag != nil { throw error(at: position, "tags (!name) are not supported") }
    }

    private func position(_ mark: yaml_mark_t) -> Position {
        rewritten.original(Position(line: mark.line + 1, column: mark.column + 1))
    }
}

extension EventReader {
    /// libyaml's error, in its words where they help. Its reader gives a byte offset, the rest gives marks.
    private func failure() -> DocumentError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be parsed"
        switch parser.pointee.error {
        case YAML_MEMORY_ERROR: return DocumentError(name, at: nil, "out of memory")
        case YAML_READER_ERROR: return error(at: position(ofByte: parser.pointee.problem_offset), problem)
        default: break
        }
        let place = position(parser.pointee.problem_mark)
        if problem.hasSuffix("invalid Unicode character escape code") {
            return error(at: place, "\\u escapes a half of a surrogate pair, which is no character")
        }
        if problem.hasPrefix("found character that cannot start any token") {
            return error(at: place, characterProblem(at: parser.pointee.problem_mark))
        }
        guard let context = parser.pointee.context.map({ String(cString: $0) }) else {
            return error(at: place, problem)
        }
        let start = position(parser.pointee.context_mark)
        return error(at: place, start == place ? "\(problem) \(context)" : "\(problem) \(context) from \(start)")
    }

    /// Tabs are the usual cause; `@`, `` ` `` and `%` at the start of a value are the rest.
    private func characterProblem(at mark: yaml_mark_t) -> String {
        var line = 0
        let rest = text.drop { byte in
            if line == mark.line { return false }
            line += byte == UInt8(ascii: "\n") ? 1 : 0
            return true
        }
        let character = String(decoding: rest.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            .unicodeScalars.dropFirst(mark.column).first
        guard let character else { return "a character that starts no value" }
        return character == "\t"
            ? "a tab stands where YAML allows only spaces"
            : "\(String(character).quoted) cannot start a value: put quotes around it"
    }

    private func position(ofByte offset: Int) -> Position {
        var position = Position.start
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                position = Position(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }
}
