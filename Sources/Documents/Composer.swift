/// Builds the tree from the parser's events, within the limits.
struct Composer {
    private let events: EventReader
    private let limits: Document.Limits
    private var nodes = 0

    init(_ bytes: [UInt8], name: String, limits: Document.Limits) {
        events = EventReader(bytes, name: name)
        self.limits = limits
    }

    consuming func compose() throws(DocumentError) -> Node {
        let empty = Node(.mapping([]), at: .start)
        var event = try events.next()
        if event.kind == .streamStart { event = try events.next() }
        guard event.kind == .documentStart else { return empty }
        let root = try node(try events.next(), depth: 0)
        _ = try events.next()
        let end = try events.next()
        guard end.kind == .streamEnd else {
            throw events.error(at: end.position, "a second document starts here, but only one is allowed")
        }
        return root.isNull ? empty : root
    }

    private mutating func node(_ event: EventReader.Event, depth: Int) throws(DocumentError) -> Node {
        nodes += 1
        guard nodes <= limits.nodes else {
            throw events.error(at: event.position, "more than \(limits.nodes) values")
        }
        switch event.kind {
        case .scalar(let text, let quoted):
            return Node(.scalar(text, quoted: quoted), at: event.position)
        case .sequenceStart:
            try check(depth, at: event.position)
            return Node(.sequence(try elements(depth + 1)), at: event.position)
        case .mappingStart:
            try check(depth, at: event.position)
            return Node(.mapping(try pairs(depth + 1)), at: event.position)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            preconditionFailure("libyaml gave \(event.kind) where a value belongs")
        }
    }

    private func check(_ depth: Int, at position: Position) throws(DocumentError) {
        guard depth < limits.depth else {
            throw events.error(at: position, "nested more than \(limits.depth) deep")
        }
    }

    private mutating func elements(_ depth: Int) throws(DocumentError) -> [Node] {
        var elements: [Node] = []
        while true {
            let event = try events.next()
            if event.kind == .sequenceEnd { return elements }
            elements.append(try node(event, depth: depth))
        }
    }

    private mutating func pairs(_ depth: Int) throws(DocumentError) -> [Node.Pair] {
        var pairs: [Node.Pair] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if event.kind == .mappingEnd { return pairs }
            let key = try key(event)
            if let first = lines.updateValue(event.position.line, forKey: key) {
                throw events.error(at: event.position, "duplicate key \(key.quoted), first set on line \(first)")
            }
            let value = try node(try events.next(), depth: depth)
            pairs.append(Node.Pair(key: key, keyPosition: event.position, value: value))
        }
    }

    private mutating func key(_ event: EventReader.Event) throws(DocumentError) -> String {
        nodes += 1
        guard case .scalar(let text, let quoted) = event.kind else {
            throw events.error(at: event.position, "a key must be text, not a list or a mapping")
        }
        guard quoted || !text.isEmpty else {
            throw events.error(at: event.position, "a key is missing")
        }
        return text
    }
}
